// The figures the project exists for: the thesis' arithmetic and the protocol's cost. trust-test.cc has the measured ones.
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

// Half the sum a client pays is its link there and back; all sums below are of round trips on the thesis'
// links: api-e1 250, api-e2 50, api-e3 110, e1-e2 300, e2-e3 160.

TEST(Figures, ThesisAccountingGives343AndTheProxy210)
{
    const auto baseline = RunShipped("baseline-thesis");
    EXPECT_NEAR(baseline.Mean("put"), (250 + 300 + 50 + 160 + 110 + 160) / 3.0, 0.3);
    EXPECT_NEAR(baseline.Mean("put", "e1"), 250 + 300, 0.3);
    EXPECT_NEAR(baseline.Mean("put", "e2"), 50 + 160, 0.3);
    EXPECT_NEAR(baseline.Mean("put", "e3"), 110 + 160, 0.3);
    EXPECT_NEAR(RunShipped("optimised-thesis").Mean("put"), 50 + 160, 0.3);
}

TEST(Figures, EtcdsProtocolGives450AndTheProxy210)
{
    const auto baseline = RunShipped("baseline");
    // Through a follower: client link, forward, the leader's quorum with e3, commit notice.
    EXPECT_NEAR(baseline.Mean("put", "e1"), 250 + 300 + 160, 0.3);
    EXPECT_NEAR(baseline.Mean("put", "e2"), 50 + 160, 0.3);
    EXPECT_NEAR(baseline.Mean("put", "e3"), 110 + 160 + 160, 0.3);
    EXPECT_NEAR(baseline.Mean("put"), 450, 0.3);
    EXPECT_NEAR(RunShipped("optimised").Mean("put"), 50 + 160, 0.3);
}

TEST(Figures, LinearizableReadsCostWhatPutsDo)
{
    const auto reads = RunShipped("linearizable-reads");
    EXPECT_NEAR(reads.Mean("linearizable_range", "e1"), 710, 0.3);
    EXPECT_NEAR(reads.Mean("linearizable_range", "e2"), 210, 0.3);
    EXPECT_NEAR(reads.Mean("linearizable_range", "e3"), 430, 0.3);
    EXPECT_NEAR(reads.Mean("linearizable_range"), 450, 0.3);
}

TEST(Figures, InTheThesisAccountingLinearizableReadsCostWhatPutsDoThere)
{
    const auto reads = RunShipped("linearizable-reads", {"accounting=thesis"});
    EXPECT_NEAR(reads.Mean("linearizable_range", "e1"), 550, 0.3);
    EXPECT_NEAR(reads.Mean("linearizable_range", "e2"), 210, 0.3);
    EXPECT_NEAR(reads.Mean("linearizable_range", "e3"), 270, 0.3);
}

TEST(Figures, SerializableReadsCostTheClientsLink)
{
    const auto reads = RunShipped("serializable-reads");
    EXPECT_NEAR(reads.Mean("serializable_range", "e1"), 250, 0.3);
    EXPECT_NEAR(reads.Mean("serializable_range", "e2"), 50, 0.3);
    EXPECT_NEAR(reads.Mean("serializable_range", "e3"), 110, 0.3);
}

TEST(Figures, TheLinkBetweenTheFollowersChangesNothing)
{
    for (const char* name : {"baseline", "baseline-thesis", "optimised", "linearizable-reads"})
    {
        const std::string operation =
            std::string(name) == "linearizable-reads" ? "linearizable_range" : "put";
        const auto shipped = RunShipped(name);
        for (const char* rtt : {"1ms", "1s"})
        {
            SCOPED_TRACE(std::string(name) + " " + rtt);
            const auto changed = RunShipped(name, {std::string("links.e1-e3.rtt=") + rtt});
            EXPECT_NEAR(changed.Mean(operation), shipped.Mean(operation), 0.01);
        }
    }
}

TEST(Figures, NaglesAlgorithmAtTheProxyCostsARoundTripToTheLeader)
{
    // A client answers each response with a small frame (gRPC's window update and ping) and sends its next
    // request at once. The proxy passes the first on and holds the second until the first is
    // acknowledged: a round trip to e2 later, 50 ms.
    EXPECT_NEAR(RunShipped("optimised-nagle").Mean("put"), 50 + 160 + 50, 0.5);
}

TEST(Figures, NaglesAlgorithmAndALostPacketDoNotStopARun)
{
    const auto run = RunShipped("optimised-nagle", {"links.api-e2.loss=5%", "workload.count=60"});
    EXPECT_EQ(run.summary.ok, 60U);
    EXPECT_GT(run.Mean("put"), 260);
}

TEST(Figures, AnIdleConnectionStartsSlowlyAgain)
{
    // 1 MiB through the leader every 10 s: each put climbs from a window of ten segments again, as the first did,
    // on the client's link and on those to the followers.
    const std::vector<std::string> settings = {"client.balancer=pinned",
                                               "client.pinned_endpoint=e2",
                                               "workload.value_size=1MiB",
                                               "workload.count=4",
                                               "workload.warmup=0"};
    auto idle = settings;
    idle.emplace_back("workload.think_time=10s");
    const auto busy = RunShipped("baseline", settings).summary.latency.at("put").at("all");
    const auto rested = RunShipped("baseline", idle).summary.latency.at("put").at("all");
    EXPECT_NEAR(rested.min, rested.max, 0.05 * rested.max);
    EXPECT_LT(busy.min, 0.75 * busy.max) << "without a pause the windows stay open";
}

} // namespace

} // namespace etcdlab
