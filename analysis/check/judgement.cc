#include "analysis/check/judgement.h"

#include <algorithm>

namespace etcdlab::check
{

Judgement
Judge(const History& history,
      const std::vector<MemberStore>& stores,
      const std::vector<WatchLog>& watches,
      bool everyWriteRecorded)
{
    Judgement judgement;
    const auto order = CheckLinearizability(history);
    if (order.verdict == Verdict::VIOLATION)
    {
        judgement.violations.push_back({"linearizability", Describe(order.violation)});
    }
    judgement.undecided = order.unknown;
    judgement.durability =
        CheckDurability(history, stores, {.everyWriteRecorded = everyWriteRecorded});
    for (const auto& violation : judgement.durability.violations)
    {
        judgement.violations.push_back({"durability", violation});
    }
    const auto longest = std::max_element(
        stores.begin(), stores.end(), [](const MemberStore& a, const MemberStore& b) {
            return a.changes.size() < b.changes.size();
        });
    for (const auto& watch : watches)
    {
        const auto truth = longest == stores.end() ? std::vector<Change>{} : longest->changes;
        for (const auto& violation : CheckWatch(watch, truth))
        {
            judgement.violations.push_back({"watch", violation.watcher + ": " + violation.what});
        }
    }
    return judgement;
}

} // namespace etcdlab::check
