// The state machine of random schedules.
#pragma once

#include "model/raft/types.h"

#include <gtest/gtest.h>

#include <set>

namespace etcdlab::raft::test
{

/// A state machine that remembers all it has applied in one number, and who has been removed: those
/// never come back (etcdserver/api/membership/cluster.go:ValidateConfigurationChange).
struct Machine : Payload
{
    Index index = 0;
    Term term = 0;
    std::uint64_t digest = 0;
    ConfState conf;
    std::set<NodeId> removed;

    void Apply(const Entry& entry)
    {
        ASSERT_EQ(entry.index, index + 1);
        index = entry.index;
        term = entry.term;
        digest = (digest ^ (index << 32 | term)) * 0x9e3779b97f4a7c15;
    }

    bool Admits(const ConfChange& change) const
    {
        switch (change.type)
        {
        case ConfChangeType::ADD_NODE:
            return !conf.IsVoter(change.node) && !removed.contains(change.node);
        case ConfChangeType::ADD_LEARNER_NODE:
            return !conf.IsMember(change.node) && !removed.contains(change.node);
        case ConfChangeType::REMOVE_NODE:
            return conf.IsMember(change.node) &&
                   (!conf.IsVoter(change.node) || conf.voters.size() > 1);
        }
        return false;
    }
};

} // namespace etcdlab::raft::test
