// etcdlab trust: every figure that was measured beside what is simulated.
#include "analysis/commands.h"
#include "analysis/observe.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/trust-page.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct TrustOptions
{
    std::string source = ETCDLAB_SOURCE_DIR;
    std::string output;
    std::uint64_t trials = 1000;
};

std::string
MakePage(const TrustOptions& options)
{
    Observatory observatory(options.source, options.trials);
    const auto observe = [&](const Observation& what) -> const nlohmann::json& {
        return observatory.Observe(what);
    };
    const auto references =
        ReadReferences(std::filesystem::path(options.source) / "test" / "reference");
    return TrustPage(
        references,
        {.reference = [&](const auto& group) { return ReferenceTable(group, observe); },
         .leaderLoss =
             [&](const auto& version) {
                 return LeaderLossTable(observatory.LeaderLosses(version));
             },
         .leadership =
             [&](const auto& version) {
                 std::vector<std::pair<Duration, std::vector<Leadership>>> byRtt;
                 for (const auto rtt : TrustRoundTrips())
                 {
                     byRtt.emplace_back(rtt, observatory.Leaderships(version, rtt));
                 }
                 return LeadershipTable(byRtt);
             }});
}

} // namespace

void
AddTrustCommand(CLI::App& app)
{
    auto options = std::make_shared<TrustOptions>();
    auto* command =
        app.add_subcommand("trust", "Compare every measured figure with what is simulated");
    command->add_option("--source", options->source, "etcdlab's source directory")
        ->check(CLI::ExistingDirectory);
    command->add_option("--output", options->output, "write the page into a file");
    command->add_option("--trials", options->trials, "how often a leader is killed [1000]")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
    command->footer("Prints the page analysis/how-far-to-trust-it.md (Markdown): the figures of "
                    "test/reference\n"
                    "beside the simulated ones, what the death of a leader costs, and at which "
                    "round-trip time\n"
                    "default timers fail. Takes some minutes. To renew the page:\n\n"
                    "  etcdlab trust --output analysis/how-far-to-trust-it.md");
    command->callback([options] {
        const auto page = MakePage(*options);
        if (options->output.empty())
        {
            std::cout << page;
        }
        else
        {
            WriteFileAtomically(options->output, page);
        }
    });
}

} // namespace etcdlab
