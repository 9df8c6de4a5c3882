#include "analysis/run-judge.h"

#include "analysis/check/record.h"
#include "analysis/pure/random-world.h"
#include "model/base/clock.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration STEP = 1s;
constexpr Duration LIMIT = 120s;
/// What clients have given up may still be under way: in a forwarder's buffer, or in one of TCP's that it
/// sends again only now and then.
constexpr Duration AT_LEAST = 10s;

} // namespace

RunJudge::RunJudge(World& world)
    : m_world(world)
{
    world.OnRequestEnded(
        [this](auto client, const auto& record, const auto& request, const KvReply* answer) {
            check::Record(m_history,
                          client,
                          record,
                          request,
                          answer != nullptr ? &answer->response : nullptr,
                          answer != nullptr ? answer->incarnation : 0);
        });
    world.OnWatch([this](auto client, const WatchNews& news) {
        auto& log = m_watches[{client, news.watcher}];
        if (log.steps.empty())
        {
            log.watcher =
                "watch " + std::to_string(news.watcher) + " of client " + std::to_string(client);
            log.key = "/"; // as KvClient watches them: all keys, with previous values
            log.rangeEnd = "0";
            log.previousValues = true;
        }
        check::RecordWatch(log, news);
    });
    for (const auto& member : world.GetMembers())
    {
        FollowLeaders(member);
    }
    world.OnJoined([this](const auto& member) { FollowLeaders(member); });
}

RunJudge::~RunJudge()
{
    *m_alive = false;
}

void
RunJudge::FollowLeaders(const ns3::Ptr<EtcdMember>& member)
{
    const std::function<void(std::string)> note =
        [this, alive = m_alive, name = member->GetName(), id = member->GetMemberId()](
            const std::string& leader) {
            if (*alive)
            {
                const auto& checker = m_world.GetChecker();
                const auto term = leader == name ? checker.GetLastTermLed(id) : 0;
                m_leaderNews.push_back({Now(), name, leader, term});
            }
        };
    member->TraceConnectWithoutContext("Leader", ns3::Callback<void, std::string>(note));
}

/// The member that has applied most: nobody knows better who belongs to the cluster.
const EtcdMember&
RunJudge::Furthest() const
{
    const auto& members = m_world.GetMembers();
    return **std::max_element(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return a->GetAppliedIndex() < b->GetAppliedIndex();
    });
}

bool
RunJudge::IsSettled() const
{
    const auto& members = m_world.GetMembers();
    const auto& furthest = Furthest();
    return std::all_of(members.begin(), members.end(), [&](const auto& member) {
        return !member->IsRunning() ||
               furthest.GetMembers().Find(member->GetMemberId()) == nullptr ||
               (!member->GetLeader().empty() &&
                member->GetAppliedIndex() == furthest.GetAppliedIndex());
    });
}

Duration
RunJudge::FaultsOver() const
{
    // Their times count from the begin of the workload: no later than the first call ended.
    auto begin = Now();
    for (const auto& operation : m_history.operations)
    {
        begin = std::min(begin, operation.call);
    }
    return begin + LastFault(m_world.GetScenario());
}

bool
RunJudge::Settle()
{
    const auto start = std::max(FaultsOver(), Now());
    while (Now() < start + AT_LEAST || (!IsSettled() && Now() < start + LIMIT))
    {
        m_world.RunOn(STEP);
    }
    return IsSettled();
}

Outcomes
RunJudge::MakeOutcomes(const check::Judgement& judgement,
                       const std::vector<RequestRecord>& requests) const
{
    Outcomes outcomes;
    for (const auto& request : requests)
    {
        if (request.outcome != "ok")
        {
            ++(check::OutcomeOfError(request.outcome) == check::Outcome::FAILED
                   ? outcomes.failed
                   : outcomes.ambiguous);
        }
    }
    outcomes.followed = !m_world.GetScenario().kubernetes;
    outcomes.surfaced = judgement.durability.surfaced;
    outcomes.acknowledged = judgement.durability.acknowledged;
    outcomes.lost = judgement.durability.lost;
    outcomes.duplicated = judgement.durability.duplicated;
    outcomes.all = FindUnavailability(requests, [](const auto&) { return true; });
    outcomes.writes = FindUnavailability(requests, IsWrite);
    outcomes.elections = FindElections(m_leaderNews);
    const auto begin = requests.empty() ? m_world.GetEnd() : requests.front().start;
    outcomes.leaderless = LeaderlessTime(m_leaderNews, {begin, m_world.GetEnd()});
    for (const auto& fault : m_world.GetFaultLog())
    {
        if (FaultRegistry::Make(fault.type)->ChangesMembers())
        {
            outcomes.memberChanges.push_back(
                {fault.type, fault.target, fault.start, fault.end, fault.result});
        }
    }
    outcomes.verdict = judgement.undecided.empty() ? "ok" : "undecided";
    outcomes.undecided = judgement.undecided;
    return outcomes;
}

check::Judgement
RunJudge::Judge() const
{
    std::vector<check::MemberStore> stores;
    for (const auto& member : m_world.GetMembers())
    {
        if (m_world.GetScenario().kubernetes && !member->IsRunning())
        {
            continue; // Kubernetes compacts: one that is down keeps what the others have let go
        }
        const auto* belongs = Furthest().GetMembers().Find(member->GetMemberId());
        stores.push_back(check::StoreOf(member->GetName(), member->GetStore()));
        stores.back().votes = belongs != nullptr && !belongs->learner;
    }
    std::vector<check::WatchLog> watches;
    for (const auto& [id, log] : m_watches)
    {
        watches.push_back(log);
    }
    return check::Judge(m_history, stores, watches, !m_world.GetScenario().kubernetes);
}

} // namespace etcdlab
