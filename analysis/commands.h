// The commands of etcdlab, one file each. Each adds a subcommand whose callback does the work and throws if
// it cannot; main turns what was thrown into one line and an exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace etcdlab
{

void AddRunCommand(CLI::App& app);
void AddCompareCommand(CLI::App& app);
void AddReportCommand(CLI::App& app);
void AddLadderCommand(CLI::App& app);
void AddExplainCommand(CLI::App& app);
void AddCheckCommand(CLI::App& app);
void AddListCommand(CLI::App& app);
void AddReproduceCommand(CLI::App& app);
void AddSchemaCommand(CLI::App& app);
void AddSwarmCommand(CLI::App& app);
void AddTrustCommand(CLI::App& app);
void AddFitCommand(CLI::App& app);
void AddSweepCommand(CLI::App& app);
void AddSensitivityCommand(CLI::App& app);
void AddExportCommand(CLI::App& app);
void AddMergeCommand(CLI::App& app);
void AddAdviseCommand(CLI::App& app);
void AddLabCommand(CLI::App& app);

/// Thrown by a lab's marker, which has said all there is to say.
struct PointsMissing
{
};

/// What commands that read scenarios have in common: the option --set.
void AddSetOption(CLI::App& command, std::vector<std::string>& settings);

} // namespace etcdlab
