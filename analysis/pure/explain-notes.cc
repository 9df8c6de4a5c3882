// What closed forms leave out, said where it matters.
#include "analysis/pure/explain.h"
#include "analysis/pure/message-sizes.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

/// What TCP sends before the first acknowledgement: ten segments (RFC 6928).
constexpr std::uint64_t INITIAL_WINDOW = 14'480;

bool
AnyLink(const Scenario& scenario, bool (*holds)(const LinkConfig&))
{
    const auto links = scenario.AllLinks();
    return std::any_of(
        links.begin(), links.end(), [holds](const auto& link) { return holds(link.second); });
}

bool
SyncTimesVary(const Scenario& scenario)
{
    const auto& members = scenario.topology.members;
    return std::any_of(members.begin(), members.end(), [&](const std::string& member) {
        const DiskConfig& disk = scenario.Member(member).disk;
        return disk.syncMin < disk.syncMax;
    });
}

/// The longest request or answer of any operation, in bytes above TCP.
std::uint64_t
LongestMessage(const WorkloadConfig& workload)
{
    std::uint64_t longest = 0;
    for (const std::string& operation : OperationNames())
    {
        const auto sizes =
            MessageSizes::Of(operation, workload.keySize.bytes, workload.valueSize.bytes);
        longest = std::max({longest, sizes.request, sizes.answer});
    }
    return longest;
}

} // namespace

std::vector<std::string>
ExplainNotes(const Scenario& scenario)
{
    std::vector<std::string> notes;
    const auto add = [&notes](bool applies, const std::string& note) {
        if (applies)
        {
            notes.push_back(note);
        }
    };
    const WorkloadConfig& workload = scenario.workload;
    const auto longest = LongestMessage(workload);
    add(scenario.proxy && scenario.proxy->nagle && scenario.Endpoints() == "proxy",
        "the proxy leaves Nagle's algorithm on: a request that follows one of gRPC's small frames "
        "waits for its acknowledgement, up to a round trip proxy-member more");
    add(AnyLink(scenario, [](const LinkConfig& link) { return link.jitter > Duration{0}; }),
        "links have jitter: the sums have its mean, half its bound, on each way; a single request "
        "takes less or more");
    add(AnyLink(scenario, [](const LinkConfig& link) { return link.loss.value > 0; }),
        "links lose packets: each that has to be sent again costs a round trip or a timeout");
    add(SyncTimesVary(scenario),
        "disks take varying time to sync: the sums have the mean of each, but the quicker ones "
        "complete a quorum");
    add(workload.concurrency > 1 || workload.rate > 0 || scenario.ClientNodes().size() > 1,
        "requests may be in flight together: then they queue for processors, disks and links");
    add(longest > INITIAL_WINDOW,
        "messages are up to " + std::to_string(longest) + " bytes long: TCP sends " +
            std::to_string(INITIAL_WINDOW) +
            " at first, so that longer ones take several round trips");
    return notes;
}

} // namespace etcdlab
