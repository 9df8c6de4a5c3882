// Round-trip times between sites, as people have them from ping, and the clusters that could be built there.
#pragma once

#include "model/base/units.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

struct RttMatrix
{
    std::vector<std::string> sites;
    /// By two sites: the mean of both directions, where both were given. Within a site SAME_SITE_RTT, if nothing else is said.
    std::vector<std::vector<Duration>> rtt;
};

/// Between two machines in one place: a switch or two, and the kernels.
inline constexpr Duration SAME_SITE_RTT{500'000};

/**
 * Read a matrix:
 *
 *     ,fra,ams,lhr
 *     fra,,7.1,12.5
 *     ams,7.0,,6
 *     lhr,12.5,6,
 *
 * Milliseconds, or with a unit ("7.1ms", "900us"). One of two directions is enough, and so is one triangle. Blanks around cells
 * and lines that are empty or begin with "#" do not count.
 *
 * @param label the file's name, for messages
 * @throws ScenarioError with file, line and column
 */
RttMatrix ReadRttMatrix(std::string_view text, const std::string& label);

/// A cluster on some of the sites.
struct Placement
{
    std::string name; //!< "fra*, ams, lhr; leader proxy": the starred one leads
    std::map<std::string, std::string> sites; //!< by member
    std::string scenario;                     //!< JSON
};

/// No more are made.
inline constexpr std::size_t MOST_PLACEMENTS = 50'000;

/**
 * Every choice of sites for the members, every leader, round robin and a proxy to the leader. Members stand on different sites as
 * far as there are enough. Timers are as etcd's tuning guide asks: heartbeats every round trip between the members furthest apart,
 * elections after ten, neither below its default.
 *
 * @param apiServer the site of the API server, an index
 * @param members how many
 * @throws std::invalid_argument if there are more than MOST_PLACEMENTS
 */
std::vector<Placement> MakePlacements(const RttMatrix& matrix,
                                      std::size_t apiServer,
                                      std::size_t members);

} // namespace etcdlab
