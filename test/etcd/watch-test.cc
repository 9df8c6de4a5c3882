// Watches in whole worlds: when events come, in which order, and what becomes of them when members fail.
#include "analysis/check/record.h"
#include "helper/world.h"
#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"
#include "model/workload/watcher.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

void
At(Duration when, std::function<void()> what)
{
    ns3::Simulator::Schedule(ns3::NanoSeconds(when.count()), std::move(what));
}

std::vector<std::string>
With(std::vector<std::string> settings, const std::vector<std::string>& more)
{
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
}

/// The thesis' links with e2 leading, a client that talks to one member only and watches there.
std::vector<std::string>
Through(const std::string& member)
{
    return {"client.balancer=pinned",
            "client.pinned_endpoint=" + member,
            "workload.count=20",
            "workload.warmup=0",
            "workload.watchers=1"};
}

TEST(Watch, AtTheLeaderAnEventComesOneClientLinkAfterTheCommit)
{
    // The client is 25 ms from e2. The put's answer and the event leave at the same moment.
    const auto run = RunShipped("baseline", Through("e2"));
    const auto& delay = run.summary.watchDelay.at("api");
    EXPECT_EQ(delay.count, 20U);
    EXPECT_NEAR(delay.min, 25, 0.1);
    EXPECT_NEAR(delay.max, 25, 0.1);
    EXPECT_NEAR(run.Mean("put"), 210, 0.3) << "a watch delays no put";
}

TEST(Watch, AtAFollowerAnEventComesWhenThatFollowerHasAppliedIt)
{
    // d(e2,e1) = 150 ms until the follower knows of the commit, then 125 ms to the client.
    const auto atE1 = RunShipped("baseline", Through("e1")).summary.watchDelay.at("api");
    EXPECT_NEAR(atE1.min, 150 + 125, 0.1);
    EXPECT_NEAR(atE1.max, 150 + 125, 0.1);
    // With 5 ms of work for every entry applied, here as at the leader, 5 ms later than it knows; the leader's own
    // apply is not part of the delay.
    const auto busy =
        RunShipped("baseline", With(Through("e1"), {R"(member.cpu={"apply":"5ms"})"}));
    EXPECT_NEAR(busy.summary.watchDelay.at("api").min, 150 + 5 - 5 + 125, 0.1);
}

TEST(Watch, EveryWatcherGetsEveryEvent)
{
    const auto run = RunShipped("lan", {"workload.watchers=5", "workload.count=200"});
    // The run ends with the last answer; events of the last puts may still be on their way from other members.
    EXPECT_NEAR(static_cast<double>(run.summary.watchDelay.at("api").count), 5 * (230 - 8), 5 * 8);
    EXPECT_EQ(run.summary.failed, 0U);
}

TEST(Watch, WithoutWatchersNothingIsReported)
{
    const auto run = RunShipped("lan", {"workload.count=50"});
    EXPECT_TRUE(run.summary.watchDelay.empty());
    EXPECT_EQ(SummaryText(run.summary).find("watch_delay_ms"), std::string::npos);
}

TEST(Watch, DelaysStandInTheSummaryAndAreReadBack)
{
    const auto run = RunShipped("lan", {"workload.watchers=1", "workload.count=50"});
    const auto text = SummaryText(run.summary);
    EXPECT_NE(text.find("watch_delay_ms"), std::string::npos);
    EXPECT_EQ(ParseSummary(text, "summary.json"), run.summary);
}

/// A world whose clients watch, and what their watches are told.
class WatchedWorld
{
  public:
    explicit WatchedWorld(const std::vector<std::string>& settings)
        : m_scenario(ReadScenarioFile(
              ETCDLAB_SOURCE_DIR "/scenarios/lan.json", settings, RegisteredNames())),
          world(m_scenario)
    {
        world.OnWatch([this](auto client, const WatchNews& news) {
            auto& log = logs[{client, news.watcher}];
            log.watcher = std::to_string(client) + "/" + std::to_string(news.watcher);
            log.key = "/";
            log.rangeEnd = "0";
            log.previousValues = true;
            check::RecordWatch(log, news);
            servers[news.member] += news.type == WatchNews::Type::RESPONSE ? 1 : 0;
        });
    }

    /// Run to the end, let everything settle, and hold what watchers were told against a member's store.
    void RunAndCheck()
    {
        world.Run();
        world.RunOn(10s);
        const auto& member = *world.GetMembers()[0];
        const auto truth = check::StoreOf(member.GetName(), member.GetStore()).changes;
        for (auto& [id, log] : logs)
        {
            log.expectedUntil = member.GetRevision();
            for (const auto& violation : check::CheckWatch(log, truth))
            {
                ADD_FAILURE() << log.watcher << ": " << check::NameOf(violation.rule) << ": "
                              << violation.what;
            }
        }
    }

    std::size_t Steps(check::WatchStep::Type type) const
    {
        std::size_t count = 0;
        for (const auto& [id, log] : logs)
        {
            for (const auto& step : log.steps)
            {
                count += step.type == type ? 1 : 0;
            }
        }
        return count;
    }

