#include "analysis/registered-names.h"

#include "helper/topology/topology.h"
#include "model/proxy/target-policy.h"
#include "model/transport/balancer.h"
#include "model/workload/workload.h"

namespace etcdlab
{

KnownNames
RegisteredNames()
{
    KnownNames names;
    names.balancers = BalancerRegistry::Names();
    names.targetPolicies = TargetPolicyRegistry::Names();
    names.topologies = TopologyRegistry::Names();
    names.workloads = WorkloadRegistry::Names();
    return names;
}

} // namespace etcdlab
