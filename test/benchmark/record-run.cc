#include "test/benchmark/record-run.h"

#include "helper/etcd-cluster-helper.h"
#include "helper/kv-client-helper.h"
#include "helper/random-streams.h"
#include "model/base/clock.h"
#include "model/transport/tcp-network.h"
#include "model/transport/wan-link.h"
#include "test/benchmark/recording-network.h"

#include <ns3/config.h>
#include <ns3/rng-seed-manager.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>

namespace etcdlab::benchmark
{

namespace
{

using namespace std::chrono_literals;

/// World without proxies and over a RecordingNetwork; see there for the stages of the start.
class RecordingWorld
{
  public:
    explicit RecordingWorld(const Scenario& scenario)
        : m_scenario(scenario),
          m_network(m_tcp),
          m_cluster(m_network, scenario.accounting)
    {
        if (scenario.proxy || scenario.Endpoints() != "all")
        {
            throw std::runtime_error("only runs whose clients connect to all members are recorded");
        }
        ns3::RngSeedManager::SetSeed(1);
        ns3::RngSeedManager::SetRun(scenario.seed);
        for (const auto& name : scenario.Nodes())
        {
            m_wan.AddNode(name);
        }
        for (const auto& [ends, link] : scenario.AllLinks())
        {
            m_wan.AddLink(ends.first, ends.second, link);
        }
        m_wan.Install();
        m_wan.AssignStreams(LINK_STREAMS);
        for (const auto& name : scenario.topology.members)
        {
            m_cluster.SetConfig(name, scenario.Member(name));
        }
        m_cluster.SetLeader(scenario.leader);
        m_members = m_cluster.Install(m_wan, scenario.topology.members);
        ns3::Config::ConnectWithoutContext(
            "/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyTxEnd",
            ns3::MakeCallback(&RecordingWorld::PacketSent, this));
    }

    ~RecordingWorld()
    {
        ns3::Simulator::Destroy();
    }

    RecordingWorld(const RecordingWorld&) = delete;
    RecordingWorld& operator=(const RecordingWorld&) = delete;

    RecordedRun Run()
    {
        ns3::Simulator::ScheduleNow(&RecordingWorld::Advance, this);
        ns3::Simulator::Run();
        RecordedRun run;
        run.recording = m_network.GetRecorder().Finish();
        AddNetwork(run.recording);
        run.recording.end = ns3::Simulator::Now().GetNanoSeconds();
        for (const auto& timed : run.recording.timed)
        {
            Count(timed.send);
        }
        for (const auto& sides : run.recording.answers)
        {
            for (const auto& answers : sides)
            {
                std::for_each(answers.begin(), answers.end(), [&](const auto& answer) {
                    Count(answer.send);
                });
            }
        }
        m_moved.events = ns3::Simulator::GetEventCount();
        run.moved = m_moved;
        for (const auto& client : m_clients)
        {
            run.requests.insert(
                run.requests.end(), client->Records().begin(), client->Records().end());
        }
        return run;
    }

  private:
    void Advance()
    {
        const auto ready = [](const auto& member) { return member->IsReady(); };
        const auto connected = [](const auto& client) { return client->IsConnected(); };
        if (m_clients.empty() && std::all_of(m_members.begin(), m_members.end(), ready))
        {
            KvClientHelper helper(m_network, m_scenario.client, m_scenario.workload);
            for (const auto& node : m_scenario.ClientNodes())
            {
                m_clients.push_back(helper.Install(m_wan, node, m_cluster.GetEndpoints()));
            }
        }
        if (m_clients.empty() || !std::all_of(m_clients.begin(), m_clients.end(), connected))
        {
            ns3::Simulator::Schedule(ToTime(10ms), &RecordingWorld::Advance, this);
            return;
        }
        for (const auto& client : m_clients)
        {
            client->Begin([this] {
                if (++m_done == m_clients.size())
                {
                    ns3::Simulator::Stop();
                }
            });
        }
    }

    void AddNetwork(Recording& recording)
    {
        recording.nodes = static_cast<std::uint32_t>(m_wan.Nodes().size());
        for (const auto& [ends, link] : m_wan.Links())
        {
            recording.links.push_back({m_wan.GetNode(ends.first)->GetId(),
                                       m_wan.GetNode(ends.second)->GetId(),
                                       link->config.delay.count(),
                                       link->config.rate.bitsPerSecond,
                                       static_cast<std::uint32_t>(link->config.queue)});
        }
    }

    void Count(const RecordedSend& send)
    {
        ++m_moved.sends;
        m_moved.sentBytes += send.bytes;
    }

    void PacketSent(ns3::Ptr<const ns3::Packet>)
    {
        ++m_moved.packets;
    }

    const Scenario& m_scenario;
    WanBuilder m_wan;
    TcpNetwork m_tcp;
    RecordingNetwork m_network;
    EtcdClusterHelper m_cluster;
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::vector<ns3::Ptr<KvClient>> m_clients;
    std::size_t m_done = 0;
    Moved m_moved;
};

} // namespace

RecordedRun
RecordRun(const Scenario& scenario)
{
    return RecordingWorld(scenario).Run();
}

} // namespace etcdlab::benchmark
