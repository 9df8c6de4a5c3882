// Links whose two directions differ: members whose messages are late by times of their own. trust-test.cc has the measured figures.
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

TEST(LinksWithTwoDelays, WithoutDisksAndProcessorsTheyAreTheSumsOfTheDelays)
{
    // Who leads, through whom, and the sum: to the leader, the quicker round trip from there, and back.
    struct Row
    {
        const char* leader;
        const char* member;
        double milliseconds;
    };

    const std::vector<Row> rows = {{"m1", "m1", 5 + 20},
                                   {"m1", "m2", 20 + (5 + 20) + 5},
                                   {"m1", "m3", 50 + (5 + 20) + 5},
                                   {"m3", "m3", 50 + 5},
                                   {"m3", "m1", 5 + (50 + 5) + 50},
                                   {"m3", "m2", 20 + (50 + 5) + 50}};
    for (const auto& row : rows)
    {
        SCOPED_TRACE(std::string(row.leader) + " leads, through " + row.member);
        const auto run = RunShipped("member-delays",
                                    {std::string("leader=") + row.leader,
                                     std::string("client.pinned_endpoint=") + row.member,
                                     "client.balancer=pinned",
                                     "member.disk=ideal",
                                     "member.cpu=null",
                                     "workload.count=30"});
        EXPECT_NEAR(run.Mean("put"), row.milliseconds, 0.3);
        EXPECT_NEAR(run.Mean("linearizable_range"), row.milliseconds, 0.3);
    }
}

} // namespace

} // namespace etcdlab
