#include "model/kubernetes/pure/request-log.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace etcdlab::kube
{

namespace
{

template <class Request>
void
SortByStart(std::vector<Request>& requests)
{
    std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) {
        return a.start < b.start;
    });
}

std::string
Seconds(Duration time)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", ToSeconds(time));
    return text;
}

/// RFC 4180
std::string
CsvField(std::string_view text)
{
    if (text.find_first_of(",\"\r\n") == std::string_view::npos)
    {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text)
    {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

} // namespace

std::string_view
RequestLog::Name(std::string_view text)
{
    static std::set<std::string, std::less<>> names;
    const auto found = names.find(text);
    return found != names.end() ? *found : *names.emplace(text).first;
}

void
RequestLog::Add(EtcdRequest request)
{
    ++m_ended;
    m_etcd.push_back(request);
}

void
RequestLog::Add(ApiRequest request)
{
    m_api.push_back(std::move(request));
}

void
RequestLog::Clear()
{
    m_etcd.clear();
    m_api.clear();
}

std::string
EtcdRequestsText(std::vector<EtcdRequest> requests, Duration begin)
{
    SortByStart(requests);
    std::string text =
        "t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count,"
        "latency_ms,member,outcome\n";
    for (const auto& each : requests)
    {
        char latency[32];
        std::snprintf(latency, sizeof latency, "%.6f", Milliseconds(each.end - each.start));
        text += Seconds(each.start - begin) + "," + CsvField(each.rpc) + "," + CsvField(each.kind) +
                "," + CsvField(each.resource) + "," + CsvField(each.origin) + "," +
                std::to_string(each.requestBytes) + "," + std::to_string(each.responseBytes) + "," +
                std::to_string(each.count) + "," + latency + "," + CsvField(each.member) + "," +
                CsvField(each.outcome) + "\n";
    }
    return text;
}

std::string
ApiRequestsText(std::vector<ApiRequest> requests, Duration begin)
{
    SortByStart(requests);
    std::string text =
        "component,start_s,duration_s,status,verb,resource,namespace,name,request_bytes\n";
    for (const auto& each : requests)
    {
        text += CsvField(each.component) + "," + Seconds(each.start - begin) + "," +
                Seconds(each.end - each.start) + "," + std::to_string(each.status) + "," +
                CsvField(each.verb) + "," + CsvField(each.resource) + "," +
                CsvField(each.nameSpace) + "," + CsvField(each.name) + "," +
                std::to_string(each.requestBytes) + "\n";
    }
    return text;
}

} // namespace etcdlab::kube
