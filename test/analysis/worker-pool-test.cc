// Tasks in processes of their own.
#include "analysis/worker-pool.h"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace etcdlab
{

namespace
{

std::vector<TaskResult>
RunAll(std::size_t tasks, std::size_t jobs, const std::function<std::string(std::size_t)>& task)
{
    std::vector<TaskResult> results;
    RunInProcesses(
        tasks, jobs, {.seconds = 60}, task, [&](std::size_t number, const TaskResult& result) {
            EXPECT_EQ(number, results.size()) << "in order";
            results.push_back(result);
            return true;
        });
    return results;
}

TEST(WorkerPool, GivesResultsInOrderWhateverOrderTheyEndIn)
{
    // More than a pipe holds comes from the even ones, so that odd ones end earlier.
    const auto task = [](std::size_t number) {
        return std::string(number % 2 == 0 ? 200000 : 1, static_cast<char>('a' + number));
    };
    for (const std::size_t jobs : {1, 2, 7, 100})
    {
        const auto results = RunAll(7, jobs, task);
        ASSERT_EQ(results.size(), 7U);
        for (std::size_t i = 0; i < results.size(); ++i)
        {
            EXPECT_EQ(results[i].output, task(i));
            EXPECT_EQ(results[i].failure, "");
        }
    }
}

TEST(WorkerPool, OneThatDiesIsAResultAndNotTheEnd)
{
    const auto results = RunAll(3, 2, [](std::size_t number) -> std::string {
        if (number == 1)
        {
            ::raise(SIGKILL);
        }
        return "well";
    });
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(results[0].output, "well");
    EXPECT_EQ(results[1].failure, "ended by a signal: Killed");
    EXPECT_EQ(results[1].output, "");
    EXPECT_EQ(results[2].output, "well");
}

TEST(WorkerPool, OneThatEndsByItselfHasFailedIfItSaysSo)
{
    const auto results = RunAll(1, 1, [](std::size_t) -> std::string { ::_exit(7); });
    EXPECT_EQ(results.at(0).failure, "ended with code 7");
}

TEST(WorkerPool, OneThatTakesTooLongIsGivenUp)
{
    RunInProcesses(
        1,
        1,
        {.seconds = 1},
        [](std::size_t) -> std::string {
            for (;;)
            {
                ::pause();
            }
        },
        [](std::size_t, const TaskResult& result) {
            EXPECT_EQ(result.failure, "took too long");
            return true;
        });
}

TEST(WorkerPool, StopsWhenToldTo)
{
    std::size_t told = 0;
    RunInProcesses(
        1000,
        4,
        {.seconds = 60},
        [](std::size_t) { return ""; },
        [&](std::size_t, const TaskResult&) { return ++told < 5; });
    EXPECT_EQ(told, 5U);
}

TEST(WorkerPool, StopsWhenWhoeverLooksOnSaysSo)
{
    std::size_t ended = 0;
    RunInProcesses(
        1000,
        4,
        {.seconds = 60},
        [](std::size_t) { return ""; },
        [](std::size_t, const TaskResult&) { return true; },
        [&](std::size_t now) {
            EXPECT_GE(now, ended);
            ended = now;
            return ended < 5;
        });
    EXPECT_GE(ended, 5U);
    EXPECT_LE(ended, 8U); // four at a time may end at once
}

TEST(WorkerPool, NoTasksAreNoWork)
{
    EXPECT_TRUE(RunAll(0, 4, [](std::size_t) { return ""; }).empty());
}

} // namespace

} // namespace etcdlab
