#include "analysis/pure/plan-range.h"

#include "analysis/pure/sweep-axes.h"

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

PlanValue
End(const PlanReader& range, const std::string& key)
{
    const auto value = ValueOf(range.Get(key));
    if (!value.IsQuantity())
    {
        range.Fail(key,
                   "expected a number or a quantity with its unit, found " + Found(range.Get(key)));
    }
    return value;
}

PlanRange
ReadEnds(const PlanReader& reader)
{
    PlanRange range;
    range.low = End(reader, "from");
    range.high = End(reader, "to");
    if (range.low.kind != range.high.kind)
    {
        reader.Fail("to",
                    "expected " + KindName(range.low.kind) + " like from, found " +
                        KindName(range.high.kind) + ": " + Found(reader.Get("to")));
    }
    if (!(range.low.number < range.high.number))
    {
        reader.Fail("to",
                    "expected more than from, " + range.low.text + ", found " + range.high.text);
    }
    if (reader.Has("scale"))
    {
        const auto scale = reader.Text("scale");
        if (scale != "log" && scale != "linear")
        {
            reader.Fail("scale", Unknown("scale", scale, {"linear", "log"}));
        }
        range.logarithmic = scale == "log";
        if (range.logarithmic && range.low.number <= 0)
        {
            reader.Fail("from",
                        "expected more than 0 on a logarithmic scale, found " + range.low.text);
        }
    }
    return range;
}

std::vector<PlanValue>
ListedValues(const PlanReader& reader, const std::string& key)
{
    const auto& list = reader.Get(key);
    if (list.empty())
    {
        reader.Fail(key, "expected at least one value, found an empty list");
    }
    std::vector<PlanValue> values;
    for (const auto& value : list)
    {
        values.push_back(ValueOf(value));
    }
    return values;
}

} // namespace

PlanValue
PlanRange::At(double u) const
{
    if (!values.empty())
    {
        return values[static_cast<std::size_t>(u * static_cast<double>(values.size()))];
    }
    if (whole) // each whole number equally likely
    {
        const double span = high.number - low.number + 1;
        return MakeQuantity(low.kind, std::min(high.number, low.number + std::floor(u * span)));
    }
    return MakeQuantity(low.kind,
                        logarithmic ? low.number * std::pow(high.number / low.number, u)
                                    : low.number + u * (high.number - low.number));
}

std::vector<PlanValue>
ReadValues(const PlanReader& reader, const std::string& key)
{
    const auto& json = reader.Get(key);
    if (json.is_array())
    {
        return ListedValues(reader, key);
    }
    if (!json.is_object())
    {
        reader.Fail(key,
                    "expected a list of values, or {\"from\", \"to\", \"count\"}, found " +
                        Found(json));
    }
    const auto object = reader.Object(key);
    object.Known({"from", "to", "count", "scale"});
    const auto range = ReadEnds(object);
    const auto count = object.Count("count", 2, MOST_POINTS);
    std::vector<PlanValue> values;
    for (std::uint64_t i = 0; i < count; ++i)
    {
        values.push_back(range.At(static_cast<double>(i) / static_cast<double>(count - 1)));
    }
    values.front() = range.low; // as written
    values.back() = range.high;
    return values;
}

PlanRange
ReadRange(const PlanReader& reader, const std::string& key)
{
    const auto& json = reader.Get(key);
    if (json.is_array())
    {
        PlanRange range;
        range.values = ListedValues(reader, key);
        return range;
    }
    if (!json.is_object())
    {
        reader.Fail(key, "expected {\"from\", \"to\"}, or a list of values, found " + Found(json));
    }
    const auto object = reader.Object(key);
    object.Known({"from", "to", "scale", "whole"});
    auto range = ReadEnds(object);
    range.whole = object.Has("whole") && object.Truth("whole");
    if (range.whole && (range.logarithmic || range.low.kind != PlanValue::Kind::NUMBER ||
                        range.low.number != std::floor(range.low.number) ||
                        range.high.number != std::floor(range.high.number)))
    {
        object.Fail("whole", "expected whole numbers from and to, on a linear scale");
    }
    return range;
}

} // namespace etcdlab
