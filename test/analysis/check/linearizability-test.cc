// Histories by hand: what is and what is not linearizable, and what is shown of it.
#include "analysis/check/linearizability.h"
#include "test/analysis/check/histories.h"

#include <gtest/gtest.h>

namespace etcdlab::check::test
{

namespace
{

/// "ok", "unknown…" or the sentence of the violation.
std::string
Verdict(const History& history)
{
    const auto text = Describe(CheckLinearizability(history));
    return text.substr(0, text.find('\n'));
}

/// How many operations are shown.
std::size_t
Shown(const History& history)
{
    return CheckLinearizability(history).violation.operations.size();
}

TEST(Linearizability, StaleRead)
{
    auto story = Story().Put(0, 10, 1, 2).Put(20, 30, 2, 3);
    // Put of revision 3 was over at 30; a read from 40 on must see it.
    EXPECT_EQ(Verdict(Story(story).Read(40, 50, 3, 2, 3)), "ok");
    EXPECT_EQ(Verdict(Story(story).Read(40, 50, 2, 1, 2)),
              "An operation at revision 3 was over before one at revision 2 began");
    EXPECT_EQ(Shown(Story(story).Read(40, 50, 2, 1, 2)), 2U);
    // One that overlaps it may see either.
    EXPECT_EQ(Verdict(Story(story).Read(29, 50, 2, 1, 2)), "ok");
    // A member that claims the new revision with the old content.
    EXPECT_EQ(Verdict(Story(story).Read(40, 50, 3, 1, 2)),
              "An answer at revision 3 takes revision 2 of /k for the last one, which is 3");
    EXPECT_EQ(Shown(Story(story).Read(40, 50, 3, 1, 2)), 3U);
}

TEST(Linearizability, WhatReturnsInTheInstantOfACallCameBefore)
{
    EXPECT_NE(Verdict(Story().Put(0, 10, 1, 2).ReadAbsent(10, 20, 1)), "ok");
    EXPECT_EQ(Verdict(Story().Put(0, 11, 1, 2).ReadAbsent(10, 20, 1)), "ok");
    // Operations without duration in one instant have no order.
    EXPECT_EQ(Verdict(Story().Put(10, 10, 1, 2).ReadAbsent(10, 10, 1)), "ok");
}

TEST(Linearizability, LostUpdateAndTwoCompareAndSwaps)
{
    const auto story = Story().Put(0, 10, 1, 2).Cas(20, 60, 2, 5, 3);
    EXPECT_EQ(Verdict(Story(story).CasFails(20, 60, 2, 3)), "ok");
    EXPECT_EQ(Verdict(Story(story).Cas(20, 60, 2, 6, 4)),
              "An answer at revision 3 takes revision 2 of /k for the last one, which is 3");
    EXPECT_EQ(Shown(Story(story).Cas(20, 60, 2, 6, 4)), 3U);
    // The comparison with what is there fails.
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).CasFails(20, 30, 2, 2)),
              "A comparison with revision 2 of /k failed at revision 2, although it was the last "
              "one");
    // Two creations.
    EXPECT_NE(Verdict(Story().Cas(0, 50, 0, 1, 2).Cas(0, 50, 0, 2, 3)), "ok");
    EXPECT_EQ(Verdict(Story().Cas(0, 50, 0, 1, 2).Delete(0, 50, 3).Cas(0, 50, 0, 2, 4)), "ok");
}

TEST(Linearizability, ReadFromTheFuture)
{
    EXPECT_EQ(Verdict(Story().Read(0, 10, 2, 1, 2).Put(20, 30, 1, 2)),
              "The write of revision 2 began after an operation at revision 2 was over");
    EXPECT_EQ(Verdict(Story().Read(0, 10, 2, 1, 2).Put(20, 30, 1, 2).Ambiguous()),
              "A read found /k = 1 of revision 2, which was not written then");
    EXPECT_EQ(Verdict(Story().Read(0, 10, 2, 1, 2)),
              "A read found /k = 1 of revision 2, which nobody wrote");
}

TEST(Linearizability, AmbiguousWriteThatSurfacesLate)
{
    const auto story =
        Story().Put(0, 10, 1, 2).Ambiguous().ReadAbsent(20, 30, 1).Read(40, 50, 2, 1, 2);
    EXPECT_EQ(Verdict(story), "ok");
    // Once there it stays.
    EXPECT_EQ(Verdict(Story(story).ReadAbsent(60, 70, 2)),
              "An answer at revision 2 finds no /k, which is there since revision 2");
}

