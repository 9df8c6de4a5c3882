#include "model/etcd/snapshots.h"

#include "model/base/clock.h"
#include "model/etcd/pure/wire-size.h"

#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/server.go: releaseDelayAfterSnapshot
constexpr Duration RELEASE_DELAY = 30s;

/// The head, 8 bytes of length, the message with the old v2 store in it, the database.
std::uint64_t
PostBytes(const raft::Message& message)
{
    return POST_REQUEST_HEAD_BYTES + 8 + RaftMessageBytes(message) + SNAP_FILE_BYTES +
           message.snapshot->bytes;
}

} // namespace

Snapshots::Snapshots(const MemberConfig& config,
                     MemberStorage& storage,
                     RaftNode& raft,
                     EtcdServer& server,
                     PeerHttpClient& posts,
                     FindNode findNode)
    : m_config(config),
      m_storage(storage),
      m_raft(raft),
      m_server(server),
      m_posts(posts),
      m_findNode(std::move(findNode)),
      m_current(storage.log.Snapshot())
{
}

Snapshots::~Snapshots()
{
    Stop();
}

void
Snapshots::Stop()
{
    *m_alive = false;
}

void
Snapshots::OnApplied(raft::Index index)
{
    const auto last = m_current ? m_current->index : 0;
    if (m_taking || index <= last + m_config.snapshotCount)
    {
        return;
    }
    m_taking = true;
    // When the entry has been applied and the Ready that told of its commit has been written to the log.
    ns3::Simulator::ScheduleNow([this, alive = m_alive] {
        if (*alive)
        {
            Take();
        }
    });
}

void
Snapshots::Take()
{
    ++m_counters.taken;
    m_current = m_server.MakeSnapshot();
    const auto done = m_storage.SaveSnapshot(Now(), m_current, false);
    RunAt(done, [this, alive = m_alive, written = m_storage.log.Written()] {
        if (*alive)
        {
            Taken(written);
        }
    });
}

void
Snapshots::Taken(std::uint64_t written)
{
    m_taking = false;
    m_storage.log.Sync(written);
    const auto keep = m_config.snapshotCatchUpEntries;
    if (m_inFlight == 0 && m_current->index > keep)
    {
        m_raft.Compact(m_current->index - keep);
    }
}

void
Snapshots::Send(raft::Message message)
{
    const auto to = message.to;
    ++m_inFlight;
    const auto node = m_findNode(to);
    if (!node)
    {
        Sent(to, false); // it has left meanwhile
        return;
    }
    if (!m_current || m_current->index != m_server.AppliedIndex())
    {
        message.snapshot = m_server.MakeSnapshot(); // server.go: createMergedSnapshotMessage
    }
    else
    {
        message.snapshot = m_current;
    }
    m_counters.sentBytes += message.snapshot->bytes;
    const auto bytes = PostBytes(message);
    m_posts.Ask(node,
                bytes,
                std::make_shared<SnapshotPost>(std::move(message)),
                [this, to](const PeerHttpAnswer* answer) { Sent(to, answer != nullptr); });
}

void
Snapshots::Sent(raft::NodeId to, bool ok)
{
    if (ok)
    {
        ++m_counters.sent;
        ++m_counters.sentTo[to];
        ns3::Simulator::Schedule(ToTime(RELEASE_DELAY), [this, alive = m_alive] {
            if (*alive)
            {
                --m_inFlight;
            }
        });
    }
    else
    {
        ++m_counters.sendFailures;
        ++m_counters.failedTo[to];
        --m_inFlight;
        m_raft.ReportUnreachable(to);
    }
    m_raft.ReportSnapshot(to, ok);
}

void
Snapshots::Receive(std::shared_ptr<const SnapshotPost> post, PeerHttpResponder respond)
{
    // snap/db.go: SaveDBFrom. The bytes have been written as they came; the sync waits for all of them.
    const auto done = m_storage.disk.Write(Now(), post->message.snapshot->bytes, true);
    RunAt(done, [this, alive = m_alive, post = std::move(post), respond = std::move(respond)] {
        if (*alive)
        {
            ++m_counters.received;
            ++m_counters.receivedFrom[post->message.from];
            m_raft.Step(post->message);
            respond(POST_ANSWER_BYTES, nullptr);
        }
    });
}

void
Snapshots::Apply(const raft::SnapshotPtr& snapshot)
{
    m_current = snapshot;
    m_server.Install(snapshot);
}

} // namespace etcdlab
