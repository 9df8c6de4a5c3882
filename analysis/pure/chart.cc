#include "analysis/pure/chart.h"

#include "analysis/pure/html.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace etcdlab
{

namespace
{

const char*
ChartKindName(Chart::Kind kind)
{
    constexpr std::array<const char*, 5> NAMES = {"lines", "steps", "points", "areas", "stacks"};
    return NAMES.at(static_cast<std::size_t>(kind));
}

/// What a screen can show of a number, in few bytes.
double
Shortened(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return std::strtod(text.data(), nullptr);
}

} // namespace

nlohmann::ordered_json
ChartJson(const Chart& chart)
{
    nlohmann::ordered_json json = {
        {"kind", ChartKindName(chart.kind)}, {"x", chart.x}, {"y", chart.y}};
    json["series"] = nlohmann::ordered_json::array();
    for (const auto& series : chart.series)
    {
        auto points = nlohmann::ordered_json::array();
        for (const auto& [x, y] : series.points)
        {
            points.push_back({Shortened(x), Shortened(y)});
        }
        json["series"].push_back({{"name", series.name}, {"points", std::move(points)}});
        if (!series.halfWidths.empty())
        {
            auto& halves = json["series"].back()["half_widths"];
            std::transform(series.halfWidths.begin(),
                           series.halfWidths.end(),
                           std::back_inserter(halves),
                           Shortened);
        }
    }
    json["bands"] = nlohmann::ordered_json::array();
    for (const auto& band : chart.bands)
    {
        json["bands"].push_back(
            {{"from", Shortened(band.from)}, {"to", Shortened(band.to)}, {"label", band.label}});
    }
    json["categories"] = chart.categories;
    return json;
}

std::string
ChartList::Add(const Chart& chart)
{
    if (std::all_of(chart.series.begin(), chart.series.end(), [](const auto& series) {
            return series.points.empty();
        }))
    {
        return "";
    }
    const auto number = std::to_string(m_charts.size());
    m_charts.push_back(ChartJson(chart));
    // Bars need room for each category.
    const auto height =
        chart.kind == Chart::Kind::STACKS
            ? " style=\"height:" + std::to_string(90 + 34 * chart.categories.size()) + "px\""
            : "";
    return "<figure class=\"chart\" tabindex=\"0\" data-chart=\"" + number + "\"><figcaption>" +
           EscapedHtml(chart.title) + "</figcaption><div" + height +
           "><canvas role=\"img\" aria-label=\"" + EscapedHtml(chart.title + ". " + chart.text) +
           "\"></canvas></div><p>" + EscapedHtml(chart.text) + "</p></figure>\n";
}

std::string
JsonElement(const std::string& id, const nlohmann::ordered_json& json)
{
    const auto text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    std::string safe;
    for (const char c : text)
    {
        safe += c == '<' ? "\\u003c" : std::string(1, c);
    }
    return "<script type=\"application/json\" id=\"" + id + "\">" + safe + "</script>\n";
}

std::string
ChartList::Html() const
{
    return JsonElement("charts", m_charts);
}

} // namespace etcdlab
