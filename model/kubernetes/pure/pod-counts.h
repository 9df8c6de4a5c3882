// How many pods are in which phase over time, as a table.
#pragma once

#include "model/base/units.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab::kube
{

/// kubectl's STATUS, refined by what a pod waits for.
enum class DisplayPhase
{
    WAITING,             //!< the scheduler has not looked at it
    PENDING,             //!< it fits nowhere, or is bound and the kubelet has not said anything yet
    CONTAINER_CREATING,  //!< its kubelet is at it: volumes, sandbox, images
    RUNNING,             //!< all its containers run, ready or not
    COMPLETED,           //!< a container has ended well and is to start again
    ERROR,               //!< a container has failed and is to start again
    CRASH_LOOP_BACK_OFF, //!< and waits for that
    SUCCEEDED,
    FAILED,
    TERMINATING, //!< it is being deleted
    UNKNOWN      //!< its node is lost
};

inline constexpr std::array<std::string_view, 11> DISPLAY_PHASES = {"waiting",
                                                                    "pending",
                                                                    "container_creating",
                                                                    "running",
                                                                    "completed",
                                                                    "error",
                                                                    "crash_loop_back_off",
                                                                    "succeeded",
                                                                    "failed",
                                                                    "terminating",
                                                                    "unknown"};

/// The pods in each phase from a time on, in the order of DisplayPhase.
struct PodCounts
{
    Duration time{0};
    std::array<int, DISPLAY_PHASES.size()> pods{};
};

/**
 * pods.csv: `time_s` and a column for each phase, by the names of DISPLAY_PHASES; a row for each time something
 * changed, seconds counted from `begin`. Rows before that are left out but for the last, which is put at 0.
 */
std::string PodsCsv(const std::vector<PodCounts>& rows, Duration begin);

} // namespace etcdlab::kube
