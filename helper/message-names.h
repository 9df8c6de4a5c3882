// What people call the messages of a run.
#pragma once

#include "model/transport/byte-stream.h"

#include <string>

namespace etcdlab
{

struct MessageName
{
    std::string name; //!< "/etcdserverpb.KV/Put", "MsgApp, entry 334", "PING"
    bool background =
        false; //!< goes on without requests: heartbeats, PINGs, probes, who-leads questions
};

/// Raft's messages by etcd's names (raftpb.MessageType), several of one flush joined by " + ".
MessageName NameMessage(const Message& message);

} // namespace etcdlab
