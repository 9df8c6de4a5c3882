#include "model/workload/unary-interceptor.h"

#include "model/base/clock.h"

#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

UnaryInterceptor::UnaryInterceptor(GrpcChannel& channel,
                                   std::optional<RetryPolicy> retry,
                                   Duration timeout)
    : m_channel(channel),
      m_retry(std::move(retry)),
      m_timeout(timeout)
{
}

UnaryInterceptor::~UnaryInterceptor()
{
    Abort();
}

void
UnaryInterceptor::Call(RpcRequest request, bool repeatable, GrpcChannel::Done done)
{
    if (!m_retry && m_timeout == Duration::zero())
    {
        m_channel.Call(std::move(request), std::move(done));
        return;
    }
    const auto call = m_next++;
    auto& pending = m_calls[call];
    pending.request = std::move(request);
    pending.repeatable = repeatable;
    pending.done = std::move(done);
    if (m_timeout > Duration::zero())
    {
        pending.request.deadline = true;
        pending.deadline =
            ns3::Simulator::Schedule(ToTime(m_timeout), &UnaryInterceptor::Expire, this, call);
    }
    Try(call);
}

void
UnaryInterceptor::Abort()
{
    for (auto& [call, pending] : m_calls)
    {
        pending.deadline.Cancel();
        pending.wait.Cancel();
    }
    m_calls.clear();
}

void
UnaryInterceptor::Try(std::uint64_t call)
{
    auto& pending = m_calls.at(call);
    ++pending.attempts;
    pending.attempt = m_channel.Call(
        pending.request, [this, call](const RpcResult& result) { Ended(call, result); });
}

void
UnaryInterceptor::Ended(std::uint64_t call, const RpcResult& result)
{
    auto& pending = m_calls.at(call);
    if (m_retry && !result.Ok())
    {
        const auto& response = result.response;
        const auto wait =
            m_retry->Next(pending.attempts, pending.repeatable, response.code, response.error);
        if (wait)
        {
            pending.wait =
                ns3::Simulator::Schedule(ToTime(*wait), &UnaryInterceptor::Try, this, call);
            return;
        }
    }
    pending.deadline.Cancel();
    const auto done = std::move(pending.done);
    m_calls.erase(call);
    done(result);
}

void
UnaryInterceptor::Expire(std::uint64_t call)
{
    auto& pending = m_calls.at(call);
    pending.wait.Cancel();
    m_channel.Cancel(pending.attempt);
    const auto done = std::move(pending.done);
    m_calls.erase(call);
    done(RpcResult{{.code = GrpcCode::DEADLINE_EXCEEDED,
                    .error = "context deadline exceeded",
                    .bytes = 0,
                    .body = {}},
                   m_channel.Endpoints().size()});
}

} // namespace etcdlab
