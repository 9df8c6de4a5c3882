// What must hold between the parts of a profile.
#pragma once

#include "helper/scenario/document.h"
#include "model/kubernetes/pure/profile.h"

namespace etcdlab
{

/// The first thing that does not hold is thrown as ScenarioError, which points to its place in `document`.
void CheckProfile(const kube::Profile& profile, const Document& document);

/// Refuses keys that a step's verb does not take, and asks for those it needs.
void CheckStepKeys(const nlohmann::json& object,
                   const std::string& at,
                   const kube::StepConfig& step,
                   const Document& document);

} // namespace etcdlab
