#include "analysis/pure/ladder.h"

#include "analysis/pure/html.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace etcdlab
{

namespace
{

/// What happens, for both drawings.
struct Rung
{
    std::size_t from = 0; //!< lanes
    std::size_t to = 0;   //!< the same: a sync, or a message to oneself
    Duration begin{0};    //!< since the request's start
    Duration end{0};
    std::string label;
    bool sync = false;
};

std::size_t
LaneOf(const Ladder& ladder, const std::string& node)
{
    return static_cast<std::size_t>(std::find(ladder.lanes.begin(), ladder.lanes.end(), node) -
                                    ladder.lanes.begin());
}

std::vector<Rung>
Rungs(const Ladder& ladder)
{
    std::vector<Rung> rungs;
    const auto start = ladder.request.start;
    for (const auto& message : ladder.messages)
    {
        rungs.push_back({LaneOf(ladder, message.from),
                         LaneOf(ladder, message.to),
                         message.sent - start,
                         message.received - start,
                         message.name + ", " + std::to_string(message.bytes) + " bytes"});
    }
    for (const auto& sync : ladder.syncs)
    {
        const auto lane = LaneOf(ladder, sync.node);
        rungs.push_back({lane, lane, sync.begin - start, sync.end - start, "disk sync", true});
    }
    std::stable_sort(rungs.begin(), rungs.end(), [](const auto& a, const auto& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    return rungs;
}

std::string
LadderTitle(const Ladder& ladder)
{
    const auto& request = ladder.request;
    return request.operation + " number " + std::to_string(request.number) + " of " +
           request.client + (request.member.empty() ? "" : " through " + request.member) + ": " +
           FixedNumber(Milliseconds(request.end - request.start), 3) + " ms" +
           (request.outcome == "ok" ? "" : ", " + request.outcome);
}

std::string
OthersText(const Ladder& ladder)
{
    return ladder.others == 0 ? ""
                              : std::to_string(ladder.others) + " other request" +
                                    (ladder.others == 1 ? " was" : "s were") +
                                    " under way meanwhile; their messages are among these";
}

std::string
Pixels(double value)
{
    return TrimmedNumber(value, 1);
}

std::string
LadderLabel(double x, double y, const std::string& text, const char* anchor)
{
    return "<text x=\"" + Pixels(x) + "\" y=\"" + Pixels(y) + "\" text-anchor=\"" + anchor + "\">" +
           EscapedHtml(text) + "</text>";
}

/// Along the arrow, above its middle, and readable where it crosses others.
std::string
ArrowLabel(double x1, double y1, double x2, double y2, const std::string& text)
{
    const double degrees = std::atan2(y2 - y1, x2 - x1) * 180 / std::numbers::pi;
    const double upright = degrees > 90 ? degrees - 180 : degrees < -90 ? degrees + 180 : degrees;
    return "<text transform=\"translate(" + Pixels((x1 + x2) / 2) + " " + Pixels((y1 + y2) / 2) +
           ") rotate(" + Pixels(upright) +
           ")\" y=\"-4\" text-anchor=\"middle\" stroke=\"#fff\" stroke-width=\"3\" "
           "paint-order=\"stroke\">" +
           EscapedHtml(text) + "</text>";
}

} // namespace

Ladder
MakeLadder(const RequestRecord& request,
           const std::vector<RequestRecord>& requests,
           const std::vector<std::string>& lanes,
           const std::vector<LadderMessage>& messages,
           const std::vector<LadderSync>& syncs,
           bool background)
{
    Ladder ladder;
    ladder.request = request;
    for (const auto& other : requests)
    {
        const bool meanwhile = other.start < request.end && other.end > request.start;
        ladder.others += meanwhile && other.number != request.number ? 1 : 0;
    }
    const auto within = [&request](Duration time) {
        return time >= request.start && time < request.end;
    };
    std::set<std::string> seen = {request.client};
    for (const auto& message : messages)
    {
        // Two ends on one machine, a stacked API server and its member, have nothing to draw between them.
        if (within(message.sent) && (background || !message.background) &&
            message.from != message.to)
        {
            ladder.messages.push_back(message);
            seen.insert({message.from, message.to});
        }
    }
    for (const auto& sync : syncs)
    {
        if (within(sync.begin))
        {
            ladder.syncs.push_back(sync);
            seen.insert(sync.node);
        }
    }
    std::copy_if(lanes.begin(),
                 lanes.end(),
                 std::back_inserter(ladder.lanes),
                 [&seen](const auto& lane) { return seen.count(lane) > 0; });
    return ladder;
}

std::string
LadderText(const Ladder& ladder)
{
    std::size_t lane = 10;
    for (const auto& name : ladder.lanes)
    {
        lane = std::max(lane, name.size() + 2);
    }
    const auto width = lane * ladder.lanes.size();
    std::string heads;
    for (const auto& name : ladder.lanes)
    {
        heads += Padded(name, lane);
    }
    std::vector<std::vector<std::string>> rows = {{"sent, ms", "arrived"}};
    std::vector<std::string> drawings = {heads};
    for (const auto& rung : Rungs(ladder))
    {
        rows.push_back(
            {FixedNumber(Milliseconds(rung.begin), 3), FixedNumber(Milliseconds(rung.end), 3)});
        std::string drawing(width, ' ');
        for (std::size_t i = 0; i < ladder.lanes.size(); ++i)
        {
            drawing[i * lane] = '|';
        }
        const auto from = rung.from * lane;
        const auto to = rung.to * lane;
        for (auto at = std::min(from, to); at < std::max(from, to); ++at)
        {
            drawing[at] = '-';
        }
        drawing[from] = rung.sync ? '#' : 'o';
        if (from != to)
        {
            drawing[to] = from < to ? '>' : '<';
        }
        drawings.push_back(drawing + " " + rung.label);
    }
    const auto widths = ColumnWidths(rows);
    std::string text = LadderTitle(ladder) + "\n\n";
    for (std::size_t row = 0; row < rows.size(); ++row)
    {
        for (std::size_t column = 0; column < 2; ++column)
        {
            text += std::string(widths[column] - rows[row][column].size(), ' ') +
                    rows[row][column] + "  ";
        }
        auto drawing = drawings[row];
        drawing.erase(drawing.find_last_not_of(' ') + 1);
        text += "  " + drawing + "\n";
    }
    const auto others = OthersText(ladder);
    return others.empty() ? text : text + "\n" + others + ".\n";
}

std::string
LadderSvg(const Ladder& ladder)
{
    constexpr double LEFT = 90;
    constexpr double LANE = 260;
    constexpr double TOP = 70;
    constexpr double LEAST_HEIGHT = 640;
    constexpr double EACH = 30; // for a label not to lie on its neighbour's
    const auto rungs = Rungs(ladder);
    const auto height = std::max(LEAST_HEIGHT, EACH * static_cast<double>(rungs.size()));
    double last = Milliseconds(ladder.request.end - ladder.request.start);
    for (const auto& rung : rungs)
    {
        last = std::max(last, Milliseconds(rung.end));
    }
    const auto x = [&](std::size_t lane) { return LEFT + LANE * static_cast<double>(lane); };
    const auto y = [&](Duration time) {
        return TOP + (last > 0 ? height * Milliseconds(time) / last : 0);
    };
    const auto width = x(ladder.lanes.size() - 1) + LEFT;
    std::string svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" class=\"ladder\" width=\"" +
        Pixels(width) + "\" viewBox=\"0 0 " + Pixels(width) + " " + Pixels(TOP + height + 40) +
        "\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title>" +
        EscapedHtml(LadderTitle(ladder)) +
        "</title>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
        "markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
        "fill=\"#2f6fb0\"/></marker></defs>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" +
        LadderLabel(12, 20, LadderTitle(ladder), "start") +
        LadderLabel(12, 38, OthersText(ladder), "start") + "\n";
    for (std::size_t lane = 0; lane < ladder.lanes.size(); ++lane)
    {
        svg += "<path d=\"M" + Pixels(x(lane)) + " " + Pixels(TOP) + "v" + Pixels(height) +
               "\" stroke=\"#9aa5b1\"/>" +
               LadderLabel(x(lane), TOP - 8, ladder.lanes[lane], "middle") + "\n";
    }
    for (const auto& rung : rungs)
    {
        const auto title = "<title>" + EscapedHtml(rung.label) + ": " +
                           FixedNumber(Milliseconds(rung.begin), 3) + " to " +
                           FixedNumber(Milliseconds(rung.end), 3) + " ms</title>";
        const auto x1 = x(rung.from);
        const auto y1 = y(rung.begin);
        const auto x2 = x(rung.to);
        const auto y2 = y(rung.end);
        if (rung.sync)
        {
            svg += "<g class=\"sync\">" + title + "<rect x=\"" + Pixels(x1 - 5) + "\" y=\"" +
                   Pixels(y1) + "\" width=\"10\" height=\"" + Pixels(std::max(y2 - y1, 3.0)) +
                   "\" fill=\"#c2571a\"/></g>\n";
            continue;
        }
        svg += "<g class=\"message\">" + title + "<path d=\"M" + Pixels(x1) + " " + Pixels(y1) +
               "L" + Pixels(x2) + " " + Pixels(y2) +
               "\" stroke=\"#2f6fb0\" marker-end=\"url(#tip)\"/>" +
               ArrowLabel(x1, y1, x2, y2, rung.label) +
               LadderLabel(x2 + (x1 < x2 ? 6 : -6),
                           y2 + 4,
                           TrimmedNumber(Milliseconds(rung.end), 1),
                           x1 < x2 ? "start" : "end") +
               "</g>\n";
    }
    return svg + "</svg>\n";
}

} // namespace etcdlab
