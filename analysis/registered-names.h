// The registries' names, for the scenario reader, which knows no ns-3.
#pragma once

#include "helper/scenario/read-scenario.h"

namespace etcdlab
{

/// Everything this program has registered.
KnownNames RegisteredNames();

} // namespace etcdlab
