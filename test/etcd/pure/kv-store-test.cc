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

/// Revisions 2 to 6: a, b, a again, b deleted, a once more.
KvStore
Eventful()
{
    KvStore store;
    store.Put({"a", {10, 1}, 0});
    store.Put({"b", {10, 2}, 0});
    store.Put({"a", {10, 3}, 0});
    store.DeleteRange({"b", ""});
    store.Put({"a", {10, 4}, 0});
    return store;
}

std::vector<Revision>
Versions(const KvStore& store)
{
    std::vector<Revision> revisions;
    store.VisitVersions([&](const KeyValue& kv) { revisions.push_back(kv.modRevision); });
    return revisions;
}

TEST(KvStore, ACompactionKeepsWhatStandsAndWhatCameLater)
{
    auto store = Eventful();
    EXPECT_EQ(store.Compact(4), 3U) << "revisions 2, 3, 4";
    EXPECT_EQ(Versions(store), (std::vector<Revision>{4, 6, 3, 5}))
        << "a: 4, 6; b: 3, deleted by 5";
    EXPECT_EQ(store.Range(Get("a", 4)).kvs.at(0).value.id, 3U);
    EXPECT_EQ(store.Range(Get("b", 4)).count, 1);
    EXPECT_EQ(store.CompactedRevision(), 4);
    EXPECT_EQ(store.CurrentRevision(), 6);
}

TEST(KvStore, ACompactionForgetsKeysThatWereDeletedByThen)
{
    auto store = Eventful();
    store.Compact(5);
    EXPECT_EQ(Versions(store), (std::vector<Revision>{4, 6}));
    EXPECT_EQ(store.Put({"b", {10, 5}, 0}).revision, 7);
    EXPECT_EQ(store.Range(Get("b")).kvs.at(0).createRevision, 7);
    EXPECT_EQ(store.Range(Get("b")).kvs.at(0).version, 1);
    EXPECT_EQ(store.Range(Get("a")).kvs.at(0).createRevision, 2) << "a has lived on";
    EXPECT_EQ(store.Range(Get("a")).kvs.at(0).version, 3);
}

TEST(KvStore, AnOlderCompactionChangesNothing)
{
    auto store = Eventful();
    store.Compact(5);
    EXPECT_EQ(store.Compact(3), 0U);
    EXPECT_EQ(store.CompactedRevision(), 5);
}

TEST(KvStore, RevisionsThatCannotBeReadAreRefused)
{
    auto store = Eventful();
    using Refusal = KvStore::Refusal;
    EXPECT_EQ(store.Check(Get("a", 2)), Refusal::NONE);
    EXPECT_EQ(store.Check(Get("a", 7)), Refusal::FUTURE_REVISION);
    EXPECT_EQ(store.Check(CompactionRequest{7, false}), Refusal::FUTURE_REVISION);
    store.Compact(4);
    EXPECT_EQ(store.Check(Get("a", 3)), Refusal::COMPACTED);
    EXPECT_EQ(store.Check(Get("a", 4)), Refusal::NONE);
    EXPECT_EQ(store.Check(Get("a")), Refusal::NONE);
    EXPECT_EQ(store.Check(CompactionRequest{4, false}), Refusal::COMPACTED);
    // Only the branch that would be taken is looked at.
    const TxnRequest taken{{Compare{"a", 6}}, {Get("a", 3)}, {Get("a", 4)}};
    const TxnRequest other{{Compare{"a", 5}}, {Get("a", 3)}, {Get("a", 4)}};
    EXPECT_EQ(store.Check(taken), Refusal::COMPACTED);
    EXPECT_EQ(store.Check(other), Refusal::NONE);
}

TEST(KvStore, TheFileShrinksOnlyWhenItIsDefragmented)
{
    auto store = Eventful();
    // Four puts of 1 + 10 + 48 and a deletion of 1 + 48.
    EXPECT_EQ(store.BytesInUse(), 4U * 59 + 49);
    EXPECT_EQ(store.FileBytes(), 4U * 59 + 49);
    store.Compact(6);
    EXPECT_EQ(store.BytesInUse(), 59U);
    EXPECT_EQ(store.FileBytes(), 4U * 59 + 49);
    store.Put({"a", {10, 5}, 0});
    EXPECT_EQ(store.FileBytes(), 4U * 59 + 49) << "free pages are used again";
    store.Defragment();
    EXPECT_EQ(store.FileBytes(), 2U * 59);
}

TEST(KvStore, SpaceIsCountedAsTheQuotaDoes)
{
    const PutRequest put{"abc", {100, 1}, 0};
    EXPECT_EQ(SpaceCost(Request(put)), 3U + 100 + 256);
    EXPECT_EQ(SpaceCost(Request(TxnRequest{{}, {put, put}, {put}})), 2U * 359)
        << "the dearer branch";
    EXPECT_EQ(SpaceCost(Request(DeleteRangeRequest{"a", ""})), 0U);
    EXPECT_EQ(SpaceCost(Request(Get("a"))), 0U);
}

} // namespace

} // namespace etcdlab
