#include "analysis/pure/summary.h"

#include "analysis/pure/closed-form.h"

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

using Json = nlohmann::ordered_json;

/// Requests that all start and end within less have no throughput worth the name.
constexpr Duration SHORTEST_MEASUREMENT = std::chrono::microseconds(1);

/// Six decimals; done once, so that a summary read back equals the one written.
double
Rounded(double value)
{
    return std::round(value * 1e6) / 1e6;
}

LatencyStatistics
Rounded(const LatencyStatistics& s)
{
    return {s.count,
            Rounded(s.mean),
            Rounded(s.p50),
            Rounded(s.p90),
            Rounded(s.p99),
            Rounded(s.min),
            Rounded(s.max)};
}

/// The keys of a map in a preferred order, those it does not name after them.
template <class Map>
std::vector<std::string>
KeysInOrder(const Map& map, const std::vector<std::string>& order)
{
    std::vector<std::string> keys;
    for (const std::string& key : order)
    {
        if (map.contains(key))
        {
            keys.push_back(key);
        }
    }
    for (const auto& [key, value] : map)
    {
        if (std::find(order.begin(), order.end(), key) == order.end())
        {
            keys.push_back(key);
        }
    }
    return keys;
}

Json
LatencyJson(const Summary& summary)
{
    std::vector<std::string> order = {ALL_MEMBERS};
    for (const MemberResult& member : summary.facts.members)
    {
        order.push_back(member.name);
    }
    Json json = Json::object();
    for (const std::string& operation : KeysInOrder(summary.latency, OperationNames()))
    {
        const auto& byMember = summary.latency.at(operation);
        for (const std::string& member : KeysInOrder(byMember, order))
        {
            const LatencyStatistics& s = byMember.at(member);
            json[operation][member] = {{"count", s.count},
                                       {"mean", s.mean},
                                       {"p50", s.p50},
                                       {"p90", s.p90},
                                       {"p99", s.p99},
                                       {"min", s.min},
                                       {"max", s.max}};
        }
    }
    return json;
}

Json
MembersJson(const RunFacts& facts)
{
    Json json = Json::object();
    for (const MemberResult& m : facts.members)
    {
        json[m.name] = {{"wal_bytes", m.walBytes},
                        {"wal_fsyncs", m.walFsyncs},
                        {"applied_index", m.appliedIndex},
                        {"revision", m.revision},
                        {"client_received_bytes", m.clientReceivedBytes},
                        {"client_sent_bytes", m.clientSentBytes},
                        {"client_received_wire_bytes", m.clientReceivedWireBytes},
                        {"client_sent_wire_bytes", m.clientSentWireBytes}};
    }
    return json;
}

Json
PeersJson(const RunFacts& facts)
{
    Json json = Json::object();
    for (const PeerTraffic& p : facts.peers)
    {
        json[p.from][p.to] = {{"messages", p.messages},
                              {"protobuf_bytes", p.protobufBytes},
                              {"wire_bytes", p.wireBytes}};
    }
    return json;
}

} // namespace

Summary
MakeSummary(const RunResult& result)
{
    Summary summary;
    summary.facts = result.facts;
    std::map<std::string, std::map<std::string, std::vector<Duration>>> samples;
    Duration first = Duration::max();
    Duration last{0};
    for (const RequestRecord& request : result.requests)
    {
        const bool ok = request.outcome == "ok";
        if (request.warmup)
        {
            ++summary.warmup;
            summary.warmupFailed += ok ? 0 : 1;
            continue;
        }
        first = std::min(first, request.start);
        last = std::max(last, request.end);
        if (!ok)
        {
            ++summary.failed;
            ++summary.failures[request.outcome];
            continue;
        }
        ++summary.ok;
        samples[request.operation][ALL_MEMBERS].push_back(request.end - request.start);
        samples[request.operation][request.member].push_back(request.end - request.start);
    }
    if (summary.ok > 0 && last - first >= SHORTEST_MEASUREMENT)
    {
        summary.throughputPerSecond =
            Rounded(static_cast<double>(summary.ok) * 1000 / Milliseconds(last - first));
    }
    for (auto& [operation, byMember] : samples)
    {
        for (auto& [member, latencies] : byMember)
        {
            summary.latency[operation][member] = Rounded(MakeStatistics(std::move(latencies)));
        }
    }
    return summary;
}

Json
SummaryJson(const Summary& summary)
{
    Json failures = Json::object();
    for (const auto& [outcome, count] : summary.failures)
    {
        failures[outcome] = count;
    }
    const RunFacts& facts = summary.facts;
    return {{"scenario", facts.scenario},
            {"version", facts.version},
            {"seed", facts.seed},
            {"accounting", AccountingName(facts.accounting)},
            {"simulated_time_s", static_cast<double>(facts.simulatedTime.count()) / 1e9},
            {"leader", facts.leader},
            {"requests",
             {{"ok", summary.ok},
              {"failed", summary.failed},
              {"warmup", summary.warmup},
              {"warmup_failed", summary.warmupFailed}}},
            {"failures", failures},
            {"throughput_per_s", summary.throughputPerSecond},
            {"latency_ms", LatencyJson(summary)},
            {"members", MembersJson(facts)},
            {"peer_links", PeersJson(facts)}};
}

std::string
SummaryText(const Summary& summary)
{
    return SummaryJson(summary).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string
AccountingName(Accounting accounting)
{
    return accounting == Accounting::ETCD ? "etcd" : "thesis";
}

} // namespace etcdlab
