#include "helper/tcp-proxy-helper.h"

#include "helper/random-streams.h"

#include <algorithm>

namespace etcdlab
{

TcpProxyHelper::TcpProxyHelper(Network& network,
                               const ProxyConfig& config,
                               std::vector<Endpoint> members)
    : m_network(network),
      m_config(config)
{
    for (const auto& target : config.targets)
    {
        const auto found =
            std::find_if(members.begin(), members.end(), [&](const Endpoint& member) {
                return member.name == target;
            });
        if (found != members.end())
        {
            m_targets.push_back(*found);
        }
    }
    if (config.targets.empty())
    {
        m_targets = std::move(members);
    }
}

ns3::Ptr<TcpProxy>
TcpProxyHelper::Install(const Wan& wan, const std::string& node)
{
    auto proxy = ns3::CreateObject<TcpProxy>();
    wan.GetNode(node)->AddApplication(proxy);
    proxy->SetConfig(m_config);
    proxy->SetUp({&m_network, m_targets});
    proxy->AssignStreams(PROXY_STREAMS + m_installed++ * STREAM_STRIDE);
    return proxy;
}

Endpoint
TcpProxyHelper::GetEndpoint(const Wan& wan, const std::string& node) const
{
    return {"proxy", wan.GetNode(node), static_cast<std::uint16_t>(m_config.listenPort)};
}

} // namespace etcdlab
