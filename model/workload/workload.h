// What a client asks for: one request after the other.
//
// To add a workload: one file with a class and its registration, as workload-mix.cc.
#pragma once

#include "model/base/registry.h"
#include "model/etcd/pure/requests.h"
#include "model/workload/workload-config.h"

#include <functional>
#include <string>

namespace etcdlab
{

/// A request, and what results call it.
struct Operation
{
    std::string name;
    Request request;
};

class Workload
{
  public:
    virtual ~Workload() = default;

    /// The next request.
    virtual Operation Next() = 0;

    /// Of a workload that brings its own order, which the settings' count, rate and concurrency then do not touch: first
    /// `preload` requests one after another, then `requests` at the times that NextAt says, or in `chains`, if there
    /// are any, each request of which follows the answer to the one before.
    struct Script
    {
        std::uint64_t preload = 0;
        std::uint64_t requests = 0;
        std::uint64_t chains = 0;
    };

    /// nullptr: it has none.
    virtual const Script* GetScript() const
    {
        return nullptr;
    }

    /// Of a script without chains: when the next request is due, since the preload ended.
    virtual Duration NextAt() const
    {
        return Duration(0);
    }

    /// Of a script with chains.
    virtual bool HasNext(std::uint64_t chain) const
    {
        (void)chain;
        return false;
    }

    virtual Operation NextOf(std::uint64_t chain)
    {
        (void)chain;
        return Next();
    }

    /// The answer to a request made earlier; requests that failed are not reported.
    virtual void OnResponse(const Request& request, const Response& response)
    {
        (void)request;
        (void)response;
    }
};

/// What a workload may know when it is made.
struct WorkloadContext
{
    WorkloadConfig config;
    std::uint64_t client = 0;       //!< number of the client, from 0
    std::function<double()> random; //!< uniform in [0, 1)
};

using WorkloadRegistry = Registry<Workload, const WorkloadContext&>;

} // namespace etcdlab
