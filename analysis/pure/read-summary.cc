#include "analysis/pure/summary.h"

#include <cmath>

namespace etcdlab
{

namespace
{

using Json = nlohmann::ordered_json;

/// A value in a summary, and where it stands, for the message if it is not what it should be.
class Node
{
  public:
    Node(const Json& json, std::string where, const std::filesystem::path& origin)
        : m_json(json),
          m_where(std::move(where)),
          m_origin(origin)
    {
    }

    Node At(const std::string& key) const
    {
        Expect(m_json.is_object(), "an object");
        const auto found = m_json.find(key);
        if (found == m_json.end())
        {
            throw ResultError(m_origin, "no key " + m_where + "/" + key);
        }
        return {*found, m_where + "/" + key, m_origin};
    }

    /// The members of an object, in the file's order.
    std::vector<std::pair<std::string, Node>> Items() const
    {
        Expect(m_json.is_object(), "an object");
        std::vector<std::pair<std::string, Node>> items;
        for (const auto& [key, value] : m_json.items())
        {
            items.emplace_back(key, Node(value, m_where + "/" + key, m_origin));
        }
        return items;
    }

    std::string Text() const
    {
        Expect(m_json.is_string(), "a string");
        return m_json.get<std::string>();
    }

    double Number() const
    {
        Expect(m_json.is_number(), "a number");
        return m_json.get<double>();
    }

    std::uint64_t Count() const
    {
        Expect(m_json.is_number_unsigned(), "a count");
        return m_json.get<std::uint64_t>();
    }

    void Expect(bool holds, const std::string& what) const
    {
        if (!holds)
        {
            throw ResultError(
                m_origin,
                (m_where.empty() ? "" : m_where + ": ") + "expected " + what + ", found " +
                    m_json.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40));
        }
    }

  private:
    const Json& m_json;
    std::string m_where;
    const std::filesystem::path& m_origin;
};

RunFacts
ReadFacts(const Node& root)
{
    RunFacts facts;
    facts.scenario = root.At("scenario").Text();
    facts.version = root.At("version").Text();
    facts.seed = root.At("seed").Count();
    const Node accounting = root.At("accounting");
    const std::string name = accounting.Text();
    accounting.Expect(name == "etcd" || name == "thesis", "\"etcd\" or \"thesis\"");
    facts.accounting = name == "etcd" ? Accounting::ETCD : Accounting::THESIS;
    const Node time = root.At("simulated_time_s");
    time.Expect(time.Number() >= 0 && time.Number() < 9e9, "seconds");
    facts.simulatedTime = Duration{std::llround(time.Number() * 1e9)};
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
    return facts;
}

Summary
ReadAll(const Node& root)
{
    Summary summary;
    summary.facts = ReadFacts(root);
    const Node requests = root.At("requests");
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
            summary.latency[operation][member] = {.count = node.At("count").Count(),
                                                  .mean = node.At("mean").Number(),
                                                  .p50 = node.At("p50").Number(),
                                                  .p90 = node.At("p90").Number(),
                                                  .p99 = node.At("p99").Number(),
                                                  .min = node.At("min").Number(),
                                                  .max = node.At("max").Number()};
        }
    }
    return summary;
}

} // namespace

Summary
ParseSummary(std::string_view text, const std::filesystem::path& origin)
{
    Json json;
    try
    {
        json = Json::parse(text);
    }
    catch (const Json::parse_error& error)
    {
        throw ResultError(origin, "not JSON, near byte " + std::to_string(error.byte));
    }
    return ReadAll(Node(json, "", origin));
}

Summary
ReadSummary(const std::filesystem::path& path)
{
    std::error_code ignored;
    const auto file = std::filesystem::is_directory(path, ignored) ? path / "summary.json" : path;
    return ParseSummary(ReadResultFile(file), file);
}

} // namespace etcdlab
