// What etcd promises to watchers (its "API guarantees", watch operations): ordered, unique, reliable,
// atomic, resumable.
#pragma once

#include "analysis/check/durability.h"

#include <optional>
#include <string>
#include <vector>

namespace etcdlab::check
{

struct WatchEvent
{
    Change change;
    /// If the watcher asked for it (prev_kv): the value before, none for a key that did not exist.
    std::optional<std::uint64_t> previous;
    bool operator==(const WatchEvent&) const = default;
};

/// What happened to a watch, one after the other.
struct WatchStep
{
    enum class Type
    {
        RESPONSE,  //!< events
        PROGRESS,  //!< all up to `revision` has been sent
        CANCELLED, //!< by the server or a broken connection; the watcher may resume
        RESUMED    //!< asks for what happened from `revision` on
    };

    Type type = Type::RESPONSE;
    Revision revision = 0;
    std::vector<WatchEvent> events;
};

/// A watch, resumptions included: to whom it belongs it is one stream of events.
struct WatchLog
{
    std::string watcher; //!< for reports
    std::string key;
    std::string rangeEnd; //!< empty: this key alone
    Revision start = 1;   //!< the first revision asked for; for "from now on" the answer's + 1
    bool previousValues = false; //!< asked for
    std::vector<WatchStep> steps;
    /// If not 0: all up to this revision should have come, for instance because nothing failed for long.
    Revision expectedUntil = 0;
};

enum class WatchRule
{
    ORDERED,   //!< revisions ascend
    UNIQUE,    //!< no event comes twice
    RELIABLE,  //!< none is missing between the start and the last one that came
    ATOMIC,    //!< what happened at one revision comes in one response
    RESUMABLE, //!< a resumption continues where the last event was
    TRUE //!< it happened, to a key watched, from the start on, and the previous value was that
};

struct WatchViolation
{
    WatchRule rule;
    std::string watcher;
    std::string what; //!< one sentence
};

/**
 * @param truth every change committed, by revision, from the first one of the store on
 * @return violations in the order in which they show, the first of each rule
 */
std::vector<WatchViolation> CheckWatch(const WatchLog& log, const std::vector<Change>& truth);

/// "ordered", "unique", …
std::string NameOf(WatchRule rule);

} // namespace etcdlab::check
