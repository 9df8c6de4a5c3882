// Each kind of fault in a whole world: healthy, struck, healed, healthy again; the figures derived by hand.
#include "helper/world.h"
#include "model/base/clock.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// Links of 10 ms there and back, nothing else takes time, e1 leads, and a client puts ten times a second through one
/// member for 30 s.
class Fault : public testing::Test
{
  protected:
    void Run(const std::string& through,
             const std::string& faults,
             std::vector<std::string> more = {})
    {
        more.insert(more.begin(),
                    {R"(default_link={"rtt":"10ms","rate":"10Gbps"})",
                     "member.disk=ideal",
                     "member.backend.batch_interval=1h", // its commits would wait for the disk, too
                     R"(member.cpu={"request":"0ms","message":"0ms","apply":"0ms"})",
                     "client.balancer=pinned",
                     "client.pinned_endpoint=" + through,
                     "workload.concurrency=1",
                     "workload.rate=10/s",
                     "workload.count=300",
                     "workload.warmup=0",
                     "workload.value_size=16B",
                     "faults=" + faults});
        m_scenario =
            ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json", more, RegisteredNames());
        m_world = std::make_unique<World>(m_scenario);
        m_world->Run();
        m_begin = Records().front().start;
    }

    const std::vector<RequestRecord>& Records() const
    {
        return m_world->GetClients()[0]->Records();
    }

    EtcdMember& Member(int number)
    {
        return *m_world->GetMembers()[static_cast<std::size_t>(number - 1)];
    }

    /// Latencies in milliseconds of the requests that began in [from, to) after the first, all of which succeeded.
    std::vector<double> Latencies(double from, double to) const
    {
        std::vector<double> latencies;
        for (const auto& record : Records())
        {
            const auto at = Milliseconds(record.start - m_begin);
            if (at >= 1000 * from && at < 1000 * to)
            {
                EXPECT_EQ(record.outcome, "ok") << "at " << at << " ms";
                latencies.push_back(Milliseconds(record.end - record.start));
            }
        }
        return latencies;
    }

    /// All of them take so long, within a twentieth of a millisecond (what sending the bytes takes).
    void ExpectAll(double from, double to, double milliseconds) const
    {
        const auto latencies = Latencies(from, to);
        ASSERT_FALSE(latencies.empty());
        const auto [min, max] = std::minmax_element(latencies.begin(), latencies.end());
        EXPECT_NEAR(*min, milliseconds, 0.05) << "from " << from << " to " << to;
        EXPECT_NEAR(*max, milliseconds, 0.05) << "from " << from << " to " << to;
    }

    /// Requests of [from, to) that failed.
    std::vector<RequestRecord> Failed(double from, double to) const
    {
        std::vector<RequestRecord> failed;
        for (const auto& record : Records())
        {
            const auto at = Milliseconds(record.start - m_begin);
            if (record.outcome != "ok" && at >= 1000 * from && at < 1000 * to)
            {
                failed.push_back(record);
            }
        }
        return failed;
    }

    const FaultLog& Log() const
    {
        return m_world->GetFaultLog();
    }

    /// In milliseconds after the workload began.
    double StartOf(std::size_t fault) const
    {
        return Milliseconds(Log().at(fault).start - m_begin);
    }

    double EndOf(std::size_t fault) const
    {
        return Milliseconds(Log().at(fault).end.value() - m_begin);
    }

    Scenario m_scenario;
    std::unique_ptr<World> m_world;
    Duration m_begin{0};
};

// Through the leader: 10 ms to and from it, and 10 ms to and from the faster follower.
constexpr double LEADER_PUT = 20;

