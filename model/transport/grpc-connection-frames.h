// The frames that GrpcConnection sends, as its parts share them.
#pragma once

#include "model/transport/grpc-connection.h"

#include <ns3/event-id.h>
#include <ns3/simulator.h>

#include <functional>
#include <memory>
#include <utility>

namespace etcdlab
{

/// What the last byte of a frame, or of a run of frames, tells the other side.
struct GrpcConnection::Frame : Message
{
    enum class Kind
    {
        PREFACE,         //!< client's magic and SETTINGS
        SETTINGS,        //!< server's
        SETTINGS_ACK,    //!< either's
        DATA,            //!< one frame of a message that goes on, or whose trailers follow
        REQUEST,         //!< the last DATA of a call
        RESPONSE,        //!< the trailers, or the only HEADERS, of an answer
        STREAM,          //!< an event of a streaming call
        STREAM_DATA,     //!< the same, being the last DATA of a message or an empty one
        PING,            //!< with the WINDOW_UPDATE in front of it
        PING_ACK,        //!< answers PING
        KEEPALIVE,       //!< another PING
        KEEPALIVE_ACK,   //!< answers KEEPALIVE
        WINDOW_UPDATE,   //!< of a stream, or of the connection (id 0)
        GOAWAY,          //!< `id` is the last call that is processed
        DRAIN_PING,      //!< another PING, behind the first GOAWAY
        DRAIN_PING_ACK,  //!< answers DRAIN_PING
        WINDOW_SETTINGS, //!< the window that streams begin with, and WINDOW_UPDATE in front of it
    };

    explicit Frame(Kind k)
        : kind(k)
    {
    }

    /// The one object that stands for all frames of a kind without content.
    template <Kind K>
    static const MessagePtr& Plain()
    {
        static const MessagePtr frame = std::make_shared<Frame>(K);
        return frame;
    }

    Kind kind;
    std::uint32_t id = 0;
    std::uint32_t data = 0;      //!< DATA: bytes without the frame's header
    std::uint32_t message = 0;   //!< DATA: bytes, with prefix, of the message it begins
    std::uint32_t increment = 0; //!< of the window
    std::uint32_t window = 0;    //!< WINDOW_SETTINGS
};

struct GrpcConnection::RequestFrame : Frame
{
    explicit RequestFrame(RpcRequest r)
        : Frame(Kind::REQUEST),
          request(std::move(r))
    {
    }

    RpcRequest request;
};

struct GrpcConnection::ResponseFrame : Frame
{
    explicit ResponseFrame(RpcResponse r)
        : Frame(Kind::RESPONSE),
          response(std::move(r))
    {
    }

    RpcResponse response;
    std::uint32_t bytes = 0; //!< of all its frames
};

struct GrpcConnection::StreamFrame : Frame
{
    StreamFrame(Kind k, StreamEvent e)
        : Frame(k),
          event(std::move(e))
    {
        id = event.id;
    }

    StreamEvent event;
};

/// The server's, once it drains the connection.
struct GrpcConnection::Draining
{
    std::function<bool()> active; //!< calls are being processed
    ns3::EventId timer;           //!< waits for the PING's acknowledgement
    bool refusing = false;        //!< the second GOAWAY has gone: later calls are ignored
};

struct GrpcConnection::Keepalive
{
    KeepaliveTimer timer;
    std::function<bool()> active;
    ns3::EventId event;
};

} // namespace etcdlab
