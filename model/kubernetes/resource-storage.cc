#include "model/kubernetes/resource-storage.h"

#include "model/base/clock.h"
#include "model/kubernetes/origins.h"

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// registry/generic/registry/store.go: resourceCountPollPeriodJitter; storage_factory.go: 1 min
constexpr Duration COUNT_INTERVAL = 60s;
constexpr double COUNT_JITTER = 1.2;

/// wait.Jitter
Duration
Jittered(Duration interval, double factor, const EtcdAccess& access)
{
    const auto longer = access.random() * factor * static_cast<double>(interval.count());
    return interval + Duration(static_cast<Duration::rep>(longer));
}

} // namespace

std::string_view
ResourcePath(const ResourceType& type)
{
    constexpr std::string_view ROOT = "/registry/";
    return std::string_view(type.prefix).substr(ROOT.size(), type.prefix.size() - ROOT.size() - 1);
}

ResourceStorage::ResourceStorage(const EtcdAccess& access,
                                 ObjectTable& objects,
                                 const ResourceType& type,
                                 bool primary)
    : m_access(access),
      m_type(type),
      m_client(access, ResourcePath(type)),
      m_store(m_client, objects, type),
      m_cacher(type.watchCached
                   ? std::make_unique<Cacher>(m_client, m_store, objects, type, primary)
                   : nullptr)
{
}

ResourceStorage::~ResourceStorage()
{
    m_count.Cancel();
}

void
ResourceStorage::Start()
{
    m_client.Start();
    if (m_cacher)
    {
        m_cacher->Start();
    }
    if (m_type.custom)
    {
        // Measured with 1.20.2: two lists, at the same moment, for each custom type whose storage is built.
        m_store.List("", CACHER_PAGE, {ORIGIN_CUSTOM_CACHER}, [](const ListResult&) {});
    }
    CountLater();
}

bool
ResourceStorage::IsReady() const
{
    auto& channel = const_cast<EtcdClient&>(m_client).Channel();
    return channel.AllReady() && (!m_cacher || (m_cacher->IsReady() && m_cacher->IsWatching()));
}

/// wait.JitterUntil: the first one at once.
void
ResourceStorage::CountLater()
{
    m_store.Count({ORIGIN_COUNTS});
    const auto pause = Jittered(COUNT_INTERVAL, COUNT_JITTER, m_access);
    m_count = ns3::Simulator::Schedule(ToTime(pause), &ResourceStorage::CountLater, this);
}

} // namespace etcdlab::kube
