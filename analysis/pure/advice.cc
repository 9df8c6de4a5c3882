#include "analysis/pure/advice.h"

#include "analysis/pure/mean-interval.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace etcdlab
{

namespace
{

constexpr double ADVICE_CONFIDENCE = 0.95;

std::string
Interval(const std::vector<double>& values)
{
    const auto interval = IntervalOfMean(values, ADVICE_CONFIDENCE);
    return FixedNumber(interval.mean, 2) +
           (values.size() > 1 ? " +- " + FixedNumber(interval.halfWidth, 2) : "");
}

double
MeanOf(const std::vector<double>& values)
{
    return IntervalOfMean(values, ADVICE_CONFIDENCE).mean;
}

/// The worst of them; of equal ones the first. There is at least one.
const LossTrial&
WorstLoss(const Choice& choice)
{
    return *std::max_element(
        choice.losses.begin(), choice.losses.end(), [](const LossTrial& a, const LossTrial& b) {
            return a.unavailableSeconds < b.unavailableSeconds;
        });
}

/// 1 for the least, the same for equal ones.
std::vector<std::size_t>
Ranks(const std::vector<Choice>& choices, const std::function<double(const Choice&)>& figure)
{
    std::vector<std::size_t> ranks;
    for (const auto& choice : choices)
    {
        ranks.push_back(1 + static_cast<std::size_t>(std::count_if(
                                choices.begin(), choices.end(), [&](const Choice& other) {
                                    return figure(other) < figure(choice);
                                })));
    }
    return ranks;
}

/// Whether pairs of runs show that one is slower than the other.
bool
ToldApart(const Choice& slower, const Choice& faster)
{
    if (slower.means.size() < 2)
    {
        return false; // a single run says nothing about chance
    }
    std::vector<double> differences;
    for (std::size_t i = 0; i < slower.means.size(); ++i)
    {
        differences.push_back(slower.means[i] - faster.means[i]);
    }
    const auto interval = IntervalOfMean(differences, ADVICE_CONFIDENCE);
    return interval.mean > interval.halfWidth;
}

std::string
Fastest(const std::vector<Choice>& choices)
{
    const Choice& best = choices.front();
    std::string text =
        "Fastest: " + best.name + ", " + FixedNumber(MeanOf(best.means), 2) + " ms on average.";
    std::string ties;
    for (std::size_t i = 1; i < choices.size(); ++i)
    {
        if (!ToldApart(choices[i], best))
        {
            ties += (ties.empty() ? "" : " | ") + choices[i].name;
        }
    }
    if (choices.size() > 1)
    {
        text += ties.empty() ? " All others are slower." : " Not told apart from it: " + ties + ".";
    }
    return text + "\n";
}

std::string
LeastOutage(const std::vector<Choice>& choices)
{
    const auto& best =
        *std::min_element(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
            return WorstLoss(a).unavailableSeconds < WorstLoss(b).unavailableSeconds;
        });
    const auto& worst = WorstLoss(best);
    return "Shortest outage: " + best.name + ", " + FixedNumber(worst.unavailableSeconds, 2) +
           " s when it loses " + worst.process + ".\n";
}

} // namespace

std::vector<std::size_t>
Shortlist(const std::vector<std::optional<double>>& closedForms, std::size_t keep)
{
    std::vector<std::size_t> order(closedForms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto silent = std::stable_partition(
        order.begin(), order.end(), [&](std::size_t i) { return closedForms[i].has_value(); });
    std::stable_sort(order.begin(), silent, [&](std::size_t a, std::size_t b) {
        return *closedForms[a] < *closedForms[b];
    });
    const auto judged = static_cast<std::size_t>(silent - order.begin());
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(std::min(keep, judged)), silent);
    std::sort(order.begin(), order.end());
    return order;
}

std::string
AdviceText(std::vector<Choice> choices,
           const AdviceQuestion& question,
           std::size_t all,
           std::optional<double> asideFrom)
{
    std::string text = std::to_string(all) + " choices; " + std::to_string(choices.size()) +
                       " simulated, " + std::to_string(question.replications) +
                       " times each and once for every loss";
    if (asideFrom)
    {
        text += "; " + std::to_string(all - choices.size()) +
                " set aside: by the closed form they take " + FixedNumber(*asideFrom, 2) +
                " ms or more";
    }
    text += "\n\n";
    const auto failed =
        std::stable_partition(choices.begin(), choices.end(), [](const Choice& choice) {
            return choice.failure.empty();
        });
    std::vector<Choice> failures(failed, choices.end());
    choices.erase(failed, choices.end());
    std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
        return MeanOf(a.means) < MeanOf(b.means);
    });
    const auto byMean = Ranks(choices, [](const Choice& choice) { return MeanOf(choice.means); });
    const auto byTail = Ranks(choices, [](const Choice& choice) { return MeanOf(choice.p99s); });
    const auto byLoss =
        Ranks(choices, [](const Choice& choice) { return WorstLoss(choice).unavailableSeconds; });
    std::vector<std::vector<std::string>> rows = {{"choice",
                                                   "longest outage, s",
                                                   "rank",
                                                   question.operation + ", mean, ms",
                                                   "rank",
                                                   "p99, ms",
                                                   "rank",
                                                   "closed form"}};
    for (std::size_t i = 0; i < choices.size(); ++i)
    {
        const Choice& choice = choices[i];
        const auto& worst = WorstLoss(choice);
        rows.push_back({choice.name,
                        FixedNumber(worst.unavailableSeconds, 2) + ", of " + worst.process,
                        std::to_string(byLoss[i]),
                        Interval(choice.means),
                        std::to_string(byMean[i]),
                        Interval(choice.p99s),
                        std::to_string(byTail[i]),
                        choice.closedForm ? FixedNumber(*choice.closedForm, 2) : "-"});
    }
    if (!choices.empty())
    {
        text += AlignedColumns(rows, 2) + "\n" + Fastest(choices) + LeastOutage(choices);
    }
    for (const auto& choice : failures)
    {
        text += "Not judged: " + choice.name + ": " + choice.failure + "\n";
    }
    return text;
}

} // namespace etcdlab
