#include "model/etcd/lease-forwarder.h"

#include "model/etcd/pure/stream-messages.h"

#include <utility>

namespace etcdlab
{

namespace
{

// What Go's net/http writes for these, counted from its source, not captured: the request's line with Host,
// User-Agent, Content-Length, Content-Type and Accept-Encoding; the answer's with Content-Type, Date and
// Content-Length; an error's (http.Error) with X-Content-Type-Options and its text.
constexpr std::uint32_t REQUEST_HEAD = 160;
constexpr std::uint32_t ANSWER_HEAD = 112;
constexpr std::uint32_t ERROR_ANSWER = 157 + 16;

struct LeaseRenewAnswer : Message
{
    explicit LeaseRenewAnswer(const LeaseRenewResult& renewed)
        : result(renewed)
    {
    }

    LeaseRenewResult result;
};

} // namespace

void
AnswerLeaseRenew(const PeerHttpResponder& respond, LeaseId lease, const LeaseRenewResult& result)
{
    const bool ok = result.status == LeaseRenewResult::Status::OK;
    const auto body = static_cast<std::uint32_t>(KeepAliveResponseBytes(lease, result.ttl));
    respond(ok ? ANSWER_HEAD + body : ERROR_ANSWER, std::make_shared<LeaseRenewAnswer>(result));
}

LeaseForwarder::LeaseForwarder(Network& network, ns3::Ptr<ns3::Node> self, Duration dialTimeout)
    : m_http(network, std::move(self), {true, dialTimeout, Duration{0}})
{
}

void
LeaseForwarder::Renew(ns3::Ptr<ns3::Node> member, LeaseId lease, Done done)
{
    m_http.Ask(
        std::move(member),
        REQUEST_HEAD + KeepAliveRequestBytes(lease),
        std::make_shared<LeaseRenewRequest>(lease),
        [done = std::move(done)](const PeerHttpAnswer* answer) {
            const auto* renewed = answer == nullptr
                                      ? nullptr
                                      : dynamic_cast<const LeaseRenewAnswer*>(answer->body.get());
            done(renewed == nullptr ? LeaseRenewResult{LeaseRenewResult::Status::UNREACHABLE, 0}
                                    : renewed->result);
        });
}

void
LeaseForwarder::Stop()
{
    m_http.Stop();
}

} // namespace etcdlab
