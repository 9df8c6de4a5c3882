// Changes of a cluster's members on an operator's request (etcd 3.4.23 etcdserver/server.go: AddMember, RemoveMember,
// PromoteMember; the RPCs of etcdserverpb.Cluster).
#pragma once

#include "model/etcd/etcd-server.h"
#include "model/etcd/peer-http.h"
#include "model/etcd/peer-streams.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/pure/member-request.h"
#include "model/etcd/raft-node.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// All of them begin so: /etcdserverpb.Cluster/MemberAdd, ...
inline constexpr std::string_view CLUSTER_SERVICE = "/etcdserverpb.Cluster/";

/// Body of such a call.
struct MemberCall : Message
{
    explicit MemberCall(MemberRequest memberRequest)
        : request(std::move(memberRequest))
    {
    }

    MemberRequest request;
};

/// A call ready to be made.
RpcRequest MakeMemberCall(MemberRequest request);

/// Bytes of etcdserverpb.Member{Add,Promote,Remove}Response: the header and all members.
std::uint64_t MemberResponseBytes(const Membership& members, const ResponseHeader& header);

/// POST /members/promote/ID: a member that does not lead asks the leader to promote.
struct PromotePost : Message
{
    PromotePost(raft::NodeId sender, MemberRequest promoteRequest)
        : from(sender),
          request(std::move(promoteRequest))
    {
    }

    raft::NodeId from;
    MemberRequest request;
};

/// Checks whether a change could do harm, proposes it, and tells how it went.
class MemberAdmin
{
  public:
    using Done = EtcdServer::Done;
    using FindNode = std::function<ns3::Ptr<ns3::Node>(raft::NodeId)>;

    /// @param initial the members that the cluster began with
    /// All others must outlive this object.
    MemberAdmin(const MemberConfig& config,
                raft::NodeId self,
                std::vector<raft::NodeId> initial,
                EtcdServer& server,
                const RaftNode& raft,
                const PeerStreams& peers,
                PeerHttpClient& posts,
                FindNode findNode);

    /// `done` is called once, with etcd's error if it fails.
    void Handle(const MemberRequest& request, Done done);

    /// A promotion that another member asks this one for.
    void Serve(const PromotePost& post, PeerHttpResponder respond);

  private:
    ServerResult CheckAdd(bool learner) const;
    ServerResult CheckRemove(raft::NodeId id) const;
    ServerResult CheckPromote(raft::NodeId id) const;
    std::size_t Started(const std::vector<raft::NodeId>& members) const;
    std::size_t ConnectedLongEnough(const std::vector<raft::NodeId>& members) const;
    void Promote(const MemberRequest& request, const Done& done);

    const MemberConfig& m_config;
    raft::NodeId m_self;
    std::vector<raft::NodeId> m_initial;
    EtcdServer& m_server;
    const RaftNode& m_raft;
    const PeerStreams& m_peers;
    PeerHttpClient& m_posts;
    FindNode m_findNode;
};

} // namespace etcdlab
