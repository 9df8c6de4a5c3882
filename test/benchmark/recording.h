// What a run sent, as plain data: enough for a program that knows nothing of etcd to send it again.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace etcdlab::benchmark
{

/// Nodes by their numbers in ns-3, from 0.
struct RecordedLink
{
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::int64_t delay = 0;          //!< one way, nanoseconds
    std::uint64_t bitsPerSecond = 0; //!< of each direction
    std::uint32_t queue = 0;         //!< packets
};

/// A TCP connection. Its ends are numbered: 0 opened it, 1 accepted it.
struct RecordedConnection
{
    std::uint32_t from = 0; //!< node
    std::uint32_t to = 0;   //!< node
    std::uint16_t port = 0;
    std::int64_t opened = 0; //!< simulated nanoseconds
    std::array<bool, 2> nagle{};
};

/// One end of one connection.
struct RecordedEnd
{
    std::uint32_t connection = 0;
    std::uint32_t side = 0;
};

/// One Send of a program, and what made it send.
struct RecordedSend
{
    RecordedEnd end;
    std::uint32_t bytes = 0;
};

/// What is sent at a time by the clock: heartbeats, what a disk or a processor has finished, first requests.
struct TimedSend
{
    std::int64_t time = 0; //!< simulated nanoseconds
    RecordedSend send;
};

/// What is sent, in the order of sending, while an end takes in the bytes up to a number: answers. At 0 bytes:
/// once the end is connected.
struct ReactiveSend
{
    std::uint64_t received = 0; //!< bytes that `on` has received in all
    RecordedSend send;
};

struct Recording
{
    std::uint32_t nodes = 0;
    std::vector<RecordedLink> links;
    std::vector<RecordedConnection> connections;
    std::vector<TimedSend> timed;                                  //!< in the order of their times
    std::vector<std::array<std::vector<ReactiveSend>, 2>> answers; //!< by connection and side
    std::int64_t end = 0; //!< the run's end, simulated nanoseconds
};

/// What a simulation moved, to see that two of them moved the same.
struct Moved
{
    std::uint64_t sends = 0;     //!< calls of Send
    std::uint64_t sentBytes = 0; //!< in them
    std::uint64_t packets = 0;   //!< that devices have sent
    std::uint64_t events = 0;    //!< of the simulator
    bool operator==(const Moved&) const = default;
};

/// Open every connection and send every byte of a recording again, as a plain ns-3 program does. For nothing
/// but its effort; with `count` it also counts the packets, which takes time.
Moved ReplayBare(const Recording& recording, bool count);

} // namespace etcdlab::benchmark
