#include "model/etcd/pure/replay-log.h"

#include "model/base/nearest.h"
#include "model/etcd/pure/wire-size.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <fstream>
#include <map>
#include <sstream>

namespace etcdlab
{

namespace
{

const std::string HEADER =
    "t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count";
const std::vector<std::string> OPERATIONS = {"Range-get",
                                             "Range-list",
                                             "Range-count",
                                             "Txn-create",
                                             "Txn-update",
                                             "Txn-delete",
                                             "LeaseGrant",
                                             "Status"};

class LineReader
{
  public:
    LineReader(const std::string& label, std::size_t line)
        : m_where(label + ":" + std::to_string(line) + ": ")
    {
    }

    [[noreturn]] void Fail(const std::string& message) const
    {
        throw ReplayLogError(m_where + message);
    }

    /// RFC 4180, but for line breaks within fields.
    std::vector<std::string> Fields(const std::string& line) const
    {
        std::vector<std::string> fields(1);
        bool quoted = false;
        for (std::size_t i = 0; i < line.size(); ++i)
        {
            if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            {
                fields.back() += line[++i];
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
            else if (line[i] == ',' && !quoted)
            {
                fields.emplace_back();
            }
            else
            {
                fields.back() += line[i];
            }
        }
        if (quoted)
        {
            Fail("a quote is never closed");
        }
        return fields;
    }

    LoggedRequest Read(const std::string& line) const
    {
        const auto fields = Fields(line);
        if (fields.size() != 8)
        {
            Fail("expected 8 fields, found " + std::to_string(fields.size()));
        }
        LoggedRequest request;
        request.at = Seconds(fields[0]);
        request.rpc = fields[1];
        request.operation = fields[2];
        request.resource = fields[3];
        request.origin = fields[4];
        if (std::find(OPERATIONS.begin(), OPERATIONS.end(), request.operation) == OPERATIONS.end())
        {
            Fail("operation: " + UnknownName(request.operation, OPERATIONS));
        }
        const auto rpc = request.operation.substr(0, request.operation.find('-'));
        if (request.rpc != rpc)
        {
            Fail("rpc: expected \"" + rpc + "\" for " + request.operation + ", found \"" +
                 request.rpc + "\"");
        }
        request.requestBytes = Count("request_bytes", fields[5]);
        request.responseBytes = Count("response_bytes", fields[6]);
        request.count = Count("response_count", fields[7]);
        return request;
    }

  private:
    Duration Seconds(const std::string& text) const
    {
        double seconds = 0;
        const auto end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, seconds);
        if (read.ec != std::errc() || read.ptr != end || !(seconds >= 0 && seconds <= 1e6))
        {
            Fail("t_s: expected seconds such as 12.345, found \"" + text + "\"");
        }
        return Duration(std::llround(seconds * 1e9));
    }

    std::int64_t Count(const std::string& column, const std::string& text) const
    {
        std::int64_t value = 0;
        const auto end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, value);
        if (read.ec != std::errc() || read.ptr != end || value < -1 || value > 1'000'000'000)
        {
            Fail(column + ": expected a whole number, or -1 if it was not logged, found \"" + text +
                 "\"");
        }
        return value;
    }

    std::string m_where;
};

/// Makes up keys and values for the lines of a log.
class Planner
{
  public:
    explicit Planner(std::uint64_t client)
        : m_prefix("/replay/" + std::to_string(client) + "/"),
          m_client(client)
    {
    }

    void Add(const LoggedRequest& logged)
    {
        if (logged.operation == "Status")
        {
            ++m_plan.skipped;
            return;
        }
        const auto [chain, added] = m_chains.emplace(logged.origin, m_chains.size());
        m_plan.requests.push_back({logged.at, chain->second, logged.operation, RequestFor(logged)});
    }

    ReplayPlan Take()
    {
        m_plan.chains = m_chains.size();
        return std::move(m_plan);
    }

  private:
    Request RequestFor(const LoggedRequest& logged)
    {
        if (logged.operation == "LeaseGrant")
        {
            return LeaseGrantRequest{3600, 0};
        }
        if (logged.rpc == "Range")
        {
            return RangeFor(logged);
        }
        if (logged.operation == "Txn-create")
        {
            return CreateFor(logged);
        }
        auto& written = m_written[logged.resource];
        if (written.empty())
        {
            written.push_back(Preload(logged.resource, 0));
        }
        const auto key = written.front();
        written.pop_front();
        if (logged.operation == "Txn-delete")
        {
            return TxnRequest{
                {}, {DeleteRangeRequest{key, ""}}, {RangeRequest{key, "", 0, 0, false, false}}};
        }
        written.push_back(key);
        return TxnRequest{{},
                          {PutRequest{key, ValueOf(logged.requestBytes, key), 0}},
                          {RangeRequest{key, "", 0, 0, false, false}}};
    }

