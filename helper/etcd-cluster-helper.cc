#include "helper/etcd-cluster-helper.h"

#include "helper/random-streams.h"
#include "model/etcd/kv-messages.h"
#include "model/etcd/pure/member-id.h"

#include <algorithm>
#include <stdexcept>

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
EtcdClusterHelper::Install(const Wan& wan, const std::vector<std::string>& members)
{
    for (const auto& name : members)
    {
        m_cluster.push_back({name, MemberId(name), wan.GetNode(name)});
    }
    for (const auto& name : members)
    {
        MemberSetup setup;
        setup.placedLeader = m_leader;
        Create(wan, name, std::move(setup));
    }
    AssignStreams(MEMBER_STREAMS);
    return m_members;
}

ns3::Ptr<EtcdMember>
EtcdClusterHelper::Join(const Wan& wan, const std::string& name)
{
    MemberSetup setup;
    setup.joining = true;
    const auto running = std::find_if(
        m_members.begin(), m_members.end(), [](const auto& member) { return member->IsRunning(); });
    if (running == m_members.end())
    {
        throw std::logic_error("Join: expected a running member to join, found none");
    }
    for (const auto& member : (*running)->GetMembers().Members())
    {
        if (member.name != name)
        {
            setup.contacts.push_back({member.name, member.id, wan.GetNode(member.name)});
        }
    }
    auto member = Create(wan, name, std::move(setup));
    member->AssignStreams(MEMBER_STREAMS +
                          STREAM_STRIDE * (static_cast<std::int64_t>(m_members.size()) - 1));
    return member;
}

ns3::Ptr<EtcdMember>
EtcdClusterHelper::Create(const Wan& wan, const std::string& name, MemberSetup setup)
{
    const auto node = wan.GetNode(name);
    auto member = m_factory.Create<EtcdMember>();
    if (const auto config = m_configs.find(name); config != m_configs.end())
    {
        member->SetConfig(config->second);
    }
    setup.name = name;
    setup.cluster = m_cluster;
    setup.findNode = [&wan](const std::string& other) { return wan.GetNode(other); };
    setup.network = &m_network;
    setup.accounting = m_accounting;
    setup.observer = &m_checker;
    if (const auto& machine = member->GetConfig().machine; !machine.empty())
    {
        auto& shared = m_machines[machine];
        if (!shared.cpu)
        {
            shared = {std::make_shared<Cpu>(member->GetConfig().cpu.cores),
                      std::make_shared<Duration>(0)};
        }
        setup.cpu = shared.cpu;
        setup.disk = shared.disk;
    }
    member->SetUp(std::move(setup));
    node->AddApplication(member);
    m_members.push_back(member);
    const auto port = static_cast<std::uint16_t>(member->GetConfig().clientPort);
    m_endpoints.push_back({name, node, port});
    return member;
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
