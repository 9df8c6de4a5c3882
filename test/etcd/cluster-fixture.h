// A small cluster on a full mesh of equal links, and what tests do with it.
#pragma once

#include "helper/etcd-cluster-helper.h"
#include "helper/random-streams.h"
#include "model/etcd/kv-messages.h"
#include "test/transport/transport-fixture.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// Members e1, e2, … of which e1 leads, nodes for more of them, and a client.
class ClusterTest : public TransportTest
{
  protected:
    ~ClusterTest() override
    {
        for (auto& [name, channel] : m_channels)
        {
            channel->Abort();
        }
    }

    static std::string Name(std::size_t number)
    {
        return "e" + std::to_string(number);
    }

    /// @param nodes for members, of which the first `members` are started
    void Build(std::size_t members,
               std::size_t nodes,
               const MemberConfig& config,
               Duration delay = Ms(1))
    {
        std::vector<std::string> names = {"c"};
        for (std::size_t i = 1; i <= nodes; ++i)
        {
            names.push_back(Name(i));
            helper.SetConfig(Name(i), config);
        }
        for (auto a = names.begin(); a != names.end(); ++a)
        {
            wan.AddNode(*a);
            for (auto b = names.begin(); b != a; ++b)
            {
                wan.AddLink(*b, *a, Link(delay));
            }
        }
        wan.Install();
        wan.AssignStreams(LINK_STREAMS);
        helper.SetLeader("e1");
        m_members = helper.Install(
            wan, {names.begin() + 1, names.begin() + 1 + static_cast<std::ptrdiff_t>(members)});
    }

    EtcdMember& Member(std::size_t number)
    {
        return *m_members.at(number - 1);
    }

    /// Start member `number`, the next one, as one that joins.
    EtcdMember& Join(std::size_t number)
    {
        m_members.push_back(helper.Join(wan, Name(number)));
        RunUntil(Now() + Ms(1));
        return Member(number);
    }

    /// Carry out a call at a member, in its own time. @return its outcome once the simulation has run on
    std::shared_ptr<RpcResult> Call(std::size_t number, RpcRequest request)
    {
        auto& channel = m_channels[number];
        if (!channel)
        {
            const auto node = wan.GetNode(Name(number));
            const std::vector<Endpoint> endpoints = {{Name(number), node, ETCD_CLIENT_PORT}};
            BalancerContext context;
            context.endpoints = {Name(number)};
            channel = std::make_unique<GrpcChannel>(
                network, wan.GetNode("c"), endpoints, BalancerRegistry::Make("pinned", context));
            channel->Start();
        }
        auto result = std::make_shared<RpcResult>();
        result->response.code = GrpcCode::DEADLINE_EXCEEDED; // until it is answered
        channel->Call(std::move(request), [result](const RpcResult& answer) { *result = answer; });
        return result;
    }

    std::shared_ptr<RpcResult> Put(std::size_t number, std::string key, std::uint32_t bytes)
    {
        return Call(number, MakeCall(PutRequest{std::move(key), {bytes, ++m_values}}));
    }

    /// So many puts at a member, one after the other, each of a key of its own.
    void PutMany(std::size_t number, std::size_t count, std::uint32_t bytes = 1000)
    {
        for (std::size_t i = 0; i < count; ++i)
        {
            const auto put = Put(number, "key" + std::to_string(m_values + 1), bytes);
            for (int wait = 0; wait < 1000 && put->response.code == GrpcCode::DEADLINE_EXCEEDED;
                 ++wait)
            {
                RunUntil(Now() + Ms(5));
            }
            ASSERT_TRUE(put->Ok()) << put->response.error;
        }
    }

    /// Ask a member for a change of members, and wait for the answer.
    ServerResult Change(std::size_t at, MemberOperation operation, std::size_t number)
    {
        ServerResult result{GrpcCode::DEADLINE_EXCEEDED, "no answer", {}};
        bool done = false;
        Member(at).ChangeMembers({operation, Name(number)}, [&](const ServerResult& answer) {
            result = answer;
            done = true;
        });
        for (int wait = 0; wait < 1000 && !done; ++wait)
        {
            RunUntil(Now() + Ms(10));
        }
        return result;
    }

    /// All versions of all keys of a member's store.
    static std::vector<std::tuple<std::string, std::uint64_t, Revision, std::int64_t>> Content(
        const EtcdMember& member)
    {
        std::vector<std::tuple<std::string, std::uint64_t, Revision, std::int64_t>> content;
        member.GetStore().VisitVersions([&](const KeyValue& kv) {
            content.emplace_back(kv.key, kv.value.id, kv.modRevision, kv.version);
        });
        return content;
    }

    void Cut(std::size_t a, std::size_t b, bool down = true)
    {
        const auto& channel = wan.GetLink(Name(a), Name(b)).channel;
        channel->SetDown(0, down);
        channel->SetDown(1, down);
    }

    EtcdClusterHelper helper{network};

  private:
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::map<std::size_t, std::unique_ptr<GrpcChannel>> m_channels;
    std::uint64_t m_values = 0;
};

} // namespace etcdlab
