#include "analysis/check/watch-check.h"

#include <algorithm>
#include <map>
#include <set>

namespace etcdlab::check
{

namespace
{

std::string
Text(const Change& change)
{
    return (change.deletion ? "delete " + change.key
                            : "put " + change.key + " = " + std::to_string(change.value)) +
           " at revision " + std::to_string(change.revision);
}

class WatchCheck
{
  public:
    WatchCheck(const WatchLog& log, const std::vector<Change>& truth)
        : m_log(log)
    {
        std::map<std::string, Change> last;
        for (const auto& change : truth)
        {
            const auto before = last.find(change.key);
            const bool existed = before != last.end() && !before->second.deletion;
            if (Watches(change.key))
            {
                const auto previous =
                    existed ? std::make_optional(before->second.value) : std::nullopt;
                m_truth[change.revision][change.key] = {change, previous};
            }
            last[change.key] = change;
        }
    }

    std::vector<WatchViolation> Check()
    {
        for (const auto& step : m_log.steps)
        {
            switch (step.type)
            {
            case WatchStep::Type::RESPONSE:
                OnResponse(step.events);
                break;
            case WatchStep::Type::PROGRESS:
                ExpectAll(
                    step.revision, WatchRule::RELIABLE, "although the server said it was all");
                break;
            case WatchStep::Type::CANCELLED:
                break;
            case WatchStep::Type::RESUMED:
                ExpectAll(
                    step.revision - 1, WatchRule::RESUMABLE, "and the watch resumed after it");
                break;
            }
        }
        if (m_log.expectedUntil > 0)
        {
            ExpectAll(m_log.expectedUntil, WatchRule::RELIABLE, "until the end");
        }
        return std::move(m_violations);
    }

  private:
    using AtRevision = std::map<std::string, WatchEvent>;

    bool Watches(const std::string& key) const
    {
        return m_log.rangeEnd.empty() ? key == m_log.key : m_log.key <= key && key < m_log.rangeEnd;
    }

    void OnResponse(const std::vector<WatchEvent>& events)
    {
        std::set<Revision> revisions;
        for (const auto& event : events)
        {
            OnEvent(event);
            revisions.insert(event.change.revision);
        }
        for (const auto revision : revisions)
        {
            CheckWhole(revision, events);
        }
    }

    void OnEvent(const WatchEvent& event)
    {
        const auto& change = event.change;
        const auto id = std::make_pair(change.revision, change.key);
        if (!m_seen.insert(id).second)
        {
            Refuse(WatchRule::UNIQUE, Text(change) + " came twice");
            return;
        }
        if (change.revision < m_last)
        {
            Refuse(WatchRule::ORDERED,
                   Text(change) + " came after one of revision " + std::to_string(m_last));
        }
        else
        {
            ExpectAll(change.revision - 1,
                      WatchRule::RELIABLE,
                      "before one of revision " + std::to_string(change.revision));
        }
        m_last = std::max(m_last, change.revision);
        CheckTrue(event);
    }

    void CheckTrue(const WatchEvent& event)
    {
        const auto& change = event.change;
        const auto revision = m_truth.find(change.revision);
        const bool known = revision != m_truth.end() && revision->second.count(change.key) > 0;
        if (!known || revision->second[change.key].change != change)
        {
            Refuse(WatchRule::TRUE,
                   Text(change) + " came, which " +
                       (Watches(change.key) ? "did not happen" : "is not watched"));
            return;
        }
        if (change.revision < m_log.start)
        {
            Refuse(WatchRule::TRUE,
                   Text(change) + " came to a watch from revision " + std::to_string(m_log.start));
        }
        const auto& expected = revision->second[change.key].previous;
        if (m_log.previousValues && event.previous != expected)
        {
            const auto name = [](const std::optional<std::uint64_t>& value) {
                return value ? std::to_string(*value) : "none";
            };
            Refuse(WatchRule::TRUE,
                   Text(change) + " came with the previous value " + name(event.previous) +
                       " instead of " + name(expected));
        }
    }

    /// A response has all or nothing of a revision.
    void CheckWhole(Revision revision, const std::vector<WatchEvent>& events)
    {
        for (const auto& [key, expected] : m_truth[revision])
        {
            const bool here =
                std::any_of(events.begin(), events.end(), [&, &key = key](const WatchEvent& event) {
                    return event.change.revision == revision && event.change.key == key;
                });
            if (!here)
            {
                Refuse(WatchRule::ATOMIC,
                       Text(expected.change) + " did not come with the others of that revision");
            }
        }
    }

    /// All up to here must have come; each is asked for once.
    void ExpectAll(Revision until, WatchRule rule, const std::string& when)
    {
        for (auto it = m_truth.lower_bound(std::max(m_log.start, m_expected + 1));
             it != m_truth.end() && it->first <= until;
             ++it)
        {
            for (const auto& [key, event] : it->second)
            {
                // A part of a revision that came is another rule's matter.
                if (m_seen.count({it->first, key}) == 0 && it->first != m_last)
                {
                    Refuse(rule, Text(event.change) + " did not come, " + when);
                }
            }
        }
        m_expected = std::max(m_expected, until);
    }

    void Refuse(WatchRule rule, const std::string& what)
    {
        if (m_refused.insert(rule).second)
        {
            m_violations.push_back({rule, m_log.watcher, what});
        }
    }

    const WatchLog& m_log;
    std::map<Revision, AtRevision> m_truth; //!< of the keys watched
    std::set<std::pair<Revision, std::string>> m_seen;
    Revision m_last = 0;
    Revision m_expected = 0; //!< up to there all has been asked for
    std::set<WatchRule> m_refused;
    std::vector<WatchViolation> m_violations;
};

} // namespace

std::vector<WatchViolation>
CheckWatch(const WatchLog& log, const std::vector<Change>& truth)
{
    return WatchCheck(log, truth).Check();
}

std::string
NameOf(WatchRule rule)
{
    switch (rule)
    {
    case WatchRule::ORDERED:
        return "ordered";
    case WatchRule::UNIQUE:
        return "unique";
    case WatchRule::RELIABLE:
        return "reliable";
    case WatchRule::ATOMIC:
        return "atomic";
    case WatchRule::RESUMABLE:
        return "resumable";
    case WatchRule::TRUE:
        return "true";
    }
    return "";
}

} // namespace etcdlab::check
