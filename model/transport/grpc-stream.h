// The two ends of a streaming call, as the programs hold them.
#pragma once

#include "model/transport/grpc-connection.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace etcdlab
{

/**
 * The client's end. It is pinned to the connection that the channel's balancer picked when it was
 * opened, or, if there was none, as soon as there is one; messages sent before wait for that.
 *
 * Handlers may send, cancel and drop the handle. The channel keeps a stream until it ends, so
 * dropping the handle does not cancel it.
 */
class GrpcClientStream
{
  public:
    using MessageHandler = std::function<void(const RpcMessage&)>;
    using EndHandler = std::function<void(GrpcCode, const std::string&)>;

    explicit GrpcClientStream(std::string_view method, std::size_t noEndpoint);

    void OnMessage(MessageHandler handler);
    /// The server ended it, its connection broke (UNAVAILABLE), or the channel was shut down
    /// (CANCELLED). Called at most once and always later than OpenStream; not after Cancel.
    void OnEnd(EndHandler handler);

    /// Messages on a stream that has ended are dropped, also after CloseSend.
    void Send(RpcMessage message);
    /// No more messages will follow; those of the server still come.
    void CloseSend();
    /// End it at once. No handler is called any more.
    void Cancel();

    /// Neither side has ended it.
    bool IsOpen() const;
    /// Index of the endpoint it is pinned to; the number of endpoints while it waits.
    std::size_t Endpoint() const;
    std::string_view Method() const;

    /// Whether grpc-go's Send would return at once: bytes not yet written are below the stream's
    /// write quota (internal/transport/flowcontrol.go:writeQuota, 64 KiB; the last message may
    /// exceed it). Send queues in any case. False before the stream has a connection.
    bool CanSend() const;
    /// Called when CanSend has become true again.
    void OnWritable(std::function<void()> handler);

  private:
    friend class GrpcChannel;

    void Attach(std::shared_ptr<GrpcConnection> connection, std::uint32_t id, std::size_t endpoint);
    /// Its server has not processed it: wait for a connection again. @return false if that happened
    /// once before
    bool Detach(std::size_t noEndpoint);
    void SendOn(GrpcConnection& connection, RpcMessage message);
    void Receive(const StreamEvent& event);
    void End(GrpcCode code, const std::string& error);
    void Drop();

    std::string_view m_method;
    std::size_t m_endpoint;
    std::weak_ptr<GrpcConnection> m_connection;
    std::uint32_t m_id = 0;
    bool m_attached = false;
    bool m_open = true;
    bool m_halfClosed = false;
    bool m_retried = false;              //!< its messages are being sent again
    bool m_committed = false;            //!< the server has answered
    std::deque<RpcMessage> m_waiting;    //!< sent before it had a connection
    std::deque<RpcMessage> m_unanswered; //!< sent before the server answered, to be sent again
    MessageHandler m_message;
    EndHandler m_end;
    std::function<void()> m_writable;
    std::function<void(std::uint64_t)> m_sent; //!< counts protobuf bytes
    std::function<void()> m_forget;            //!< tells the channel of a Cancel
};

using GrpcClientStreamPtr = std::shared_ptr<GrpcClientStream>;

/**
 * The server's end. Whoever serves it keeps it, or lets handlers that the server keeps do so; it
 * lives at least until it has ended.
 */
class GrpcServerStream
{
  public:
    using MessageHandler = std::function<void(const RpcMessage&)>;

    GrpcServerStream(std::weak_ptr<GrpcConnection> connection,
                     std::uint32_t id,
                     std::string_view method);

    std::string_view Method() const;

    void OnMessage(MessageHandler handler);
    /// The client will send no more messages.
    void OnHalfClose(std::function<void()> handler);
    /// The client cancelled it or its connection broke. Not called after End, nor when the server
    /// itself is stopped.
    void OnEnd(std::function<void()> handler);

    /// Ignored when the stream has ended.
    void Send(RpcMessage message);
    /// Send the status. No handler is called any more.
    void End(GrpcCode code, const std::string& error = "");

    bool IsOpen() const;

    /// As of GrpcClientStream.
    bool CanSend() const;
    void OnWritable(std::function<void()> handler);

  private:
    friend class GrpcServer;

    void Receive(const StreamEvent& event);
    void HandleEnd();
    void Drop();

    std::weak_ptr<GrpcConnection> m_connection;
    std::uint32_t m_id;
    std::string_view m_method;
    bool m_open = true;
    bool m_headersSent = false;
    bool m_halfClosed = false; //!< by the client
    MessageHandler m_message;
    std::function<void()> m_halfClose;
    std::function<void()> m_end;
    std::function<void()> m_writable;
    std::function<void(std::uint64_t)> m_sent; //!< counts protobuf bytes
    std::function<void(GrpcCode)> m_forget;    //!< tells the server of an End
    std::size_t m_methodNumber = 0;            //!< the server's
};

using GrpcServerStreamPtr = std::shared_ptr<GrpcServerStream>;

} // namespace etcdlab
