// etcdlab advise as people use it.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace
{

using Program = etcdlab::ProgramFixture;

TEST_F(Program, AdviseRanksTheThesisChoices)
{
    const auto run = Run("advise SCENARIOS/plans/where-to-lead.json --keep 3 --replications 2 "
                         "--set workload.count=30");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("6 choices; 3 simulated, 2 times each and once for every loss; 3 set "
                           "aside: by the closed form they take "),
              std::string::npos)
        << run.out;
    // The API server is 50 ms from e2, and e2's quorum 160 ms away: the README's 210 ms.
    EXPECT_NE(run.out.find("Fastest: leader=e2, $route=leader proxy, 210."), std::string::npos)
        << run.out;
    const auto again = Run("advise SCENARIOS/plans/where-to-lead.json --keep 3 --replications 2 "
                           "--set workload.count=30 -j 1");
    EXPECT_EQ(again.out, run.out);
}

TEST_F(Program, AdviseSeesOutagesThatAreLongerThanTheLoss)
{
    // Members campaign 30 to 60 s after the last heartbeat: whoever tries for a shorter time finds all requests equally slow.
    const auto run = Run("advise SCENARIOS/plans/where-to-lead.json --keep 1 --replications 1 "
                         "--set workload.count=30 "
                         "--set member.heartbeat_interval=3s --set member.election_timeout=30s");
    ASSERT_EQ(run.code, 0) << run.err;
    double seconds = 0;
    const std::string line = "Shortest outage: leader=e2, $route=leader proxy, ";
    const auto at = run.out.find(line);
    ASSERT_NE(at, std::string::npos) << run.out;
    ASSERT_EQ(std::sscanf(run.out.c_str() + at + line.size(), "%lf s when it loses e2", &seconds),
              1)
        << run.out;
    EXPECT_GE(seconds, 27) << "a heartbeat may have come up to 3 s before";
    EXPECT_LE(seconds, 70);
}

TEST_F(Program, AdviseTakesATableOfRoundTripTimes)
{
    Write("rtt.csv", ",a,b,c\na,,10,40\nb,,,50\n");
    const auto run = Run("advise rtt.csv --api-server b --keep 6 --replications 2 --set "
                         "workload.count=30 --set member.disk=ideal");
    ASSERT_EQ(run.code, 0) << run.err;
    // From b to a leader in b half a millisecond, from there to the nearest follower, a, 10 ms.
    EXPECT_NE(run.out.find("Fastest: a, b*, c; leader proxy, 10.5"), std::string::npos) << run.out;
    // A proxy that is gone is gone for its 20 s; without one there is only an election to wait for.
    EXPECT_NE(run.out.find(", of e2 (b)"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("; round robin, ", run.out.find("Shortest outage: ")), std::string::npos)
        << run.out;
    const auto wrong = Run("advise rtt.csv --api-server d");
    EXPECT_EQ(wrong.code, 2);
    EXPECT_EQ(wrong.err, "--api-server: unknown name \"d\": did you mean \"a\"? Known: a, b, c\n");
    EXPECT_EQ(Run("advise none.csv").code, 2);
    EXPECT_EQ(Run("advise SCENARIOS/plans/leader-or-proxy.json").code,
              2); // a sweep's plan has metrics
}

} // namespace
