#include "model/monitoring/prometheus.h"

#include "model/base/clock.h"

#include <ns3/event-id.h>
#include <ns3/ipv4.h>
#include <ns3/simulator.h>

#include <sstream>
#include <utility>

namespace etcdlab
{

namespace
{

/// What Prometheus 2.42's own page has when gzipped; measured soon after its start.
constexpr std::uint64_t OWN_PAGE_BYTES = 7134;

const std::vector<MetricFamilyInfo>&
OwnFamilies()
{
    using enum MetricType;
    using enum MetricPresence;
    static const std::vector<MetricFamilyInfo> families = {
        {"process_start_time_seconds",
         GAUGE,
         MODELLED,
         "Start time of the process since unix epoch in seconds."},
        {"prometheus_tsdb_head_samples_appended_total",
         COUNTER,
         MODELLED,
         "Total number of appended samples."},
        {"prometheus_tsdb_head_series",
         GAUGE,
         MODELLED,
         "Total number of series in the head block."},
    };
    return families;
}

std::string
AddressOf(const ns3::Ptr<ns3::Node>& node, std::uint16_t port)
{
    std::ostringstream text;
    // Nodes without IP (transport "message") are shown the address that WanBuilder would give them.
    const auto ipv4 = node->GetObject<ns3::Ipv4>();
    const auto address =
        ipv4 ? ipv4->GetAddress(1, 0).GetLocal() : ns3::Ipv4Address(0x0a000001 + node->GetId());
    address.Print(text);
    text << ":" << port;
    return text.str();
}

} // namespace

/// The loop of one target.
class Prometheus::Scraper
{
  public:
    Scraper(Prometheus& server, ScrapeTarget target, ns3::Ptr<ns3::Node> node, std::uint16_t port)
        : m_server(server),
          m_node(std::move(node)),
          m_port(port)
    {
        m_status.target = std::move(target);
    }

    ~Scraper()
    {
        m_next.Cancel();
        m_deadline.Cancel();
        Drop();
    }

    Scraper(const Scraper&) = delete;
    Scraper& operator=(const Scraper&) = delete;

    void Start()
    {
        const auto offset = ScrapeOffset(m_status.target, m_server.m_config.scrapeInterval);
        m_next = ns3::Simulator::Schedule(ToTime(offset), &Scraper::Scrape, this);
    }

    const TargetStatus& Status() const
    {
        return m_status;
    }

  private:
    void Scrape()
    {
        const auto& config = m_server.m_config;
        m_next = ns3::Simulator::Schedule(ToTime(config.scrapeInterval), &Scraper::Scrape, this);
        m_deadline = ns3::Simulator::Schedule(ToTime(config.scrapeTimeout), [this] {
            Fail(scrape_error::Timeout(m_status.target, m_received > 0));
        });
        m_began = Now();
        m_scrape = std::make_shared<int>();
        m_reused = m_stream != nullptr;
        m_reused ? Ask() : Connect();
    }

    void Connect()
    {
        const auto connected = [this, scrape = std::weak_ptr(m_scrape)](ByteStreamPtr stream) {
            if (!scrape.expired())
            {
                Connected(std::move(stream));
            }
            else if (stream)
            {
                stream->Abort(); // too late
            }
        };
        m_server.m_network.Connect(m_server.m_node, m_node, m_port, {}, connected);
    }

    void Connected(ByteStreamPtr stream)
    {
        if (!stream)
        {
            Fail(scrape_error::Refused(m_status.target, Address()));
            return;
        }
        m_stream = std::move(stream);
        m_stream->OnReceive([this](const Chunk& chunk) {
            m_received += chunk.bytes;
            for (const auto& mark : chunk.marks)
            {
                const auto response =
                    std::dynamic_pointer_cast<const MetricsResponse>(mark.message);
                if (response && m_scrape)
                {
                    End(&response->page, "");
                    return;
                }
            }
        });
        m_stream->OnEnd([this](StreamEnd end) { Lost(end); });
        Ask();
    }

    void Ask()
    {
        m_received = 0;
        m_stream->Send({ScrapeRequestBytes(m_status.target, m_server.m_config.scrapeTimeout),
                        std::make_shared<MetricsRequest>()});
    }

