// What an etcd member's /metrics has: the families, and the gRPC methods that label some of them.
#pragma once

#include "model/monitoring/pure/metric-page.h"

#include <string_view>
#include <utility>
#include <vector>

namespace etcdlab
{

/// By ascending name.
const std::vector<MetricFamilyInfo>& EtcdFamilies();

struct GrpcMethodInfo
{
    std::string_view method;
    std::string_view service;
    std::string_view type; //!< "unary", "bidi_stream", …
};

/// By method, then by service.
const std::vector<GrpcMethodInfo>& EtcdGrpcMethods();

/// Names as grpc-go spells them, by ascending name, and numbers.
const std::vector<std::pair<std::string_view, int>>& GrpcCodesByName();

} // namespace etcdlab
