// What came of the swarm's worlds.
#pragma once

#include "analysis/check/judgement.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// What came of one world.
struct SwarmResult
{
    std::uint64_t seed = 0;
    std::vector<check::Finding> violations;
    std::vector<std::string> undecided; //!< keys
    std::string broken;                 //!< why the run did not come to its end; empty: it did
    std::string faults; //!< what went wrong in this world, as a table; empty if all went well
    double simulatedSeconds = 0;
    std::map<std::string, std::uint64_t>
        coverage; //!< how often what happened: CoverageNames, and "fault: TYPE"

    bool Passed() const
    {
        return violations.empty() && undecided.empty() && broken.empty();
    }

    bool operator==(const SwarmResult&) const = default;
};

/// A result as text, from one process to another.
std::string WriteSwarmResult(const SwarmResult& result);
/// @throws std::runtime_error if the text is none that WriteSwarmResult has written
SwarmResult ReadSwarmResult(std::string_view text);

/// What is counted beside faults, in the order in which it is reported.
const std::vector<std::string>& CoverageNames();

/// What to say of a world: empty if it has passed; else what was found, in which faults, and the
/// command that repeats it.
std::string Describe(const SwarmResult& result);

/// Totals over all worlds.
struct SwarmTotals
{
    std::uint64_t worlds = 0;
    std::uint64_t passed = 0;
    std::uint64_t violated = 0;
    std::uint64_t undecided = 0;
    std::uint64_t broken = 0;
    double simulatedSeconds = 0;
    std::map<std::string, std::uint64_t> coverage;
    std::map<std::string, std::uint64_t> worldsWith; //!< in how many worlds each happened at all

    void Add(const SwarmResult& result);
};

/// The outcome in a line, and a table of what happened: a swarm in which nothing happens shows nothing.
std::string Describe(const SwarmTotals& totals);

/// The seeds that "A-B" or "A" names.
/// @throws std::invalid_argument saying what was expected
std::pair<std::uint64_t, std::uint64_t> ParseSeeds(std::string_view text);

} // namespace etcdlab
