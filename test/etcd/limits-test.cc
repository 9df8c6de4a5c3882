// What a member refuses, in etcd's words, and compactions: scripted requests on a LAN.
#include "helper/world.h"
#include "model/etcd/pure/member-id.h"
#include "model/etcd/pure/wire-size.h"
#include "model/workload/workload.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace etcdlab
{

namespace
{

const char* const NO_SPACE = "etcdserver: mvcc: database space exceeded";
const char* const COMPACTED = "etcdserver: mvcc: required revision has been compacted";
const char* const FUTURE = "etcdserver: mvcc: required revision is a future revision";

std::vector<Request> script; // of the run under way

/// Makes the requests of `script`, one after the other.
class ScriptWorkload : public Workload
{
  public:
    Operation Next() override
    {
        return {"scripted", script.at(m_next++)};
    }

    void OnResponse(const Request&, const Response&) override {}

  private:
    std::size_t m_next = 0;
};

const bool registered =
    WorkloadRegistry::Add("limits-test", "requests of a test's script", [](const WorkloadContext&) {
        return std::make_unique<ScriptWorkload>();
    });

struct Ended
{
    std::string outcome;
    double latencyMs;
};

using Step = std::function<void(std::size_t ended, World& world)>;

/// Make the requests through e1, which leads, 100 ms after one another.
std::vector<Ended>
RunScript(std::vector<Request> requests,
          std::vector<std::string> settings = {},
          const Step& step = {})
{
    script = std::move(requests);
    settings.insert(settings.end(),
                    {"workload.type=limits-test",
                     "workload.concurrency=1",
                     "workload.think_time=100ms",
                     "workload.warmup=0",
                     "workload.count=" + std::to_string(script.size()),
                     "client.balancer=pinned",
                     "client.pinned_endpoint=e1"});
    const auto scenario =
        ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json", settings, RegisteredNames());
    World world(scenario);
    std::vector<Ended> all;
    world.OnRequestEnded([&](auto, const RequestRecord& record, const Request&, const KvReply*) {
        all.push_back({record.outcome, Milliseconds(record.end - record.start)});
        if (step)
        {
            ns3::Simulator::Schedule(ns3::MilliSeconds(50),
                                     [&, ended = all.size()] { step(ended, world); });
        }
    });
    world.Run();
    return all;
}

Request
Put(const std::string& key, std::uint32_t bytes)
{
    return PutRequest{key, {bytes, 1}, 0};
}

Request
RangeAt(Revision revision, bool serializable = false)
{
    RangeRequest range;
    range.key = "a";
    range.revision = revision;
    range.serializable = serializable;
    return range;
}

TxnRequest
Puts(std::size_t count, const std::string& prefix)
{
    TxnRequest txn;
    for (std::size_t i = 0; i < count; ++i)
    {
        txn.success.emplace_back(PutRequest{prefix + std::to_string(i), {10, 1}, 0});
    }
    return txn;
}

TEST(Limits, ATransactionHas128OperationsAtMost)
{
    const auto ended = RunScript({Puts(128, "a"), Puts(129, "a")});
    EXPECT_EQ(ended[0].outcome, "ok");
    EXPECT_EQ(ended[1].outcome, "etcdserver: too many operations in txn request");
}

TEST(Limits, LargeRequestsAreRefusedByEtcdAndLargerOnesByGrpc)
{
    const auto larger = Put("a", 2 * 1024 * 1024);
    const auto ended = RunScript({Put("a", 1'500'000), Put("a", 1'600'000), larger});
    EXPECT_EQ(ended[0].outcome, "ok");
    EXPECT_EQ(ended[1].outcome, "etcdserver: request is too large");
    EXPECT_EQ(ended[2].outcome,
              "grpc: received message larger than max (" + std::to_string(RequestBytes(larger)) +
                  " vs. 2097152)");
}

TEST(Limits, AMemberThatIs5000EntriesBehindTakesNoMore)
{
    // Three clients put 1000 a second each through a member of their own. e3 applies 100 a second: its gap grows by 2900 a
    // second and is 5000 after 1.7 s. What it has taken by then is applied too late, and times out.
    const auto scenario = ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json",
                                           {"topology.type=stacked",
                                            "client.endpoints=local",
                                            "member_overrides.e3={\"cpu\":{\"apply\":\"10ms\"}}",
                                            "workload.concurrency=1",
                                            "workload.rate=1000/s",
                                            "workload.warmup=0",
                                            "workload.count=3000"},
                                           RegisteredNames());
    World world(scenario);
    std::size_t refused = 0;
    Duration first{0};
    Duration lastTaken{0};
    world.OnRequestEnded([&](auto, const RequestRecord& record, const Request&, const KvReply*) {
        if (record.client != "e3")
        {
            EXPECT_EQ(record.outcome, "ok");
        }
        else if (record.outcome == "etcdserver: too many requests")
        {
            first = refused++ == 0 ? record.start : first;
            EXPECT_LT(Milliseconds(record.end - record.start), 10);
            // The leader has applied what is committed, but for what arrived in some milliseconds.
            EXPECT_NEAR(static_cast<double>(world.GetMembers()[0]->GetAppliedIndex() -
                                            world.GetMembers()[2]->GetAppliedIndex()),
                        5000 + Milliseconds(record.end - first) * 1.9,
                        50);
        }
        else
        {
            lastTaken = std::max(lastTaken, record.start);
        }
    });
    world.Run();
    EXPECT_NEAR(static_cast<double>(refused), 3000 - 1724, 30);
    EXPECT_LT(lastTaken, first);
}

TEST(Limits, ReadsOfRevisionsThatAreGoneOrToCome)
{
    // Three puts make revisions 2 to 4. A transaction's reads are checked as it is applied.
    TxnRequest txn = Puts(1, "b");
    txn.success.emplace_back(std::get<RangeRequest>(RangeAt(2)));
    const auto ended = RunScript({Put("a", 1),
                                  Put("a", 2),
                                  Put("a", 3),
                                  RangeAt(2),
                                  CompactionRequest{3, false},
                                  RangeAt(2),
                                  RangeAt(2, true),
                                  RangeAt(3),
                                  RangeAt(5),
                                  txn,
                                  RangeAt(5)});
    std::vector<std::string> outcomes;
    for (const auto& each : ended)
    {
        outcomes.push_back(each.outcome);
    }
    EXPECT_EQ(
        outcomes,
        (std::vector<std::string>{
            "ok", "ok", "ok", "ok", "ok", COMPACTED, COMPACTED, "ok", FUTURE, COMPACTED, FUTURE}))
        << "the refused transaction has put nothing: revision 5 is still to come";
}

TEST(Limits, CompactionsOfWhatIsGoneOrToCome)
{
    const auto ended = RunScript({Put("a", 1),
                                  CompactionRequest{2, false},
                                  CompactionRequest{2, false},
                                  CompactionRequest{3, true}});
    EXPECT_EQ(ended[1].outcome, "ok");
    EXPECT_EQ(ended[2].outcome, COMPACTED);
    EXPECT_EQ(ended[3].outcome, FUTURE);
}

TEST(Limits, APhysicalCompactionWaitsForTheBackendsBatches)
{
    // 25 transactions of 100 keys: 2500 versions are three batches of 1000 with 10 ms between.
    std::vector<Request> requests;
    for (int i = 0; i < 25; ++i)
    {
        requests.emplace_back(Puts(100, "k" + std::to_string(i) + "-"));
    }
    requests.emplace_back(CompactionRequest{25, false});
    requests.emplace_back(Put("a", 1));
    requests.emplace_back(CompactionRequest{27, true});
    const auto ended = RunScript(requests, {"member.disk=ideal"});
    EXPECT_LT(ended[25].latencyMs, 5);
    EXPECT_EQ(ended[27].outcome, "ok");
    EXPECT_GE(ended[27].latencyMs, 20);
    EXPECT_LT(ended[27].latencyMs, 25);
}

TEST(Limits, AFullStoreRefusesPutsUntilItIsDefragmentedAndTheAlarmDisarmed)
{
    // A put of key 1 and value 1000 counts 1 + 1000 + 256 = 1257 bytes. Four of them stay below 5120 (5028), the
    // fifth does not. Compaction to the last revision and a defragmentation leave 1257, but the alarm stands.
    const auto before = Put("a", 1000);
    std::vector<Request> requests(5, before);
    requests.emplace_back(CompactionRequest{5, false});
    requests.push_back(before);
    requests.emplace_back(AlarmRequest{false, MemberId("e1")});
    requests.push_back(before);
    const auto ended = RunScript(
        requests, {"member.quota_backend_bytes=5KiB"}, [&](std::size_t count, World& world) {
            for (const auto& member : world.GetMembers())
            {
                if (count == 5 || count == 7)
                {
                    EXPECT_EQ(member->GetAlarms(), std::set<raft::NodeId>{MemberId("e1")});
                }
                if (count == 6)
                {
                    member->Defragment();
                }
                if (count == 8)
                {
                    EXPECT_TRUE(member->GetAlarms().empty());
                }
            }
        });
    for (const std::size_t accepted : {0, 1, 2, 3, 5, 7, 8})
    {
        EXPECT_EQ(ended[accepted].outcome, "ok") << accepted;
    }
    EXPECT_EQ(ended[4].outcome, NO_SPACE);
    EXPECT_EQ(ended[6].outcome, NO_SPACE);
}

TEST(Limits, WithoutAQuotaThereIsNone)
{
    const auto ended =
        RunScript(std::vector<Request>(5, Put("a", 1000)), {"member.quota_backend_bytes=0B"});
    EXPECT_EQ(ended[4].outcome, "ok");
}

} // namespace

} // namespace etcdlab
