#include "model/workload/watch-load.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration RESTART_PAUSE = 1s;

} // namespace

WatchLoad::WatchLoad(GrpcChannel& channel,
                     std::uint64_t count,
                     std::string key,
                     std::string rangeEnd)
    : m_watches(count)
{
    WatchCreateRequest request;
    request.key = std::move(key);
    request.rangeEnd = std::move(rangeEnd);
    request.previousKv = true;
    for (std::uint64_t number = 0; number < count; ++number)
    {
        Add(channel, number, request);
    }
}

void
WatchLoad::Add(GrpcChannel& channel, std::uint64_t number, const WatchCreateRequest& request)
{
    Watcher::Handlers handlers;
    handlers.response = [this, number](const auto& response, const auto& member) {
        Receive(number, response, member);
    };
    handlers.resume = [this, number](Revision next) {
        Tell({WatchNews::Type::CANCELLED, number, 0, nullptr, ""});
        Tell({WatchNews::Type::RESUMED, number, next, nullptr, ""});
    };
    handlers.ended = [this, number](const auto& error) { Ended(number, error); };
    m_watches[number].watcher =
        std::make_unique<Watcher>(channel, WatcherSettings{request, true}, std::move(handlers));
}

void
WatchLoad::OnNews(NewsHandler handler)
{
    m_news = std::move(handler);
}

void
WatchLoad::Start()
{
    for (const auto& watch : m_watches)
    {
        watch.watcher->Start();
    }
}

void
WatchLoad::Stop()
{
    for (auto& watch : m_watches)
    {
        watch.restart.Cancel();
        watch.watcher->Stop();
    }
}

bool
WatchLoad::IsReady() const
{
    return std::all_of(
        m_watches.begin(), m_watches.end(), [](const Watch& watch) { return watch.created; });
}

void
WatchLoad::Receive(std::uint64_t number, const WatchResponse& response, const std::string& member)
{
    auto& watch = m_watches[number];
    if (response.created)
    {
        if (!std::exchange(watch.created, true))
        {
            Tell({WatchNews::Type::CREATED, number, watch.watcher->Next(), nullptr, member});
        }
    }
    else if (response.IsProgress())
    {
        Tell({WatchNews::Type::PROGRESS, number, response.revision, nullptr, member});
    }
    else
    {
        Tell({WatchNews::Type::RESPONSE, number, response.revision, &response.events, member});
    }
}

void
WatchLoad::Ended(std::uint64_t number, const std::string& error)
{
    Tell({WatchNews::Type::CANCELLED, number, 0, nullptr, ""});
    if (error != ERROR_NO_LEADER)
    {
        return;
    }
    auto& watch = m_watches[number];
    watch.restart = ns3::Simulator::Schedule(ToTime(RESTART_PAUSE), [this, number] {
        const auto& watcher = m_watches[number].watcher;
        Tell({WatchNews::Type::RESUMED, number, watcher->Next(), nullptr, ""});
        watcher->Start();
    });
}

void
WatchLoad::Tell(WatchNews news)
{
    // Before it was created there was nothing to be missed.
    if (m_news && m_watches[news.watcher].created)
    {
        m_news(news);
    }
}

} // namespace etcdlab