TEST(Linearizability, AmbiguousWriteThatNeverHappens)
{
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).Ambiguous().ReadAbsent(20, 30, 1)), "ok");
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).Ambiguous().ReadAbsent(20, 30, 4)), "ok");
}

TEST(Linearizability, FailedWriteMustNotShow)
{
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).Failed().ReadAbsent(20, 30, 1)), "ok");
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).Failed().Read(20, 30, 2, 1, 2)),
              "A read found /k = 1 of revision 2, whose write had failed");
}

TEST(Linearizability, ReadsAroundADeletion)
{
    const auto story =
        Story().Put(0, 10, 1, 2).Delete(20, 40, 3).Read(25, 35, 2, 1, 2).ReadAbsent(30, 38, 3);
    EXPECT_EQ(Verdict(story), "ok");
    EXPECT_EQ(Verdict(Story(story).Read(50, 60, 3, 1, 2)),
              "An answer at revision 3 takes revision 2 of /k for the last one, which is 3");
    EXPECT_EQ(Verdict(Story(story).Delete(50, 60, 4)),
              "An answer at revision 3 finds /k, which is not there");
    EXPECT_EQ(Verdict(Story(story).Delete(50, 60, 3, 0)), "ok");
}

TEST(Linearizability, VersionsCountTheWritesSinceCreation)
{
    auto story = Story().Put(0, 10, 1, 2).Delete(20, 30, 3).Put(40, 50, 2, 4).Put(60, 70, 3, 5);
    story.Read(80, 90, 5, 3, 5);
    story.Last().found[0].version = 2;
    EXPECT_EQ(Verdict(story), "ok");
    story.Last().found[0].version = 4;
    EXPECT_EQ(Verdict(story), "A read found version 4 of /k where there should be version 2");
}

TEST(Linearizability, RevisionsBelongToOneWriteAndToNoneBeforeTheStart)
{
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 2).Put(0, 10, 2, 2).Key("/l")),
              "Two writes have revision 2");
    EXPECT_EQ(Verdict(Story().Put(0, 10, 1, 1)),
              "An answer has revision 1 where the least possible is 2");
    History history = Story().Read(0, 10, 7, 9, 5);
    EXPECT_NE(Verdict(history), "ok");
    history.initial = {{"/k", 9, 5, 3}};
    EXPECT_EQ(Verdict(history), "ok");
}

// Keys are judged one by one, revisions all together: the read of both keys saw the second write
// without the first.
TEST(Linearizability, ARangeIsReadAtOneRevision)
{
    auto story = Story().Put(0, 100, 1, 2).Key("/a").Put(0, 100, 2, 3).Key("/b");
    story.Read(0, 100, 3, 2, 3).Key("/b");
    auto& read = story.Last();
    read.key = "/";
    read.rangeEnd = "0";
    EXPECT_EQ(Verdict(story),
              "An answer at revision 3 finds no /a, which is there since revision 2");
    read.found.insert(read.found.begin(), Found{"/a", 1, 2, 1});
    EXPECT_EQ(Verdict(story), "ok");
    // Cut off after the first key, nothing is said of the second.
    read.found.pop_back();
    EXPECT_NE(Verdict(story), "ok");
    read.more = true;
    EXPECT_EQ(Verdict(story), "ok");
    // A deletion of both removed two.
    story.Delete(200, 210, 4, 2).Key("/");
    story.Last().rangeEnd = "0";
    EXPECT_EQ(Verdict(story), "ok");
    story.Last().deleted = 1;
    EXPECT_EQ(Verdict(story), "A deletion removed 1 keys where there were 2");
}

TEST(Linearizability, SerializableReadsMayBeStaleButNotGoBack)
{
    const auto story = Story().Put(0, 10, 1, 2).Member("e1").Put(20, 30, 2, 3).Member("e1");
    EXPECT_EQ(Verdict(Story(story).Serializable(40, 50, 2, 1, 2).Member("e2")), "ok");
    EXPECT_EQ(Verdict(Story(story).Serializable(40, 50, 2, 1, 2).Member("e1")),
              "Member e1 went back from revision 3 to 2");
    // A restarted member may not know yet what it had applied.
    EXPECT_EQ(Verdict(Story(story).Serializable(40, 50, 2, 1, 2).Member("e1", 1)), "ok");
    // Stale, but never made up: revision 2 is the first put's.
    EXPECT_NE(Verdict(Story(story).Serializable(40, 50, 2, 2, 2).Member("e2")), "ok");
    // Revision 3 is put from 20 on.
    EXPECT_EQ(Verdict(Story(story).Serializable(12, 20, 3, 2, 3).Member("e2")),
              "The write of revision 3 began after an operation at revision 3 was over");
}

