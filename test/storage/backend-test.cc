// What is committed when, and how much of it.
#include "model/storage/backend.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

TEST(Backend, NothingIsPendingAtFirstAndAfterACommit)
{
    const BackendConfig config;
    Backend backend(config, "3.4");
    EXPECT_FALSE(backend.HasPending());
    backend.Applied(1, 1100);
    EXPECT_TRUE(backend.HasPending());
    backend.BeginCommit();
    EXPECT_FALSE(backend.HasPending());
}

TEST(Backend, APutCountsTwiceIn34AndOnceIn35)
{
    // 34: the key and the consistent index, so the 5000th put reaches the limit of 10 000; 35: the 10 000th.
    const BackendConfig config;
    Backend old(config, "3.4");
    Backend recent(config, "3.5");
    for (int put = 1; put < 5000; ++put)
    {
        old.Applied(1, 10);
        recent.Applied(1, 10);
    }
    EXPECT_FALSE(old.LimitReached());
    old.Applied(1, 10);
    EXPECT_TRUE(old.LimitReached());
    for (int put = 5000; put < 10'000; ++put)
    {
        recent.Applied(1, 10);
    }
    EXPECT_FALSE(recent.LimitReached());
    recent.Applied(1, 10);
    EXPECT_TRUE(recent.LimitReached());
}

TEST(Backend, ACommitOfAFewPutsWritesTheMeasuredBytes)
{
    // test/reference/etcd-3.4.23-load.json: 20 000 to 25 000 bytes at 18 to 30 puts a second, two or three a commit.
    const BackendConfig config;
    Backend backend(config, "3.4");
    for (int put = 0; put < 3; ++put)
    {
        backend.Applied(1, 1144);
    }
    const auto bytes = backend.BeginCommit() + BACKEND_PAGE_BYTES;
    EXPECT_GE(bytes, 20'000U);
    EXPECT_LE(bytes, 25'000U);
}

TEST(Backend, CommitsAndTheirTimeAreCounted)
{
    const BackendConfig config;
    Backend backend(config, "3.4");
    backend.EndCommit(3ms);
    backend.EndCommit(4ms);
    EXPECT_EQ(backend.Commits(), 2U);
    EXPECT_EQ(backend.CommitTime(), 7ms);
}

} // namespace

} // namespace etcdlab
