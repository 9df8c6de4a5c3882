// A component's watch of one type of objects at an API server.
#pragma once

#include "model/kubernetes/api-server.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace etcdlab::kube
{

/// Fed by the type's watch cache; events take processor time and the latency, and come in order.
class ComponentWatch : public ApiWatch
{
  public:
    ComponentWatch(ApiServer& server,
                   const ResourceType& type,
                   std::string nameSpace,
                   Duration latency,
                   WatchHandlers handlers);
    ~ComponentWatch() override;

    /// The request leaves now.
    void Start(Revision after);

  private:
    /// Lives as long as the watch; what is under way looks whether it still does.
    struct State;

    std::shared_ptr<State> m_state;
};

} // namespace etcdlab::kube
