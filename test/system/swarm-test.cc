// Random worlds in which members crash and links fail, and what clients saw of them: linearizable, and nothing
// acknowledged is lost.
#include "analysis/check/linearizability.h"
#include "analysis/check/record.h"
#include "helper/world.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

class Swarm : public testing::TestWithParam<std::uint64_t>
{
  protected:
    std::uint64_t Below(std::uint64_t n)
    {
        return m_random() % n;
    }

    Duration Between(Duration low, Duration high)
    {
        return low + Duration(static_cast<std::int64_t>(
                         Below(static_cast<std::uint64_t>((high - low).count()))));
    }

    Scenario RandomScenario(std::uint64_t seed)
    {
        Scenario scenario;
        scenario.name = "swarm-" + std::to_string(seed);
        scenario.seed = seed;
        scenario.topology.members = NumberedMembers(3 + 2 * Below(2));
        LinkConfig link;
        link.delay = Between(100us, 10ms);
        link.jitter = Below(2) == 0 ? 0ms : Between(0ms, 3ms);
        link.loss = Share{Below(3) == 0 ? 0.01 : 0};
        scenario.defaultLink = link;
        scenario.member.version = Below(2) == 0 ? "3.4" : "3.5";
        scenario.member.disk.syncMin = Between(0ms, 3ms);
        scenario.member.disk.syncMax = scenario.member.disk.syncMin + Between(0ms, 10ms);
        auto& workload = scenario.workload;
        workload.linearizableRange = 1;
        workload.serializableRange = 0.3;
        workload.deleteRange = 0.3;
        workload.txn = 1;
        workload.keys = 5 + Below(10);
        workload.valueSize = ByteSize{100};
        workload.rate =
            25; // with more unanswered writes on a key than this brings, the search gives up
        workload.count = 800;
        workload.warmup = 0;
        return scenario;
    }

    /// Some crash, alone or all at once, and come back; some lose each other for a while, both ways or one way.
    void ScheduleFaults(World& world)
    {
        for (Duration when = 5s; when < 32s; when += Between(1s, 6s))
        {
            const auto over = when + Between(100ms, 8s);
            const auto victim = Below(world.GetMembers().size());
            switch (Below(5))
            {
            case 0:
                for (std::size_t i = 0; i < world.GetMembers().size(); ++i)
                {
                    CrashAndRestart(world, i, when, over + Between(0ms, 2s));
                }
                break;
            case 1:
            case 2:
                CrashAndRestart(world, victim, when, over);
                break;
            default:
                CutOff(world, victim, when, over);
                break;
            }
        }
    }

    static void At(Duration when, std::function<void()> what)
    {
        ns3::Simulator::Schedule(ns3::NanoSeconds(when.count()), std::move(what));
    }

    static void CrashAndRestart(World& world, std::size_t member, Duration when, Duration over)
    {
        At(when, [&world, member] { world.GetMembers()[member]->Crash(); });
        At(over, [&world, member] { world.GetMembers()[member]->Restart(); });
    }

    /// Cut a member off from the other members, or only what it says or hears.
    void CutOff(World& world, std::size_t victim, Duration when, Duration over)
    {
        const auto name = world.GetMembers()[victim]->GetName();
        const bool mute = Below(3) != 0;
        const bool deaf = !mute || Below(2) == 0;
        for (const auto& other : world.GetScenario().topology.members)
        {
            if (other == name)
            {
                continue;
            }
            auto& link = world.GetWan().GetLink(name, other);
            const std::size_t out =
                link.ends.first == name ? 0 : 1; // direction 0 is first -> second
            for (const bool down : {true, false})
            {
                At(down ? when : over, [channel = link.channel, out, mute, deaf, down] {
                    channel->SetDown(out, mute && down);
                    channel->SetDown(1 - out, deaf && down);
                });
            }
        }
    }

    std::mt19937_64 m_random;
};

TEST_P(Swarm, WhatClientsSawIsLinearizableAndWhatTheyWereToldIsKept)
{
    for (auto seed = GetParam(); seed < GetParam() + 25; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        m_random.seed(seed);
        const auto scenario = RandomScenario(seed);
        World world(scenario);
        check::History history;
        world.OnRequestEnded(
            [&](auto client, const auto& record, const auto& request, const KvReply* answer) {
                check::Record(history,
                              client,
                              record,
                              request,
                              answer != nullptr ? &answer->response : nullptr,
                              answer != nullptr ? answer->incarnation : 0);
            });
        ScheduleFaults(world);
        world.Run();
        EXPECT_EQ(history.operations.size(), 800U);
        world.RunOn(60s); // everything heals, and laggards catch up

        const auto result = check::CheckLinearizability(history);
        EXPECT_EQ(result.verdict, check::Verdict::OK)
            << (result.verdict == check::Verdict::UNKNOWN ? "undecided"
                                                          : check::Describe(result.violation));
        std::vector<check::MemberStore> stores;
        for (const auto& member : world.GetMembers())
        {
            EXPECT_TRUE(member->IsRunning());
            stores.push_back(check::StoreOf(member->GetName(), member->GetStore()));
        }
        const auto durability = check::CheckDurability(history, stores);
        EXPECT_TRUE(durability.IsOk()) << durability.violations.front();
        EXPECT_EQ(durability.lost, 0U);
        EXPECT_GT(durability.acknowledged, 50U)
            << "a run in which hardly anything worked shows nothing";
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Swarm, testing::Values(1, 26, 51, 76));

} // namespace

} // namespace etcdlab
