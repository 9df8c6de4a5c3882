// Puts TCP proxies on nodes.
#pragma once

#include "model/proxy/tcp-proxy.h"
#include "model/transport/wan.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// Makes TcpProxies; all of them share one set of settings.
class TcpProxyHelper
{
  public:
    /// @param members where the members are; the settings' `targets` choose among them, empty: all
    TcpProxyHelper(Network& network, const ProxyConfig& config, std::vector<Endpoint> members);

    /// @throws std::invalid_argument for an unknown node or target policy
    ns3::Ptr<TcpProxy> Install(const Wan& wan, const std::string& node);

    /// Where clients reach the proxy on a node.
    Endpoint GetEndpoint(const Wan& wan, const std::string& node) const;

  private:
    Network& m_network;
    ProxyConfig m_config;
    std::vector<Endpoint> m_targets;
    std::int64_t m_installed = 0;
};

} // namespace etcdlab
