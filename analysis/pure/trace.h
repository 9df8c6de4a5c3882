// A run as a trace file that Perfetto and chrome://tracing open.
#pragma once

#include "analysis/pure/ladder.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Trace Event Format, JSON object form ("traceEvents"). A process for each node; in it each request (of the client's node), each
 * message under way (of the sender's) and each wait for a core (category "queue") as a nestable asynchronous pair "b" and "e"; its disk
 * and its cores are threads, with each sync and each piece of work as a complete event "X". Times in microseconds of simulated time.
 * Requests carry attributes by OpenTelemetry's semantic conventions for RPC: rpc.system, rpc.method,
 * server.address, and error.type if they failed.
 */
nlohmann::ordered_json TraceJson(const std::vector<std::string>& nodes,
                                 const std::vector<RequestRecord>& requests,
                                 const std::vector<LadderMessage>& messages,
                                 const std::vector<LadderSync>& syncs,
                                 const std::vector<LadderWork>& work);

} // namespace etcdlab
