#include "model/transport/grpc-connection-frames.h"

namespace etcdlab
{

std::string
GrpcConnection::NameOfFrame(const Message& message)
{
    const auto* frame = dynamic_cast<const Frame*>(&message);
    if (frame == nullptr)
    {
        return "";
    }
    if (const auto* request = dynamic_cast<const RequestFrame*>(frame))
    {
        return std::string(request->request.method);
    }
    if (const auto* response = dynamic_cast<const ResponseFrame*>(frame))
    {
        return response->response.code == GrpcCode::OK ? "answer"
                                                       : "error: " + response->response.error;
    }
    switch (frame->kind)
    {
    case Frame::Kind::PREFACE:
        return "preface, SETTINGS";
    case Frame::Kind::SETTINGS:
    case Frame::Kind::WINDOW_SETTINGS:
        return "SETTINGS";
    case Frame::Kind::SETTINGS_ACK:
        return "SETTINGS ACK";
    case Frame::Kind::DATA:
        return "DATA";
    case Frame::Kind::STREAM:
    case Frame::Kind::STREAM_DATA:
        return "stream message";
    case Frame::Kind::PING:
    case Frame::Kind::KEEPALIVE:
    case Frame::Kind::DRAIN_PING:
        return "PING";
    case Frame::Kind::PING_ACK:
    case Frame::Kind::KEEPALIVE_ACK:
    case Frame::Kind::DRAIN_PING_ACK:
        return "PING ACK";
    case Frame::Kind::WINDOW_UPDATE:
        return "WINDOW_UPDATE";
    case Frame::Kind::GOAWAY:
        return "GOAWAY";
    case Frame::Kind::REQUEST:
    case Frame::Kind::RESPONSE:
        break; // of the two classes above
    }
    return "frame";
}

} // namespace etcdlab
