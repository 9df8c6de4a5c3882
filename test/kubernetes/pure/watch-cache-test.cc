#include "model/kubernetes/pure/watch-cache.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{
namespace
{

using namespace std::chrono_literals;

ObjectPtr
Make(const std::string& nameSpace, const std::string& name, Revision revision)
{
    Object object;
    object.key = {nameSpace, name};
    object.resourceVersion = revision;
    return std::make_shared<const Object>(object);
}

TEST(WatchCache, IsOfNoUseBeforeItHasListed)
{
    WatchCache cache;
    EXPECT_FALSE(cache.IsReady());
    cache.Replace({}, 5);
    EXPECT_TRUE(cache.IsReady());
    EXPECT_EQ(cache.GetRevision(), 5);
}

TEST(WatchCache, HoldsTheNewestVersions)
{
    WatchCache cache;
    cache.Replace({Make("a", "x", 2), Make("b", "y", 3)}, 5);
    cache.Apply(6, {WatchEventType::MODIFIED, Make("a", "x", 6)}, 1s);
    cache.Apply(7, {WatchEventType::ADDED, Make("a", "z", 7)}, 1s);
    cache.Apply(8, {WatchEventType::DELETED, Make("b", "y", 8)}, 1s);
    EXPECT_EQ(cache.Find({"a", "x"})->resourceVersion, 6);
    EXPECT_EQ(cache.Find({"b", "y"}), nullptr);
    ASSERT_EQ(cache.List("a").size(), 2U);
    EXPECT_EQ(cache.List("a")[1]->key.name, "z");
    EXPECT_EQ(cache.List("").size(), 2U);
    EXPECT_TRUE(cache.List("b").empty());
    EXPECT_EQ(cache.GetRevision(), 8);
}

TEST(WatchCache, TellsWhatHappenedAfterARevision)
{
    WatchCache cache;
    cache.Replace({}, 5);
    cache.Apply(7, {WatchEventType::ADDED, Make("a", "x", 7)}, 1s);
    cache.Apply(9, {WatchEventType::ADDED, Make("a", "y", 9)}, 1s);
    EXPECT_TRUE(cache.Knows(5));
    EXPECT_FALSE(cache.Knows(4)) << "something may have happened at 5";
    ASSERT_EQ(cache.Since(7).size(), 1U);
    EXPECT_EQ(cache.Since(7)[0].revision, 9);
    EXPECT_EQ(cache.Since(5).size(), 2U);
    cache.Replace({}, 20);
    EXPECT_FALSE(cache.Knows(9));
    EXPECT_TRUE(cache.Since(20).empty());
}

TEST(WatchCache, ForgetsChangesThatAreNeitherRecentNorAmongTheLastHundred)
{
    WatchCache cache;
    cache.Replace({}, 1);
    for (Revision revision = 2; revision <= 151; ++revision)
    {
        cache.Apply(revision, {WatchEventType::ADDED, Make("a", "x", revision)}, 1s);
    }
    EXPECT_TRUE(cache.Knows(1)) << "75 s old at most";
    cache.Apply(152, {WatchEventType::ADDED, Make("a", "x", 152)}, 77s);
    // 100 are left: 53 to 152.
    EXPECT_FALSE(cache.Knows(51));
    EXPECT_TRUE(cache.Knows(52));
    EXPECT_EQ(cache.Since(52).size(), 100U);
}

} // namespace
} // namespace etcdlab::kube
