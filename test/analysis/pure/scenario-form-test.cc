#include "analysis/pure/scenario-form.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

using test::Ms;
using test::Rtt;
using test::SeedScenario;

ScenarioFormOptions
In(Accounting accounting)
{
    ScenarioFormOptions options;
    options.accounting = accounting;
    return options;
}

std::string
Refusal(const Scenario& scenario)
{
    try
    {
        MakeScenarioForm(scenario);
    }
    catch (const std::invalid_argument& error)
    {
        return error.what();
    }
    return "accepted";
}

double
Total(const ScenarioForm& form, const std::string& member, const std::string& operation)
{
    return Milliseconds(form.Form(form.clients.at(0), member, operation).Total());
}

TEST(ScenarioForm, TheThesisArithmetic)
{
    const ScenarioForm baseline = MakeScenarioForm(SeedScenario(), In(Accounting::THESIS));
    // (250+300)/3 + (50+160)/3 + (110+160)/3 = 1030/3
    EXPECT_NEAR(baseline.MeanMilliseconds("put"), 1030.0 / 3, 1e-9);
    Scenario optimised = SeedScenario();
    optimised.proxy.emplace();
    optimised.proxy->cpuPerChunk = Ms(3);
    const ScenarioForm proxied = MakeScenarioForm(optimised, In(Accounting::THESIS));
    EXPECT_EQ(proxied.MeanMilliseconds("put"), 216); // 50 + 160 + the proxy's 2 * 3
    optimised.proxy->cpuPerChunk = Ms(0);
    EXPECT_NEAR(Gain(baseline, MakeScenarioForm(optimised, In(Accounting::THESIS)), "put"),
                1030.0 / 630, // 343.33/210 = 1.63
                1e-12);
}

TEST(ScenarioForm, WhatTheProtocolCosts)
{
    const ScenarioForm form = MakeScenarioForm(SeedScenario());
    EXPECT_EQ(form.accounting, Accounting::ETCD);
    EXPECT_NEAR(form.MeanMilliseconds("put"), 450, 1e-9);                // (710 + 210 + 430)/3
    EXPECT_NEAR(form.MeanMilliseconds("linearizable_range"), 450, 1e-9); // the same
    EXPECT_NEAR(form.MeanMilliseconds("serializable_range"), 410.0 / 3, 1e-9); // 250, 50, 110
}

TEST(ScenarioForm, TheLinkThatTheThesisDoesNotGiveChangesNothing)
{
    for (const double rtt : {1.0, 1000.0})
    {
        Scenario scenario = SeedScenario();
        scenario.links[{"e1", "e3"}] = Rtt(rtt);
        for (const Accounting accounting : {Accounting::ETCD, Accounting::THESIS})
        {
            const ScenarioForm with = MakeScenarioForm(scenario, In(accounting));
            const ScenarioForm without = MakeScenarioForm(SeedScenario(), In(accounting));
            for (const std::string& operation : OperationNames())
            {
                EXPECT_EQ(with.MeanMilliseconds(operation), without.MeanMilliseconds(operation));
            }
        }
    }
}

// With e1 as leader its messages to e3 go over the API server's node, 125 + 55 one way, which is
// less than over e2, 150 + 80.
TEST(ScenarioForm, NodesWithoutALinkAreReachedOverOthers)
{
    Scenario scenario = SeedScenario();
    scenario.leader = "e1";
    const ScenarioForm form = MakeScenarioForm(scenario);
    EXPECT_EQ(Total(form, "e1", "put"), 550); // 250 + min(300, 360)
    EXPECT_EQ(Total(form, "e3", "put"), 770); // 110 + 180 + 300 + 180
}

TEST(ScenarioForm, ADirectLinkIsTakenEvenIfTheDetourIsShorter)
{
    Scenario scenario = SeedScenario();
    scenario.leader = "e1";
    scenario.links[{"e1", "e3"}] = Rtt(1000);
    const ScenarioForm form = MakeScenarioForm(scenario);
    EXPECT_EQ(Total(form, "e3", "put"), 1410); // 110 + 500 + 300 + 500
}

