#include "model/kubernetes/pure/profile-objects.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

Labels
Filled(const Variables& labels, const Variables& variables)
{
    Labels filled;
    for (const auto& [key, value] : labels)
    {
        filled[key] = Expand(value, variables);
    }
    return filled;
}

ContainerSpec
MakeContainer(const ContainerConfig& config, const Variables& variables)
{
    return {config.name,
            config.pull,
            config.start,
            config.ready,
            config.runs,
            static_cast<int>(config.exitCode),
            config.program.empty() ? "" : ProgramName(config.program, variables)};
}

PodTemplate
MakeTemplate(const PodConfig& config, const Variables& variables)
{
    PodTemplate made;
    made.labels = Filled(config.labels, variables);
    made.bytes = static_cast<std::uint32_t>(config.bytes.bytes);
    made.spec.restartPolicy = config.restartPolicy == "always"       ? RestartPolicy::ALWAYS
                              : config.restartPolicy == "on-failure" ? RestartPolicy::ON_FAILURE
                                                                     : RestartPolicy::NEVER;
    made.spec.serviceAccount = Expand(config.serviceAccount, variables);
    for (const auto& port : config.hostPorts)
    {
        made.spec.hostPorts.push_back(static_cast<std::uint16_t>(std::stoi(port)));
    }
    for (const auto& container : config.containers)
    {
        made.spec.containers.push_back(MakeContainer(container, variables));
    }
    return made;
}

Body
MakeBody(const ObjectConfig& config,
         const Profile& profile,
         const Variables& variables,
         std::uint64_t content)
{
    if (!config.pod.empty())
    {
        const auto podTemplate = MakeTemplate(profile.pods.at(config.pod), variables);
        if (config.resource == "pods")
        {
            return PodBody{podTemplate.spec, {}};
        }
        WorkloadBody body;
        body.replicas = static_cast<int>(config.replicas);
        body.selector =
            config.selector.empty() ? podTemplate.labels : Filled(config.selector, variables);
        body.podTemplate = podTemplate;
        return body;
    }
    if (config.resource == "services")
    {
        return ServiceBody{Filled(config.selector, variables), config.headless, 0};
    }
    if (config.defines)
    {
        const auto& defines = *config.defines;
        return DefinitionBody{
            defines.resource, defines.group, defines.kind, defines.versions, false, false};
    }
    // A new service account refers to no token yet (ServiceAccountTokenController).
    return OpaqueBody{config.resource == "serviceaccounts" ? 0 : content};
}

} // namespace

ObjectKey
KeyOf(const ObjectConfig& config, bool namespaced, const Variables& variables)
{
    return {namespaced ? Expand(config.nameSpace, variables) : "", Expand(config.name, variables)};
}

Object
MakeObject(const ObjectConfig& config,
           const ResourceType& type,
           const Profile& profile,
           const Variables& variables,
           std::uint64_t content)
{
    Object object;
    object.type = &type;
    object.key = KeyOf(config, type.namespaced, variables);
    object.bytes = static_cast<std::uint32_t>(config.bytes.bytes);
    if (config.resource == "pods")
    {
        object.labels = Filled(profile.pods.at(config.pod).labels, variables);
    }
    object.labels.merge(Filled(config.labels, variables));
    object.body = MakeBody(config, profile, variables, content);
    return object;
}

std::string
ProgramName(const std::string& program, const Variables& variables)
{
    return variables.at("release") + "/" + program;
}

bool
Meets(const std::string& until, const Object* object)
{
    if (object == nullptr || until == "gone" || until == "exists")
    {
        return until == (object == nullptr ? "gone" : "exists");
    }
    if (const auto* definition = std::get_if<DefinitionBody>(&object->body))
    {
        return until != "established" || definition->established;
    }
    if (const auto* pod = std::get_if<PodBody>(&object->body))
    {
        const auto phase = pod->status.phase;
        return until == "ready"     ? pod->status.ready
               : until == "running" ? phase == PodPhase::RUNNING
                                    : phase == PodPhase::SUCCEEDED;
    }
    if (const auto* workload = std::get_if<WorkloadBody>(&object->body))
    {
        const auto& status = workload->status;
        if (object->type->resource == "jobs")
        {
            return until != "complete" || status.complete;
        }
        // Daemon sets have no replicas of their own: as many as nodes, once their controller has counted them.
        const int wanted = object->type->resource == "daemonsets" ? std::max(1, status.replicas)
                                                                  : workload->replicas;
        return until == "complete" || status.ready >= wanted;
    }
    return true; // helm pkg/kube/client.go: only jobs and pods are waited for
}

bool
IsHopeless(const std::string& until, const Object& object)
{
    const auto* workload = std::get_if<WorkloadBody>(&object.body);
    const auto* pod = std::get_if<PodBody>(&object.body);
    return until == "complete" && ((workload != nullptr && object.type->resource == "jobs" &&
                                    workload->status.failed > workload->backoffLimit) ||
                                   (pod != nullptr && pod->status.phase == PodPhase::FAILED));
}

} // namespace etcdlab::kube
