// Which of its connections a gRPC channel uses for a call.
//
// A new policy is one file: a class, and a BalancerRegistry::Add beside it.
#pragma once

#include "model/base/registry.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// The state of the connection to one endpoint, as far as balancing is concerned (grpc-go
/// connectivity.State; a connection that failed counts as failed until it is ready again).
enum class SubConnState
{
    CONNECTING, //!< the first attempt since it was last ready or new is under way
    READY,
    FAILED, //!< the last attempt failed, or the connection broke and the next attempt failed
};

/// Of each endpoint, in the channel's order.
using SubConnStates = std::vector<SubConnState>;

/// What a policy may know when it is made.
struct BalancerContext
{
    std::vector<std::string> endpoints; //!< names, in the channel's order
    std::string pinned;                 //!< the one to use for "pinned"; empty: the first
    /// A uniform number in [0, n), for policies that shuffle; without it they keep the endpoints'
    /// order.
    std::function<std::size_t(std::size_t n)> random;
};

/// A policy. It is told every change of state and asked once for every call.
class Balancer
{
  public:
    virtual ~Balancer() = default;

    /// The states after a connection became ready or ceased to be, or an attempt failed.
    virtual void OnChange(const SubConnStates& states) = 0;

    /// The endpoint for the next call, one that is READY; nothing if the call has to wait for a
    /// change.
    virtual std::optional<std::size_t> Pick() = 0;
};

using BalancerRegistry = Registry<Balancer, const BalancerContext&>;

} // namespace etcdlab
