// To which of its targets a proxy sends a new connection.
//
// To add a policy: one file with a class and its registration, as target-policy-leader.cc.
#pragma once

#include "model/base/registry.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a policy decides from.
struct ProxyView
{
    std::vector<std::string> targets; //!< names, in the scenario's order; never empty
    std::string leader;               //!< as last heard of; empty: not known (yet)
    std::string pinned;               //!< the scenario's pinned_target; empty: the first
    /// Which targets the connection in question could not be opened to; empty: none.
    std::vector<bool> failed = {};

    bool HasFailed(std::size_t target) const
    {
        return target < failed.size() && failed[target];
    }
};

class TargetPolicy
{
  public:
    virtual ~TargetPolicy() = default;

    /// The target for a new connection, as an index into view.targets; nothing: it has to wait until
    /// the proxy hears of a leader. A policy that has no other than a failed one names it again,
    /// and the connection is given up.
    virtual std::optional<std::size_t> Pick(const ProxyView& view) = 0;

    /// Whether a connection opened to `target` should be given up now that the leader is another one.
    virtual bool Abandons(const ProxyView& view, std::size_t target) const
    {
        (void)view;
        (void)target;
        return false;
    }
};

using TargetPolicyRegistry = Registry<TargetPolicy>;

} // namespace etcdlab
