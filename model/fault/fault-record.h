// What a run's faults did.
#pragma once

#include "model/base/units.h"

#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// One fault that has struck, in simulated time.
struct FaultRecord
{
    std::string type;
    std::string target; //!< for people, "leader" resolved; empty: there was nothing to strike
    Duration start{0};
    std::optional<Duration>
        end; //!< when it healed or was answered; unset: it was not, or needs not be
    std::string result =
        {}; //!< what was answered: "ok" or an error; empty: nothing was, or is, asked for
    bool operator==(const FaultRecord&) const = default;
};

using FaultLog = std::vector<FaultRecord>; //!< by start

} // namespace etcdlab
