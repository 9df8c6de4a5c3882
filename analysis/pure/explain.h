// Closed forms for people (a text for terminals) and for tools (JSON).
#pragma once

#include "analysis/pure/scenario-form.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace etcdlab
{

/**
 * A scenario's latencies as sums of hops, in both accountings, with the means, a legend of the
 * hops that occur, and ExplainNotes.
 *
 *     put, txn, delete_range from api
 *       through e1  etcd       710 ms = client link 125 + forward 150 + quorum 160 (e3) + …
 *                   thesis     550 ms = client link 125 + forward 150 + commit notice 150 + …
 *       through e2  both       210 ms = client link 25 + quorum 160 (e3) + client link back 25
 *       …
 *       mean        etcd       450 ms
 *                   thesis  343.33 ms
 *
 * Operations whose sums are alike share a block, and members that take no calls are left out.
 * Milliseconds, hops and totals to three decimals at most, means to two.
 *
 * The time that links need to send messages is in the hops if it makes up more than 0.05 ms or 1 % of
 * some sum, and the legend says so.
 *
 * @param options the accounting in it is ignored; transmission: in any case
 * @throws std::invalid_argument as MakeScenarioForm
 */
std::string Explain(const Scenario& scenario, const ScenarioFormOptions& options = {});

/**
 * The same for tools:
 *
 *     {"scenario": …, "leader": …, "transmission": true or false, "notes": ["…", …],
 *      "etcd": ACCOUNTING, "thesis": ACCOUNTING}
 *     ACCOUNTING = {"mean_ms": {"put": 450.0, …}, "forms": [FORM, …]}
 *     FORM = {"client", "operation", "member", "share": 0..1, "total_ms", "hops": [HOP, …]}
 *     HOP = {"name", "ms", "node"?}
 *
 * Every member has its forms here; the share of those that take no calls is 0.
 */
nlohmann::ordered_json ExplainJson(const Scenario& scenario,
                                   const ScenarioFormOptions& options = {});

/// What of a scenario its sums leave out or only estimate, a sentence each: Nagle's algorithm at the
/// proxy, jitter, loss, requests side by side, messages beyond TCP's initial window, disks of varying
/// speed.
std::vector<std::string> ExplainNotes(const Scenario& scenario);

} // namespace etcdlab
