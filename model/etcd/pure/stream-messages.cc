#include "model/etcd/pure/stream-messages.h"

#include "model/base/varint.h"

namespace etcdlab
{

namespace
{

std::uint64_t
EventBytes(const Event& event)
{
    return (event.IsDelete() ? 2 : 0) + FieldBytes(KeyValueBytes(event.kv)) +
           (event.previous ? FieldBytes(KeyValueBytes(*event.previous)) : 0);
}

} // namespace

std::uint64_t
WatchRequestBytes(const WatchRequest& request)
{
    if (const auto* cancel = std::get_if<WatchCancelRequest>(&request))
    {
        return FieldBytes(OptionalInt(cancel->watch));
    }
    const auto& create = std::get<WatchCreateRequest>(request);
    return FieldBytes(OptionalBytes(create.key.size()) + OptionalBytes(create.rangeEnd.size()) +
                      OptionalInt(create.start) + (create.progressNotify ? 2 : 0) +
                      (create.previousKv ? 2 : 0));
}

std::uint64_t
WatchResponseBytes(const WatchResponse& response, const ResponseHeader& header)
{
    auto bytes = HeaderFieldBytes(header, response.revision) + OptionalInt(response.watch) +
                 (response.created ? 2 : 0) + (response.canceled ? 2 : 0) +
                 OptionalInt(response.compactRevision) +
                 OptionalBytes(response.cancelReason.size());
    for (const auto& event : response.events)
    {
        bytes += FieldBytes(EventBytes(event));
    }
    return bytes;
}

std::uint64_t
KeepAliveRequestBytes(LeaseId id)
{
    return OptionalInt(id);
}

std::uint64_t
KeepAliveResponseBytes(LeaseId id, std::int64_t ttl)
{
    return OptionalInt(id) + OptionalInt(ttl);
}

std::string
PrefixEnd(std::string prefix)
{
    while (!prefix.empty())
    {
        auto& last = prefix.back();
        if (last != '\xff')
        {
            ++last;
            return prefix;
        }
        prefix.pop_back();
    }
    return std::string(1, '\0'); // all keys
}

} // namespace etcdlab
