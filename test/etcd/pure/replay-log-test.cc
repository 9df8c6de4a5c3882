#include "model/etcd/pure/replay-log.h"
#include "model/etcd/pure/wire-size.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

const std::string HEADER =
    "t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count\n";

std::string
ErrorOf(const std::string& text)
{
    try
    {
        ReadReplayLog(text, "log.csv");
    }
    catch (const ReplayLogError& e)
    {
        return e.what();
    }
    return "nothing";
}

TEST(ReplayLog, FieldsMayBeQuoted)
{
    const auto log = ReadReplayLog(
        HEADER + "0.073,Range,Range-get,pods,\"kubelet, \"\"node 1\"\"\",54,525,1\r\n", "log.csv");
    ASSERT_EQ(log.size(), 1U);
    EXPECT_EQ(log[0].at, std::chrono::milliseconds(73));
    EXPECT_EQ(log[0].origin, "kubelet, \"node 1\"");
    EXPECT_EQ(log[0].responseBytes, 525);
}

TEST(ReplayLog, BadLinesAreNamed)
{
    const std::string columns =
        "expected the columns "
        "t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count";
    EXPECT_EQ(ErrorOf(""),
              "log.csv:1: " + columns + " and a line for each request, found an empty file");
    EXPECT_EQ(ErrorOf(HEADER),
              "log.csv:1: " + columns + " and a line for each request, found no request");
    EXPECT_EQ(ErrorOf("time,op\n"), "log.csv:1: " + columns + ", found \"time,op\"");
    EXPECT_EQ(ErrorOf(HEADER + "1,Range\n"), "log.csv:2: expected 8 fields, found 2");
    EXPECT_EQ(ErrorOf(HEADER + "x,Range,Range-get,pods,a,1,1,1\n"),
              "log.csv:2: t_s: expected seconds such as 12.345, found \"x\"");
    EXPECT_EQ(ErrorOf(HEADER + "1,Range,Range-gt,pods,a,1,1,1\n"),
              "log.csv:2: operation: unknown name \"Range-gt\": did you mean \"Range-get\"? Known: "
              "Range-get, "
              "Range-list, Range-count, Txn-create, Txn-update, Txn-delete, LeaseGrant, Status");
    EXPECT_EQ(ErrorOf(HEADER + "1,Txn,Range-get,pods,a,1,1,1\n"),
              "log.csv:2: rpc: expected \"Range\" for Range-get, found \"Txn\"");
    EXPECT_EQ(ErrorOf(HEADER + "1,Range,Range-get,pods,a,many,1,1\n"),
              "log.csv:2: request_bytes: expected a whole number, or -1 if it was not logged, "
              "found \"many\"");
    EXPECT_EQ(
        ErrorOf(HEADER + "2,Range,Range-get,pods,a,1,1,1\n1,Range,Range-get,pods,a,1,1,1\n"),
        "log.csv:3: t_s: the line before was later: expected lines in the order of their times");
    EXPECT_EQ(ErrorOf(HEADER + "1,Range,Range-get,pods,\"a,1,1,1\n"),
              "log.csv:2: a quote is never closed");
}

TEST(ReplayPlan, KeepsOrderTimesOriginsAndSizes)
{
    const auto log =
        ReadReplayLogFile(ETCDLAB_SOURCE_DIR "/test/reference/etcd-requests-sample.csv");
    const auto plan = PlanReplay(log, 0);
    ASSERT_EQ(plan.requests.size() + plan.skipped, log.size());
    std::size_t i = 0;
    double wanted = 0;
    double made = 0;
    for (const auto& logged : log)
    {
        if (logged.operation == "Status")
        {
            continue;
        }
        const auto& request = plan.requests[i++];
        EXPECT_EQ(request.at, logged.at);
        EXPECT_EQ(request.name, logged.operation);
        const auto* txn = std::get_if<TxnRequest>(&request.request);
        const auto* put = txn == nullptr || txn->success.empty()
                              ? nullptr
                              : std::get_if<PutRequest>(&txn->success.front());
        if (put != nullptr && logged.requestBytes > 0)
        {
            // The put, with tag and length of the operation around it.
            const auto bytes = static_cast<double>(RequestBytes(*put)) + 3;
            EXPECT_NEAR(bytes, static_cast<double>(logged.requestBytes), 6) << logged.resource;
            wanted += static_cast<double>(logged.requestBytes);
            made += bytes;
        }
    }
    EXPECT_NEAR(made, wanted, 0.001 * wanted);
    EXPECT_GT(wanted, 100'000);
}

TEST(ReplayPlan, ReadsFindWhatTheyFound)
{
    const auto log = ReadReplayLog(HEADER + "0,Range,Range-get,pods,a,60,2878,1\n"
                                            "0,Range,Range-get,pods,a,60,29,0\n"
                                            "0,Range,Range-list,secrets,b,56,2001144,13\n"
                                            "0,Txn,Txn-create,pods,b,0,29,0\n"
                                            "0,Status,Status,,c,-1,-1,-1\n",
                                   "log.csv");
    const auto plan = PlanReplay(log, 3);
    EXPECT_EQ(plan.chains, 2U);
    EXPECT_EQ(plan.skipped, 1U);
    ASSERT_EQ(plan.preload.size(), 3U);
    const auto& found = std::get<RangeRequest>(plan.requests[0].request);
    EXPECT_EQ(found.key, plan.preload[0].key);
    const RangeResponse response{
        1000, {KeyValue{found.key, plan.preload[0].value, 1000, 1000, 1, 0}}, 1, false};
    EXPECT_EQ(ResponseBytes(response, {1ULL << 63, 1ULL << 63, 2}), 2878U);
    EXPECT_NE(std::get<RangeRequest>(plan.requests[1].request).key, found.key);
    EXPECT_EQ(plan.preload[1].value.bytes, 1'500'000U) << "more than etcd takes in one value";
    const auto& failing = std::get<TxnRequest>(plan.requests[3].request);
    EXPECT_EQ(failing.compare.front().key, plan.preload[2].key);
    EXPECT_TRUE(plan.preload[0].key.starts_with("/replay/3/pods/"));
}

} // namespace
} // namespace etcdlab
