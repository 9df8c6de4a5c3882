#include "analysis/pure/result-tables.h"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace etcdlab
{

namespace
{

/// One line's cells: RFC 4180 as RequestsCsv quotes. A quoted cell may hold line ends, so that it takes what it needs.
std::vector<std::string>
TakeCells(std::string_view& text)
{
    std::vector<std::string> cells(1);
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size(); ++i)
    {
        const char c = text[i];
        if (c == '"')
        {
            const bool again = quoted && i + 1 < text.size() && text[i + 1] == '"';
            if (again)
            {
                cells.back() += c;
                ++i;
            }
            else
            {
                quoted = !quoted;
            }
        }
        else if (c == ',' && !quoted)
        {
            cells.emplace_back();
        }
        else if (c == '\n' && !quoted)
        {
            break;
        }
        else
        {
            cells.back() += c;
        }
    }
    text.remove_prefix(std::min(i + 1, text.size()));
    return cells;
}

class TableReader
{
  public:
    TableReader(std::string_view text, const std::filesystem::path& origin, std::size_t columns)
        : m_text(text),
          m_origin(origin),
          m_columns(columns)
    {
        Next();
    }

    /// To the next row. @return whether there is one
    bool Next()
    {
        if (m_text.empty())
        {
            return false;
        }
        m_cells = TakeCells(m_text);
        ++m_row;
        if (m_cells.size() != m_columns)
        {
            Fail("expected " + std::to_string(m_columns) + " columns, found " +
                 std::to_string(m_cells.size()));
        }
        return true;
    }

    const std::string& Text(std::size_t column) const
    {
        return m_cells[column];
    }

    double Number(std::size_t column) const
    {
        const auto& cell = m_cells[column];
        double value = 0;
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value))
        {
            Fail("expected a number, found \"" + cell + "\"");
        }
        return value;
    }

    Duration Time(std::size_t column, double nanoseconds) const
    {
        return Duration(std::llround(Number(column) * nanoseconds));
    }

  private:
    [[noreturn]] void Fail(const std::string& what) const
    {
        throw ResultError(m_origin, "row " + std::to_string(m_row) + ": " + what);
    }

    std::string_view m_text;
    std::filesystem::path m_origin;
    std::size_t m_columns;
    std::size_t m_row = 0;
    std::vector<std::string> m_cells;
};

} // namespace

std::vector<RequestRecord>
ParseRequests(std::string_view text, const std::filesystem::path& origin)
{
    constexpr std::size_t COLUMNS = 11;
    constexpr double NS_PER_MS = 1e6;
    TableReader table(text, origin, COLUMNS);
    std::vector<RequestRecord> requests;
    while (table.Next())
    {
        RequestRecord& request = requests.emplace_back();
        request.number = static_cast<std::uint64_t>(table.Number(0));
        request.client = table.Text(1);
        request.member = table.Text(2);
        request.operation = table.Text(3);
        request.start = table.Time(4, NS_PER_MS);
        request.end = table.Time(5, NS_PER_MS);
        request.requestBytes = static_cast<std::uint32_t>(table.Number(7));
        request.responseBytes = static_cast<std::uint32_t>(table.Number(8));
        request.outcome = table.Text(9);
        request.warmup = table.Text(10) == "1";
    }
    return requests;
}

std::vector<kube::PodCounts>
ParsePods(std::string_view text, const std::filesystem::path& origin)
{
    constexpr double NS_PER_S = 1e9;
    TableReader table(text, origin, kube::DISPLAY_PHASES.size() + 1);
    std::vector<kube::PodCounts> rows;
    while (table.Next())
    {
        auto& row = rows.emplace_back();
        row.time = table.Time(0, NS_PER_S);
        for (std::size_t i = 0; i < row.pods.size(); ++i)
        {
            row.pods[i] = static_cast<int>(table.Number(i + 1));
        }
    }
    return rows;
}

MetricByInstance
ParseMetric(std::string_view openMetrics,
            std::string_view metric,
            const std::filesystem::path& origin)
{
    const auto begin = std::string(metric) + "{instance=\"";
    const std::string_view after = "\",job=\"etcd\"} ";
    MetricByInstance series;
    for (std::size_t at = 0; at < openMetrics.size();)
    {
        const auto end = std::min(openMetrics.find('\n', at), openMetrics.size());
        auto line = openMetrics.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with(begin))
        {
            continue;
        }
        line.remove_prefix(begin.size());
        const auto quote = line.find('"');
        if (quote == std::string_view::npos || !line.substr(quote).starts_with(after))
        {
            continue; // it has further labels
        }
        const std::string instance(line.substr(0, quote));
        line.remove_prefix(quote + after.size());
        double value = 0;
        double time = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
        const auto* last = line.data() + line.size();
        if (read.ec != std::errc() || read.ptr == last ||
            std::from_chars(read.ptr + 1, last, time).ec != std::errc())
        {
            throw ResultError(origin,
                              std::string(metric) + ": expected a value and a time, found \"" +
                                  std::string(line) + "\"");
        }
        series[instance].emplace_back(time, value);
    }
    return series;
}

} // namespace etcdlab
