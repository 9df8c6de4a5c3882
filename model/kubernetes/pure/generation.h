// When an update counts as a change of what is wanted.
#pragma once

#include "model/kubernetes/pure/object.h"

namespace etcdlab::kube
{

/// Of a new version: one more than the old one's if its spec differs (registry strategies' PrepareForUpdate).
/// Labels and status do not count; types without a generation keep 0.
std::int64_t NextGeneration(const Object& old, const Object& next);

} // namespace etcdlab::kube
