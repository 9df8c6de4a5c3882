// One request of a client, from the call to its answer.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <string>

namespace etcdlab
{

/// One request of a client, from the call to its answer or failure.
struct RequestRecord
{
    std::uint64_t number = 0; //!< counts the requests of a run from 1, in the order of their starts
    Duration start{0};        //!< when the client called; simulated time
    Duration end{0};       //!< when the answer had arrived or the call had failed; not before start
    std::string operation; //!< "put", "linearizable_range", … as in workload settings
    std::string client;    //!< the client's node
    std::string member;    //!< that answered it (behind a proxy too); empty if none did
    std::uint32_t requestBytes = 0;  //!< protobuf message, without gRPC and HTTP/2
    std::uint32_t responseBytes = 0; //!< likewise; 0 if there was no answer
    std::string outcome = "ok";      //!< "ok", or the error's name
    bool warmup = false;             //!< not in the statistics
};

} // namespace etcdlab
