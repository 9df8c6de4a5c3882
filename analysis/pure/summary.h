// The results of a run as files: summary.json and requests.csv. The same run gives the same bytes.
#pragma once

#include "analysis/pure/kubernetes-summary.h"
#include "analysis/pure/request-record.h"
#include "analysis/pure/result-error.h"
#include "analysis/pure/statistics.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace etcdlab
{

/// What summary.json says. Latencies and throughput are rounded to six decimals already.
struct Summary
{
    RunFacts facts;
    std::uint64_t ok = 0;           //!< measured requests that were answered
    std::uint64_t failed = 0;       //!< measured requests that were not
    std::uint64_t warmup = 0;       //!< requests of the warm-up, whatever came of them
    std::uint64_t warmupFailed = 0; //!< those of them that failed
    /// Measured failures by outcome.
    std::map<std::string, std::uint64_t> failures;
    /// Answered measured requests per second, from the first measured start to the last measured
    /// end; 0 if less than a microsecond passed.
    double throughputPerSecond = 0;
    /// By operation, then by member or ALL_MEMBERS: of measured requests that were answered. Only
    /// what occurred.
    std::map<std::string, std::map<std::string, LatencyStatistics>> latency;
    /// By client: from the first member's apply of a change to its arrival at a watch, of all events
    /// of the run. Only of clients that watch.
    std::map<std::string, LatencyStatistics> watchDelay;
    std::optional<KubernetesSummary> kubernetes;
    bool operator==(const Summary&) const = default;
};

/// The key beside the members' names under which all of them are taken together.
inline constexpr const char* ALL_MEMBERS = "all";

Summary MakeSummary(const RunResult& result);

/**
 * A summary as JSON, keys always in this order:
 *
 *     {
 *       "scenario": "baseline", "version": "0.1.0", "seed": 1, "accounting": "etcd" | "thesis",
 *       "simulated_time_s": 150.2, "leader": "e2",
 *       "requests": {"ok": 300, "failed": 0, "warmup": 30, "warmup_failed": 0},
 *       "failures": {"<outcome>": 2, …},
 *       "throughput_per_s": 2.22,
 *       "latency_ms": {"<operation>": {"all": STATISTICS, "<member>": STATISTICS, …}, …},
 *       "watch_delay_ms": {"<client>": STATISTICS, …},       (only if there were watches)
 *       "members": {"<member>": {"wal_bytes", "wal_fsyncs", "applied_index", "revision",
 *                                "client_received_bytes", "client_sent_bytes",
 *                                "client_received_wire_bytes", "client_sent_wire_bytes"}, …},
 *       "peer_links": {"<from>": {"<to>": {"messages", "protobuf_bytes", "wire_bytes"}, …}, …},
 *       "links": {"<from>": {"<to>": {"packets", "ip_bytes"}, …}, …},
 *       "kubernetes": KubernetesJson                          (only of scenarios with a cluster)
 *     }
 *     STATISTICS = {"count", "mean", "p50", "p90", "p99", "min", "max"}
 *
 * Numbers with a fraction have at most six decimals (of a millisecond: nanoseconds; nine of a
 * second), printed as the shortest decimal that reads back. Operations stand in the order of
 * OperationNames(), others after them by name; "all" comes first, then members in the scenario's
 * order.
 */
nlohmann::ordered_json SummaryJson(const Summary& summary);

/// summary.json's text: two blanks of indentation and a newline at the end. Bytes that are not
/// UTF-8 are replaced.
std::string SummaryText(const Summary& summary);

/// What SummaryText wrote.
/// @param origin named in the error
/// @throws ResultError naming the key at fault
Summary ParseSummary(std::string_view text, const std::filesystem::path& origin);

/// Read a summary.json, or the one in a directory. @throws ResultError
Summary ReadSummary(const std::filesystem::path& path);

/**
 * requests.csv: a header and one line per request, in the given order, lines ended by "\n".
 *
 *     number,client,member,operation,start_ms,end_ms,latency_ms,request_bytes,response_bytes,
 *         outcome,warmup
 *     1,api,e1,put,1000.000000,1710.000000,710.000000,1070,28,ok,0
 *
 * Times with six decimals (whole nanoseconds). Fields with a comma, quote, CR or LF are quoted as
 * in RFC 4180 section 2, rules 5 to 7.
 */
std::string RequestsCsv(const std::vector<RequestRecord>& requests);

/**
 * Write a file as a whole or not at all: into a temporary file beside it, which then takes its
 * name. What stood there before stays until then, and stays if anything fails.
 *
 * @throws ResultError with the path and the system's reason (no such directory, permission denied,
 * no space left …)
 */
void WriteFileAtomically(const std::filesystem::path& path, std::string_view contents);

/// A file's contents. @throws ResultError with the path and the system's reason
std::string ReadResultFile(const std::filesystem::path& path);

/// Write summary.json and requests.csv into a directory, which is made if it is missing.
/// @throws ResultError
void WriteResults(const std::filesystem::path& directory, const RunResult& result);

/// "etcd" or "thesis", as results and scenarios spell it.
std::string AccountingName(Accounting accounting);

} // namespace etcdlab
