#include "analysis/pure/summary.h"

#include "analysis/pure/closed-form.h"

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

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

OrderedJson
StatisticsJson(const LatencyStatistics& s)
{
    return {{"count", s.count},
            {"mean", s.mean},
            {"p50", s.p50},
            {"p90", s.p90},
            {"p99", s.p99},
            {"min", s.min},
            {"max", s.max}};
}

OrderedJson
LatencyJson(const Summary& summary)
{
    std::vector<std::string> order = {ALL_MEMBERS};
    for (const MemberResult& member : summary.facts.members)
    {
        order.push_back(member.name);
    }
    OrderedJson json = OrderedJson::object();
    for (const std::string& operation : KeysInOrder(summary.latency, OperationNames()))
    {
        const auto& byMember = summary.latency.at(operation);
        for (const std::string& member : KeysInOrder(byMember, order))
        {
            json[operation][member] = StatisticsJson(byMember.at(member));
        }
    }
    return json;
}

OrderedJson
MembersJson(const RunFacts& facts)
{
    OrderedJson json = OrderedJson::object();
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

OrderedJson
PeersJson(const RunFacts& facts)
{
    OrderedJson json = OrderedJson::object();
    for (const PeerTraffic& p : facts.peers)
    {
        json[p.from][p.to] = {{"messages", p.messages},
                              {"protobuf_bytes", p.protobufBytes},
                              {"wire_bytes", p.wireBytes}};
    }
    return json;
}

OrderedJson
LinksJson(const RunFacts& facts)
{
    OrderedJson json = OrderedJson::object();
    for (const LinkTraffic& l : facts.links)
    {
        json[l.from][l.to] = {{"packets", l.packets}, {"ip_bytes", l.ipBytes}};
    }
    return json;
}

double
JsonMilliseconds(Duration duration)
{
    return Rounded(Milliseconds(duration));
}

OrderedJson
UnavailabilityJson(const Unavailability& unavailability)
{
    OrderedJson windows = OrderedJson::array();
    for (const Window& window : unavailability.windows)
    {
        windows.push_back({{"start_ms", JsonMilliseconds(window.start)},
                           {"end_ms", JsonMilliseconds(window.end)}});
    }
    return {{"threshold_ms", JsonMilliseconds(unavailability.threshold)}, {"windows", windows}};
}

OrderedJson
OutcomesJson(const Outcomes& outcomes)
{
    OrderedJson elections = OrderedJson::array();
    for (const Election& election : outcomes.elections)
    {
        elections.push_back({{"time_ms", JsonMilliseconds(election.time)},
                             {"leader", election.leader},
                             {"term", election.term}});
    }
    OrderedJson json = {{"verdict", outcomes.verdict},
                        {"undecided_keys", outcomes.undecided},
                        {"requests_without_effect", outcomes.failed},
                        {"requests_ambiguous", outcomes.ambiguous}};
    if (outcomes.followed)
    {
        json["ambiguous_puts_in_effect"] = outcomes.surfaced;
        json["writes_acknowledged"] = outcomes.acknowledged;
        json["writes_lost"] = outcomes.lost;
        json["writes_duplicated"] = outcomes.duplicated;
    }
    json["unavailable"] = {{"all", UnavailabilityJson(outcomes.all)},
                           {"writes", UnavailabilityJson(outcomes.writes)}};
    json["elections"] = elections;
    json["leaderless_ms"] = JsonMilliseconds(outcomes.leaderless);
    for (const MemberChange& change : outcomes.memberChanges)
    {
        OrderedJson entry = {{"change", change.change},
                             {"member", change.member},
                             {"start_ms", JsonMilliseconds(change.start)}};
        if (change.end)
        {
            entry["end_ms"] = JsonMilliseconds(*change.end);
        }
        entry["result"] = change.result;
        json["member_changes"].push_back(std::move(entry));
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
    for (const auto& [client, delays] : result.watchDelays)
    {
        summary.watchDelay[client] = Rounded(MakeStatistics(delays));
    }
    if (result.kubernetes)
    {
        summary.kubernetes = MakeKubernetesSummary(*result.kubernetes);
    }
    return summary;
}

OrderedJson
SummaryJson(const Summary& summary)
{
    OrderedJson failures = OrderedJson::object();
    for (const auto& [outcome, count] : summary.failures)
    {
        failures[outcome] = count;
    }
    const RunFacts& facts = summary.facts;
    OrderedJson json = {{"scenario", facts.scenario},
                        {"version", facts.version},
                        {"seed", facts.seed},
                        {"accounting", AccountingName(facts.accounting)},
                        {"transport", facts.transport},
                        {"simulated_time_s", ToSeconds(facts.simulatedTime)},
                        {"leader", facts.leader},
                        {"requests",
                         {{"ok", summary.ok},
                          {"failed", summary.failed},
                          {"warmup", summary.warmup},
                          {"warmup_failed", summary.warmupFailed}}},
                        {"failures", failures},
                        {"throughput_per_s", summary.throughputPerSecond},
                        {"latency_ms", LatencyJson(summary)}};
    for (const auto& [client, statistics] : summary.watchDelay)
    {
        json["watch_delay_ms"][client] = StatisticsJson(statistics);
    }
    json["members"] = MembersJson(facts);
    json["peer_links"] = PeersJson(facts);
    json["links"] = LinksJson(facts);
    if (summary.kubernetes)
    {
        json["kubernetes"] = KubernetesJson(*summary.kubernetes);
    }
    if (facts.outcomes)
    {
        json["outcomes"] = OutcomesJson(*facts.outcomes);
    }
    return json;
}

std::string
SummaryText(const Summary& summary)
{
    return SummaryJson(summary).dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string
AccountingName(Accounting accounting)
{
    return accounting == Accounting::ETCD ? "etcd" : "thesis";
}

} // namespace etcdlab
