// A client's watch, as clientv3 keeps one (etcd clientv3/watch.go).
#pragma once

#include "model/etcd/kv-messages.h"
#include "model/etcd/pure/stream-messages.h"
#include "model/transport/grpc-channel.h"

#include <ns3/event-id.h>

#include <functional>
#include <memory>
#include <string>

namespace etcdlab
{

struct WatcherSettings
{
    WatchCreateRequest request;
    bool requireLeader =
        false; //!< be told when the member has lost the cluster (clientv3.WithRequireLeader)
};

/**
 * One watch on a stream of its own, pinned to the endpoint the channel's balancer picked. When the stream is
 * lost it asks again, on another endpoint maybe, for what happened from the revision after the last one it knows
 * of. Ended by the server it stays ended: "etcdserver: no leader", or what it asked for has been compacted.
 *
 * Asked for "from now on", it resumes after the revision at which it was created; clientv3 asks for that revision
 * itself once more. A stream lost before anything came is opened again after a pause that grows from 1 ms by
 * a quarter each time, up to 100 ms; any other one at once.
 */
class Watcher
{
  public:
    struct Handlers
    {
        /// The server's answer to the creation, events or progress, and the member that sent it.
        std::function<void(const WatchResponse&, const std::string& member)> response;
        /// The stream is lost; asks for what happens from a revision on, 0 for "from now on".
        std::function<void(Revision next)> resume;
        /// For good; the error's text.
        std::function<void(const std::string& error)> ended;
    };

    /// @param channel must outlive the watcher, or Stop be called before
    Watcher(GrpcChannel& channel, WatcherSettings settings, Handlers handlers);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// Begin; after an end, begin again where it stopped.
    void Start();
    /// End the stream; no handler is called any more.
    void Stop();

    /// The revision it would ask from; 0: it has not been created yet and wants what happens from now on.
    Revision Next() const
    {
        return m_settings.request.start;
    }

    /// The server has answered the creation, and the stream stands.
    bool IsWatching() const
    {
        return m_watching;
    }

    /// Index of the endpoint; the number of endpoints if it waits for one.
    std::size_t Endpoint() const;

  private:
    void Open();
    void Receive(const WatchReply& reply);
    void OnEnd(GrpcCode code, const std::string& error);
    void End(const std::string& error);

    GrpcChannel& m_channel;
    WatcherSettings m_settings;
    Handlers m_handlers;
    GrpcClientStreamPtr m_stream;
    bool m_watching = false;
    bool m_heard = false; //!< something came on this stream
    Duration m_backoff{0};
    ns3::EventId m_reopen;
    std::shared_ptr<bool> m_alive;
};

} // namespace etcdlab
