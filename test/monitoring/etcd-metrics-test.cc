#include "model/monitoring/etcd-metrics.h"
#include "test/etcd/cluster-fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace etcdlab
{

namespace
{

class EtcdMetricsTest : public ClusterTest
{
  protected:
    /// What a member shows now; NaN if it does not.
    double Value(std::size_t member, const std::string& series)
    {
        const auto page = Member(member).GetMetrics().MakePage();
        for (const auto& family : page.Families())
        {
            for (const auto& sample : family.samples)
            {
                if (sample.series == series)
                {
                    return sample.value;
                }
            }
        }
        return std::nan("");
    }

    std::string Id(std::size_t member)
    {
        char text[17];
        std::snprintf(text,
                      sizeof text,
                      "%llx",
                      static_cast<unsigned long long>(Member(member).GetMemberId()));
        return text;
    }

    static std::string Grpc(const std::string& metric,
                            const std::string& method,
                            const std::string& code = "")
    {
        return "grpc_server_" + metric + "{" + (code.empty() ? "" : "grpc_code=\"" + code + "\",") +
               "grpc_method=\"" + method +
               "\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}";
    }
};

TEST_F(EtcdMetricsTest, CountPutsOnEveryMemberAndCallsWhereTheyCame)
{
    Build(3, 3, {});
    RunUntil(Ms(1000));
    PutMany(2, 5, 100);
    RunUntil(Now() + Ms(500));
    for (std::size_t i = 1; i <= 3; ++i)
    {
        EXPECT_EQ(Value(i, "etcd_mvcc_put_total"), 5);
        EXPECT_EQ(Value(i, "etcd_debugging_mvcc_put_total"), 5);
        EXPECT_EQ(Value(i, "etcd_debugging_mvcc_keys_total"), 5);
        EXPECT_EQ(Value(i, "etcd_debugging_mvcc_total_put_size_in_bytes"), 5 * (100 + 4)); // key1…
        EXPECT_EQ(Value(i, "etcd_debugging_mvcc_current_revision"), 6);
        EXPECT_EQ(Value(i, "etcd_debugging_mvcc_compact_revision"), -1);
        EXPECT_EQ(Value(i, "etcd_server_has_leader"), 1);
        EXPECT_EQ(Value(i, "etcd_server_is_leader"), i == 1 ? 1 : 0);
        EXPECT_EQ(Value(i, "etcd_server_leader_changes_seen_total"), 1);
        EXPECT_EQ(Value(i, "etcd_server_proposals_pending"), 0);
        EXPECT_EQ(Value(i, "etcd_server_proposals_failed_total"), 0);
        const double calls = i == 2 ? 5 : 0;
        EXPECT_EQ(Value(i, Grpc("started_total", "Put")), calls);
        EXPECT_EQ(Value(i, Grpc("handled_total", "Put", "OK")), calls);
        EXPECT_EQ(Value(i, Grpc("msg_received_total", "Put")), calls);
        EXPECT_EQ(Value(i, Grpc("msg_sent_total", "Put")), calls);
        EXPECT_EQ(Value(i, Grpc("handled_total", "Range", "OK")), 0);
    }
    EXPECT_EQ(
        Value(2,
              "etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"}"),
        5);
    EXPECT_TRUE(std::isnan(Value(
        1, "etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"}")));
    EXPECT_GT(Value(2, "etcd_network_client_grpc_received_bytes_total"), 5 * 104);
}

TEST_F(EtcdMetricsTest, ProposalsAreIndexesOfTheLogAndWalBytesCountTwice)
{
    Build(3, 3, {});
    RunUntil(Ms(1000));
    PutMany(1, 3);
    RunUntil(Now() + Ms(500));
    EXPECT_EQ(Value(1, "etcd_server_proposals_applied_total"),
              static_cast<double>(Member(1).GetAppliedIndex()));
    EXPECT_EQ(Value(1, "etcd_server_proposals_committed_total"),
              static_cast<double>(Member(1).GetRaft().GetCommitIndex()));
    EXPECT_EQ(Value(1, "etcd_disk_wal_fsync_duration_seconds_count"),
              static_cast<double>(Member(1).GetWalSyncs()));
    // What has been synced counts twice; the hard state of the last commit still waits for that.
    const auto wal = Member(1).GetWal().Bytes() - wal::SegmentHeadBytes(true);
    const auto waits = wal::FrameBytes(wal::HardStateBytes(
        Member(1).GetTerm(), Member(1).GetMemberId(), Member(1).GetRaft().GetCommitIndex()));
    EXPECT_EQ(Value(1, "etcd_disk_wal_write_bytes_total"), static_cast<double>(2 * wal - waits));
}

TEST_F(EtcdMetricsTest, ATransactionIsItsOperationsAndItsComparisonsAreRanges)
{
    Build(3, 3, {});
    RunUntil(Ms(1000));
    // As a real 3.4.23 was seen to count a create: a range, a put, no transaction.
    const TxnRequest create{{Compare{"k", 0}}, {PutRequest{"k", {1, 1}, 0}}, {}};
    const auto first = Call(1, MakeCall(create));
    RunUntil(Now() + Ms(300));
    ASSERT_TRUE(first->Ok());
    EXPECT_EQ(Value(1, "etcd_mvcc_put_total"), 1);
    EXPECT_EQ(Value(1, "etcd_mvcc_range_total"), 1);
    EXPECT_EQ(Value(1, "etcd_mvcc_txn_total"), 0);
    const TxnRequest two{{}, {PutRequest{"a", {1, 1}, 0}, DeleteRangeRequest{"k", ""}}, {}};
    const auto second = Call(1, MakeCall(two));
    RunUntil(Now() + Ms(300));
    ASSERT_TRUE(second->Ok());
    EXPECT_EQ(Value(1, "etcd_mvcc_put_total"), 2);
    EXPECT_EQ(Value(1, "etcd_mvcc_delete_total"), 1);
    EXPECT_EQ(Value(1, "etcd_mvcc_txn_total"), 1);
    EXPECT_EQ(Value(1, "etcd_debugging_mvcc_keys_total"), 1);
}

TEST_F(EtcdMetricsTest, PeersAreCountedOnBothSides)
{
    Build(3, 3, {});
    RunUntil(Ms(6500)); // 5 s: the first look at the probers
    const auto sent = Value(1, "etcd_network_peer_sent_bytes_total{To=\"" + Id(2) + "\"}");
    const auto received =
        Value(2, "etcd_network_peer_received_bytes_total{From=\"" + Id(1) + "\"}");
    const auto links = Value(2, "etcd_network_peer_received_bytes_total{From=\"0\"}");
    // Link heartbeats, 30 bytes on each of four streams (two from each other member) every 5/3 s: 3 rounds by 6.5 s.
    EXPECT_EQ(links, 4 * 3 * 30);
    // The sender counts those on its two streams under the peer's name.
    EXPECT_EQ(sent, received + 2 * 3 * 30);
    EXPECT_EQ(
        Value(1, "etcd_network_active_peers{Local=\"" + Id(1) + "\",Remote=\"" + Id(3) + "\"}"), 1);
    const auto roundTrip = "etcd_network_peer_round_trip_time_seconds";
    // Two probers look once each. The pipeline's has opened its connection for its only probe, as the other always
    // does: 4 ms, of which the smoothed time has an eighth, 0.5 ms.
    EXPECT_EQ(Value(1, roundTrip + std::string("_count{To=\"") + Id(2) + "\"}"), 2);
    EXPECT_NEAR(Value(1, roundTrip + std::string("_sum{To=\"") + Id(2) + "\"}"), 0.001, 0.00001);
}

TEST_F(EtcdMetricsTest, ALostPeerIsCounted)
{
    Build(3, 3, {});
    RunUntil(Ms(1000));
    At(Ms(0), [this] { Member(3).Crash(); });
    RunUntil(Ms(2000));
    const auto pair = "{Local=\"" + Id(1) + "\",Remote=\"" + Id(3) + "\"}";
    EXPECT_EQ(Value(1, "etcd_network_active_peers" + pair), 0);
    EXPECT_EQ(Value(1, "etcd_network_disconnected_peers_total" + pair), 1);
}

TEST_F(EtcdMetricsTest, LeasesAreCounted)
{
    Build(3, 3, {});
    RunUntil(Ms(1000));
    const auto grant = Call(1, MakeCall(LeaseGrantRequest{60, 7}));
    RunUntil(Now() + Ms(300));
    ASSERT_TRUE(grant->Ok());
    const auto revoke = Call(1, MakeCall(LeaseRevokeRequest{7}));
    RunUntil(Now() + Ms(300));
    ASSERT_TRUE(revoke->Ok());
    EXPECT_EQ(Value(2, "etcd_debugging_lease_granted_total"), 1);
    EXPECT_EQ(Value(2, "etcd_debugging_lease_revoked_total"), 1);
    EXPECT_EQ(Value(2, "etcd_debugging_lease_ttl_total_sum"), 60);
    EXPECT_EQ(Value(2, "etcd_debugging_lease_ttl_total_bucket{le=\"32\"}"), 0);
    EXPECT_EQ(Value(2, "etcd_debugging_lease_ttl_total_bucket{le=\"64\"}"), 1);
}

} // namespace

} // namespace etcdlab
