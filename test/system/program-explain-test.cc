// etcdlab explain as people use it.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

using Program = etcdlab::ProgramFixture;

TEST_F(Program, ExplainPrintsTheSumsInBothAccountings)
{
    const auto run = Run("explain SCENARIOS/baseline.json");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find(
                  "710 ms = client link 125 + forward 150 + quorum 160 (e3) + commit notice 150 + "
                  "client link back 125"),
              std::string::npos)
        << run.out;
    EXPECT_NE(run.out.find("343.33 ms"), std::string::npos) << run.out;
}

TEST_F(Program, ExplainAsksForALeaderIfTheMembersElectOne)
{
    const auto run = Run("explain SCENARIOS/baseline.json --set leader=");
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("--leader"), std::string::npos) << run.err;
    EXPECT_EQ(Run("explain SCENARIOS/baseline.json --set leader= --leader e3").code, 0);
}

TEST_F(Program, ExplainNamesTheMemberNearestToAnUnknownLeader)
{
    const auto run = Run("explain SCENARIOS/baseline.json --leader e9");
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "--leader: unknown member \"e9\": did you mean \"e1\"? Known: e1, e2, e3\n");
}

TEST_F(Program, ExplainSaysWhatNaglesAlgorithmDoes)
{
    const auto run = Run("explain SCENARIOS/optimised-nagle.json");
    EXPECT_EQ(run.code, 0);
    EXPECT_NE(run.out.find("  - the proxy leaves Nagle's algorithm on"), std::string::npos)
        << run.out;
    EXPECT_EQ(Run("explain SCENARIOS/optimised.json").out.find("Nagle"), std::string::npos);
}

} // namespace
