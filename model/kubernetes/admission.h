// What admission asks of etcd before an object is created.
#pragma once

#include "model/kubernetes/resource-storage.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/**
 * The plugins LimitRanger and ResourceQuota. Both know limits and quotas from watches, and if there are none in a
 * namespace they ask etcd, and believe the answer for 30 s (plugin/pkg/admission/limitranger/admission.go,
 * resourcequota/resource_access.go). Limits concern pods and claims, quotas whatever has a namespace, events
 * aside. All other plugins work on what watches have told. Whether an object fits its quota is not looked at.
 */
class Admission
{
  public:
    using Done = std::function<void(const std::optional<ApiError>&)>;

    Admission(ResourceStorage& limits, ResourceStorage& quotas);

    /// May an object of this type be created there?
    void Admit(const ResourceType& type, const std::string& nameSpace, Done done);

  private:
    /// What is known of a namespace.
    struct Known
    {
        Duration until{0};
        std::vector<Done> waiting; //!< quotas: one evaluator asks for all
    };

    void AdmitByLimits(const std::string& nameSpace, Done done);
    void AdmitByQuotas(const std::string& nameSpace, Done done);

    ResourceStorage& m_limitRanges;
    ResourceStorage& m_resourceQuotas;
    std::map<std::string, Known> m_limits;
    std::map<std::string, Known> m_quotas;
};

} // namespace etcdlab::kube
