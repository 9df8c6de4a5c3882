#include "analysis/pure/sweep-axes.h"

#include "analysis/pure/design.h"
#include "analysis/pure/plan-range.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using Row = AxisTable::Row;

std::vector<std::string>
KeysOf(const PlanReader& reader)
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : reader.Here().items())
    {
        keys.push_back(key);
    }
    if (keys.empty())
    {
        reader.Fail("", "expected at least one parameter, found an empty object");
    }
    return keys;
}

/// The combinations: the last parameter changes fastest.
AxisTable
Grid(const PlanReader& reader)
{
    AxisTable table{KeysOf(reader), {Row{}}, 0};
    for (const auto& key : table.parameters)
    {
        const auto values = ReadValues(reader, key);
        if (table.rows.size() * values.size() > MOST_POINTS)
        {
            reader.Fail(key, "expected at most " + std::to_string(MOST_POINTS) + " points");
        }
        std::vector<Row> rows;
        for (const auto& row : table.rows)
        {
            for (const auto& value : values)
            {
                rows.push_back(row);
                rows.back().values.emplace_back(value);
            }
        }
        table.rows = std::move(rows);
    }
    return table;
}

AxisTable
Zip(const PlanReader& reader)
{
    AxisTable table{KeysOf(reader), {}, 0};
    for (const auto& key : table.parameters)
    {
        const auto values = ReadValues(reader, key);
        if (key == table.parameters.front())
        {
            table.rows.resize(values.size());
        }
        if (values.size() != table.rows.size())
        {
            reader.Fail(key,
                        "expected as many values as " + Quoted(table.parameters.front()) +
                            " has, " + std::to_string(table.rows.size()) + ", found " +
                            std::to_string(values.size()));
        }
        for (std::size_t i = 0; i < values.size(); ++i)
        {
            table.rows[i].values.emplace_back(values[i]);
        }
    }
    return table;
}

AxisTable
List(const PlanReader& axis)
{
    const auto& items = axis.Get("list");
    if (!items.is_array() || items.empty())
    {
        axis.Fail("list", "expected a list of at least one object, found " + Found(items));
    }
    std::vector<PathSettings> rows;
    AxisTable table;
    for (std::size_t i = 0; i < items.size(); ++i)
    {
        rows.emplace_back();
        for (const auto& [key, value] : axis.Element("list", i).Here().items())
        {
            rows.back().emplace_back(key, ValueOf(value));
            if (std::find(table.parameters.begin(), table.parameters.end(), key) ==
                table.parameters.end())
            {
                table.parameters.push_back(key);
            }
        }
    }
    std::sort(table.parameters.begin(), table.parameters.end());
    for (const auto& row : rows)
    {
        table.rows.emplace_back();
        table.rows.back().values.resize(table.parameters.size());
        for (const auto& [key, value] : row)
        {
            const auto at = std::lower_bound(table.parameters.begin(), table.parameters.end(), key);
            table.rows.back().values[static_cast<std::size_t>(at - table.parameters.begin())] =
                value;
        }
    }
    return table;
}

AxisTable
Variants(const PlanReader& reader)
{
    AxisTable table{KeysOf(reader), {}, 0};
    const auto& name = table.parameters.front();
    if (table.parameters.size() != 1 || !name.starts_with('$'))
    {
        reader.Fail("",
                    "expected one variable, as in {\"$route\": {\"direct\": {...}, ...}}, found " +
                        Quoted(name));
    }
    const auto variants = reader.Object(name);
    for (const auto& label : KeysOf(variants))
    {
        table.rows.push_back(
            {{PlanValue{PlanValue::Kind::TEXT, 0, label}}, ReadSettings(variants.Object(label))});
    }
    return table;
}

AxisTable
Sample(const PlanReader& axis, const std::string& kind)
{
    axis.Known(kind == "latin_hypercube" ? std::vector<std::string>{kind, "samples", "seed"}
                                         : std::vector<std::string>{kind, "samples"});
    const auto reader = axis.Object(kind);
    AxisTable table{KeysOf(reader), {}, 0};
    std::vector<PlanRange> ranges;
    for (const auto& key : table.parameters)
    {
        ranges.push_back(ReadRange(reader, key));
    }
    const auto samples =
        axis.Count("samples", 1, MOST_POINTS / (kind == "saltelli" ? ranges.size() + 2 : 1));
    table.saltelliSamples = kind == "saltelli" ? samples : 0;
    const auto seed = axis.Has("seed") ? axis.Count("seed", 0, UINT32_MAX) : 1;
    const auto points = kind == "sobol"      ? SobolSequence(samples, ranges.size())
                        : kind == "saltelli" ? SaltelliDesign(samples, ranges.size())
                                             : LatinHypercube(samples, ranges.size(), seed);
    for (const auto& point : points)
    {
        table.rows.emplace_back();
        for (std::size_t i = 0; i < ranges.size(); ++i)
        {
            table.rows.back().values.emplace_back(ranges[i].At(point[i]));
        }
    }
    return table;
}

} // namespace

PathSettings
ReadSettings(const PlanReader& settings)
{
    PathSettings read;
    for (const auto& [key, value] : settings.Here().items())
    {
        if (key.empty() || key.starts_with('$'))
        {
            settings.Fail(key,
                          "expected the path of a scenario's setting, as \"member.disk\", found " +
                              Quoted(key));
        }
        read.emplace_back(key, ValueOf(value));
    }
    return read;
}

AxisTable
ReadAxis(const PlanReader& axis)
{
    static const std::vector<std::string> KINDS = {
        "grid", "zip", "list", "variants", "latin_hypercube", "sobol", "saltelli"};
    std::string kind;
    for (const auto& each : KINDS)
    {
        kind = axis.Has(each) && kind.empty() ? each : kind;
    }
    if (kind.empty())
    {
        const auto& keys = axis.Here();
        axis.Fail("",
                  keys.empty() ? "expected an axis, found an empty object"
                               : Unknown("axis", keys.begin().key(), KINDS));
    }
    if (kind == "latin_hypercube" || kind == "sobol" || kind == "saltelli")
    {
        return Sample(axis, kind);
    }
    axis.Known({kind});
    return kind == "grid"   ? Grid(axis.Object(kind))
           : kind == "zip"  ? Zip(axis.Object(kind))
           : kind == "list" ? List(axis)
                            : Variants(axis.Object(kind));
}

} // namespace etcdlab
