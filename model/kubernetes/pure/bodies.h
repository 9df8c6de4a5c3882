// Spec and status of the objects that components act on.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace etcdlab::kube
{

/// What a container does when it runs; images and code have no other meaning here.
struct ContainerSpec
{
    std::string name;
    Duration pull{0};  //!< of its image; 0: the image is on the node
    Duration start{0}; //!< from "created" to "running"
    std::optional<Duration>
        ready; //!< after it runs, its readiness probe succeeds; nothing: it has none
    std::optional<Duration>
        runs;            //!< after which it exits; nothing: never, or when its program ends
    int exitCode = 0;    //!< with which it exits then
    std::string program; //!< the name of what it asks of the API meanwhile; empty: nothing
    bool operator==(const ContainerSpec&) const = default;
};

enum class RestartPolicy
{
    ALWAYS,
    ON_FAILURE,
    NEVER
};

/// v1.PodSpec
struct PodSpec
{
    std::vector<ContainerSpec> containers;
    RestartPolicy restartPolicy = RestartPolicy::ALWAYS;
    std::string serviceAccount = "default";
    std::vector<std::uint16_t> hostPorts; //!< two pods with the same one do not fit on a node
    std::string nodeName;                 //!< given by the binding
    std::string nodeAffinity;             //!< the only node it may run on (daemon sets); empty: any
    bool operator==(const PodSpec&) const = default;
};

/// v1.PodPhase
enum class PodPhase
{
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    UNKNOWN
};

/// v1.ContainerState
enum class ContainerState
{
    WAITING,
    RUNNING,
    TERMINATED
};

struct ContainerStatus
{
    ContainerState state = ContainerState::WAITING;
    std::string
        reason; //!< ContainerCreating, CrashLoopBackOff, Completed, Error; empty when it runs
    bool ready = false;
    int restarts = 0;
    bool operator==(const ContainerStatus&) const = default;
};

/// v1.PodStatus
struct PodStatus
{
    PodPhase phase = PodPhase::PENDING;
    std::string reason;                      //!< NodeLost, Unschedulable; else empty
    bool scheduled = false;                  //!< condition PodScheduled
    bool ready = false;                      //!< condition Ready
    std::string podIp;                       //!< empty until the sandbox stands
    std::vector<ContainerStatus> containers; //!< empty until the kubelet has seen it
    bool operator==(const PodStatus&) const = default;
};

struct PodBody
{
    PodSpec spec;
    PodStatus status;
    bool operator==(const PodBody&) const = default;
};

/// v1.PodTemplateSpec, with the size that a pod made of it has in etcd when created.
struct PodTemplate
{
    std::map<std::string, std::string> labels;
    PodSpec spec;
    std::uint32_t bytes = 2700;
    bool operator==(const PodTemplate&) const = default;
};

/// Status that the workload kinds share.
struct WorkloadStatus
{
    std::int64_t observedGeneration = 0;
    int replicas = 0; //!< daemon sets: desired
    int updated = 0;
    int ready = 0;
    int available = 0;
    int succeeded = 0;        //!< jobs
    int failed = 0;           //!< jobs
    bool complete = false;    //!< jobs: condition Complete
    bool progressing = false; //!< deployments: condition Progressing with NewReplicaSetAvailable
    bool operator==(const WorkloadStatus&) const = default;
};

/// Deployments, replica sets, daemon sets, stateful sets and jobs: the type tells which.
struct WorkloadBody
{
    int replicas = 1; //!< jobs: completions; daemon sets: of no meaning
    std::map<std::string, std::string> selector;
    PodTemplate podTemplate;
    std::int64_t hash =
        0; //!< of the template, as pod-template-hash: a new one makes a new replica set
    int backoffLimit = 6; //!< jobs
    WorkloadStatus status;
    bool operator==(const WorkloadBody&) const = default;
};

/// v1.Service
struct ServiceBody
{
    std::map<std::string, std::string> selector; //!< empty: nobody writes its endpoints
    bool headless = false;
    std::uint32_t clusterIp = 0; //!< number in the service range; 0: none yet
    bool operator==(const ServiceBody&) const = default;
};

/// v1.Endpoints and discovery.EndpointSlice: the pods behind a service.
struct EndpointsBody
{
    std::vector<std::string> ready;
    std::vector<std::string> notReady;
    std::string leader;        //!< an election's record: who holds it; else empty
    std::int64_t renewals = 0; //!< of that record
    bool operator==(const EndpointsBody&) const = default;
};

/// v1.Node
struct NodeBody
{
    bool ready = true;           //!< condition Ready; false: Unknown, its leases have stopped
    bool unreachable = false;    //!< taint node.kubernetes.io/unreachable
    std::int64_t heartbeats = 0; //!< status reports
    int pods = 110;              //!< capacity
    bool operator==(const NodeBody&) const = default;
};

/// coordination.Lease
struct LeaseBody
{
    std::string holder;
    std::int64_t renewals = 0;
    bool operator==(const LeaseBody&) const = default;
};

/// apiextensions.CustomResourceDefinition
struct DefinitionBody
{
    std::string resource; //!< plural, of the objects it defines
    std::string group;
    std::string kind;
    std::vector<std::string> versions; //!< served; each has a storage of its own
    bool namesAccepted = false;
    bool established = false;
    bool operator==(const DefinitionBody&) const = default;
};

/// Objects whose content nobody here looks at; the number stands for it.
struct OpaqueBody
{
    std::uint64_t content = 0;
    bool operator==(const OpaqueBody&) const = default;
};

using Body = std::variant<OpaqueBody,
                          PodBody,
                          WorkloadBody,
                          ServiceBody,
                          EndpointsBody,
                          NodeBody,
                          LeaseBody,
                          DefinitionBody>;

} // namespace etcdlab::kube