// One deletion without answer explains one absence, not two. Only the search finds that.
TEST(Linearizability, ShortestHistoryOfASearch)
{
    const auto story = Story()
                           .Put(0, 10, 1, 2)
                           .Read(12, 18, 2, 1, 2)
                           .Delete(20, 30, 0)
                           .Ambiguous()
                           .ReadAbsent(40, 50, 3)
                           .Put(60, 70, 2, 4)
                           .Read(72, 78, 4, 2, 4)
                           .ReadAbsent(80, 90, 5)
                           .Put(100, 110, 3, 6)
                           .Read(120, 130, 6, 3, 6);
    const auto result = CheckLinearizability(story);
    EXPECT_EQ(result.searchedKeys, 1U);
    EXPECT_EQ(Describe(result),
              "No order of these operations on /k explains their answers\n"
              "client  operation   call ms  end ms  saw\n"
              "1       put /k = 1  0        10      revision 2\n"
              "3       delete /k   20       -       no answer\n"
              "4       read /k     40       50      revision 3: absent\n"
              "5       put /k = 2  60       70      revision 4\n"
              "7       read /k     80       90      revision 5: absent\n");
    // A second one would explain the other.
    EXPECT_EQ(Verdict(Story(story).Delete(20, 30, 0).Ambiguous()), "ok");
}

// Two creations without answer: one can have happened at most, and a deletion in between is seen.
TEST(Linearizability, UnansweredCompareAndSwap)
{
    const auto story = Story().Cas(0, 10, 0, 1, 0).Ambiguous().Cas(0, 10, 0, 2, 0).Ambiguous();
    EXPECT_EQ(Verdict(Story(story).Read(20, 30, 2, 2, 2)), "ok");
    EXPECT_EQ(Verdict(Story(story).Read(20, 30, 2, 2, 2).Read(40, 50, 3, 1, 3)),
              "No order of these operations on /k explains their answers");
    EXPECT_EQ(Verdict(Story(story).Read(20, 30, 2, 2, 2).Delete(32, 38, 3).Read(40, 50, 4, 1, 4)),
              "ok");
}

// The judge without the jury of revisions: a classic history of a register.
TEST(Linearizability, WithoutTheOrderOfRevisions)
{
    LinearizabilityOptions options;
    options.search.revisions = false;
    const auto verdict = [&](const History& history) {
        return CheckLinearizability(history, options).verdict;
    };
    // Revisions against time, but no read that tells.
    const History swapped = Story().Put(0, 10, 1, 3).Put(20, 30, 2, 2);
    EXPECT_EQ(CheckLinearizability(swapped).verdict, check::Verdict::VIOLATION);
    EXPECT_EQ(verdict(swapped), check::Verdict::OK);
    // Two reads of concurrent puts: both may see the same order, not opposite ones.
    const auto puts = Story().Put(0, 100, 1, 2).Put(0, 100, 2, 3);
    EXPECT_EQ(verdict(Story(puts).Read(10, 20, 1, 1, 2).Read(30, 40, 1, 2, 3)), check::Verdict::OK);
    EXPECT_EQ(verdict(Story(puts).Read(10, 20, 1, 2, 3).Read(30, 40, 1, 1, 2)), check::Verdict::OK);
    EXPECT_EQ(
        verdict(Story(puts).Read(10, 20, 1, 1, 2).Read(30, 40, 1, 2, 3).Read(50, 60, 1, 1, 2)),
        check::Verdict::VIOLATION);
}

TEST(Linearizability, GivesUpWhenToldTo)
{
    LinearizabilityOptions options;
    options.search.maxSteps = 2;
    options.searchEveryKey = true;
    const auto story =
        Story().Put(0, 10, 1, 2).Put(20, 30, 2, 3).Put(40, 50, 3, 4).Put(60, 70, 4, 5);
    const auto result = CheckLinearizability(story, options);
    EXPECT_EQ(result.verdict, check::Verdict::UNKNOWN);
    EXPECT_EQ(result.unknown, std::vector<std::string>{"/k"});
    EXPECT_EQ(Describe(result), "unknown: gave up after 3 steps on /k\n");
}

} // namespace

} // namespace etcdlab::check::test
