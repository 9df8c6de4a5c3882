#include "analysis/pure/html.h"

namespace etcdlab
{

namespace
{

bool
IsNumberCell(const std::string& cell)
{
    return !cell.empty() && cell.find_first_not_of("0123456789.+-e") == std::string::npos;
}

} // namespace

std::string
EscapedHtml(const std::string& text)
{
    std::string escaped;
    for (const char c : text)
    {
        switch (c)
        {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

std::string
HtmlTable(const std::vector<std::vector<std::string>>& rows, const std::string& caption)
{
    std::string html = "<table>";
    if (!caption.empty())
    {
        html += "<caption>" + EscapedHtml(caption) + "</caption>";
    }
    for (std::size_t row = 0; row < rows.size(); ++row)
    {
        html += row == 0 ? "<thead><tr>" : "<tr>";
        for (std::size_t column = 0; column < rows[row].size(); ++column)
        {
            const auto& cell = rows[row][column];
            const bool number = IsNumberCell(row == 0 && rows.size() > 1 ? rows[1][column] : cell);
            const std::string style = number && column > 0 ? " class=\"number\">" : ">";
            const std::string open = row == 0      ? "<th scope=\"col\"" + style
                                     : column == 0 ? "<th scope=\"row\">"
                                                   : "<td" + style;
            html += open + EscapedHtml(cell) + (row == 0 || column == 0 ? "</th>" : "</td>");
        }
        html += row == 0 ? "</tr></thead><tbody>\n" : "</tr>\n";
    }
    return html + "</tbody></table>\n";
}

} // namespace etcdlab
