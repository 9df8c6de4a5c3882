// etcdlab advise: which of several clusters to build.
#include "analysis/commands.h"
#include "analysis/pure/advice-plan.h"
#include "analysis/pure/advice.h"
#include "analysis/pure/closed-form.h"
#include "analysis/pure/plan-reader.h"
#include "analysis/pure/rtt-matrix.h"
#include "analysis/pure/scenario-form.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "analysis/worker-pool.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"
#include "model/base/nearest.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <thread>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

struct AdviseOptions
{
    std::string input; //!< a plan, or a matrix
    std::string apiServer;
    std::size_t members = 3;
    std::vector<std::string> settings;
    AdviceQuestion question;
    std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
};

/// A cluster that could be built.
struct Alternative
{
    std::string name;
    std::map<std::string, std::string> sites; //!< by member, if it came from a matrix
    Scenario scenario;
};

std::vector<Alternative>
AlternativesOfPlan(const AdviseOptions& options)
{
    const auto plan = ReadAdvicePlan(ReadPlanFile(options.input), options.input);
    std::vector<Alternative> alternatives;
    for (std::size_t i = 0; i < plan.points.size(); ++i)
    {
        auto settings = plan.points[i].settings;
        settings.insert(settings.end(), options.settings.begin(), options.settings.end());
        try
        {
            alternatives.push_back({plan.DescribePoint(i),
                                    {},
                                    ReadScenarioFile(plan.scenario, settings, RegisteredNames())});
        }
        catch (const ScenarioError& error)
        {
            throw ScenarioError("choice " + std::to_string(i) + " (" + plan.DescribePoint(i) +
                                "): " + error.what());
        }
    }
    return alternatives;
}

std::vector<Alternative>
AlternativesOfMatrix(const AdviseOptions& options)
{
    const auto matrix = ReadRttMatrix(ReadPlanFile(options.input), options.input);
    const auto& sites = matrix.sites;
    const auto api = options.apiServer.empty()
                         ? sites.begin()
                         : std::find(sites.begin(), sites.end(), options.apiServer);
    if (api == sites.end())
    {
        throw ScenarioError("--api-server: " + UnknownName(options.apiServer, sites));
    }
    std::vector<Alternative> alternatives;
    try
    {
        for (auto& placement :
             MakePlacements(matrix, static_cast<std::size_t>(api - sites.begin()), options.members))
        {
            alternatives.push_back(
                {placement.name,
                 placement.sites,
                 ReadScenarioText(
                     placement.scenario, "placement", options.settings, RegisteredNames())});
        }
    }
    catch (const std::invalid_argument& error)
    {
        throw ScenarioError(options.input + ": " + error.what());
    }
    return alternatives;
}

/// Nothing if there is no closed form of such a scenario.
std::optional<double>
ClosedFormMean(const Scenario& scenario, const std::string& operation)
{
    try
    {
        return MakeScenarioForm(scenario).MeanMilliseconds(operation);
    }
    catch (const std::invalid_argument&)
    {
        return std::nullopt;
    }
}

/// For advice on latencies and outages.
void
CheckAlternatives(const std::vector<Alternative>& alternatives, const AdviseOptions& options)
{
    for (const auto& alternative : alternatives)
    {
        if (alternative.scenario.kubernetes)
        {
            throw ScenarioError(options.input + ": " + alternative.name +
                                ": expected a scenario with a workload, found one with a "
                                "Kubernetes cluster, whose installs have no latency to rank by");
        }
        if (!alternative.scenario.faults.empty() || alternative.scenario.randomFaults)
        {
            throw ScenarioError(options.input + ": " + alternative.name +
                                ": expected a scenario without faults: advise makes its own");
        }
    }
}

/// How a loss is tried: requests at a steady rate, a kill -9 after a while, and a restart.
constexpr auto LOSS_AT = 5s;
constexpr auto LOSS_FOR = 20s;
constexpr std::uint64_t LOSS_RATE = 20;

/// Four times as many as the loss, or the election that follows, can hold up: what is an outage is told by the median request.
std::uint64_t
LossRequests(Duration electionTimeout)
{
    const auto held = std::max<Duration>(LOSS_FOR, 2 * electionTimeout) + LOSS_AT;
    return LOSS_RATE * 4 *
           static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(held).count());
}

