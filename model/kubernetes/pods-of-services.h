// Which pods stand behind a service: what the controllers of endpoints and of slices both ask.
#pragma once

#include "model/kubernetes/informer.h"

#include <functional>

namespace etcdlab::kube
{

/// @param timed the change has a time of its own, which slices are annotated with: a service's, or that of a pod's
/// condition Ready (endpointslice trigger_time_tracker.go)
using ServiceChanged = std::function<void(const ObjectKey& service, bool timed)>;

/// Call back with each service that is added, changed, or gone, or whose pods come, go, or change their address,
/// readiness or labels (pkg/controller/util/endpoint/controller_utils.go).
void WatchServicesAndPods(Informer& services, Informer& pods, const ServiceChanged& changed);

/// The pods with an address that a service selects, by name; those that have ended or are being deleted left out.
EndpointsBody EndpointsOf(const Informer& pods, const Object& service);

} // namespace etcdlab::kube
