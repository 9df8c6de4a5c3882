// What stands between a client's calls and its channel: retries, and the deadline.
#pragma once

#include "model/transport/grpc-channel.h"
#include "model/workload/retry-policy.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <map>
#include <optional>

namespace etcdlab
{

/**
 * Makes unary calls on a channel, with clientv3's retries and under a context's deadline if told
 * to. The deadline covers all attempts and the waits between them. When it has passed, the call ends
 * with DEADLINE_EXCEEDED, "context deadline exceeded", the attempt under way is called off
 * (RST_STREAM) and its answer, should it come, is ignored: a write may have been carried out.
 */
class UnaryInterceptor
{
  public:
    /// @param channel must outlive it, or be aborted before it ends
    /// @param retry none: each call is one attempt
    /// @param timeout of a call; 0: none
    UnaryInterceptor(GrpcChannel& channel, std::optional<RetryPolicy> retry, Duration timeout);
    ~UnaryInterceptor();
    UnaryInterceptor(const UnaryInterceptor&) = delete;
    UnaryInterceptor& operator=(const UnaryInterceptor&) = delete;

    /// `done` is called once, always later than this, with the last attempt's result.
    void Call(RpcRequest request, bool repeatable, GrpcChannel::Done done);

    /// Forget all calls, as when the process dies.
    void Abort();

  private:
    struct Pending
    {
        RpcRequest request;
        bool repeatable = false;
        GrpcChannel::Done done;
        std::uint32_t attempts = 0;
        GrpcChannel::CallId attempt = 0; //!< the last one
        ns3::EventId deadline;
        ns3::EventId wait; //!< for the next attempt
    };

    void Try(std::uint64_t call);
    void Ended(std::uint64_t call, const RpcResult& result);
    void Expire(std::uint64_t call);

    GrpcChannel& m_channel;
    std::optional<RetryPolicy> m_retry;
    Duration m_timeout;
    std::map<std::uint64_t, Pending> m_calls; //!< by number
    std::uint64_t m_next = 0;
};

} // namespace etcdlab
