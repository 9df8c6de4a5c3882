#include "model/etcd/member-admin.h"

#include "model/base/clock.h"
#include "model/base/varint.h"
#include "model/etcd/pure/member-id.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/server.go: HealthInterval
constexpr Duration HEALTH_INTERVAL = 5s;
// etcdserver/server.go: readyPercent
constexpr double READY_SHARE = 0.9;

const ServerResult OK{};
// etcdserver/api/v3rpc/rpctypes/error.go
const ServerResult UNHEALTHY{GrpcCode::UNAVAILABLE, "etcdserver: unhealthy cluster", {}};
const ServerResult NOT_ENOUGH_STARTED{
    GrpcCode::FAILED_PRECONDITION,
    "etcdserver: re-configuration failed due to not enough started members",
    {}};
const ServerResult LEARNER_NOT_READY{
    GrpcCode::FAILED_PRECONDITION,
    "etcdserver: can only promote a learner member which is in sync with leader",
    {}};
const ServerResult NO_LEADER{GrpcCode::UNAVAILABLE, "etcdserver: no leader", {}};
const ServerResult TIMEOUT{GrpcCode::UNAVAILABLE, "etcdserver: request timed out", {}};

/// The answer to a PromotePost.
struct PromoteAnswer : Message
{
    explicit PromoteAnswer(ServerResult promoteResult)
        : result(std::move(promoteResult))
    {
    }

    ServerResult result;
};

} // namespace

RpcRequest
MakeMemberCall(MemberRequest request)
{
    RpcRequest call;
    // MemberAddRequest: the peer's address, perhaps is_learner; the others: an id.
    const auto addressBytes = FieldBytes(std::string("http://:2380").size() + request.name.size());
    const auto idBytes = IntFieldBytes(MemberId(request.name));
    switch (request.operation)
    {
    case MemberOperation::ADD:
        call.method = "/etcdserverpb.Cluster/MemberAdd";
        call.bytes = static_cast<std::uint32_t>(addressBytes);
        break;
    case MemberOperation::ADD_LEARNER:
        call.method = "/etcdserverpb.Cluster/MemberAdd";
        call.bytes = static_cast<std::uint32_t>(addressBytes + 2);
        break;
    case MemberOperation::PROMOTE:
        call.method = "/etcdserverpb.Cluster/MemberPromote";
        call.bytes = static_cast<std::uint32_t>(idBytes);
        break;
    case MemberOperation::REMOVE:
        call.method = "/etcdserverpb.Cluster/MemberRemove";
        call.bytes = static_cast<std::uint32_t>(idBytes);
        break;
    }
    call.body = std::make_shared<MemberCall>(std::move(request));
    return call;
}

std::uint64_t
MemberResponseBytes(const Membership& members, const ResponseHeader& header)
{
    auto bytes = FieldBytes(IntFieldBytes(header.clusterId) + IntFieldBytes(header.memberId) +
                            IntFieldBytes(header.raftTerm));
    for (const auto& member : members.Members())
    {
        const auto address = FieldBytes(std::string("http://:2380").size() + member.name.size());
        bytes += FieldBytes(IntFieldBytes(member.id) + FieldBytes(member.name.size()) +
                            2 * address + (member.learner ? 2 : 0));
    }
    return bytes;
}

MemberAdmin::MemberAdmin(const MemberConfig& config,
                         raft::NodeId self,
                         std::vector<raft::NodeId> initial,
                         EtcdServer& server,
                         const RaftNode& raft,
                         const PeerStreams& peers,
                         PeerHttpClient& posts,
                         FindNode findNode)
    : m_config(config),
      m_self(self),
      m_initial(std::move(initial)),
      m_server(server),
      m_raft(raft),
      m_peers(peers),
      m_posts(posts),
      m_findNode(std::move(findNode))
{
}

void
MemberAdmin::Handle(const MemberRequest& request, Done done)
{
    const auto id = MemberId(request.name);
    const bool learner = request.operation == MemberOperation::ADD_LEARNER;
    if (request.operation == MemberOperation::PROMOTE)
    {
        Promote(request, done);
        return;
    }
    const bool remove = request.operation == MemberOperation::REMOVE;
    if (m_config.strictReconfigCheck)
    {
        const auto refusal = remove ? CheckRemove(id) : CheckAdd(learner);
        if (refusal.code != GrpcCode::OK)
        {
            done(refusal);
            return;
        }
    }
    const auto type = remove    ? raft::ConfChangeType::REMOVE_NODE
                      : learner ? raft::ConfChangeType::ADD_LEARNER_NODE
                                : raft::ConfChangeType::ADD_NODE;
    m_server.ChangeMembers(type, {id, request.name, learner}, false, std::move(done));
}

