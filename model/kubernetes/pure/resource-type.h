// The types of objects an API server keeps, and where in etcd it keeps them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab::kube
{

/// One resource of the Kubernetes API.
struct ResourceType
{
    std::string resource; //!< as in the API's paths: "deployments"
    std::string group;    //!< "apps"; empty: the core group
    std::string kind;     //!< "Deployment"
    std::string prefix;   //!< of its keys in etcd, with the last slash: "/registry/deployments/"
    bool namespaced = true;
    bool watchCached = true; //!< has a watch cache in the API server; events have none
    bool custom = false;     //!< defined by a CustomResourceDefinition
    int storages =
        1; //!< served group versions, each with an etcd client and a watch cache of its own
};

/// The resources that are served, in a fixed order.
class ResourceTypes
{
  public:
    /// Those of kube-apiserver 1.20 with its default flags.
    ResourceTypes();
    ResourceTypes(const ResourceTypes&) = delete;
    ResourceTypes& operator=(const ResourceTypes&) = delete;

    /// @param resource its plural name, with ".group" if two groups share it; @return nullptr if there is none
    const ResourceType* Find(std::string_view resource) const;

    /// @throws std::out_of_range if there is none
    const ResourceType& Get(std::string_view resource) const;

    /// A custom resource; one that exists already stays as it is.
    const ResourceType& Add(ResourceType type);

    std::vector<const ResourceType*> All() const;

  private:
    std::vector<std::unique_ptr<ResourceType>> m_types; //!< addresses stay valid
    std::map<std::string, const ResourceType*, std::less<>> m_byResource;
};

} // namespace etcdlab::kube
