// A Prometheus server on a node of the network.
#pragma once

#include "model/monitoring/http-server.h"
#include "model/monitoring/pure/prometheus-config.h"
#include "model/monitoring/pure/recorded-series.h"
#include "model/monitoring/pure/scrape.h"
#include "model/transport/byte-stream.h"

#include <ns3/node.h>

#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Asks every target for its metrics, each once in an interval and at a time of its own in it, over a connection that
 * it keeps (scrape/scrape.go, Go's net/http). A scrape whose answer has not come within the timeout has failed, and
 * its connection is dropped; one whose kept connection breaks before anything came is tried once more on a new one.
 *
 * It scrapes itself, too; of its own metrics only the size is true, and those few that the model knows are there.
 */
class Prometheus
{
  public:
    /// The network must outlive it.
    Prometheus(const PrometheusConfig& config, Network& network, ns3::Ptr<ns3::Node> node);
    /// Resets its connections.
    ~Prometheus();
    Prometheus(const Prometheus&) = delete;
    Prometheus& operator=(const Prometheus&) = delete;

    /// Before Start. @param host what the node is called in the target's URL
    void AddTarget(const std::string& job,
                   const std::string& host,
                   ns3::Ptr<ns3::Node> node,
                   std::uint16_t port);

    /// Begin. Its own target comes last.
    void Start();

    /// The page Targets, as it would show now.
    std::vector<TargetStatus> GetTargets() const;

    const RecordedSeries& GetSeries() const
    {
        return m_series;
    }

  private:
    class Scraper;

    void Serve(const HttpServer::Respond& respond);
    MetricPage OwnPage() const;

    PrometheusConfig m_config;
    Network& m_network;
    ns3::Ptr<ns3::Node> m_node;
    Duration m_started{0};
    RecordedSeries m_series;
    std::vector<std::unique_ptr<Scraper>> m_scrapers;
    std::unique_ptr<HttpServer> m_http;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
