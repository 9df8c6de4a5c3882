// Values of a sweep's parameters: numbers, quantities with their units, texts.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace etcdlab
{

/// A parameter's value, as --set takes it and as a number to calculate with.
struct PlanValue
{
    enum class Kind
    {
        NUMBER,
        DURATION,  //!< nanoseconds
        DATA_RATE, //!< bits per second
        BYTE_SIZE, //!< bytes
        SHARE,     //!< 0 to 1, written as a percentage
        TRUTH,     //!< 0 or 1
        TEXT,
        STRUCTURE //!< a list, an object or null
    };
    Kind kind = Kind::TEXT;
    double number = 0; //!< in the unit above; 0 for the last two
    std::string text;  //!< "20ms", "e2", "true", "[\"e1\"]"

    bool IsQuantity() const
    {
        return kind <= Kind::SHARE;
    }
    bool operator==(const PlanValue&) const = default;
};

/// A text that reads as a quantity is one: "20ms", "1Gbps", "4KiB", "0.1%".
PlanValue ValueOf(const nlohmann::json& json);
PlanValue ValueOfText(std::string_view text);

/// A quantity of this many of the kind's unit. Those that are counted in whole units are rounded to these; plain numbers
/// and shares to nine significant digits, which hides what binary fractions do to a tenth.
/// @throws std::invalid_argument for what no scenario can say: a negative duration, infinity
PlanValue MakeQuantity(PlanValue::Kind kind, double number);

/// "a duration", "a number", for messages.
std::string KindName(PlanValue::Kind kind);

/// What stands in a table's cell: durations in milliseconds, rates in bit/s, sizes in bytes, shares from 0 to 1.
nlohmann::json CellOf(const PlanValue& value);

/// The column's name: letters, digits and "_" only, so that SQL needs no quotes, with the cell's unit:
/// "links.api-e1.rtt" becomes "links_api_e1_rtt_ms", "$asymmetry" becomes "asymmetry".
std::string ColumnName(std::string_view parameter, PlanValue::Kind kind);

} // namespace etcdlab
