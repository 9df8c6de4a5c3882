#include "helper/member-operator.h"

#include "model/base/clock.h"
#include "model/etcd/pure/member-id.h"

#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// cmd/kubeadm/app/constants/constants.go: EtcdAPICallRetryInterval
constexpr Duration RETRY_INTERVAL = 500ms;
/// More than a member's own limit for requests, so that only one that dies or stands still does not answer.
constexpr Duration ANSWER_LIMIT = 10s;
constexpr const char* NO_ANSWER = "context deadline exceeded";
constexpr const char* NO_LEADER = "etcdserver: no leader";
constexpr const char* UNHEALTHY = "etcdserver: unhealthy cluster";

bool
Adds(MemberOperation operation)
{
    return operation == MemberOperation::ADD || operation == MemberOperation::ADD_LEARNER;
}

/// Whether the members are as they shall be.
bool
IsMade(const MemberRequest& request, const Membership& members)
{
    const auto* member = members.Find(MemberId(request.name));
    switch (request.operation)
    {
    case MemberOperation::PROMOTE:
        return member != nullptr && !member->learner;
    case MemberOperation::REMOVE:
        return member == nullptr;
    default:
        return member != nullptr;
    }
}

/// etcd has given up waiting for the change, which may be made all the same.
bool
IsAmbiguous(const ServerResult& result)
{
    return result.code == GrpcCode::UNAVAILABLE && result.error != UNHEALTHY;
}

} // namespace

/// One change, until it has been made or given up.
struct MemberOperator::Task
{
    MemberRequest request;
    Duration deadline{0};
    Answer done;
    int attempts = 0;
    bool waiting = false; //!< for the answer to the last attempt
};

MemberOperator::MemberOperator(FindLeader findLeader, Start start)
    : m_findLeader(std::move(findLeader)),
      m_start(std::move(start))
{
}

void
MemberOperator::Change(const MemberRequest& request, Duration patience, Answer done)
{
    Ask(std::make_shared<Task>(Task{request, Now() + patience, std::move(done)}));
}

void
MemberOperator::Ask(const TaskPtr& task)
{
    auto* leader = m_findLeader();
    if (leader == nullptr)
    {
        Fail(task, NO_LEADER);
        return;
    }
    if (leader->IsPaused())
    {
        Fail(task, NO_ANSWER);
        return;
    }
    if (task->attempts > 0 && IsMade(task->request, leader->GetMembers()))
    {
        task->done("ok");
        return;
    }
    const auto attempt = ++task->attempts;
    task->waiting = true;
    ns3::Simulator::Schedule(ToTime(ANSWER_LIMIT), [this, task, attempt] {
        OnAnswer(task, attempt, {GrpcCode::UNAVAILABLE, NO_ANSWER, {}});
    });
    leader->ChangeMembers(task->request, [this, task, attempt](const ServerResult& result) {
        // Not from within the member's own work.
        ns3::Simulator::ScheduleNow(
            [this, task, attempt, result] { OnAnswer(task, attempt, result); });
    });
}

void
MemberOperator::OnAnswer(const TaskPtr& task, int attempt, const ServerResult& result)
{
    if (attempt != task->attempts || !std::exchange(task->waiting, false))
    {
        return;
    }
    const bool ok = result.code == GrpcCode::OK;
    if (Adds(task->request.operation) && (ok || IsAmbiguous(result)))
    {
        StartProcess(task->request.name);
    }
    if (ok)
    {
        task->done("ok");
    }
    else
    {
        Fail(task, result.error);
    }
}

void
MemberOperator::Fail(const TaskPtr& task, const std::string& error)
{
    if (Now() + RETRY_INTERVAL > task->deadline)
    {
        task->done(error);
        return;
    }
    ns3::Simulator::Schedule(ToTime(RETRY_INTERVAL), [this, task] { Ask(task); });
}

void
MemberOperator::StartProcess(const std::string& name)
{
    if (!m_start(name))
    {
        ns3::Simulator::Schedule(ToTime(RETRY_INTERVAL), [this, name] { StartProcess(name); });
    }
}

} // namespace etcdlab
