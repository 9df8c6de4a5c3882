// Whether clientv3 tries a failed call again.
#pragma once

#include "model/transport/grpc-connection.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace etcdlab
{

/**
 * clientv3's unary retry interceptor (etcd 3.4.23 clientv3/retry_interceptor.go, retry.go), as a
 * decision: no state, no time of its own.
 *
 * A repeatable call (Range; not a Txn, even if it only reads) is tried again when the error is
 * Unavailable, whatever else it says. Any other call only when it certainly was not sent, which
 * clientv3 tells by two texts of its balancer. As calls wait for a connection (FailFast=false),
 * channels of this model give neither text, and as good as no write is tried again.
 */
class RetryPolicy
{
  public:
    static constexpr std::uint32_t MAX_ATTEMPTS = 100; //!< options.go:defaultUnaryMaxRetries
    static constexpr Duration WAIT{25'000'000};        //!< options.go:defaultBackoffWaitBetween
    static constexpr double JITTER = 0.10;             //!< options.go:defaultBackoffJitterFraction

    /// @param endpoints of the client
    /// @param random uniform in [0, 1)
    RetryPolicy(std::size_t endpoints, std::function<double()> random);

    /// What to do after attempt number `attempts` (the first is 1) of a call whose context is still
    /// alive has failed: the wait before the next one, or nothing if there is none.
    std::optional<Duration> Next(std::uint32_t attempts,
                                 bool repeatable,
                                 GrpcCode code,
                                 std::string_view error) const;

  private:
    std::size_t m_quorum;
    std::function<double()> m_random;
};

} // namespace etcdlab
