// Reference figures: what was measured on real systems, and which simulated run answers to it.
#pragma once

#include <nlohmann/json.hpp>

#include <compare>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// A simulated observation: what is done with a scenario. test/reference/README.md lists the kinds.
struct Observation
{
    std::string kind = "run";          //!< "run": its summary; others are for what no run shows
    std::string scenario;              //!< scenarios/NAME.json
    std::vector<std::string> settings; //!< as for --set
    auto operator<=>(const Observation&) const = default;
};

/**
 * A figure that was measured and can be simulated. The simulated value is
 *
 *     times * (metric(run) - metric(less)) / (per(run) - per(less)) + plus
 *
 * where `metric` and `per` are paths into what was observed ("latency_ms.put.e1.mean"), and the terms
 * of `less` are 0 if there is no such run.
 */
struct ReferenceFigure
{
    std::string shows; //!< what, in a few words
    Observation run;
    Observation less; //!< without a scenario: none
    std::string metric;
    std::string per;    //!< a path; empty: `divisor`
    double divisor = 1; //!< in place of `per`
    double times = 1;
    double plus = 0;
    /// One value; or several single ones that must all lie within the simulated distribution, whose
    /// `metric` then has a "min" and a "max".
    std::vector<double> measured;
    std::string unit;
    double resolution = 0; //!< the measured value was rounded to multiples of this
    double tolerance = 0;  //!< share of the measured value; not for several values
    std::string
        fitted; //!< which constant was taken from it; empty: the simulated value is a prediction
};

/// Figures that were measured under the same conditions, a table of the page.
struct ReferenceGroup
{
    std::string title;
    std::string text; //!< how it was measured; what the table does not say
    std::vector<ReferenceFigure> figures;
};

/// A file of test/reference.
struct Reference
{
    std::string name; //!< the file's, without ".json"
    std::string description;
    std::vector<ReferenceGroup> groups;
};

/**
 * Read a reference file.
 * @throws ScenarioError "file:line: pointer: what is wrong"
 */
Reference ReadReference(const std::filesystem::path& path);

/// The same for a text. `path` stands for the file's.
Reference ReadReferenceText(std::string_view text, const std::filesystem::path& path);

/// All reference files of a directory, by name. @throws ScenarioError, ResultError if there is none
std::vector<Reference> ReadReferences(const std::filesystem::path& directory);

/// What was simulated for a figure, and how it compares.
struct ComparedFigure
{
    std::vector<double> simulated; //!< the value; or the least and the greatest of a distribution
    double error = 0;              //!< (simulated - measured) / measured; 0 for several values
    bool met = false;
};

/// Gives what an observation showed; the same one each time.
using Observer = std::function<const nlohmann::json&(const Observation&)>;

/// @throws std::out_of_range naming a path that the observation does not have
ComparedFigure CompareFigure(const ReferenceFigure& figure, const Observer& observe);

/// The table of a group in Markdown: shows, measured, simulated, error, and what that says.
std::string ReferenceTable(const ReferenceGroup& group, const Observer& observe);

/// The figure of a file that shows something. @throws std::out_of_range
const ReferenceFigure& FigureThatShows(const Reference& reference, const std::string& shows);

} // namespace etcdlab
