#include "model/proxy/leader-watch.h"

#include "model/base/clock.h"
#include "model/etcd/kv-messages.h"

namespace etcdlab
{

LeaderWatch::LeaderWatch(Network& network,
                         ns3::Ptr<ns3::Node> node,
                         const std::vector<Endpoint>& targets,
                         Duration interval,
                         std::function<void(const std::string&)> changed)
    : m_interval(interval),
      m_changed(std::move(changed))
{
    for (const auto& target : targets)
    {
        BalancerContext context;
        context.endpoints = {target.name};
        m_targets.push_back(
            {std::make_unique<GrpcChannel>(network,
                                           node,
                                           std::vector<Endpoint>{target},
                                           BalancerRegistry::Make("pick-first", context))});
    }
}

LeaderWatch::~LeaderWatch()
{
    Stop();
}

void
LeaderWatch::Start()
{
    for (auto& target : m_targets)
    {
        target.channel->Start();
    }
    AskAll();
}

void
LeaderWatch::Stop()
{
    m_timer.Cancel();
    for (auto& target : m_targets)
    {
        target.channel->Abort();
    }
}

std::int64_t
LeaderWatch::AssignStreams(std::int64_t stream)
{
    std::int64_t used = 0;
    for (auto& target : m_targets)
    {
        used += target.channel->AssignStreams(stream + used);
    }
    return used;
}

void
LeaderWatch::AskAll()
{
    for (std::size_t i = 0; i < m_targets.size(); ++i)
    {
        Ask(i);
    }
    m_timer = ns3::Simulator::Schedule(ToTime(m_interval), &LeaderWatch::AskAll, this);
}

void
LeaderWatch::Ask(std::size_t target)
{
    if (m_targets[target].asked)
    {
        return; // no answer yet: asking again would only queue
    }
    m_targets[target].asked = true;
    m_targets[target].channel->Call({STATUS_METHOD, 0, nullptr, true},
                                    [this, target](const RpcResult& result) {
                                        m_targets[target].asked = false;
                                        Hear(result);
                                    });
}

void
LeaderWatch::Hear(const RpcResult& result)
{
    const auto* status = dynamic_cast<const StatusReply*>(result.response.body.get());
    if (status == nullptr || status->leader.empty() || status->term < m_term)
    {
        return;
    }
    m_term = status->term;
    if (m_leader != status->leader)
    {
        m_leader = status->leader;
        m_changed(m_leader);
    }
}

} // namespace etcdlab