TEST(ScenarioForm, ALinkMayTakeAnotherTimeBack)
{
    Scenario scenario = SeedScenario();
    scenario.links[{"e1", "e2"}].returnDelay = Ms(170);   // from e2 to e1; 150 there
    scenario.links[{"api", "e1"}].returnDelay = Ms(100);  // from e1 to api; 125 there
    const ScenarioForm form = MakeScenarioForm(scenario); // e2 leads
    EXPECT_EQ(Total(form, "e1", "put"), 125 + 150 + 160 + 170 + 100);
    EXPECT_EQ(Total(form, "e1", "serializable_range"), 225);
    EXPECT_EQ(Total(form, "e3", "put"), 430) << "as without";
}

TEST(ScenarioForm, MembersMayDiffer)
{
    Scenario scenario = SeedScenario();
    scenario.memberOverrides["e1"] = scenario.member;
    scenario.memberOverrides["e1"].cpu.request = Ms(7);
    const ScenarioForm form = MakeScenarioForm(scenario);
    EXPECT_EQ(Total(form, "e1", "serializable_range"), 257);
    EXPECT_EQ(Total(form, "e3", "serializable_range"), 110);
}

TEST(ScenarioForm, BalancersDecideWhoTakesTheCalls)
{
    Scenario scenario = SeedScenario();
    scenario.client.balancer = "pick-first";
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 710); // e1
    scenario.client.balancer = "pinned";
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 710); // none named: the first
    scenario.client.pinnedEndpoint = "e3";
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 430);
}

TEST(ScenarioForm, TargetPoliciesDecideBehindAProxy)
{
    Scenario scenario = SeedScenario();
    scenario.proxy.emplace();
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 210); // the leader
    scenario.proxy->targetPolicy = "pinned";
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 710); // the first
    scenario.proxy->pinnedTarget = "e3";
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 430);
    scenario.proxy->targetPolicy = "round-robin";
    scenario.proxy->targets = {"e2", "e3"};
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 210); // its one connection: e2
    scenario.proxy->targetPolicy = "leader";
    scenario.proxy->targets = {"e3", "e1"}; // the leader is no target
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("put"), 430);
    scenario.client.endpoints = "all"; // past the proxy
    EXPECT_NEAR(MakeScenarioForm(scenario).MeanMilliseconds("put"), 450, 1e-9);
}

TEST(ScenarioForm, AProxyOnANodeOfItsOwn)
{
    Scenario scenario = SeedScenario();
    scenario.proxy.emplace();
    scenario.proxy->listenAddress = "e3";
    const ScenarioForm form = MakeScenarioForm(scenario);
    EXPECT_EQ(form.Form("api", "e2", "put").hops,
              (std::vector<Hop>{{"client to proxy", Ms(55)},
                                {"proxy to member", Ms(80)},
                                {"quorum", Ms(160), "e3"},
                                {"member to proxy", Ms(80)},
                                {"proxy to client", Ms(55)}}));
}

// The proxy deals its first connection, the first client's, to e1, the second to e2.
TEST(ScenarioForm, ARoundRobinProxyDealsOutConnections)
{
    Scenario scenario = SeedScenario();
    scenario.topology.apiServers = {"api", "api2"};
    scenario.links[{"api", "api2"}] = Rtt(10);
    scenario.proxy.emplace();
    scenario.proxy->targetPolicy = "round-robin";
    scenario.proxy->listenAddress = "api";
    const ScenarioForm shared = MakeScenarioForm(scenario);
    EXPECT_EQ(shared.MeanMilliseconds("api", "put"), 710);
    EXPECT_EQ(shared.MeanMilliseconds("api2", "put"), 220); // 10 to the proxy, then as from there
    EXPECT_EQ(shared.Share("api2", "e2"), 1);
    EXPECT_EQ(shared.Share("api2", "e1"), 0);
    EXPECT_EQ(shared.MeanMilliseconds("put"), 465); // (710 + 220)/2
    scenario.proxy->listenAddress = "localhost";    // a proxy each, with one connection each
    EXPECT_EQ(MakeScenarioForm(scenario).MeanMilliseconds("api2", "put"), 720);
}

