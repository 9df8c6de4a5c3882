// The small parts of an API server that need no network.
#include "model/kubernetes/pure/request-log.h"
#include "model/kubernetes/pure/resource-type.h"
#include "model/kubernetes/pure/service-ip-range.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{
namespace
{

using namespace std::chrono_literals;

TEST(ResourceTypes, HaveTheStoragesThatWereCounted)
{
    // 67 watches were measured; events, in three versions, have none.
    int cached = 0;
    int uncached = 0;
    const ResourceTypes types;
    for (const auto* type : types.All())
    {
        (type->watchCached ? cached : uncached) += type->storages;
    }
    EXPECT_EQ(cached, 67);
    EXPECT_EQ(uncached, 3);
}

TEST(ServiceIpRange, GivesEachAddressOnceAndKeepsTheFirstOnes)
{
    ServiceIpRange range(4);
    EXPECT_TRUE(range.Take(1));
    EXPECT_FALSE(range.Take(1));
    EXPECT_FALSE(range.Take(16)) << "outside";
    std::set<std::uint32_t> taken;
    for (int i = 0; i < 14; ++i)
    {
        const auto number = range.Take([] { return 0.99; });
        ASSERT_TRUE(number);
        EXPECT_TRUE(taken.insert(*number).second);
    }
    EXPECT_EQ(*taken.begin(), 2U);
    EXPECT_FALSE(range.Take([] { return 0.5; })) << "full";
    range.Release(7);
    EXPECT_EQ(range.Take([] { return 0.0; }), 7U);
}

TEST(ServiceIpRange, IsAsLongAsItsHighestAddress)
{
    // 10.96.0.0/12: 2^20 bits are 131,072 bytes.
    ServiceIpRange range(20);
    EXPECT_EQ(range.Bytes(), 95U);
    range.Take(1);
    EXPECT_EQ(range.Bytes(), 96U);
    range.Take((1U << 20) - 1);
    EXPECT_EQ(range.Bytes(), 95U + 131'072U);
}

TEST(RequestLog, IsWrittenWithTheMeasuredLogsColumns)
{
    EtcdRequest later;
    later.start = 2500ms;
    later.end = 2710ms;
    later.rpc = "Txn";
    later.kind = "Txn-update";
    later.resource = "services/endpoints";
    later.origin = "leader election (endpointsleases, 2 comps)";
    later.member = "e1";
    later.outcome = "ok";
    later.requestBytes = 581;
    later.responseBytes = 40;
    auto earlier = later;
    earlier.start = 2s;
    earlier.rpc = earlier.kind = "Status";
    earlier.count = -1;
    EXPECT_EQ(EtcdRequestsText({later, earlier}, 1s),
              "t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count,"
              "latency_ms,member,"
              "outcome\n"
              "1.000000,Status,Status,services/endpoints,\"leader election (endpointsleases, 2 "
              "comps)\",581,40,-1,"
              "710.000000,e1,ok\n"
              "1.500000,Txn,Txn-update,services/endpoints,\"leader election (endpointsleases, 2 "
              "comps)\",581,40,0,"
              "210.000000,e1,ok\n");
}

TEST(RequestLog, NamesOutliveTheTextsTheyWereMadeOf)
{
    const auto name = RequestLog::Name(std::string("a ") + "name");
    EXPECT_EQ(name, "a name");
    EXPECT_EQ(name.data(), RequestLog::Name("a name").data());
}

} // namespace
} // namespace etcdlab::kube
