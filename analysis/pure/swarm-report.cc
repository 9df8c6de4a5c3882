#include "analysis/pure/swarm-report.h"

#include "analysis/pure/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

std::string
Indented(const std::string& text)
{
    std::string result = "    ";
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        result += text[i];
        if (text[i] == '\n' && i + 1 < text.size())
        {
            result += "    ";
        }
    }
    return result + (text.empty() || text.back() != '\n' ? "\n" : "");
}

/// @throws std::invalid_argument
std::uint64_t
ParseSeed(std::string_view text, std::string_view all)
{
    std::uint64_t seed = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seed);
    if (error != std::errc() || stop != end || text.empty())
    {
        throw std::invalid_argument(
            "expected a seed or a range of seeds as in 17 or 1-500, found \"" + std::string(all) +
            "\"");
    }
    return seed;
}

/// OrderedJson::get takes any number for an integer, whether it fits or not.
std::uint64_t
Count(const OrderedJson& json)
{
    if (!json.is_number_unsigned())
    {
        throw std::runtime_error("expected a world's result, found no count in " + json.dump());
    }
    return json;
}

} // namespace

std::string
WriteSwarmResult(const SwarmResult& result)
{
    OrderedJson violations = OrderedJson::array();
    for (const auto& finding : result.violations)
    {
        violations.push_back({{"rule", finding.rule}, {"what", finding.what}});
    }
    const OrderedJson json{{"seed", result.seed},
                           {"violations", violations},
                           {"undecided", result.undecided},
                           {"broken", result.broken},
                           {"faults", result.faults},
                           {"simulated_s", result.simulatedSeconds},
                           {"coverage", result.coverage}};
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

SwarmResult
ReadSwarmResult(std::string_view text)
{
    try
    {
        const auto json = OrderedJson::parse(text);
        SwarmResult result;
        result.seed = Count(json.at("seed"));
        for (const auto& finding : json.at("violations"))
        {
            result.violations.push_back({finding.at("rule"), finding.at("what")});
        }
        result.undecided = json.at("undecided").get<std::vector<std::string>>();
        result.broken = json.at("broken");
        result.faults = json.at("faults");
        result.simulatedSeconds = json.at("simulated_s");
        for (const auto& [what, times] :
             json.at("coverage").get<std::map<std::string, OrderedJson>>())
        {
            result.coverage[what] = Count(times);
        }
        return result;
    }
    catch (const OrderedJson::exception& error)
    {
        throw std::runtime_error(std::string("expected a world's result, found ") + error.what());
    }
}

const std::vector<std::string>&
CoverageNames()
{
    static const std::vector<std::string> NAMES{"requests answered",
                                                "requests failed without effect",
                                                "requests left ambiguous",
                                                "ambiguous writes that took effect",
                                                "writes acknowledged",
                                                "elections after the first",
                                                "members added",
                                                "learners promoted",
                                                "members removed",
                                                "changes of members refused",
                                                "worlds with laggards at the end",
                                                "protocol steps checked"};
    return NAMES;
}

std::string
Describe(const SwarmResult& result)
{
    if (result.Passed())
    {
        return "";
    }
    std::string text;
    const auto seed = "seed " + std::to_string(result.seed) + ": ";
    for (const auto& finding : result.violations)
    {
        text += seed + "VIOLATION of " + finding.rule + ":\n" + Indented(finding.what);
    }
    if (!result.broken.empty())
    {
        text += seed + "BROKEN: " + result.broken + "\n";
    }
    for (const auto& key : result.undecided)
    {
        text += seed + "UNDECIDED: the search gave up on key " + key + "\n";
    }
    text += result.faults.empty() ? "" : Indented(result.faults);
    return text + "    repeat: etcdlab swarm --seeds " + std::to_string(result.seed) + "\n";
}

void
SwarmTotals::Add(const SwarmResult& result)
{
    ++worlds;
    passed += result.Passed() ? 1 : 0;
    violated += result.violations.empty() ? 0 : 1;
    broken += result.broken.empty() ? 0 : 1;
    undecided += result.undecided.empty() ? 0 : 1;
    simulatedSeconds += result.simulatedSeconds;
    for (const auto& [name, count] : result.coverage)
    {
        coverage[name] += count;
        worldsWith[name] += count > 0 ? 1 : 0;
    }
}

std::string
Describe(const SwarmTotals& totals)
{
    const auto number = [](const auto& map, const std::string& name) {
        const auto found = map.find(name);
        return std::to_string(found == map.end() ? 0 : found->second);
    };
    std::vector<std::vector<std::string>> rows{{"what happened", "times", "in worlds"}};
    auto names = CoverageNames();
    for (const auto& [name, count] : totals.coverage)
    {
        if (std::find(names.begin(), names.end(), name) == names.end())
        {
            names.push_back(name); // faults, by type
        }
    }
    for (const auto& name : names)
    {
        rows.push_back({name, number(totals.coverage, name), number(totals.worldsWith, name)});
    }
    return std::to_string(totals.worlds) + " worlds: " + std::to_string(totals.passed) +
           " passed, " + std::to_string(totals.violated) + " with violations, " +
           std::to_string(totals.undecided) + " undecided, " + std::to_string(totals.broken) +
           " broken; " + TrimmedNumber(totals.simulatedSeconds, 0) + " s simulated\n\n" +
           AlignedColumns(rows, 1);
}

std::pair<std::uint64_t, std::uint64_t>
ParseSeeds(std::string_view text)
{
    const auto dash = text.find('-');
    const auto first = ParseSeed(text.substr(0, dash), text);
    const auto last =
        dash == std::string_view::npos ? first : ParseSeed(text.substr(dash + 1), text);
    if (last < first)
    {
        throw std::invalid_argument("expected a range of seeds that ascends, found \"" +
                                    std::string(text) + "\"");
    }
    return {first, last};
}

} // namespace etcdlab
