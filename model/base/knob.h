// What is said once about a setting, and who reads it.
//
// A configuration struct has one function
//
//     template <class Visitor>
//     void Describe(Visitor& v, LinkConfig& c)
//     {
//         v.Field("rate", c.rate, {.help = "...", .source = "..."});
//         v.Group("disk", c.disk, {.help = "..."});   // a nested struct with a Describe of its own
//     }
//
// and everything else derives from it: reading and checking JSON, the effective scenario, the JSON
// Schema, the reference page, ns-3 attributes. A field's default is the value a fresh struct has.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a knob is, apart from its name, type and default.
struct Knob
{
    std::string help = {}; //!< one sentence for people
    std::string source =
        {}; //!< where the default comes from; empty if it is a free choice of the scenario
    /// Bounds, inclusive, in the base unit of the type (nanoseconds, bits per second, bytes, share
    /// 0..1).
    double min = 0;
    double max = std::numeric_limits<double>::max();
    /// For strings: the allowed values; empty means any.
    std::vector<std::string> choices = {};
    /// For strings: what the value names, for messages ("balancer", "member"); where names of this
    /// kind are registered, only those are allowed.
    std::string kind = {};
    /// For plain numbers that count something: what is written behind the number ("p" as in
    /// "1000p", "/s").
    std::string unit = {};
    /// For lists of names: the names that a plain number stands for.
    std::vector<std::string> (*numbered)(std::uint64_t count) = nullptr;
};

} // namespace etcdlab
