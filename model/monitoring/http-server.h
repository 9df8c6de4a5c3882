// A process that answers HTTP/1.1 requests for its /metrics, as Go's net/http serves them.
#pragma once

#include "model/monitoring/pure/metric-page.h"
#include "model/transport/byte-stream.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>

namespace etcdlab
{

/// GET /metrics
struct MetricsRequest : Message
{
};

/// 200 OK and the page.
struct MetricsResponse : Message
{
    explicit MetricsResponse(MetricPage metricPage)
        : page(std::move(metricPage))
    {
    }

    MetricPage page;
};

/// Head of a scrape's answer: content type and encoding, date, chunked. Measured on etcd's --listen-metrics-urls and
/// on Prometheus; on etcd's client port there are three more headers, for browsers, with 162 bytes.
inline constexpr std::uint32_t METRICS_HEAD_BYTES = 164;

/// One listening port; connections stay open between requests.
class HttpServer
{
  public:
    using Respond = std::function<void(std::uint32_t bytes, MessagePtr response)>;
    /// A request has come. Copies of `respond` may be kept; it does nothing once the connection has ended.
    using Handler = std::function<void(Respond respond)>;

    /// The network must outlive the server, or Stop be called before.
    /// @throws std::invalid_argument if somebody listens there already
    HttpServer(Network& network, ns3::Ptr<ns3::Node> node, std::uint16_t port, Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The process dies: connections are reset.
    void Stop();

  private:
    void Accept(const ByteStreamPtr& stream);

    Network& m_network;
    ns3::Ptr<ns3::Node> m_node;
    std::uint16_t m_port;
    Handler m_handler;
    std::vector<ByteStreamPtr> m_streams;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
