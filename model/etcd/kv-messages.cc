#include "model/etcd/kv-messages.h"

#include "model/etcd/pure/wire-size.h"

namespace etcdlab
{

std::string_view
MethodOf(const Request& request)
{
    struct Names
    {
        std::string_view operator()(const PutRequest&) const
        {
            return "/etcdserverpb.KV/Put";
        }

        std::string_view operator()(const RangeRequest&) const
        {
            return "/etcdserverpb.KV/Range";
        }

        std::string_view operator()(const DeleteRangeRequest&) const
        {
            return "/etcdserverpb.KV/DeleteRange";
        }

        std::string_view operator()(const TxnRequest&) const
        {
            return "/etcdserverpb.KV/Txn";
        }

        std::string_view operator()(const CompactionRequest&) const
        {
            return "/etcdserverpb.KV/Compact";
        }

        std::string_view operator()(const AlarmRequest&) const
        {
            return "/etcdserverpb.Maintenance/Alarm";
        }

        std::string_view operator()(const LeaseGrantRequest&) const
        {
            return "/etcdserverpb.Lease/LeaseGrant";
        }

        std::string_view operator()(const LeaseRevokeRequest&) const
        {
            return "/etcdserverpb.Lease/LeaseRevoke";
        }
    };

    return std::visit(Names{}, request);
}

RpcRequest
MakeCall(Request request)
{
    RpcRequest call;
    call.method = MethodOf(request);
    call.bytes = static_cast<std::uint32_t>(RequestBytes(request));
    call.body = std::make_shared<KvCall>(std::move(request));
    return call;
}

RpcMessage
MakeWatchMessage(WatchRequest request, bool requireLeader)
{
    const auto bytes = static_cast<std::uint32_t>(WatchRequestBytes(request));
    return {bytes, std::make_shared<WatchCall>(std::move(request), requireLeader)};
}

RpcMessage
MakeKeepAliveMessage(LeaseId lease)
{
    return {static_cast<std::uint32_t>(KeepAliveRequestBytes(lease)),
            std::make_shared<KeepAliveCall>(lease)};
}

} // namespace etcdlab
