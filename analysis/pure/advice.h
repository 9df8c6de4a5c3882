// Which of several clusters is best: the closed form as a filter, what simulations gave as the judgement.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// What the loss of a process did.
struct LossTrial
{
    std::string process;           //!< "e2 (ams)", "proxy@api"
    double unavailableSeconds = 0; //!< the longest time in which no write was answered; 0: never
    bool operator==(const LossTrial&) const = default;
};

/// A cluster that could be chosen, and what is known of it.
struct Choice
{
    std::string name;
    std::optional<double>
        closedForm;            //!< mean latency, ms; none: it says nothing about such a scenario
    std::vector<double> means; //!< by replication, ms
    std::vector<double> p99s;  //!< likewise
    std::vector<LossTrial> losses;
    std::string failure;   //!< why it could not be judged; empty: it was
    bool violated = false; //!< because it broke a promise of Raft's, or of etcd's
};

/// What was asked.
struct AdviceQuestion
{
    std::string operation = "put"; //!< whose latency counts
    std::size_t keep = 10;         //!< choices to simulate
    std::size_t replications = 5;
};

/**
 * The choices worth simulating: those with the least closed forms, and all of which the closed form says nothing. Of equal ones
 * the earlier.
 *
 * @param closedForms by choice
 * @return indices in ascending order
 */
std::vector<std::size_t> Shortlist(const std::vector<std::optional<double>>& closedForms,
                                   std::size_t keep);

/**
 * Ranks and what follows from them, as a text:
 *
 *     120 choices; 10 simulated, 5 times each and once for every loss; 110 set aside: by the closed form they take 31.20 ms or more
 *
 *     choice                         longest outage, s  rank   put, mean, ms  rank        p99, ms  rank  closed form
 *     fra*, ams, lhr; leader proxy   2.10, of e1 (fra)     1   12.30 +- 0.10     1  14.00 +- 0.20     2        12.10
 *
 *     Fastest: fra*, ams, lhr; leader proxy, 12.30 ms on average. Not told apart from it: …
 *     Shortest outage: …
 *
 * By mean latency, by 99th percentile, and by the longest outage after the loss of any process. Choices share their seeds, so that
 * differences are those of pairs, with 95 % intervals (Student's t): an interval that holds 0 tells no two apart. Choices that
 * failed come last.
 *
 * @param choices those that were simulated
 * @param asideFrom of those set aside the least closed form, ms; none: none were
 * @param all how many choices there were
 */
std::string AdviceText(std::vector<Choice> choices,
                       const AdviceQuestion& question,
                       std::size_t all,
                       std::optional<double> asideFrom);

} // namespace etcdlab
