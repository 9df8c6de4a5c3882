// What makes a report's page work without a network; the build takes it from analysis/report and from Debian's libjs-chart.js.
#pragma once

#include <string_view>

namespace etcdlab
{

std::string_view ReportStyle();  //!< analysis/report/report.css
std::string_view ReportScript(); //!< analysis/report/report.js
std::string_view ChartLibrary(); //!< Chart.js, with its licence's notice

} // namespace etcdlab
