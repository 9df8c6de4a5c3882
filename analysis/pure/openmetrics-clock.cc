#include "analysis/pure/openmetrics-clock.h"

#include "analysis/pure/result-error.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace etcdlab
{

namespace
{

/// So many of whole seconds are thirty thousand years, and no overflow.
constexpr std::size_t MOST_DIGITS = 12;

bool
AreDigits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Where a sample's timestamp begins, behind name, labels and value; npos: nowhere.
std::size_t
TimeAt(std::string_view line)
{
    auto end = line.find_first_of("{ ");
    if (end != std::string_view::npos && line[end] == '{')
    {
        bool quoted = false;
        for (++end; end < line.size() && (quoted || line[end] != '}'); ++end)
        {
            quoted = line[end] == '"' ? !quoted : quoted;
            end += quoted && line[end] == '\\' ? 1 : 0;
        }
        ++end;
    }
    if (end >= line.size() || line[end] != ' ')
    {
        return std::string_view::npos;
    }
    const auto value = line.find(' ', end + 1);
    return value == std::string_view::npos ? value : value + 1;
}

} // namespace

std::int64_t
ParseUtcSeconds(const std::string& text)
{
    constexpr std::string_view FORM = "0000-00-00T00:00:00Z";
    bool read = text.size() == FORM.size();
    for (std::size_t i = 0; read && i < FORM.size(); ++i)
    {
        read = FORM[i] == '0' ? AreDigits(text.substr(i, 1)) : text[i] == FORM[i];
    }
    const auto part = [&](std::size_t at, std::size_t digits = 2) {
        return read ? std::stoi(text.substr(at, digits)) : 0;
    };
    const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(part(5))),
                                           std::chrono::day(static_cast<unsigned>(part(8)))};
    if (!date.ok() || part(0, 4) < 1970 || part(11) > 23 || part(14) > 59 || part(17) > 59)
    {
        throw std::invalid_argument(
            "expected a moment from 1970 on in UTC, such as 2026-01-01T00:00:00Z, found \"" + text +
            "\"");
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(days).count() + 3600 * part(11) +
           60 * part(14) + part(17);
}

std::string
WithLaterTimestamps(std::string_view openMetrics,
                    std::int64_t seconds,
                    const std::filesystem::path& origin)
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
        const auto time = TimeAt(line);
        const auto digits = time == std::string_view::npos ? "" : line.substr(time);
        const auto whole = digits.substr(0, digits.find('.'));
        const auto rest = digits.substr(whole.size());
        if (!AreDigits(whole) || whole.size() > MOST_DIGITS ||
            (!rest.empty() && !AreDigits(rest.substr(1))))
        {
            throw ResultError(
                origin,
                "line " + std::to_string(number) +
                    ": expected a sample with a timestamp in seconds from 0 on, found \"" +
                    std::string(line) + "\"");
        }
        later.append(line.substr(0, time))
            .append(std::to_string(std::stoll(std::string(whole)) + seconds))
            .append(rest)
            .append("\n");
    }
    return later;
}

} // namespace etcdlab