    EtcdMember& Member(int number)
    {
        return *world.GetMembers()[static_cast<std::size_t>(number - 1)];
    }

  private:
    Scenario m_scenario;

  public:
    World world;
    std::map<std::pair<std::uint64_t, std::uint64_t>, check::WatchLog> logs;
    std::map<std::string, int> servers; //!< messages with events, by member
};

const std::vector<std::string> MIXED = {"workload.watchers=6",
                                        "workload.delete_range=0.3",
                                        "workload.txn=1",
                                        "workload.keys=20",
                                        "workload.concurrency=1",
                                        "workload.rate=50/s",
                                        "workload.count=600"};

TEST(Watch, WhatIsToldIsOrderedUniqueCompleteAndCarriesThePreviousValues)
{
    WatchedWorld watched(With(MIXED, {"workload.rate=0/s", "workload.concurrency=16"}));
    watched.RunAndCheck();
    EXPECT_EQ(watched.logs.size(), 6U);
    EXPECT_EQ(watched.Steps(check::WatchStep::Type::CANCELLED), 0U);
    EXPECT_EQ(watched.servers.size(), 3U) << "streams are spread over the members";
    EXPECT_GT(watched.Steps(check::WatchStep::Type::RESPONSE), 6U * 300);
}

TEST(Watch, WatchesOfAMemberThatDiesGoOnElsewhereWithoutAGap)
{
    WatchedWorld watched(MIXED);
    At(8s, [&] { watched.Member(3).Crash(); });
    At(12s, [&] { watched.Member(3).Restart(); });
    watched.RunAndCheck();
    EXPECT_EQ(watched.Steps(check::WatchStep::Type::RESUMED), 2U) << "two of six were served by e3";
}

TEST(Watch, WatchesSurviveTheDeathOfTheLeader)
{
    WatchedWorld watched(MIXED);
    At(8s, [&] { watched.Member(1).Crash(); });
    At(14s, [&] { watched.Member(1).Restart(); });
    watched.RunAndCheck();
    EXPECT_GE(watched.Steps(check::WatchStep::Type::RESUMED), 2U);
}

