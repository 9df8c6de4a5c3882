#include "analysis/pure/json-node.h"
#include "analysis/pure/summary.h"

#include <cmath>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

Unavailability
ReadUnavailability(const JsonNode& node)
{
    Unavailability result{node.At("threshold_ms").FromMilliseconds(), {}};
    for (const JsonNode& window : node.At("windows").Elements())
    {
        result.windows.push_back(
            {window.At("start_ms").FromMilliseconds(), window.At("end_ms").FromMilliseconds()});
    }
    return result;
}

Outcomes
ReadOutcomes(const JsonNode& node)
{
    Outcomes outcomes;
    outcomes.verdict = node.At("verdict").Text();
    for (const JsonNode& key : node.At("undecided_keys").Elements())
    {
        outcomes.undecided.push_back(key.Text());
    }
    outcomes.failed = node.At("requests_without_effect").Count();
    outcomes.ambiguous = node.At("requests_ambiguous").Count();
    outcomes.followed = node.Has("writes_acknowledged");
    if (outcomes.followed)
    {
        outcomes.surfaced = node.At("ambiguous_puts_in_effect").Count();
        outcomes.acknowledged = node.At("writes_acknowledged").Count();
        outcomes.lost = node.At("writes_lost").Count();
        outcomes.duplicated = node.At("writes_duplicated").Count();
    }
    outcomes.all = ReadUnavailability(node.At("unavailable").At("all"));
    outcomes.writes = ReadUnavailability(node.At("unavailable").At("writes"));
    for (const JsonNode& election : node.At("elections").Elements())
    {
        outcomes.elections.push_back({election.At("time_ms").FromMilliseconds(),
                                      election.At("leader").Text(),
                                      election.At("term").Count()});
    }
    outcomes.leaderless = node.At("leaderless_ms").FromMilliseconds();
    if (node.Has("member_changes"))
    {
        for (const JsonNode& change : node.At("member_changes").Elements())
        {
            outcomes.memberChanges.push_back({change.At("change").Text(),
                                              change.At("member").Text(),
                                              change.At("start_ms").FromMilliseconds(),
                                              std::nullopt,
                                              change.At("result").Text()});
            if (change.Has("end_ms"))
            {
                outcomes.memberChanges.back().end = change.At("end_ms").FromMilliseconds();
            }
        }
    }
    return outcomes;
}

RunFacts
ReadFacts(const JsonNode& root)
{
    RunFacts facts;
    facts.scenario = root.At("scenario").Text();
    facts.version = root.At("version").Text();
    facts.seed = root.At("seed").Count();
    const JsonNode accounting = root.At("accounting");
    const std::string name = accounting.Text();
    accounting.Expect(name == "etcd" || name == "thesis", "\"etcd\" or \"thesis\"");
    facts.accounting = name == "etcd" ? Accounting::ETCD : Accounting::THESIS;
    facts.transport =
        root.Has("transport") ? root.At("transport").Text() : "tcp"; // older ones have none
    facts.simulatedTime = root.At("simulated_time_s").FromSeconds();
    facts.leader = root.At("leader").Text();
    for (const auto& [member, node] : root.At("members").Items())
    {
        facts.members.push_back(
            {.name = member,
             .walBytes = node.At("wal_bytes").Count(),
             .walFsyncs = node.At("wal_fsyncs").Count(),
             .appliedIndex = node.At("applied_index").Count(),
             .revision = node.At("revision").Count(),
             .clientReceivedBytes = node.At("client_received_bytes").Count(),
             .clientSentBytes = node.At("client_sent_bytes").Count(),
             .clientReceivedWireBytes = node.At("client_received_wire_bytes").Count(),
             .clientSentWireBytes = node.At("client_sent_wire_bytes").Count()});
    }
    for (const auto& [from, links] : root.At("peer_links").Items())
    {
        for (const auto& [to, node] : links.Items())
        {
            facts.peers.push_back({.from = from,
                                   .to = to,
                                   .messages = node.At("messages").Count(),
                                   .protobufBytes = node.At("protobuf_bytes").Count(),
                                   .wireBytes = node.At("wire_bytes").Count()});
        }
    }
    for (const auto& [from, directions] : root.At("links").Items())
    {
        for (const auto& [to, node] : directions.Items())
        {
            facts.links.push_back({.from = from,
                                   .to = to,
                                   .packets = node.At("packets").Count(),
                                   .ipBytes = node.At("ip_bytes").Count()});
        }
    }
    if (root.Has("outcomes"))
    {
        facts.outcomes = ReadOutcomes(root.At("outcomes"));
    }
    return facts;
}

LatencyStatistics
ReadStatistics(const JsonNode& node)
{
    return {.count = node.At("count").Count(),
            .mean = node.At("mean").Number(),
            .p50 = node.At("p50").Number(),
            .p90 = node.At("p90").Number(),
            .p99 = node.At("p99").Number(),
            .min = node.At("min").Number(),
            .max = node.At("max").Number()};
}

Summary
ReadAll(const JsonNode& root)
{
    Summary summary;
    summary.facts = ReadFacts(root);
    const JsonNode requests = root.At("requests");
    summary.ok = requests.At("ok").Count();
    summary.failed = requests.At("failed").Count();
    summary.warmup = requests.At("warmup").Count();
    summary.warmupFailed = requests.At("warmup_failed").Count();
    for (const auto& [outcome, node] : root.At("failures").Items())
    {
        summary.failures[outcome] = node.Count();
    }
    summary.throughputPerSecond = root.At("throughput_per_s").Number();
    for (const auto& [operation, byMember] : root.At("latency_ms").Items())
    {
        for (const auto& [member, node] : byMember.Items())
        {
            summary.latency[operation][member] = ReadStatistics(node);
        }
    }
    if (root.Has("watch_delay_ms"))
    {
        for (const auto& [client, node] : root.At("watch_delay_ms").Items())
        {
            summary.watchDelay[client] = ReadStatistics(node);
        }
    }
    if (root.Has("kubernetes"))
    {
        summary.kubernetes = ReadKubernetes(root.At("kubernetes"));
    }
    return summary;
}

} // namespace

Summary
ParseSummary(std::string_view text, const std::filesystem::path& origin)
{
    OrderedJson json;
    try
    {
        json = OrderedJson::parse(text);
    }
    catch (const OrderedJson::parse_error& error)
    {
        throw ResultError(origin, "not JSON, near byte " + std::to_string(error.byte));
    }
    catch (const OrderedJson::out_of_range&)
    {
        throw ResultError(origin, "a number in it is beyond all bounds");
    }
    return ReadAll(JsonNode(json, "", origin));
}

Summary
ReadSummary(const std::filesystem::path& path)
{
    std::error_code ignored;
    const auto file = std::filesystem::is_directory(path, ignored) ? path / "summary.json" : path;
    return ParseSummary(ReadResultFile(file), file);
}

} // namespace etcdlab
