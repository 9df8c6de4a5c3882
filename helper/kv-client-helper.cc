#include "helper/kv-client-helper.h"

#include "helper/random-streams.h"

namespace etcdlab
{

KvClientHelper::KvClientHelper(Network& network,
                               const ClientConfig& client,
                               const WorkloadConfig& workload)
    : m_network(network),
      m_client(client),
      m_workload(workload)
{
}

ns3::Ptr<KvClient>
KvClientHelper::Install(const Wan& wan,
                        const std::string& node,
                        const std::vector<Endpoint>& endpoints)
{
    auto client = ns3::CreateObject<KvClient>();
    wan.GetNode(node)->AddApplication(client);
    client->SetConfig(m_client, m_workload);
    client->SetUp({node, m_installed, &m_network, endpoints});
    client->AssignStreams(CLIENT_STREAMS + static_cast<std::int64_t>(m_installed) * STREAM_STRIDE);
    ++m_installed;
    return client;
}

} // namespace etcdlab
