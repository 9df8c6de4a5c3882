// A world under the eyes of the checkers.
#pragma once

#include "analysis/check/history.h"
#include "analysis/check/judgement.h"
#include "analysis/pure/outcomes.h"
#include "helper/world.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace etcdlab
{

/// Records what the clients of a world see, and judges it in the end. Make it before the world runs; the
/// world must outlive it.
class RunJudge
{
  public:
    explicit RunJudge(World& world);
    ~RunJudge();
    RunJudge(const RunJudge&) = delete;
    RunJudge& operator=(const RunJudge&) = delete;

    /**
     * After World::Run: simulate on until all faults are over and all members that run have applied the
     * same, so that nothing that was acknowledged is missing only because it has not arrived.
     *
     * @return false if some still lag behind after two minutes; the judgement holds all the same
     * @throws raft::InvariantViolation
     */
    bool Settle();

    check::Judgement Judge() const;

    const check::History& GetHistory() const
    {
        return m_history;
    }

    /// Who held whom for the leader, from the start of the run.
    const std::vector<LeaderNews>& GetLeaderNews() const
    {
        return m_leaderNews;
    }

    /// What the run's requests and leaders came to.
    Outcomes MakeOutcomes(const check::Judgement& judgement,
                          const std::vector<RequestRecord>& requests) const;

  private:
    void FollowLeaders(const ns3::Ptr<EtcdMember>& member);
    const EtcdMember& Furthest() const;
    bool IsSettled() const;
    Duration FaultsOver() const;

    World& m_world;
    check::History m_history;
    std::map<std::pair<std::uint64_t, std::uint64_t>, check::WatchLog>
        m_watches; //!< by client and number
    std::vector<LeaderNews> m_leaderNews;
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); //!< members may tell of their end later
};

} // namespace etcdlab
