// What a container's code does with the API while the container runs.
#pragma once

#include "model/kubernetes/api-client.h"
#include "model/kubernetes/informer.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace etcdlab::kube
{

/// The code of one container; a new one each time it starts.
class Program
{
  public:
    virtual ~Program() = default;

    /// The container runs. @param ended to be called once, with the exit code, if it ends by itself
    virtual void Start(std::function<void(int exitCode)> ended) = 0;

    /// It is told to stop, and asks for nothing more; it is destroyed soon after.
    virtual void Stop() = 0;
};

/// What a program is given.
struct ProgramContext
{
    std::unique_ptr<ApiClient> client; //!< its own, named after the program
    ObjectPtr pod;                     //!< as the kubelet knows it
    ContainerSpec container;
    Random random;
};

using ProgramFactory = std::function<std::unique_ptr<Program>(ProgramContext context)>;

/// Programs by the name that ContainerSpec::program gives.
using ProgramTable = std::map<std::string, ProgramFactory>;

} // namespace etcdlab::kube
