// Watchers of a store: what they are told, when, and what becomes of slow ones.
#include "model/etcd/pure/watchable-store.h"

#include <gtest/gtest.h>

#include <string>

namespace etcdlab
{

namespace
{

class WatchableStoreTest : public testing::Test
{
  protected:
    /// Carry out a request and tell the watchers, as a member does.
    void Do(const Request& request)
    {
        std::vector<KeyValue> changes;
        m_store.Apply(request, &changes);
        m_watchable.Notify(changes);
    }

    void Put(const std::string& key)
    {
        Do(PutRequest{key, {1, ++m_value}, 0});
    }

    void PutMany(const std::string& key, int count)
    {
        for (int i = 0; i < count; ++i)
        {
            Put(key);
        }
    }

    /// Revisions of the events of all notifications that wait, which are taken.
    static std::vector<Revision> Take(WatchBuffer& buffer)
    {
        std::vector<Revision> revisions;
        while (!buffer.IsEmpty())
        {
            for (const auto& event : buffer.Take().events)
            {
                revisions.push_back(event.modRevision);
            }
        }
        return revisions;
    }

    static std::vector<Revision> From(Revision first, Revision last)
    {
        std::vector<Revision> revisions;
        for (auto revision = first; revision <= last; ++revision)
        {
            revisions.push_back(revision);
        }
        return revisions;
    }

