#include "model/proxy/leader-watch.h"

#include "model/base/clock.h"
#include "model/etcd/kv-messages.h"

namespace etcdlab
{

LeaderWatch::LeaderWatch(Network& network,
                         ns3::Ptr<ns3::Node> node,
                         const std::vector<Endpoint>& targets,
                         Duration interval,
                         Duration timeout,
                         StreamOptions options,
                         std::function<void(const std::string&)> changed)
    : m_interval(interval),
      m_timeout(timeout),
      m_changed(std::move(changed))
{
    GrpcChannelOptions channelOptions;
    channelOptions.stream = options;
    for (const auto& target : targets)
    {
        BalancerContext context;
        context.endpoints = {target.name};
        m_targets.push_back(
            {std::make_unique<GrpcChannel>(network,
                                           node,
                                           std::vector<Endpoint>{target},
                                           BalancerRegistry::Make("pick-first", context),
                                           channelOptions),
             target.name,
             false,
             0,
             {}});
        m_targets.back().channel->OnChange([this, i = m_targets.size() - 1] {
            if (!m_targets[i].channel->IsReady(0))
            {
                Doubt(m_targets[i].name);
            }
        });
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
        target.deadline.Cancel();
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
LeaderWatch::Doubt(const std::string& member)
{
    if (m_belief.Lose(member))
    {
        m_timer.Cancel();
        AskAll();
        m_changed("");
    }
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
    Target& asked = m_targets[target];
    asked.asked = true;
    asked.question = asked.channel->Call({STATUS_METHOD, 0, nullptr, true},
                                         [this, target](const RpcResult& result) {
                                             m_targets[target].deadline.Cancel();
                                             m_targets[target].asked = false;
                                             Hear(result);
                                         });
    if (m_timeout > Duration::zero())
    {
        asked.deadline =
            ns3::Simulator::Schedule(ToTime(m_timeout), &LeaderWatch::GiveUp, this, target);
    }
}

/// It is asked again in its turn.
void
LeaderWatch::GiveUp(std::size_t target)
{
    m_targets[target].channel->Cancel(m_targets[target].question);
    m_targets[target].asked = false;
    Doubt(m_targets[target].name);
}

void
LeaderWatch::Hear(const RpcResult& result)
{
    const auto* status = dynamic_cast<const StatusReply*>(result.response.body.get());
    if (status != nullptr && m_belief.Hear(status->member, status->leader, status->term))
    {
        m_changed(m_belief.Leader());
    }
}

} // namespace etcdlab
