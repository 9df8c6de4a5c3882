// One end of a connection of the transport without packets.
#pragma once

#include "model/transport/congestion-window.h"
#include "model/transport/message-burst.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace etcdlab
{

/// What all ends share.
struct MessageContext
{
    const MessageWan& wan;
    TcpConfig config;
};

/**
 * Bytes leave as TcpNetwork's would: as the congestion window and Nagle's algorithm allow, in segments, as many at a
 * time as are free to go. What leaves together is one burst and arrives as one, when its last segment does.
 *
 * Acknowledgements are no events. When one leaves, its arrival is computed and noted at the sender, which looks at
 * its notes when it has something to send and wakes up for one only while it is kept from sending. Acknowledgements ride
 * on data; alone they leave for each second segment, and 40 ms after a single one. That timer is no event either: what
 * it would have done is made up for when somebody looks.
 *
 * A burst that is lost is kept by its sender, which does not know yet: it learns it from acknowledgements of three
 * later segments, or by its timeout. A timer runs only when something was lost.
 */
class MessageStream final : public ByteStream, public std::enable_shared_from_this<MessageStream>
{
  public:
    MessageStream(std::shared_ptr<const MessageContext> context,
                  const MessagePath& path,
                  const StreamOptions& options);

    void SetPeer(const std::shared_ptr<MessageStream>& peer);
    /// Called when the first data arrive, before they are handed over: the handshake is complete.
    void OnFirstData(std::function<void()> handler);
    /// The handshake is complete. @param roundTrip as it showed
    void Established(Duration roundTrip);

    void Send(Chunk chunk) override;
    void Close() override;
    void Abort() override;
    std::uint64_t Queued() const override;

    /// A burst of this end has come to the next node.
    void Travel(const MessageBurstPtr& burst);

  private:
    struct Sent
    {
        std::uint64_t start;
        std::uint64_t end;
        Duration at;
        bool measured; //!< has given a round-trip time
    };

    struct Acknowledgement
    {
        Duration arrival;
        std::uint64_t upTo;
    };

    // Sending.
    void TrySend();
    std::uint64_t Flight() const;
    std::uint64_t MaySend() const;
    std::uint64_t LongestBurst() const;
    Chunk TakeQueued(std::uint64_t bytes);
    void Emit(Chunk chunk, bool fin);
    void Forward(const MessageBurstPtr& burst);
    void ScheduleWake();
    void Wake();

    // Being acknowledged.
    void Settle(Duration now);
    void Acknowledged(std::uint64_t upTo, Duration at);
    void ExpectAcknowledgement(Duration arrival, std::uint64_t upTo);

    // Receiving (message-stream-receive.cc).
    void Receive(const MessageBurstPtr& burst);
    void ReceiveEarly(const MessageBurstPtr& burst, MessageStream& sender);
    void Deliver(const MessageBurstPtr& burst);
    void HandOver(Chunk chunk);
    void Acknowledge(const MessageBurst& burst, std::uint32_t before, MessageStream& sender);
    void SettleDelayed(Duration now, MessageStream& sender);
    void DelayAcknowledgement(Duration now, MessageStream& sender);
    void SendAcknowledgements(std::uint32_t count,
                              std::uint64_t upTo,
                              Duration at,
                              MessageStream& sender);
    std::optional<Duration> PassAcknowledgements(std::uint32_t count, Duration at) const;

    // Losses (message-stream-recovery.cc).
    void Lose(const MessageBurstPtr& burst, const MessageLink::Passage& passage);
    void KeepLost(const MessageBurstPtr& burst);
    void Resend(bool force);
    void HolesReported(std::uint64_t upTo);
    void ArmTimer();
    Duration Deadline() const;
    void TimerExpired();
    void TimedOut();
    void CheckUserTimeout(std::uint64_t unacknowledged);
    void Repeat();

    // The end.
    void WasReset();
    void Die();
    void End(StreamEnd how);

    std::shared_ptr<const MessageContext> m_context;
    const MessagePath& m_path;
    std::weak_ptr<MessageStream> m_peer;
    std::function<void()> m_firstData;
    std::uint32_t m_segment;
    bool m_nagle;
    bool m_closing = false; //!< by this end
    bool m_finSent = false;
    bool m_dead = false; //!< reset, by either end, or given up
    Duration m_userTimeout;

    std::deque<Chunk> m_queue; //!< not sent yet
    std::uint64_t m_queued = 0;
    std::uint64_t m_next = 0;         //!< what will be sent next
    std::uint64_t m_acknowledged = 0; //!< up to where the sender knows that all has arrived
    std::deque<Sent> m_sent;
    std::deque<Acknowledgement>
        m_acknowledgements; //!< that will arrive, or have and were not looked at
    CongestionWindow m_window;
    RetransmissionTimeout m_timeout;
    Duration m_lastSent{-1};
    Duration m_progress{0}; //!< when m_acknowledged rose last, or a timeout passed
    bool m_blocked = false; //!< waits for an acknowledgement to send more
    // Pending events, which own the stream: it must not own them in turn. They do nothing once it is dead.
    bool m_waking = false;

    std::map<std::uint64_t, MessageBurstPtr> m_lost; //!< by their start
    std::uint64_t m_lostBytes = 0;
    std::uint64_t m_recoveryEnd = 0; //!< what was sent when the window was reduced last
    bool m_fastRecovery = false;     //!< until then the window does not grow
    std::uint32_t m_timeouts = 0;    //!< in a row
    bool m_timing = false;
    bool m_userTiming = false;

    std::uint64_t m_received = 0;                     //!< in order
    std::map<std::uint64_t, MessageBurstPtr> m_early; //!< behind something lost
    std::uint64_t m_earlyBytes = 0;
    std::uint32_t m_duplicates = 0;     //!< segments that came early since the last in order
    std::uint32_t m_unacknowledged = 0; //!< segments received
    Duration m_acknowledgeAt{-1};       //!< the delayed acknowledgement; -1: none
    bool m_rode = false;                //!< data, and with them an acknowledgement, have left
};

} // namespace etcdlab
