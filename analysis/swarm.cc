#include "analysis/swarm.h"

#include "analysis/pure/random-world.h"
#include "analysis/run-judge.h"
#include "model/base/clock.h"

namespace etcdlab
{

namespace
{

void
CountRequests(const check::History& history, std::map<std::string, std::uint64_t>& coverage)
{
    for (const auto& operation : history.operations)
    {
        const auto outcome = operation.outcome;
        ++coverage[outcome == check::Outcome::OK       ? "requests answered"
                   : outcome == check::Outcome::FAILED ? "requests failed without effect"
                                                       : "requests left ambiguous"];
    }
}

void
CountChanges(const FaultLog& log, std::map<std::string, std::uint64_t>& coverage)
{
    for (const auto& fault : log)
    {
        if (FaultRegistry::Make(fault.type)->ChangesMembers())
        {
            ++coverage[fault.result != "ok"             ? "changes of members refused"
                       : fault.type == "add-member"     ? "members added"
                       : fault.type == "promote-member" ? "learners promoted"
                                                        : "members removed"];
        }
    }
}

void
Judge(World& world, RunJudge& judge, SwarmResult& result)
{
    world.Run();
    const bool settled = judge.Settle();
    const auto judgement = judge.Judge();
    result.violations = judgement.violations;
    result.undecided = judgement.undecided;
    auto& coverage = result.coverage;
    CountRequests(judge.GetHistory(), coverage);
    CountChanges(world.GetFaultLog(), coverage);
    coverage["ambiguous writes that took effect"] = judgement.durability.surfaced;
    coverage["writes acknowledged"] = judgement.durability.acknowledged;
    coverage["elections after the first"] = world.GetChecker().GetElectionCount() - 1;
    coverage["worlds with laggards at the end"] = settled ? 0 : 1;
    coverage["protocol steps checked"] = world.GetChecker().GetEventCount();
}

} // namespace

SwarmResult
RunRandomWorld(std::uint64_t seed)
{
    const auto scenario = RandomScenario(seed);
    SwarmResult result;
    result.seed = seed;
    World world(scenario);
    RunJudge judge(world);
    try
    {
        Judge(world, judge, result);
    }
    catch (const raft::InvariantViolation& violation)
    {
        result.violations.push_back({"raft", violation.what()});
    }
    catch (const std::exception& error)
    {
        result.broken = error.what();
    }
    result.simulatedSeconds = Milliseconds(Now()) / 1000;
    for (const auto& fault : world.GetFaultLog())
    {
        ++result.coverage["fault: " + fault.type];
    }
    if (!result.Passed())
    {
        result.faults = FaultTable(world.GetFaultLog());
    }
    return result;
}

} // namespace etcdlab
