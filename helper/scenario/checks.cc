#include "helper/scenario/checks.h"

#include "model/base/contains.h"
#include "model/base/routes.h"
#include "model/etcd/pure/limits.h"
#include "model/etcd/pure/replay-log.h"
#include "model/etcd/pure/wire-size.h"
#include "model/fault/fault-checks.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

namespace etcdlab
{

namespace
{

/// embed/config.go: maxElectionMs
constexpr Duration MAX_ELECTION_TIMEOUT = std::chrono::seconds(50);

bool
IsNodeName(const std::string& name)
{
    constexpr std::size_t LONGEST = 63; // as in DNS
    const auto isAlnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto isInner = [&](char c) { return isAlnum(c) || c == '-' || c == '_'; };
    return !name.empty() && name.size() <= LONGEST && isAlnum(name.front()) &&
           isAlnum(name.back()) && std::all_of(name.begin(), name.end(), isInner);
}

/// The checks of one scenario.
class Checker
{
  public:
    Checker(const Scenario& scenario, const Document& document)
        : m_scenario(scenario),
          m_document(document)
    {
    }

    void Check() const
    {
        CheckName();
        CheckDefaultLink();
        CheckReachable();
        CheckLeader();
        CheckMember(m_scenario.member, "/member");
        for (const auto& [name, member] : m_scenario.memberOverrides)
        {
            CheckMember(member, Below("/member_overrides", name));
        }
        if (m_scenario.proxy)
        {
            CheckTargets(*m_scenario.proxy);
            CheckListen(*m_scenario.proxy);
        }
        CheckPrometheus();
        CheckReleases();
        CheckClient();
        CheckWorkload();
        CheckFaults();
    }

  private:
    void CheckName() const
    {
        const auto isBad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '/'; };
        const auto& name = m_scenario.name;
        if (name.empty() || name == "." || name == ".." ||
            std::any_of(name.begin(), name.end(), isBad))
        {
            Fail("/name",
                 "expected a name without slashes and control characters, not \".\" or \"..\", "
                 "found " +
                     Quoted(name)); // results go to a directory of this name
        }
    }

    void CheckDefaultLink() const
    {
        if (m_scenario.defaultLink && m_scenario.defaultLink->returnDelay)
        {
            Fail("/default_link/return_delay",
                 "a default link has the same delay both ways: name the link under links");
        }
    }

    void CheckReachable() const
    {
        std::map<NodePair, Duration> delays;
        for (const auto& [pair, link] : m_scenario.AllLinks())
        {
            delays[pair] = link.MeanDelay();
        }
        const auto unreachable = Routes(m_scenario.Nodes(), delays).Unreachable();
        if (!unreachable.empty())
        {
            const auto& [a, b] = unreachable.front();
            Fail("/links",
                 "no way between " + a + " and " + b +
                     ": give a link between them or over other nodes, or a default_link");
        }
    }

    void CheckLeader() const
    {
        if (!m_scenario.leader.empty() && !Contains(Members(), m_scenario.leader))
        {
            Fail("/leader", Unknown("member", m_scenario.leader, Members()));
        }
    }

