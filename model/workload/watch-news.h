// What happens to a client's watches: for statistics and checkers.
#pragma once

#include "model/etcd/pure/stream-messages.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

struct WatchNews
{
    enum class Type
    {
        CREATED,   //!< for the first time: `revision` is the first one watched
        RESPONSE,  //!< events
        PROGRESS,  //!< all up to `revision` has been sent
        CANCELLED, //!< by the server, or the stream was lost
        RESUMED    //!< asks for what happened from `revision` on
    };

    Type type = Type::RESPONSE;
    std::uint64_t watcher = 0; //!< the client's watches, counted from 0
    Revision revision = 0;
    const std::vector<Event>* events = nullptr; //!< RESPONSE; valid during the call
    std::string member;                         //!< that serves it; empty if CANCELLED or RESUMED
};

} // namespace etcdlab
