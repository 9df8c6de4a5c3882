#include "analysis/pure/trace.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using TraceEvent = nlohmann::ordered_json;

double
Microseconds(Duration time)
{
    return static_cast<double>(time.count()) / 1e3;
}

class TraceWriter
{
  public:
    explicit TraceWriter(const std::vector<std::string>& nodes)
        : m_nodes(nodes)
    {
        for (const auto& node : nodes)
        {
            Add("M", node, "process_name", "__metadata")["args"] = {{"name", node}};
        }
    }

    TraceEvent& Add(const char* phase,
                    const std::string& node,
                    const std::string& name,
                    const char* category)
    {
        const auto process = std::find(m_nodes.begin(), m_nodes.end(), node) - m_nodes.begin() + 1;
        m_events.push_back(
            {{"ph", phase}, {"pid", process}, {"tid", 1}, {"name", name}, {"cat", category}});
        return m_events.back();
    }

    void Span(const std::string& node,
              const std::string& name,
              const char* category,
              Duration begin,
              Duration end,
              const TraceEvent& attributes)
    {
        ++m_spans;
        TraceEvent& first = Add("b", node, name, category);
        first["id"] = m_spans;
        first["ts"] = Microseconds(begin);
        first["args"] = attributes;
        TraceEvent& last = Add("e", node, name, category);
        last["id"] = m_spans;
        last["ts"] = Microseconds(end);
    }

    TraceEvent Finish()
    {
        return {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(m_events)}};
    }

  private:
    const std::vector<std::string>& m_nodes;
    TraceEvent m_events = TraceEvent::array();
    std::uint64_t m_spans = 0;
};

} // namespace

nlohmann::ordered_json
TraceJson(const std::vector<std::string>& nodes,
          const std::vector<RequestRecord>& requests,
          const std::vector<LadderMessage>& messages,
          const std::vector<LadderSync>& syncs)
{
    TraceWriter trace(nodes);
    for (const auto& request : requests)
    {
        TraceEvent attributes = {{"rpc.system", "grpc"},
                                 {"rpc.method", request.operation},
                                 {"server.address", request.member},
                                 {"etcdlab.request", request.number}};
        if (request.outcome != "ok")
        {
            attributes["error.type"] = request.outcome;
        }
        trace.Span(
            request.client, request.operation, "request", request.start, request.end, attributes);
    }
    for (const auto& message : messages)
    {
        trace.Span(message.from,
                   message.name,
                   "network",
                   message.sent,
                   message.received,
                   {{"network.peer.address", message.to}, {"etcdlab.bytes", message.bytes}});
    }
    for (const auto& sync : syncs)
    {
        TraceEvent& event = trace.Add("X", sync.node, "fdatasync", "disk");
        event["ts"] = Microseconds(sync.begin);
        event["dur"] = Microseconds(sync.end - sync.begin);
    }
    return trace.Finish();
}

} // namespace etcdlab
