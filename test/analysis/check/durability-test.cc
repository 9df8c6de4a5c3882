#include "analysis/check/durability.h"
#include "test/analysis/check/histories.h"

#include <gtest/gtest.h>

namespace etcdlab::check::test
{

namespace
{

const Change FIRST{2, "/k", false, 1};
const Change SECOND{3, "/k", false, 2};
const Change GONE{4, "/k", true, 0};

/// Stores of e1, e2, e3.
std::vector<MemberStore>
Stores(const std::vector<Change>& a, const std::vector<Change>& b, const std::vector<Change>& c)
{
    return {{"e1", a}, {"e2", b}, {"e3", c}};
}

/// The first violation, "" if there is none.
std::string
Verdict(const DurabilityResult& result)
{
    return result.IsOk() ? "" : result.violations.front();
}

TEST(Durability, AcknowledgedWritesAreInAMajority)
{
    const auto story = Story().Put(0, 10, 1, 2).Put(20, 30, 2, 3).Delete(40, 50, 4);
    const std::vector<Change> all{FIRST, SECOND, GONE};
    EXPECT_EQ(Verdict(CheckDurability(story, Stores(all, all, all))), "");
    // 2 of 3 are a majority.
    const auto result = CheckDurability(story, Stores(all, {FIRST}, all));
    EXPECT_EQ(Verdict(result), "");
    EXPECT_EQ(result.acknowledged, 3U);
    EXPECT_EQ(result.lost, 0U);
    // 1 of 3 is none.
    const auto lost = CheckDurability(story, Stores(all, {FIRST, SECOND}, {FIRST}));
    EXPECT_EQ(lost.violations,
              std::vector<std::string>{"Acknowledged, but in the stores of 1 of 3 members only: "
                                       "delete /k at revision 4"});
    EXPECT_EQ(lost.lost, 1U);
    // Half is none either.
    EXPECT_EQ(CheckDurability(story, {{"e1", all}, {"e2", {FIRST, SECOND}}}).lost, 1U);
    // At another revision it is another write.
    const Change moved{3, "/k", false, 1};
    EXPECT_EQ(CheckDurability(Story().Put(0, 10, 1, 2), Stores({moved}, {moved}, {moved})).lost,
              1U);
}

TEST(Durability, OnlyThoseWhoVoteInTheEndCount)
{
    const auto story = Story().Put(0, 10, 1, 2).Put(20, 30, 2, 3);
    const std::vector<Change> all{FIRST, SECOND};
    // e1 has left; of e2, e3, e4 two are a majority, and it is in one only. A learner would not help.
    EXPECT_EQ(
        CheckDurability(
            story,
            {{"e1", all, false}, {"e2", all}, {"e3", {FIRST}}, {"e4", {FIRST}}, {"e5", all, false}})
            .lost,
        1U);
    EXPECT_EQ(
        CheckDurability(story, {{"e1", {FIRST}, false}, {"e2", all}, {"e3", all}, {"e4", {FIRST}}})
            .lost,
        0U);
}

TEST(Durability, StoresAreBeginningsOfEachOther)
{
    const auto story = Story().Put(0, 10, 1, 2).Put(0, 30, 2, 3).Put(0, 30, 3, 3).Ambiguous();
    const Change other{3, "/k", false, 3};
    EXPECT_EQ(
        Verdict(CheckDurability(story, Stores({FIRST, SECOND}, {FIRST, other}, {FIRST, SECOND}))),
        "The stores of e2 and e1 differ: put /k = 3 at revision 3 in one, put /k = 2 at "
        "revision 3 in the other");
    EXPECT_EQ(Verdict(CheckDurability(Story(), {{"e1", {SECOND, FIRST}}}, {true, false})),
              "The store of e1 has put /k = 1 at revision 2 after put /k = 2 at revision 3");
    // A revision is kept whole.
    const Change both{4, "/l", true, 0};
    EXPECT_EQ(Verdict(CheckDurability(
                  Story(), {{"e1", {FIRST, GONE, both}}, {"e2", {FIRST, GONE}}}, {true, false})),
              "The store of e2 has a part of revision 4 only");
}

TEST(Durability, PutsAreStoredAsOftenAsAskedFor)
{
    const Change again{3, "/k", false, 1};
    const std::vector<Change> twice{FIRST, again};
    // Answered once, and asked for once more without answer: the client's retry.
    const auto retried = Story().Put(0, 10, 1, 2).Ambiguous().Put(10, 20, 1, 3);
    const auto result = CheckDurability(retried, {{"e1", twice}});
    EXPECT_EQ(Verdict(result), "");
    EXPECT_EQ(result.duplicated, 1U);
    EXPECT_EQ(Verdict(CheckDurability(retried, {{"e1", twice}}, {false, true})),
              "/k = 1 is stored 2 times, but no client asks again");
    // Nobody asked again: the store has done it twice itself.
    EXPECT_EQ(Verdict(CheckDurability(Story().Put(0, 10, 1, 2), {{"e1", twice}})),
              "/k = 1 is stored 2 times, but asked for once at most");
}

TEST(Durability, RefusedAndUnknownWritesLeaveNoTrace)
{
    EXPECT_EQ(Verdict(CheckDurability(Story().Put(0, 10, 1, 2).Failed(), {{"e1", {FIRST}}})),
              "/k = 1 is stored once, but the request had failed");
    EXPECT_EQ(Verdict(CheckDurability(Story(), {{"e1", {FIRST}}})),
              "/k = 1 is stored once, but nobody asked for it");
    EXPECT_EQ(Verdict(CheckDurability(Story(), {{"e1", {FIRST}}}, {true, false})), "");
    History history;
    history.initial = {{"/k", 1, 2, 1}};
    EXPECT_EQ(Verdict(CheckDurability(history, {{"e1", {FIRST}}})), "");
    // Unanswered ones may be there or not.
    const auto unanswered = Story().Put(0, 10, 1, 2).Ambiguous();
    EXPECT_EQ(CheckDurability(unanswered, {{"e1", {FIRST}}}).surfaced, 1U);
    EXPECT_EQ(CheckDurability(unanswered, {{"e1", {}}}).surfaced, 0U);
    EXPECT_EQ(Verdict(CheckDurability(unanswered, {{"e1", {}}})), "");
}

} // namespace

} // namespace etcdlab::check::test