    void CheckMember(const MemberConfig& member, const std::string& at) const
    {
        using std::chrono::milliseconds;
        const auto election = Below(at, "election_timeout");
        for (const auto& [interval, key] :
             {std::pair{member.heartbeatInterval, "heartbeat_interval"},
              std::pair{member.electionTimeout, "election_timeout"}})
        {
            if (interval % milliseconds(1) != Duration::zero())
            {
                Fail(Below(at, key),
                     "etcd counts it in whole milliseconds, found " + Format(interval));
            }
        }
        if (member.electionTimeout < 5 * member.heartbeatInterval)
        {
            const bool blameHeartbeat = !m_document.places.contains(election) &&
                                        m_document.places.contains(Below(at, "heartbeat_interval"));
            Fail(blameHeartbeat ? Below(at, "heartbeat_interval") : election,
                 "etcd refuses an election timeout (" + Format(member.electionTimeout) +
                     ") below 5 heartbeat intervals (" + Format(member.heartbeatInterval) + ")");
        }
        if (member.electionTimeout > MAX_ELECTION_TIMEOUT)
        {
            Fail(election,
                 "etcd refuses an election timeout above " + Format(MAX_ELECTION_TIMEOUT) +
                     ", found " + Format(member.electionTimeout));
        }
        if (member.clientPort == ETCD_PEER_PORT)
        {
            Fail(Below(at, "client_port"),
                 "members listen to each other at port " + std::to_string(ETCD_PEER_PORT) +
                     ": expected another port");
        }
        if (member.metricsPort == ETCD_PEER_PORT || member.metricsPort == member.clientPort)
        {
            Fail(Below(at, "metrics_port"),
                 "the member listens to " +
                     std::string(member.metricsPort == ETCD_PEER_PORT ? "the others" : "clients") +
                     " at port " + std::to_string(member.metricsPort) + ": expected another port");
        }
        if (member.disk.syncMin > member.disk.syncMax)
        {
            const auto disk = Below(at, "disk");
            const bool given = m_document.places.contains(Below(disk, "sync_min"));
            Fail(Below(disk, given ? "sync_min" : "sync_max"),
                 "sync_min (" + Format(member.disk.syncMin) + ") is above sync_max (" +
                     Format(member.disk.syncMax) + ")");
        }
    }

