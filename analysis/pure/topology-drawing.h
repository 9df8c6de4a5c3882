// A scenario's nodes and links as a picture.
#pragma once

#include "helper/scenario/scenario.h"

#include <string>

namespace etcdlab
{

/**
 * SVG: nodes on a circle, API servers at the left; lines with their round-trip times in ms ("125 / 130": there and back, if
 * they differ), as long as there are no more than 28 of them, which is eight nodes that all know each other; the leader filled; nodes
 * with a proxy told.
 *
 * @param leader empty: nobody's
 */
std::string TopologyDrawing(const Scenario& scenario, const std::string& leader);

} // namespace etcdlab
