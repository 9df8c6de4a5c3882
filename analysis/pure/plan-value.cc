#include "analysis/pure/plan-value.h"

#include "model/base/units.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Kind = PlanValue::Kind;

template <class Parse>
std::optional<decltype(std::declval<Parse>()(std::string_view()))>
Try(Parse parse, std::string_view text)
{
    try
    {
        return parse(text);
    }
    catch (const std::invalid_argument&)
    {
        return {};
    }
}

/// The shortest text of a number, rounded.
std::string
NumberText(double number)
{
    char buffer[64];
    const auto [end, error] =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::general, 9);
    return std::string(buffer, end);
}

double
Rounded(double number)
{
    return std::stod(NumberText(number));
}

} // namespace

PlanValue
ValueOfText(std::string_view text)
{
    const std::string copy(text);
    if (const auto duration = Try(ParseDuration, text))
    {
        return {Kind::DURATION, static_cast<double>(duration->count()), copy};
    }
    if (const auto rate = Try(ParseDataRate, text))
    {
        return {Kind::DATA_RATE, static_cast<double>(rate->bitsPerSecond), copy};
    }
    if (const auto size = Try(ParseByteSize, text))
    {
        return {Kind::BYTE_SIZE, static_cast<double>(size->bytes), copy};
    }
    if (const auto share = Try(ParseShare, text))
    {
        return {Kind::SHARE, share->value, copy};
    }
    return {Kind::TEXT, 0, copy};
}

PlanValue
ValueOf(const nlohmann::json& json)
{
    if (json.is_string())
    {
        return ValueOfText(json.get<std::string>());
    }
    if (json.is_boolean())
    {
        return {Kind::TRUTH, json.get<bool>() ? 1.0 : 0.0, json.dump()};
    }
    if (json.is_number())
    {
        return {Kind::NUMBER, json.get<double>(), json.dump()};
    }
    return {Kind::STRUCTURE, 0, json.dump()};
}

PlanValue
MakeQuantity(Kind kind, double number)
{
    const bool whole = kind == Kind::DURATION || kind == Kind::DATA_RATE || kind == Kind::BYTE_SIZE;
    const bool most = whole && std::abs(number) > 9e18;
    if (!std::isfinite(number) || most || (kind != Kind::NUMBER && number < 0) ||
        (kind == Kind::SHARE && number > 1))
    {
        throw std::invalid_argument("no scenario takes " + NumberText(number) + " for " +
                                    KindName(kind) +
                                    (kind == Kind::DURATION ? " (in nanoseconds)" : ""));
    }
    const auto count = whole ? std::llround(number) : 0;
    switch (kind)
    {
    case Kind::DURATION:
        return {kind, static_cast<double>(count), Format(Duration(count))};
    case Kind::DATA_RATE:
        return {
            kind, static_cast<double>(count), Format(DataRate{static_cast<std::uint64_t>(count)})};
    case Kind::BYTE_SIZE:
        return {
            kind, static_cast<double>(count), Format(ByteSize{static_cast<std::uint64_t>(count)})};
    case Kind::SHARE:
        return {kind, Rounded(number), Format(Share{Rounded(number)})};
    default:
        return {Kind::NUMBER, Rounded(number), NumberText(number)};
    }
}

std::string
KindName(Kind kind)
{
    switch (kind)
    {
    case Kind::NUMBER:
        return "a number";
    case Kind::DURATION:
        return "a duration";
    case Kind::DATA_RATE:
        return "a data rate";
    case Kind::BYTE_SIZE:
        return "a size";
    case Kind::SHARE:
        return "a share";
    case Kind::TRUTH:
        return "true or false";
    case Kind::TEXT:
        return "a text";
    default:
        return "a list or an object";
    }
}

nlohmann::json
CellOf(const PlanValue& value)
{
    constexpr double LARGEST_WHOLE = 9007199254740992; // 2^53
    if (!value.IsQuantity())
    {
        return value.text;
    }
    const double number = value.kind == Kind::DURATION ? value.number / 1e6 : value.number;
    if (number == std::floor(number) && std::abs(number) < LARGEST_WHOLE)
    {
        return static_cast<std::int64_t>(number);
    }
    return number;
}

std::string
ColumnName(std::string_view parameter, Kind kind)
{
    std::string name;
    for (const char c : parameter)
    {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (plain || !name.empty())
        {
            name += plain ? c : '_';
        }
    }
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0)
    {
        name.insert(0, "_");
    }
    return name + (kind == Kind::DURATION    ? "_ms"
                   : kind == Kind::DATA_RATE ? "_bps"
                   : kind == Kind::BYTE_SIZE ? "_bytes"
                                             : "");
}

} // namespace etcdlab
