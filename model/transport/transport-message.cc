// Transport "message": TCP's timing without its packets.
#include "model/transport/message-network.h"
#include "model/transport/message-wan.h"
#include "model/transport/transport.h"

namespace etcdlab
{

namespace
{

const bool transportMessageRegistered =
    TransportRegistry::Add("message", "TCP's timing in closed form, no packets: for sweeps", [] {
        auto transport = std::make_unique<Transport>();
        auto wan = std::make_unique<MessageWan>();
        transport->network = std::make_unique<MessageNetwork>(*wan);
        transport->wan = std::move(wan);
        return transport;
    });

} // namespace

} // namespace etcdlab
