#include "model/workload/watcher.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// clientv3/watch.go: openWatchClient, maxBackoff
constexpr Duration FIRST_WATCH_BACKOFF = 1ms;
constexpr Duration MAX_BACKOFF = 100ms;

} // namespace

Watcher::Watcher(GrpcChannel& channel, WatcherSettings settings, Handlers handlers)
    : m_channel(channel),
      m_settings(std::move(settings)),
      m_handlers(std::move(handlers)),
      m_backoff(FIRST_WATCH_BACKOFF)
{
}

Watcher::~Watcher()
{
    Stop();
}

void
Watcher::Start()
{
    Stop();
    m_alive = std::make_shared<bool>(true);
    Open();
}

void
Watcher::Stop()
{
    if (m_alive)
    {
        *m_alive = false;
    }
    m_reopen.Cancel();
    m_watching = false;
    if (const auto stream = std::exchange(m_stream, nullptr))
    {
        stream->Cancel();
    }
}

std::size_t
Watcher::Endpoint() const
{
    return m_stream ? m_stream->Endpoint() : m_channel.Endpoints().size();
}

void
Watcher::Open()
{
    m_heard = false;
    m_stream = m_channel.OpenStream(WATCH_METHOD,
                                    MakeWatchMessage(m_settings.request, m_settings.requireLeader));
    m_stream->OnMessage([this, alive = m_alive](const RpcMessage& message) {
        if (*alive)
        {
            Receive(static_cast<const WatchReply&>(*message.body));
        }
    });
    m_stream->OnEnd([this, alive = m_alive](GrpcCode code, const std::string& error) {
        if (*alive)
        {
            OnEnd(code, error);
        }
    });
}

// clientv3/watch.go: serveSubstream
void
Watcher::Receive(const WatchReply& reply)
{
    const auto& response = reply.response;
    m_heard = true;
    m_backoff = FIRST_WATCH_BACKOFF;
    if (response.canceled)
    {
        End(response.compactRevision != 0 ? ERROR_COMPACTED : response.cancelReason);
        return;
    }
    auto& next = m_settings.request.start;
    if (!response.events.empty())
    {
        next = response.events.back().kv.modRevision + 1;
    }
    else if (response.created)
    {
        m_watching = true;
        next = next == 0 ? response.revision + 1 : next;
    }
    else
    {
        next = std::max(next, response.revision + 1);
    }
    if (m_handlers.response)
    {
        m_handlers.response(response, reply.member);
    }
}

// clientv3/watch.go: run, isHaltErr
void
Watcher::OnEnd(GrpcCode code, const std::string& error)
{
    if (code != GrpcCode::UNAVAILABLE || error == ERROR_NO_LEADER)
    {
        End(error.empty() ? std::string(GrpcCodeName(code)) : error);
        return;
    }
    m_stream = nullptr;
    m_watching = false;
    auto pause = Duration(0);
    if (!m_heard)
    {
        m_backoff = std::min(m_backoff + m_backoff / 4, MAX_BACKOFF);
        pause = m_backoff;
    }
    m_reopen = ns3::Simulator::Schedule(ToTime(pause), &Watcher::Open, this);
    if (m_handlers.resume)
    {
        m_handlers.resume(m_settings.request.start);
    }
}

void
Watcher::End(const std::string& error)
{
    const auto ended = m_handlers.ended;
    Stop();
    if (ended)
    {
        ended(error);
    }
}

} // namespace etcdlab
