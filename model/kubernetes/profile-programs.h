// The programs that a profile says in steps, or names.
#pragma once

#include "model/kubernetes/program.h"
#include "model/kubernetes/pure/profile.h"
#include "model/kubernetes/step-runner.h"

#include <memory>
#include <string>

namespace etcdlab::kube
{

/// Add a profile's programs as one release's containers name them: "prometheus/certgen-create". A program of steps exits
/// with 0 when they are done, with 1 when one failed.
void AddPrograms(ProgramTable& table,
                 std::shared_ptr<const Profile> profile,
                 const std::string& release);

} // namespace etcdlab::kube
