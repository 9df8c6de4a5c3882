#include "model/base/routes.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace etcdlab
{
namespace
{

constexpr Duration
Ms(int n)
{
    return std::chrono::milliseconds(n);
}

using Names = std::vector<std::string>;

TEST(RoutesTest, DirectLinkIsUsedEvenIfADetourIsShorter)
{
    // a-b takes 100 directly, 1 + 1 over c.
    const Routes routes({"a", "b", "c"},
                        {{{"a", "b"}, Ms(100)}, {{"a", "c"}, Ms(1)}, {{"b", "c"}, Ms(1)}});
    EXPECT_EQ(routes.Delay("a", "b"), Ms(100));
    EXPECT_EQ(routes.Path("a", "b"), Names({"a", "b"}));
    EXPECT_EQ(routes.NextHop("b", "a"), "a");
}

TEST(RoutesTest, OthersAreReachedByTheLeastTotalDelay)
{
    // a to d: over b 10 + 50 = 60, over c 20 + 30 = 50.
    const Routes routes(
        {"a", "b", "c", "d"},
        {{{"a", "b"}, Ms(10)}, {{"b", "d"}, Ms(50)}, {{"a", "c"}, Ms(20)}, {{"c", "d"}, Ms(30)}});
    EXPECT_EQ(routes.Delay("a", "d"), Ms(50));
    EXPECT_EQ(routes.Path("a", "d"), Names({"a", "c", "d"}));
    EXPECT_EQ(routes.Path("d", "a"), Names({"d", "c", "a"}));
    // b to c: over a 10 + 20, over d 50 + 30.
    EXPECT_EQ(routes.Delay("b", "c"), Ms(30));
}

TEST(RoutesTest, EqualDelaysAreDecidedByTheOrderOfTheNodes)
{
    const std::map<NodePair, Duration> delays{
        {{"a", "b"}, Ms(10)}, {{"a", "c"}, Ms(10)}, {{"b", "d"}, Ms(10)}, {{"c", "d"}, Ms(10)}};
    EXPECT_EQ(Routes({"a", "b", "c", "d"}, delays).NextHop("a", "d"), "b");
    EXPECT_EQ(Routes({"a", "c", "b", "d"}, delays).NextHop("a", "d"), "c");
}

TEST(RoutesTest, ANeighbourOfTheDestinationForwardsToItAndNowhereElse)
{
    // x-y-z in a row, z-d 1 and y-d 100. y must use its own link to d, so x, behind y, pays 1 +
    // 100, though x-y-z-d would be 1 + 1 + 1.
    const Routes routes(
        {"d", "x", "y", "z"},
        {{{"x", "y"}, Ms(1)}, {{"y", "z"}, Ms(1)}, {{"d", "z"}, Ms(1)}, {{"d", "y"}, Ms(100)}});
    EXPECT_EQ(routes.Delay("x", "d"), Ms(101));
    EXPECT_EQ(routes.Path("x", "d"), Names({"x", "y", "d"}));
    // The way back: d's neighbours are y (100) and z (1), z leads on to y (1), y to x (1): 3. It
    // differs.
    EXPECT_EQ(routes.Delay("d", "x"), Ms(3));
    EXPECT_EQ(routes.Path("d", "x"), Names({"d", "z", "y", "x"}));
}

TEST(RoutesTest, FollowingNextHopsGivesThePathAndItsDelay)
{
    // A ring of seven and two chords, zero delays among them: no hop may lead into a loop.
    const Names nodes{"n0", "n1", "n2", "n3", "n4", "n5", "n6"};
    std::map<NodePair, Duration> delays{{{"n0", "n3"}, Ms(0)}, {{"n2", "n6"}, Ms(40)}};
    for (std::size_t i = 0; i < nodes.size(); ++i)
    {
        delays[MakeNodePair(nodes[i], nodes[(i + 1) % 7])] = Ms(static_cast<int>(i * i % 5));
    }
    const Routes routes(nodes, delays);
    for (const auto& from : nodes)
    {
        for (const auto& to : nodes)
        {
            Duration sum{0};
            std::size_t hops = 0;
            for (std::string at = from; at != to; ++hops)
            {
                ASSERT_LT(hops, nodes.size()) << from << " to " << to;
                const std::string next = *routes.NextHop(at, to);
                sum += delays.at(MakeNodePair(at, next));
                at = next;
            }
            EXPECT_EQ(routes.Delay(from, to), sum);
            EXPECT_EQ(routes.Path(from, to).size(), hops + 1);
        }
    }
    EXPECT_TRUE(routes.Unreachable().empty());
}

TEST(RoutesTest, ANodeReachesItselfInNoTime)
{
    const Routes routes({"a"}, {});
    EXPECT_EQ(routes.Delay("a", "a"), Ms(0));
    EXPECT_EQ(routes.Path("a", "a"), Names({"a"}));
    EXPECT_EQ(routes.NextHop("a", "a"), std::nullopt);
}

TEST(RoutesTest, UnreachablePairsAreNamed)
{
    const Routes routes({"c", "a", "b"}, {{{"a", "b"}, Ms(1)}});
    EXPECT_EQ(routes.Delay("a", "c"), std::nullopt);
    EXPECT_EQ(routes.NextHop("a", "c"), std::nullopt);
    EXPECT_TRUE(routes.Path("a", "c").empty());
    EXPECT_EQ(routes.Unreachable(), (std::vector<NodePair>{{"a", "c"}, {"b", "c"}}));
}

TEST(RoutesTest, BadInputIsRefused)
{
    EXPECT_THROW(Routes({"a", "a"}, {}), std::invalid_argument);
    EXPECT_THROW(Routes({"a", "b"}, {{{"a", "x"}, Ms(1)}}), std::invalid_argument);
    EXPECT_THROW(Routes({"a", "b"}, {{{"b", "a"}, Ms(1)}}), std::invalid_argument);
    EXPECT_THROW(Routes({"a", "b"}, {{{"a", "a"}, Ms(1)}}), std::invalid_argument);
    const Routes routes({"node1", "node2"}, {});
    try
    {
        routes.Delay("node1", "nod2");
        FAIL();
    }
    catch (const std::invalid_argument& e)
    {
        EXPECT_NE(std::string(e.what()).find("did you mean \"node2\""), std::string::npos)
            << e.what();
    }
}

} // namespace
} // namespace etcdlab
