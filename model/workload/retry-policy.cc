#include "model/workload/retry-policy.h"

#include <utility>

namespace etcdlab
{

namespace
{

/// retry_interceptor.go: a context's error that is not the call's own, else retry.go:isSafeRetry….
bool
IsSafe(bool repeatable, GrpcCode code, std::string_view error)
{
    if (code == GrpcCode::DEADLINE_EXCEEDED || code == GrpcCode::CANCELLED)
    {
        return true;
    }
    return code == GrpcCode::UNAVAILABLE &&
           (repeatable || error == "there is no address available" ||
            error == "there is no connection available");
}

} // namespace

RetryPolicy::RetryPolicy(std::size_t endpoints, std::function<double()> random)
    : m_quorum(endpoints / 2 + 1),
      m_random(std::move(random))
{
}

std::optional<Duration>
RetryPolicy::Next(std::uint32_t attempts,
                  bool repeatable,
                  GrpcCode code,
                  std::string_view error) const
{
    if (attempts >= MAX_ATTEMPTS || !IsSafe(repeatable, code, error))
    {
        return std::nullopt;
    }
    if (attempts % m_quorum != 0) // client.go:roundRobinQuorumBackoff
    {
        return Duration::zero();
    }
    const auto factor = 1 + JITTER * (2 * m_random() - 1); // utils.go:jitterUp
    return Duration(static_cast<Duration::rep>(static_cast<double>(WAIT.count()) * factor));
}

} // namespace etcdlab
