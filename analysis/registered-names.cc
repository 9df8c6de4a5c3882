#include "analysis/registered-names.h"

#include "helper/topology/topology.h"
#include "model/fault/fault-type.h"
#include "model/proxy/target-policy.h"
#include "model/transport/balancer.h"
#include "model/transport/transport.h"
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
    names.transports = TransportRegistry::Names();
    names.workloads = WorkloadRegistry::Names();
    names.faults = FaultRegistry::Names();
    return names;
}

} // namespace etcdlab
