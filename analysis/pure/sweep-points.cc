#include "analysis/pure/sweep-points.h"

#include "analysis/pure/expression.h"
#include "analysis/pure/sweep-axes.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace etcdlab
{

namespace
{

/// An expression of the plan and where it stands.
struct PlacedExpression
{
    std::string key; //!< in its object
    Expression expression;
};

PlacedExpression
ReadExpression(const PlanReader& reader, const std::string& key)
{
    try
    {
        return {key, Expression(reader.Text(key))};
    }
    catch (const std::invalid_argument& error)
    {
        reader.Fail(key, error.what());
    }
}

using Values = std::map<std::string, PlanValue>;

/// Have an expression evaluated over these values.
template <class Use>
auto
Evaluate(const PlanReader& reader, const PlacedExpression& placed, const Values& values, Use use)
{
    try
    {
        return use(placed.expression, [&](const std::string& name) -> const PlanValue& {
            const auto found = values.find(name);
            if (found == values.end())
            {
                throw std::invalid_argument(
                    "expected " + Quoted(name) +
                    " to have a value at every point: a list leaves it out");
            }
            return found->second;
        });
    }
    catch (const std::invalid_argument& error)
    {
        reader.Fail(placed.key, error.what());
    }
}

/// Works the points out.
class PointMaker
{
  public:
    PointMaker(const PlanReader& root, SweepPlan& plan)
        : m_root(root),
          m_plan(plan)
    {
    }

    void Make()
    {
        if (m_root.Has("settings"))
        {
            m_settings = ReadSettings(m_root.Object("settings"));
        }
        ReadTables();
        ReadExpressions();
        std::vector<const AxisTable::Row*> rows;
        Combine(rows);
        if (m_plan.points.empty())
        {
            m_root.Fail("where", "expected it to be true of some point, found it false of all");
        }
        NameColumns();
    }

  private:
    void ReadTables()
    {
        const auto& axes = m_root.Get("axes");
        if (!axes.is_array())
        {
            m_root.Fail("axes", "expected a list of axes, found " + Found(axes));
        }
        constexpr std::size_t MOST_AXES = 100;
        if (axes.size() > MOST_AXES)
        {
            m_root.Fail("axes",
                        "expected at most " + std::to_string(MOST_AXES) + " axes, found " +
                            Found(axes));
        }
        std::uint64_t points = 1;
        for (std::size_t i = 0; i < axes.size(); ++i)
        {
            m_tables.push_back(ReadAxis(m_root.Element("axes", i)));
            for (const auto& name : m_tables.back().parameters)
            {
                AddParameter(name, "axes");
            }
            points *= m_tables.back().rows.size();
            if (points > MOST_POINTS)
            {
                m_root.Fail("axes",
                            "expected at most " + std::to_string(MOST_POINTS) +
                                " points, found more");
            }
            if (m_tables.back().saltelliSamples > 0)
            {
                m_plan.saltelliSamples = m_tables.back().saltelliSamples;
                if (axes.size() > 1 || m_root.Has("where"))
                {
                    m_root.Fail(
                        "axes",
                        "expected a Saltelli design to be the only axis, without \"where\"");
                }
            }
        }
    }

    void AddParameter(const std::string& name, const std::string& where)
    {
        if (name == "seed" || name == "/seed")
        {
            m_root.Fail(where, "seed is no parameter: say how many replications");
        }
        for (const auto& other : m_plan.parameters)
        {
            if (other.name == name)
            {
                m_root.Fail(where, Quoted(name) + " is given twice");
            }
        }
        m_plan.parameters.push_back({name, "", where == "derived"});
    }

    void ReadExpressions()
    {
        if (m_root.Has("derived"))
        {
            const auto derived = m_root.Object("derived");
            for (const auto& [key, text] : derived.Here().items())
            {
                m_derived.push_back(ReadExpression(derived, key));
                CheckNames(derived, m_derived.back(), false);
            }
            for (const auto& each : m_derived)
            {
                AddParameter(each.key, "derived");
            }
        }
        if (m_root.Has("where"))
        {
            m_where = ReadExpression(m_root, "where");
            CheckNames(m_root, *m_where, true);
        }
    }

    /// Derived values cannot name each other, so that their order says nothing.
    void CheckNames(const PlanReader& reader,
                    const PlacedExpression& placed,
                    bool afterDerived) const
    {
        std::vector<std::string> known;
        for (const auto& parameter : m_plan.parameters)
        {
            known.push_back(parameter.name);
        }
        for (const auto& [name, value] : m_settings)
        {
            known.push_back(name);
        }
        for (const auto& each : m_derived)
        {
            if (afterDerived)
            {
                known.push_back(each.key);
            }
        }
        for (const auto& name : placed.expression.Names())
        {
            if (std::find(known.begin(), known.end(), name) == known.end())
            {
                reader.Fail(placed.key, Unknown("parameter", name, known));
            }
        }
    }

    /// All combinations of the tables' rows.
    void Combine(std::vector<const AxisTable::Row*>& rows)
    {
        if (rows.size() == m_tables.size())
        {
            AddPoint(rows);
            return;
        }
        for (const auto& row : m_tables[rows.size()].rows)
        {
            rows.push_back(&row);
            Combine(rows);
            rows.pop_back();
        }
    }

    void AddPoint(const std::vector<const AxisTable::Row*>& rows)
    {
        SweepPoint point;
        PathSettings all = m_settings;
        Values values(m_settings.begin(), m_settings.end());
        std::size_t parameter = 0;
        for (const auto* row : rows)
        {
            all.insert(all.end(), row->further.begin(), row->further.end());
            for (const auto& value : row->values)
            {
                const auto& name = m_plan.parameters[parameter++].name;
                if (value)
                {
                    values[name] = *value;
                    all.emplace_back(name, *value);
                }
                point.values.push_back(value);
            }
        }
        Derive(values, all, point);
        if (m_where && !Evaluate(m_root, *m_where, values, [](const auto& e, const auto& l) {
                return e.Holds(l);
            }))
        {
            return;
        }
        for (const auto& [name, value] : all)
        {
            if (!name.starts_with('$'))
            {
                point.settings.push_back(name + "=" + value.text);
            }
        }
        m_plan.points.push_back(std::move(point));
    }

    void Derive(Values& values, PathSettings& all, SweepPoint& point) const
    {
        PathSettings derived;
        for (const auto& each : m_derived)
        {
            const auto value =
                Evaluate(m_root.Object("derived"), each, values, [](const auto& e, const auto& l) {
                    const auto result = e.Evaluate(l);
                    return result.IsQuantity() ? MakeQuantity(result.kind, result.number) : result;
                });
            derived.emplace_back(each.key, value);
            point.values.emplace_back(value);
        }
        all.insert(all.end(), derived.begin(), derived.end());
        values.insert(derived.begin(), derived.end());
    }

    /// A column has a unit if all its values are of one kind.
    void NameColumns()
    {
        auto taken = RunColumns();
        for (const auto& metric : m_plan.metrics)
        {
            taken.push_back(metric.name);
        }
        for (std::size_t i = 0; i < m_plan.parameters.size(); ++i)
        {
            std::optional<PlanValue::Kind> kind;
            for (const auto& point : m_plan.points)
            {
                if (point.values[i])
                {
                    kind = !kind || *kind == point.values[i]->kind ? point.values[i]->kind
                                                                   : PlanValue::Kind::TEXT;
                }
            }
            auto& parameter = m_plan.parameters[i];
            parameter.column = ColumnName(parameter.name, kind.value_or(PlanValue::Kind::TEXT));
            const auto same = [&](const std::string& other) {
                return LowerCase(other) == LowerCase(parameter.column);
            };
            if (std::any_of(taken.begin(), taken.end(), same))
            {
                m_root.Fail("",
                            Quoted(parameter.name) + " would be the table's column " +
                                Quoted(parameter.column) + ", which there is already");
            }
            taken.push_back(parameter.column);
        }
    }

    const PlanReader& m_root;
    SweepPlan& m_plan;
    PathSettings m_settings;
    std::vector<AxisTable> m_tables;
    std::vector<PlacedExpression> m_derived;
    std::optional<PlacedExpression> m_where;
};

} // namespace

const std::vector<std::string>&
RunColumns()
{
    static const std::vector<std::string> COLUMNS = {"point",
                                                     "replication",
                                                     "seed",
                                                     "status",
                                                     "message",
                                                     "command",
                                                     "wall_s",
                                                     "version",
                                                     "scenario"};
    return COLUMNS;
}

std::string
LowerCase(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

void
MakePoints(const PlanReader& root, SweepPlan& plan)
{
    PointMaker(root, plan).Make();
}

} // namespace etcdlab
