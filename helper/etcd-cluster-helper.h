// Puts etcd members on nodes.
#pragma once

#include "model/etcd/etcd-member.h"
#include "model/raft/invariants.h"
#include "model/transport/grpc-channel.h"
#include "model/transport/wan.h"

#include <ns3/object-factory.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Makes a cluster: one EtcdMember on each named node of a network.
 *
 * The members' consensus is checked while the simulation runs; a broken promise ends it with
 * raft::InvariantViolation. The helper must live as long as the simulation.
 */
class EtcdClusterHelper
{
  public:
    explicit EtcdClusterHelper(Network& network, Accounting accounting = Accounting::ETCD);

    /// Set an attribute of the members installed from now on, e.g. "ElectionTimeout".
    void SetAttribute(const std::string& name, const ns3::AttributeValue& value);

    /// All settings of one member; attributes that were set do not count for it.
    void SetConfig(const std::string& member, const MemberConfig& config);

    /// The member that shall lead from the start; without it the members elect one.
    void SetLeader(const std::string& member);

    /// @throws std::invalid_argument if a name is no node of the network
    std::vector<ns3::Ptr<EtcdMember>> Install(const Wan& wan,
                                              const std::vector<std::string>& members);

    /**
     * One more member, which starts now and joins the cluster when its members have been asked to add it
     * (EtcdMember::ChangeMembers); to be asked before it starts, or soon after. Call while the simulation runs.
     *
     * @throws std::invalid_argument if the name is no node of the network; std::logic_error before Install
     */
    ns3::Ptr<EtcdMember> Join(const Wan& wan, const std::string& name);

    /// Where clients reach the members, in the order in which they were installed.
    const std::vector<Endpoint>& GetEndpoints() const
    {
        return m_endpoints;
    }

    const raft::InvariantChecker& GetChecker() const
    {
        return m_checker;
    }

    /// @return the number of streams used
    std::int64_t AssignStreams(std::int64_t stream);

  private:
    ns3::Ptr<EtcdMember> Create(const Wan& wan, const std::string& name, MemberSetup setup);

    Network& m_network;
    Accounting m_accounting;
    raft::InvariantChecker m_checker;
    ns3::ObjectFactory m_factory;
    std::map<std::string, MemberConfig> m_configs;
    std::string m_leader;

    /// What members on one machine share.
    struct Machine
    {
        std::shared_ptr<Cpu> cpu;
        Disk::Queue disk;
    };

    std::map<std::string, Machine> m_machines;
    std::vector<Peer> m_cluster; //!< the initial members
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::vector<Endpoint> m_endpoints;
};

} // namespace etcdlab