TEST_F(Fault, LinkChangeAddsExactlyItsDelayInItsDirection)
{
    // 5 ms become 55 ms on the way to the leader only, then on the way back only, then both.
    Run("e1", R"([{"type":"link-change","link":"api->e1","delay":"55ms","at":"5s","for":"3s"},
                  {"type":"link-change","link":"e1->api","delay":"55ms","at":"10s","for":"3s"},
                  {"type":"link-change","link":"api-e1","delay":"55ms","at":"15s","for":"3s"}])");
    ExpectAll(1, 5, LEADER_PUT);
    ExpectAll(5, 8, LEADER_PUT + 50);
    ExpectAll(8.1, 10, LEADER_PUT);
    ExpectAll(10, 12.9, LEADER_PUT + 50);
    ExpectAll(
        13.1,
        15,
        LEADER_PUT); // packets keep their order: the answer of 13.0 s waits for one sent before
    ExpectAll(15, 17.9, LEADER_PUT + 100);
    ExpectAll(18.1, 30, LEADER_PUT);
    EXPECT_EQ(StartOf(0), 5000);
    EXPECT_EQ(EndOf(0), 8000);
    EXPECT_EQ(Log()[0].target, "api->e1");
}

TEST_F(Fault, OfTwoChangesOfALinkTheLaterOneHoldsUntilItHeals)
{
    Run("e1", R"([{"type":"link-change","link":"api->e1","delay":"55ms","at":"5s","for":"15s"},
                  {"type":"link-change","link":"api->e1","delay":"105ms","at":"10s","for":"5s"}])");
    ExpectAll(5, 10, LEADER_PUT + 50);
    ExpectAll(10, 15, LEADER_PUT + 100);
    ExpectAll(15.2, 20, LEADER_PUT + 50);
    ExpectAll(20.1, 30, LEADER_PUT);
}

TEST_F(Fault, LinkChangeOfRateIsFeltByTheBytes)
{
    // A request of 16 B of value and 40 B of key has some 200 bytes in its packet; at 100 kbit/s they take 16 ms.
    Run("e1",
        R"([{"type":"link-change","link":"api->e1","rate":"100kbps","at":"5s","for":"10s"}])");
    ExpectAll(1, 5, LEADER_PUT);
    for (const double latency : Latencies(5.1, 14.9))
    {
        EXPECT_GT(latency, LEADER_PUT + 8);
        EXPECT_LT(latency, LEADER_PUT + 60); // gRPC's own frames may be in front of it
    }
    ExpectAll(15.2, 30, LEADER_PUT);
}

TEST_F(Fault, LinkChangeOfLossLosesPackets)
{
    Run("e1", R"([{"type":"link-change","link":"api-e1","loss":"30%","at":"5s","for":"10s"}])");
    ExpectAll(1, 5, LEADER_PUT);
    const auto struck = Latencies(5, 14);
    // A lost packet is sent again after 200 ms at least (TCP_RTO_MIN), or after later ones were acknowledged.
    EXPECT_GT(
        std::count_if(struck.begin(), struck.end(), [](double ms) { return ms > LEADER_PUT + 1; }),
        10);
    ExpectAll(20, 30, LEADER_PUT);
}

TEST_F(Fault, LinkDownInOneDirectionIsEnoughToLoseAFollower)
{
    // e3 hears nothing from e1: the quorum is e1 and e2. e3 stands for election after 1 to 2 s, and e1 steps down
    // for its higher term as soon as it hears of it: e3 campaigns over its own sound links.
    Run("e1", R"([{"type":"link-down","link":"e1->e3","at":"5s","for":"500ms"}])");
    ExpectAll(1, 30, LEADER_PUT); // for half a second nobody notices
    EXPECT_GT(m_world->GetWan().GetLink("e1", "e3").Lost(), 10U);
}

TEST_F(Fault, PausedFollowerIsNotMissed)
{
    Run("e1", R"([{"type":"pause","target":"e3","at":"5s","for":"3s"}])");
    ExpectAll(
        1,
        30,
        LEADER_PUT); // e1 and e2 go on; e3 hears the leader before it would stand for election
    EXPECT_EQ(Member(3).GetLeader(), "e1");
    EXPECT_NEAR(static_cast<double>(Member(3).GetRevision()),
                static_cast<double>(Member(1).GetRevision()),
                1);
}

