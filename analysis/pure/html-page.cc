#include "analysis/pure/html-page.h"

#include "analysis/pure/html.h"
#include "analysis/pure/report-assets.h"

namespace etcdlab
{

std::string
HtmlPage(const std::string& title,
         const std::string& body,
         const ChartList& charts,
         const std::string& data)
{
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                       EscapedHtml(title) + "</title>\n<style>\n";
    html += ReportStyle();
    html += "</style></head><body>\n<h1>" + EscapedHtml(title) +
            "</h1>\n<p class=\"hint\">Drag across a chart to zoom, double-click to see all again; "
            "with the keyboard: Tab to a "
            "chart, + and -, arrows, 0. A click on a name in a legend hides it.</p>\n" +
            body + charts.Html() + data + "<script>";
    html += ChartLibrary();
    html += "</script>\n<script>";
    html += ReportScript();
    return html + "</script></body></html>\n";
}

std::string
TableBox(const std::vector<std::vector<std::string>>& rows, const std::string& caption)
{
    return "<div class=\"tablebox\">" + HtmlTable(rows, caption) + "</div>\n";
}

} // namespace etcdlab
