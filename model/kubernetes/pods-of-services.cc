#include "model/kubernetes/pods-of-services.h"

#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

bool
Matters(const Object& old, const Object& now)
{
    const auto& before = PodOf(old).status;
    const auto& after = PodOf(now).status;
    return before.podIp != after.podIp || before.ready != after.ready || old.labels != now.labels ||
           old.deletionTimestamp.has_value() != now.deletionTimestamp.has_value() ||
           IsActive(old) != IsActive(now);
}

} // namespace

void
WatchServicesAndPods(Informer& services, Informer& pods, const ServiceChanged& changed)
{
    services.AddHandlers(
        {[changed](const ObjectPtr& service) { changed(service->key, true); },
         [changed](const ObjectPtr&, const ObjectPtr& service) { changed(service->key, true); },
         [changed](const ObjectPtr& service) { changed(service->key, true); }});
    const auto podChanged = [&services, changed](const Object& pod) {
        const auto& all = services.Items();
        for (auto found = all.lower_bound({pod.key.nameSpace, ""});
             found != all.end() && found->first.nameSpace == pod.key.nameSpace;
             ++found)
        {
            if (Selects(std::get<ServiceBody>(found->second->body).selector, pod.labels))
            {
                changed(found->first, !PodOf(pod).status.containers.empty());
            }
        }
    };
    pods.AddHandlers({[podChanged](const ObjectPtr& pod) { podChanged(*pod); },
                      [podChanged](const ObjectPtr& old, const ObjectPtr& pod) {
                          if (Matters(*old, *pod))
                          {
                              podChanged(*pod);
                          }
                      },
                      [podChanged](const ObjectPtr& pod) { podChanged(*pod); }});
}

EndpointsBody
EndpointsOf(const Informer& pods, const Object& service)
{
    EndpointsBody endpoints;
    const auto& selector = std::get<ServiceBody>(service.body).selector;
    const auto& all = pods.Items();
    for (auto found = all.lower_bound({service.key.nameSpace, ""});
         found != all.end() && found->first.nameSpace == service.key.nameSpace;
         ++found)
    {
        const auto& pod = *found->second;
        const auto& status = PodOf(pod).status;
        if (status.podIp.empty() || !IsActive(pod) || !Selects(selector, pod.labels))
        {
            continue;
        }
        (status.ready ? endpoints.ready : endpoints.notReady).push_back(pod.key.name);
    }
    return endpoints;
}

} // namespace etcdlab::kube
