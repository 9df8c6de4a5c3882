// The page "How far to trust it" (analysis/how-far-to-trust-it.md), from what was simulated for it.
#pragma once

#include "analysis/leader-loss.h"
#include "analysis/leadership.h"
#include "analysis/pure/reference.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// etcd's versions that the page compares.
inline const std::vector<std::string> TRUST_VERSIONS = {"3.4", "3.5"};

/// The round trips between members for which it tells whether a leader lasts.
const std::vector<Duration>& TrustRoundTrips();

/**
 * Rows of the distributions of both times of the trials, in seconds: of all trials, of those in which the first
 * candidate won, and of the others.
 */
std::string LeaderLossTable(const std::vector<LeaderLoss>& trials);

/// A row for each round trip; each cell gives the least and the greatest of the seeds.
std::string LeadershipTable(const std::vector<std::pair<Duration, std::vector<Leadership>>>& byRtt);

/// Where the page gets its tables from; every number that is simulated stands in one.
struct TrustTables
{
    std::function<std::string(const ReferenceGroup&)> reference;
    std::function<std::string(const std::string& version)> leaderLoss;
    std::function<std::string(const std::string& version)> leadership;
};

/// The whole page.
std::string TrustPage(const std::vector<Reference>& references, const TrustTables& tables);

} // namespace etcdlab
