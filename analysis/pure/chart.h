// What a chart of a report shows. analysis/report/report.js draws it.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

struct ChartSeries
{
    std::string name;
    std::vector<std::pair<double, double>>
        points; //!< x and y; in a stack one per category: its number and the value
    std::vector<double> halfWidths =
        {}; //!< of lines: an interval about each point's y; empty: none
};

/// A span of x that is shaded: a fault, a time in which nothing worked.
struct ChartBand
{
    double from = 0;
    double to = 0;
    std::string label;
};

struct Chart
{
    enum class Kind
    {
        LINES,  //!< points joined
        STEPS,  //!< a value holds until the next
        POINTS, //!< a mark each
        AREAS,  //!< steps, one upon the other
        STACKS  //!< a bar per category, the series' values one after the other
    };

    std::string title;
    Kind kind = Kind::LINES;
    std::string x; //!< what it is, with its unit
    std::string y;
    std::vector<ChartSeries> series;
    std::vector<ChartBand> bands = {};
    std::vector<std::string> categories = {}; //!< of STACKS
    std::string text;                         //!< the same in words, for those who do not see it
};

/**
 * {"kind": "lines" | "steps" | "points" | "areas" | "stacks", "x", "y", "series": [{"name", "points": [[x, y], …], "half_widths": […]}, …],
 *  "bands": [{"from", "to", "label"}, …], "categories": ["…", …]}; numbers with six significant digits
 */
nlohmann::ordered_json ChartJson(const Chart& chart);

/// A script element of JSON with an id, in which no text can end it.
std::string JsonElement(const std::string& id, const nlohmann::ordered_json& json);

/// A page's charts in its order: each adds its figure, and all of them are one element of data.
class ChartList
{
  public:
    /// @return the chart's figure as HTML; nothing if it has no points
    std::string Add(const Chart& chart);

    /// All of them, as JsonElement.
    std::string Html() const;

  private:
    nlohmann::ordered_json m_charts = nlohmann::ordered_json::array();
};

} // namespace etcdlab
