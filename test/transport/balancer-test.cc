#include "model/transport/balancer.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace etcdlab
{
namespace
{

constexpr SubConnState C = SubConnState::CONNECTING;
constexpr SubConnState R = SubConnState::READY;
constexpr SubConnState F = SubConnState::FAILED;
constexpr std::size_t NONE = 99;

std::unique_ptr<Balancer>
Make(const std::string& name, BalancerContext context = {{"e0", "e1", "e2"}, "", {}})
{
    return BalancerRegistry::Make(name, context);
}

std::vector<std::size_t>
Picks(Balancer& balancer, int count)
{
    std::vector<std::size_t> picks;
    for (int i = 0; i < count; ++i)
    {
        picks.push_back(balancer.Pick().value_or(NONE));
    }
    return picks;
}

using Indices = std::vector<std::size_t>;

TEST(BalancerTest, ThreePoliciesAreRegisteredWithASummary)
{
    EXPECT_EQ(BalancerRegistry::Names(),
              (std::vector<std::string>{"pick-first", "pinned", "round-robin"}));
    for (const auto& [name, entry] : BalancerRegistry::All())
    {
        EXPECT_FALSE(entry.summary.empty()) << name;
    }
}

TEST(BalancerTest, UnknownPolicyIsAnErrorThatNamesTheNearest)
{
    try
    {
        Make("round-robbin");
        FAIL();
    }
    catch (const std::invalid_argument& e)
    {
        EXPECT_NE(std::string(e.what()).find("\"round-robin\""), std::string::npos) << e.what();
    }
}

TEST(RoundRobinTest, TakesTheReadyEndpointsInTurn)
{
    const auto balancer = Make("round-robin");
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 7), (Indices{0, 1, 2, 0, 1, 2, 0}));
}

TEST(RoundRobinTest, NothingReadyMeansWaiting)
{
    const auto balancer = Make("round-robin");
    EXPECT_EQ(balancer->Pick(), std::nullopt);
    balancer->OnChange({C, F, C});
    EXPECT_EQ(balancer->Pick(), std::nullopt);
}

TEST(RoundRobinTest, StartsAnewWhenTheReadyOnesChange)
{
    const auto balancer = Make("round-robin");
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 2), (Indices{0, 1}));
    balancer->OnChange({R, C, R});
    EXPECT_EQ(Picks(*balancer, 3), (Indices{0, 2, 0}));
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 2), (Indices{0, 1}));
}

TEST(RoundRobinTest, AChangeAmongThoseThatAreNotReadyDoesNotDisturbTheTurn)
{
    const auto balancer = Make("round-robin");
    balancer->OnChange({R, C, R});
    EXPECT_EQ(Picks(*balancer, 1), (Indices{0}));
    balancer->OnChange({R, F, R});
    EXPECT_EQ(Picks(*balancer, 2), (Indices{2, 0}));
}

TEST(RoundRobinTest, ShufflesIfThereIsARandomSource)
{
    // Fisher-Yates with the least number each time: of {0,1,2} position 2 is swapped with 0:
    // {2,1,0}, then position 1 with 0: {1,2,0}.
    const auto balancer =
        Make("round-robin", {{"e0", "e1", "e2"}, "", [](std::size_t) { return 0; }});
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 4), (Indices{1, 2, 0, 1}));
}

TEST(PickFirstTest, WaitsForTheFirstAndStaysWithIt)
{
    const auto balancer = Make("pick-first");
    balancer->OnChange({C, R, C});
    EXPECT_EQ(balancer->Pick(), std::nullopt); // the first may still come
    balancer->OnChange({R, R, C});
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 3), (Indices{0, 0, 0}));
}

TEST(PickFirstTest, PassesOverWhatFailed)
{
    const auto balancer = Make("pick-first");
    balancer->OnChange({F, C, R});
    EXPECT_EQ(balancer->Pick(), std::nullopt);
    balancer->OnChange({F, R, R});
    EXPECT_EQ(balancer->Pick(), 1u);
    balancer->OnChange({R, R, R}); // the first is back, but the current one works
    EXPECT_EQ(balancer->Pick(), 1u);
    balancer->OnChange({R, C, R}); // now it broke
    EXPECT_EQ(balancer->Pick(), 0u);
    balancer->OnChange({F, F, F});
    EXPECT_EQ(balancer->Pick(), std::nullopt);
}

TEST(PinnedTest, UsesTheNamedEndpointOnly)
{
    const auto balancer = Make("pinned", {{"e0", "e1", "e2"}, "e1", {}});
    balancer->OnChange({R, C, R});
    EXPECT_EQ(balancer->Pick(), std::nullopt);
    balancer->OnChange({R, R, R});
    EXPECT_EQ(Picks(*balancer, 3), (Indices{1, 1, 1}));
}

TEST(PinnedTest, UsesTheFirstIfNoneIsNamed)
{
    const auto balancer = Make("pinned");
    balancer->OnChange({R, R, R});
    EXPECT_EQ(balancer->Pick(), 0u);
}

TEST(PinnedTest, AnUnknownNameIsRefused)
{
    try
    {
        Make("pinned", {{"e0", "e1", "e2"}, "e4", {}});
        FAIL();
    }
    catch (const std::invalid_argument& e)
    {
        EXPECT_NE(std::string(e.what()).find("pinned endpoint: "), std::string::npos) << e.what();
    }
}

} // namespace
} // namespace etcdlab
