// The checkers against an exhaustive one, on random histories.
#include "analysis/check/linearizability.h"
#include "analysis/check/minimise.h"
#include "analysis/check/revision-order.h"
#include "test/analysis/check/histories.h"

#include <gtest/gtest.h>

#include <chrono>

namespace etcdlab::check::test
{

namespace
{

Verdict
Check(const History& history, bool searchEveryKey = false)
{
    LinearizabilityOptions options;
    options.searchEveryKey = searchEveryKey;
    return CheckLinearizability(history, options).verdict;
}

/// Without the order of revisions over all keys; of the first key.
Verdict
SearchOnly(const History& history)
{
    std::vector<Operation> operations;
    for (const auto& o : history.operations)
    {
        if (auto part = ForKey(o, "/0"))
        {
            operations.push_back(*part);
        }
    }
    return SearchKey(operations, std::nullopt).verdict;
}

TEST(Agreement, SequentialExecutionsAreLinearizable)
{
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i)
    {
        const Mix mix{1 + i % 60, 1 + i % 4, 1 + i % 7, 0.1 * (i % 4), 0, 0.3, i % 3 == 0};
        const auto history = RandomHistory(random, mix);
        const auto result = CheckLinearizability(history, {{}, true});
        ASSERT_EQ(result.verdict, Verdict::OK) << i << ": " << Describe(result);
    }
}

TEST(Agreement, OneKeyWithAllOrders)
{
    std::mt19937 random(2);
    int violations = 0;
    for (int i = 0; i < 6000; ++i)
    {
        auto history = RandomHistory(random, {2 + i % 6, 1, 1 + i % 4, 0.3, 0, 0, i % 2 == 0});
        for (int mutations = i % 3; mutations > 0; --mutations)
        {
            Mutate(random, history);
        }
        for (auto& o : history.operations)
        {
            o.end = std::max(o.end, o.call);
        }
        const auto expected = IsLinearizableByAllOrders(history) ? Verdict::OK : Verdict::VIOLATION;
        violations += expected == Verdict::VIOLATION ? 1 : 0;
        ASSERT_EQ(SearchOnly(history), expected) << i << "\n" << Table(history.operations);
        ASSERT_EQ(Check(history), expected) << i << "\n" << Table(history.operations);
    }
    // Both verdicts have been compared often.
    EXPECT_GT(violations, 1000);
    EXPECT_LT(violations, 4500);
}

TEST(Agreement, SeveralKeysWithAllOrders)
{
    std::mt19937 random(3);
    int violations = 0;
    for (int i = 0; i < 4000; ++i)
    {
        const bool answered = i % 2 == 0;
        const Mix mix{2 + i % 5, 2, 1 + i % 4, answered ? 0 : 0.3, 0, 0.4, i % 3 == 0};
        auto history = RandomHistory(random, mix);
        for (int mutations = i % 3; mutations > 0; --mutations)
        {
            Mutate(random, history);
        }
        const bool good = IsLinearizableByAllOrders(history);
        violations += good ? 0 : 1;
        const auto verdict = Check(history);
        // Nothing good is refused. Nothing bad is accepted where all writes were answered; else only
        // what keys taken one by one cannot show.
        if (good || answered)
        {
            ASSERT_EQ(verdict, good ? Verdict::OK : Verdict::VIOLATION)
                << i << "\n"
                << Table(history.operations) << Describe(CheckLinearizability(history));
        }
    }
    EXPECT_GT(violations, 500);
}

TEST(Agreement, OrderOfRevisionsWithSearch)
{
    std::mt19937 random(4);
    int violations = 0;
    for (int i = 0; i < 3000; ++i)
    {
        auto history = RandomHistory(random, {40, 1, 4, 0, 0, 0, i % 2 == 0});
        if (i % 2 == 0)
        {
            Mutate(random, history);
        }
        const auto order = CheckRevisionOrder(history) ? Verdict::VIOLATION : Verdict::OK;
        violations += order == Verdict::VIOLATION ? 1 : 0;
        ASSERT_EQ(SearchOnly(history), order) << i << "\n" << Table(history.operations);
    }
    EXPECT_GT(violations, 500);
}

TEST(Agreement, ShortestHistoriesViolateAndCannotBeShortened)
{
    std::mt19937 random(5);
    int shortened = 0;
    for (int i = 0; i < 1500; ++i)
    {
        auto history = RandomHistory(random, {30, 1, 4, 0.15, 0, 0, false});
        Mutate(random, history);
        for (auto& o : history.operations)
        {
            // A wrong version may take all writes to show it.
            for (auto& found : o.found)
            {
                found.version = 0;
            }
        }
        if (SearchOnly(history) != Verdict::VIOLATION)
        {
            continue;
        }
        std::vector<Operation> operations;
        for (const auto& o : history.operations)
        {
            if (auto part = ForKey(o, "/0"))
            {
                operations.push_back(*part);
            }
        }
        History shortest;
        for (const auto index : Minimise(operations, std::nullopt, {}))
        {
            shortest.operations.push_back(operations[index]);
        }
        ++shortened;
        ASSERT_LE(shortest.operations.size(), 7U) << Table(shortest.operations);
        ASSERT_FALSE(IsLinearizableByAllOrders(shortest)) << Table(shortest.operations);
        // Without any of its reads, all is well.
        for (std::size_t j = 0; j < shortest.operations.size(); ++j)
        {
            auto rest = shortest;
            rest.operations.erase(rest.operations.begin() + static_cast<std::ptrdiff_t>(j));
            if (shortest.operations[j].kind == Kind::READ)
            {
                ASSERT_TRUE(IsLinearizableByAllOrders(rest)) << Table(shortest.operations);
            }
        }
    }
    EXPECT_GT(shortened, 200);
}

TEST(Agreement, SerializableReadsOfOldStatesPass)
{
    std::mt19937 random(6);
    for (int i = 0; i < 500; ++i)
    {
        const auto history = RandomHistory(random, {40, 2, 4, 0.1 * (i % 3), 0.5, 0.3, false});
        const auto result = CheckLinearizability(history);
        ASSERT_EQ(result.verdict, Verdict::OK) << Describe(result);
    }
}

// For the record, not asserted: machines differ.
TEST(Agreement, TimeForManyOperations)
{
    std::mt19937 random(7);
    for (const double ambiguous : {0.0, 0.01, 0.05})
    {
        for (const auto& [operations, keys] : {std::pair{20000, 50}, std::pair{2000, 1}})
        {
            const auto history =
                RandomHistory(random, {operations, keys, 64, ambiguous, 0, 0, false});
            for (const bool every : {false, true})
            {
                const auto start = std::chrono::steady_clock::now();
                const auto result = CheckLinearizability(history, {{}, every});
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
                EXPECT_NE(result.verdict, Verdict::VIOLATION) << Describe(result);
                std::printf("%d operations, %d keys, %g%% unanswered, %s: %s, %.2f s, %llu steps\n",
                            operations,
                            keys,
                            100 * ambiguous,
                            every ? "every key searched" : "searched where needed",
                            result.verdict == Verdict::OK ? "ok" : "unknown",
                            took.count(),
                            static_cast<unsigned long long>(result.steps));
            }
        }
    }
}

} // namespace

} // namespace etcdlab::check::test
