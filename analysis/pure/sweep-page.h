// A sweep's results as one page of HTML that needs no network.
#pragma once

#include "analysis/pure/reported-sweep.h"

#include <string>

namespace etcdlab
{

/**
 * For each metric that is a number: its mean over the parameter with the most values, a line for each choice of the others, with
 * 95 % intervals; if those are too many, a mark for each point, over the parameter that matters most. How much of the variance goes with which parameter.
 * A heat map of two parameters for each choice of the others, if these are few. Then all points in a table that can be sorted and
 * filtered, and what went wrong.
 */
std::string SweepPage(const ReportedSweep& sweep);

} // namespace etcdlab
