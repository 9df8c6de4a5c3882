#include "model/kubernetes/pure/generation.h"

namespace etcdlab::kube
{

namespace
{

bool
SameSpec(const Body& a, const Body& b)
{
    if (const auto* x = std::get_if<WorkloadBody>(&a))
    {
        auto y = std::get_if<WorkloadBody>(&b) ? std::get<WorkloadBody>(b) : WorkloadBody{};
        y.status = x->status;
        return *x == y;
    }
    if (const auto* x = std::get_if<DefinitionBody>(&a))
    {
        auto y = std::get_if<DefinitionBody>(&b) ? std::get<DefinitionBody>(b) : DefinitionBody{};
        y.namesAccepted = x->namesAccepted;
        y.established = x->established;
        return *x == y;
    }
    return true;
}

} // namespace

std::int64_t
NextGeneration(const Object& old, const Object& next)
{
    const bool custom = old.type->custom && old.body != next.body;
    return old.generation + (custom || !SameSpec(old.body, next.body) ? 1 : 0);
}

} // namespace etcdlab::kube
