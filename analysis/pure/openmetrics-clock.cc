#include "analysis/pure/openmetrics-clock.h"

#include "analysis/pure/result-error.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace etcdlab
{

std::int64_t
ParseUtcSeconds(const std::string& text)
{
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    int end = 0;
    const bool read = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ%n", &year, &month, &day, &hour, &minute, &second, &end) == 6;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!read || static_cast<std::size_t>(end) != text.size() || year < 1970 || !date.ok() || hour > 23 || minute > 59 || second > 59)
    {
        throw std::invalid_argument("expected a moment from 1970 on in UTC, such as 2026-01-01T00:00:00Z, found \"" + text + "\"");
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(days).count() + 3600 * hour + 60 * minute + second;
}

std::string
WithLaterTimestamps(std::string_view openMetrics, std::int64_t seconds, const std::filesystem::path& origin)
{
    std::string later;
    later.reserve(openMetrics.size() + openMetrics.size() / 8);
    for (std::size_t number = 1; !openMetrics.empty(); ++number)
    {
        const auto end = std::min(openMetrics.find('\n'), openMetrics.size());
        const auto line = openMetrics.substr(0, end);
        openMetrics.remove_prefix(std::min(end + 1, openMetrics.size()));
        if (line.empty() || line.front() == '#')
        {
            later.append(line).append("\n");
            continue;
        }
        const auto time = line.find_last_of(' ') + 1;
        std::int64_t whole = 0;
        const auto [rest, error] = std::from_chars(line.data() + time, line.data() + line.size(), whole);
        if (time == 0 || error != std::errc() || (rest != line.data() + line.size() && *rest != '.'))
        {
            throw ResultError(origin,
                              "line " + std::to_string(number) + ": expected a sample with a timestamp in seconds, found \"" +
                                  std::string(line) + "\"");
        }
        later.append(line.substr(0, time)).append(std::to_string(whole + seconds)).append(rest, line.data() + line.size()).append("\n");
    }
    return later;
}

} // namespace etcdlab
