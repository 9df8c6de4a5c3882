#include "analysis/pure/ladder.h"
#include "analysis/pure/trace.h"

#include <gtest/gtest.h>

#include <map>

namespace etcdlab
{
namespace
{

Duration
At(int milliseconds)
{
    return Duration{std::chrono::milliseconds(milliseconds)};
}

const RequestRecord RUNG_REQUEST{.number = 31,
                                 .start = At(1000),
                                 .end = At(1050),
                                 .operation = "put",
                                 .client = "api",
                                 .member = "e1"};

std::vector<LadderMessage>
RungMessages()
{
    return {{"e1", "e2", "too early", 1, At(999), At(1010), false},
            {"api", "e1", "/etcdserverpb.KV/Put", 1137, At(1000), At(1020), false},
            {"e2", "e1", "MsgHeartbeat", 30, At(1001), At(1002), true},
            {"e1", "api", "answer", 60, At(1030), At(1050), false},
            {"e1", "e2", "MsgApp, commit 3", 40, At(1030), At(1080), false},
            {"e1", "e2", "too late", 1, At(1050), At(1051), false}};
}

TEST(Ladder, HasWhatWasSentWhileTheRequestWasUnderWay)
{
    const auto ladder = MakeLadder(RUNG_REQUEST,
                                   {RUNG_REQUEST},
                                   {"api", "e1", "e2", "e3"},
                                   RungMessages(),
                                   {{"e1", At(1020), At(1030)}, {"e1", At(1060), At(1070)}});
    EXPECT_EQ(
        LadderText(ladder),
        "put number 31 of api through e1: 50.000 ms\n"
        "\n"
        "sent, ms  arrived    api       e1        e2\n"
        "   0.000   20.000    o--------->         |          /etcdserverpb.KV/Put, 1137 bytes\n"
        "  20.000   30.000    |         #         |          disk sync\n"
        "  30.000   50.000    <---------o         |          answer, 60 bytes\n"
        "  30.000   80.000    |         o--------->          MsgApp, commit 3, 40 bytes\n");
}

TEST(Ladder, ShowsTheBackgroundIfAsked)
{
    const auto ladder =
        MakeLadder(RUNG_REQUEST, {RUNG_REQUEST}, {"api", "e1", "e2"}, RungMessages(), {}, true);
    EXPECT_NE(LadderText(ladder).find("<---------o          MsgHeartbeat, 30 bytes"),
              std::string::npos)
        << LadderText(ladder);
}

TEST(Ladder, SaysHowManyOthersWereUnderWay)
{
    auto before = RUNG_REQUEST;
    before.number = 30;
    before.start = At(900);
    before.end = At(1000); // touches it, no more
    auto meanwhile = before;
    meanwhile.number = 29;
    meanwhile.end = At(1001);
    const auto ladder = MakeLadder(
        RUNG_REQUEST, {before, meanwhile, RUNG_REQUEST}, {"api", "e1"}, RungMessages(), {});
    EXPECT_EQ(ladder.others, 1U);
    EXPECT_NE(LadderText(ladder).find(
                  "\n1 other request was under way meanwhile; their messages are among these.\n"),
              std::string::npos);
}

TEST(Ladder, IsDrawnWithATitleForEachThing)
{
    auto messages = RungMessages();
    messages[1].name = "<b>";
    const auto svg = LadderSvg(MakeLadder(
        RUNG_REQUEST, {RUNG_REQUEST}, {"api", "e1", "e2"}, messages, {{"e1", At(1020), At(1030)}}));
    EXPECT_NE(svg.find("<title>&lt;b&gt;, 1137 bytes: 0.000 to 20.000 ms</title>"),
              std::string::npos);
    EXPECT_EQ(svg.find("<b>"), std::string::npos);
    // 80 ms, until the last arrives, are 640 units from 70 on; lanes are 260 apart, the first one at 90.
    EXPECT_NE(svg.find("<path d=\"M90 70L350 230\""), std::string::npos);
    EXPECT_NE(svg.find("<rect x=\"345\" y=\"230\" width=\"10\" height=\"80\""), std::string::npos);
}

TEST(Trace, EveryBeginHasItsEndInTheSameProcess)
{
    auto failed = RUNG_REQUEST;
    failed.outcome = "unavailable";
    const auto json = TraceJson({"api", "e1", "e2"},
                                {failed},
                                RungMessages(),
                                {{"e1", At(1020), At(1030)}},
                                {{"e1", {"request", 0, At(1020), At(1020), At(1021)}},
                                 {"e1", {"message", 0, At(1020), At(1021), At(1023)}}});
    std::map<std::uint64_t, nlohmann::json> open;
    std::size_t spans = 0;
    std::vector<std::string> onThreads;
    for (const auto& event : json["traceEvents"])
    {
        for (const auto* key : {"ph", "pid", "tid", "name", "cat"})
        {
            EXPECT_TRUE(event.contains(key)) << event;
        }
        const std::string phase = event["ph"];
        if (phase == "b")
        {
            EXPECT_TRUE(open.emplace(event["id"], event).second) << event;
        }
        else if (phase == "X" || event["name"] == "thread_name")
        {
            std::ostringstream text;
            text << event["pid"];
            if (phase == "X")
            {
                text << "/" << event["tid"] << ": " << event["cat"].get<std::string>() << " "
                     << event["name"].get<std::string>() << " at " << event["ts"].get<int>()
                     << " for " << event["dur"].get<int>();
            }
            else
            {
                text << ": thread " << event["tid"] << " is "
                     << event["args"]["name"].get<std::string>();
            }
            onThreads.push_back(text.str());
        }
        else if (phase == "e")
        {
            const auto begin = open.extract(event["id"]);
            ASSERT_FALSE(begin.empty()) << event;
            EXPECT_EQ(begin.mapped()["pid"], event["pid"]);
            EXPECT_EQ(begin.mapped()["name"], event["name"]);
            EXPECT_EQ(begin.mapped()["cat"], event["cat"]);
            EXPECT_LE(begin.mapped()["ts"].get<double>(), event["ts"].get<double>());
            ++spans;
        }
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(spans, 1 + RungMessages().size() + 1); // the message waited for the core
    EXPECT_EQ(json["traceEvents"][3]["args"]["error.type"], "unavailable");
    EXPECT_EQ(onThreads,
              (std::vector<std::string>{"2: thread 1 is disk",
                                        "2/1: disk fdatasync at 1020000 for 10000",
                                        "2: thread 2 is core 0",
                                        "2/2: cpu request at 1020000 for 1000",
                                        "2/2: cpu message at 1021000 for 2000"}));
}

} // namespace
} // namespace etcdlab
