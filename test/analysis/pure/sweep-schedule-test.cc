// Which runs a sweep has, and in which order.
#include "analysis/pure/shard.h"
#include "analysis/pure/sweep-schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace etcdlab
{

namespace
{

SweepPlan
Plan(std::size_t points, std::uint64_t replications)
{
    SweepPlan plan;
    plan.points.resize(points);
    plan.replications = replications;
    return plan;
}

std::vector<RunKey>
All(SweepSchedule schedule)
{
    std::vector<RunKey> runs;
    while (const auto run = schedule.Next())
    {
        runs.push_back(*run);
    }
    return runs;
}

TEST(SweepSchedule, GoesByPointAndReplication)
{
    EXPECT_EQ(All(SweepSchedule(Plan(2, 2), {})),
              (std::vector<RunKey>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
}

TEST(SweepSchedule, WhatHasEndedIsNotDoneAgain)
{
    SweepSchedule schedule(Plan(2, 2), {});
    schedule.Record({0, 1}, {});
    schedule.Record({1, 0}, {});
    schedule.Record({1, 0}, {});
    EXPECT_EQ(schedule.Ended(), 2U);
    EXPECT_EQ(schedule.Known(), 4U);
    EXPECT_EQ(All(schedule), (std::vector<RunKey>{{0, 0}, {1, 1}}));
}

TEST(SweepSchedule, RowsThatThePlanDoesNotHaveDoNotCount)
{
    SweepSchedule schedule(Plan(2, 2), {0, 2});
    schedule.Record({0, 2}, {});
    schedule.Record({1, 0}, {});
    schedule.Record({9, 0}, {});
    EXPECT_EQ(schedule.Ended(), 0U);
    EXPECT_EQ(All(schedule), (std::vector<RunKey>{{0, 0}, {0, 1}}));
}

TEST(SweepSchedule, ShardsSharePointsOutWithoutRest)
{
    std::map<std::size_t, int> times;
    for (std::uint64_t shard = 0; shard < 3; ++shard)
    {
        for (const auto& run : All(SweepSchedule(Plan(7, 1), {shard, 3})))
        {
            ++times[run.point];
            EXPECT_EQ(run.point % 3, shard);
        }
    }
    EXPECT_EQ(times.size(), 7U);
    for (const auto& [point, count] : times)
    {
        EXPECT_EQ(count, 1) << point;
    }
}

/// At least 3, at most 6, until the half-width is at most 1.
SweepPlan
PlanWithRule()
{
    auto plan = Plan(1, 6);
    plan.until = StoppingRule{.metric = "m", .halfWidth = 1, .least = 3};
    return plan;
}

TEST(SweepSchedule, APointStopsWhenItsIntervalIsNarrowEnough)
{
    SweepSchedule schedule(PlanWithRule(), {});
    for (std::uint64_t i = 0; i < 3; ++i)
    {
        ASSERT_EQ(schedule.Next(), (RunKey{0, i}));
    }
    EXPECT_EQ(schedule.Next(), std::nullopt) << "whether there is a fourth depends on these";
    schedule.Record({0, 2}, 10);
    schedule.Record({0, 0}, 12);
    EXPECT_EQ(schedule.Next(), std::nullopt);
    schedule.Record({0, 1}, 11); // standard deviation 1: 4.303 / sqrt(3) = 2.48
    EXPECT_EQ(schedule.Next(), (RunKey{0, 3}));
    schedule.Record({0, 3}, 11); // 0.816: 3.182 * 0.816 / 2 = 1.30
    EXPECT_EQ(schedule.Next(), (RunKey{0, 4}));
    schedule.Record({0, 4}, 11); // 0.707: 2.776 * 0.707 / sqrt(5) = 0.88
    EXPECT_EQ(schedule.Next(), std::nullopt);
    EXPECT_EQ(schedule.Ended(), 5U);
    EXPECT_EQ(schedule.Known(), 5U);
}

TEST(SweepSchedule, APointStopsAtTheCap)
{
    SweepSchedule schedule(PlanWithRule(), {});
    std::uint64_t runs = 0;
    while (const auto run = schedule.Next())
    {
        schedule.Record(*run, 100.0 * static_cast<double>(runs++));
    }
    EXPECT_EQ(runs, 6U);
}

TEST(SweepSchedule, RunsThatFailedCountTowardsTheCapButNotForTheInterval)
{
    SweepSchedule schedule(PlanWithRule(), {});
    std::uint64_t runs = 0;
    while (const auto run = schedule.Next())
    {
        schedule.Record(*run, runs++ < 4 ? std::nullopt : std::optional(5.0));
    }
    EXPECT_EQ(runs, 6U) << "four that failed, and two equal ones";
}

TEST(SweepSchedule, ThoseThatEndedEarlierLeadToTheSameRunsInAnyOrder)
{
    for (const auto& order :
         {std::vector<std::uint64_t>{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {3, 0, 4, 2, 1}})
    {
        SweepSchedule schedule(PlanWithRule(), {});
        const double values[] = {12, 11, 10, 11, 11};
        for (const auto i : order)
        {
            schedule.Record({0, i}, values[i]);
        }
        EXPECT_EQ(schedule.Next(), std::nullopt);
        EXPECT_EQ(schedule.Ended(), 5U);
    }
}

TEST(Shard, IsReadFromTheCommandLine)
{
    const auto none = [](const char*) -> const char* { return nullptr; };
    const auto shard = ParseShard("3/16", none);
    EXPECT_EQ(shard.number, 2U);
    EXPECT_EQ(shard.count, 16U);
    EXPECT_EQ(ShardText(shard), "3/16");
    for (const char* bad :
         {"", "0/4", "5/4", "3", "3/", "/4", "a/4", "3/0", "-1/4", "auto/0", "auto/x", "3/16/2"})
    {
        try
        {
            ParseShard(bad, none);
            ADD_FAILURE() << bad;
        }
        catch (const std::invalid_argument& error)
        {
            EXPECT_EQ(std::string(error.what()),
                      "expected a shard, as 3/16 or auto or auto/16, found \"" + std::string(bad) +
                          "\"");
        }
    }
}

TEST(Shard, IsReadFromWhatEnginesSet)
{
    using Variables = std::map<std::string, std::string>;
    const auto parse = [](const char* text, const Variables& variables) {
        return ShardText(ParseShard(text, [&](const char* name) {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        }));
    };
    EXPECT_EQ(parse("auto",
                    {{"SLURM_ARRAY_TASK_ID", "7"},
                     {"SLURM_ARRAY_TASK_MIN", "5"},
                     {"SLURM_ARRAY_TASK_COUNT", "8"}}),
              "3/8");
    EXPECT_EQ(parse("auto/4", {{"JOB_COMPLETION_INDEX", "0"}}), "1/4");
    EXPECT_EQ(parse("auto", {{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "4"}}), "4/4");
    EXPECT_EQ(parse("auto", {{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}}), "2/4");
    EXPECT_EQ(parse("auto", {{"SLURM_PROCID", "1"}, {"SLURM_NTASKS", "2"}}), "2/2");
    EXPECT_EQ(parse("auto/4", {{"PARALLEL_SEQ", "4"}}), "4/4");
    const auto complaint = [&](const char* text, const Variables& variables) -> std::string {
        try
        {
            return parse(text, variables);
        }
        catch (const std::invalid_argument& error)
        {
            return error.what();
        }
    };
    EXPECT_EQ(complaint("auto", {{"JOB_COMPLETION_INDEX", "1"}}),
              "expected --shard auto/COUNT: JOB_COMPLETION_INDEX says which shard this is, and "
              "nothing how many there are");
    EXPECT_EQ(complaint("auto/4", {{"JOB_COMPLETION_INDEX", "4"}}),
              "expected JOB_COMPLETION_INDEX to be from 0 to 3, found 4");
    EXPECT_EQ(complaint("auto", {{"PMI_RANK", "x"}}),
              "expected a whole number in the environment variable PMI_RANK, found \"x\"");
    EXPECT_EQ(complaint("auto", {{"PMI_RANK", "1"}}),
              "expected a whole number in the environment variable PMI_SIZE, found none");
    EXPECT_EQ(complaint("auto", {}),
              "expected one of these environment variables to say which shard this is: "
              "SLURM_ARRAY_TASK_ID, "
              "JOB_COMPLETION_INDEX, OMPI_COMM_WORLD_RANK, PMI_RANK, SLURM_PROCID, PARALLEL_SEQ");
}

} // namespace

} // namespace etcdlab
