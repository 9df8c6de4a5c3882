#include "model/base/nearest.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

const std::vector<std::string> POLICIES = {"leader", "pinned", "round-robin"};

TEST(Nearest, OneEditAndASwapAreNear)
{
    EXPECT_EQ(Nearest("leeder", POLICIES), "leader");
    EXPECT_EQ(Nearest("laeder", POLICIES), "leader"); // neighbours swapped: one edit
    EXPECT_EQ(Nearest("roundrobin", POLICIES), "round-robin");
    EXPECT_EQ(Nearest("leader", POLICIES), "leader");
}

TEST(Nearest, AThirdOfTheLongerNameIsTheLimit)
{
    // "leader" has 6 letters: 2 edits are near, 3 are not.
    EXPECT_EQ(Nearest("leedar", POLICIES), "leader");
    EXPECT_EQ(Nearest("leedir", {"leader"}), "leader"); // a/e, e/i
    EXPECT_EQ(Nearest("loodir", {"leader"}), std::nullopt);
    EXPECT_EQ(Nearest("x", {"s"}), "s"); // one edit is always allowed
    EXPECT_EQ(Nearest("xy", {"s"}), std::nullopt);
    EXPECT_EQ(Nearest("", POLICIES), std::nullopt);
    EXPECT_EQ(Nearest("leader", {}), std::nullopt);
    EXPECT_EQ(Nearest(std::string(1'000'000, 'x'), POLICIES), std::nullopt);
}

TEST(Nearest, TiesGoToTheOneThatDiffersInCaseOnlyThenToTheFirst)
{
    EXPECT_EQ(Nearest("gbps", {"bps", "kbps", "Gbps"}), "Gbps");
    EXPECT_EQ(Nearest("e9", {"e1", "e2"}), "e1");
}

TEST(Nearest, UnknownNameListsWhatThereIs)
{
    EXPECT_EQ(
        UnknownName("leeder", POLICIES),
        "unknown name \"leeder\": did you mean \"leader\"? Known: leader, pinned, round-robin");
    EXPECT_EQ(UnknownName("zzz", POLICIES),
              "unknown name \"zzz\". Known: leader, pinned, round-robin");
    EXPECT_EQ(UnknownName("zzz", {}), "unknown name \"zzz\". Known: none");
}

} // namespace

} // namespace etcdlab
