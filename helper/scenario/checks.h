// What must hold between a scenario's settings.
#pragma once

#include "helper/scenario/document.h"

namespace etcdlab
{

/// Nodes' names: well-formed, no two the same. Comes before everything that refers to nodes.
void CheckNodes(const TopologyConfig& topology, const Document& document);

/// Everything else, in the order of Describe; the first thing that does not hold is thrown as
/// ScenarioError, which points to the setting to blame in `document`.
void CheckScenario(const Scenario& scenario, const Document& document);

} // namespace etcdlab