    void CheckTargets(const ProxyConfig& proxy) const
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < proxy.targets.size(); ++i)
        {
            const auto at = Below("/proxy/targets", std::to_string(i));
            if (!Contains(Members(), proxy.targets[i]))
            {
                Fail(at, Unknown("member", proxy.targets[i], Members()));
            }
            if (!seen.insert(proxy.targets[i]).second)
            {
                Fail(at, "target " + proxy.targets[i] + " is given twice");
            }
        }
        const auto& targets = proxy.targets.empty() ? Members() : proxy.targets;
        for (const auto& target : targets)
        {
            const auto port = m_scenario.Member(target).clientPort;
            if (port != proxy.targetPort)
            {
                Fail("/proxy/target_port",
                     "member " + target + " listens for clients at port " + std::to_string(port) +
                         " (its client_port), found " + std::to_string(proxy.targetPort));
            }
        }
        CheckPinned("/proxy/pinned_target",
                    proxy.pinnedTarget,
                    "target",
                    targets,
                    "target_policy",
                    proxy.targetPolicy);
    }

    /// What is pinned must be there, and only a policy that pins takes it.
    void CheckPinned(const std::string& at,
                     const std::string& pinned,
                     const std::string& kind,
                     const std::vector<std::string>& names,
                     const std::string& policyKey,
                     const std::string& policy) const
    {
        if (pinned.empty())
        {
            return;
        }
        if (policy != "pinned")
        {
            Fail(at,
                 "means nothing with " + policyKey + " \"" + policy +
                     "\": expected \"pinned\" there");
        }
        if (!Contains(names, pinned))
        {
            Fail(at, Unknown(kind, pinned, names));
        }
    }

    void CheckListen(const ProxyConfig& proxy) const
    {
        const auto nodes = m_scenario.Nodes();
        const bool local = proxy.listenAddress == "localhost";
        if (!local && !Contains(nodes, proxy.listenAddress))
        {
            auto known = nodes;
            known.insert(known.begin(), "localhost");
            Fail("/proxy/listen_address", Unknown("node", proxy.listenAddress, known));
        }
        const auto on = local ? m_scenario.ClientNodes() : std::vector{proxy.listenAddress};
        for (const auto& node : on)
        {
            if (Contains(Members(), node) &&
                (proxy.listenPort == m_scenario.Member(node).clientPort ||
                 proxy.listenPort == m_scenario.Member(node).metricsPort ||
                 proxy.listenPort == ETCD_PEER_PORT))
            {
                Fail("/proxy/listen_port",
                     "member " + node + " listens at port " + std::to_string(proxy.listenPort) +
                         " of the same node: expected another port");
            }
        }
    }

    void CheckPrometheus() const
    {
        const auto& prometheus = m_scenario.prometheus;
        if (!prometheus)
        {
            return;
        }
        const auto& node = prometheus->node;
        if (!IsNodeName(node) || node == "localhost" || node == "all")
        {
            Fail("/prometheus/node",
                 "expected a node's name of up to 63 letters, digits, \"-\" and \"_\", found " +
                     Quoted(node));
        }
        if (prometheus->scrapeTimeout > prometheus->scrapeInterval)
        {
            // config/config.go: Load refuses it, too
            Fail("/prometheus/scrape_timeout",
                 "is above the scrape interval (" + Format(prometheus->scrapeInterval) +
                     "), found " + Format(prometheus->scrapeTimeout));
        }
        CheckOnce("/prometheus/drop", prometheus->drop, "");
        const bool member = Contains(Members(), node);
        const auto taken = member ? m_scenario.Member(node).metricsPort : 0;
        if (taken == PROMETHEUS_PORT ||
            (member && m_scenario.Member(node).clientPort == PROMETHEUS_PORT))
        {
            Fail("/prometheus/node",
                 "Prometheus and member " + node + " both listen at port " +
                     std::to_string(PROMETHEUS_PORT) + " of this node: expected another node");
        }
    }

    void CheckReleases() const
    {
        if (m_scenario.kubernetes)
        {
            CheckOnce("/kubernetes/releases", m_scenario.kubernetes->releases, "release ");
        }
    }

    /// @param kind what stands in a list, with a blank; or nothing
    void CheckOnce(const std::string& at,
                   const std::vector<std::string>& list,
                   const std::string& kind) const
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < list.size(); ++i)
        {
            if (!seen.insert(list[i]).second)
            {
                Fail(Below(at, std::to_string(i)), kind + Quoted(list[i]) + " is given twice");
            }
        }
    }

    void CheckClient() const
    {
        const auto& client = m_scenario.client;
        if (client.endpoints == "local" && !m_scenario.topology.apiServers.empty())
        {
            Fail("/client/endpoints",
                 "\"local\" needs a member on each client's node, as topology \"stacked\" has; " +
                     m_scenario.topology.apiServers.front() + " has none");
        }
        if (client.endpoints == "proxy" && !m_scenario.proxy)
        {
            Fail("/client/endpoints", "\"proxy\" needs a proxy: the scenario has none");
        }
        CheckPinned("/client/pinned_endpoint",
                    client.pinnedEndpoint,
                    "member",
                    Members(),
                    "balancer",
                    client.balancer);
        if (!client.pinnedEndpoint.empty() && m_scenario.Endpoints() != "all")
        {
            Fail("/client/pinned_endpoint",
                 "there is nothing to choose: the only endpoint is " +
                     std::string(m_scenario.Endpoints() == "proxy" ? "the proxy"
                                                                   : "the local member"));
        }
    }

    void CheckWorkload() const
    {
        const auto& w = m_scenario.workload;
        if (w.type == "replay")
        {
            CheckLog(w);
            return;
        }
        if (w.type == "kubernetes" && w.get + w.list + w.update + w.create + w.remove <= 0)
        {
            Fail("/workload",
                 "all weights are zero: expected at least one of get, list, update, create, delete "
                 "above zero");
        }
        if (w.put + w.linearizableRange + w.serializableRange + w.deleteRange + w.txn <= 0)
        {
            Fail("/workload",
                 "all weights are zero: expected at least one of put, linearizable_range, "
                 "serializable_range, delete_range, txn above zero");
        }
        if (w.rate > 0 && w.concurrency != 1)
        {
            Fail("/workload/concurrency",
                 "means nothing with a rate, which does not wait for answers: expected one of them "
                 "(--set workload.concurrency=1 takes this one back)");
        }
        // A key is a slash and its number (WorkloadMix).
        const auto shortest = 1 + std::to_string(w.keys - 1).size();
        if (w.keySize.bytes < shortest)
        {
            Fail("/workload/key_size",
                 std::to_string(w.keys) + " distinct keys need at least " +
                     std::to_string(shortest) + "B each, found " + Format(w.keySize));
        }
        CheckRequestSize(w);
    }

    void CheckLog(const WorkloadConfig& w) const
    {
        if (w.log.empty())
        {
            Fail("/workload", "a replay needs log: the file with the requests");
        }
        try
        {
            ReadReplayLogFile(w.log);
        }
        catch (const ReplayLogError& e)
        {
            Fail("/workload/log", e.what());
        }
    }

    void CheckFaults() const
    {
        const auto scope = m_scenario.Faultable();
        for (std::size_t i = 0; i < m_scenario.faults.size(); ++i)
        {
            Report(CheckFault(m_scenario.faults[i], scope), Below("/faults", std::to_string(i)));
        }
        if (const auto late = CheckOrder(m_scenario.faults, scope))
        {
            Report(late->second, Below("/faults", std::to_string(late->first)));
        }
        if (m_scenario.randomFaults)
        {
            Report(
                CheckRandomFaults(*m_scenario.randomFaults, ScopeAfter(m_scenario.faults, scope)),
                "/random_faults");
        }
    }

    void Report(const std::optional<FaultProblem>& problem, const std::string& at) const
    {
        if (problem)
        {
            Fail(problem->key.empty() ? at : at + "/" + problem->key, problem->message);
        }
    }

    /// Writes that etcd would refuse one by one (v3_server.go: processInternalRaftRequestOnce). Only
    /// those with a value can be that large.
    void CheckRequestSize(const WorkloadConfig& w) const
    {
        const PutRequest put{std::string(w.keySize.bytes, 'k'),
                             {static_cast<std::uint32_t>(w.valueSize.bytes), 0},
                             0};
        RangeRequest range;
        range.key = put.key;
        constexpr auto LATEST = std::numeric_limits<Revision>::max();
        const TxnRequest txn{{Compare{put.key, LATEST}}, {put}, {range}};
        for (const auto& [weight, kind, request] :
             {std::tuple{w.put, "put", Request{put}}, std::tuple{w.txn, "txn", Request{txn}}})
        {
            const auto bytes = ProposalBytes(request, std::numeric_limits<std::uint64_t>::max());
            if (weight > 0 && bytes > MAX_REQUEST_BYTES)
            {
                Fail("/workload/value_size",
                     "a " + std::string(kind) + " of " + Format(w.valueSize) + " takes up to " +
                         std::to_string(bytes) +
                         " bytes with its key, and etcd refuses requests "
                         "above " +
                         std::to_string(MAX_REQUEST_BYTES) + " (1.5 MiB)");
            }
        }
    }

    const std::vector<std::string>& Members() const
    {
        return m_scenario.topology.members;
    }

    [[noreturn]] void Fail(std::string_view pointer, const std::string& message) const
    {
        m_document.Fail(pointer, message);
    }

    const Scenario& m_scenario;
    const Document& m_document;
};

} // namespace

