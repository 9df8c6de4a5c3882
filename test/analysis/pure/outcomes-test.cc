// Outcomes of runs, worked out by hand.
#include "analysis/pure/outcomes.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

RequestRecord
Row(Duration start,
    Duration end,
    const std::string& outcome = "ok",
    const std::string& operation = "put")
{
    RequestRecord record;
    record.start = start;
    record.end = end;
    record.outcome = outcome;
    record.operation = operation;
    return record;
}

bool
Any(const RequestRecord&)
{
    return true;
}

TEST(Unavailability, LastsFromTheLastSuccessBeforeToTheFirstAfter)
{
    // Latencies of successes: 5, 5, 5, 500 ms; the lower median is 5, so the threshold is 15 ms.
    const std::vector<RequestRecord> rows{Row(0ms, 5ms),
                                          Row(10ms, 15ms),
                                          Row(20ms, 220ms, "etcdserver: request timed out"),
                                          Row(30ms, 530ms),
                                          Row(540ms, 545ms)};
    const auto found = FindUnavailability(rows, Any);
    EXPECT_EQ(found.threshold, 15ms);
    EXPECT_EQ(found.windows, (std::vector<Window>{{15ms, 530ms}}));
}

TEST(Unavailability, IsNotAPauseInWhichNobodyAsked)
{
    const std::vector<RequestRecord> rows{Row(0ms, 5ms), Row(1000ms, 1005ms), Row(2000ms, 2005ms)};
    EXPECT_TRUE(FindUnavailability(rows, Any).windows.empty());
}

TEST(Unavailability, ReachesToTheEndIfNothingEverWorkedAgain)
{
    const std::vector<RequestRecord> rows{
        Row(0ms, 2ms), Row(5ms, 7005ms, "timeout"), Row(6ms, 7006ms, "timeout")};
    const auto found = FindUnavailability(rows, Any);
    EXPECT_EQ(found.threshold, 10ms) << "3 x 2 ms would be less than the least";
    EXPECT_EQ(found.windows, (std::vector<Window>{{2ms, 7006ms}}));
}

TEST(Unavailability, BeginsWithTheFirstRequestIfNoneHadWorked)
{
    const std::vector<RequestRecord> rows{Row(100ms, 200ms, "timeout"), Row(201ms, 203ms)};
    EXPECT_EQ(FindUnavailability(rows, Any).windows, (std::vector<Window>{{100ms, 203ms}}));
}

TEST(Unavailability, OfWritesDoesNotEndWithARead)
{
    const std::vector<RequestRecord> rows{Row(0ms, 2ms),
                                          Row(5ms, 305ms, "timeout"),
                                          Row(100ms, 101ms, "ok", "serializable_range"),
                                          Row(310ms, 312ms)};
    EXPECT_EQ(FindUnavailability(rows, IsWrite).windows, (std::vector<Window>{{2ms, 312ms}}));
    // Of all requests: who asked after 101 ms was answered; the failed one had asked long before.
    EXPECT_EQ(FindUnavailability(rows, Any).windows, (std::vector<Window>{{2ms, 101ms}}));
}

TEST(Unavailability, IsWhenARequestWasMadeNotWhenItsTimeoutEnded)
{
    // The write of 5 ms was lost with its leader, and fails 7 s later, when all is well again and nobody asks.
    const std::vector<RequestRecord> rows{
        Row(0ms, 2ms), Row(5ms, 7005ms, "timeout"), Row(900ms, 902ms), Row(1000ms, 1002ms)};
    EXPECT_EQ(FindUnavailability(rows, Any).windows, (std::vector<Window>{{2ms, 902ms}}));
}

TEST(Unavailability, CountsRequestsThatWereUnderWayWhenItBegan)
{
    // That of 1 ms was in flight beside one answered at 3 ms.
    const std::vector<RequestRecord> rows{
        Row(0ms, 3ms), Row(1ms, 7001ms, "timeout"), Row(500ms, 502ms), Row(510ms, 512ms)};
    EXPECT_EQ(FindUnavailability(rows, Any).windows, (std::vector<Window>{{3ms, 502ms}}));
}

TEST(Unavailability, OfNoRequestsIsNone)
{
    EXPECT_TRUE(FindUnavailability({}, Any).windows.empty());
}

/// e1 leads from 1 s, dies at 5 s; e2 is elected at 7 s, and e3 learns of it.
const std::vector<LeaderNews> NEWS{{1s, "e1", "e1", 2},
                                   {1s, "e2", "e1", 0},
                                   {5s, "e1", "", 0},
                                   {6s, "e2", "", 0},
                                   {7s, "e2", "e2", 4},
                                   {7s, "e3", "e2", 0}};

TEST(Elections, AreThoseOfMembersThatHoldThemselvesForLeaders)
{
    EXPECT_EQ(FindElections(NEWS), (std::vector<Election>{{1s, "e1", 2}, {7s, "e2", 4}}));
}

TEST(Elections, NobodyLeadsFromTheLeadersEndToTheNextElection)
{
    EXPECT_EQ(LeaderlessTime(NEWS, {2s, 10s}), 2s);
    EXPECT_EQ(LeaderlessTime(NEWS, {0s, 10s}), 3s) << "the first second, too";
    EXPECT_EQ(LeaderlessTime(NEWS, {6s, 6500ms}), 500ms);
    EXPECT_EQ(LeaderlessTime({}, {2s, 10s}), 8s);
}

TEST(Elections, TwoWhoBothThinkTheyLeadAreNotNobody)
{
    const std::vector<LeaderNews> news{
        {1s, "e1", "e1", 2}, {3s, "e2", "e2", 3}, {4s, "e1", "e2", 0}};
    EXPECT_EQ(LeaderlessTime(news, {1s, 10s}), 0s);
}

} // namespace

} // namespace etcdlab