TEST_F(Fault, PausedMemberAnswersWhenItGoesOn)
{
    // The leader stands still for 500 ms, too short for an election: a request at 5.1 s arrives at 5.105 s, waits
    // until 5.5 s, and then takes 10 ms to the quorum and 5 ms back.
    Run("e1", R"([{"type":"pause","target":"leader","at":"5s","for":"500ms"}])");
    ExpectAll(1, 5, LEADER_PUT);
    const auto waited = Latencies(5.05, 5.45);
    ASSERT_EQ(waited.size(), 4U); // at 5.1, 5.2, 5.3, 5.4 s
    for (std::size_t i = 0; i < waited.size(); ++i)
    {
        EXPECT_NEAR(waited[i], 400 - 100 * static_cast<double>(i) + 15, 0.1);
    }
    ExpectAll(5.6, 30, LEADER_PUT);
    EXPECT_EQ(Log()[0].target, "e1");
    EXPECT_EQ(Member(1).GetLeader(), "e1");
}

TEST_F(Fault, PausedLeaderIsReplacedAndFollowsWhenItGoesOn)
{
    Run("e2", R"([{"type":"pause","target":"leader","at":"5s","for":"10s"}])");
    // e2 waits for an election of 1 to 2 s, perhaps two; after that it is served without e1.
    EXPECT_TRUE(Failed(9, 30).empty());
    EXPECT_EQ(Member(1).GetLeader(), Member(2).GetLeader());
    EXPECT_NE(Member(1).GetLeader(), "e1");
    EXPECT_GT(Member(1).GetTerm(), 1U);
}

TEST_F(Fault, CrashedFollowerComesBack)
{
    Run("e1", R"([{"type":"crash","target":"e3","at":"5s","for":"5s"}])");
    ExpectAll(1, 30, LEADER_PUT);
    EXPECT_TRUE(Member(3).IsReady());
    EXPECT_NEAR(static_cast<double>(Member(3).GetRevision()),
                static_cast<double>(Member(1).GetRevision()),
                1);
    EXPECT_EQ(Log(), (FaultLog{{"crash", "e3", m_begin + 5s, m_begin + 10s}}));
}

TEST_F(Fault, AProcessThatTwoCrashesKeepDownStartsWithTheLaterHealing)
{
    bool early = true;
    bool late = false;
    Run("e1", R"([{"type":"crash","target":"e3","at":"5s","for":"5s"},
                  {"type":"crash","target":"e3","at":"7s","for":"8s"},
                  {"type":"link-down","link":"e2-e3","at":"14s","for":"2s"}])");
    m_world.reset();
    Scenario scenario = m_scenario;
    m_world = std::make_unique<World>(scenario);
    int told = 0;
    m_world->OnFault([&](const FaultRecord& record) {
        if (record.type == "link-down")
        {
            (told++ == 0 ? early : late) = Member(3).IsRunning();
        }
    });
    m_world->Run();
    EXPECT_FALSE(early); // at 14 s
    EXPECT_TRUE(late);   // at 16 s
    m_world.reset();
}

TEST_F(Fault, RestartStartsWhatACrashWithoutEndHasLeft)
{
    Run("e1",
        R"([{"type":"crash","target":"e3","at":"5s"}, {"type":"restart","target":"e3","at":"12s"}])");
    ExpectAll(1, 30, LEADER_PUT);
    EXPECT_TRUE(Member(3).IsReady());
    EXPECT_FALSE(Log()[0].end);
}

TEST_F(Fault, PartitionedMinorityIsNotServedAndComesBack)
{
    // e1 leads on, with e2; a client of e3 alone waits.
    Run("e3", R"([{"type":"partition","groups":[["e3"],["e1","e2"]],"at":"5s","for":"500ms"}])");
    // Through a follower: 10 ms to it, 5 ms to the leader, 10 ms to the quorum, 5 ms for the notice.
    ExpectAll(1, 5, 30);
    EXPECT_TRUE(Failed(6, 30).empty());
    ExpectAll(8, 30, 30);
    // Those of 5.0 to 5.4 s were forwarded and wait for TCP to repeat them.
    const auto struck = Latencies(5, 5.45);
    for (const double latency : struck)
    {
        EXPECT_GT(latency, 100);
        EXPECT_LT(latency, 1500);
    }
}