/// Whether members have begun to serve (membership/cluster.go: IsStarted). etcd knows by a name that each one puts into
/// the log when it starts; here a new one counts while its streams are up.
std::size_t
MemberAdmin::Started(const std::vector<raft::NodeId>& members) const
{
    return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [this](auto id) {
        const bool initial = std::find(m_initial.begin(), m_initial.end(), id) != m_initial.end();
        return id == m_self || initial || m_peers.ActiveSince(id);
    }));
}

/// server.go: numConnectedSince
std::size_t
MemberAdmin::ConnectedLongEnough(const std::vector<raft::NodeId>& members) const
{
    return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [this](auto id) {
        const auto since = m_peers.ActiveSince(id);
        return id == m_self || (since && *since <= Now() - HEALTH_INTERVAL);
    }));
}

/// server.go: mayAddMember
ServerResult
MemberAdmin::CheckAdd(bool learner) const
{
    const auto voters = m_server.Members().Conf().voters;
    const auto started = Started(voters);
    const bool restoring =
        started == 1 && voters.size() == 1; // a cluster of one may become one of two
    if (!learner && !restoring && started < (voters.size() + 1) / 2 + 1)
    {
        return NOT_ENOUGH_STARTED;
    }
    return ConnectedLongEnough(voters) < voters.size() ? UNHEALTHY : OK;
}

/// server.go: mayRemoveMember
ServerResult
MemberAdmin::CheckRemove(raft::NodeId id) const
{
    const auto* member = m_server.Members().Find(id);
    if (member != nullptr && member->learner)
    {
        return OK;
    }
    const auto voters = m_server.Members().Conf().voters;
    auto others = voters;
    std::erase(others, id);
    if (others.empty() || Started(others) < others.size() / 2 + 1)
    {
        return NOT_ENOUGH_STARTED;
    }
    if (id != m_self && !m_peers.ActiveSince(id))
    {
        return OK; // one that is down belongs to no quorum anyway
    }
    return ConnectedLongEnough(voters) - 1 < 1 + (voters.size() - 1) / 2 ? UNHEALTHY : OK;
}

/// server.go: isLearnerReady, mayPromoteMember; only the leader knows
ServerResult
MemberAdmin::CheckPromote(raft::NodeId id) const
{
    const auto& raft = m_raft.Raft();
    if (raft.GetConfState().IsMember(id) &&
        static_cast<double>(raft.GetProgress(id).match) <
            READY_SHARE * static_cast<double>(raft.GetLastIndex()))
    {
        return LEARNER_NOT_READY;
    }
    const auto voters = m_server.Members().Conf().voters;
    const bool enough =
        Started(voters) + 1 >= (voters.size() + 1) / 2 + 1; // cluster.go: IsReadyToPromoteMember
    return m_config.strictReconfigCheck && !enough ? NOT_ENOUGH_STARTED : OK;
}

void
MemberAdmin::Promote(const MemberRequest& request, const Done& done)
{
    const auto id = MemberId(request.name);
    const auto& raft = m_raft.Raft();
    if (raft.IsLeader())
    {
        const auto refusal = CheckPromote(id);
        if (refusal.code != GrpcCode::OK)
        {
            done(refusal);
            return;
        }
        m_server.ChangeMembers(
            raft::ConfChangeType::ADD_NODE, {id, request.name, false}, true, done);
        return;
    }
    const auto leader = raft.GetLeader();
    const auto node = leader == raft::NO_NODE ? nullptr : m_findNode(leader);
    if (!node)
    {
        done(NO_LEADER);
        return;
    }
    m_posts.Ask(node,
                POST_REQUEST_HEAD_BYTES,
                std::make_shared<PromotePost>(m_self, request),
                [done](const PeerHttpAnswer* answer) {
                    const auto* body = answer == nullptr
                                           ? nullptr
                                           : dynamic_cast<const PromoteAnswer*>(answer->body.get());
                    done(body == nullptr ? TIMEOUT : body->result);
                });
}

void
MemberAdmin::Serve(const PromotePost& post, PeerHttpResponder respond)
{
    const Done done = [respond](const ServerResult& result) {
        respond(POST_ANSWER_BYTES, std::make_shared<PromoteAnswer>(result));
    };
    if (!m_raft.Raft().IsLeader())
    {
        done(NO_LEADER); // who asked was mistaken; etcd's would look for the leader again
        return;
    }
    Promote(post.request, done);
}

} // namespace etcdlab
