// How a proxy learns who leads: it asks the members.
#pragma once

#include "model/base/units.h"
#include "model/transport/grpc-channel.h"

#include <ns3/event-id.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Asks every target at an interval for its status (Maintenance.Status) and believes the answer of the
 * highest term that names a leader. Questions and answers travel over the network like everything else,
 * so the news is as old as the way is long.
 */
class LeaderWatch
{
  public:
    /// @param changed called with the leader's name when it is another one than before
    LeaderWatch(Network& network,
                ns3::Ptr<ns3::Node> node,
                const std::vector<Endpoint>& targets,
                Duration interval,
                std::function<void(const std::string&)> changed);
    ~LeaderWatch();

    LeaderWatch(const LeaderWatch&) = delete;
    LeaderWatch& operator=(const LeaderWatch&) = delete;

    void Start();
    void Stop();

    /// Empty until the first answer.
    const std::string& Leader() const
    {
        return m_leader;
    }

    /// @return the number of streams used (one per target)
    std::int64_t AssignStreams(std::int64_t stream);

  private:
    void AskAll();
    void Ask(std::size_t target);
    void Hear(const RpcResult& result);

    struct Target
    {
        std::unique_ptr<GrpcChannel> channel;
        bool asked = false; //!< a question is under way
    };

    std::vector<Target> m_targets;
    Duration m_interval;
    std::function<void(const std::string&)> m_changed;
    std::string m_leader;
    std::uint64_t m_term = 0; //!< of the answer believed
    ns3::EventId m_timer;
};

} // namespace etcdlab
