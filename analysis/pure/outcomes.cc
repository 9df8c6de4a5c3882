#include "analysis/pure/outcomes.h"

#include <algorithm>
#include <set>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration SHORTEST = 10ms;
constexpr int TIMES_MEDIAN = 3;

Duration
ThresholdOf(const std::vector<const RequestRecord*>& requests)
{
    std::vector<Duration> latencies;
    for (const auto* request : requests)
    {
        if (request->outcome == "ok")
        {
            latencies.push_back(request->end - request->start);
        }
    }
    if (latencies.empty())
    {
        return SHORTEST;
    }
    const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>((latencies.size() - 1) / 2);
    std::nth_element(latencies.begin(), middle, latencies.end());
    return std::max(SHORTEST, TIMES_MEDIAN * *middle);
}

/// The last end of those that were asked for after the last success, and in vain; else that success.
Duration
LastInVain(const std::vector<const RequestRecord*>& requests, Duration lastSuccess)
{
    auto last = lastSuccess;
    for (const auto* request : requests)
    {
        last = request->start >= lastSuccess ? std::max(last, request->end) : last;
    }
    return last;
}

} // namespace

Unavailability
FindUnavailability(const std::vector<RequestRecord>& requests,
                   const std::function<bool(const RequestRecord&)>& counts)
{
    std::vector<const RequestRecord*> chosen;
    auto first = Duration::max();
    for (const auto& request : requests)
    {
        if (counts(request))
        {
            chosen.push_back(&request);
            first = std::min(first, request.start);
        }
    }
    Unavailability result;
    result.threshold = ThresholdOf(chosen);
    std::vector<Duration> bounds{first}; // and successes
    std::vector<Duration> missed;        // when those began that failed or took long
    for (const auto* request : chosen)
    {
        const bool ok = request->outcome == "ok";
        if (ok)
        {
            bounds.push_back(request->end);
        }
        if (!ok || request->end - request->start > result.threshold)
        {
            missed.push_back(request->start);
        }
    }
    std::sort(bounds.begin(), bounds.end());
    std::sort(missed.begin(), missed.end());
    bounds.push_back(LastInVain(chosen, bounds.back()));
    for (std::size_t i = 1; i < bounds.size(); ++i)
    {
        const Window gap{bounds[i - 1], bounds[i]};
        const auto miss =
            std::lower_bound(missed.begin(), missed.end(), gap.start - result.threshold);
        if (gap.end - gap.start > result.threshold && miss != missed.end() && *miss < gap.end)
        {
            result.windows.push_back(gap);
        }
    }
    return result;
}

bool
IsWrite(const RequestRecord& request)
{
    return request.operation == "put" || request.operation == "txn" ||
           request.operation == "delete_range" || request.operation.starts_with("Txn-");
}

std::vector<Election>
FindElections(const std::vector<LeaderNews>& news)
{
    std::vector<Election> elections;
    for (const auto& each : news)
    {
        if (each.leader == each.member && !each.member.empty())
        {
            elections.push_back({each.time, each.leader, each.term});
        }
    }
    return elections;
}

Duration
LeaderlessTime(const std::vector<LeaderNews>& news, Window within)
{
    Duration total{0};
    std::set<std::string>
        leaders; // by their own account; a deposed one and its successor for a while
    auto since = Duration::zero();
    const auto add = [&](Duration until) {
        const auto start = std::max(since, within.start);
        const auto end = std::min(until, within.end);
        total += leaders.empty() && end > start ? end - start : Duration::zero();
        since = until;
    };
    for (const auto& each : news)
    {
        add(each.time);
        if (each.leader == each.member)
        {
            leaders.insert(each.member);
        }
        else
        {
            leaders.erase(each.member);
        }
    }
    add(std::max(since, within.end));
    return total;
}

} // namespace etcdlab
