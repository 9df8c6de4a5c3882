// Serves watch streams from a member's own store (etcd 3.4.23 etcdserver/api/v3rpc/watch.go, interceptor.go).
#pragma once

#include "model/base/units.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/kv-messages.h"
#include "model/etcd/pure/member-config.h"
#include "model/transport/grpc-stream.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace etcdlab
{

/**
 * The watch streams of a member. What a transaction changes is sent within its apply, one message for each
 * watcher, as long as the connection takes it; a client that reads too slowly fills its buffer and is caught up
 * later (WatchableStore).
 *
 * A stream that requires a leader is refused while the member knows none, and ended after three polls, one
 * election timeout apart, that found none.
 */
class WatchService
{
  public:
    struct Context
    {
        std::string member;
        std::function<ResponseHeader()> header;
        /// Runs something when a processor has had time for a request.
        std::function<void(std::function<void()>)> work;
        std::function<double()> random; //!< uniform in [0, 1): for progress intervals
    };

    /// What is referred to must outlive the service, or Stop be called before.
    WatchService(const MemberConfig& config, EtcdServer& server, Context context);
    ~WatchService();
    WatchService(const WatchService&) = delete;
    WatchService& operator=(const WatchService&) = delete;

    /// A client has opened a stream.
    void Open(const GrpcServerStreamPtr& stream);

    std::size_t Streams() const
    {
        return m_sessions.size();
    }

    /// Events that wait for a client's connection to take them.
    std::size_t PendingEvents() const;

    /// The store or the leader has changed.
    void OnStateChanged();

    /// Connections have been closed at this side: forget their streams.
    void Close();

    /// The process ends: nothing is sent any more.
    void Stop();

  private:
    struct Session;
    using SessionPtr = std::shared_ptr<Session>;

    void Receive(const SessionPtr& session, const WatchCall& call);
    void Create(Session& session, const WatchCreateRequest& request);
    void Cancel(Session& session, const WatchCancelRequest& request);
    void End(const SessionPtr& session, const char* error);
    void Forget(Session& session);
    /// Send what waits, as far as the stream takes it.
    void Drain(Session& session);
    void Send(Session& session, WatchResponse response);
    WatchResponse Respond(Session& session, WatchNotification notification) const;
    void Progress(std::uint64_t number);

    void Arm(ns3::EventId& event, Duration interval, void (WatchService::*loop)());
    void SyncWatchers();
    void RetryVictims();
    void PollLeader();

    const MemberConfig& m_config;
    EtcdServer& m_server;
    Context m_context;
    Duration m_start;                               //!< the loops count from here
    std::map<std::uint64_t, SessionPtr> m_sessions; //!< by order of opening
    std::uint64_t m_opened = 0;
    ns3::EventId m_sync;
    ns3::EventId m_retry;
    ns3::EventId m_poll;
    int m_leaderlessPolls = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
