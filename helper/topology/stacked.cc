// Stacked etcd: a member on each control-plane node, where an API server uses it.
#include "helper/scenario/scenario.h"
#include "helper/topology/topology.h"

namespace etcdlab
{

namespace
{

class Stacked : public Topology
{
  public:
    std::vector<std::string> ClientNodes(const TopologyConfig& config) const override
    {
        return config.members;
    }

    bool MembersAreLocal() const override
    {
        return true;
    }
};

const bool stackedRegistered =
    TopologyRegistry::Add("stacked",
                          "a member on each control-plane node; each API server uses its own",
                          [] { return std::make_unique<Stacked>(); });

} // namespace

} // namespace etcdlab
