// What client-go puts between a component and the API server: a rate limit, and a controller's own credentials.
#pragma once

#include "model/kubernetes/api-calls.h"

#include <deque>
#include <memory>
#include <string>

namespace etcdlab::kube
{

/// A bucket of tokens that fills at a rate (client-go util/flowcontrol/throttle.go, golang.org/x/time/rate).
class TokenBucket
{
  public:
    /// @param rate tokens per second; 0: no limit
    TokenBucket(double rate, int burst);

    /// Take one; @return how long to wait for it
    Duration Take();

  private:
    double m_rate;
    double m_burst;
    double m_tokens;
    Duration m_last{0};
};

struct ClientLimits
{
    double rate = 0; //!< requests per second; 0: as many as it likes
    int burst = 0;
    /// The service account as which it asks: before its first request it gets that and asks for a token of it
    /// (controller-manager clientbuilder/client_builder_dynamic.go, 1.20). Empty: none.
    std::string credentials;
};

/// A client that keeps to its limits; watches and reads of the credentials are not limited.
std::unique_ptr<ApiClient> LimitClient(std::unique_ptr<ApiClient> client, ClientLimits limits);

} // namespace etcdlab::kube
