// What Prometheus (2.42) does with its targets, apart from time and network.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <string>

namespace etcdlab
{

struct ScrapeTarget
{
    std::string job;
    std::string instance; //!< host:port

    std::string Url() const
    {
        return "http://" + instance + "/metrics";
    }

    /// The labels that every series of the target gets.
    std::string Labels() const
    {
        return "instance=\"" + instance + "\",job=\"" + job + "\"";
    }
};

enum class TargetHealth
{
    UNKNOWN, //!< never scraped yet
    UP,
    DOWN
};

/// "unknown", "up", "down"
const char* NameOf(TargetHealth health);

/// A row of Prometheus' page Targets.
struct TargetStatus
{
    ScrapeTarget target;
    TargetHealth health = TargetHealth::UNKNOWN;
    Duration lastScrape{0};   //!< when the last one that has ended began; simulated time
    Duration lastDuration{0}; //!< what it took
    std::string lastError;    //!< why it failed; empty if it did not
};

/// The GET with its headers. Measured: 288 bytes for 127.0.0.1:42399, a timeout of 1 s, and a version that is three
/// characters longer.
std::uint32_t ScrapeRequestBytes(const ScrapeTarget& target, Duration timeout);

/// When within each interval a target's turn is: spread by a hash of what it is (scrape/target.go: offset; the hash
/// is another one).
Duration ScrapeOffset(const ScrapeTarget& target, Duration interval);

/// Why a scrape failed, as Prometheus words it (those of Go's net/http and net).
namespace scrape_error
{
std::string Refused(const ScrapeTarget& target, const std::string& address);
/// @param answering the head of the answer had come
std::string Timeout(const ScrapeTarget& target, bool answering);
std::string Reset(const ScrapeTarget& target, const std::string& address, bool answering);
std::string Closed(const ScrapeTarget& target, bool answering);
} // namespace scrape_error

} // namespace etcdlab
