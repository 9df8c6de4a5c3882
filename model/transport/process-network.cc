#include "model/transport/process-network.h"

#include <utility>

namespace etcdlab
{

/// A stream of the network below, behind the gate.
class ProcessNetwork::Stream : public ByteStream, public std::enable_shared_from_this<Stream>
{
  public:
    static ByteStreamPtr Make(ByteStreamPtr below, std::shared_ptr<Gate> gate)
    {
        auto stream = std::make_shared<Stream>(std::move(below), std::move(gate));
        stream->Attach();
        return stream;
    }

    Stream(ByteStreamPtr below, std::shared_ptr<Gate> gate)
        : m_below(std::move(below)),
          m_gate(std::move(gate))
    {
    }

    void Send(Chunk chunk) override
    {
        if (m_over)
        {
            return;
        }
        m_bytesSent += chunk.bytes;
        if (!m_gate->paused)
        {
            m_below->Send(std::move(chunk));
            return;
        }
        m_gate->out.push_back([below = m_below, chunk = std::move(chunk)] { below->Send(chunk); });
    }

    void Close() override
    {
        LetGo();
        Out([below = m_below] { below->Close(); });
    }

    void Abort() override
    {
        LetGo();
        Out([below = m_below] { below->Abort(); });
    }

    std::uint64_t Queued() const override
    {
        return m_below->Queued();
    }

  private:
    void Attach()
    {
        const std::weak_ptr<Stream> weak = weak_from_this();
        m_below->OnReceive([weak](Chunk chunk) {
            if (const auto self = weak.lock())
            {
                self->Arrived(std::move(chunk));
            }
        });
        m_below->OnEnd([weak](StreamEnd how) {
            if (const auto self = weak.lock())
            {
                self->Ended(how);
            }
        });
    }

    void Arrived(Chunk chunk)
    {
        if (!m_gate->paused && m_gate->in.empty())
        {
            HandOver(std::move(chunk));
            return;
        }
        m_gate->in.push_back([weak = weak_from_this(), chunk = std::move(chunk)] {
            if (const auto self = weak.lock())
            {
                self->HandOver(chunk);
            }
        });
    }

    void HandOver(Chunk chunk)
    {
        if (m_over)
        {
            return;
        }
        m_bytesReceived += chunk.bytes;
        if (m_receive)
        {
            // It may replace itself, or end the stream. It is not copied, because that costs an allocation.
            const auto keep = shared_from_this();
            auto receive = std::exchange(m_receive, nullptr);
            receive(std::move(chunk));
            if (!m_receive && !m_over)
            {
                m_receive = std::move(receive);
            }
        }
    }

    void Ended(StreamEnd how)
    {
        if (!m_gate->paused && m_gate->in.empty())
        {
            End(how);
            return;
        }
        m_gate->in.push_back([weak = weak_from_this(), how] {
            if (const auto self = weak.lock())
            {
                self->End(how);
            }
        });
    }

    void End(StreamEnd how)
    {
        const auto keep = shared_from_this();
        if (const EndHandler end = std::exchange(m_end, nullptr))
        {
            LetGo();
            end(how);
        }
    }

    /// Nothing is sent or handed over any more; what the handlers hold is released.
    void LetGo()
    {
        m_over = true;
        m_receive = nullptr;
        m_end = nullptr;
    }

    void Out(std::function<void()> what)
    {
        m_gate->paused ? m_gate->out.push_back(std::move(what)) : what();
    }

    ByteStreamPtr m_below;
    std::shared_ptr<Gate> m_gate;
    bool m_over = false; //!< ended, at either end
};

namespace
{

/// Hands a connection that came or was asked for to the process; reset if nobody takes it.
class Offer
{
  public:
    Offer(ByteStreamPtr stream, std::function<void(ByteStreamPtr)> take)
        : m_stream(std::move(stream)),
          m_take(std::move(take))
    {
    }

    ~Offer()
    {
        if (m_stream)
        {
            m_stream->Abort();
        }
    }

    Offer(const Offer&) = delete;
    Offer& operator=(const Offer&) = delete;

    void Take()
    {
        m_take(std::exchange(m_stream, nullptr));
    }

  private:
    ByteStreamPtr m_stream;
    std::function<void(ByteStreamPtr)> m_take;
};

} // namespace

ProcessNetwork::ProcessNetwork(Network& below)
    : m_below(below)
{
}

void
ProcessNetwork::Pause()
{
    m_gate->paused = true;
}

void
ProcessNetwork::Resume()
{
    const auto gate = m_gate;
    gate->paused = false;
    for (auto* queue : {&gate->out, &gate->in})
    {
        while (!queue->empty() && !gate->paused)
        {
            const auto next = std::move(queue->front());
            queue->pop_front();
            next();
        }
    }
}

void
ProcessNetwork::Kill()
{
    m_gate->paused = false;
    std::exchange(m_gate->out, {});
    std::exchange(m_gate->in, {});
}

bool
ProcessNetwork::IsPaused() const
{
    return m_gate->paused;
}

void
ProcessNetwork::Listen(ns3::Ptr<ns3::Node> node,
                       std::uint16_t port,
                       StreamOptions options,
                       AcceptHandler accept)
{
    m_below.Listen(
        node, port, options, [gate = m_gate, accept = std::move(accept)](ByteStreamPtr stream) {
            auto own = Stream::Make(std::move(stream), gate);
            if (!gate->paused)
            {
                accept(std::move(own));
                return;
            }
            const auto offer = std::make_shared<Offer>(std::move(own), accept);
            gate->in.push_back([offer] { offer->Take(); });
        });
}

void
ProcessNetwork::StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port)
{
    m_below.StopListening(node, port);
}

void
ProcessNetwork::Connect(ns3::Ptr<ns3::Node> from,
                        ns3::Ptr<ns3::Node> to,
                        std::uint16_t port,
                        StreamOptions options,
                        ConnectHandler connected)
{
    const auto came = [gate = m_gate, connected = std::move(connected)](ByteStreamPtr stream) {
        auto own = stream ? Stream::Make(std::move(stream), gate) : nullptr;
        if (!gate->paused)
        {
            connected(std::move(own));
            return;
        }
        const auto offer = std::make_shared<Offer>(std::move(own), connected);
        gate->in.push_back([offer] { offer->Take(); });
    };
    if (!m_gate->paused)
    {
        m_below.Connect(from, to, port, options, came);
        return;
    }
    m_gate->out.push_back([&below = m_below, from, to, port, options, came] {
        below.Connect(from, to, port, options, came);
    });
}

} // namespace etcdlab
