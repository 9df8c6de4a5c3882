// HTTP/2 flow control as grpc-go does it: the receiver's windows, and the sender that keeps them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace etcdlab
{

/// What a receiver allows on a connection (grpc-go 1.26 internal/transport/flowcontrol.go:
/// trInFlow). It gives back what has come whether or not the program has read it.
class ConnectionReceiveWindow
{
  public:
    explicit ConnectionReceiveWindow(std::uint32_t limit);

    /// DATA came. @return bytes to give back now: all, once they are a quarter of the window
    std::uint32_t OnData(std::uint32_t bytes);
    /// @return all bytes not yet given back
    std::uint32_t Reset();
    /// @return bytes by which the window has grown. @param limit not less than before
    std::uint32_t Grow(std::uint32_t limit);

  private:
    std::uint32_t m_limit;
    std::uint32_t m_unacknowledged = 0;
};

/**
 * What a receiver allows on a stream (flowcontrol.go: inFlow). The program is taken to read what
 * comes at once, as etcd and its clients do: then a message is read as five bytes, and the rest,
 * whose length those told. For a message that does not fit, the window is widened by its whole
 * length (maybeAdjust), so that streams seldom block: it is the connection's window that does.
 */
class StreamReceiveWindow
{
  public:
    explicit StreamReceiveWindow(std::uint32_t limit);

    /// A DATA frame came. @param message the length of the message that it begins, with its prefix
    /// of five bytes; 0 if it continues one. @return bytes to give back in one or two updates
    struct Updates
    {
        std::uint32_t widen = 0; //!< for the whole message
        std::uint32_t read = 0;  //!< for what was read: all, once that is a quarter of the window
    };

    Updates OnFrame(std::uint32_t bytes, std::uint32_t message);

    void SetLimit(std::uint32_t limit);

  private:
    std::uint32_t Widen(std::uint32_t rest);
    std::uint32_t Read(std::uint32_t bytes);

    std::uint32_t m_limit;
    std::uint32_t m_pending = 0; //!< come, not yet read
    std::uint32_t m_update = 0;  //!< read, not yet given back
    std::uint32_t m_delta = 0;   //!< given for a message in advance
};

/**
 * The sender (internal/transport/controlbuf.go: loopyWriter). Streams that have something to send
 * take turns, one DATA frame each; a stream whose window is used up leaves the round until it gets
 * an update; all stop while the connection's window is used up. Headers are not counted, but those
 * that end a stream follow its data.
 *
 * Streams come in two kinds: open ones, whose use of the window is remembered, and those of one
 * message, which are forgotten with its last byte.
 */
class SendScheduler
{
  public:
    static constexpr std::uint32_t MAX_FRAME = 16'384;
    /// Bytes a stream may have waiting before the program's next Send would wait (writeQuota).
    static constexpr std::uint64_t WRITE_QUOTA = 64U << 10;

    /// What was queued, for whoever writes it; the scheduler only hands it back.
    using Payload = std::shared_ptr<void>;

    struct Frame
    {
        std::uint32_t stream = 0;
        std::uint32_t bytes = 0;   //!< DATA: without the frame's header. Otherwise the whole frame
        std::uint32_t message = 0; //!< DATA that begins a message: its bytes; otherwise 0
        bool data = false;
        Payload payload; //!< with the last frame of what was queued; null before
    };

    explicit SendScheduler(std::uint32_t window);

    /// Count a stream's only message off the window, to be written now and whole, if nothing waits
    /// and it fits. @param bytes with prefix
    bool TakeWhole(std::uint32_t bytes);

    /// A stream on which any number of messages will go.
    void Open(std::uint32_t stream);
    /// Forget a stream when all it has queued has gone.
    void Finish(std::uint32_t stream);
    /// Forget a stream with all it has queued.
    void Close(std::uint32_t stream);

    /// Queue a message. @param bytes with prefix, at least 1
    void Data(std::uint32_t stream, std::uint32_t bytes, Payload payload);
    /// Queue a frame that is not counted, behind the stream's data.
    void Uncounted(std::uint32_t stream, std::uint32_t bytes, Payload payload);

    /// The next frame that may be written.
    std::optional<Frame> Next();

    // What the receiver has said.
    void AddToConnection(std::uint32_t bytes);
    void AddToStream(std::uint32_t stream, std::uint32_t bytes);
    void SetStreamWindow(std::uint32_t window);

    /// Data bytes of a stream that wait.
    std::uint64_t Queued(std::uint32_t stream) const;
    /// Nothing waits on any stream.
    bool Empty() const;
    /// Streams that have come below the quota since the last call, in that order.
    std::vector<std::uint32_t> TakeWritable();

  private:
    struct Item
    {
        std::uint32_t head;    //!< left of the first frame: a full one, prefix and data
        std::uint32_t rest;    //!< left of the rest
        std::uint32_t message; //!< 0 once it has begun
        bool data;
        Payload payload;
    };

    struct Stream
    {
        std::deque<Item> items;
        std::int64_t outstanding = 0; //!< sent and not given back
        std::uint64_t queued = 0;
        bool open = false;   //!< lives on without items
        bool active = false; //!< is in the round
        bool full = false;   //!< over the quota
    };

    void Activate(std::uint32_t id, Stream& stream);
    bool MaySend(const Stream& stream) const;
    Frame TakeFrame(std::uint32_t id, Stream& stream);

    std::int64_t m_streamWindow;
    std::uint64_t m_quota; //!< left of the connection's window
    std::map<std::uint32_t, Stream> m_streams;
    std::deque<std::uint32_t> m_round;
    std::vector<std::uint32_t> m_writable;
};

} // namespace etcdlab
