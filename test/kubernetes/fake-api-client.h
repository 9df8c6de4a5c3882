// A fake API server's client.
#pragma once

#include "test/kubernetes/fake-api-state.h"

namespace etcdlab::kube
{

/// @param component what the log calls it
std::unique_ptr<ApiClient> MakeFakeClient(std::shared_ptr<FakeApi::State> state,
                                          const std::string& component);

} // namespace etcdlab::kube
