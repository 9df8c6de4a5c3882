#include "analysis/run-ladder.h"

#include "helper/message-names.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <algorithm>
#include <charconv>

namespace etcdlab
{

LoggedRun
RunLogged(const Scenario& scenario)
{
    RunLog log;
    LoggedRun run{RunScenario(scenario, {.log = &log, .capture = {}}), {}, {}, {}};
    for (const auto& entry : log.messages)
    {
        const auto name = NameMessage(*entry.message);
        run.messages.push_back({log.nodes.at(entry.from),
                                log.nodes.at(entry.to),
                                name.name,
                                entry.bytes,
                                entry.sent,
                                entry.received,
                                name.background});
    }
    run.syncs = std::move(log.syncs);
    run.work = std::move(log.work);
    return run;
}

std::string
CheckRequest(const std::string& text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = error == std::errc() && end == text.data() + text.size() && number > 0;
    return isNumber || text == "first" || text == "slowest"
               ? ""
               : "expected first, slowest, or a request's number, found \"" + text + "\"";
}

const RequestRecord&
ChooseRequest(const std::vector<RequestRecord>& requests,
              const std::string& which,
              const std::string& option)
{
    const auto measured = [](const RequestRecord& request) { return !request.warmup; };
    if (which == "first" || which == "slowest")
    {
        auto chosen = std::find_if(requests.begin(), requests.end(), measured);
        if (chosen == requests.end())
        {
            throw RunError("no request was measured");
        }
        for (auto one = chosen; which == "slowest" && one != requests.end(); ++one)
        {
            if (measured(*one) && one->end - one->start > chosen->end - chosen->start)
            {
                chosen = one;
            }
        }
        return *chosen;
    }
    const auto found =
        std::find_if(requests.begin(), requests.end(), [&which](const auto& request) {
            return std::to_string(request.number) == which;
        });
    if (found == requests.end())
    {
        throw ScenarioError(option + ": there is no number " + which + ", the run has " +
                            std::to_string(requests.size()) + " requests");
    }
    return *found;
}

} // namespace etcdlab
