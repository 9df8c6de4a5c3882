// Pieces of HTML that pages are put together from.
#pragma once

#include <string>
#include <vector>

namespace etcdlab
{

/// Text as HTML shows it, in elements and in attributes with double quotes.
std::string EscapedHtml(const std::string& text);

/// A table, its texts escaped: the first row heads the columns, the first cell of every other its row. Numbers stand to the
/// right, and so do the heads of columns that begin with one.
/// @param caption empty: none
std::string HtmlTable(const std::vector<std::vector<std::string>>& rows,
                      const std::string& caption = "");

} // namespace etcdlab
