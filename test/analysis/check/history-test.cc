// From requests and answers to operations, and to the eye.
#include "analysis/check/history.h"
#include "model/etcd/pure/kv-store.h"
#include "test/analysis/check/histories.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace etcdlab::check::test
{

namespace
{

TEST(History, OperationsOfRequestsAndAnswers)
{
    KvStore store;
    const auto make = [&](const Request& request) {
        auto operation = MakeOperation(request).value();
        SetAnswer(operation, store.Apply(request));
        return operation;
    };
    const auto put = make(PutRequest{"/k", {100, 7}});
    EXPECT_EQ(put.kind, Kind::PUT);
    EXPECT_EQ(put.value, 7U);
    EXPECT_EQ(put.header, 2);

    const auto read = make(RangeRequest{"/", "0", 0, 0, true});
    EXPECT_EQ(read.kind, Kind::SERIALIZABLE_READ);
    EXPECT_EQ(read.found, (std::vector<Found>{{"/k", 7, 2, 1}}));

    // As Kubernetes updates: if unchanged put, else get.
    TxnRequest update{{{"/k", 2}}, {PutRequest{"/k", {100, 8}}}, {RangeRequest{"/k", ""}}};
    const auto first = make(update);
    EXPECT_EQ(first.kind, Kind::TXN_PUT);
    EXPECT_TRUE(first.succeeded);
    EXPECT_EQ(first.header, 3);
    const auto second = make(update);
    EXPECT_FALSE(second.succeeded);
    EXPECT_TRUE(second.readInstead);
    EXPECT_EQ(second.found, (std::vector<Found>{{"/k", 8, 3, 2}}));

    const auto removed = make(DeleteRangeRequest{"/k", ""});
    EXPECT_EQ(removed.deleted, 1);
    EXPECT_EQ(removed.header, 4);
    EXPECT_TRUE(Changed(removed));
    EXPECT_FALSE(Changed(make(DeleteRangeRequest{"/k", ""})));
}

TEST(History, OtherTransactionsAreNotTaken)
{
    const TxnOperation put = PutRequest{"/k", {}};
    const TxnOperation other = PutRequest{"/l", {}};
    EXPECT_TRUE(MakeOperation(TxnRequest{{{"/k", 0}}, {put}, {}}).has_value());
    EXPECT_FALSE(MakeOperation(TxnRequest{{{"/k", 0}}, {other}, {}}).has_value());
    EXPECT_FALSE(MakeOperation(TxnRequest{{{"/k", 0}}, {put, other}, {}}).has_value());
    EXPECT_FALSE(MakeOperation(TxnRequest{{{"/k", 0}}, {put}, {put}}).has_value());
    EXPECT_FALSE(MakeOperation(TxnRequest{{}, {put}, {}}).has_value());
}

TEST(History, ErrorsTellWhetherAWriteMayHaveHappened)
{
    EXPECT_EQ(OutcomeOfError("etcdserver: too many requests"), Outcome::FAILED);
    EXPECT_EQ(OutcomeOfError("etcdserver: request is too large"), Outcome::FAILED);
    EXPECT_EQ(OutcomeOfError("raft proposal dropped"), Outcome::FAILED);
    EXPECT_EQ(OutcomeOfError("etcdserver: request timed out"), Outcome::AMBIGUOUS);
    EXPECT_EQ(OutcomeOfError("context deadline exceeded"), Outcome::AMBIGUOUS);
    EXPECT_EQ(OutcomeOfError("unavailable: connection reset"), Outcome::AMBIGUOUS);
}

TEST(History, MalformedOnesAreRefused)
{
    const auto refusal = [](const History& history) -> std::string {
        try
        {
            CheckWellFormed(history);
        }
        catch (const std::invalid_argument& error)
        {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(refusal(Story().Put(0, 10, 1, 2)), "");
    EXPECT_EQ(refusal(Story().Put(20, 10, 1, 2)),
              "history: client 1, put /k = 1: expected an end at or after the call at 20ms, found "
              "10ms");
    EXPECT_EQ(refusal(Story().Put(0, 10, 1, 0)),
              "history: client 1, put /k = 1: expected the revision of the answer, at least 1, "
              "found 0");
    // The answer of what was not answered is not looked at.
    EXPECT_EQ(refusal(Story().Put(20, 10, 1, 0).Ambiguous()), "");
}

TEST(History, TableSaysWhoSawWhatInTheOrderOfCalls)
{
    const auto story = Story()
                           .CasFails(5, 9, 2, 3)
                           .Put(0, 1, 1, 2)
                           .Member("e1")
                           .Serializable(2, 4, 2, 1, 2)
                           .Delete(6, 7, 4);
    EXPECT_EQ(Table(static_cast<const History&>(story).operations),
              "client  operation                 call ms  end ms  saw\n"
              "2       put /k = 1                0        1       revision 2 [e1]\n"
              "3       serializable read /k      2        4       revision 2: 1 of revision 2\n"
              "1       if revision 2 put /k = 0  5        9       revision 3: not equal\n"
              "4       delete /k                 6        7       revision 4: deleted 1\n");
}

} // namespace

} // namespace etcdlab::check::test
