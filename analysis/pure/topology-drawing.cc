#include "analysis/pure/topology-drawing.h"

#include "analysis/pure/html.h"
#include "analysis/pure/text.h"
#include "model/base/contains.h"

#include <cmath>
#include <numbers>

namespace etcdlab
{

namespace
{

constexpr double CENTER_X = 410;
constexpr double CENTER_Y = 200;
constexpr double RADIUS_X = 270;
constexpr double RADIUS_Y = 145;
constexpr std::size_t MOST_LABELS = 28;

struct Spot
{
    double x = 0;
    double y = 0;
};

std::string
Coordinate(double value)
{
    return TrimmedNumber(value, 1);
}

/// Clockwise from the first, which stands so that the first `left` ones are spread around the left.
std::map<std::string, Spot>
Places(const std::vector<std::string>& nodes, std::size_t left)
{
    std::map<std::string, Spot> places;
    const auto step = 2 * std::numbers::pi / static_cast<double>(nodes.size());
    const auto first = std::numbers::pi - step * (static_cast<double>(left) - 1) / 2;
    for (std::size_t i = 0; i < nodes.size(); ++i)
    {
        const auto angle = first + step * static_cast<double>(i);
        places[nodes[i]] = {CENTER_X + RADIUS_X * std::cos(angle),
                            CENTER_Y + RADIUS_Y * std::sin(angle)};
    }
    return places;
}

std::string
DelayLabel(const LinkConfig& link)
{
    const auto there = link.DelayFrom(true);
    const auto back = link.DelayFrom(false);
    return there == back ? TrimmedNumber(Milliseconds(there + back), 3)
                         : TrimmedNumber(Milliseconds(there), 3) + " / " +
                               TrimmedNumber(Milliseconds(back), 3);
}

std::string
Label(Spot at, const std::string& text, const char* style)
{
    return "<text class=\"" + std::string(style) + "\" text-anchor=\"middle\" x=\"" +
           Coordinate(at.x) + "\" y=\"" + Coordinate(at.y) + "\">" + EscapedHtml(text) + "</text>";
}

} // namespace

std::string
TopologyDrawing(const Scenario& scenario, const std::string& leader)
{
    const auto nodes = scenario.Nodes();
    const auto links = scenario.AllLinks();
    const auto proxies = scenario.ProxyNodes();
    const auto places = Places(nodes, scenario.topology.apiServers.size());
    std::string lines;
    std::string words;
    for (const auto& [pair, link] : links)
    {
        const auto a = places.at(pair.first);
        const auto b = places.at(pair.second);
        lines += "<path class=\"link\" d=\"M" + Coordinate(a.x) + " " + Coordinate(a.y) + "L" +
                 Coordinate(b.x) + " " + Coordinate(b.y) + "\"/>";
        words += (words.empty() ? "" : ", ") + pair.first + " to " + pair.second + " " +
                 DelayLabel(link) + " ms";
        if (links.size() <= MOST_LABELS)
        {
            // Off the middle, where lines cross.
            lines += Label({a.x + (b.x - a.x) * 0.42, a.y + (b.y - a.y) * 0.42 - 4},
                           DelayLabel(link),
                           "delay");
        }
    }
    std::string circles;
    for (const auto& node : nodes)
    {
        const auto at = places.at(node);
        const bool leads = node == leader;
        circles += "<circle class=\"" + std::string(leads ? "leader" : "node") +
                   "\" r=\"24\" cx=\"" + Coordinate(at.x) + "\" cy=\"" + Coordinate(at.y) + "\"/>" +
                   Label({at.x, at.y + 5}, node, leads ? "leads" : "name");
        const std::string role = std::string(leads ? "leader" : "") +
                                 (leads && Contains(proxies, node) ? ", " : "") +
                                 (Contains(proxies, node) ? "proxy" : "");
        circles += role.empty() ? "" : Label({at.x, at.y + 42}, role, "role");
    }
    return "<svg role=\"img\" class=\"topology\" viewBox=\"0 0 820 410\" aria-label=\"" +
           EscapedHtml("Topology; round-trip times: " + words +
                       (leader.empty() ? "" : "; leader: " + leader)) +
           "\">" + lines + circles + "</svg>\n";
}

} // namespace etcdlab
