// Recorded metrics, moved from the simulation's clock to one that people's tools expect.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace etcdlab
{

/**
 * Seconds since 1970 of a moment written as RFC 3339 does in UTC, "2026-01-01T00:00:00Z".
 * @throws std::invalid_argument saying what was expected
 */
std::int64_t ParseUtcSeconds(const std::string& text);

/**
 * OpenMetrics text whose samples all have a timestamp, with as many whole seconds added to each.
 *
 * @param origin named in the error
 * @throws ResultError naming the line whose last word is no time
 */
std::string WithLaterTimestamps(std::string_view openMetrics,
                                std::int64_t seconds,
                                const std::filesystem::path& origin);

} // namespace etcdlab
