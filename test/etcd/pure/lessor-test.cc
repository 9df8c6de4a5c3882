// Leases: what all members agree on, and the leader's clock.
#include "model/etcd/pure/apply.h"
#include "model/etcd/pure/lessor.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

TEST(Lessor, TheLeastTimeToLiveIsThreeHalvesOfAnElectionTimeoutInWholeSeconds)
{
    EXPECT_EQ(Lessor(1s).MinTtl(), 2); // 1.5 s
    EXPECT_EQ(Lessor(2s).MinTtl(), 3); // 3 s exactly
    EXPECT_EQ(Lessor(100ms).MinTtl(), 1);
    Lessor lessor(1s);
    lessor.Grant(1, 1, 0s);
    EXPECT_EQ(lessor.Find(1)->ttl, 2);
}

TEST(Lessor, ALeaseExpiresForThePrimaryAloneAndFromItsGrantOn)
{
    Lessor lessor(1s);
    lessor.Grant(1, 5, 0s);
    EXPECT_TRUE(lessor.TakeExpired(100s).empty()) << "nobody is primary";
    lessor.Promote(100s, 1s);
    EXPECT_TRUE(lessor.TakeExpired(106s - 1ns).empty());
    EXPECT_EQ(lessor.TakeExpired(106s), std::vector<LeaseId>{1}) << "5 s and the election timeout";
    lessor.Grant(2, 5, 110s);
    EXPECT_FALSE(lessor.IsExpired(2, 115s - 1ns));
    EXPECT_TRUE(lessor.IsExpired(2, 115s));
    lessor.Demote();
    EXPECT_FALSE(lessor.IsExpired(2, 115s));
    EXPECT_TRUE(lessor.TakeExpired(200s).empty());
}

TEST(Lessor, ARenewedLeaseBeginsAnew)
{
    Lessor lessor(1s);
    lessor.Promote(0s, 1s);
    lessor.Grant(1, 5, 0s);
    EXPECT_EQ(lessor.Renew(1, 4s), 5);
    EXPECT_TRUE(lessor.TakeExpired(9s - 1ns).empty());
    EXPECT_EQ(lessor.TakeExpired(9s).size(), 1U);
    EXPECT_FALSE(lessor.Renew(2, 4s).has_value());
}

TEST(Lessor, AnExpiredLeaseIsNamedAgainAfterThreeSeconds)
{
    Lessor lessor(1s);
    lessor.Promote(0s, 1s);
    lessor.Grant(1, 5, 0s);
    EXPECT_EQ(lessor.TakeExpired(5s).size(), 1U);
    EXPECT_TRUE(lessor.TakeExpired(8s - 1ns).empty());
    EXPECT_EQ(lessor.TakeExpired(8s).size(), 1U);
}

TEST(Lessor, FiveHundredAPassInTheOrderOfTheirExpiry)
{
    Lessor lessor(1s);
    lessor.Promote(0s, 1s);
    for (LeaseId id = 1; id <= 700; ++id)
    {
        lessor.Grant(id, 5, std::chrono::milliseconds(700 - id));
    }
    const auto first = lessor.TakeExpired(10s);
    ASSERT_EQ(first.size(), 500U);
    EXPECT_EQ(first.front(), 700);
    EXPECT_EQ(lessor.TakeExpired(10s).size(), 200U);
}

TEST(Lessor, ANewLeaderSpreadsLeasesThatWouldExpireFasterThanTheyCanBeRevoked)
{
    Lessor lessor(1s);
    for (LeaseId id = 1; id <= 3000; ++id)
    {
        lessor.Grant(id, 10, 0s);
    }
    lessor.Promote(0s, 1s);
    const auto expiredAt = [&](Duration when) {
        std::size_t count = 0;
        for (const auto& [id, lease] : lessor.Leases())
        {
            count += *lease.expiry <= when ? 1 : 0;
        }
        return count;
    };
    EXPECT_EQ(expiredAt(11s), 750U) << "three quarters of a thousand a second";
    // The 3000th is put off by 3000 / 750 s.
    EXPECT_EQ(expiredAt(11s + 4s - 1ns), 2999U);
    EXPECT_EQ(expiredAt(11s + 4s), 3000U);
}

