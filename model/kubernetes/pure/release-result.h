// What releases took, phase by phase.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// One phase of one release, as results report it.
struct PhaseResult
{
    std::string name;
    Duration start{0};
    Duration end{0};
    std::uint64_t requests = 0; //!< to the API server; those that were made again count again
    std::uint64_t refused =
        0; //!< of these, answered with an error that the profile expects (404, 409)
    std::uint64_t retried = 0; //!< of these, not answered and made again
    bool operator==(const PhaseResult&) const = default;
};

/// One release, as results report it.
struct ReleaseResult
{
    std::string release;
    Duration start{0};
    Duration end{0};   //!< of the last phase, or when it failed
    std::string error; //!< empty: it went well; else the phase and what failed
    bool ended = false;
    std::vector<PhaseResult> phases; //!< those begun

    std::uint64_t Requests() const
    {
        std::uint64_t all = 0;
        for (const auto& phase : phases)
        {
            all += phase.requests;
        }
        return all;
    }

    bool operator==(const ReleaseResult&) const = default;
};

} // namespace etcdlab::kube
