// The settings of a Prometheus server.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

/// As prometheus.yml names them, where it does.
struct PrometheusConfig
{
    std::string node = "prom";
    Duration scrapeInterval{15'000'000'000};
    Duration scrapeTimeout{10'000'000'000};
    std::vector<std::string> drop; //!< what the names of metrics that are not kept begin with
    Duration ownScrape{2'000'000};
    auto operator<=>(const PrometheusConfig&) const = default;
};

/// Where it listens, and scrapes itself.
inline constexpr std::uint16_t PROMETHEUS_PORT = 9090;

template <class Visitor>
void
Describe(Visitor& v, PrometheusConfig& c)
{
    v.Field("node",
            c.node,
            {.help = "the node it runs on: one of its own, or another's, as an API server's"});
    v.Field("scrape_interval",
            c.scrapeInterval,
            {.help = "time between two scrapes of a target",
             .source = "the thesis; Prometheus' configuration in its documentation",
             .min = 1e6,
             .max = 86400e9});
    v.Field("scrape_timeout",
            c.scrapeTimeout,
            {.help = "after which a scrape has failed; at most the interval",
             .source = "Prometheus config/config.go:DefaultGlobalConfig",
             .min = 1e6,
             .max = 86400e9});
    v.Field("drop",
            c.drop,
            {.help = "metrics whose names begin so are scraped, but not kept "
                     "(metric_relabel_configs, action drop)"});
    v.Field("own_scrape",
            c.ownScrape,
            {.help = "time its own page of metrics takes it",
             .source = "measured: Prometheus 2.42 scraping itself",
             .max = 10e9});
}

} // namespace etcdlab
