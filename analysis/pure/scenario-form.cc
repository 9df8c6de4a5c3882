#include "analysis/pure/scenario-form.h"

#include "analysis/pure/message-sizes.h"
#include "model/base/contains.h"
#include "model/base/nearest.h"
#include "model/base/routes.h"

#include <memory>
#include <stdexcept>

namespace etcdlab
{

namespace
{

[[noreturn]] void
Refuse(const Scenario& scenario, const std::string& reason)
{
    throw std::invalid_argument("scenario \"" + scenario.name + "\": " + reason);
}

/// A setting has a value that is none of those the closed form knows.
[[noreturn]] void
RefuseName(const Scenario& scenario,
           const std::string& setting,
           const std::string& name,
           const std::vector<std::string>& known)
{
    Refuse(scenario, "the closed form, " + setting + ": " + UnknownName(name, known));
}

std::string
Leader(const Scenario& scenario, const ScenarioFormOptions& options)
{
    const std::string& leader = options.leader.empty() ? scenario.leader : options.leader;
    if (leader.empty())
    {
        Refuse(scenario, "the closed form needs to know who leads: name a member under \"leader\"");
    }
    if (!Contains(scenario.topology.members, leader))
    {
        RefuseName(scenario, "leader", leader, scenario.topology.members);
    }
    return leader;
}

/// Delays along routes, as MakeScenarioForm documents them.
DelayFunction
Delays(const Scenario& scenario, bool transmission)
{
    const auto links = std::make_shared<std::map<NodePair, LinkConfig>>(scenario.AllLinks());
    std::map<NodePair, Duration> delays;
    for (const auto& [pair, link] : *links)
    {
        delays[pair] = link.MeanDelay();
    }
    const auto routes = std::make_shared<Routes>(scenario.Nodes(), delays);
    const std::string name = scenario.name;
    return [links, routes, name, transmission](
               const std::string& from, const std::string& to, std::uint64_t bytes) {
        const std::vector<std::string> path = routes->Path(from, to);
        if (path.empty())
        {
            throw std::invalid_argument("scenario \"" + name + "\": no way from " + from + " to " +
                                        to);
        }
        Duration total{0};
        for (std::size_t i = 1; i < path.size(); ++i)
        {
            const auto pair = MakeNodePair(path[i - 1], path[i]);
            const LinkConfig& link = links->at(pair);
            total += link.DelayFrom(path[i - 1] == pair.first) + link.jitter / 2;
            total += transmission ? SendingTime(LinkBytes(bytes), link.rate) : Duration{0};
        }
        return total;
    };
}

bool
ThroughProxy(const Scenario& scenario)
{
    const bool proxied = scenario.Endpoints() == "proxy";
    if (proxied && !scenario.proxy)
    {
        Refuse(scenario, "the client's endpoint is the proxy, but there is no proxy");
    }
    return proxied;
}

/// The members that a client has as endpoints, without a proxy.
std::vector<std::string>
Endpoints(const Scenario& scenario, const std::string& client)
{
    const std::string endpoints = scenario.Endpoints();
    if (endpoints == "all")
    {
        return scenario.topology.members;
    }
    if (endpoints != "local")
    {
        RefuseName(scenario, "client endpoints", endpoints, {"all", "auto", "local", "proxy"});
    }
    if (!Contains(scenario.topology.members, client))
    {
        Refuse(scenario,
               "client endpoints are \"local\", but there is no member on node " + client);
    }
    return {client};
}

std::map<std::string, double>
Evenly(const std::vector<std::string>& members)
{
    std::map<std::string, double> weights;
    for (const std::string& member : members)
    {
        weights[member] = 1;
    }
    return weights;
}

/// All calls to one of the candidates: the named one, or the first if none is named.
std::map<std::string, double>
AllTo(const Scenario& scenario,
      const std::string& setting,
      const std::string& name,
      const std::vector<std::string>& candidates)
{
    if (!name.empty() && !Contains(candidates, name))
    {
        RefuseName(scenario, setting, name, candidates);
    }
    return {{name.empty() ? candidates.at(0) : name, 1.0}};
}

/// @param connection how many connections the client's proxy has dealt out before
std::map<std::string, double>
ProxyWeights(const Scenario& scenario, const std::string& leader, std::size_t connection)
{
    const ProxyConfig& proxy = *scenario.proxy;
    const auto& targets = proxy.targets.empty() ? scenario.topology.members : proxy.targets;
    if (proxy.targetPolicy == "leader")
    {
        return AllTo(scenario, "leader", Contains(targets, leader) ? leader : "", targets);
    }
    if (proxy.targetPolicy == "pinned")
    {
        return AllTo(scenario, "pinned target", proxy.pinnedTarget, targets);
    }
    if (proxy.targetPolicy == "round-robin")
    {
        return {{targets.at(connection % targets.size()), 1.0}};
    }
    RefuseName(scenario, "target policy", proxy.targetPolicy, {"leader", "pinned", "round-robin"});
}

std::map<std::string, double>
ClientWeights(const Scenario& scenario, const std::string& client)
{
    const std::vector<std::string> endpoints = Endpoints(scenario, client);
    const std::string& balancer = scenario.client.balancer;
    if (balancer == "round-robin")
    {
        return Evenly(endpoints);
    }
    if (balancer == "pick-first")
    {
        return AllTo(scenario, "endpoint", "", endpoints);
    }
    if (balancer == "pinned")
    {
        return AllTo(scenario, "pinned endpoint", scenario.client.pinnedEndpoint, endpoints);
    }
    RefuseName(scenario, "balancer", balancer, {"pick-first", "pinned", "round-robin"});
}

} // namespace

ScenarioForm
MakeScenarioForm(const Scenario& scenario, const ScenarioFormOptions& options)
{
    ScenarioForm form;
    form.scenario = scenario.name;
    form.accounting = options.accounting.value_or(scenario.accounting);
    form.leader = Leader(scenario, options);
    form.clients = scenario.ClientNodes();
    form.members = scenario.topology.members;

    const ClosedFormInput input{
        .members = form.members,
        .leader = form.leader,
        .accounting = form.accounting,
        .member = [&scenario](const std::string& name) -> const MemberConfig& {
            return scenario.Member(name);
        },
        .keySize = scenario.workload.keySize,
        .valueSize = scenario.workload.valueSize,
        .delay = Delays(scenario, options.transmission)};
    const bool proxied = ThroughProxy(scenario);
    for (const std::string& client : form.clients)
    {
        ProxyHop hop;
        std::size_t connection = 0;
        if (proxied)
        {
            const ProxyConfig& proxy = *scenario.proxy;
            const bool local = proxy.listenAddress == "localhost";
            connection = local ? 0 : form.weights.size();
            hop = {local ? client : proxy.listenAddress, proxy.cpuPerChunk, proxy.chunk};
        }
        form.weights[client] = proxied ? ProxyWeights(scenario, form.leader, connection)
                                       : ClientWeights(scenario, client);
        for (const std::string& operation : OperationNames())
        {
            for (const std::string& member : form.members)
            {
                form.forms.push_back(
                    MakeClosedForm(input, client, member, operation, proxied ? &hop : nullptr));
            }
        }
    }
    return form;
}

const ClosedForm&
ScenarioForm::Form(const std::string& client,
                   const std::string& member,
                   const std::string& operation) const
{
    for (const ClosedForm& form : forms)
    {
        if (form.client == client && form.member == member && form.operation == operation)
        {
            return form;
        }
    }
    throw std::invalid_argument("scenario \"" + scenario + "\" has no closed form of " + operation +
                                " from " + client + " through " + member);
}

double
ScenarioForm::Share(const std::string& client, const std::string& member) const
{
    const auto& ofClient = weights.at(client);
    const auto own = ofClient.find(member);
    double calls = 0;
    for (const auto& [name, weight] : ofClient)
    {
        calls += weight;
    }
    return own == ofClient.end() ? 0 : own->second / calls;
}

double
ScenarioForm::MeanMilliseconds(const std::string& client, const std::string& operation) const
{
    double sum = 0;
    double calls = 0;
    for (const auto& [member, weight] : weights.at(client))
    {
        sum += weight * Milliseconds(Form(client, member, operation).Total());
        calls += weight;
    }
    return sum / calls;
}

double
ScenarioForm::MeanMilliseconds(const std::string& operation) const
{
    double sum = 0;
    for (const std::string& client : clients)
    {
        sum += MeanMilliseconds(client, operation);
    }
    return clients.empty() ? 0 : sum / static_cast<double>(clients.size());
}

double
Gain(const ScenarioForm& before, const ScenarioForm& after, const std::string& operation)
{
    const double divisor = after.MeanMilliseconds(operation);
    return divisor > 0 ? before.MeanMilliseconds(operation) / divisor : 0;
}

} // namespace etcdlab