class Leases : public testing::Test
{
  protected:
    Applied Do(const Request& request)
    {
        m_changes.clear();
        return Apply(m_store, m_lessor, request, 0s, &m_changes);
    }

    std::int64_t Count() const
    {
        RangeRequest all;
        all.key = "a";
        all.rangeEnd = "z";
        return m_store.Range(all).count;
    }

    KvStore m_store;
    Lessor m_lessor{1s};
    std::vector<KeyValue> m_changes;
};

TEST_F(Leases, ARevokedLeaseTakesItsKeysWithItInOneTransaction)
{
    const auto granted = Do(LeaseGrantRequest{1, 7});
    EXPECT_EQ(std::get<LeaseGrantResponse>(granted.response).ttl, 2);
    for (const char* key : {"c", "a", "b"})
    {
        Do(PutRequest{key, {}, 7});
    }
    Do(PutRequest{"d", {}, 0});
    EXPECT_EQ(m_store.CurrentRevision(), 5);
    const auto revoked = Do(LeaseRevokeRequest{7});
    EXPECT_EQ(std::get<LeaseRevokeResponse>(revoked.response).revision, 6) << "one revision";
    ASSERT_EQ(m_changes.size(), 3U);
    EXPECT_EQ(m_changes[0].key, "a") << "in the order of the keys";
    EXPECT_EQ(m_changes[2].modRevision, 6);
    EXPECT_EQ(Count(), 1);
    EXPECT_EQ(Do(LeaseRevokeRequest{7}).error, ApplyError::LEASE_NOT_FOUND);
}

TEST_F(Leases, AKeyHoldsOnToTheLeaseItWasLastPutWith)
{
    Do(LeaseGrantRequest{10, 1});
    Do(LeaseGrantRequest{10, 2});
    Do(PutRequest{"a", {}, 1});
    Do(PutRequest{"b", {}, 1});
    Do(PutRequest{"c", {}, 1});
    Do(PutRequest{"a", {}, 2});
    Do(PutRequest{"b", {}, 0});
    Do(DeleteRangeRequest{"c", ""});
    Do(PutRequest{"c", {}, 0});
    const auto before = m_store.CurrentRevision();
    Do(LeaseRevokeRequest{1});
    EXPECT_EQ(Count(), 3);
    EXPECT_EQ(m_store.CurrentRevision(), before) << "a lease without keys changes nothing";
    Do(LeaseRevokeRequest{2});
    EXPECT_EQ(Count(), 2);
}

TEST_F(Leases, APutWithALeaseThatIsNotThereChangesNothing)
{
    EXPECT_EQ(Do(PutRequest{"a", {}, 1}).error, ApplyError::LEASE_NOT_FOUND);
    EXPECT_EQ(Do(TxnRequest{{{"a", 0}}, {PutRequest{"a", {}, 1}}, {}}).error,
              ApplyError::LEASE_NOT_FOUND);
    EXPECT_EQ(m_store.CurrentRevision(), 1);
    // Only the branch that is taken counts.
    EXPECT_EQ(Do(TxnRequest{{{"a", 5}}, {PutRequest{"a", {}, 1}}, {PutRequest{"a", {}, 0}}}).error,
              ApplyError::NONE);
    EXPECT_EQ(m_store.CurrentRevision(), 2);
}

TEST_F(Leases, AnIdIsGrantedOnce)
{
    EXPECT_EQ(Do(LeaseGrantRequest{10, 1}).error, ApplyError::NONE);
    EXPECT_EQ(Do(LeaseGrantRequest{20, 1}).error, ApplyError::LEASE_EXISTS);
    EXPECT_EQ(m_lessor.Find(1)->ttl, 10);
    EXPECT_EQ(Do(LeaseGrantRequest{9'000'000'001, 2}).error, ApplyError::LEASE_TTL_TOO_LARGE);
}

} // namespace

} // namespace etcdlab
