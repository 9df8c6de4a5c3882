#include "model/etcd/watch-service.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <deque>
#include <utility>
#include <vector>

namespace etcdlab
{

namespace
{

// etcdserver/api/v3rpc/interceptor.go: maxNoLeaderCnt
constexpr int MAX_LEADERLESS_POLLS = 3;
// etcdserver/api/v3rpc/watch.go: GetProgressReportInterval adds up to a tenth
constexpr double PROGRESS_JITTER = 0.1;

} // namespace

/// One stream (v3rpc/watch.go: serverWatchStream).
struct WatchService::Session
{
    struct Watch
    {
        bool previousKv = false;
        bool progressNotify = false;
        bool idle = true; //!< nothing was sent since the last time that progress was due
    };

    Session(std::uint64_t n, GrpcServerStreamPtr s, std::function<void()> filled)
        : number(n),
          stream(std::move(s)),
          buffer(std::move(filled))
    {
    }

    std::uint64_t number;
    GrpcServerStreamPtr stream;
    std::map<WatchId, Watch> watches;
    std::deque<WatchResponse> control; //!< answers to requests, which go first
    WatchBuffer buffer;
    bool requireLeader = false;
    Duration opened = Now();
    Duration progressInterval{0}; //!< 0: nobody asked yet
    ns3::EventId progress;
};

WatchService::WatchService(const MemberConfig& config, EtcdServer& server, Context context)
    : m_config(config),
      m_server(server),
      m_context(std::move(context)),
      m_start(Now())
{
}

WatchService::~WatchService()
{
    Stop();
}

void
WatchService::Stop()
{
    *m_alive = false;
    m_sync.Cancel();
    m_retry.Cancel();
    m_poll.Cancel();
    Close();
}

void
WatchService::Close()
{
    for (const auto& [number, session] : std::exchange(m_sessions, {}))
    {
        Forget(*session);
    }
}

void
WatchService::Open(const GrpcServerStreamPtr& stream)
{
    const auto number = m_opened++;
    const auto session = std::make_shared<Session>(number, stream, [this, number] {
        const auto found = m_sessions.find(number);
        if (found != m_sessions.end())
        {
            Drain(*found->second);
        }
    });
    m_sessions.emplace(number, session);
    const std::weak_ptr<Session> weak = session;
    stream->OnMessage([this, alive = m_alive, weak](const RpcMessage& message) {
        if (!*alive)
        {
            return;
        }
        m_context.work([this, alive, weak, body = message.body] {
            const auto self = weak.lock();
            if (*alive && self && self->stream->IsOpen())
            {
                Receive(self, static_cast<const WatchCall&>(*body));
            }
        });
    });
    stream->OnWritable([this, alive = m_alive, weak] {
        const auto self = weak.lock();
        if (*alive && self)
        {
            Drain(*self);
        }
    });
    stream->OnEnd([this, alive = m_alive, weak] {
        const auto self = weak.lock();
        if (*alive && self)
        {
            m_sessions.erase(self->number);
            Forget(*self);
        }
    });
}

void
WatchService::Receive(const SessionPtr& session, const WatchCall& call)
{
    if (call.requireLeader && !session->requireLeader)
    {
        session->requireLeader = true;
        if (m_server.Leader() == raft::NO_NODE)
        {
            End(session, ERROR_NO_LEADER);
            return;
        }
    }
    if (const auto* create = std::get_if<WatchCreateRequest>(&call.request))
    {
        Create(*session, *create);
    }
    else
    {
        Cancel(*session, std::get<WatchCancelRequest>(call.request));
    }
}

void
WatchService::Create(Session& session, const WatchCreateRequest& request)
{
    const auto present = m_server.Store().CurrentRevision();
    const auto id = m_server.Watchers().Watch(session.buffer,
                                              request.key,
                                              request.rangeEnd,
                                              request.start == 0 ? present + 1 : request.start);
    session.watches[id] = {request.previousKv, request.progressNotify, true};
    WatchResponse created;
    created.watch = id;
    created.revision = present;
    created.created = true;
    session.control.push_back(std::move(created));
    Drain(session);
    if (request.progressNotify && session.progressInterval == Duration(0))
    {
        // The ticker runs since the stream was opened.
        const auto interval = m_config.watchProgressNotifyInterval;
        const auto jitter =
            PROGRESS_JITTER * m_context.random() * static_cast<double>(interval.count());
        session.progressInterval = interval + Duration(static_cast<std::int64_t>(jitter));
        const auto elapsed = (Now() - session.opened) % session.progressInterval;
        session.progress = ns3::Simulator::Schedule(ToTime(session.progressInterval - elapsed),
                                                    &WatchService::Progress,
                                                    this,
                                                    session.number);
    }
    OnStateChanged();
}

void
WatchService::Cancel(Session& session, const WatchCancelRequest& request)
{
    if (m_server.Watchers().Cancel(session.buffer, request.watch))
    {
        session.watches.erase(request.watch);
        WatchResponse canceled;
        canceled.watch = request.watch;
        canceled.revision = m_server.Store().CurrentRevision();
        canceled.canceled = true;
        session.control.push_back(std::move(canceled));
        Drain(session);
    }
}

void
WatchService::End(const SessionPtr& session, const char* error)
{
    m_sessions.erase(session->number);
    Forget(*session);
    session->stream->End(GrpcCode::UNAVAILABLE, error);
}

void
WatchService::Forget(Session& session)
{
    session.progress.Cancel();
    m_server.Watchers().CancelAll(session.buffer);
}

void
WatchService::Drain(Session& session)
{
    while (session.stream->CanSend())
    {
        if (!session.control.empty())
        {
            auto response = std::move(session.control.front());
            session.control.pop_front();
            Send(session, std::move(response));
        }
        else if (!session.buffer.IsEmpty())
        {
            auto notification = session.buffer.Take();
            m_server.Counters().watchEvents += notification.events.size();
            Send(session, Respond(session, std::move(notification)));
        }
        else
        {
            return;
        }
    }
}

std::size_t
WatchService::PendingEvents() const
{
    std::size_t pending = 0;
    for (const auto& [number, session] : m_sessions)
    {
        pending += session->buffer.Events();
    }
    return pending;
}

void
WatchService::Send(Session& session, WatchResponse response)
{
    const auto bytes = WatchResponseBytes(response, m_context.header());
    session.stream->Send({static_cast<std::uint32_t>(bytes),
                          std::make_shared<WatchReply>(std::move(response), m_context.member)});
}

WatchResponse
WatchService::Respond(Session& session, WatchNotification notification) const
{
    WatchResponse response;
    response.watch = notification.watch;
    response.revision = notification.revision;
    response.compactRevision = notification.compactRevision;
    response.canceled = notification.compactRevision != 0;
    auto& watch = session.watches[notification.watch];
    watch.idle = watch.idle && notification.events.empty();
    for (auto& change : notification.events)
    {
        Event event{std::move(change), {}};
        if (watch.previousKv && !event.IsCreate())
        {
            const auto* previous = m_server.Store().Get(event.kv.key, event.kv.modRevision - 1);
            event.previous = previous != nullptr ? std::optional(*previous) : std::nullopt;
        }
        response.events.push_back(std::move(event));
    }
    if (response.canceled)
    {
        session.watches.erase(notification.watch);
    }
    return response;
}

void
WatchService::Progress(std::uint64_t number)
{
    auto& session = *m_sessions.at(number);
    for (auto& [id, watch] : session.watches)
    {
        if (watch.progressNotify && watch.idle)
        {
            m_server.Watchers().Progress(session.buffer, id);
        }
        watch.idle = true;
    }
    session.progress = ns3::Simulator::Schedule(
        ToTime(session.progressInterval), &WatchService::Progress, this, number);
}

void
WatchService::OnStateChanged()
{
    if (m_server.Watchers().Unsynced() > 0)
    {
        Arm(m_sync, WatchableStore::SYNC_INTERVAL, &WatchService::SyncWatchers);
    }
    if (m_server.Watchers().Victims() > 0)
    {
        Arm(m_retry, WatchableStore::VICTIM_INTERVAL, &WatchService::RetryVictims);
    }
    if (m_server.Leader() == raft::NO_NODE)
    {
        Arm(m_poll, m_config.electionTimeout, &WatchService::PollLeader);
    }
}

/// The loops run from the start of the process on, but events are spent on them only while there is something to do.
void
WatchService::Arm(ns3::EventId& event, Duration interval, void (WatchService::*loop)())
{
    if (!event.IsRunning())
    {
        const auto elapsed = (Now() - m_start) % interval;
        event = ns3::Simulator::Schedule(ToTime(interval - elapsed), loop, this);
    }
}

void
WatchService::SyncWatchers()
{
    while (m_server.Watchers().SyncWatchers())
    {
    }
    OnStateChanged();
}

void
WatchService::RetryVictims()
{
    m_server.Watchers().RetryVictims();
    OnStateChanged();
}

// v3rpc/interceptor.go: monitorLeader
void
WatchService::PollLeader()
{
    if (m_server.Leader() != raft::NO_NODE)
    {
        m_leaderlessPolls = 0;
        return;
    }
    if (++m_leaderlessPolls >= MAX_LEADERLESS_POLLS)
    {
        std::vector<SessionPtr> ending;
        for (const auto& [number, session] : m_sessions)
        {
            if (session->requireLeader)
            {
                ending.push_back(session);
            }
        }
        for (const auto& session : ending)
        {
            End(session, ERROR_NO_LEADER);
        }
    }
    OnStateChanged();
}

} // namespace etcdlab
