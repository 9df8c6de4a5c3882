// The simulation against the closed form, over random worlds.
#include "analysis/pure/scenario-form.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// 3 to 9 members with a random leader, random delays on all links that exist, some links missing, either
/// accounting, writes or linearizable reads. Timers are scaled to the delays, as etcd's tuning guide asks.
///
/// Reads get shorter delays, for what etcd does when one is under way for 500 ms: the member asks again under the
/// same name, the leader queues it anew, late answers to the first round confirm it, and with it whatever read
/// was queued before it, which then costs less than its round. The closed form has no such retries.
Scenario
RandomWorld(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    Scenario scenario;
    scenario.name = "random-" + std::to_string(seed);
    scenario.seed = seed;
    scenario.accounting = below(2) == 0 ? Accounting::ETCD : Accounting::THESIS;
    scenario.topology.members = NumberedMembers(3 + below(7));
    scenario.leader = scenario.topology.members[below(scenario.topology.members.size())];
    const bool writes = below(2) == 0;
    const auto nodes = scenario.Nodes();
    for (std::size_t a = 0; a < nodes.size(); ++a)
    {
        for (std::size_t b = a + 1; b < nodes.size(); ++b)
        {
            // A chain keeps everything reachable; of the other links one in five is missing.
            if (b == a + 1 || below(5) != 0)
            {
                LinkConfig link;
                link.delay = std::chrono::microseconds(100 + below(writes ? 200'000 : 50'000));
                link.rate = DataRate{10'000'000'000};
                scenario.links.emplace(MakeNodePair(nodes[a], nodes[b]), link);
            }
        }
    }
    scenario.member.heartbeatInterval = 500ms;
    scenario.member.electionTimeout = 20s;
    scenario.workload.put = writes ? 1 : 0;
    scenario.workload.linearizableRange = writes ? 0 : 1;
    scenario.workload.warmup = 2 * scenario.topology.members.size();
    scenario.workload.count = 2 * scenario.topology.members.size();
    return scenario;
}

class RandomWorlds : public testing::TestWithParam<std::uint64_t>
{
};

void
CompareWithTheForm(std::uint64_t first, const std::string& transport)
{
    for (auto seed = first; seed < first + 50; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto scenario = RandomWorld(seed);
        scenario.transport = transport;
        const std::string operation = scenario.workload.put > 0 ? "put" : "linearizable_range";
        const auto form = MakeScenarioForm(scenario);
        const auto run = RunChecked(scenario);
        for (const auto& member : scenario.topology.members)
        {
            const auto expected = Milliseconds(form.Form("api", member, operation).Total());
            const auto& simulated = run.summary.latency.at(operation).at(member);
            EXPECT_EQ(simulated.count, 2U) << member;
            EXPECT_NEAR(simulated.mean, expected, 0.001 * expected + 0.1) << member;
            EXPECT_NEAR(simulated.max, expected, 0.001 * expected + 0.1) << member;
        }
    }
}

TEST_P(RandomWorlds, LatencyThroughEveryMemberEqualsTheClosedForm)
{
    CompareWithTheForm(GetParam(), "tcp");
}

TEST_P(RandomWorlds, SoItDoesWithoutPackets)
{
    CompareWithTheForm(GetParam(), "message");
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWorlds, testing::Values(1, 51, 101, 151, 201, 251, 301, 351));

} // namespace

} // namespace etcdlab
