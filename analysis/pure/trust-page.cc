#include "analysis/pure/trust-page.h"

#include "analysis/pure/comparison.h"
#include "analysis/pure/statistics.h"
#include "analysis/pure/text.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;
using Rows = std::vector<std::vector<std::string>>;

std::string
Seconds(double milliseconds)
{
    return FixedNumber(milliseconds / 1000, 2);
}

/// min, p5, p50, p90, p99, max of some trials.
void
AddQuantiles(Rows& rows,
             const std::vector<LeaderLoss>& trials,
             const std::string& which,
             std::size_t ofAll,
             Duration LeaderLoss::*time,
             const std::string& name)
{
    if (trials.empty())
    {
        return;
    }
    std::vector<Duration> samples;
    for (const auto& trial : trials)
    {
        samples.push_back(trial.*time);
    }
    std::sort(samples.begin(), samples.end());
    const double share = 100.0 * static_cast<double>(trials.size()) / static_cast<double>(ofAll);
    std::vector<std::string> row = {which, FixedNumber(share, 1) + " %", name};
    for (const double p : {0.0, 0.05, 0.5, 0.9, 0.99, 1.0})
    {
        row.push_back(Seconds(Quantile(samples, p)));
    }
    rows.push_back(std::move(row));
}

template <class Value>
std::string
Range(const std::vector<Leadership>& seeds, Value value, int decimals, const std::string& unit)
{
    std::vector<double> values;
    for (const auto& seed : seeds)
    {
        values.push_back(value(seed));
    }
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    const auto low = FixedNumber(*least, decimals);
    const auto high = FixedNumber(*greatest, decimals);
    return (low == high ? low : low + " to " + high) + unit;
}

const char* const HEAD = R"(# How far to trust it

`etcdlab trust` simulates everything on this page and prints it; a test holds the page to what it prints. Each table
of the first part sets figures that were measured on real systems beside the same figures simulated. A figure that a
constant of the model was taken from shows little, and says so; all others are predictions. To add a figure, add a row
to a file of [test/reference](../test/reference/README.md).

)";

const char* const LEADER_LOSS = R"(## Death of the leader
Three members on a LAN (`scenarios/lan.json`) with default timers; 1000 seeded trials for each version, or as many
as `--trials` says. The leader is killed (kill -9) at a random moment of its heartbeat interval, and the members tick in random phases. A client
connected to one survivor puts every 10 ms, each put on its own, and "first write" is the end of the first put that
succeeded among those made after the kill. A client with one request at a time would see something else: a put that
was forwarded to the dead leader is lost and fails after etcd's request timeout of 7 s. All times in seconds from the
kill.

The puts also keep the followers' timers fresh to within 10 ms; in a cluster without writes only heartbeats do, and
all these times are up to 100 ms shorter, 50 ms on average.

A follower stands for election at the 10th to 19th tick of 100 ms after it last heard from the leader. As the first
tick may come at once, that is evenly spread from 0.9 s to 1.9 s; the earlier of two comes after 1.19 s in the median.
One election in ten fails at first: if the follower that ticks earlier drew the shortest timeout, 10 ticks, the other
one still trusts the dead leader when asked, and ignores the vote. In 3.4 the other one then stands in the same term,
in which the first one has voted for itself, and both wait for another timeout. With 3.5's PreVote the first one has
not voted yet, and the other one wins when it stands.

)";

const char* const ELECTION = R"(## Election timeout against round-trip time
Three members equally far from each other, without clients, default timers (heartbeats every 100 ms, election timeout
1 s), no loss and no jitter (`scenarios/election-rtt.json`); 300 s from the start of the members, three seeds. The
cluster has a leader while a majority knows it; "changes" counts the leaders after the first.

Once a leader is established, heartbeats arrive at any delay as regularly as they leave, and nothing ends its term
while no message is lost. What the round-trip time R decides is whether a leader gets that far. It steps down at its
tenth tick unless a majority has answered by then, and the first answer comes R after it has won. Candidates stand on
a tick and win R later (3.5: 2 R, because of PreVote), so the tenth tick comes 0.9 s to 1 s after the victory, and the
answer is in time

- in 3.4 if 2 R < R rounded down to ticks + 1 s, that is if R < 0.95 s;
- in 3.5 if 3 R < 2 R rounded down to ticks + 1 s, that is if R < 0.933 s or 0.95 s < R < 0.967 s.

