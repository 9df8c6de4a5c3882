// Puts clients on nodes.
#pragma once

#include "model/transport/wan.h"
#include "model/workload/kv-client.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// Makes KvClients; all of them share one set of settings.
class KvClientHelper
{
  public:
    KvClientHelper(Network& network, const ClientConfig& client, const WorkloadConfig& workload);

    /// @param node the client's node
    /// @param endpoints where it sends its requests
    /// @throws std::invalid_argument for an unknown node, balancer or workload
    ns3::Ptr<KvClient> Install(const Wan& wan,
                               const std::string& node,
                               const std::vector<Endpoint>& endpoints);

  private:
    Network& m_network;
    ClientConfig m_client;
    WorkloadConfig m_workload;
    std::uint64_t m_installed = 0;
};

} // namespace etcdlab
