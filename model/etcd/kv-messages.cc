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

} // namespace etcdlab
