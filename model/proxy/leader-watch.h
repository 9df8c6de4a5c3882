// How a proxy learns who leads: it asks the members.
#pragma once

#include "model/base/units.h"
#include "model/proxy/leader-belief.h"
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
 *
 * When its own connection to the leader breaks, a question to it stays unanswered for too long, or somebody else doubts that the leader can be
 * reached, it believes in no leader and asks all members at once.
 */
class LeaderWatch
{
  public:
    /// @param timeout of a question; 0: none
    /// @param options of its connections
    /// @param changed called with the leader's name when it is another one than before; empty when
    ///        it is lost
    LeaderWatch(Network& network,
                ns3::Ptr<ns3::Node> node,
                const std::vector<Endpoint>& targets,
                Duration interval,
                Duration timeout,
                StreamOptions options,
                std::function<void(const std::string&)> changed);
    ~LeaderWatch();

    LeaderWatch(const LeaderWatch&) = delete;
    LeaderWatch& operator=(const LeaderWatch&) = delete;

    void Start();
    void Stop();

    /// Empty until the first answer, and while it is lost.
    const std::string& Leader() const
    {
        return m_belief.Leader();
    }

    /// A member could not be reached.
    void Doubt(const std::string& member);

    /// @return the number of streams used (one per target)
    std::int64_t AssignStreams(std::int64_t stream);

  private:
    void AskAll();
    void Ask(std::size_t target);
    void GiveUp(std::size_t target);
    void Hear(const RpcResult& result);

    struct Target
    {
        std::unique_ptr<GrpcChannel> channel;
        std::string name;
        bool asked = false; //!< a question is under way
        GrpcChannel::CallId question = 0;
        ns3::EventId deadline;
    };

    std::vector<Target> m_targets;
    Duration m_interval;
    Duration m_timeout;
    std::function<void(const std::string&)> m_changed;
    LeaderBelief m_belief;
    ns3::EventId m_timer;
};

} // namespace etcdlab
