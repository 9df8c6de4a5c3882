// Quantities with their units, as scenarios write them: "250ms", "1Gbps", "1024B", "0.1%".
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace etcdlab
{

/// Simulated time and durations. The pure parts know no ns3::Time; both count nanoseconds.
using Duration = std::chrono::nanoseconds;

/// Milliseconds as a floating number, for reports.
constexpr double
Milliseconds(Duration d)
{
    return std::chrono::duration<double, std::milli>(d).count();
}

/// Seconds as a floating number.
constexpr double
ToSeconds(Duration d)
{
    return static_cast<double>(d.count()) / 1e9;
}

/// A transmission rate in bits per second; 0 means unlimited.
struct DataRate
{
    std::uint64_t bitsPerSecond = 0;
    auto operator<=>(const DataRate&) const = default;
};

/// A size in bytes.
struct ByteSize
{
    std::uint64_t bytes = 0;
    auto operator<=>(const ByteSize&) const = default;
};

/// A share between 0 and 1, written as a percentage.
struct Share
{
    double value = 0;
    auto operator<=>(const Share&) const = default;
};

/**
 * Read a quantity: a decimal number directly followed by its unit.
 *
 * Duration: ns, us, ms, s, m, h. DataRate: bps, kbps, Mbps, Gbps, Tbps (powers of 1000).
 * ByteSize: B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024). Share: %.
 * Nothing is rounded: a fraction of a nanosecond, a bit per second or a byte is an error.
 *
 * @throws std::invalid_argument with a message that says what was expected and what was found:
 *         no unit, unknown unit (naming the nearest), not a number, negative, too large, not
 * finite.
 */
Duration ParseDuration(std::string_view text);
DataRate ParseDataRate(std::string_view text);
ByteSize ParseByteSize(std::string_view text);
Share ParseShare(std::string_view text);

/// A whole number, or a decimal one, followed by a unit of its own ("1000p", "100/s"); errors as
/// above.
std::uint64_t ParseCount(std::string_view text, std::string_view unit);
double ParseNumber(std::string_view text, std::string_view unit);

/// The shortest text with at least one before the decimal point that reads back as the same value;
/// of equally short ones that in the largest unit ("250ms", "1.5s", "1Gbps", "1KiB", "1536B"). A
/// negative duration, which no scenario has, gets a minus sign.
std::string Format(Duration value);
std::string Format(DataRate value);
std::string Format(ByteSize value);
std::string Format(Share value);
std::string FormatNumber(double value, std::string_view unit);

/// The units a quantity of this type can have, smallest first, and a regular expression (ECMA) of
/// what is read as one.
struct QuantitySyntax
{
    std::string_view what;    //!< "a duration"
    std::string_view example; //!< "250ms"
    std::string pattern;
};
QuantitySyntax SyntaxOf(Duration);
QuantitySyntax SyntaxOf(DataRate);
QuantitySyntax SyntaxOf(ByteSize);
QuantitySyntax SyntaxOf(Share);
QuantitySyntax SyntaxOfCount(std::string_view unit);
QuantitySyntax SyntaxOfNumber(std::string_view unit);

} // namespace etcdlab