    KvStore m_store;
    WatchableStore m_watchable{m_store};
    WatchBuffer m_buffer{[this] { ++m_filled; }};
    std::uint64_t m_value = 0;
    int m_filled = 0;
};

TEST_F(WatchableStoreTest, ASyncedWatcherIsToldWithinTheTransaction)
{
    m_watchable.Watch(m_buffer, "a", "", 0);
    Put("a");
    EXPECT_EQ(m_filled, 1);
    ASSERT_EQ(m_buffer.Size(), 1U);
    const auto told = m_buffer.Take();
    EXPECT_EQ(told.revision, 2);
    ASSERT_EQ(told.events.size(), 1U);
    EXPECT_EQ(told.events[0].key, "a");
    EXPECT_EQ(told.events[0].value.id, 1U);
}

TEST_F(WatchableStoreTest, OneNotificationForAllChangesOfATransactionAndNoneForOthers)
{
    m_watchable.Watch(m_buffer, "a", "c", 0);
    Do(TxnRequest{
        {}, {PutRequest{"b", {}, 0}, PutRequest{"x", {}, 0}, PutRequest{"a", {}, 0}}, {}});
    ASSERT_EQ(m_buffer.Size(), 1U);
    const auto told = m_buffer.Take();
    ASSERT_EQ(told.events.size(), 2U) << "x is not watched";
    EXPECT_EQ(told.events[0].key, "b") << "in the order of the transaction";
    EXPECT_EQ(told.events[1].key, "a");
    Put("c"); // a range excludes its end
    Do(DeleteRangeRequest{"nothing", ""});
    EXPECT_TRUE(m_buffer.IsEmpty());
    Put("a");
    Put("a");
    EXPECT_EQ(m_buffer.Size(), 2U) << "two transactions are not put together";
}

TEST_F(WatchableStoreTest, ADeletionIsAnEventWithVersionZero)
{
    Put("a");
    m_watchable.Watch(m_buffer, "a", "", 0);
    Do(DeleteRangeRequest{"a", ""});
    const auto told = m_buffer.Take();
    ASSERT_EQ(told.events.size(), 1U);
    EXPECT_EQ(told.events[0].version, 0);
    EXPECT_EQ(told.events[0].modRevision, 3);
}

TEST_F(WatchableStoreTest, AnOldStartIsCaughtUpByTheLoopAndNothingComesTwice)
{
    PutMany("a", 5); // 2 to 6
    m_watchable.Watch(m_buffer, "a", "", 4);
    EXPECT_EQ(m_watchable.Unsynced(), 1U);
    Put("a"); // 7: not told, for the watcher has not seen 4 yet
    EXPECT_TRUE(m_buffer.IsEmpty());
    EXPECT_FALSE(m_watchable.SyncWatchers());
    EXPECT_EQ(m_watchable.Unsynced(), 0U);
    Put("a");
    EXPECT_EQ(Take(m_buffer), From(4, 8));
}

TEST_F(WatchableStoreTest, AStartInTheFutureIsWaitedFor)
{
    m_watchable.Watch(m_buffer, "a", "", 4);
    EXPECT_EQ(m_watchable.Unsynced(), 0U);
    PutMany("a", 4); // 2 to 5
    EXPECT_EQ(Take(m_buffer), From(4, 5));
}

TEST_F(WatchableStoreTest, AFullBufferMakesAVictimThatLosesNothing)
{
    m_watchable.Watch(m_buffer, "a", "", 0);
    PutMany("a", 128); // 2 to 129 fill it
    EXPECT_EQ(m_watchable.Victims(), 0U);
    Put("a"); // 130 waits with the victim
    EXPECT_EQ(m_watchable.Victims(), 1U);
    PutMany("a", 10); // to 140
    m_watchable.RetryVictims();
    EXPECT_EQ(m_watchable.Victims(), 1U) << "still no room";
    EXPECT_EQ(m_buffer.Size(), 128U);

    EXPECT_EQ(m_buffer.Take().revision, 2);
    m_watchable.RetryVictims();
    EXPECT_EQ(m_watchable.Victims(), 0U);
    EXPECT_EQ(m_watchable.Unsynced(), 1U) << "131 to 140 are still to come";
    EXPECT_EQ(Take(m_buffer), From(3, 130));
    m_watchable.SyncWatchers();
    EXPECT_EQ(m_buffer.Size(), 1U) << "in one notification";
    EXPECT_EQ(Take(m_buffer), From(131, 140));
    EXPECT_EQ(m_watchable.Unsynced(), 0U);
}

TEST_F(WatchableStoreTest, AVictimThatHasMissedNothingElseIsSyncedAgain)
{
    m_watchable.Watch(m_buffer, "a", "", 0);
    PutMany("a", 129);
    Take(m_buffer);
    m_watchable.RetryVictims();
    EXPECT_EQ(m_watchable.Unsynced(), 0U);
    Put("a");
    EXPECT_EQ(Take(m_buffer), From(130, 131));
}

TEST_F(WatchableStoreTest, ABatchHasAThousandRevisions)
{
    PutMany("a", 2500); // 2 to 2501
    m_watchable.Watch(m_buffer, "a", "", 2);
    m_watchable.SyncWatchers();
    ASSERT_EQ(m_buffer.Size(), 1U);
    auto batch = m_buffer.Take();
    EXPECT_EQ(batch.events.size(), 1000U);
    EXPECT_EQ(batch.events.back().modRevision, 1001);
    EXPECT_EQ(batch.revision, 2501) << "the store's, although the watcher is not there yet";
    EXPECT_EQ(m_watchable.Unsynced(), 1U);
    m_watchable.SyncWatchers();
    m_watchable.SyncWatchers();
    EXPECT_EQ(m_watchable.Unsynced(), 0U);
    EXPECT_EQ(Take(m_buffer), From(1002, 2501));
}

TEST_F(WatchableStoreTest, ATransactionOfManyKeysIsOneRevisionOfABatch)
{
    TxnRequest txn;
    for (int i = 0; i < 128; ++i)
    {
        txn.success.emplace_back(PutRequest{"a" + std::to_string(i), {}, 0});
    }
    for (int i = 0; i < 20; ++i)
    {
        Do(txn);
    }
    m_watchable.Watch(m_buffer, "a", "b", 2);
    m_watchable.SyncWatchers();
    EXPECT_EQ(m_buffer.Take().events.size(), 20U * 128);
}

TEST_F(WatchableStoreTest, APassTakes512WatchersAndSaysThatTheNextFollowsAtOnce)
{
    Put("a");
    std::vector<WatchBuffer> buffers(600, WatchBuffer([] {}));
    for (auto& buffer : buffers)
    {
        m_watchable.Watch(buffer, "a", "", 2);
    }
    EXPECT_TRUE(m_watchable.SyncWatchers());
    EXPECT_EQ(m_watchable.Unsynced(), 88U);
    EXPECT_FALSE(m_watchable.SyncWatchers());
    for (auto& buffer : buffers)
    {
        EXPECT_EQ(buffer.Size(), 1U);
    }
}

TEST_F(WatchableStoreTest, ACompactedStartEndsTheWatch)
{
    PutMany("a", 10);
    m_store.Compact(6);
    m_watchable.Watch(m_buffer, "a", "", 5);
    m_watchable.Watch(m_buffer, "a", "", 6); // the revision compacted at is still told
    m_watchable.SyncWatchers();
    ASSERT_EQ(m_buffer.Size(), 2U);
    const auto end = m_buffer.Take();
    EXPECT_EQ(end.watch, 0);
    EXPECT_EQ(end.compactRevision, 6);
    EXPECT_TRUE(end.events.empty());
    EXPECT_EQ(Take(m_buffer), From(6, 11));
    Put("a");
    EXPECT_EQ(m_buffer.Size(), 1U) << "the second one's alone";
    EXPECT_EQ(m_buffer.Take().watch, 1);
}

TEST_F(WatchableStoreTest, AfterASnapshotAWatcherIsToldWhatItMissed)
{
    m_watchable.Watch(m_buffer, "a", "", 0);
    Put("a");
    Put("b");
    Take(m_buffer);
    for (int i = 0; i < 3; ++i)
    {
        m_store.Apply(PutRequest{"a", {}, 0}); // 4 to 6, come with a snapshot: nobody is told
    }
    m_watchable.Restored();
    EXPECT_EQ(m_watchable.Unsynced(), 1U);
    m_watchable.SyncWatchers();
    EXPECT_EQ(Take(m_buffer), From(4, 6));
}

TEST_F(WatchableStoreTest, ProgressIsForTheSynced)
{
    PutMany("a", 3);
    const auto synced = m_watchable.Watch(m_buffer, "a", "", 0);
    const auto unsynced = m_watchable.Watch(m_buffer, "a", "", 2);
    m_watchable.Progress(m_buffer, synced);
    m_watchable.Progress(m_buffer, unsynced);
    ASSERT_EQ(m_buffer.Size(), 1U);
    const auto progress = m_buffer.Take();
    EXPECT_EQ(progress.watch, synced);
    EXPECT_EQ(progress.revision, 4);
    EXPECT_TRUE(progress.events.empty());
}

TEST_F(WatchableStoreTest, ACancelledWatchIsToldNothingMore)
{
    const auto first = m_watchable.Watch(m_buffer, "a", "", 0);
    const auto second = m_watchable.Watch(m_buffer, "a", "", 0);
    Put("a");
    EXPECT_TRUE(m_watchable.Cancel(m_buffer, first));
    EXPECT_FALSE(m_watchable.Cancel(m_buffer, first));
    ASSERT_EQ(m_buffer.Size(), 1U) << "what it had not been sent is taken back";
    EXPECT_EQ(m_buffer.Take().watch, second);
    m_watchable.CancelAll(m_buffer);
    Put("a");
    EXPECT_TRUE(m_buffer.IsEmpty());
    EXPECT_FALSE(m_watchable.HasWatchers());
}

} // namespace

} // namespace etcdlab
