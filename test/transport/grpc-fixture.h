// A gRPC client and servers on a simulated network, for tests.
#pragma once

#include "model/transport/grpc-channel.h"
#include "model/transport/grpc-server.h"
#include "test/transport/transport-fixture.h"

#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// A network that remembers the streams it made.
class RecordingNetwork : public Network
{
  public:
    void Listen(ns3::Ptr<ns3::Node> node,
                std::uint16_t port,
                StreamOptions options,
                AcceptHandler accept) override
    {
        m_tcp.Listen(node, port, options, [this, accept](ByteStreamPtr stream) {
            accepted.push_back(stream);
            accept(stream);
        });
    }

    void StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port) override
    {
        m_tcp.StopListening(node, port);
    }

    void Connect(ns3::Ptr<ns3::Node> from,
                 ns3::Ptr<ns3::Node> to,
                 std::uint16_t port,
                 StreamOptions options,
                 ConnectHandler connected) override
    {
        attempts.push_back(Duration(ns3::Simulator::Now().GetNanoSeconds()));
        m_tcp.Connect(from, to, port, options, [this, connected](ByteStreamPtr stream) {
            if (stream)
            {
                opened.push_back(stream);
            }
            connected(stream);
        });
    }

    std::vector<ByteStreamPtr> opened;   //!< client ends
    std::vector<ByteStreamPtr> accepted; //!< server ends
    std::vector<Duration> attempts;

  private:
    TcpNetwork m_tcp;
};

/// A client node "a" and servers on "s0", "s1", ..., each at its own distance.
class GrpcTest : public TransportTest
{
  protected:
    void Build(const std::vector<int>& oneWayMs, const std::string& policy = "round-robin")
    {
        wan.AddNode("a");
        BalancerContext context;
        for (std::size_t i = 0; i < oneWayMs.size(); ++i)
        {
            const std::string name = "s" + std::to_string(i);
            wan.AddNode(name);
            wan.AddLink("a", name, Link(Ms(oneWayMs[i])));
            context.endpoints.push_back(name);
        }
        wan.Install();
        std::vector<Endpoint> endpoints;
        for (std::size_t i = 0; i < oneWayMs.size(); ++i)
        {
            servers.push_back(std::make_unique<GrpcServer>());
            endpoints.push_back({context.endpoints[i], wan.GetNode(context.endpoints[i]), 2379});
        }
        channel = std::make_unique<GrpcChannel>(
            recording, wan.GetNode("a"), endpoints, BalancerRegistry::Make(policy, context));
        EXPECT_EQ(channel->AssignStreams(5), 1);
    }

    /// Serve with an answer of so many bytes that carries the request's number.
    void Serve(std::size_t i, std::uint32_t answerBytes)
    {
        servers[i]->Listen(recording,
                           wan.GetNode("s" + std::to_string(i)),
                           2379,
                           [answerBytes](const RpcRequest& request, GrpcServer::Responder respond) {
                               respond({.code = GrpcCode::OK,
                                        .error = "",
                                        .bytes = answerBytes,
                                        .body = request.body});
                           });
    }

    void BuildAndServe(const std::vector<int>& oneWayMs, std::uint32_t answerBytes = 28)
    {
        Build(oneWayMs);
        for (std::size_t i = 0; i < oneWayMs.size(); ++i)
        {
            Serve(i, answerBytes);
        }
        channel->Start();
        RunUntil(Ms(3000));
        ASSERT_TRUE(channel->AllReady());
    }

    void Call(std::uint32_t bytes, bool deadline = false)
    {
        channel->Call({.method = "/etcdserverpb.KV/Put",
                       .bytes = bytes,
                       .body = Number(calls++),
                       .deadline = deadline},
                      [this](const RpcResult& result) {
                          results.push_back(result);
                          times.push_back(Now());
                      });
    }

    /// Make a call and run until everything it causes is over.
    RpcResult CallAndWait(std::uint32_t bytes, bool deadline = false)
    {
        Call(bytes, deadline);
        RunUntil(Now() + Ms(5000));
        EXPECT_EQ(channel->InFlight(), 0u);
        return results.back();
    }

    RecordingNetwork recording;
    std::vector<std::unique_ptr<GrpcServer>> servers;
    std::unique_ptr<GrpcChannel> channel;
    std::vector<RpcResult> results;
    std::vector<Duration> times;
    int calls = 0;
};

} // namespace etcdlab
