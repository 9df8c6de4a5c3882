// Schedules drawn at random, and the same schedule in a program without a scenario.
#include "helper/world.h"
#include "model/fault/random-faults.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

UniformSource
Seeded(unsigned seed)
{
    return [random = std::make_shared<std::mt19937>(seed)] {
        return static_cast<double>((*random)()) / 4294967296.0;
    };
}

FaultScope
Scope()
{
    FaultScope scope{{"api", "e1", "e2", "e3"}, {"e1", "e2", "e3"}, {}, {}};
    scope.links[{"e1", "e2"}] = {};
    return scope;
}

TEST(RandomFaults, TheSameSeedGivesTheSameOnes)
{
    const RandomFaultsConfig config{.every = 1s};
    EXPECT_EQ(DrawFaults(config, Scope(), Seeded(7)), DrawFaults(config, Scope(), Seeded(7)));
    EXPECT_NE(DrawFaults(config, Scope(), Seeded(7)), DrawFaults(config, Scope(), Seeded(8)));
}

TEST(RandomFaults, ComeAsOftenAndLastAsLongAsSaid)
{
    const RandomFaultsConfig config{
        .types = {"crash"}, .every = 1s, .forMin = 2s, .forMax = 4s, .from = 10s, .until = 10'010s};
    const auto faults = DrawFaults(config, Scope(), Seeded(1));
    EXPECT_NEAR(static_cast<double>(faults.size()),
                10'000,
                400); // four standard deviations of a Poisson process
    double sum = 0;
    for (const auto& fault : faults)
    {
        EXPECT_GE(fault.at, 10s);
        EXPECT_LT(fault.at, 10'010s);
        EXPECT_GE(*fault.duration, 2s);
        EXPECT_LE(*fault.duration, 4s);
        sum += Milliseconds(*fault.duration);
    }
    EXPECT_NEAR(sum / static_cast<double>(faults.size()), 3000, 30);
}

TEST(RandomFaults, KeepQuorumTouchesLessThanHalfAtATime)
{
    const RandomFaultsConfig config{
        .types = {"crash", "pause"}, .every = 1s, .until = 1000s, .keepQuorum = true};
    Duration free{0};
    const auto faults = DrawFaults(config, Scope(), Seeded(1));
    EXPECT_GT(faults.size(), 100U);
    std::string last;
    for (const auto& fault : faults)
    {
        EXPECT_TRUE(fault.at >= free || fault.target == last); // one of three
        free = std::max(free, fault.at + *fault.duration);
        last = fault.target;
    }
}

TEST(RandomFaults, EveryDrawnFaultCanApply)
{
    const auto scenario = ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json",
                                           {"workload.concurrency=1",
                                            "workload.rate=20/s",
                                            "workload.count=800",
                                            R"(random_faults={"every":"1s","until":"30s"})"},
                                           RegisteredNames());
    const auto run = [&scenario] {
        World world(scenario);
        world.Run(); // Add checks each
        return world.GetFaultLog();
    };
    const auto log = run();
    EXPECT_GT(log.size(), 15U);
    EXPECT_EQ(log, run());
}

} // namespace

} // namespace etcdlab
