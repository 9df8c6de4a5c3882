// Short HTTP/1.1 exchanges between members, beside their streams: who asks, and what travels.
//
// Everything that a member asks of another one apart from Raft's streams goes this way (etcd 3.4.23): the probes and
// GET /version of idle links, snapshots, promotions of learners, renewals of leases.
#pragma once

#include "model/base/units.h"
#include "model/transport/byte-stream.h"

#include <ns3/event-id.h>
#include <ns3/node.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace etcdlab
{

/// Bytes of a POST's head and of its answer: taken to be those measured of a stream's request and response.
inline constexpr std::uint32_t POST_REQUEST_HEAD_BYTES = 322;
inline constexpr std::uint32_t POST_ANSWER_BYTES = 147;

/// A request as it arrives at a member's peer port.
struct PeerHttpRequest : Message
{
    PeerHttpRequest(MessagePtr requestBody, bool keep)
        : body(std::move(requestBody)),
          keepAlive(keep)
    {
    }

    MessagePtr body; //!< what is asked for
    bool keepAlive;  //!< the connection stays open for the next one
};

/// The body of a GET that the port answers by itself, with so many bytes.
struct PeerHttpGet : Message
{
    explicit PeerHttpGet(std::uint32_t reply)
        : replyBytes(reply)
    {
    }

    std::uint32_t replyBytes;
};

/// An answer.
struct PeerHttpAnswer : Message
{
    explicit PeerHttpAnswer(MessagePtr answerBody)
        : body(std::move(answerBody))
    {
    }

    MessagePtr body; //!< nullptr says no more than that all went well
};

/// The server's way to answer a request, at any later time and at most once: bytes of head and body, and what the
/// body says. Nothing happens if the connection is gone by then.
using PeerHttpResponder = std::function<void(std::uint32_t bytes, MessagePtr body)>;

/**
 * The client's side: connections from one node, and the exchanges on them (Go net/http.Transport). A connection is used
 * for one exchange at a time. With keep-alive it then waits for the next one to that node, of any number of others;
 * without, both sides close it. A lost connection fails the exchange that runs on it, and no other.
 *
 * Exchanges and idle connections belong to this object alone: handlers and timers know them by number.
 */
class PeerHttpClient
{
  public:
    struct Options
    {
        bool keepAlive = true;
        Duration dialTimeout{2'000'000'000};
        /// How long the answer may take once it was asked for; zero: as long as TCP does not give up.
        Duration replyTimeout{0};
    };

    /// Told the answer; nullptr: the exchange failed.
    using Done = std::function<void(const PeerHttpAnswer*)>;

    PeerHttpClient(Network& network, ns3::Ptr<ns3::Node> self, Options options);
    ~PeerHttpClient();
    PeerHttpClient(const PeerHttpClient&) = delete;
    PeerHttpClient& operator=(const PeerHttpClient&) = delete;

    /// Ask a member. `done` is called once, later, unless Stop comes before.
    /// @param bytes of the request's head and body, as TCP gets them
    void Ask(ns3::Ptr<ns3::Node> to, std::uint64_t bytes, MessagePtr body, Done done);

    /// Reset all connections; nobody is told anything any more, and nothing more is asked.
    void Stop();

  private:
    struct Exchange
    {
        ns3::Ptr<ns3::Node> to;
        std::uint64_t bytes;
        MessagePtr body;
        Done done;
        ByteStreamPtr stream; //!< nullptr while connecting
        ns3::EventId timer;   //!< first of the connection, then of the answer
    };

    void Connect(std::uint64_t number);
    void Connected(std::uint64_t number, ByteStreamPtr stream);
    void Begin(std::uint64_t number, ByteStreamPtr stream);
    void End(std::uint64_t number, const PeerHttpAnswer* answer);
    void Keep(std::uint32_t node, const ByteStreamPtr& stream);

    Network& m_network;
    ns3::Ptr<ns3::Node> m_self;
    Options m_options;
    std::map<std::uint64_t, Exchange> m_exchanges; //!< by order of arrival
    std::uint64_t m_nextNumber = 0;
    std::map<std::uint32_t, std::vector<ByteStreamPtr>> m_idle; //!< by the other node's id
    /// Until Stop: connections may come later than that.
    std::shared_ptr<const bool> m_running = std::make_shared<const bool>(true);
};

} // namespace etcdlab
