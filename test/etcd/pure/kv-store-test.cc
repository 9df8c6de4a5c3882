// The store's revisions, as etcd numbers them.
#include "model/etcd/pure/kv-store.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

RangeRequest
Get(const std::string& key, Revision revision = 0)
{
    RangeRequest range;
    range.key = key;
    range.revision = revision;
    return range;
}

TEST(KvStore, AFreshStoreIsAtRevisionOne)
{
    EXPECT_EQ(KvStore().CurrentRevision(), 1);
}

TEST(KvStore, APutCreatesAndThenUpdates)
{
    KvStore store;
    EXPECT_EQ(store.Put({"a", {10, 1}, 0}).revision, 2);
    EXPECT_EQ(store.Put({"b", {10, 2}, 0}).revision, 3);
    EXPECT_EQ(store.Put({"a", {20, 3}, 0}).revision, 4);
    const auto range = store.Range(Get("a"));
    ASSERT_EQ(range.kvs.size(), 1U);
    const auto& kv = range.kvs.front();
    EXPECT_EQ(kv.createRevision, 2);
    EXPECT_EQ(kv.modRevision, 4);
    EXPECT_EQ(kv.version, 2);
    EXPECT_EQ(kv.value, (Value{20, 3}));
    EXPECT_EQ(range.revision, 4);
}

TEST(KvStore, OldRevisionsStayReadable)
{
    KvStore store;
    store.Put({"a", {1, 1}, 0});
    store.Put({"a", {1, 2}, 0});
    store.DeleteRange({"a", ""});
    EXPECT_EQ(store.Range(Get("a", 1)).count, 0) << "before it was created";
    EXPECT_EQ(store.Range(Get("a", 2)).kvs.front().value.id, 1U);
    EXPECT_EQ(store.Range(Get("a", 3)).kvs.front().value.id, 2U);
    EXPECT_EQ(store.Range(Get("a")).count, 0) << "deleted";
}

TEST(KvStore, AKeyBornAgainStartsAtVersionOne)
{
    KvStore store;
    store.Put({"a", {1, 1}, 0});
    store.DeleteRange({"a", ""});
    store.Put({"a", {1, 2}, 0});
    const auto kv = store.Range(Get("a")).kvs.front();
    EXPECT_EQ(kv.version, 1);
    EXPECT_EQ(kv.createRevision, 4);
}

TEST(KvStore, DeletingNothingChangesNothing)
{
    KvStore store;
    const auto response = store.DeleteRange({"nobody", ""});
    EXPECT_EQ(response.deleted, 0);
    EXPECT_EQ(response.revision, 1);
}

TEST(KvStore, ARangeIsHalfOpenOrderedAndLimited)
{
    KvStore store;
    for (const char* key : {"c", "a", "d", "b"})
    {
        store.Put({key, {1, 1}, 0});
    }
    RangeRequest range;
    range.key = "a";
    range.rangeEnd = "d";
    range.limit = 2;
    const auto response = store.Range(range);
    ASSERT_EQ(response.kvs.size(), 2U);
    EXPECT_EQ(response.kvs[0].key, "a");
    EXPECT_EQ(response.kvs[1].key, "b");
    EXPECT_EQ(response.count, 3) << "a, b and c, whatever the limit";
    EXPECT_TRUE(response.more);
    range.countOnly = true;
    EXPECT_TRUE(store.Range(range).kvs.empty());
    EXPECT_EQ(store.Range(range).count, 3);
}

TEST(KvStore, ATransactionComparesAndSwaps)
{
    KvStore store;
    const TxnRequest create{{Compare{"a", 0}}, {PutRequest{"a", {1, 1}, 0}}, {Get("a")}};
    const auto first = store.Txn(create);
    EXPECT_TRUE(first.succeeded);
    EXPECT_EQ(first.revision, 2);
    const auto second = store.Txn(create);
    EXPECT_FALSE(second.succeeded) << "it exists now";
    EXPECT_EQ(second.revision, 2) << "a branch that only reads changes nothing";
    EXPECT_EQ(std::get<RangeResponse>(second.responses.front()).kvs.front().modRevision, 2);
}

TEST(KvStore, ATransactionsChangesShareOneRevisionAndItReadsThem)
{
    KvStore store;
    const TxnRequest txn{
        {}, {PutRequest{"a", {1, 1}, 0}, PutRequest{"b", {1, 2}, 0}, Get("a")}, {}};
    const auto response = store.Txn(txn);
    EXPECT_EQ(response.revision, 2);
    EXPECT_EQ(std::get<RangeResponse>(response.responses[2]).count, 1);
    EXPECT_EQ(store.Range(Get("a")).kvs.front().modRevision, 2);
    EXPECT_EQ(store.Range(Get("b")).kvs.front().modRevision, 2);
}

TEST(Requests, OnlyRangesAndTransactionsOfRangesAreReads)
{
    RangeRequest local = Get("a");
    local.serializable = true;
    EXPECT_TRUE(IsReadOnly(Get("a")));
    EXPECT_FALSE(IsSerializable(Get("a")));
    EXPECT_TRUE(IsSerializable(local));
    EXPECT_FALSE(IsReadOnly(PutRequest{"a", {}, 0}));
    EXPECT_FALSE(IsReadOnly(DeleteRangeRequest{"a", ""}));
    EXPECT_TRUE(IsReadOnly(TxnRequest{{}, {Get("a")}, {}}));
    EXPECT_FALSE(IsSerializable(TxnRequest{{}, {Get("a")}, {local}}));
    EXPECT_TRUE(IsSerializable(TxnRequest{{}, {local}, {local}}));
    EXPECT_FALSE(IsReadOnly(TxnRequest{{}, {Get("a")}, {PutRequest{"a", {}, 0}}}));
}

} // namespace

} // namespace etcdlab
