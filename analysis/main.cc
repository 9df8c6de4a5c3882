// etcdlab: a network simulation of an API server and its external etcd cluster.
#include "analysis/commands.h"
#include "analysis/pure/summary.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <iostream>

namespace
{

/// Exit codes: 0 all well; 1 something failed that was asked for correctly; 2 it was asked for wrongly;
/// 3 a promise of the protocol's was broken, which is a defect of etcdlab's or a discovery; 4 a lab lacks points.
constexpr int FAILED = 1;
constexpr int WRONG_INPUT = 2;
constexpr int VIOLATED = 3;
constexpr int POINTS_MISSING = 4;

int
Complain(const std::exception& error, int code)
{
    std::cerr << "etcdlab: " << error.what() << "\n";
    return code;
}

/// Do what the arguments say; returns the exit code.
int
Execute(int argc, char** argv)
{
    using namespace etcdlab;
    CLI::App app("etcdlab simulates an etcd cluster under a Kubernetes API server, packet by "
                 "packet on ns-3, "
                 "and\nshows what a request costs where.",
                 "etcdlab");
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Print the help of all commands");
    app.set_version_flag("--version", std::string("etcdlab ") + ETCDLAB_VERSION);
    app.footer("Start here:\n"
               "  etcdlab reproduce                          the thesis' comparison as a table\n"
               "  etcdlab explain scenarios/baseline.json    where its milliseconds come from\n"
               "  etcdlab run scenarios/baseline.json --set links.api-e1.rtt=20ms\n"
               "                                             what if e1 were 20 ms away?\n"
               "  etcdlab COMMAND --help                     more about one command");
    AddReproduceCommand(app);
    AddRunCommand(app);
    AddCompareCommand(app);
    AddAdviseCommand(app);
    AddReportCommand(app);
    AddLadderCommand(app);
    AddExplainCommand(app);
    AddSwarmCommand(app);
    AddCheckCommand(app);
    AddListCommand(app);
    AddSchemaCommand(app);
    AddTrustCommand(app);
    AddFitCommand(app);
    AddSweepCommand(app);
    AddSensitivityCommand(app);
    AddExportCommand(app);
    AddMergeCommand(app);
    AddLabCommand(app);
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        if (error.get_exit_code() == 0)
        {
            return app.exit(error); // --help, --version
        }
        std::cerr << "etcdlab: " << error.what() << " (see etcdlab --help)\n";
        return WRONG_INPUT;
    }
    catch (const ScenarioError& error)
    {
        std::cerr << error.what() << "\n"; // begins with the file's name
        return WRONG_INPUT;
    }
    catch (const PointsMissing&)
    {
        return POINTS_MISSING;
    }
    catch (const Violation& error)
    {
        return Complain(error, VIOLATED);
    }
    catch (const std::exception& error)
    {
        return Complain(error, FAILED);
    }
    return 0;
}

} // namespace

int
main(int argc, char** argv)
{
    const int code = Execute(argc, argv);
    if (!std::cout.flush() && code == 0)
    {
        return Complain(std::runtime_error("standard output cannot be written"), FAILED);
    }
    return code;
}
