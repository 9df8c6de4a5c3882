// etcdlab lab: exercises, and what is handed in for them.
#include "analysis/commands.h"
#include "analysis/pure/lab.h"
#include "analysis/pure/plan-reader.h"
#include "analysis/pure/run-row.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/document.h"
#include "helper/world.h"
#include "model/base/nearest.h"

#include <algorithm>
#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct LabOptions
{
    std::string labs = ETCDLAB_SOURCE_DIR "/scenarios/labs";
    std::string lab;
    std::string directory;
};

Lab
ReadLabIn(const fs::path& directory)
{
    const auto path = directory / "lab.json";
    return ReadLab(ReadPlanFile(path), path);
}

std::vector<fs::path>
LabDirectories(const LabOptions& options)
{
    if (!fs::is_directory(options.labs))
    {
        throw ScenarioError(options.labs +
                            ": expected the directory with the labs (--labs), found none");
    }
    std::vector<fs::path> directories;
    for (const auto& entry : fs::directory_iterator(options.labs))
    {
        if (fs::exists(entry.path() / "lab.json"))
        {
            directories.push_back(entry.path());
        }
    }
    std::sort(directories.begin(), directories.end());
    return directories;
}

/// By its number, or its directory's name.
Lab
FindLab(const LabOptions& options)
{
    std::vector<std::string> names;
    for (const auto& directory : LabDirectories(options))
    {
        const auto name = directory.filename().string();
        const auto number = name.substr(0, name.find('-'));
        if (options.lab == name || options.lab == number || "0" + options.lab == number)
        {
            return ReadLabIn(directory);
        }
        names.push_back(name);
    }
    throw ScenarioError(Unknown("lab", options.lab, names));
}

fs::path
WorkDirectory(const LabOptions& options, const Lab& lab)
{
    return options.directory.empty() ? lab.name : options.directory;
}

void
ListLabs(const LabOptions& options)
{
    for (const auto& directory : LabDirectories(options))
    {
        const auto lab = ReadLabIn(directory);
        std::cout << lab.name << "\n    " << lab.title << "\n";
    }
}

void
StartLab(const LabOptions& options)
{
    const auto lab = FindLab(options);
    ReadScenarioFile(
        lab.scenario, {}, RegisteredNames()); // better to fail now than when work is handed in
    const auto directory = WorkDirectory(options, lab);
    if (fs::exists(directory) && (!fs::is_directory(directory) || !fs::is_empty(directory)))
    {
        throw ScenarioError(directory.string() +
                            ": expected a new or an empty directory, found one with work in it");
    }
    fs::create_directories(directory);
    const auto extends = fs::relative(lab.scenario, directory).string();
    std::string check = "etcdlab lab check " + lab.name;
    check += options.directory.empty() ? "" : " " + ShellWord(options.directory);
    check += options.labs == LabOptions().labs ? "" : " --labs " + ShellWord(options.labs);
    for (const auto& [name, text] : LabFiles(lab, extends, check))
    {
        WriteFileAtomically(directory / name, text);
    }
    std::cout << lab.title << "\nThe task is in " << (directory / "README.md").string() << "\n";
}

/// Measurements of one scenario with the same settings share a run.
class Measurer
{
  public:
    explicit Measurer(const Lab& lab)
        : m_lab(lab)
    {
    }

    double operator()(const LabMeasurement& measurement)
    {
        const auto& path = measurement.scenario.empty() ? m_lab.scenario : measurement.scenario;
        auto [summary, added] = m_summaries.try_emplace({path, measurement.settings});
        if (added)
        {
            const auto scenario = ReadScenarioFile(path, measurement.settings, RegisteredNames());
            summary->second = Json::parse(SummaryText(MakeSummary(RunScenario(scenario))));
        }
        const auto number = NumberAt(summary->second, measurement.at);
        if (!number)
        {
            throw ScenarioError(m_lab.name + "/lab.json: a run of " + path.string() +
                                " measures nothing at " + measurement.at);
        }
        return *number;
    }

  private:
    const Lab& m_lab;
    std::map<std::pair<fs::path, std::vector<std::string>>, Json> m_summaries;
};

/// Run what was handed in, if it keeps to what is given.
void
RunHandedIn(const Lab& lab, const fs::path& path, LabWork& work)
{
    const auto scenario = ReadScenarioFile(path, {}, RegisteredNames());
    const auto given = ReadScenarioFile(lab.scenario, {}, RegisteredNames());
    const auto changes = ForbiddenChanges(
        lab, Json::parse(EffectiveScenario(given)), Json::parse(EffectiveScenario(scenario)));
    if (!changes.empty())
    {
        work.whyNoSummary =
            path.string() + " changes what is given: " + changes.front() +
            (changes.size() > 1 ? ", and " + std::to_string(changes.size() - 1) + " more" : "");
        return;
    }
    try
    {
        work.summary = Json::parse(SummaryText(MakeSummary(RunScenario(scenario))));
    }
    catch (const RunError& error)
    {
        work.whyNoSummary = std::string("its run came to no result: ") + error.what();
    }
}

void
CheckLab(const LabOptions& options)
{
    const auto lab = FindLab(options);
    const auto directory = WorkDirectory(options, lab);
    if (!fs::is_directory(directory))
    {
        throw ScenarioError(
            directory.string() +
            ": expected the directory with what is handed in, found none; etcdlab lab start " +
            lab.name + " makes one");
    }
    LabWork work;
    if (!lab.questions.empty())
    {
        const auto path = directory / "answers.json";
        work.answers = ReadAnswers(lab, ReadPlanFile(path), path);
    }
    if (lab.wantsScenario)
    {
        RunHandedIn(lab, directory / "scenario.json", work);
    }
    Measurer measurer(lab);
    unsigned earned = 0;
    unsigned all = 0;
    std::cout << lab.title << "\n";
    for (const auto& mark : lab.marks)
    {
        const auto verdict = Mark(mark, work, std::ref(measurer));
        earned += verdict.points;
        all += mark.points;
        std::cout << "  " << verdict.points << "/" << mark.points << "  " << mark.what << ": "
                  << verdict.says << "\n";
    }
    std::cout << earned << " of " << all << " points\n";
    if (earned < all)
    {
        throw PointsMissing();
    }
}

} // namespace

void
AddLabCommand(CLI::App& app)
{
    auto options = std::make_shared<LabOptions>();
    auto* command = app.add_subcommand("lab", "Exercises that mark themselves");
    command->require_subcommand(1);
    command->add_option("--labs", options->labs, "directory of the labs [the shipped ones]");
    auto* list = command->add_subcommand("list", "What labs there are");
    list->callback([options] { ListLabs(*options); });
    const auto add = [&](const char* name, const char* what, const char* where) {
        auto* sub = command->add_subcommand(name, what);
        sub->add_option("lab", options->lab, "its number or name")->required();
        sub->add_option("directory", options->directory, where);
        return sub;
    };
    add("start", "Make a directory with a lab's task", "to be made [the lab's name]")
        ->callback([options] { StartLab(*options); });
    auto* check = add(
        "check", "Mark what was handed in", "with answers.json, scenario.json [the lab's name]");
    check->footer("Exit code 0 if all points are earned, 4 if not.");
    check->callback([options] { CheckLab(*options); });
    command->footer("  etcdlab lab list\n"
                    "  etcdlab lab start 1\n"
                    "  etcdlab lab check 1");
}

} // namespace etcdlab
