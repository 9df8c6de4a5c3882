#include "analysis/pure/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace etcdlab
{

std::string
FixedNumber(double value, int decimals)
{
    if (!std::isfinite(value))
    {
        return "-";
    }
    char buffer[512]; // the largest double has 309 digits
    const auto [end, error] =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals);
    std::string text = error == std::errc() ? std::string(buffer, end) : "-";
    const bool zero = text.find_first_not_of("-0.") == std::string::npos;
    return zero && text.size() > 1 && text[0] == '-' ? text.substr(1) : text;
}

std::string
TrimmedNumber(double value, int decimals)
{
    std::string text = FixedNumber(value, decimals);
    if (text.find('.') != std::string::npos)
    {
        text.erase(text.find_last_not_of('0') + 1);
        text.erase(text.find_last_not_of('.') + 1);
    }
    return text;
}

std::string
Padded(std::string text, std::size_t width)
{
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::vector<std::size_t>
ColumnWidths(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
    {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
        {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    return widths;
}

std::string
AlignedColumns(const std::vector<std::vector<std::string>>& rows, std::size_t left)
{
    const std::vector<std::size_t> widths = ColumnWidths(rows);
    std::string text;
    for (const auto& row : rows)
    {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
        {
            line += i == 0 ? "" : "  ";
            line += i < left ? Padded(row[i], widths[i])
                             : Padded("", widths[i] - row[i].size()) + row[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace etcdlab
