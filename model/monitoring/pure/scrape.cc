#include "model/monitoring/pure/scrape.h"

#include "model/monitoring/pure/metric-page.h"

namespace etcdlab
{

namespace
{

std::string
Get(const ScrapeTarget& target, const std::string& what)
{
    return "Get \"" + target.Url() + "\": " + what;
}

} // namespace

const char*
NameOf(TargetHealth health)
{
    switch (health)
    {
    case TargetHealth::UNKNOWN:
        return "unknown";
    case TargetHealth::UP:
        return "up";
    case TargetHealth::DOWN:
        return "down";
    }
    return "";
}

std::uint32_t
ScrapeRequestBytes(const ScrapeTarget& target, Duration timeout)
{
    const auto seconds = FormatMetricValue(ToSeconds(timeout));
    const auto request = "GET /metrics HTTP/1.1\r\n"
                         "Host: " +
                         target.instance +
                         "\r\n"
                         "User-Agent: Prometheus/2.42.0\r\n"
                         "Accept: application/openmetrics-text;version=1.0.0,"
                         "application/openmetrics-text;version=0.0.1;q=0.75,"
                         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
                         "Accept-Encoding: gzip\r\n"
                         "X-Prometheus-Scrape-Timeout-Seconds: " +
                         seconds + "\r\n\r\n";
    return static_cast<std::uint32_t>(request.size());
}

Duration
ScrapeOffset(const ScrapeTarget& target, Duration interval)
{
    // FNV-1a, 64 bits
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : target.Labels() + target.Url())
    {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return Duration(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(interval.count())));
}

namespace scrape_error
{

std::string
Refused(const ScrapeTarget& target, const std::string& address)
{
    return Get(target, "dial tcp " + address + ": connect: connection refused");
}

std::string
Timeout(const ScrapeTarget& target, bool answering)
{
    const std::string what = "context deadline exceeded";
    return answering ? what : Get(target, what);
}

std::string
Reset(const ScrapeTarget& target, const std::string& address, bool answering)
{
    const auto what = "read tcp " + address + ": read: connection reset by peer";
    return answering ? what : Get(target, what);
}

std::string
Closed(const ScrapeTarget& target, bool answering)
{
    return answering ? "unexpected EOF" : Get(target, "EOF");
}

} // namespace scrape_error

} // namespace etcdlab
