#include "helper/etcd-cluster-helper.h"

#include "helper/random-streams.h"
#include "model/etcd/kv-messages.h"
#include "model/etcd/pure/member-id.h"

namespace etcdlab
{

EtcdClusterHelper::EtcdClusterHelper(Network& network, Accounting accounting)
    : m_network(network),
      m_accounting(accounting),
      m_checker(accounting)
{
    m_factory.SetTypeId(EtcdMember::GetTypeId());
}

void
EtcdClusterHelper::SetAttribute(const std::string& name, const ns3::AttributeValue& value)
{
    m_factory.Set(name, value);
}

void
EtcdClusterHelper::SetConfig(const std::string& member, const MemberConfig& config)
{
    m_configs[member] = config;
}

void
EtcdClusterHelper::SetLeader(const std::string& member)
{
    m_leader = member;
}

std::vector<ns3::Ptr<EtcdMember>>
EtcdClusterHelper::Install(const WanBuilder& wan, const std::vector<std::string>& members)
{
    std::vector<Peer> cluster;
    for (const auto& name : members)
    {
        cluster.push_back({name, MemberId(name), wan.GetNode(name)});
    }
    for (const auto& peer : cluster)
    {
        auto member = m_factory.Create<EtcdMember>();
        if (const auto config = m_configs.find(peer.name); config != m_configs.end())
        {
            member->SetConfig(config->second);
        }
        MemberSetup setup;
        setup.name = peer.name;
        setup.cluster = cluster;
        setup.network = &m_network;
        setup.accounting = m_accounting;
        setup.placedLeader = m_leader;
        setup.observer = &m_checker;
        member->SetUp(std::move(setup));
        peer.node->AddApplication(member);
        m_members.push_back(member);
        const auto port = static_cast<std::uint16_t>(member->GetConfig().clientPort);
        m_endpoints.push_back({peer.name, peer.node, port});
    }
    AssignStreams(MEMBER_STREAMS);
    return m_members;
}

std::int64_t
EtcdClusterHelper::AssignStreams(std::int64_t stream)
{
    auto next = stream;
    for (const auto& member : m_members)
    {
        member->AssignStreams(next);
        next += STREAM_STRIDE;
    }
    return next - stream;
}

} // namespace etcdlab