TEST(Watch, OneThatRequiresALeaderEndsAfterThreePollsWithoutOneAndComesBack)
{
    // e2 and e3 are gone from 8 s on. e1 steps down between 9 and 10 s; of its polls, a second apart since its start
    // at 0, the one at 12 s is the third that finds no leader, and ends all six watches. New ones are refused.
    WatchedWorld watched(MIXED);
    At(8s, [&] {
        watched.Member(2).Crash();
        watched.Member(3).Crash();
    });
    const auto cancelled = [&] { return watched.Steps(check::WatchStep::Type::CANCELLED); };
    std::size_t early = 0;
    std::size_t before = 0;
    std::size_t after = 0;
    At(8500ms, [&] { early = cancelled(); });
    At(11'900ms, [&] { before = cancelled(); });
    At(12'100ms, [&] { after = cancelled(); });
    At(20s, [&] {
        watched.Member(2).Restart();
        watched.Member(3).Restart();
    });
    watched.RunAndCheck();
    EXPECT_GE(early, 4U) << "those that e2 and e3 served go to e1";
    EXPECT_EQ(before, early);
    EXPECT_EQ(after, before + 6);
}

/// A watcher of a test's own, on a channel of its own.
class OwnWatcher
{
  public:
    OwnWatcher(World& world, const std::string& member, WatcherSettings settings)
        : m_channel(world.GetNetwork(),
                    world.GetWan().GetNode("api"),
                    {{member, world.GetWan().GetNode(member), ETCD_CLIENT_PORT}},
                    BalancerRegistry::Make("pick-first", {{member}, "", nullptr})),
          m_watcher(m_channel,
                    std::move(settings),
                    {[this](const WatchResponse& response, const std::string&) {
                         responses.emplace_back(Now(), response);
                     },
                     nullptr,
                     [this](const std::string& error) { ends.emplace_back(Now(), error); }})
    {
    }

    ~OwnWatcher()
    {
        m_watcher.Stop();
        m_channel.Abort();
    }

    void Start()
    {
        m_channel.Start();
        m_watcher.Start();
    }

    std::vector<std::pair<Duration, WatchResponse>> responses;
    std::vector<std::pair<Duration, std::string>> ends;

  private:
    GrpcChannel m_channel;
    Watcher m_watcher;
};

WatcherSettings
AllKeys(Revision start)
{
    WatcherSettings settings;
    settings.request.key = "/";
    settings.request.rangeEnd = "0";
    settings.request.start = start;
    return settings;
}

TEST(Watch, AnOldRevisionIsCaughtUpByTheNextPassAndThenFollowed)
{
    WatchedWorld watched({"workload.concurrency=1", "workload.rate=20/s", "workload.count=200"});
    std::unique_ptr<OwnWatcher> own;
    At(5s, [&] {
        own = std::make_unique<OwnWatcher>(watched.world, "e2", AllKeys(2));
        own->Start();
    });
    At(9005ms, [&] {
        ASSERT_GE(own->responses.size(), 3U);
        EXPECT_TRUE(own->responses[0].second.created);
        // Passes are made every 100 ms since the member's start at 0. A batch of 100 kB takes a few round trips of
        // 0.2 ms.
        const auto& [when, batch] = own->responses[1];
        EXPECT_GT(batch.events.size(), 50U) << "all at once";
        EXPECT_NEAR(Milliseconds(when % Duration(100ms)), 1.5, 1.5);
        EXPECT_EQ(own->responses[2].second.events.size(), 1U);
        Revision next = 2;
        for (const auto& [arrival, response] : own->responses)
        {
            for (const auto& event : response.events)
            {
                EXPECT_EQ(event.kv.modRevision, next++);
            }
        }
        EXPECT_EQ(next, watched.Member(2).GetRevision() + 1);
        own.reset();
    });
    watched.world.Run();
}

TEST(Watch, ASlowReaderFallsBehindIsCaughtUpInBatchesAndMissesNothing)
{
    // 600 events of 10 kB within a few seconds, over 2 Mbit/s: 24 s. What the connection does not take fills the
    // watch's buffer, 128 events, and the others come together when there is room again.
    WatchedWorld watched({"client.balancer=pinned",
                          "client.pinned_endpoint=e1",
                          "workload.value_size=10000B",
                          "workload.count=600",
                          "workload.warmup=0",
                          R"(links={"api-e2":{"delay":"0.1ms","rate":"2Mbps"}})"});
    OwnWatcher own(watched.world, "e2", AllKeys(1));
    At(1s, [&] { own.Start(); });
    watched.world.Run();
    EXPECT_LT(own.responses.size(), 200U) << "it is far behind";
    watched.world.RunOn(60s);
    Revision next = 2;
    std::size_t most = 0;
    for (const auto& [arrival, response] : own.responses)
    {
        most = std::max(most, response.events.size());
        for (const auto& event : response.events)
        {
            EXPECT_EQ(event.kv.modRevision, next++);
        }
    }
    EXPECT_EQ(next, 602);
    EXPECT_GT(most, 100U);
}

TEST(Watch, IdleWatchersThatAskedAreToldHowFarTheStoreIs)
{
    WatchedWorld watched({"member.watch_progress_notify_interval=2s",
                          "workload.concurrency=1",
                          "workload.rate=20/s",
                          "workload.count=200"});
    auto settings = AllKeys(0);
    settings.request.key = "a"; // nothing happens there
    settings.request.rangeEnd = "b";
    settings.request.progressNotify = true;
    auto silent = settings;
    silent.request.progressNotify = false;
    std::unique_ptr<OwnWatcher> asked;
    std::unique_ptr<OwnWatcher> other;
    At(5s, [&] {
        asked = std::make_unique<OwnWatcher>(watched.world, "e2", settings);
        other = std::make_unique<OwnWatcher>(watched.world, "e2", silent);
        asked->Start();
        other->Start();
    });
    At(10s, [&] {
        ASSERT_EQ(asked->responses.size(), 3U);
        const auto first = asked->responses[1].first - 5s;
        EXPECT_GE(first, 2s);
        EXPECT_LE(first, 2200ms + 2ms) << "a tenth more at most";
        EXPECT_TRUE(asked->responses[1].second.IsProgress());
        EXPECT_GT(asked->responses[1].second.revision, 2);
        EXPECT_EQ(other->responses.size(), 1U) << "its creation";
        asked.reset();
        other.reset();
    });
    watched.world.Run();
}

TEST(Watch, AMemberWithoutALeaderRefusesWatchesThatRequireOne)
{
    WatchedWorld watched({"workload.concurrency=1", "workload.rate=20/s", "workload.count=400"});
    At(6s, [&] {
        watched.Member(2).Crash();
        watched.Member(3).Crash();
    });
    std::unique_ptr<OwnWatcher> strict;
    std::unique_ptr<OwnWatcher> easy;
    At(9s, [&] {
        ASSERT_EQ(watched.Member(1).GetLeader(), "");
        auto settings = AllKeys(0);
        easy = std::make_unique<OwnWatcher>(watched.world, "e1", settings);
        settings.requireLeader = true;
        strict = std::make_unique<OwnWatcher>(watched.world, "e1", settings);
        easy->Start();
        strict->Start();
    });
    At(9100ms, [&] {
        EXPECT_EQ(easy->responses.size(), 1U);
        EXPECT_TRUE(strict->responses.empty());
        ASSERT_EQ(strict->ends.size(), 1U);
        EXPECT_EQ(strict->ends[0].second, ERROR_NO_LEADER);
        easy.reset();
        strict.reset();
        watched.Member(2).Restart();
        watched.Member(3).Restart();
    });
    watched.world.Run();
}

} // namespace

} // namespace etcdlab
