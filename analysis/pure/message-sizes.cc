#include "analysis/pure/message-sizes.h"

#include "model/etcd/pure/wire-size.h"
#include "model/storage/wal.h"

namespace etcdlab
{

namespace
{

constexpr std::uint64_t REQUEST_FRAMES = 30; // HEADERS 16, DATA 9 + 5
constexpr std::uint64_t ANSWER_FRAMES = 36;  // HEADERS 11, DATA 9 + 5, trailers 11
constexpr std::uint64_t HEADER_BYTES = 28;   // etcdserverpb.ResponseHeader in its field
constexpr std::uint64_t ENVELOPE = 17;       // InternalRaftRequest around the request
constexpr std::uint64_t CHUNK = 6;           // HTTP chunk around a peer message

/// A request of the kind, on a key that exists.
Request
Example(const std::string& operation, std::uint64_t key, std::uint64_t value)
{
    const PutRequest put{std::string(key, 'k'), {static_cast<std::uint32_t>(value), 1}, 0};
    RangeRequest range;
    range.key = put.key;
    range.serializable = operation == "serializable_range";
    if (operation == "put")
    {
        return put;
    }
    if (operation == "txn")
    {
        return TxnRequest{{Compare{put.key, 20'000}}, {put}, {range}};
    }
    if (operation == "delete_range")
    {
        return DeleteRangeRequest{put.key, ""};
    }
    return range;
}

} // namespace

bool
IsWrite(const std::string& operation)
{
    return operation == "put" || operation == "txn" || operation == "delete_range";
}

MessageSizes
MessageSizes::Of(const std::string& operation, std::uint64_t key, std::uint64_t value)
{
    const std::uint64_t request = RequestBytes(Example(operation, key, value));
    MessageSizes sizes;
    sizes.request = request + REQUEST_FRAMES;
    if (!IsWrite(operation))
    {
        sizes.answer = ANSWER_FRAMES + HEADER_BYTES + key + value + 20;
        if (operation == "linearizable_range")
        {
            sizes.forward = 73 + CHUNK;
            sizes.round = 66 + CHUNK;
            sizes.acknowledgement = 65 + CHUNK;
            sizes.notice = 74 + CHUNK;
        }
        return sizes;
    }
    const std::uint64_t data = request + ENVELOPE;
    const std::uint64_t entry = raft::EntrySize(1, 100'000, static_cast<std::uint32_t>(data));
    sizes.answer = ANSWER_FRAMES + HEADER_BYTES + (operation == "txn" ? 13 : 0);
    sizes.forward = entry + 56 + CHUNK; // K 64, V 1024: 1177 where the entry has 1121
    sizes.round = 1 + 8 + 8 + entry + 8 + CHUNK;
    sizes.acknowledgement = 55 + CHUNK;
    sizes.notice = 17 + CHUNK;
    sizes.walBytes = wal::FrameBytes(entry) + 40;
    return sizes;
}

Duration
SendingTime(std::uint64_t bytes, DataRate rate)
{
    if (rate.bitsPerSecond == 0)
    {
        return Duration{0};
    }
    // Rounded up, as a packet has arrived when its last bit has. Exact up to 2 GB.
    const std::uint64_t bitNanoseconds = bytes * 8'000'000'000;
    return Duration{
        static_cast<std::int64_t>((bitNanoseconds + rate.bitsPerSecond - 1) / rate.bitsPerSecond)};
}

std::uint64_t
LinkBytes(std::uint64_t messageBytes)
{
    constexpr std::uint64_t SEGMENT = 1448; // Ethernet's 1500 less IPv4 and TCP with timestamps
    constexpr std::uint64_t HEADERS = 54;   // those 52, and PPP's 2 of ns-3's point-to-point link
    const std::uint64_t segments = (messageBytes + SEGMENT - 1) / SEGMENT;
    return messageBytes + segments * HEADERS;
}

} // namespace etcdlab
