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