Scenario
LossScenario(Scenario scenario, const std::string& process)
{
    scenario.workload.rate = LOSS_RATE;
    scenario.workload.count = LossRequests(scenario.member.electionTimeout);
    scenario.workload.warmup = 0;
    FaultConfig crash;
    crash.type = "crash";
    crash.target = process;
    crash.at = LOSS_AT;
    crash.duration = LOSS_FOR;
    scenario.faults = {crash};
    return scenario;
}

std::vector<std::string>
ProcessesOf(const Scenario& scenario)
{
    auto processes = scenario.topology.members;
    for (const auto& node : scenario.ProxyNodes())
    {
        processes.push_back(PROXY_PREFIX + node);
    }
    return processes;
}

/// One run: a replication, or a loss.
struct Trial
{
    std::size_t alternative = 0;
    std::uint64_t replication = 0;
    std::string process; //!< that is lost; empty: none
};

std::vector<Trial>
TrialsOf(const std::vector<Alternative>& alternatives,
         const std::vector<std::size_t>& shortlist,
         std::size_t replications)
{
    std::vector<Trial> trials;
    for (const std::size_t i : shortlist)
    {
        for (std::uint64_t r = 0; r < replications; ++r)
        {
            trials.push_back({i, r, ""});
        }
        for (const auto& process : ProcessesOf(alternatives[i].scenario))
        {
            trials.push_back({i, 0, process});
        }
    }
    return trials;
}

double
LongestSeconds(const std::vector<Window>& windows)
{
    double longest = 0;
    for (const auto& window : windows)
    {
        longest = std::max(longest, ToSeconds(window.end - window.start));
    }
    return longest;
}

/// @return JSON: {"mean", "p99"} in ms, {"unavailable_s"}, or {"failure"}, perhaps with {"violated"}
std::string
RunTrial(Scenario scenario, const Trial& trial, const std::string& operation)
{
    scenario.transport = "message";
    scenario.seed += trial.replication;
    try
    {
        if (!trial.process.empty())
        {
            const auto summary = MakeSummary(RunScenario(LossScenario(scenario, trial.process)));
            const auto& outcomes = summary.facts.outcomes.value();
            const bool read = operation.ends_with("_range") && operation != "delete_range";
            return nlohmann::json{
                {"unavailable_s", LongestSeconds((read ? outcomes.all : outcomes.writes).windows)}}
                .dump();
        }
        const auto summary = MakeSummary(RunScenario(scenario));
        const auto found = summary.latency.find(operation);
        if (found == summary.latency.end())
        {
            throw RunError("no " + operation + " succeeded");
        }
        const auto& latency = found->second.at(ALL_MEMBERS);
        return nlohmann::json{{"mean", latency.mean}, {"p99", latency.p99}}.dump();
    }
    catch (const Violation& violation)
    {
        return nlohmann::json{{"failure", violation.what()}, {"violated", true}}.dump();
    }
    catch (const std::exception& error)
    {
        return nlohmann::json{{"failure", error.what()}}.dump();
    }
}

/// Put a run's figures where they belong.
void
Take(Choice& choice, const Alternative& alternative, const Trial& trial, const TaskResult& result)
{
    const auto json = result.failure.empty() ? nlohmann::json::parse(result.output)
                                             : nlohmann::json{{"failure", result.failure}};
    if (json.contains("failure"))
    {
        choice.violated = choice.violated || json.contains("violated");
        if (choice.failure.empty())
        {
            choice.failure = (trial.process.empty() ? "" : "loss of " + trial.process + ": ") +
                             json["failure"].get<std::string>();
        }
    }
    else if (trial.process.empty())
    {
        choice.means.push_back(json["mean"]);
        choice.p99s.push_back(json["p99"]);
    }
    else
    {
        const auto site = alternative.sites.find(trial.process);
        choice.losses.push_back(
            {trial.process + (site == alternative.sites.end() ? "" : " (" + site->second + ")"),
             json["unavailable_s"]});
    }
}

