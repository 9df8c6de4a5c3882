// One truth, and what a watcher may and may not have seen of it.
#include "analysis/check/watch-check.h"

#include <gtest/gtest.h>

namespace etcdlab::check::test
{

namespace
{

using Type = WatchStep::Type;

// Revision 2: /a = 1. 3: /b = 2. 4: /a = 3. 5: /c = 4. 6: /a and /b deleted. 7: /a = 5.
const std::vector<Change> TRUTH{{2, "/a", false, 1},
                                {3, "/b", false, 2},
                                {4, "/a", false, 3},
                                {5, "/c", false, 4},
                                {6, "/a", true, 0},
                                {6, "/b", true, 0},
                                {7, "/a", false, 5}};
const std::vector<std::optional<std::uint64_t>> PREVIOUS{{}, {}, 1, {}, 3, 2, {}};

/// A response with these changes of TRUTH, counted from 0.
WatchStep
Response(const std::vector<std::size_t>& changes)
{
    WatchStep step;
    for (const auto i : changes)
    {
        step.events.push_back({TRUTH[i], PREVIOUS[i]});
    }
    return step;
}

/// A watch of /a and /b from revision 2 on, with previous values.
WatchLog
Watch(const std::vector<WatchStep>& steps)
{
    return {"w", "/a", "/c", 2, true, steps, 0};
}

/// "rule: sentence" of the first violation, "ok" if there is none.
std::string
Verdict(const WatchLog& log)
{
    const auto violations = CheckWatch(log, TRUTH);
    return violations.empty() ? "ok" : NameOf(violations[0].rule) + ": " + violations[0].what;
}

TEST(WatchCheck, AllInOrder)
{
    EXPECT_EQ(Verdict(Watch({Response({0}), Response({1}), Response({2}), Response({4, 5})})),
              "ok");
    // Several revisions in one response, as a watch that lags gets them.
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2, 4, 5, 6})})), "ok");
    // Those that have not come yet are not missing.
    EXPECT_EQ(Verdict(Watch({})), "ok");
}

TEST(WatchCheck, Ordered)
{
    EXPECT_EQ(Verdict(Watch({Response({0, 2, 1})})),
              "reliable: put /b = 2 at revision 3 did not come, before one of revision 4");
    const auto violations = CheckWatch(Watch({Response({0, 2, 1})}), TRUTH);
    ASSERT_EQ(violations.size(), 2U);
    EXPECT_EQ(violations[1].rule, WatchRule::ORDERED);
    EXPECT_EQ(violations[1].what, "put /b = 2 at revision 3 came after one of revision 4");
    EXPECT_EQ(violations[1].watcher, "w");
}

TEST(WatchCheck, Unique)
{
    EXPECT_EQ(Verdict(Watch({Response({0}), Response({0})})),
              "unique: put /a = 1 at revision 2 came twice");
}

TEST(WatchCheck, ReliableFromTheStartToTheLast)
{
    EXPECT_EQ(Verdict(Watch({Response({1})})),
              "reliable: put /a = 1 at revision 2 did not come, before one of revision 3");
    auto later = Watch({Response({1})});
    later.start = 3;
    EXPECT_EQ(Verdict(later), "ok");
    // A progress notification says that all has come.
    EXPECT_EQ(Verdict(Watch({Response({0}), {Type::PROGRESS, 2, {}}})), "ok");
    EXPECT_EQ(
        Verdict(Watch({Response({0}), {Type::PROGRESS, 3, {}}})),
        "reliable: put /b = 2 at revision 3 did not come, although the server said it was all");
    auto waited = Watch({Response({0, 1})});
    waited.expectedUntil = 3;
    EXPECT_EQ(Verdict(waited), "ok");
    waited.expectedUntil = 5;
    EXPECT_EQ(Verdict(waited), "reliable: put /a = 3 at revision 4 did not come, until the end");
}

TEST(WatchCheck, Atomic)
{
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2}), Response({4}), Response({5})})),
              "atomic: delete /b at revision 6 did not come with the others of that revision");
    // A watch of one of the keys gets its part alone.
    WatchLog one{"w", "/a", "", 2, true, {Response({0}), Response({2}), Response({4})}, 0};
    EXPECT_EQ(Verdict(one), "ok");
}

TEST(WatchCheck, Resumable)
{
    const WatchStep broken{Type::CANCELLED, 0, {}};
    const auto resumed = [](Revision revision) { return WatchStep{Type::RESUMED, revision, {}}; };
    // Revision 5 is not of its keys: resuming at 5 or 6 is the same.
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2}), broken, resumed(5), Response({4, 5})})), "ok");
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2}), broken, resumed(6), Response({4, 5})})), "ok");
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2}), broken, resumed(7), Response({6})})),
              "resumable: delete /a at revision 6 did not come, and the watch resumed after it");
    EXPECT_EQ(Verdict(Watch({Response({0, 1}), broken, resumed(3), Response({1, 2})})),
              "unique: put /b = 2 at revision 3 came twice");
}

TEST(WatchCheck, TrueToWhatHappened)
{
    const auto with = [](const Change& change, std::optional<std::uint64_t> previous) {
        auto step = Response({0});
        step.events.push_back({change, previous});
        return Watch({step});
    };
    EXPECT_EQ(Verdict(with({3, "/b", false, 2}, {})), "ok");
    EXPECT_EQ(Verdict(with({3, "/b", false, 9}, {})),
              "true: put /b = 9 at revision 3 came, which did not happen");
    EXPECT_EQ(Verdict(with({3, "/b", true, 0}, {})),
              "true: delete /b at revision 3 came, which did not happen");
    EXPECT_EQ(Verdict(Watch({Response({0, 1, 2, 3})})),
              "true: put /c = 4 at revision 5 came, which is not watched");
    auto early = Watch({Response({0, 1})});
    early.start = 3;
    EXPECT_EQ(Verdict(early), "true: put /a = 1 at revision 2 came to a watch from revision 3");
}

TEST(WatchCheck, PreviousValues)
{
    auto wrong = Watch({Response({0, 1, 2})});
    wrong.steps[0].events[2].previous = 2;
    EXPECT_EQ(Verdict(wrong),
              "true: put /a = 3 at revision 4 came with the previous value 2 instead of 1");
    // Who did not ask gets none.
    wrong.previousValues = false;
    EXPECT_EQ(Verdict(wrong), "ok");
    // After a deletion there is none: revision 7.
    auto after = Watch({Response({0, 1, 2, 4, 5, 6})});
    after.steps[0].events.back().previous = 3;
    EXPECT_EQ(Verdict(after),
              "true: put /a = 5 at revision 7 came with the previous value 3 instead of none");
}

} // namespace

} // namespace etcdlab::check::test
