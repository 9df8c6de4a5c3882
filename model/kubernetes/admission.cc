#include "model/kubernetes/admission.h"

#include "model/base/clock.h"
#include "model/kubernetes/origins.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration BELIEVED = 30s;

bool
HasAny(ResourceStorage& storage, const std::string& nameSpace)
{
    return !storage.GetCacher()->Cache().List(nameSpace).empty();
}

std::optional<ApiError>
ErrorOfList(const ListResult& list)
{
    return list.revision == 0 ? std::optional(list.error) : std::nullopt;
}

} // namespace

Admission::Admission(ResourceStorage& limits, ResourceStorage& quotas)
    : m_limitRanges(limits),
      m_resourceQuotas(quotas)
{
}

void
Admission::Admit(const ResourceType& type, const std::string& nameSpace, Done done)
{
    if (!type.namespaced || type.resource == "events")
    {
        done(std::nullopt);
        return;
    }
    if (type.resource != "pods" && type.resource != "persistentvolumeclaims")
    {
        AdmitByQuotas(nameSpace, std::move(done));
        return;
    }
    AdmitByLimits(nameSpace, [this, nameSpace, done = std::move(done)](const auto& error) {
        error ? done(error) : AdmitByQuotas(nameSpace, done);
    });
}

/// Every request that finds nothing asks for itself.
void
Admission::AdmitByLimits(const std::string& nameSpace, Done done)
{
    if (Now() < m_limits[nameSpace].until || HasAny(m_limitRanges, nameSpace))
    {
        done(std::nullopt);
        return;
    }
    m_limitRanges.GetStore().List(
        nameSpace,
        0,
        {ORIGIN_ADMISSION},
        [this, nameSpace, done = std::move(done)](const ListResult& list) {
            const auto error = ErrorOfList(list);
            m_limits[nameSpace].until = error ? Duration(0) : Now() + BELIEVED;
            done(error);
        });
}

void
Admission::AdmitByQuotas(const std::string& nameSpace, Done done)
{
    auto& known = m_quotas[nameSpace];
    if (Now() < known.until || HasAny(m_resourceQuotas, nameSpace))
    {
        done(std::nullopt);
        return;
    }
    known.waiting.push_back(std::move(done));
    if (known.waiting.size() > 1)
    {
        return;
    }
    m_resourceQuotas.GetStore().List(
        nameSpace, 0, {ORIGIN_ADMISSION}, [this, nameSpace](const ListResult& list) {
            auto& asked = m_quotas[nameSpace];
            const auto error = ErrorOfList(list);
            asked.until = error ? Duration(0) : Now() + BELIEVED;
            for (const auto& each : std::exchange(asked.waiting, {}))
            {
                each(error);
            }
        });
}

} // namespace etcdlab::kube
