// External etcd: members on nodes of their own, apart from the API servers.
#include "helper/scenario/scenario.h"
#include "helper/topology/topology.h"

namespace etcdlab
{

namespace
{

class External : public Topology
{
  public:
    std::vector<std::string> ClientNodes(const TopologyConfig& config) const override
    {
        return config.apiServers;
    }

    bool MembersAreLocal() const override
    {
        return false;
    }
};

const bool externalRegistered =
    TopologyRegistry::Add("external",
                          "members on nodes of their own; API servers use all of them",
                          [] { return std::make_unique<External>(); });

} // namespace

} // namespace etcdlab
