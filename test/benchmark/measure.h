// Measuring processes: time, processor time, memory.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace etcdlab::benchmark
{

/// What one process took.
struct Cost
{
    double wall = 0;      //!< seconds
    double processor = 0; //!< seconds, user and system
    double peak = 0;      //!< resident memory, megabytes (10^6 bytes)
};

/// Run a program with its output discarded. @throws std::runtime_error if it fails
Cost MeasureProgram(const std::vector<std::string>& arguments);

/**
 * Run a function in a process of its own, so that no run finds the caches of the allocator or the types of ns-3 as
 * another left them. Only the function's time counts.
 *
 * @throws std::runtime_error if it does not return
 */
Cost MeasureFunction(const std::function<void()>& function);

struct Spread
{
    double least = 0;
    double median = 0;
    double most = 0;
};

/// Of at least one value.
Spread SpreadOf(std::vector<double> values);

} // namespace etcdlab::benchmark