TEST(ScenarioForm, StackedClientsUseTheMemberOnTheirNode)
{
    Scenario scenario = SeedScenario();
    scenario.topology.type = "stacked";
    scenario.topology.apiServers.clear();
    std::erase_if(scenario.links, [](const auto& link) { return link.first.first == "api"; });
    const ScenarioForm form = MakeScenarioForm(scenario);
    EXPECT_EQ(form.clients, (std::vector<std::string>{"e1", "e2", "e3"}));
    EXPECT_EQ(form.MeanMilliseconds("e1", "put"), 460); // 150 + 160 + 150
    EXPECT_EQ(form.MeanMilliseconds("e2", "put"), 160);
    EXPECT_EQ(form.MeanMilliseconds("e3", "put"), 320); // 80 + 160 + 80
    EXPECT_NEAR(form.MeanMilliseconds("put"), 940.0 / 3, 1e-9);
    EXPECT_EQ(form.MeanMilliseconds("serializable_range"), 0);
}

// At 8 Mbit/s a byte takes a microsecond. The request of 44 bytes (key 40, field 2, serializable 2) has 30 of frames and 54 of
// headers below; the answer 36 of frames, 28 + 20 of messages around key 40 and value 1024, and 54.
TEST(ScenarioForm, TransmissionIsAnOption)
{
    Scenario scenario = SeedScenario();
    for (auto& [pair, link] : scenario.links)
    {
        link.rate = {8'000'000};
    }
    EXPECT_EQ(MakeScenarioForm(scenario).Form("api", "e1", "serializable_range").Total(), Ms(250));
    ScenarioFormOptions options;
    options.transmission = true;
    const ScenarioForm form = MakeScenarioForm(scenario, options);
    EXPECT_EQ(form.Form("api", "e1", "serializable_range").hops,
              (std::vector<Hop>{{"client link", Ms(125.128)}, {"client link back", Ms(126.202)}}));
    // The notice: 17 bytes in a chunk of 6 more. In the thesis' accounting it is the entry's
    // message: 1097 and 25 of framing in a chunk.
    EXPECT_EQ(form.Form("api", "e1", "put").Of("commit notice"), Ms(150.077));
    options.accounting = Accounting::THESIS;
    EXPECT_EQ(MakeScenarioForm(scenario, options).Form("api", "e1", "put").Of("commit notice"),
              Ms(151.182));
}

TEST(ScenarioForm, JitterAddsItsMean)
{
    Scenario scenario = SeedScenario();
    scenario.links[{"api", "e1"}].jitter = Ms(10);
    EXPECT_EQ(Total(MakeScenarioForm(scenario), "e1", "serializable_range"), 260); // 2 * (125 + 5)
}

TEST(ScenarioForm, WhatItCannotComputeIsRefused)
{
    Scenario scenario = SeedScenario();
    scenario.leader = "";
    EXPECT_EQ(Refusal(scenario),
              "scenario \"seed\": the closed form needs to know who leads: name a member under "
              "\"leader\"");
    ScenarioFormOptions options;
    options.leader = "e2"; // as the run told
    EXPECT_NEAR(MakeScenarioForm(scenario, options).MeanMilliseconds("put"), 450, 1e-9);

    scenario.leader = "e9";
    EXPECT_NE(Refusal(scenario).find("leader: unknown name \"e9\""), std::string::npos);

    scenario = SeedScenario();
    scenario.links.erase({"api", "e1"});
    scenario.links.erase({"e1", "e2"});
    EXPECT_NE(Refusal(scenario).find("no way from"), std::string::npos);

    scenario = SeedScenario();
    scenario.client.balancer = "round-robbin";
    EXPECT_NE(Refusal(scenario).find("did you mean \"round-robin\""), std::string::npos);

    scenario = SeedScenario();
    scenario.client.endpoints = "proxy";
    EXPECT_NE(Refusal(scenario).find("there is no proxy"), std::string::npos);

    scenario.client.endpoints = "local";
    EXPECT_NE(Refusal(scenario).find("no member on node api"), std::string::npos);

    scenario = SeedScenario();
    scenario.proxy.emplace();
    scenario.proxy->targetPolicy = "leeder";
    EXPECT_NE(Refusal(scenario).find("did you mean \"leader\""), std::string::npos);
}

TEST(ScenarioForm, AFormThatIsNotThereIsAnError)
{
    EXPECT_THROW(MakeScenarioForm(SeedScenario()).Form("api", "e9", "put"), std::invalid_argument);
}

} // namespace
} // namespace etcdlab
