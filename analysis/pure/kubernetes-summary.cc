#include "analysis/pure/kubernetes-summary.h"

#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

OrderedJson
ReleaseJson(const kube::ReleaseResult& release)
{
    OrderedJson json = {{"wall_s", ToSeconds(release.end - release.start)},
                        {"error", release.error},
                        {"requests", release.Requests()}};
    auto& phases = json["phases"] = OrderedJson::object();
    for (const auto& phase : release.phases)
    {
        phases[phase.name] = {{"start_s", ToSeconds(phase.start)},
                              {"duration_s", ToSeconds(phase.end - phase.start)},
                              {"requests", phase.requests},
                              {"refused", phase.refused},
                              {"retried", phase.retried}};
    }
    return json;
}

kube::ReleaseResult
ReadRelease(const std::string& name, const JsonNode& node)
{
    kube::ReleaseResult release;
    release.release = name;
    release.end = node.At("wall_s").FromSeconds();
    release.error = node.At("error").Text();
    release.ended = true;
    for (const auto& [phase, each] : node.At("phases").Items())
    {
        const auto start = each.At("start_s").FromSeconds();
        release.phases.push_back({phase,
                                  start,
                                  start + each.At("duration_s").FromSeconds(),
                                  each.At("requests").Count(),
                                  each.At("refused").Count(),
                                  each.At("retried").Count()});
    }
    return release;
}

} // namespace

KubernetesSummary
MakeKubernetesSummary(const KubernetesResult& result)
{
    KubernetesSummary summary;
    const bool allWell =
        std::all_of(result.releases.begin(), result.releases.end(), [](const auto& each) {
            return each.ended && each.error.empty();
        });
    for (auto release : result.releases)
    {
        if (allWell)
        {
            summary.wall = std::max(summary.wall.value_or(Duration(0)), release.end - result.begin);
        }
        release.start -= result.begin;
        release.end -= result.begin;
        for (auto& phase : release.phases)
        {
            phase.start -= result.begin;
            phase.end -= result.begin;
        }
        summary.releases.push_back(std::move(release));
    }
    for (const auto& request : result.etcd)
    {
        auto& traffic = summary.origins[std::string(request.origin)];
        (request.rpc == "Range" ? traffic.reads
         : request.rpc == "Txn" ? traffic.writes
                                : traffic.others) += 1;
        traffic.requestBytes += request.requestBytes;
        traffic.responseBytes += request.responseBytes;
    }
    summary.connections = result.connections;
    summary.watches = result.watches;
    for (std::size_t phase = 0; !result.pods.empty() && phase < kube::DISPLAY_PHASES.size();
         ++phase)
    {
        if (const int pods = result.pods.back().pods[phase]; pods > 0)
        {
            summary.pods[std::string(kube::DISPLAY_PHASES[phase])] =
                static_cast<std::uint64_t>(pods);
        }
    }
    return summary;
}

OrderedJson
KubernetesJson(const KubernetesSummary& summary)
{
    OrderedJson json = {
        {"wall_s", summary.wall ? OrderedJson(ToSeconds(*summary.wall)) : OrderedJson()},
        {"connections", OrderedJson::object()},
        {"watches", summary.watches},
        {"releases", OrderedJson::object()},
        {"etcd_requests", OrderedJson::object()},
        {"pods", summary.pods}};
    for (const auto& [member, connections] : summary.connections)
    {
        json["connections"][member] = connections;
    }
    for (const auto& release : summary.releases)
    {
        json["releases"][release.release] = ReleaseJson(release);
    }
    for (const auto& [origin, traffic] : summary.origins)
    {
        json["etcd_requests"][origin] = {{"reads", traffic.reads},
                                         {"writes", traffic.writes},
                                         {"others", traffic.others},
                                         {"request_bytes", traffic.requestBytes},
                                         {"response_bytes", traffic.responseBytes}};
    }
    return json;
}

KubernetesSummary
ReadKubernetes(const JsonNode& node)
{
    KubernetesSummary summary;
    if (!node.At("wall_s").IsNull())
    {
        summary.wall = node.At("wall_s").FromSeconds();
    }
    for (const auto& [member, connections] : node.At("connections").Items())
    {
        summary.connections.emplace_back(member, connections.Count());
    }
    summary.watches = node.At("watches").Count();
    for (const auto& [name, release] : node.At("releases").Items())
    {
        summary.releases.push_back(ReadRelease(name, release));
    }
    for (const auto& [origin, traffic] : node.At("etcd_requests").Items())
    {
        summary.origins[origin] = {traffic.At("reads").Count(),
                                   traffic.At("writes").Count(),
                                   traffic.At("others").Count(),
                                   traffic.At("request_bytes").Count(),
                                   traffic.At("response_bytes").Count()};
    }
    for (const auto& [phase, pods] : node.At("pods").Items())
    {
        summary.pods[phase] = pods.Count();
    }
    return summary;
}

std::string
ReleasesText(const KubernetesSummary& summary)
{
    std::string text;
    for (const auto& release : summary.releases)
    {
        text += "release " + release.release + ": " +
                TrimmedNumber(ToSeconds(release.end - release.start), 3) + " s, " +
                std::to_string(release.Requests()) + " requests";
        text += release.error.empty() ? "\n" : "; failed: " + release.error + "\n";
    }
    return text;
}

} // namespace etcdlab
