// Bytes on disks and links against the formula.
#include "model/base/varint.h"
#include "model/etcd/pure/member-id.h"
#include "model/etcd/pure/wire-size.h"
#include "model/storage/wal.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

/// Bytes of a key and of a value, as they were measured on a real cluster (trust-test.cc holds the figures).
struct Row
{
    std::uint64_t key;
    std::uint64_t value;
};

const std::vector<Row> ROWS = {{16, 16}, {16, 128}, {40, 1024}, {40, 8192}, {40, 65536}};

/// Puts of one size, one after the other, through one member; the measured machines, but on a LAN.
FinishedRun
Puts(const Row& row, std::uint64_t count, const std::string& through)
{
    return RunShipped(
        "reference-rig",
        {R"(links={"api-e1":null,"api-e2":null,"api-e3":null,"e1-e2":null,"e1-e3":null,"e2-e3":null})",
         R"(default_link={"rtt":"0.2ms"})",
         "client.balancer=pinned",
         "client.pinned_endpoint=" + through,
         "workload.keys=1",
         "workload.warmup=0",
         "workload.count=" + std::to_string(count),
         "workload.key_size=" + std::to_string(row.key) + "B",
         "workload.value_size=" + std::to_string(row.value) + "B"});
}

TEST(Bytes, WalBytesPerPutEqualTheFormulaOnEveryMember)
{
    for (const auto& row : ROWS)
    {
        SCOPED_TRACE(row.value);
        const auto few = Puts(row, 200, "e2"); // from here on an index takes two bytes
        const auto many = Puts(row, 400, "e2");
        const Request put =
            PutRequest{std::string(row.key, 'k'), {static_cast<std::uint32_t>(row.value), 1}, 0};
        const auto entry = raft::EntrySize(
            1,
            200,
            static_cast<std::uint32_t>(ProposalBytes(put, (MemberId("e2") & 0xffff) << 48)));
        const auto perPut =
            wal::FrameBytes(entry) + wal::FrameBytes(wal::HardStateBytes(1, MemberId("e2"), 200));
        for (const char* member : {"e1", "e2", "e3"})
        {
            // Each put is one entry and one commit index; 200 puts lie between the two runs. A follower may not
            // have heard of the last commit when the run ends: one frame of 40 bytes.
            EXPECT_NEAR(
                static_cast<double>(many.Member(member).walBytes - few.Member(member).walBytes),
                static_cast<double>(200 * perPut),
                member == std::string("e2") ? 0 : 40)
                << member;
        }
    }
}

TEST(Bytes, SequentialPutsCostOneSyncEachOnEveryMember)
{
    const auto few = Puts(ROWS[2], 100, "e2");
    const auto many = Puts(ROWS[2], 300, "e2");
    for (const char* member : {"e1", "e2", "e3"})
    {
        EXPECT_EQ(many.Member(member).walFsyncs - few.Member(member).walFsyncs, 200U) << member;
    }
}

TEST(Bytes, PeerStreamsCarryTheFramedSizes)
{
    const Row row{64, 1024};
    const auto few = Puts(row, 200, "e2");
    const auto many = Puts(row, 600, "e2");
    const double perPut =
        static_cast<double>(many.Peer("e2", "e1").wireBytes - few.Peer("e2", "e1").wireBytes) / 400;
    // The append: 1 + 8 + (8 + 1120) + 8 with an index of two bytes, 7 of chunk; the commit notice: 17 + 6. With
    // them pass 10 heartbeats a second of 54 + 6, and each 5/3 s the streams' own of 1 + 5 and 38 + 6.
    const auto seconds =
        Milliseconds(many.result.facts.simulatedTime - few.result.facts.simulatedTime) / 1000;
    const double idle = seconds * (10 * 60 + (6 + 44) / (5.0 / 3)) / 400;
    EXPECT_NEAR(perPut - idle, (1145 + 7) + (17 + 6), 0.005 * 1175);
}

} // namespace

} // namespace etcdlab
