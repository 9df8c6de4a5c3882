// From what a profile says of an object to the object, and when it is what a step waits for.
#pragma once

#include "model/kubernetes/pure/object.h"
#include "model/kubernetes/pure/profile.h"

namespace etcdlab::kube
{

/// An object's key, its texts filled in. @param namespaced of its type
ObjectKey KeyOf(const ObjectConfig& config, bool namespaced, const Variables& variables);

/**
 * A new object.
 *
 * @param content stands for what nobody looks at
 * @param variables `release` goes in front of its containers' programs, as "prometheus/certgen-create", so that
 *        releases do not share them
 */
Object MakeObject(const ObjectConfig& config,
                  const ResourceType& type,
                  const Profile& profile,
                  const Variables& variables,
                  std::uint64_t content);

/// Under which name a program of a profile is known to kubelets.
std::string ProgramName(const std::string& program, const Variables& variables);

/// Whether an object is what a step waits for; `object` is null if it does not exist.
bool Meets(const std::string& until, const Object* object);

/// Whether it will never be: a job that has failed too often.
bool IsHopeless(const std::string& until, const Object& object);

} // namespace etcdlab::kube