    void Lost(StreamEnd end)
    {
        if (end == StreamEnd::CLOSED)
        {
            std::exchange(m_stream, nullptr)->Close();
        }
        m_stream = nullptr;
        if (!m_scrape)
        {
            return; // idle: the next scrape opens another one
        }
        if (std::exchange(m_reused, false) && m_received == 0)
        {
            Connect(); // net/http/transport.go: shouldRetryRequest
            return;
        }
        Fail(end == StreamEnd::RESET
                 ? scrape_error::Reset(m_status.target, Address(), m_received > 0)
                 : scrape_error::Closed(m_status.target, m_received > 0));
    }

    void Fail(const std::string& error)
    {
        Drop();
        End(nullptr, error);
    }

    void End(const MetricPage* page, const std::string& error)
    {
        m_deadline.Cancel();
        m_scrape.reset();
        const auto took = Now() - m_began;
        m_status.health = page != nullptr ? TargetHealth::UP : TargetHealth::DOWN;
        m_status.lastScrape = m_began;
        m_status.lastDuration = took;
        m_status.lastError = error;
        m_server.m_series.Append(m_status.target, {m_began, took, page});
    }

    void Drop()
    {
        if (m_stream)
        {
            std::exchange(m_stream, nullptr)->Abort();
        }
    }

    std::string Address() const
    {
        return AddressOf(m_node, m_port);
    }

    Prometheus& m_server;
    ns3::Ptr<ns3::Node> m_node;
    std::uint16_t m_port;
    TargetStatus m_status;
    ByteStreamPtr m_stream; //!< nullptr unless connected
    bool m_reused = false;  //!< the connection had served an earlier scrape
    std::uint64_t m_received = 0;
    Duration m_began{0};
    std::shared_ptr<int>
        m_scrape; //!< set while one is under way; names it to callbacks that come too late
    ns3::EventId m_next;
    ns3::EventId m_deadline;
};

Prometheus::Prometheus(const PrometheusConfig& config, Network& network, ns3::Ptr<ns3::Node> node)
    : m_config(config),
      m_network(network),
      m_node(std::move(node)),
      m_series(config.drop)
{
}

Prometheus::~Prometheus()
{
    *m_alive = false;
}

void
Prometheus::AddTarget(const std::string& job,
                      const std::string& host,
                      ns3::Ptr<ns3::Node> node,
                      std::uint16_t port)
{
    m_scrapers.push_back(std::make_unique<Scraper>(
        *this, ScrapeTarget{job, host + ":" + std::to_string(port)}, std::move(node), port));
}

void
Prometheus::Start()
{
    m_started = Now();
    m_http = std::make_unique<HttpServer>(
        m_network, m_node, PROMETHEUS_PORT, [this](auto respond) { Serve(respond); });
    AddTarget("prometheus", "localhost", m_node, PROMETHEUS_PORT);
    for (const auto& scraper : m_scrapers)
    {
        scraper->Start();
    }
}

void
Prometheus::Serve(const HttpServer::Respond& respond)
{
    RunAt(Now() + m_config.ownScrape, [this, alive = m_alive, respond] {
        if (*alive)
        {
            respond(METRICS_HEAD_BYTES +
                        static_cast<std::uint32_t>(ChunkedBodyBytes(OWN_PAGE_BYTES)),
                    std::make_shared<MetricsResponse>(OwnPage()));
        }
    });
}

MetricPage
Prometheus::OwnPage() const
{
    MetricPage page(OwnFamilies());
    page.Set("process_start_time_seconds", ToSeconds(m_started));
    page.Set("prometheus_tsdb_head_samples_appended_total",
             static_cast<double>(m_series.Samples()));
    page.Set("prometheus_tsdb_head_series", static_cast<double>(m_series.Series()));
    return page;
}

std::vector<TargetStatus>
Prometheus::GetTargets() const
{
    std::vector<TargetStatus> targets;
    for (const auto& scraper : m_scrapers)
    {
        targets.push_back(scraper->Status());
    }
    return targets;
}

} // namespace etcdlab
