#include "analysis/check/linearizability.h"

#include "analysis/check/minimise.h"
#include "analysis/check/revision-order.h"

#include <algorithm>
#include <map>

namespace etcdlab::check
{

namespace
{

/// Bounds the time to shorten a history: each attempt is a search of this many steps, or twice as
/// many as it took to find the violation.
constexpr std::uint64_t STEPS_PER_ATTEMPT = 300'000;

struct KeyPart
{
    std::vector<Operation> operations;
    std::vector<const Operation*> origins;
    std::optional<Found> initial;
    bool open = false; //!< has unanswered writes
};

using KeyParts = std::map<std::string, KeyPart>;

template <class Do>
void
ForParts(KeyParts& parts, const Operation& o, Do act)
{
    for (auto it = parts.lower_bound(o.key); it != parts.end() && Concerns(o, it->first); ++it)
    {
        act(it->first, it->second);
    }
}

KeyParts
Split(const History& history, bool all)
{
    KeyParts parts;
    for (const auto& found : history.initial)
    {
        parts[found.key].initial = found;
    }
    for (const auto& o : history.operations)
    {
        if (o.rangeEnd.empty())
        {
            parts[o.key];
        }
        for (const auto& found : o.found)
        {
            parts[found.key];
        }
    }
    for (const auto& o : history.operations)
    {
        if (MayChange(o))
        {
            ForParts(parts, o, [](const std::string&, KeyPart& part) { part.open = true; });
        }
    }
    for (const auto& o : history.operations)
    {
        ForParts(parts, o, [&](const std::string& key, KeyPart& part) {
            if (!all && !part.open)
            {
                return;
            }
            if (auto operation = ForKey(o, key))
            {
                part.operations.push_back(*std::move(operation));
                part.origins.push_back(&o);
            }
        });
    }
    return parts;
}

Violation
Shorten(const std::string& key,
        const KeyPart& part,
        std::uint64_t steps,
        const SearchOptions& options)
{
    auto attempt = options;
    attempt.maxSteps = std::min(options.maxSteps, std::max(2 * steps, STEPS_PER_ATTEMPT));
    Violation violation{"No order of these operations on " + key + " explains their answers", {}};
    for (const auto i : Minimise(part.operations, part.initial, attempt))
    {
        violation.operations.push_back(*part.origins[i]);
    }
    return violation;
}

} // namespace

LinearizabilityResult
CheckLinearizability(const History& history, const LinearizabilityOptions& options)
{
    CheckWellFormed(history);
    LinearizabilityResult result;
    const bool revisions = options.search.revisions;
    if (auto violation = revisions ? CheckRevisionOrder(history) : std::nullopt)
    {
        result.verdict = Verdict::VIOLATION;
        result.violation = *std::move(violation);
        return result;
    }
    const bool all = options.searchEveryKey || !revisions;
    for (const auto& [key, part] : Split(history, all))
    {
        if (!all && !part.open)
        {
            continue;
        }
        const auto search = SearchKey(part.operations, part.initial, options.search);
        result.steps += search.steps;
        ++result.searchedKeys;
        if (search.verdict == Verdict::VIOLATION)
        {
            result.verdict = Verdict::VIOLATION;
            result.violation = Shorten(key, part, search.steps, options.search);
            return result;
        }
        if (search.verdict == Verdict::UNKNOWN)
        {
            result.verdict = Verdict::UNKNOWN;
            result.unknown.push_back(key);
        }
    }
    return result;
}

std::string
Describe(const LinearizabilityResult& result)
{
    if (result.verdict == Verdict::VIOLATION)
    {
        return Describe(result.violation);
    }
    std::string keys;
    for (const auto& key : result.unknown)
    {
        keys += (keys.empty() ? "" : ", ") + key;
    }
    return result.verdict == Verdict::OK
               ? "ok\n"
               : "unknown: gave up after " + std::to_string(result.steps) + " steps on " + keys +
                     "\n";
}

} // namespace etcdlab::check