TEST_F(Fault, PartitionOneWayLosesWhatTheFirstGroupSends)
{
    // e3 hears the leader and stays its follower, but nobody hears e3: nothing happens to others. (For longer, TCP
    // stops repeating what is not acknowledged so often, and e3 stands for election.)
    Run("e1",
        R"([{"type":"partition","groups":[["e3"],["e1","e2"]],"one_way":true,"at":"5s","for":"500ms"}])");
    ExpectAll(1, 30, LEADER_PUT);
    EXPECT_EQ(Log()[0].target, "e3 -> e1, e2");
}

TEST_F(Fault, PartitionHoldsWhateverWayPacketsGo)
{
    // e1 and e2 have no link of their own: their packets pass e3, which both of them still reach.
    Run("e1",
        R"([{"type":"partition","groups":[["e1"],["e2"]],"at":"5s","for":"10s"}])",
        {"default_link=null",
         R"(links={"api-e1":{"rtt":"10ms"},"e1-e3":{"rtt":"10ms"},"e2-e3":{"rtt":"10ms"}})"});
    ExpectAll(1, 5.9, LEADER_PUT); // with e3
    EXPECT_GT(m_world->GetWan().GetLink("e1", "e3").Lost(), 10U);
    EXPECT_EQ(m_world->GetWan().GetLink("e2", "e3").Lost() > 0, true);
}

TEST_F(Fault, SlowDiskOfTheLeaderIsHiddenUpToTheRoundTrip)
{
    // The leader syncs while its followers answer (10 ms): 8 ms more are hidden, of 50 ms 40 are felt; then times 2.
    Run("e1",
        R"([{"type":"slow-disk","target":"e1","latency":"8ms","at":"5s","for":"4s"},
            {"type":"slow-disk","target":"e1","latency":"50ms","at":"10s","for":"4s"},
            {"type":"slow-disk","target":"e1","factor":15,"at":"20s","for":"4s"}])",
        {R"(member.disk={"profile":"ideal","sync_min":"1ms","sync_max":"1ms"})"});
    ExpectAll(1, 5, LEADER_PUT + 1);   // a follower's sync of 1 ms
    ExpectAll(5.1, 9, LEADER_PUT + 1); // 9 ms are hidden by the 11 ms of the quorum
    ExpectAll(10.1, 14, 10 + 51);      // the leader's own sync
    ExpectAll(14.2, 20, LEADER_PUT + 1);
    ExpectAll(20.1, 24, 10 + 15);
    ExpectAll(24.2, 30, LEADER_PUT + 1);
}

TEST_F(Fault, StuckDiskOfTheLeaderHoldsItsPutsUntilItRecovers)
{
    // For half a second, too short for an election. The put of 5.1 s is in the log's write from 5.105 s on, which
    // is done when the disk recovers at 5.5 s. Those that came meanwhile share the next one, whose round to the
    // followers begins only then.
    Run("e1",
        R"([{"type":"stuck-disk","target":"e1","at":"5.01s","for":"500ms"}])",
        {R"(member.disk={"profile":"ideal","sync_min":"1ms","sync_max":"1ms"})"});
    ExpectAll(1, 4.95, LEADER_PUT + 1);
    const auto struck = Latencies(5.05, 5.45);
    ASSERT_EQ(struck.size(), 4U);
    // Its sync of 1 ms was still to be done: 5.511 s, and 5 ms back.
    EXPECT_NEAR(struck[0], 411 + 5, 0.1);
    // 5.511 s, 11 ms to the quorum, 5 ms back. Each proposal is a message of its own: a follower syncs the first at
    // once, and the other two, which arrive meanwhile, together 1 ms later.
    EXPECT_NEAR(struck[1], 311 + 16, 0.1);
    EXPECT_NEAR(struck[2], 211 + 17, 0.1);
    EXPECT_NEAR(struck[3], 111 + 17, 0.1);
    ExpectAll(5.65, 30, LEADER_PUT + 1);
}

