#include "helper/watch-recorder.h"

#include "model/base/clock.h"

#include <algorithm>

namespace etcdlab
{

void
WatchRecorder::OnRevision(Revision revision)
{
    const auto count = static_cast<std::size_t>(revision) + 1;
    if (m_applied.size() < count)
    {
        m_applied.resize(count, Now());
    }
}

void
WatchRecorder::OnNews(std::uint64_t client, const WatchNews& news)
{
    if (news.type != WatchNews::Type::RESPONSE)
    {
        return;
    }
    m_delays.resize(std::max<std::size_t>(m_delays.size(), client + 1));
    for (const auto& event : *news.events)
    {
        m_delays[client].push_back(Now() -
                                   m_applied[static_cast<std::size_t>(event.kv.modRevision)]);
    }
}

} // namespace etcdlab
