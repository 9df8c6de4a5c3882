#include "model/base/units.h"

#include "model/base/nearest.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

namespace etcdlab
{

namespace
{

__extension__ typedef unsigned __int128 Wide;

struct Unit
{
    std::string_view name;
    std::uint64_t base; //!< how many base units it is
};

/// Everything that is said about a quantity whose value is a whole number of its smallest unit.
struct Quantity
{
    std::string_view what;       //!< with its article
    std::string_view example;    //!< as one writes it
    std::span<const Unit> units; //!< smallest first
    std::uint64_t max;           //!< in the smallest unit
};

constexpr std::array<Unit, 6> DURATION_UNITS{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 5> RATE_UNITS{{{"bps", 1},
                                          {"kbps", 1'000},
                                          {"Mbps", 1'000'000},
                                          {"Gbps", 1'000'000'000},
                                          {"Tbps", 1'000'000'000'000}}};
constexpr std::array<Unit, 7> SIZE_UNITS{{{"B", 1},
                                          {"kB", 1'000},
                                          {"KiB", 1ULL << 10},
                                          {"MB", 1'000'000},
                                          {"MiB", 1ULL << 20},
                                          {"GB", 1'000'000'000},
                                          {"GiB", 1ULL << 30}}};

constexpr Quantity DURATION{
    "a duration", "250ms", DURATION_UNITS, std::numeric_limits<std::int64_t>::max()};
constexpr Quantity RATE{
    "a data rate", "1Gbps", RATE_UNITS, std::numeric_limits<std::uint64_t>::max()};
constexpr Quantity SIZE{"a size", "1024B", SIZE_UNITS, std::numeric_limits<std::uint64_t>::max()};

/// Text as it can stand in a message: in quotes, on one line, not endless.
std::string
InQuotes(std::string_view text)
{
    constexpr std::size_t LONGEST = 60;
    std::string quoted = "\"";
    for (const char c : text.substr(0, LONGEST))
    {
        quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return quoted + (text.size() > LONGEST ? "...\"" : "\"");
}

/// A number and what follows it.
struct Split
{
    std::string_view number;
    std::string_view whole;
    std::string_view fraction;
    std::string_view unit;
};

bool
IsDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::string_view
TakeDigits(std::string_view& text)
{
    std::size_t n = 0;
    while (n < text.size() && IsDigit(text[n]))
    {
        ++n;
    }
    const auto digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

/// Split `250.5ms` into its parts.
Split
SplitQuantity(std::string_view text, std::string_view what, std::string_view example)
{
    const auto expected = "expected " + std::string(what) + " such as " + InQuotes(example) +
                          ", found " + InQuotes(text);
    if (text.size() > 1 && text[0] == '-' && (IsDigit(text[1]) || text[1] == '.'))
    {
        throw std::invalid_argument(InQuotes(text) + " is negative: " + std::string(what) +
                                    " starts at zero");
    }
    Split split;
    std::string_view rest = text;
    split.whole = TakeDigits(rest);
    if (split.whole.empty())
    {
        throw std::invalid_argument(expected);
    }
    if (!rest.empty() && rest[0] == '.')
    {
        rest.remove_prefix(1);
        split.fraction = TakeDigits(rest);
        if (split.fraction.empty())
        {
            throw std::invalid_argument(expected);
        }
    }
    split.number = text.substr(0, text.size() - rest.size());
    if (!rest.empty() && rest[0] == ' ')
    {
        throw std::invalid_argument(InQuotes(text) +
                                    ": no space between number and unit, write for instance " +
                                    InQuotes(example));
    }
    if (rest.empty())
    {
        throw std::invalid_argument(std::string(text.substr(0, 60)) +
                                    " has no unit: write for instance " + InQuotes(example));
    }
    split.unit = rest;
    return split;
}

[[noreturn]] void
UnknownUnit(std::string_view text,
            std::string_view unit,
            std::string_view what,
            const std::vector<std::string>& units)
{
    auto message = InQuotes(text) + ": unknown unit " + InQuotes(unit) + " of " + std::string(what);
    const auto nearest = Nearest(unit, units);
    message += nearest ? ": did you mean \"" + *nearest + "\"? Known:" : ". Known:";
    for (std::size_t i = 0; i < units.size(); ++i)
    {
        message += (i == 0 ? " " : ", ") + units[i];
    }
    throw std::invalid_argument(message);
}

/// The value in base units, exactly.
std::uint64_t
ParseExact(std::string_view text, const Quantity& quantity)
{
    auto [number, whole, fraction, name] = SplitQuantity(text, quantity.what, quantity.example);
    const Unit* unit = nullptr;
    std::vector<std::string> names;
    for (const auto& candidate : quantity.units)
    {
        names.emplace_back(candidate.name);
        unit = candidate.name == name ? &candidate : unit;
    }
    if (!unit)
    {
        UnknownUnit(text, name, quantity.what, names);
    }
    const auto tooLarge = [&] {
        throw std::invalid_argument(
            InQuotes(text) + " is too large: at most " + std::to_string(quantity.max) +
            std::string(quantity.units.front().name) + " can be represented");
    };
    Wide value = 0;
    for (const char digit : whole)
    {
        value = value * 10 + static_cast<unsigned>(digit - '0');
        if (value * unit->base > quantity.max)
        {
            tooLarge();
        }
    }
    value *= unit->base;
    // Each decimal is worth a tenth of the one before; it must be a whole number of base units.
    while (!fraction.empty() && fraction.back() == '0')
    {
        fraction.remove_suffix(1);
    }
    Wide share = 0;
    Wide scale = 1;
    constexpr std::size_t LONGEST = 18; // keeps share * base within 128 bits
    for (const char digit : fraction.substr(0, LONGEST))
    {
        share = share * 10 + static_cast<unsigned>(digit - '0');
        scale *= 10;
    }
    if (fraction.size() > LONGEST || share * unit->base % scale != 0)
    {
        throw std::invalid_argument(InQuotes(text) + " is finer than 1" +
                                    std::string(quantity.units.front().name));
    }
    value += share * unit->base / scale;
    if (value > quantity.max)
    {
        tooLarge();
    }
    return static_cast<std::uint64_t>(value);
}

/// `value` base units in `unit`, without trailing zeros; empty if that takes no finite number of
/// digits or is less than one.
std::string
FormatIn(std::uint64_t value, const Unit& unit)
{
    if (value < unit.base)
    {
        return {};
    }
    std::string text = std::to_string(value / unit.base);
    Wide rest = value % unit.base;
    if (rest != 0)
    {
        text += '.';
        for (int digits = 0; rest != 0; ++digits)
        {
            constexpr int LONGEST = 18; // as the parser reads
            if (digits == LONGEST)
            {
                return {};
            }
            rest *= 10;
            text += static_cast<char>('0' + static_cast<int>(rest / unit.base));
            rest %= unit.base;
        }
    }
    return text + std::string(unit.name);
}

std::string
FormatExact(std::uint64_t value, const Quantity& quantity)
{
    std::string shortest = std::to_string(value) + std::string(quantity.units.front().name);
    if (value == 0)
    {
        return shortest;
    }
    for (const auto& unit : quantity.units)
    {
        const auto text = FormatIn(value, unit);
        if (!text.empty() && text.size() <= shortest.size())
        {
            shortest = text;
        }
    }
    return shortest;
}

/// The double nearest to a decimal number times ten to the `exponent`.
double
ParseDecimal(std::string_view text, std::string_view number, int exponent)
{
    const auto digits = std::string(number) + "e" + std::to_string(exponent);
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    // Out of range means too large, or so small that it is zero; the latter is not worth a message
    // of its own.
    if (result.ec != std::errc{} || !std::isfinite(value))
    {
        throw std::invalid_argument(InQuotes(text) + " cannot be represented");
    }
    return value;
}

/// The shortest decimal number, without exponent, that reads back as value * 10^exponent.
std::string
FormatDecimal(double value, int exponent)
{
    std::array<char, 64> buffer;
    const auto end =
        std::to_chars(
            buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific)
            .ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto e = text.find('e');
    std::string digits;
    for (const char c : text.substr(0, e))
    {
        if (IsDigit(c))
        {
            digits += c;
        }
    }
    const int power = std::stoi(std::string(text.substr(e + 1))) + exponent;
    // The point stands after `power + 1` digits.
    if (value == 0)
    {
        return "0";
    }
    if (power < 0)
    {
        return "0." + std::string(static_cast<std::size_t>(-power - 1), '0') + digits;
    }
    const auto before = static_cast<std::size_t>(power) + 1;
    if (before >= digits.size())
    {
        return digits + std::string(before - digits.size(), '0');
    }
    return digits.substr(0, before) + "." + digits.substr(before);
}

QuantitySyntax
SyntaxOfQuantity(const Quantity& quantity)
{
    std::string pattern = "^[0-9]+(\\.[0-9]+)?(";
    for (const auto& unit : quantity.units)
    {
        pattern += (pattern.back() == '(' ? "" : "|") + std::string(unit.name);
    }
    return {quantity.what, quantity.example, pattern + ")$"};
}

} // namespace

Duration
ParseDuration(std::string_view text)
{
    return Duration(static_cast<Duration::rep>(ParseExact(text, DURATION)));
}

DataRate
ParseDataRate(std::string_view text)
{
    return {ParseExact(text, RATE)};
}

ByteSize
ParseByteSize(std::string_view text)
{
    return {ParseExact(text, SIZE)};
}

Share
ParseShare(std::string_view text)
{
    const auto split = SplitQuantity(text, "a percentage", "0.1%");
    if (split.unit != "%")
    {
        UnknownUnit(text, split.unit, "a percentage", {"%"});
    }
    const double value = ParseDecimal(text, split.number, -2);
    if (value > 1)
    {
        throw std::invalid_argument(InQuotes(text) + " is more than 100%");
    }
    return {value};
}

std::uint64_t
ParseCount(std::string_view text, std::string_view unit)
{
    const auto example = "100" + std::string(unit);
    const std::array<Unit, 1> units{{{unit, 1}}};
    return ParseExact(
        text, {"a whole number", example, units, std::numeric_limits<std::uint64_t>::max()});
}

double
ParseNumber(std::string_view text, std::string_view unit)
{
    const auto split = SplitQuantity(text, "a number", "100" + std::string(unit));
    if (split.unit != unit)
    {
        UnknownUnit(text, split.unit, "a number", {std::string(unit)});
    }
    return ParseDecimal(text, split.number, 0);
}

std::string
Format(Duration value)
{
    if (value == Duration::zero())
    {
        return "0s";
    }
    const auto count = static_cast<std::uint64_t>(value.count());
    // Subtracting from zero is also right for the smallest number, whose opposite is none.
    return value.count() < 0 ? "-" + FormatExact(0 - count, DURATION)
                             : FormatExact(count, DURATION);
}

std::string
Format(DataRate value)
{
    return FormatExact(value.bitsPerSecond, RATE);
}

std::string
Format(ByteSize value)
{
    return FormatExact(value.bytes, SIZE);
}

std::string
Format(Share value)
{
    return FormatDecimal(value.value, 2) + "%";
}

std::string
FormatNumber(double value, std::string_view unit)
{
    return FormatDecimal(value, 0) + std::string(unit);
}

QuantitySyntax
SyntaxOf(Duration)
{
    return SyntaxOfQuantity(DURATION);
}

QuantitySyntax
SyntaxOf(DataRate)
{
    return SyntaxOfQuantity(RATE);
}

QuantitySyntax
SyntaxOf(ByteSize)
{
    return SyntaxOfQuantity(SIZE);
}

QuantitySyntax
SyntaxOf(Share)
{
    return {"a percentage", "0.1%", "^[0-9]+(\\.[0-9]+)?%$"};
}

QuantitySyntax
SyntaxOfCount(std::string_view unit)
{
    return {"a whole number with its unit", "", "^[0-9]+(\\.0+)?" + std::string(unit) + "$"};
}

QuantitySyntax
SyntaxOfNumber(std::string_view unit)
{
    return {"a number with its unit", "", "^[0-9]+(\\.[0-9]+)?" + std::string(unit) + "$"};
}

} // namespace etcdlab
