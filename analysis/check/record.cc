#include "analysis/check/record.h"

#include <algorithm>

namespace etcdlab::check
{

bool
Record(History& history,
       std::uint64_t client,
       const RequestRecord& record,
       const Request& request,
       const Response* answer,
       std::uint32_t incarnation)
{
    auto operation = MakeOperation(request);
    if (!operation)
    {
        return false;
    }
    operation->client = client;
    operation->call = record.start;
    operation->end = record.end;
    operation->member = record.member;
    operation->incarnation = incarnation;
    operation->outcome = answer != nullptr ? Outcome::OK : OutcomeOfError(record.outcome);
    if (answer != nullptr)
    {
        SetAnswer(*operation, *answer);
    }
    history.operations.push_back(std::move(*operation));
    return true;
}

namespace
{

WatchEvent
EventOf(const Event& event)
{
    WatchEvent recorded;
    recorded.change = {event.kv.modRevision, event.kv.key, event.IsDelete(), event.kv.value.id};
    if (event.previous)
    {
        recorded.previous = event.previous->value.id;
    }
    return recorded;
}

} // namespace

void
RecordWatch(WatchLog& log, const WatchNews& news)
{
    WatchStep step;
    step.revision = news.revision;
    switch (news.type)
    {
    case WatchNews::Type::CREATED:
        log.start = news.revision;
        return;
    case WatchNews::Type::RESPONSE:
        for (const auto& event : *news.events)
        {
            step.events.push_back(EventOf(event));
        }
        break;
    case WatchNews::Type::PROGRESS:
        step.type = WatchStep::Type::PROGRESS;
        break;
    case WatchNews::Type::CANCELLED:
        step.type = WatchStep::Type::CANCELLED;
        break;
    case WatchNews::Type::RESUMED:
        step.type = WatchStep::Type::RESUMED;
        break;
    }
    log.steps.push_back(std::move(step));
}

MemberStore
StoreOf(const std::string& member, const KvStore& store)
{
    MemberStore all;
    all.member = member;
    store.VisitVersions([&all](const KeyValue& kv) {
        Change change;
        change.revision = kv.modRevision;
        change.key = kv.key;
        change.deletion = kv.version == 0;
        change.value = kv.value.id;
        all.changes.push_back(std::move(change));
    });
    std::stable_sort(all.changes.begin(), all.changes.end(), [](const Change& a, const Change& b) {
        return a.revision < b.revision;
    });
    return all;
}

} // namespace etcdlab::check
