// One request, message by message: a ladder diagram (a lane per node, time downwards) as text and as SVG.
#pragma once

#include "model/base/cpu.h"
#include "model/workload/request-record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

struct LadderMessage
{
    std::string from;
    std::string to;
    std::string name;
    std::uint32_t bytes = 0; //!< of the stream: with framing, without TCP's and IP's headers
    Duration sent{0};
    Duration received{0};
    bool background = false; //!< it would have been sent without the request
};

/// A sync of a member's log.
struct LadderSync
{
    std::string node;
    Duration begin{0};
    Duration end{0};
};

/// Work for a processor: of a member, a proxy or an API server.
struct LadderWork
{
    std::string node;
    CpuWork work;
};

struct Ladder
{
    RequestRecord request;
    std::size_t others = 0;         //!< requests that were under way meanwhile
    std::vector<std::string> lanes; //!< nodes, from left to right
    std::vector<LadderMessage> messages;
    std::vector<LadderSync> syncs;
};

/**
 * What was sent, and which syncs began, while a request was under way, by time. Whose request a message serves is not told: where others
 * were under way too, theirs are among them.
 *
 * @param lanes all nodes; those without messages are left out
 * @param background whether messages of the background are shown
 */
Ladder MakeLadder(const RequestRecord& request,
                  const std::vector<RequestRecord>& requests,
                  const std::vector<std::string>& lanes,
                  const std::vector<LadderMessage>& messages,
                  const std::vector<LadderSync>& syncs,
                  bool background = false);

/**
 *     put number 31 of api through e1: 710.031 ms
 *
 *     sent, ms  arrived     api        e1         e2         e3
 *        0.000  125.010     o--------->                               /etcdserverpb.KV/Put, 1137 bytes
 *      125.010  275.020                o--------->                    MsgProp, 1135 bytes
 *      275.020  275.020                           #                   disk sync
 */
std::string LadderText(const Ladder& ladder);

/// The same drawn; a sync is a bar, and each thing has a title with its figures.
std::string LadderSvg(const Ladder& ladder);

} // namespace etcdlab