TEST_F(Fault, StuckDiskOfAFollowerIsNotMissed)
{
    Run("e1",
        R"([{"type":"stuck-disk","target":"e3","at":"5s","for":"10s"}])",
        {R"(member.disk={"profile":"ideal","sync_min":"1ms","sync_max":"1ms"})"});
    ExpectAll(1, 30, LEADER_PUT + 1);
    EXPECT_NEAR(static_cast<double>(Member(3).GetRevision()),
                static_cast<double>(Member(1).GetRevision()),
                1);
}

TEST_F(Fault, FullDiskKillsAndKillsAgainUntilThereIsRoom)
{
    Run("e1", R"([{"type":"full-disk","target":"e3","at":"5s","for":"15s"},
                  {"type":"restart","target":"e3","at":"10s"}])");
    ExpectAll(1, 30, LEADER_PUT); // the others go on
    EXPECT_TRUE(Member(3).IsReady());
    EXPECT_NEAR(static_cast<double>(Member(3).GetRevision()),
                static_cast<double>(Member(1).GetRevision()),
                1);
    m_world.reset();
    m_scenario.faults[0].duration.reset(); // and without end it stays dead
    m_world = std::make_unique<World>(m_scenario);
    m_world->Run();
    EXPECT_FALSE(Member(3).IsRunning());
}

TEST_F(Fault, ClockDriftOfTheLeaderSlowsItsHeartbeats)
{
    // Idle links carry heartbeats only: e1's at a third of the rate, which followers that wait for 1 s still bear.
    const auto sent = [&](const std::string& faults) {
        Run("e1", faults, {"workload.rate=1/s", "workload.count=30"});
        return static_cast<double>(Member(1).GetSentTo("e2").messages);
    };
    // 29 s of 10 heartbeats each, or of 3.33; two appends for each put come on top either way.
    const auto usual = sent("[]");
    m_world.reset();
    const auto slow = sent(R"([{"type":"clock-drift","target":"e1","clock_rate":0.3333333}])");
    EXPECT_NEAR(usual - slow, 29 * (10 - 3.333), 4);
    EXPECT_EQ(Member(1).GetLeader(), "e1");
}

TEST_F(Fault, ClockThatIsFarTooFastMakesAFollowerStandForElection)
{
    // Its election timeout of 1 to 2 s passes in 50 to 100 ms, less than a heartbeat interval.
    Run("e1", R"([{"type":"clock-drift","target":"e3","clock_rate":20,"at":"5s","for":"3s"}])");
    EXPECT_GT(Member(1).GetTerm(), 2U);
    EXPECT_TRUE(Failed(1, 5).empty());
}

TEST_F(Fault, MoveLeaderMovesIt)
{
    Run("e3",
        R"([{"type":"move-leader","target":"e3","at":"5s"}, {"type":"move-leader","target":"e3","at":"6s"}])");
    EXPECT_EQ(Member(1).GetLeader(), "e3");
    ExpectAll(1, 4.9, 30);          // through a follower
    ExpectAll(5.1, 30, LEADER_PUT); // which leads now
    EXPECT_EQ(Log()[0].target, "e3");
    EXPECT_EQ(Log()[1].target, ""); // it leads already
    EXPECT_FALSE(Log()[0].end);
}

TEST_F(Fault, GracefulStopOfTheLeaderHandsOverAtOnce)
{
    // TimeoutNow takes 5 ms, the vote 5 ms there and 5 ms back: 15 ms, and a put is served by the new leader.
    Run("e2", R"([{"type":"graceful-stop","target":"leader","at":"5.05s","for":"5s"}])");
    ExpectAll(1, 5, 30);
    EXPECT_TRUE(Failed(0, 30).empty());
    EXPECT_EQ(Member(1).GetTerm(), 2U); // one election more than the first
    EXPECT_TRUE(Member(1).IsReady());
    EXPECT_EQ(Log()[0].target, "e1");
}

