// etcdlab report: results as one page of HTML.
#include "analysis/commands.h"
#include "analysis/pure/report-page.h"
#include "analysis/pure/sweep-page.h"
#include "analysis/pure/text.h"
#include "analysis/registered-names.h"
#include "analysis/run-ladder.h"
#include "analysis/sweep-store.h"
#include "helper/scenario/read-scenario.h"

#include <algorithm>
#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;

struct ReportOptions
{
    std::vector<std::string> results;
    std::string file = "report.html";
    std::string ladder;
};

/// Prometheus' page as rows of a table, from targets.json.
std::vector<std::vector<std::string>>
ReadTargets(const fs::path& path)
{
    nlohmann::ordered_json json;
    try
    {
        json = nlohmann::ordered_json::parse(ReadResultFile(path));
    }
    catch (const nlohmann::json::exception& error)
    {
        throw ResultError(path, error.what());
    }
    std::vector<std::vector<std::string>> rows = {
        {"endpoint", "state", "last scrape, s", "duration, s", "error"}};
    const auto number = [](const JsonNode& node) {
        return node.IsNull() ? "-" : TrimmedNumber(node.Number(), 3);
    };
    for (const auto& target : JsonNode(json, "", path).Elements())
    {
        rows.push_back({target.At("endpoint").Text(),
                        target.At("state").Text(),
                        number(target.At("last_scrape")),
                        number(target.At("scrape_duration")),
                        target.At("error").Text()});
    }
    return rows;
}

/// What was measured of a scenario as it is shipped.
std::vector<ReferenceGroup>
MeasuredOf(Scenario scenario)
{
    const fs::path source = ETCDLAB_SOURCE_DIR;
    const auto shipped = source / "scenarios" / (scenario.name + ".json");
    if (!fs::exists(shipped) || !fs::exists(source / "test/reference"))
    {
        return {};
    }
    const auto original = ReadScenarioFile(shipped.string(), {}, RegisteredNames());
    scenario.seed = original.seed;
    if (scenario != original)
    {
        return {};
    }
    std::vector<ReferenceGroup> groups;
    for (const auto& reference : ReadReferences(source / "test/reference"))
    {
        for (auto group : reference.groups)
        {
            std::erase_if(group.figures, [&scenario](const ReferenceFigure& figure) {
                return figure.run != Observation{"run", scenario.name, {}} ||
                       !figure.less.scenario.empty() || figure.measured.size() != 1;
            });
            if (!group.figures.empty())
            {
                groups.push_back(std::move(group));
            }
        }
    }
    return groups;
}

ReportedRun
ReadRun(const fs::path& result)
{
    ReportedRun run;
    run.summary = ReadSummary(result);
    const auto directory = fs::is_directory(result) ? result : fs::absolute(result).parent_path();
    const auto there = [&directory](const char* file) { return fs::exists(directory / file); };
    if (there("scenario.json"))
    {
        run.scenario =
            ReadScenarioFile((directory / "scenario.json").string(), {}, RegisteredNames());
        run.references = MeasuredOf(*run.scenario);
    }
    if (there("requests.csv"))
    {
        const auto path = directory / "requests.csv";
        run.requests = ParseRequests(ReadResultFile(path), path);
    }
    if (there("pods.csv"))
    {
        const auto path = directory / "pods.csv";
        run.pods = ParsePods(ReadResultFile(path), path);
    }
    if (there("targets.json"))
    {
        run.targets = ReadTargets(directory / "targets.json");
    }
    if (there("metrics.om"))
    {
        const auto path = directory / "metrics.om";
        run.walBytes = ParseMetric(ReadResultFile(path), "etcd_disk_wal_write_bytes_total", path);
    }
    return run;
}

/// Results do not keep messages: the run is made again, which gives the same with the same version.
std::string
LadderOf(const ReportedRun& run, const std::string& result, const std::string& which)
{
    if (!run.scenario || run.summary.facts.version != ETCDLAB_VERSION)
    {
        throw ScenarioError(
            result +
            ": --ladder makes the run again: expected a scenario.json and results of "
            "version " ETCDLAB_VERSION ", found " +
            (run.scenario ? "version " + run.summary.facts.version : "no scenario.json"));
    }
    const auto logged = RunLogged(*run.scenario);
    if (MakeSummary(logged.result) != run.summary)
    {
        throw ScenarioError(result + ": --ladder makes the run again: its scenario.json gives "
                                     "another result than its summary.json says");
    }
    const auto& request = ChooseRequest(logged.result.requests, which, "--ladder");
    return LadderSvg(MakeLadder(
        request, logged.result.requests, run.scenario->Nodes(), logged.messages, logged.syncs));
}

/// A sweep's database, not a run's results.
bool
IsSweep(const fs::path& result)
{
    constexpr std::string_view SQLITE = "SQLite format 3"; // and a zero
    return fs::is_regular_file(result) && ReadResultFile(result).substr(0, SQLITE.size()) == SQLITE;
}

void
WriteReport(const ReportOptions& options)
{
    if (std::any_of(options.results.begin(), options.results.end(), IsSweep))
    {
        if (options.results.size() > 1)
        {
            throw ScenarioError("a report is of one sweep, or of runs: found " +
                                std::to_string(options.results.size()) +
                                " results, with a sweep among them");
        }
        if (!options.ladder.empty())
        {
            throw ScenarioError("--ladder: expected results of runs, found a sweep");
        }
        WriteFileAtomically(options.file, SweepPage(ReadReportedSweep(options.results.front())));
        std::cout << "Report: " << options.file << "\n";
        return;
    }
    std::vector<ReportedRun> runs;
    for (const auto& result : options.results)
    {
        runs.push_back(ReadRun(result));
        if (!options.ladder.empty())
        {
            runs.back().ladder = LadderOf(runs.back(), result, options.ladder);
        }
    }
    WriteFileAtomically(options.file, ReportPage(runs));
    std::cout << "Report: " << options.file << "\n";
}

} // namespace

void
AddReportCommand(CLI::App& app)
{
    auto options = std::make_shared<ReportOptions>();
    auto* command = app.add_subcommand("report", "Results as one page of HTML, no network needed");
    command
        ->add_option("results",
                     options->results,
                     "result directories, or their summary.json; or the file of a sweep")
        ->required()
        ->check(CLI::ExistingPath)
        ->expected(1, 100);
    command->add_option("-o,--out", options->file, "the page [report.html]");
    command
        ->add_option("--ladder",
                     options->ladder,
                     "of each run a request message by message: first, slowest, or a number [none]")
        ->check(CheckRequest);
    command->footer("  etcdlab report results/baseline results/optimised --out report.html\n"
                    "  etcdlab report results/leader-or-proxy.db");
    command->callback([options] { WriteReport(*options); });
}

} // namespace etcdlab
