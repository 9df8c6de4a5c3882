// The closed form of a whole scenario: every client, operation and member, and the mean that its
// balancer makes of them.
#pragma once

#include "analysis/pure/closed-form.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

struct ScenarioFormOptions
{
    std::optional<Accounting> accounting = {}; //!< unset: the scenario's
    std::string leader = {}; //!< empty: the scenario's; give it for scenarios that elect one
    /// Add the time that each link on the way needs to send the message at its rate. Every link
    /// sends a message when it has it whole, so this is exact for messages of one TCP segment and
    /// too much for longer ones over several links. Sizes are those of etcd's own messages to about
    /// ten bytes.
    bool transmission = false;
};

struct ScenarioForm
{
    std::string scenario;
    Accounting accounting = Accounting::ETCD;
    std::string leader;
    std::vector<std::string> clients;
    std::vector<std::string> members;
    /// For every client the members that take its calls, with how many each takes in relation to
    /// the others.
    std::map<std::string, std::map<std::string, double>> weights;
    /// Clients in the scenario's order, in each the operations, in each the members, those without
    /// calls included.
    std::vector<ClosedForm> forms;

    /// @throws std::invalid_argument if there is no such form
    const ClosedForm& Form(const std::string& client,
                           const std::string& member,
                           const std::string& operation) const;
    /// The share of a client's calls that a member takes, 0 to 1.
    double Share(const std::string& client, const std::string& member) const;
    /// The mean latency of a client's calls in milliseconds, members weighted.
    double MeanMilliseconds(const std::string& client, const std::string& operation) const;
    /// The same over all clients, which make equally many calls.
    double MeanMilliseconds(const std::string& operation) const;
};

/**
 * Compute every closed form of a scenario.
 *
 * Nodes without a link of their own are reached over the others (see model/base/routes.h). A link's
 * jitter adds its mean, half its bound, each way.
 *
 * Who takes the calls: balancer "round-robin" spreads them evenly over the endpoints; "pick-first"
 * and "pinned" send all to one. Endpoints "all", "local", "proxy" or "auto" as in ClientConfig.
 * Behind a proxy, to which a client has one connection, the target policy decides: "leader" (the
 * first target if the leader is no target), "pinned", or "round-robin", which deals out
 * connections: the first of each proxy goes to the first target, and so on in the clients' order.
 *
 * @throws std::invalid_argument if no leader is given, a name is unknown or a node cannot be
 * reached
 */
ScenarioForm MakeScenarioForm(const Scenario& scenario, const ScenarioFormOptions& options = {});

/// How many times as long a call takes before as after: mean over mean. 0 if `after` takes no time.
double Gain(const ScenarioForm& before, const ScenarioForm& after, const std::string& operation);

} // namespace etcdlab
