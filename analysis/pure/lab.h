// Exercises that mark themselves: what a lab asks, what is handed in, and what that is worth.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace etcdlab
{

/// What a run measures: a scenario, some settings, and a place in its summary.json.
struct LabMeasurement
{
    std::filesystem::path scenario; //!< empty: the one that the lab starts from
    std::vector<std::string> settings;
    std::string
        at; //!< JSON pointer (RFC 6901); one that ends in "/#" is how many there are in the list or object there
    bool operator<(const LabMeasurement& other) const
    {
        return std::tie(scenario, settings, at) <
               std::tie(other.scenario, other.settings, other.at);
    }
};

/// A number, a word, or what a run measures: written down nowhere, it cannot become wrong.
using LabValue = std::variant<double, std::string, LabMeasurement>;

/// A wrong answer that people give, and what is wrong with it.
struct LabMistake
{
    LabValue is;
    std::string because;
};

/// Something that earns points.
struct LabMark
{
    unsigned points = 1;
    std::string what;

    // An answer:
    std::string answer; //!< its key in answers.json; empty: this is about the scenario
    LabValue is;
    double within = 0;          //!< of a number: so far off is right, too; in its unit
    bool withinIsShare = false; //!< `within` is a share of the number instead
    std::vector<LabMistake> mistakes;

    // Or a measurement of the scenario that was handed in:
    std::string measure; //!< as LabMeasurement::at
    std::optional<double> atLeast;
    std::optional<double> atMost;

    std::string because; //!< what to think about if it is wrong
};

/// A question to be answered in answers.json.
struct LabQuestion
{
    std::string key;
    std::string ask; //!< with the unit of the answer
};

struct Lab
{
    std::string name; //!< of its directory, "01-arithmetic"
    std::string title;
    std::vector<std::string> text;      //!< paragraphs
    std::vector<std::string> hints;     //!< from a nudge to nearly everything
    std::filesystem::path scenario;     //!< to start from
    bool wantsScenario = false;         //!< one is to be handed in
    std::vector<std::string> mayChange; //!< in it: paths with dots, and all below them
    std::vector<LabQuestion> questions;
    std::vector<LabMark> marks;
};

/**
 * A lab from the text of its lab.json:
 *
 *     { "title": "…", "text": ["…"], "hints": ["…"],
 *       "scenario": "../../baseline.json",
 *       "may_change": ["leader", "proxy"],                  (then a scenario is to be handed in)
 *       "answers": { "mean_ms": "the mean of all puts, ms" },
 *       "marks": [
 *         { "points": 2, "what": "…", "answer": "mean_ms", "is": 450 | "e3" | { "scenario": "…", "settings": { "leader": "e1" }, "at": "/…" },
 *           "within": 0.5 | "1%", "mistakes": [ { "is": …, "because": "…" } ], "because": "…" },
 *         { "points": 3, "what": "…", "measure": "/latency_ms/put/all/mean", "at_most": 215, "because": "…" } ] }
 *
 * @param path of the text, for messages, and for paths in it
 * @throws ScenarioError
 */
Lab ReadLab(std::string_view text, const std::filesystem::path& path);

/**
 * What was answered: an object whose keys are those of the lab's questions, each with a number, a word, or null for none yet.
 * @throws ScenarioError
 */
std::map<std::string, nlohmann::json> ReadAnswers(const Lab& lab,
                                                  std::string_view text,
                                                  const std::string& label);

/**
 * Where a scenario differs from the one a lab starts from although it may not: "/links/api-e1/delay: is given as \"125ms\", found
 * \"10ms\"". Its name and description are its own.
 *
 * @param given, handed: effective scenarios
 */
std::vector<std::string> ForbiddenChanges(const Lab& lab,
                                          const nlohmann::json& given,
                                          const nlohmann::json& handed);

/// A number in a summary. @return nothing if there is none at the place
std::optional<double> NumberAt(const nlohmann::json& summary, const std::string& at);

/// What a mark came to.
struct LabVerdict
{
    unsigned points = 0; //!< earned
    std::string says;    //!< what was found, and if it is wrong, why
};

/// What was handed in.
struct LabWork
{
    std::map<std::string, nlohmann::json> answers;
    nlohmann::json summary;   //!< of the scenario's run; null: there is none
    std::string whyNoSummary; //!< "links are not yours to change: …"
};

/// @param measured runs what has to be run @return nothing if that does not measure any such thing
LabVerdict Mark(const LabMark& mark,
                const LabWork& work,
                const std::function<std::optional<double>(const LabMeasurement&)>& measured);

/// The directory that a lab starts with, as files: README.md with the task, hints.md, answers.json, scenario.json.
/// @param extends how the scenario's file calls the one to start from
/// @param check the command that marks what is in the directory
std::map<std::string, std::string> LabFiles(const Lab& lab,
                                            const std::string& extends,
                                            const std::string& check);

} // namespace etcdlab
