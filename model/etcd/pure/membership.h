// Who belongs to a cluster, as every member knows it from the log (etcd 3.4.23 etcdserver/api/membership).
#pragma once

#include "model/raft/types.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// membership.Member
struct MemberInfo
{
    raft::NodeId id = raft::NO_NODE;
    std::string name;
    bool learner = false;
    bool operator==(const MemberInfo&) const = default;
};

/// What a ConfChange entry says beside its kind and its node (membership.ConfigChangeContext).
struct MemberContext : raft::Payload
{
    std::uint64_t request = 0; //!< names the proposal, as a Proposal's id does
    MemberInfo member;         //!< who is added; of a removal or promotion only the id counts
    bool promote = false;      //!< a learner becomes a voter
};

/// Why a change is refused when it is applied (membership/errors.go).
enum class MembershipError
{
    NONE,
    ID_REMOVED,        //!< whoever has left cannot come back under the same id
    ID_EXISTS,         //!< it belongs already
    ID_NOT_FOUND,      //!< it does not
    NOT_A_LEARNER,     //!< only a learner can be promoted
    TOO_MANY_LEARNERS, //!< there may be one (3.4: maxLearners)
    NO_VOTER_LEFT      //!< the last voter cannot be removed
};

/// raftpb.ConfChange, marshalled: its kind, its node and, in JSON, the member.
std::uint64_t ConfChangeBytes(const raft::ConfChange& change);

/**
 * The members and those who have left, after some entry of the log. Members that have applied the same entries
 * have equal ones (membership/cluster.go: RaftCluster).
 */
class Membership
{
  public:
    Membership() = default;
    explicit Membership(std::vector<MemberInfo> members);

    /// Whether a change may be applied (cluster.go: ValidateConfigurationChange).
    /// @param change with a MemberContext
    MembershipError Check(const raft::ConfChange& change) const;

    /// To be called only with what Check has nothing against.
    void Apply(const raft::ConfChange& change);

    /// By ascending id.
    const std::vector<MemberInfo>& Members() const
    {
        return m_members;
    }

    /// nullptr if it does not belong
    const MemberInfo* Find(raft::NodeId id) const;

    bool IsRemoved(raft::NodeId id) const;

    raft::ConfState Conf() const;

    bool operator==(const Membership&) const = default;

  private:
    std::vector<MemberInfo> m_members;
    std::vector<raft::NodeId> m_removed; //!< ascending
};

/// What is applied of a change: itself, or nothing if the members refuse it (server.go: applyConfChange).
MembershipError ApplyIfValid(Membership& members, const raft::ConfChange& change);

} // namespace etcdlab