From there on leaders are elected who step down before the second has passed; and from 1.9 s on, the longest timeout,
votes come too late. Ticks of real machines are not that regular: take 0.9 s as the limit for default timers. From 0.5
s on a split vote in 3.4 may cost the first leader its term, for a member that stood in the same term can run into its
next timeout (1 s at least) before it hears of the victory, up to 2 R later. etcd's tuning guide asks for an election
timeout of ten round trips, which leaves room for lost messages, slow disks and jitter. From 2 s on
peers do not even get connected: etcd gives up dialling then.

)";

const char* const LIMITS = R"(## What is not modelled
- On this page, the API server: clients here are etcd clients. The model has one, and a cluster around it; their figures and
  what they leave out (authentication, webhooks, limits of requests in flight, packets between components and the API server)
  stand in [model/README.md](../model/README.md#the-api-server).
- TLS: its bytes and its processor time.
- Go's scheduler and garbage collector: a wake-up takes a constant time, a processor serves requests in order.
- Disks beyond a latency drawn evenly between two bounds and a bandwidth: no caches, no write amplification, no tail.
- JSON gateways, authentication, and other users of the machines and links.
- Fits of the constants to one machine hold for that machine: `scenarios/reference-rig.json` is a virtual machine with two
  processors that ran all three members.
)";

} // namespace

const std::vector<Duration>&
TrustRoundTrips()
{
    static const std::vector<Duration> all = {100ms,
                                              300ms,
                                              500ms,
                                              700ms,
                                              900ms,
                                              925ms,
                                              940ms,
                                              960ms,
                                              980ms,
                                              1100ms,
                                              1500ms,
                                              1900ms,
                                              3000ms};
    return all;
}

std::string
LeaderLossTable(const std::vector<LeaderLoss>& trials)
{
    std::vector<LeaderLoss> first;
    std::vector<LeaderLoss> later;
    for (const auto& trial : trials)
    {
        (trial.firstTry ? first : later).push_back(trial);
    }
    Rows rows = {{"elections", "share", "time to", "min", "p5", "p50", "p90", "p99", "max"}};
    for (const auto& [which, some] : {std::pair{"all", &trials},
                                      {"first candidate won", &std::as_const(first)},
                                      {"ignored or split votes", &std::as_const(later)}})
    {
        AddQuantiles(rows, *some, which, trials.size(), &LeaderLoss::toLeader, "new leader");
        AddQuantiles(rows, *some, which, trials.size(), &LeaderLoss::toWrite, "first write");
    }
    return MarkdownTable(rows);
}

std::string
LeadershipTable(const std::vector<std::pair<Duration, std::vector<Leadership>>>& byRtt)
{
    Rows rows = {
        {"round trip", "time with a leader", "changes", "longest term", "first leader after"}};
    for (const auto& [rtt, seeds] : byRtt)
    {
        const auto seconds = [](Duration time) { return Milliseconds(time) / 1000; };
        const bool any = std::any_of(seeds.begin(), seeds.end(), [](const Leadership& seed) {
            return seed.first < seed.observed;
        });
        rows.push_back(
            {Format(rtt),
             Range(
                 seeds,
                 [&](const auto& s) { return 100 * seconds(s.led) / seconds(s.observed); },
                 1,
                 " %"),
             Range(
                 seeds, [](const auto& s) { return static_cast<double>(s.changes); }, 0, ""),
             Range(
                 seeds, [&](const auto& s) { return seconds(s.longest); }, 1, " s"),
             any ? Range(
                       seeds, [&](const auto& s) { return seconds(s.first); }, 1, " s")
                 : "never"});
    }
    return MarkdownTable(rows);
}

std::string
TrustPage(const std::vector<Reference>& references, const TrustTables& tables)
{
    std::string page = HEAD;
    for (const auto& reference : references)
    {
        page += "## " + reference.name + "\n" + reference.description + "\n\n";
        for (const auto& group : reference.groups)
        {
            page += "### " + group.title + "\n" + group.text + (group.text.empty() ? "" : "\n\n");
            page += tables.reference(group) + "\n";
        }
    }
    page += LEADER_LOSS;
    for (const auto& version : TRUST_VERSIONS)
    {
        page += "etcd " + version + ":\n\n" + tables.leaderLoss(version) + "\n";
    }
    page += ELECTION;
    for (const auto& version : TRUST_VERSIONS)
    {
        page += "etcd " + version + ":\n\n" + tables.leadership(version) + "\n";
    }
    return page + LIMITS;
}

} // namespace etcdlab