void
CheckNodes(const TopologyConfig& topology, const Document& document)
{
    std::map<std::string, std::string> seen;
    for (const auto& [names, key, kind] :
         {std::tuple{&topology.members, "members", "member"},
          std::tuple{&topology.joining, "joining", "member"},
          std::tuple{&topology.apiServers, "api_servers", "API server"}})
    {
        for (std::size_t i = 0; i < names->size(); ++i)
        {
            const auto& name = (*names)[i];
            const auto at = Below(Below("/topology", key), std::to_string(i));
            if (!IsNodeName(name))
            {
                document.Fail(
                    at,
                    "expected a node's name of up to 63 letters, digits, \"-\" and \"_\", "
                    "found " +
                        Quoted(name));
            }
            if (name == "localhost" || name == "all")
            {
                document.Fail(
                    at, "no node can be called " + Quoted(name) + ": it means something else");
            }
            if (std::string(kind) == "member" && (name == LEADER_TARGET || IsProxyTarget(name)))
            {
                document.Fail(at,
                              "no member can be called " + Quoted(name) +
                                  ": faults mean something else by it");
            }
            if (const auto [other, added] = seen.emplace(name, kind); !added)
            {
                document.Fail(
                    at,
                    std::string(key) == "joining" && Contains(topology.members, name)
                        ? "member " + name + " is in the cluster from the start"
                    : other->second == kind
                        ? std::string(kind) + " " + name + " is given twice"
                        : name + " is both a member and an API server: for that, use topology "
                                 "\"stacked\"");
            }
        }
    }
    if (topology.type == "external" && topology.apiServers.empty())
    {
        document.Fail("/topology/api_servers", "expected at least one API server, found none");
    }
}

void
CheckScenario(const Scenario& scenario, const Document& document)
{
    Checker(scenario, document).Check();
}

} // namespace etcdlab
