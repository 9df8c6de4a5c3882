// Transport "tcp": packets of ns-3's TCP.
#include "model/transport/tcp-network.h"
#include "model/transport/transport.h"
#include "model/transport/wan-link.h"

namespace etcdlab
{

namespace
{

const bool transportTcpRegistered = TransportRegistry::Add("tcp", "packets, by ns-3's TCP/IP", [] {
    auto transport = std::make_unique<Transport>();
    transport->wan = std::make_unique<WanBuilder>();
    transport->network = std::make_unique<TcpNetwork>();
    return transport;
});

} // namespace

} // namespace etcdlab
