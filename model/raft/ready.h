// Small help for owners of a Raft that go through a Ready.
#pragma once

#include "model/raft/types.h"

namespace etcdlab::raft
{

/**
 * Of all APP_RESPs keep the last one only, as etcd does before sending (etcdserver/raft.go:
 * processMessages): what it says covers what the earlier ones said, or the leader will ask again.
 */
void DropSupersededResponses(std::vector<Message>& messages);

} // namespace etcdlab::raft