    Request CreateFor(const LoggedRequest& logged)
    {
        const bool fails = logged.requestBytes == 0;
        const auto key = fails ? Preload(logged.resource, 0) : NextKey(logged.resource);
        if (!fails)
        {
            m_written[logged.resource].push_back(key);
        }
        return TxnRequest{
            {Compare{key, 0}}, {PutRequest{key, ValueOf(logged.requestBytes, key), 0}}, {}};
    }

    Request RangeFor(const LoggedRequest& logged)
    {
        RangeRequest range;
        const bool found = logged.count > 0;
        const bool alone = logged.operation == "Range-get";
        range.key =
            found ? Preload(logged.resource, logged.responseBytes) : NextKey(logged.resource);
        range.rangeEnd = alone ? "" : range.key + '\xff';
        range.limit = logged.operation == "Range-list" ? 500 : 0;
        range.countOnly = logged.operation == "Range-count";
        return range;
    }

    /// Reads of one size share a key.
    std::string Preload(const std::string& resource, std::int64_t responseBytes)
    {
        const auto known = m_preloaded.find({resource, responseBytes});
        if (known != m_preloaded.end())
        {
            return known->second;
        }
        const auto key = NextKey(resource);
        m_preloaded[{resource, responseBytes}] = key;
        KeyValue kv{key, {}, 1000, 1000, 1, 0};
        // Header, count, and the key-value's tag and length around it.
        const auto around = static_cast<std::int64_t>(
            ResponseBytes(RangeResponse{1000, {kv}, 1, false}, HEADER_OF));
        kv.value.bytes =
            static_cast<std::uint32_t>(std::max<std::int64_t>(1, responseBytes - around));
        const auto whole = static_cast<std::int64_t>(
            ResponseBytes(RangeResponse{1000, {kv}, 1, false}, HEADER_OF));
        const auto excess = whole - responseBytes; // of the longer lengths
        const auto bytes =
            static_cast<std::int64_t>(kv.value.bytes) - (responseBytes > 0 ? excess : 0);
        kv.value.bytes = static_cast<std::uint32_t>(std::clamp<std::int64_t>(bytes, 1, LARGEST));
        m_plan.preload.push_back({key, {kv.value.bytes, NextContent()}, 0});
        return key;
    }

    std::string NextKey(const std::string& resource)
    {
        return m_prefix + resource + "/" + std::to_string(++m_keys);
    }

    /// So that the put, as a transaction's operation, has the logged size.
    Value ValueOf(std::int64_t requestBytes, const std::string& key)
    {
        const auto value =
            requestBytes - static_cast<std::int64_t>(key.size()) - (requestBytes > 16'384 ? 10 : 8);
        return {static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 1, LARGEST)),
                NextContent()};
    }

    std::uint64_t NextContent()
    {
        return m_client << 40 | ++m_content;
    }

    static constexpr std::int64_t LARGEST = 1'500'000; //!< below etcd's limit of a request
    static constexpr ResponseHeader HEADER_OF{1ULL << 63, 1ULL << 63, 2};

    std::string m_prefix;
    std::uint64_t m_client;
    ReplayPlan m_plan;
    std::map<std::string, std::uint64_t> m_chains;
    std::map<std::string, std::deque<std::string>> m_written;
    std::map<std::pair<std::string, std::int64_t>, std::string> m_preloaded;
    std::uint64_t m_keys = 0;
    std::uint64_t m_content = 0;
};

} // namespace

std::vector<LoggedRequest>
ReadReplayLog(const std::string& text, const std::string& label)
{
    std::istringstream lines(text);
    std::string line;
    std::vector<LoggedRequest> log;
    for (std::size_t number = 1; std::getline(lines, line); ++number)
    {
        if (line.ends_with('\r'))
        {
            line.pop_back();
        }
        const LineReader reader(label, number);
        if (number == 1)
        {
            if (line != HEADER)
            {
                reader.Fail("expected the columns " + HEADER + ", found " +
                            (line.empty() ? "an empty line" : "\"" + line.substr(0, 60) + "\""));
            }
            continue;
        }
        auto request = reader.Read(line);
        if (!log.empty() && request.at < log.back().at)
        {
            reader.Fail(
                "t_s: the line before was later: expected lines in the order of their times");
        }
        log.push_back(std::move(request));
    }
    if (log.empty())
    {
        throw ReplayLogError(label + ":1: expected the columns " + HEADER +
                             " and a line for each request, found " +
                             (text.empty() ? "an empty file" : "no request"));
    }
    return log;
}

std::vector<LoggedRequest>
ReadReplayLogFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()))
    {
        throw ReplayLogError(path + ": cannot be read");
    }
    return ReadReplayLog(text.str(), path);
}

ReplayPlan
PlanReplay(const std::vector<LoggedRequest>& log, std::uint64_t client)
{
    Planner planner(client);
    for (const auto& request : log)
    {
        planner.Add(request);
    }
    return planner.Take();
}

} // namespace etcdlab