std::vector<Choice>
Simulate(const std::vector<Alternative>& alternatives,
         const std::vector<std::optional<double>>& closedForms,
         const std::vector<std::size_t>& shortlist,
         const AdviseOptions& options)
{
    std::map<std::size_t, Choice> choices;
    for (const std::size_t i : shortlist)
    {
        choices[i].name = alternatives[i].name;
        choices[i].closedForm = closedForms[i];
    }
    const auto trials = TrialsOf(alternatives, shortlist, options.question.replications);
    constexpr unsigned SECONDS_EACH = 600;
    RunInProcesses(
        trials.size(),
        options.jobs,
        {.seconds = SECONDS_EACH, .silent = true},
        [&](std::size_t task) {
            const auto& trial = trials[task];
            return RunTrial(
                alternatives[trial.alternative].scenario, trial, options.question.operation);
        },
        [&](std::size_t task, const TaskResult& result) {
            const auto& trial = trials[task];
            Take(choices[trial.alternative], alternatives[trial.alternative], trial, result);
            return true;
        });
    std::vector<Choice> list;
    for (auto& [index, choice] : choices)
    {
        list.push_back(std::move(choice));
    }
    return list;
}

/// The least of those that are not on the shortlist.
std::optional<double>
LeastAside(const std::vector<std::optional<double>>& closedForms,
           const std::vector<std::size_t>& shortlist)
{
    std::optional<double> least;
    for (std::size_t i = 0; i < closedForms.size(); ++i)
    {
        if (!std::binary_search(shortlist.begin(), shortlist.end(), i) &&
            (!least || *closedForms[i] < *least))
        {
            least = closedForms[i];
        }
    }
    return least;
}

void
Advise(const AdviseOptions& options)
{
    const auto operations = OperationNames();
    if (std::find(operations.begin(), operations.end(), options.question.operation) ==
        operations.end())
    {
        throw ScenarioError("--operation: " + UnknownName(options.question.operation, operations));
    }
    const auto alternatives = std::filesystem::path(options.input).extension() == ".csv"
                                  ? AlternativesOfMatrix(options)
                                  : AlternativesOfPlan(options);
    CheckAlternatives(alternatives, options);
    std::vector<std::optional<double>> closedForms;
    for (const auto& alternative : alternatives)
    {
        closedForms.push_back(ClosedFormMean(alternative.scenario, options.question.operation));
    }
    const auto shortlist = Shortlist(closedForms, options.question.keep);
    const auto choices = Simulate(alternatives, closedForms, shortlist, options);
    std::cout << AdviceText(
        choices, options.question, alternatives.size(), LeastAside(closedForms, shortlist));
    if (std::any_of(
            choices.begin(), choices.end(), [](const Choice& choice) { return choice.violated; }))
    {
        throw Violation("a choice broke a promise");
    }
    if (std::any_of(choices.begin(), choices.end(), [](const Choice& choice) {
            return !choice.failure.empty();
        }))
    {
        throw RunError("not every choice could be judged");
    }
}

} // namespace

void
AddAdviseCommand(CLI::App& app)
{
    auto options = std::make_shared<AdviseOptions>();
    auto* command = app.add_subcommand(
        "advise",
        "Which of several clusters to build: by latency, and by outage when it loses a process");
    command
        ->add_option("input",
                     options->input,
                     "a plan of choices (JSON), or round-trip times between sites (.csv)")
        ->required();
    command->add_option("--members", options->members, "of a matrix: members to place [3]")
        ->check(CLI::Range(1, 9));
    command->add_option(
        "--api-server", options->apiServer, "of a matrix: the API server's site [the first]");
    command->add_option("--operation", options->question.operation, "whose latency counts [put]");
    command->add_option("-k,--keep", options->question.keep, "choices to simulate [10]")
        ->check(CLI::Range(1, 10'000));
    command
        ->add_option("-n,--replications",
                     options->question.replications,
                     "runs of each, with consecutive seeds [5]")
        ->check(CLI::Range(1, 10'000));
    AddSetOption(*command, options->settings);
    command->add_option("-j,--jobs", options->jobs, "runs at a time [one for each core]")
        ->check(CLI::Range(1, 1024));
    command->footer(
        "The closed form chooses whom to simulate, by mean latency; the transport is \"message\". "
        "A loss is\n"
        "a kill -9 of one process 5 s into 20 requests a second, and a restart 20 s later; an "
        "outage the longest\n"
        "time in which no write is answered (if a read's latency counts: no request). A plan has a "
        "scenario and\n"
        "axes, as a sweep's.\n\n"
        "  etcdlab advise scenarios/plans/where-to-lead.json\n"
        "  etcdlab advise scenarios/plans/regions.csv --members 3 --api-server frankfurt");
    command->callback([options] { Advise(*options); });
}

} // namespace etcdlab