/// 64 puts in flight, by turns at all members, while the follower e2 is told to stop.
const std::vector<std::string> BUSY = {"client.balancer=round-robin",
                                       "client.pinned_endpoint=null",
                                       "workload.concurrency=64",
                                       "workload.rate=null",
                                       "workload.count=20000"};
const std::string STOP_E2 = R"([{"type":"graceful-stop","target":"e2","at":"1.05s","for":"1s"}])";

TEST_F(Fault, GracefulStopCutsOffTheCallsThatAreUnderWay)
{
    // Of 64 in flight a third is at e2. Measured of etcd 3.4.23, 64 in flight, six stops: 13 to 28 were cut off,
    // by a FIN less than 1 ms after the signal.
    Run("e1", STOP_E2, BUSY);
    std::size_t failed = 0;
    for (const auto& record : Records())
    {
        if (record.outcome != "ok")
        {
            ++failed;
            EXPECT_EQ(record.outcome, "transport is closing");
            // Told at 1.05 s, and 5 ms later the client knows.
            EXPECT_NEAR(Milliseconds(record.end - Log()[0].start), 5, 0.1);
        }
    }
    EXPECT_GE(failed, 13U);
    EXPECT_LE(failed, 28U);
}

TEST_F(Fault, GracefulStopThatDrainsFailsNoCall)
{
    auto more = BUSY;
    more.push_back("member.drain_clients=true");
    Run("e1", STOP_E2, more);
    std::size_t atE2 = 0;
    for (const auto& record : Records())
    {
        EXPECT_EQ(record.outcome, "ok");
        atE2 += record.member == "e2" && record.start > Log()[0].start + 5100us &&
                record.start < Log()[0].start + 900ms;
    }
    EXPECT_EQ(atE2, 0U) << "GOAWAY came 5 ms after the signal";
}

TEST_F(Fault, CrashedProxyBreaksItsConnectionsAndComesBack)
{
    Run("e1",
        R"([{"type":"crash","target":"proxy","at":"5.05s","for":"2s"}])",
        {"proxy={}", "client.balancer=pick-first", "client.pinned_endpoint=null"});
    ExpectAll(1, 5, LEADER_PUT);
    EXPECT_FALSE(m_world->GetProxies()[0]->GetLeader().empty());
    EXPECT_TRUE(Failed(15, 30).empty());
    ExpectAll(15, 30, LEADER_PUT);
    EXPECT_EQ(Log()[0].target, "proxy@api");
    // Nothing gets through while it is down.
    for (const auto& record : Records())
    {
        const auto end = Milliseconds(record.end - m_begin);
        EXPECT_FALSE(record.outcome == "ok" && end > 5100 && end < 7050) << end;
    }
}

TEST(GracefulStop, OnALanTheNextLeaderIsElectedInUnderTenMilliseconds)
{
    const auto scenario =
        ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/graceful-stop.json", {}, RegisteredNames());
    World world(scenario);
    Duration stopped{0};
    Duration elected{0};
    world.OnFault([&](const FaultRecord& record) {
        if (!record.end && stopped == Duration::zero())
        {
            stopped = record.start;
            for (const auto& member : world.GetMembers())
            {
                member->TraceConnectWithoutContext(
                    "Leader", ns3::Callback<void, std::string>([&elected](std::string leader) {
                        if (elected == Duration::zero() && !leader.empty())
                        {
                            elected = ToDuration(ns3::Simulator::Now());
                        }
                    }));
            }
        }
    });
    world.Run();
    for (const auto& record : world.GetClients()[0]->Records())
    {
        EXPECT_EQ(record.outcome, "ok") << Milliseconds(record.start);
    }
    EXPECT_GT(elected, stopped);
    EXPECT_LT(Milliseconds(elected - stopped), 10);
}

} // namespace

} // namespace etcdlab
