#include "helper/message-names.h"

#include "model/etcd/kv-messages.h"
#include "model/etcd/peer-http.h"
#include "model/etcd/peer-stream-writer.h"
#include "model/monitoring/http-server.h"
#include "model/transport/grpc-connection.h"

#include <array>

namespace etcdlab
{

namespace
{

std::string
RaftTypeName(raft::MessageType type)
{
    constexpr std::array<const char*, 14> NAMES = {"MsgProp",
                                                   "MsgApp",
                                                   "MsgAppResp",
                                                   "MsgSnap",
                                                   "MsgVote",
                                                   "MsgVoteResp",
                                                   "MsgPreVote",
                                                   "MsgPreVoteResp",
                                                   "MsgHeartbeat",
                                                   "MsgHeartbeatResp",
                                                   "MsgReadIndex",
                                                   "MsgReadIndexResp",
                                                   "MsgTimeoutNow",
                                                   "MsgTransferLeader"};
    return NAMES.at(static_cast<std::size_t>(type));
}

/// What a message says besides its type, with a comma in front.
std::string
RaftDetail(const raft::Message& message)
{
    const auto index = std::to_string(message.index);
    switch (message.type)
    {
    case raft::MessageType::APP: {
        if (message.entries.empty())
        {
            return ", commit " + std::to_string(message.commit);
        }
        const auto first = std::to_string(message.index + 1);
        const auto last = std::to_string(message.index + message.entries.size());
        return first == last ? ", entry " + first : ", entries " + first + " to " + last;
    }
    case raft::MessageType::APP_RESP:
        return message.reject ? ", rejects " + index : ", has " + index;
    case raft::MessageType::READ_INDEX_RESP:
        return ", " + index;
    case raft::MessageType::HEARTBEAT:
    case raft::MessageType::HEARTBEAT_RESP:
        return message.context != 0 ? ", for a read" : "";
    default:
        return "";
    }
}

bool
IsHeartbeat(const raft::Message& message)
{
    return (message.type == raft::MessageType::HEARTBEAT ||
            message.type == raft::MessageType::HEARTBEAT_RESP) &&
           message.context == 0;
}

MessageName
NameBatch(const RaftBatch& batch)
{
    MessageName name{"", true};
    for (const auto& message : batch.messages)
    {
        name.name +=
            (name.name.empty() ? "" : " + ") + RaftTypeName(message.type) + RaftDetail(message);
        name.background = name.background && IsHeartbeat(message);
    }
    return name;
}

} // namespace

MessageName
NameMessage(const Message& message)
{
    if (const auto* batch = dynamic_cast<const RaftBatch*>(&message))
    {
        return NameBatch(*batch);
    }
    if (dynamic_cast<const LinkHeartbeat*>(&message) != nullptr)
    {
        return {"link heartbeat", true};
    }
    if (dynamic_cast<const MetricsRequest*>(&message) != nullptr ||
        dynamic_cast<const MetricsResponse*>(&message) != nullptr)
    {
        return {"GET /metrics", true};
    }
    const auto frame = GrpcConnection::NameOfFrame(message);
    if (!frame.empty())
    {
        const bool call = frame[0] == '/' || frame == "answer" || frame == "DATA" ||
                          frame == "stream message" || frame.starts_with("error");
        return {frame, !call || frame == STATUS_METHOD};
    }
    return {"peer HTTP", true};
}

} // namespace etcdlab
