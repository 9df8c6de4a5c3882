#include "model/etcd/pure/membership.h"

#include "model/base/varint.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

const MemberContext&
ContextOf(const raft::ConfChange& change)
{
    return dynamic_cast<const MemberContext&>(*change.context);
}

bool
ById(const MemberInfo& a, const MemberInfo& b)
{
    return a.id < b.id;
}

} // namespace

std::uint64_t
ConfChangeBytes(const raft::ConfChange& change)
{
    const auto& context = ContextOf(change);
    const std::uint64_t kind = 2;
    std::uint64_t bytes = IntFieldBytes(context.request) + kind + IntFieldBytes(change.node);
    if (change.type != raft::ConfChangeType::REMOVE_NODE)
    {
        // {"id":16000000000000000000,"peerURLs":["http://NAME:2380"],"isLearner":true,"isPromote":false}
        bytes += FieldBytes(82 + context.member.name.size() + (context.member.learner ? 17 : 0));
    }
    return bytes;
}

Membership::Membership(std::vector<MemberInfo> members)
    : m_members(std::move(members))
{
    std::sort(m_members.begin(), m_members.end(), ById);
}

const MemberInfo*
Membership::Find(raft::NodeId id) const
{
    const auto found = std::find_if(
        m_members.begin(), m_members.end(), [id](const MemberInfo& m) { return m.id == id; });
    return found == m_members.end() ? nullptr : &*found;
}

bool
Membership::IsRemoved(raft::NodeId id) const
{
    return std::binary_search(m_removed.begin(), m_removed.end(), id);
}

raft::ConfState
Membership::Conf() const
{
    raft::ConfState conf;
    for (const auto& member : m_members)
    {
        (member.learner ? conf.learners : conf.voters).push_back(member.id);
    }
    return conf;
}

MembershipError
Membership::Check(const raft::ConfChange& change) const
{
    const auto* member = Find(change.node);
    if (IsRemoved(change.node))
    {
        return MembershipError::ID_REMOVED;
    }
    if (change.type == raft::ConfChangeType::REMOVE_NODE)
    {
        const auto voters = Conf().voters;
        if (member == nullptr)
        {
            return MembershipError::ID_NOT_FOUND;
        }
        return voters.size() == 1 && !member->learner ? MembershipError::NO_VOTER_LEFT
                                                      : MembershipError::NONE;
    }
    if (ContextOf(change).promote)
    {
        if (member == nullptr)
        {
            return MembershipError::ID_NOT_FOUND;
        }
        return member->learner ? MembershipError::NONE : MembershipError::NOT_A_LEARNER;
    }
    if (member != nullptr)
    {
        return MembershipError::ID_EXISTS;
    }
    const bool learner = change.type == raft::ConfChangeType::ADD_LEARNER_NODE;
    return learner && !Conf().learners.empty() ? MembershipError::TOO_MANY_LEARNERS
                                               : MembershipError::NONE;
}

void
Membership::Apply(const raft::ConfChange& change)
{
    const auto& context = ContextOf(change);
    const auto place = std::lower_bound(
        m_members.begin(), m_members.end(), MemberInfo{change.node, "", false}, ById);
    if (change.type == raft::ConfChangeType::REMOVE_NODE)
    {
        m_members.erase(place);
        m_removed.insert(std::lower_bound(m_removed.begin(), m_removed.end(), change.node),
                         change.node);
    }
    else if (context.promote)
    {
        place->learner = false;
    }
    else
    {
        m_members.insert(place, context.member);
    }
}

MembershipError
ApplyIfValid(Membership& members, const raft::ConfChange& change)
{
    const auto error = members.Check(change);
    if (error == MembershipError::NONE)
    {
        members.Apply(change);
    }
    return error;
}

} // namespace etcdlab
