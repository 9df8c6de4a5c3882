// Who may join, be promoted and leave.
#include "model/etcd/pure/membership.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

raft::ConfChange
Change(raft::ConfChangeType type, raft::NodeId id, bool promote = false)
{
    auto context = std::make_shared<MemberContext>();
    context->request = 7;
    context->member = {
        id, "e" + std::to_string(id), type == raft::ConfChangeType::ADD_LEARNER_NODE};
    context->promote = promote;
    return {type, id, std::move(context)};
}

constexpr auto ADD = raft::ConfChangeType::ADD_NODE;
constexpr auto ADD_LEARNER = raft::ConfChangeType::ADD_LEARNER_NODE;
constexpr auto REMOVE = raft::ConfChangeType::REMOVE_NODE;

TEST(Membership, ChangesOneAtATime)
{
    Membership members({{2, "e2", false}, {1, "e1", false}});
    EXPECT_EQ(ApplyIfValid(members, Change(ADD_LEARNER, 3)), MembershipError::NONE);
    EXPECT_EQ(members.Conf(), (raft::ConfState{{1, 2}, {3}}));
    EXPECT_EQ(ApplyIfValid(members, Change(ADD, 3, true)), MembershipError::NONE);
    EXPECT_EQ(members.Conf(), (raft::ConfState{{1, 2, 3}, {}}));
    EXPECT_EQ(ApplyIfValid(members, Change(REMOVE, 1)), MembershipError::NONE);
    EXPECT_EQ(members.Conf(), (raft::ConfState{{2, 3}, {}}));
    EXPECT_TRUE(members.IsRemoved(1));
    EXPECT_EQ(members.Find(3)->name, "e3");
}

TEST(Membership, RefusesWhatMakesNoSenseAndStaysAsItIs)
{
    Membership members({{1, "e1", false}, {2, "e2", false}});
    EXPECT_EQ(ApplyIfValid(members, Change(REMOVE, 2)), MembershipError::NONE);
    EXPECT_EQ(ApplyIfValid(members, Change(ADD_LEARNER, 3)), MembershipError::NONE);
    const auto before = members;
    EXPECT_EQ(ApplyIfValid(members, Change(ADD, 2)), MembershipError::ID_REMOVED);
    EXPECT_EQ(ApplyIfValid(members, Change(REMOVE, 2)), MembershipError::ID_REMOVED);
    EXPECT_EQ(ApplyIfValid(members, Change(REMOVE, 9)), MembershipError::ID_NOT_FOUND);
    EXPECT_EQ(ApplyIfValid(members, Change(ADD, 9, true)), MembershipError::ID_NOT_FOUND);
    EXPECT_EQ(ApplyIfValid(members, Change(ADD, 1)), MembershipError::ID_EXISTS);
    EXPECT_EQ(ApplyIfValid(members, Change(ADD, 1, true)), MembershipError::NOT_A_LEARNER);
    EXPECT_EQ(ApplyIfValid(members, Change(ADD_LEARNER, 4)), MembershipError::TOO_MANY_LEARNERS);
    EXPECT_EQ(ApplyIfValid(members, Change(REMOVE, 1)), MembershipError::NO_VOTER_LEFT);
    EXPECT_EQ(members, before);
}

TEST(Membership, ARemovalIsShorterThanAnAddition)
{
    // ID 2, Type 2, NodeID 2 bytes; the context: {"id":…,"peerURLs":["http://e3:2380"],…} of 84 B in 2 more.
    EXPECT_EQ(ConfChangeBytes(Change(REMOVE, 3)), 6U);
    EXPECT_EQ(ConfChangeBytes(Change(ADD, 3)), 6U + 2 + 84);
}

} // namespace

} // namespace etcdlab
