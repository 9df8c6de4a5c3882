// Bytes of gRPC calls over HTTP/2 without TLS, as captured between etcd 3.4.23 and its
// clients (facts section 8). Includes no ns-3 header: the closed form uses it too.
#pragma once

#include <cstdint>

namespace etcdlab::grpc
{

/// Connection set-up.
constexpr std::uint32_t CLIENT_PREFACE = 24 + 9; //!< magic, empty SETTINGS
constexpr std::uint32_t SERVER_SETTINGS = 21;
constexpr std::uint32_t SETTINGS_ACK = 9;

/// HEADERS of a request. On a connection's first call nothing is in the HPACK table yet: 77 to 96
/// bytes were seen, depending on the method's and the authority's names; this is the middle.
constexpr std::uint32_t REQUEST_HEADERS_FIRST = 86;
constexpr std::uint32_t REQUEST_HEADERS = 16;
/// With grpc-timeout, a value that differs each time: 17 to 28 bytes, mostly 25.
constexpr std::uint32_t REQUEST_HEADERS_DEADLINE = 25;

constexpr std::uint32_t RESPONSE_HEADERS_FIRST = 23;
constexpr std::uint32_t RESPONSE_HEADERS = 11;
constexpr std::uint32_t TRAILERS_FIRST = 33;
constexpr std::uint32_t TRAILERS = 11;
/// An answer without a message is one HEADERS frame. Not captured; by HPACK (RFC 7541): frame 9,
/// :status and content-type (14, later 2), grpc-status and grpc-message with literal values (24,
/// later 6), plus the text.
constexpr std::uint32_t ERROR_FIRST = 9 + 14 + 24;
constexpr std::uint32_t ERROR = 9 + 2 + 6;

/// The same behind HEADERS that a message of a stream has needed: without :status and content-type.
constexpr std::uint32_t ERROR_TRAILERS_FIRST = 9 + 24;
constexpr std::uint32_t ERROR_TRAILERS = 9 + 6;

constexpr std::uint32_t FRAME_HEADER = 9;       //!< of each DATA frame
constexpr std::uint32_t MESSAGE_PREFIX = 5;     //!< compression flag and length
constexpr std::uint32_t MAX_FRAME_DATA = 16384; //!< SETTINGS_MAX_FRAME_SIZE

constexpr std::uint32_t PING = 17; //!< and its acknowledgement
constexpr std::uint32_t WINDOW_UPDATE = 13;
constexpr std::uint32_t RST_STREAM = 13;
constexpr std::uint32_t GOAWAY = 9 + 8; //!< without debug data, as grpc-go sends it when it drains
constexpr std::uint32_t WINDOW_SETTINGS = 9 + 6; //!< SETTINGS with INITIAL_WINDOW_SIZE

/// The DATA frames of a message of so many protobuf bytes.
constexpr std::uint32_t
DataFrames(std::uint32_t bytes)
{
    return (MESSAGE_PREFIX + bytes + MAX_FRAME_DATA - 1) / MAX_FRAME_DATA;
}

/// Those frames' bytes.
constexpr std::uint32_t
DataBytes(std::uint32_t bytes)
{
    return DataFrames(bytes) * FRAME_HEADER + MESSAGE_PREFIX + bytes;
}

/// HEADERS of a request.
constexpr std::uint32_t
RequestHeaders(bool first, bool deadline)
{
    return (first ? REQUEST_HEADERS_FIRST : REQUEST_HEADERS) +
           (deadline ? REQUEST_HEADERS_DEADLINE - REQUEST_HEADERS : 0);
}

/// A whole request.
constexpr std::uint32_t
RequestBytes(bool first, bool deadline, std::uint32_t bytes)
{
    return RequestHeaders(first, deadline) + DataBytes(bytes);
}

/// How a streaming call ends.
struct StreamEndShape
{
    bool headersSent;   //!< a message went before
    bool firstHeaders;  //!< of the connection
    bool firstTrailers; //!< of the connection
    bool ok;
    std::uint32_t text; //!< bytes of grpc-message
};

/// The frame with a streaming call's status.
constexpr std::uint32_t
EndBytes(const StreamEndShape& end)
{
    if (end.headersSent && end.ok)
    {
        return end.firstTrailers ? TRAILERS_FIRST : TRAILERS;
    }
    if (end.headersSent)
    {
        return (end.firstTrailers ? ERROR_TRAILERS_FIRST : ERROR_TRAILERS) + end.text;
    }
    return (end.firstHeaders ? ERROR_FIRST : ERROR) + end.text;
}

/// A whole successful response.
constexpr std::uint32_t
ResponseBytes(bool first, std::uint32_t bytes)
{
    return (first ? RESPONSE_HEADERS_FIRST + TRAILERS_FIRST : RESPONSE_HEADERS + TRAILERS) +
           DataBytes(bytes);
}

} // namespace etcdlab::grpc
