// Runs of which every message is kept, and one request of them as a ladder.
#pragma once

#include "analysis/pure/ladder.h"
#include "analysis/run-scenario.h"

#include <string>
#include <vector>

namespace etcdlab
{

struct LoggedRun
{
    RunResult result;
    std::vector<LadderMessage> messages; //!< by arrival
    std::vector<LadderSync> syncs;       //!< by end
    std::vector<LadderWork> work;        //!< as it came up
};

/// @throws as RunScenario
LoggedRun RunLogged(const Scenario& scenario);

/// What is wrong with a text that should be "first", "slowest" or a request's number; empty: nothing.
std::string CheckRequest(const std::string& text);

/// The first or the slowest of the measured requests, or that of a number.
/// @param option that said which, for messages
/// @throws RunError if none was measured, ScenarioError if there is no such number
const RequestRecord& ChooseRequest(const std::vector<RequestRecord>& requests,
                                   const std::string& which,
                                   const std::string& option = "--request");

} // namespace etcdlab
