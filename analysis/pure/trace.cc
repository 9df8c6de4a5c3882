#include "analysis/pure/trace.h"

#include <algorithm>
#include <set>
#include <utility>

namespace etcdlab
{

namespace
{

using TraceEvent = nlohmann::ordered_json;

constexpr std::size_t DISK_THREAD = 1;
constexpr std::size_t FIRST_CORE_THREAD = 2;

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

    void OnThread(const std::string& node,
                  std::size_t thread,
                  const std::string& name,
                  const char* category,
                  Duration begin,
                  Duration end)
    {
        if (m_threads.emplace(node, thread).second)
        {
            TraceEvent& named = Add("M", node, "thread_name", "__metadata");
            named["tid"] = thread;
            named["args"] = {{"name",
                              thread == DISK_THREAD
                                  ? "disk"
                                  : "core " + std::to_string(thread - FIRST_CORE_THREAD)}};
        }
        TraceEvent& event = Add("X", node, name, category);
        event["tid"] = thread;
        event["ts"] = Microseconds(begin);
        event["dur"] = Microseconds(end - begin);
    }

    TraceEvent Finish()
    {
        return {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(m_events)}};
    }

  private:
    const std::vector<std::string>& m_nodes;
    TraceEvent m_events = TraceEvent::array();
    std::uint64_t m_spans = 0;
    std::set<std::pair<std::string, std::size_t>> m_threads; //!< that have a name
};

} // namespace

nlohmann::ordered_json
TraceJson(const std::vector<std::string>& nodes,
          const std::vector<RequestRecord>& requests,
          const std::vector<LadderMessage>& messages,
          const std::vector<LadderSync>& syncs,
          const std::vector<LadderWork>& work)
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
        trace.OnThread(sync.node, DISK_THREAD, "fdatasync", "disk", sync.begin, sync.end);
    }
    for (const auto& [node, one] : work)
    {
        trace.OnThread(node, FIRST_CORE_THREAD + one.core, one.what, "cpu", one.begin, one.end);
        if (one.begin > one.asked)
        {
            trace.Span(node, one.what, "queue", one.asked, one.begin, {{"etcdlab.core", one.core}});
        }
    }
    return trace.Finish();
}

} // namespace etcdlab
