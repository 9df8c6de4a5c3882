// What the API servers of one cluster have in common beside etcd.
#pragma once

#include "model/kubernetes/pure/kubernetes-config.h"
#include "model/kubernetes/pure/object.h"
#include "model/kubernetes/pure/service-ip-range.h"

#include <cstdint>

namespace etcdlab::kube
{

/// The types that are served, what values in etcd mean, and which addresses are taken (what the value in etcd
/// would say).
struct ClusterData
{
    explicit ClusterData(const ApiServerConfig& config)
        : serviceIps(config.serviceRangeBits)
    {
    }

    /// The type that a definition defines, if it is not there yet.
    void AddCustomType(const DefinitionBody& definition)
    {
        ResourceType type;
        type.resource = definition.resource;
        type.group = definition.group;
        type.kind = definition.kind;
        type.prefix = "/registry/" + definition.group + "/" + definition.resource + "/";
        type.custom = true;
        type.storages = static_cast<int>(definition.versions.size());
        types.Add(std::move(type));
    }

    ResourceTypes types;
    ObjectTable objects;
    ServiceIpRange serviceIps;
    std::uint64_t nextUid = 1;
};

} // namespace etcdlab::kube
