#include "model/transport/grpc-stream.h"

#include <utility>

namespace etcdlab
{

GrpcClientStream::GrpcClientStream(std::string_view method, std::size_t noEndpoint)
    : m_method(method),
      m_endpoint(noEndpoint)
{
}

void
GrpcClientStream::OnMessage(MessageHandler handler)
{
    m_message = std::move(handler);
}

void
GrpcClientStream::OnEnd(EndHandler handler)
{
    m_end = std::move(handler);
}

void
GrpcClientStream::Send(RpcMessage message)
{
    if (!m_open || m_halfClosed)
    {
        return;
    }
    if (!m_attached)
    {
        m_waiting.push_back(std::move(message));
        return;
    }
    if (const auto connection = m_connection.lock())
    {
        SendOn(*connection, std::move(message));
    }
}

/// Until the server has answered, messages are kept for a transparent retry (grpc-go
/// stream.go:bufferForRetryLocked); what is sent again is not kept, for that is done once.
void
GrpcClientStream::SendOn(GrpcConnection& connection, RpcMessage message)
{
    m_sent(message.bytes);
    if (!m_committed && !m_retried)
    {
        m_unanswered.push_back(message);
    }
    connection.SendMessage(m_id, std::move(message));
}

void
GrpcClientStream::CloseSend()
{
    if (!m_open || std::exchange(m_halfClosed, true) || !m_attached)
    {
        return;
    }
    if (const auto connection = m_connection.lock())
    {
        connection->SendHalfClose(m_id);
    }
}

void
GrpcClientStream::Cancel()
{
    if (!m_open)
    {
        return;
    }
    const auto connection = m_connection.lock();
    if (m_attached && connection)
    {
        connection->SendReset(m_id);
    }
    const auto forget = std::exchange(m_forget, nullptr);
    Drop();
    if (forget)
    {
        forget();
    }
}

bool
GrpcClientStream::IsOpen() const
{
    return m_open;
}

std::size_t
GrpcClientStream::Endpoint() const
{
    return m_endpoint;
}

std::string_view
GrpcClientStream::Method() const
{
    return m_method;
}

bool
GrpcClientStream::CanSend() const
{
    const auto connection = m_connection.lock();
    return m_open && !m_halfClosed && connection &&
           connection->Queued(m_id) < SendScheduler::WRITE_QUOTA;
}

void
GrpcClientStream::OnWritable(std::function<void()> handler)
{
    m_writable = std::move(handler);
}

void
GrpcClientStream::Attach(std::shared_ptr<GrpcConnection> connection,
                         std::uint32_t id,
                         std::size_t endpoint)
{
    m_connection = connection;
    m_id = id;
    m_endpoint = endpoint;
    m_attached = true;
    connection->OpenStream(id, m_method);
    for (RpcMessage& message : std::exchange(m_waiting, {}))
    {
        SendOn(*connection, std::move(message));
    }
    if (m_halfClosed)
    {
        connection->SendHalfClose(id);
    }
}

bool
GrpcClientStream::Detach(std::size_t noEndpoint)
{
    if (std::exchange(m_retried, true))
    {
        return false;
    }
    m_connection.reset();
    m_attached = false;
    m_endpoint = noEndpoint;
    m_waiting = std::exchange(m_unanswered, {});
    return true;
}

void
GrpcClientStream::Receive(const StreamEvent& event)
{
    // Handlers may replace themselves, or cancel the stream.
    if (event.kind == StreamEvent::Kind::WRITABLE)
    {
        if (const auto handler = m_writable)
        {
            handler();
        }
        return;
    }
    m_committed = true;
    m_unanswered.clear();
    if (const MessageHandler handler = m_message)
    {
        handler(event.message);
    }
}

void
GrpcClientStream::End(GrpcCode code, const std::string& error)
{
    const EndHandler handler = std::exchange(m_end, nullptr);
    Drop();
    if (handler)
    {
        handler(code, error);
    }
}

/// Handlers may own what owns the stream: they go when they are not needed any more.
void
GrpcClientStream::Drop()
{
    m_open = false;
    m_connection.reset();
    m_waiting.clear();
    m_unanswered.clear();
    // The running handler may be one of these: it was copied before it was called.
    m_message = nullptr;
    m_end = nullptr;
    m_writable = nullptr;
    m_forget = nullptr;
    m_sent = nullptr;
}

GrpcServerStream::GrpcServerStream(std::weak_ptr<GrpcConnection> connection,
                                   std::uint32_t id,
                                   std::string_view method)
    : m_connection(std::move(connection)),
      m_id(id),
      m_method(method)
{
}

std::string_view
GrpcServerStream::Method() const
{
    return m_method;
}

void
GrpcServerStream::OnMessage(MessageHandler handler)
{
    m_message = std::move(handler);
}

void
GrpcServerStream::OnHalfClose(std::function<void()> handler)
{
    m_halfClose = std::move(handler);
}

void
GrpcServerStream::OnEnd(std::function<void()> handler)
{
    m_end = std::move(handler);
}

void
GrpcServerStream::Send(RpcMessage message)
{
    const auto connection = m_connection.lock();
    if (!IsOpen() || !connection)
    {
        return;
    }
    m_sent(message.bytes);
    connection->SendMessage(m_id, std::move(message), !std::exchange(m_headersSent, true));
}

void
GrpcServerStream::End(GrpcCode code, const std::string& error)
{
    const auto connection = m_connection.lock();
    if (!IsOpen() || !connection)
    {
        return;
    }
    connection->SendEnd(m_id, code, error, m_headersSent, m_halfClosed);
    const auto forget = std::exchange(m_forget, nullptr);
    Drop();
    if (forget)
    {
        forget(code);
    }
}

bool
GrpcServerStream::IsOpen() const
{
    const auto connection = m_connection.lock();
    return m_open && connection && connection->IsOpen();
}

bool
GrpcServerStream::CanSend() const
{
    return IsOpen() && m_connection.lock()->Queued(m_id) < SendScheduler::WRITE_QUOTA;
}

void
GrpcServerStream::OnWritable(std::function<void()> handler)
{
    m_writable = std::move(handler);
}

void
GrpcServerStream::Receive(const StreamEvent& event)
{
    // Handlers may replace themselves, or end the stream.
    if (event.kind == StreamEvent::Kind::WRITABLE)
    {
        if (const auto handler = m_writable)
        {
            handler();
        }
        return;
    }
    if (event.kind == StreamEvent::Kind::MESSAGE)
    {
        if (const MessageHandler handler = m_message)
        {
            handler(event.message);
        }
        return;
    }
    m_halfClosed = true;
    if (const auto handler = m_halfClose)
    {
        handler();
    }
}

void
GrpcServerStream::HandleEnd()
{
    const auto handler = std::exchange(m_end, nullptr);
    Drop();
    if (handler)
    {
        handler();
    }
}

void
GrpcServerStream::Drop()
{
    m_open = false;
    m_connection.reset();
    // Handlers may own what owns the stream.
    m_message = nullptr;
    m_halfClose = nullptr;
    m_end = nullptr;
    m_writable = nullptr;
    m_sent = nullptr;
    m_forget = nullptr;
}

} // namespace etcdlab
