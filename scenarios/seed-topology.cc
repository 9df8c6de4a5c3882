// The thesis' topology as an ns-3 program of one's own, without a scenario file: three etcd members behind
// wide-area links, a client on the API server's node, and the mean latency of its puts.
#include "helper/etcd-cluster-helper.h"
#include "helper/kv-client-helper.h"
#include "model/transport/tcp-network.h"
#include "model/transport/wan-link.h"

#include <ns3/simulator.h>
#include <ns3/string.h>

#include <iostream>

using namespace etcdlab;
using namespace std::chrono_literals;

int
main()
{
    WanBuilder wan;
    for (const char* name : {"api", "e1", "e2", "e3"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("api", "e1", {.delay = 125ms}); // one way: half of the thesis' 250 ms
    wan.AddLink("api", "e2", {.delay = 25ms});
    wan.AddLink("api", "e3", {.delay = 55ms});
    wan.AddLink("e1", "e2", {.delay = 150ms});
    wan.AddLink("e2", "e3", {.delay = 80ms});
    wan.Install();

    TcpNetwork network;
    EtcdClusterHelper etcd(network);
    etcd.SetAttribute("ElectionTimeout", ns3::StringValue("2s"));
    etcd.SetLeader("e2");
    etcd.Install(wan, {"e1", "e2", "e3"});

    KvClientHelper clients(network, ClientConfig{}, WorkloadConfig{.count = 90, .warmup = 3});
    const auto client = clients.Install(wan, "api", etcd.GetEndpoints());
    ns3::Simulator::Schedule(ns3::Seconds(10),
                             [client] { client->Begin([] { ns3::Simulator::Stop(); }); });
    ns3::Simulator::Run();

    double sum = 0;
    int count = 0;
    for (const auto& record : client->Records())
    {
        if (!record.warmup)
        {
            sum += Milliseconds(record.end - record.start);
            ++count;
        }
    }
    std::cout << "mean of " << count << " puts: " << sum / count << " ms\n";
    ns3::Simulator::Destroy();
}
