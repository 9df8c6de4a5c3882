// The frame of a report: head, style, scripts.
#pragma once

#include "analysis/pure/chart.h"

#include <string>

namespace etcdlab
{

/**
 * A whole page that needs no network.
 *
 * @param title not yet escaped
 * @param body HTML, charts included
 * @param data more script elements of JSON, for the page's script
 */
std::string HtmlPage(const std::string& title,
                     const std::string& body,
                     const ChartList& charts,
                     const std::string& data = "");

/// A table that scrolls by itself if it is wide; as HtmlTable.
std::string TableBox(const std::vector<std::vector<std::string>>& rows,
                     const std::string& caption = "");

} // namespace etcdlab
