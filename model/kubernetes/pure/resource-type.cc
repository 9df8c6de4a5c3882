#include "model/kubernetes/pure/resource-type.h"

#include <stdexcept>

namespace etcdlab::kube
{

namespace
{

// Where the group stands in a key only if the resource is an aggregator's or an extension's: /registry/<resource>/.
struct Row
{
    const char* resource;
    const char* group;
    const char* kind;
    const char* path; //!< below /registry/
    bool namespaced;
    bool watchCached = true;
    int storages = 1;
};

/// kube-apiserver 1.20.2, default flags (pkg/registry/*/rest/storage_*.go; keys seen in etcd).
constexpr Row ROWS[] = {
    {"configmaps", "", "ConfigMap", "configmaps", true},
    {"endpoints", "", "Endpoints", "services/endpoints", true},
    {"events", "", "Event", "events", true, false, 3}, // v1, and events.k8s.io v1 and v1beta1
    {"limitranges", "", "LimitRange", "limitranges", true},
    {"namespaces", "", "Namespace", "namespaces", false},
    {"nodes", "", "Node", "minions", false},
    {"persistentvolumeclaims", "", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"persistentvolumes", "", "PersistentVolume", "persistentvolumes", false},
    {"pods", "", "Pod", "pods", true},
    {"podtemplates", "", "PodTemplate", "podtemplates", true},
    {"replicationcontrollers", "", "ReplicationController", "controllers", true},
    {"resourcequotas", "", "ResourceQuota", "resourcequotas", true},
    {"secrets", "", "Secret", "secrets", true},
    {"serviceaccounts", "", "ServiceAccount", "serviceaccounts", true},
    {"services", "", "Service", "services/specs", true},
    {"mutatingwebhookconfigurations",
     "admissionregistration.k8s.io",
     "MutatingWebhookConfiguration",
     "mutatingwebhookconfigurations",
     false,
     true,
     2},
    {"validatingwebhookconfigurations",
     "admissionregistration.k8s.io",
     "ValidatingWebhookConfiguration",
     "validatingwebhookconfigurations",
     false,
     true,
     2},
    {"customresourcedefinitions",
     "apiextensions.k8s.io",
     "CustomResourceDefinition",
     "apiextensions.k8s.io/customresourcedefinitions",
     false,
     true,
     2},
    {"apiservices",
     "apiregistration.k8s.io",
     "APIService",
     "apiregistration.k8s.io/apiservices",
     false,
     true,
     2},
    {"controllerrevisions", "apps", "ControllerRevision", "controllerrevisions", true},
    {"daemonsets", "apps", "DaemonSet", "daemonsets", true},
    {"deployments", "apps", "Deployment", "deployments", true},
    {"replicasets", "apps", "ReplicaSet", "replicasets", true},
    {"statefulsets", "apps", "StatefulSet", "statefulsets", true},
    {"horizontalpodautoscalers",
     "autoscaling",
     "HorizontalPodAutoscaler",
     "horizontalpodautoscalers",
     true,
     true,
     3},
    {"cronjobs", "batch", "CronJob", "cronjobs", true},
    {"jobs", "batch", "Job", "jobs", true},
    {"certificatesigningrequests",
     "certificates.k8s.io",
     "CertificateSigningRequest",
     "certificatesigningrequests",
     false,
     true,
     2},
    {"leases", "coordination.k8s.io", "Lease", "leases", true, true, 2},
    {"endpointslices", "discovery.k8s.io", "EndpointSlice", "endpointslices", true},
    {"flowschemas", "flowcontrol.apiserver.k8s.io", "FlowSchema", "flowschemas", false},
    {"prioritylevelconfigurations",
     "flowcontrol.apiserver.k8s.io",
     "PriorityLevelConfiguration",
     "prioritylevelconfigurations",
     false},
    {"ingresses", "networking.k8s.io", "Ingress", "ingress", true, true, 3},
    {"ingressclasses", "networking.k8s.io", "IngressClass", "ingressclasses", false, true, 2},
    {"networkpolicies", "networking.k8s.io", "NetworkPolicy", "networkpolicies", true},
    {"runtimeclasses", "node.k8s.io", "RuntimeClass", "runtimeclasses", false, true, 2},
    {"poddisruptionbudgets", "policy", "PodDisruptionBudget", "poddisruptionbudgets", true},
    {"podsecuritypolicies", "policy", "PodSecurityPolicy", "podsecuritypolicy", false},
    {"clusterrolebindings",
     "rbac.authorization.k8s.io",
     "ClusterRoleBinding",
     "clusterrolebindings",
     false,
     true,
     2},
    {"clusterroles", "rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false, true, 2},
    {"rolebindings", "rbac.authorization.k8s.io", "RoleBinding", "rolebindings", true, true, 2},
    {"roles", "rbac.authorization.k8s.io", "Role", "roles", true, true, 2},
    {"priorityclasses", "scheduling.k8s.io", "PriorityClass", "priorityclasses", false, true, 2},
    {"csidrivers", "storage.k8s.io", "CSIDriver", "csidrivers", false, true, 2},
    {"csinodes", "storage.k8s.io", "CSINode", "csinodes", false, true, 2},
    {"storageclasses", "storage.k8s.io", "StorageClass", "storageclasses", false, true, 2},
    {"volumeattachments",
     "storage.k8s.io",
     "VolumeAttachment",
     "volumeattachments",
     false,
     true,
     2},
};

} // namespace

ResourceTypes::ResourceTypes()
{
    for (const auto& row : ROWS)
    {
        Add({row.resource,
             row.group,
             row.kind,
             std::string("/registry/") + row.path + "/",
             row.namespaced,
             row.watchCached,
             false,
             row.storages});
    }
}

const ResourceType*
ResourceTypes::Find(std::string_view resource) const
{
    const auto found = m_byResource.find(resource);
    return found == m_byResource.end() ? nullptr : found->second;
}

const ResourceType&
ResourceTypes::Get(std::string_view resource) const
{
    if (const auto* type = Find(resource))
    {
        return *type;
    }
    throw std::out_of_range("no resource is called \"" + std::string(resource) + "\"");
}

const ResourceType&
ResourceTypes::Add(ResourceType type)
{
    if (const auto* known = Find(type.resource))
    {
        return *known;
    }
    m_types.push_back(std::make_unique<ResourceType>(std::move(type)));
    m_byResource.emplace(m_types.back()->resource, m_types.back().get());
    return *m_types.back();
}

std::vector<const ResourceType*>
ResourceTypes::All() const
{
    std::vector<const ResourceType*> all;
    for (const auto& type : m_types)
    {
        all.push_back(type.get());
    }
    return all;
}

} // namespace etcdlab::kube
