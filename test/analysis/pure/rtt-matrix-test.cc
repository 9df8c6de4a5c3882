// Matrices of round-trip times, and the clusters they make.
#include "analysis/pure/rtt-matrix.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

#include <set>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr const char* THREE = ",fra,ams,lhr\nfra,,7,12.5\nams,9,,6ms\nlhr,,,\n";

std::string
MatrixError(const std::string& text)
{
    try
    {
        ReadRttMatrix(text, "m.csv");
    }
    catch (const ScenarioError& error)
    {
        return error.what();
    }
    return "(none)";
}

TEST(RttMatrixTest, DirectionsAreAveragedAndOneIsEnough)
{
    const auto matrix = ReadRttMatrix(THREE, "m.csv");
    EXPECT_EQ(matrix.sites, (std::vector<std::string>{"fra", "ams", "lhr"}));
    const std::vector<std::vector<Duration>> expected = {
        {SAME_SITE_RTT, 8ms, 12'500us}, {8ms, SAME_SITE_RTT, 6ms}, {12'500us, 6ms, SAME_SITE_RTT}};
    EXPECT_EQ(matrix.rtt, expected);
}

TEST(RttMatrixTest, BlanksCommentsMarksAndWindowsLinesDoNotCount)
{
    const auto matrix =
        ReadRttMatrix("\xef\xbb\xbf# from ping\r\n\r\n , a , b\r\n b , 3 ,0.2\r\n", "m.csv");
    EXPECT_EQ(matrix.rtt[0][1], 3ms);
    EXPECT_EQ(matrix.rtt[1][1], 200us);
}

TEST(RttMatrixTest, WhatIsWrongIsSaidWithItsPlace)
{
    EXPECT_EQ(MatrixError(""),
              "m.csv: expected a first line with the sites' names, as \",fra,ams,lhr\", found an "
              "empty file");
    EXPECT_EQ(
        MatrixError(",a,b\n\na,,x\n"),
        "m.csv:3: column 3: expected milliseconds, as 7.1, or a duration, as 7.1ms, found \"x\"");
    EXPECT_EQ(MatrixError(",a,b\na,,-1\n"),
              "m.csv:2: column 3: expected milliseconds from 0 to 5000, found -1");
    EXPECT_EQ(MatrixError(",a,b\na,,6s\n"), "m.csv:2: column 3: expected at most 5s, found 6s");
    EXPECT_EQ(MatrixError(",ams,fra\nasm,1,2\n"),
              "m.csv:2: column 1: unknown name \"asm\": did you mean \"ams\"? Known: ams, fra");
    EXPECT_EQ(MatrixError(",a,a\n"), "m.csv:1: column 3: \"a\" is there already");
    EXPECT_EQ(MatrixError(",a,b\na,1,2,3\n"),
              "m.csv:2: column 4: expected a line of 3 cells, found 4");
    EXPECT_EQ(MatrixError(",a,b\n"),
              "m.csv: expected a round-trip time between a and b, found none");
}

TEST(RttMatrixTest, EveryChoiceOfSitesLeadersAndWaysIsMade)
{
    const auto placements = MakePlacements(ReadRttMatrix(THREE, "m.csv"), 0, 2);
    ASSERT_EQ(placements.size(), 12U); // three pairs, two leaders, two ways
    EXPECT_EQ(placements[0].name, "fra*, ams; round robin");
    EXPECT_EQ(placements[11].name, "ams, lhr*; leader proxy");
    EXPECT_EQ(placements[11].sites,
              (std::map<std::string, std::string>{{"e1", "ams"}, {"e2", "lhr"}}));
    std::set<std::string> names;
    for (const auto& placement : placements)
    {
        names.insert(placement.name);
    }
    EXPECT_EQ(names.size(), 12U);

    const auto scenario = ReadScenarioText(placements[11].scenario, "placement");
    EXPECT_EQ(scenario.leader, "e2");
    ASSERT_TRUE(scenario.proxy);
    EXPECT_EQ(scenario.links.at({"api", "e1"}).delay, 4ms); // half of 8 ms
    EXPECT_EQ(scenario.links.at({"api", "e2"}).delay, 6'250us);
    EXPECT_EQ(scenario.links.at({"e1", "e2"}).delay, 3ms);
    EXPECT_FALSE(ReadScenarioText(placements[0].scenario, "placement").proxy);
}

TEST(RttMatrixTest, TimersFollowTheMembersFurthestApartButNotBelowEtcdsDefaults)
{
    const auto near =
        ReadScenarioText(MakePlacements(ReadRttMatrix(THREE, "m.csv"), 0, 3)[0].scenario, "p");
    EXPECT_EQ(near.member.heartbeatInterval, 100ms);
    EXPECT_EQ(near.member.electionTimeout, 1s);
    const auto far = ReadScenarioText(
        MakePlacements(ReadRttMatrix(",a,b\na,,250.4\n", "m.csv"), 0, 2)[0].scenario, "p");
    EXPECT_EQ(far.member.heartbeatInterval, 251ms);
    EXPECT_EQ(far.member.electionTimeout, 2510ms);
}

TEST(RttMatrixTest, MembersShareSitesIfThereAreTooFew)
{
    const auto placements = MakePlacements(ReadRttMatrix(",a,b\na,,5\n", "m.csv"), 1, 3);
    ASSERT_EQ(placements.size(), 12U); // two of them here and one there, or the other way round
    EXPECT_EQ(placements[0].name, "a*, a, b; round robin");
    EXPECT_EQ(ReadScenarioText(placements[0].scenario, "p").links.at({"e1", "e2"}).delay, 250us);
}

TEST(RttMatrixTest, TooManyClustersAreRefused)
{
    RttMatrix matrix;
    for (int i = 0; i < 40; ++i)
    {
        matrix.sites.push_back("s" + std::to_string(i));
    }
    matrix.rtt.assign(40, std::vector<Duration>(40, 1ms));
    // 40 * 39 * 38 / 6 = 9880 choices of sites, each with three leaders and two ways.
    try
    {
        MakePlacements(matrix, 0, 3);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(std::string(error.what()),
                  "59280 clusters could be built of these, and at most 50000 are compared: give "
                  "fewer sites or members");
    }
    EXPECT_THROW(MakePlacements(matrix, 0, 9), std::invalid_argument);
}

} // namespace

} // namespace etcdlab
