// The swarm's worlds and their report.
#include "analysis/pure/random-world.h"
#include "analysis/pure/swarm-report.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

#include <set>

namespace etcdlab
{

namespace
{

TEST(RandomScenario, IsTheSameForTheSameSeed)
{
    EXPECT_EQ(RandomScenario(17), RandomScenario(17));
    EXPECT_NE(EffectiveScenario(RandomScenario(17)), EffectiveScenario(RandomScenario(18)));
}

TEST(RandomScenario, CanBeWrittenAndReadBack)
{
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
    {
        const auto text = EffectiveScenario(RandomScenario(seed));
        EXPECT_EQ(EffectiveScenario(ReadScenarioText(text, "swarm.json")), text) << "seed " << seed;
    }
}

TEST(RandomScenario, HasEverythingThereIsSomewhere)
{
    std::set<std::string> faults;
    std::set<std::size_t> members;
    std::set<bool> proxies;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
    {
        const auto scenario = RandomScenario(seed);
        EXPECT_FALSE(scenario.faults.empty()) << "seed " << seed;
        members.insert(scenario.topology.members.size());
        proxies.insert(scenario.proxy.has_value());
        for (const auto& fault : scenario.faults)
        {
            faults.insert(fault.type);
        }
    }
    EXPECT_EQ(members, (std::set<std::size_t>{3, 5}));
    EXPECT_EQ(proxies.size(), 2U);
    // But for changes of members: whoever joins behind a leader it has not heard of may not catch up.
    const auto names = FaultRegistry::Names();
    std::set<std::string> types(names.begin(), names.end());
    std::erase_if(types, [](const auto& type) { return type.ends_with("-member"); });
    EXPECT_EQ(faults, types);
}

SwarmResult
Bad()
{
    SwarmResult result;
    result.seed = 17;
    result.violations = {{"linearizability", "A read was stale\nclient  saw\n"}};
    result.undecided = {"/3"};
    result.faults = "fault  target\ncrash  e1\n";
    result.simulatedSeconds = 40;
    result.coverage = {{"fault: crash", 3}, {"writes acknowledged", 9}};
    return result;
}

TEST(SwarmReport, GoesFromOneProcessToAnother)
{
    EXPECT_EQ(ReadSwarmResult(WriteSwarmResult(Bad())), Bad());
    EXPECT_THROW(ReadSwarmResult("{\"seed\": 1}"), std::runtime_error);
    EXPECT_THROW(ReadSwarmResult(""), std::runtime_error);
    auto beyond = WriteSwarmResult(Bad());
    beyond.replace(beyond.find("17"), 2, "1e99");
    EXPECT_THROW(ReadSwarmResult(beyond), std::runtime_error);
}

TEST(SwarmReport, SaysWhatWasFoundInWhichFaultsAndHowToRepeatIt)
{
    EXPECT_EQ(Describe(Bad()),
              "seed 17: VIOLATION of linearizability:\n"
              "    A read was stale\n"
              "    client  saw\n"
              "seed 17: UNDECIDED: the search gave up on key /3\n"
              "    fault  target\n"
              "    crash  e1\n"
              "    repeat: etcdlab swarm --seeds 17\n");
    EXPECT_EQ(Describe(SwarmResult()), "");
}

TEST(SwarmReport, TotalsSayHowOftenAndInHowManyWorlds)
{
    SwarmTotals totals;
    totals.Add(Bad());
    totals.Add(SwarmResult());
    const auto text = Describe(totals);
    EXPECT_EQ(text.substr(0, text.find('\n')),
              "2 worlds: 1 passed, 1 with violations, 1 undecided, 0 broken; 40 s simulated");
    EXPECT_NE(text.find("fault: crash                           3          1\n"), std::string::npos)
        << text;
}

TEST(Seeds, AreOneOrARange)
{
    EXPECT_EQ(ParseSeeds("17"), (std::pair<std::uint64_t, std::uint64_t>{17, 17}));
    EXPECT_EQ(ParseSeeds("1-500"), (std::pair<std::uint64_t, std::uint64_t>{1, 500}));
    for (const char* wrong :
         {"", "-", "1-", "-5", "5-1", "x", "1-2-3", "1.5", "99999999999999999999"})
    {
        EXPECT_THROW(ParseSeeds(wrong), std::invalid_argument) << wrong;
    }
}

} // namespace

} // namespace etcdlab
