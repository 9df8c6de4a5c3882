// What links between members carry when nobody asks for anything. trust-test.cc has what was captured.
#include "helper/world.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

using Direction = std::pair<std::string, std::string>;

std::map<Direction, LinkCount>
Counters(World& world)
{
    std::map<Direction, LinkCount> all;
    for (const auto& [ends, link] : world.GetWan().Links())
    {
        all[ends] = link->GetCount(0);
        all[{ends.second, ends.first}] = link->GetCount(1);
    }
    return all;
}

/// IP bytes per second of each direction of the links of scenarios/lan.json, whose leader is e1, left alone for two
/// minutes.
std::map<Direction, double>
IdleRates()
{
    constexpr auto TIME = 120s; // a multiple of 4 s and of 5/3 s
    const auto scenario = ReadScenarioFile(
        ETCDLAB_SOURCE_DIR "/scenarios/lan.json", {"workload.count=10"}, RegisteredNames());
    World world(scenario);
    world.Run();
    world.RunOn(10s);
    const auto before = Counters(world);
    world.RunOn(TIME);
    std::map<Direction, double> rates;
    for (const auto& [direction, traffic] : Counters(world))
    {
        rates[direction] =
            static_cast<double>(traffic.bytes - before.at(direction).bytes) / TIME.count();
    }
    return rates;
}

TEST(Idle, AConnectionOfAClientIsSilent)
{
    EXPECT_EQ(IdleRates().at({"api", "e1"}), 0) << "a gRPC connection without calls";
}

TEST(Idle, LinksCarryTheSumOfWhatRunsOnThem)
{
    const auto rates = IdleRates();
    // IP and TCP take 52 bytes of a packet, 56 of a SYN; a pure acknowledgement follows each lone packet.
    // Each direction has two streams' link heartbeats each 5/3 s, 6 and 44 bytes, and acknowledges the other
    // direction's; each 4 s the probe of 108 bytes and its acknowledged answer of 168 over the kept connection, in both roles;
    // and both roles of a new connection: SYN, its acknowledgement, the request, two packets at the end; SYN, two
    // acknowledgements, the answer with FIN.
    const double heartbeats = (58 + 96 + 2 * 52) / (5.0 / 3);
    const double kept = (160 + 52 + 220) / 4.0;
    const double opened = (56 + 52 + 160 + 2 * 52 + 56 + 2 * 52 + 220) / 4.0;
    EXPECT_NEAR(rates.at({"e2", "e3"}), heartbeats + kept + opened, 1);
    // On top, ten times a second, Raft's heartbeat or its response, and an acknowledgement; each 4 s GET /version of 103
    // bytes and the acknowledgement of its answer, or that answer of 153 bytes.
    const double raft = 10 * (112 + 52);
    const double asking = heartbeats + kept + opened + raft + (155 + 52) / 4.0;
    const double answering = heartbeats + kept + opened + raft + 205 / 4.0;
    // Raft's heartbeats and one of the two link heartbeats share a stream, and if they come within 40 ms an
    // acknowledgement.
    const double shared = 52 / (5.0 / 3);
    for (const char* other : {"e2", "e3"})
    {
        const auto there = rates.at({"e1", other});
        EXPECT_LT(there, asking + 1);
        EXPECT_GT(there, asking - shared - 1);
        const auto back = rates.at({other, "e1"});
        EXPECT_LT(back, answering + 1);
        EXPECT_GT(back, answering - shared - 1);
    }
}

/// Round trips of 50 ms between members, 10 to clients.
Scenario
FiftyMilliseconds()
{
    return ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json",
                            {R"(default_link={"rtt":"50ms"})", "workload.count=10"},
                            RegisteredNames());
}

double
SmoothedMilliseconds(const World& world, PeerProbers::Transport transport)
{
    const auto& probers = world.GetMembers()[0]->GetProbers();
    return Milliseconds(
        probers.GetStatus(world.GetMembers()[1]->GetMemberId(), transport).smoothedRtt);
}

TEST(Probers, SmoothTheRoundTripFromZero)
{
    const auto scenario = FiftyMilliseconds();
    World world(scenario);
    world.Run();
    world.RunOn(30s);
    const auto& member = *world.GetMembers()[0];
    const auto id = world.GetMembers()[1]->GetMemberId();
    const auto& pipeline = member.GetProbers().GetStatus(id, PeerProbers::Transport::PIPELINE);
    const auto& stream = member.GetProbers().GetStatus(id, PeerProbers::Transport::STREAM);
    ASSERT_GE(pipeline.probes, 7U);
    EXPECT_EQ(pipeline.probes, stream.probes);
    EXPECT_EQ(pipeline.failures + stream.failures, 0U);
    // After n samples of r: r (1 - (7/8)^n). The kept connection was opened by the first probe, which took two round
    // trips as all of the other prober's do; of that (7/8)^(n-1)/8 is left.
    const auto n = static_cast<double>(pipeline.probes);
    const double settled = 1 - std::pow(7.0 / 8, n);
    EXPECT_NEAR(SmoothedMilliseconds(world, PeerProbers::Transport::PIPELINE),
                50 * settled + 50 * std::pow(7.0 / 8, n - 1) / 8,
                0.1);
    EXPECT_NEAR(SmoothedMilliseconds(world, PeerProbers::Transport::STREAM), 100 * settled, 0.1);
}

TEST(Probers, CountACrashedPeerAsFailuresAndFindItAgain)
{
    const auto scenario = FiftyMilliseconds();
    World world(scenario);
    world.Run();
    const auto id = world.GetMembers()[1]->GetMemberId();
    const auto& probers = world.GetMembers()[0]->GetProbers();
    const auto& pipeline = probers.GetStatus(id, PeerProbers::Transport::PIPELINE);
    const auto& stream = probers.GetStatus(id, PeerProbers::Transport::STREAM);
    world.RunOn(10s);
    world.GetMembers()[1]->Crash();
    world.RunOn(10s); // two or three turns, all refused
    EXPECT_GE(pipeline.failures, 2U);
    EXPECT_LE(pipeline.failures, 3U);
    EXPECT_EQ(pipeline.failures, stream.failures);
    world.GetMembers()[1]->Restart();
    const auto answered = stream.probes;
    const auto failed = stream.failures;
    world.RunOn(9s);
    EXPECT_GE(stream.probes, answered + 2);
    EXPECT_EQ(stream.failures, failed);
}

} // namespace

} // namespace etcdlab
