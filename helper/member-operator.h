// Who changes a cluster's members while it runs: an operator with etcdctl, or kubeadm.
#pragma once

#include "model/etcd/etcd-member.h"
#include "model/etcd/pure/member-request.h"

#include <functional>
#include <memory>
#include <string>

namespace etcdlab
{

/**
 * Asks the leader, from a shell on its node: that takes no time on the network. Whoever has been added is started at
 * once, and also who may have been added, when no answer came.
 *
 * A change that fails is asked for again as kubeadm does it (cmd/kubeadm/app/util/etcd/etcd.go: every 500 ms; first the
 * members are listed, to see whether it has happened after all).
 *
 * Must live as long as the simulation.
 */
class MemberOperator
{
  public:
    using FindLeader = std::function<EtcdMember*()>;
    using Start = std::function<bool(const std::string&)>;
    using Answer = std::function<void(const std::string&)>;

    /// @param findLeader nullptr if nobody leads
    /// @param start the process of a member; true if it is there already; false: not possible at this time
    MemberOperator(FindLeader findLeader, Start start);

    MemberOperator(const MemberOperator&) = delete;
    MemberOperator& operator=(const MemberOperator&) = delete;

    /**
     * Have a change made.
     *
     * @param patience ask again for so long; zero: ask once
     * @param done called once, with "ok" or the last error
     */
    void Change(const MemberRequest& request, Duration patience, Answer done);

  private:
    struct Task;
    using TaskPtr = std::shared_ptr<Task>;

    void Ask(const TaskPtr& task);
    void OnAnswer(const TaskPtr& task, int attempt, const ServerResult& result);
    void Fail(const TaskPtr& task, const std::string& error);
    void StartProcess(const std::string& name);

    FindLeader m_findLeader;
    Start m_start;
};

} // namespace etcdlab
