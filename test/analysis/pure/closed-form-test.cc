#include "analysis/pure/closed-form.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace etcdlab
{
namespace
{

using test::Ms;

/// One-way delays by hand, which may differ in the two directions.
struct World
{
    std::vector<std::string> members;
    std::string leader;
    std::map<std::pair<std::string, std::string>, Duration> oneWay;
    std::map<std::string, MemberConfig> configs = {};
    MemberConfig common = {};

    void Both(const std::string& a, const std::string& b, double milliseconds)
    {
        oneWay[{a, b}] = oneWay[{b, a}] = Ms(milliseconds);
    }

    ClosedForm Form(const std::string& client,
                    const std::string& member,
                    const std::string& operation,
                    Accounting accounting = Accounting::ETCD,
                    const ProxyHop* proxy = nullptr) const
    {
        ClosedFormInput input;
        input.members = members;
        input.leader = leader;
        input.accounting = accounting;
        input.member = [this](const std::string& name) -> const MemberConfig& {
            const auto own = configs.find(name);
            return own == configs.end() ? common : own->second;
        };
        input.delay = [this](const std::string& from, const std::string& to, std::uint64_t) {
            return oneWay.at({from, to});
        };
        return MakeClosedForm(input, client, member, operation, proxy);
    }

    double Total(const std::string& client,
                 const std::string& member,
                 const std::string& operation,
                 Accounting accounting = Accounting::ETCD) const
    {
        return Milliseconds(Form(client, member, operation, accounting).Total());
    }
};

World
Seed()
{
    World world{{"e1", "e2", "e3"}, "e2", {}};
    world.Both("api", "e1", 125);
    world.Both("api", "e2", 25);
    world.Both("api", "e3", 55);
    world.Both("e1", "e2", 150);
    world.Both("e2", "e3", 80);
    return world; // e1-e3 is missing: asking for it would throw
}

/// a leads; round trips from it: b 20, c 40, d 60, e 80. The client is 5 ms from everyone.
World
FiveMembers()
{
    World world{{"a", "b", "c", "d", "e"}, "a", {}};
    world.Both("a", "b", 10);
    world.Both("a", "c", 20);
    world.Both("a", "d", 30);
    world.Both("a", "e", 40);
    for (const std::string& member : world.members)
    {
        world.Both("client", member, 5);
    }
    return world;
}

const std::vector<std::string> ROUNDS = {"put", "txn", "delete_range", "linearizable_range"};

TEST(ClosedForm, SeedInEtcdsAccounting)
{
    for (const std::string& operation : ROUNDS)
    {
        EXPECT_EQ(Seed().Total("api", "e1", operation), 710); // 125 + 150 + 160 + 150 + 125
        EXPECT_EQ(Seed().Total("api", "e2", operation), 210); // 25 + 160 + 25
        EXPECT_EQ(Seed().Total("api", "e3", operation), 430); // 55 + 80 + 160 + 80 + 55
    }
}

TEST(ClosedForm, SeedInTheThesisAccounting)
{
    for (const std::string& operation : ROUNDS)
    {
        EXPECT_EQ(Seed().Total("api", "e1", operation, Accounting::THESIS), 550); // 250 + 300
        EXPECT_EQ(Seed().Total("api", "e2", operation, Accounting::THESIS), 210); // 50 + 160
        EXPECT_EQ(Seed().Total("api", "e3", operation, Accounting::THESIS), 270); // 110 + 160
    }
}

TEST(ClosedForm, SerializableRangesCostTheClientLinkOnly)
{
    for (const Accounting accounting : {Accounting::ETCD, Accounting::THESIS})
    {
        EXPECT_EQ(Seed().Total("api", "e1", "serializable_range", accounting), 250);
        EXPECT_EQ(Seed().Total("api", "e2", "serializable_range", accounting), 50);
        EXPECT_EQ(Seed().Total("api", "e3", "serializable_range", accounting), 110);
    }
}

TEST(ClosedForm, HopsAreNamedInTheOrderOfTime)
{
    EXPECT_EQ(Seed().Form("api", "e1", "put").hops,
              (std::vector<Hop>{{"client link", Ms(125)},
                                {"forward", Ms(150)},
                                {"quorum", Ms(160), "e3"},
                                {"commit notice", Ms(150)},
                                {"client link back", Ms(125)}}));
    EXPECT_EQ(Seed().Form("api", "e3", "linearizable_range").hops,
              (std::vector<Hop>{{"client link", Ms(55)},
                                {"read index request", Ms(80)},
                                {"leadership quorum", Ms(160), "e3"},
                                {"read index answer", Ms(80)},
                                {"client link back", Ms(55)}}));
    EXPECT_EQ(Seed().Form("api", "e1", "put", Accounting::THESIS).hops,
              (std::vector<Hop>{{"client link", Ms(125)},
                                {"forward", Ms(150)},
                                {"commit notice", Ms(150)},
                                {"client link back", Ms(125)}}));
}

// Measured on etcd 3.4.23 with everything that a member sends delayed: m1 5, m2 20, m3 50 ms; each
// client on its member's node. The formula's values beside the measured medians.
TEST(ClosedForm, AsymmetricDelaysAsMeasured)
{
    World world{{"m1", "m2", "m3"}, "m1", {}};
    for (const auto& [from, delay] :
         std::map<std::string, double>{{"m1", 5}, {"m2", 20}, {"m3", 50}})
    {
        for (const std::string& to : world.members)
        {
            world.oneWay[{from, to}] = Ms(delay);
        }
    }
    for (const std::string& operation : ROUNDS)
    {
        world.leader = "m1";
        EXPECT_EQ(world.Total("m1", "m1", operation), 25); // 5 + 20; measured 29.9
        EXPECT_EQ(world.Total("m2", "m2", operation), 50); // 20 + 25 + 5; measured 56.2 at least
        EXPECT_EQ(world.Total("m3", "m3", operation), 80); // 50 + 25 + 5; measured 86.3
        world.leader = "m3";
        EXPECT_EQ(world.Total("m3", "m3", operation), 55);  // 50 + 5; measured 61.1
        EXPECT_EQ(world.Total("m1", "m1", operation), 110); // 5 + 55 + 50; measured 120.4
        EXPECT_EQ(world.Total("m2", "m2", operation), 125); // 20 + 55 + 50; measured 132.9
    }
    EXPECT_EQ(world.Total("m2", "m2", "serializable_range"), 0);
    EXPECT_TRUE(world.Form("m2", "m2", "serializable_range").hops.empty());
}

TEST(ClosedForm, FiveMembersNeedTheSecondQuickestFollower)
{
    const World world = FiveMembers();                 // q = 3, Q = 40 (c)
    EXPECT_EQ(world.Total("client", "a", "put"), 50);  // 10 + 40
    EXPECT_EQ(world.Total("client", "b", "put"), 70);  // 10 + 10 + 40 + 10
    EXPECT_EQ(world.Total("client", "c", "put"), 90);  // 10 + 20 + 40 + 20
    EXPECT_EQ(world.Total("client", "e", "put"), 130); // 10 + 40 + 40 + 40
    EXPECT_EQ(world.Form("client", "e", "put").hops.at(2), (Hop{"quorum", Ms(40), "c"}));
}

TEST(ClosedForm, FiveMembersInTheThesisAccountingNeedOneMoreThanTheForwarder)
{
    const World world = FiveMembers(); // W: the quickest of the followers other than the forwarder
    const auto thesis = Accounting::THESIS;
    EXPECT_EQ(world.Total("client", "a", "put", thesis), 50);  // as in etcd's
    EXPECT_EQ(world.Total("client", "b", "put", thesis), 70);  // 10 + 20 + W(c) 40
    EXPECT_EQ(world.Total("client", "c", "put", thesis), 70);  // 10 + 40 + W(b) 20
    EXPECT_EQ(world.Total("client", "e", "put", thesis), 110); // 10 + 80 + W(b) 20
}

TEST(ClosedForm, TwoMembersBothHaveToAgree)
{
    World world{{"a", "b"}, "a", {}};
    world.Both("a", "b", 10);
    world.Both("client", "a", 5);
    world.Both("client", "b", 5);
    EXPECT_EQ(world.Total("client", "a", "put"), 30);                     // 10 + 20
    EXPECT_EQ(world.Total("client", "b", "put"), 50);                     // 10 + 10 + 20 + 10
    EXPECT_EQ(world.Total("client", "b", "put", Accounting::THESIS), 30); // 10 + 20, W = 0
}

TEST(ClosedForm, OneMemberWaitsForItsOwnDiskAndReadsForNobody)
{
    World world{{"only"}, "only", {}};
    world.Both("api", "only", 5);
    EXPECT_EQ(world.Total("api", "only", "put"), 10);
    world.common.disk.syncMin = Ms(1);
    world.common.disk.syncMax = Ms(3);
    EXPECT_EQ(world.Total("api", "only", "put"), 12); // 10 + (1 + 3)/2
    EXPECT_EQ(world.Form("api", "only", "put").hops.at(1), (Hop{"disk sync", Ms(2), "only"}));
    EXPECT_EQ(world.Total("api", "only", "linearizable_range"), 10);
}

TEST(ClosedForm, OnlyTheQuorumFollowersSyncAddsToTheRoundTrip)
{
    World world = Seed();
    world.common.disk.syncMin = world.common.disk.syncMax = Ms(1);
    EXPECT_EQ(world.Total("api", "e1", "put"),
              711); // 250 + 300 + max(1, 160 + 1); e1's own is past
    EXPECT_EQ(world.Total("api", "e2", "put"), 211);
    EXPECT_EQ(world.Form("api", "e2", "put").Of("disk sync"), Ms(1));
    EXPECT_EQ(world.Total("api", "e1", "linearizable_range"), 710); // reads write nothing
}

TEST(ClosedForm, TheLeadersSyncRunsBesideTheRoundTrip)
{
    World world = Seed();
    world.configs["e2"].disk.syncMin = world.configs["e2"].disk.syncMax = Ms(200);
    EXPECT_EQ(world.Total("api", "e2", "put"), 250); // 50 + max(200, 160)
    EXPECT_EQ(world.Form("api", "e2", "put").hops,
              (std::vector<Hop>{{"client link", Ms(25)},
                                {"quorum", Ms(160), "e3"},
                                {"disk sync", Ms(40), "e2"}, // what is left of the 200
                                {"client link back", Ms(25)}}));
}

TEST(ClosedForm, ASlowDiskChangesWhoCompletesTheQuorum)
{
    World world = Seed();
    world.configs["e3"].disk.syncMin = world.configs["e3"].disk.syncMax = Ms(200);
    EXPECT_EQ(world.Total("api", "e2", "put"), 350); // 50 + min(300 by e1, 160 + 200 by e3)
    EXPECT_EQ(world.Form("api", "e2", "put").hops.at(1), (Hop{"quorum", Ms(300), "e1"}));
}

// T_f = d(f,L) + max(T_L + d(L,f), d(L,f) + F_f) = 150 + max(160 + 150, 150 + 500) = 800.
TEST(ClosedForm, AFollowerLooksAtTheNoticeAfterItsOwnSync)
{
    World world = Seed();
    world.configs["e1"].disk.syncMin = world.configs["e1"].disk.syncMax = Ms(500);
    EXPECT_EQ(world.Total("api", "e1", "put"), 1050); // 250 + 800
    EXPECT_EQ(world.Form("api", "e1", "put").hops.at(4), (Hop{"disk sync", Ms(340), "e1"}));
}

// Both slow: the leader publishes after its 200, and e1 has by then 300 of its 500 left.
TEST(ClosedForm, AFollowersSyncRunsBesideTheLeaders)
{
    World world = Seed();
    world.configs["e1"].disk.syncMin = world.configs["e1"].disk.syncMax = Ms(500);
    world.configs["e2"].disk.syncMin = world.configs["e2"].disk.syncMax = Ms(200);
    EXPECT_EQ(world.Total("api", "e1", "put"), 1050); // 250 + 300 + max(160, 200) + 300
}

// In the thesis' accounting e1's copy of the entry arrives committed, and is applied after its
// sync; with five members the notice comes W later and meets the same sync.
TEST(ClosedForm, InTheThesisAccountingTheFollowerSyncsToo)
{
    World world = Seed();
    world.configs["e1"].disk.syncMin = world.configs["e1"].disk.syncMax = Ms(500);
    EXPECT_EQ(world.Total("api", "e1", "put", Accounting::THESIS), 1050); // 250 + 300 + 500
    World five = FiveMembers();
    five.configs["e"].disk.syncMin = five.configs["e"].disk.syncMax = Ms(500);
    // 10 + d(e,a) 40 + max(W(b) 20, F(e) 500) + d(a,e) 40
    EXPECT_EQ(five.Total("client", "e", "put", Accounting::THESIS), 590);
}

// A put of 40 + 1024 bytes is 1160 bytes in the log: an entry's frame of 1120, a hard state's of 40
// (half of the 2320 that etcd's metric showed). At 8 Mbit/s that is 1.16 ms.
TEST(ClosedForm, BytesCostTheDisksBandwidth)
{
    World world = Seed();
    world.common.disk.bandwidth = {8'000'000};
    EXPECT_EQ(world.Form("api", "e2", "put").Of("disk sync"), Ms(1.16));
}

TEST(ClosedForm, ProcessorsOnTheCriticalPath)
{
    World world = Seed();
    world.common.cpu =
        {2, Ms(1), Ms(0.4), Ms(3), Ms(2), Ms(0.1)}; // request, message, apply, and the wake-ups of
                                                    // requests and of messages
    // Messages received on the way: forward (e2), append (e3), acknowledgement (e2), notice (e1).
    EXPECT_EQ(world.Total("api", "e1", "put"), 718); // 710 + 1 + 2 + 3 + 4 * 0.5
    EXPECT_EQ(world.Total("api", "e1", "put", Accounting::THESIS), 557); // 550 + 6 + 2 * 0.5
    EXPECT_EQ(world.Total("api", "e2", "put"), 217);                     // 210 + 6 + 2 * 0.5
    EXPECT_EQ(world.Total("api", "e1", "linearizable_range"), 715);      // nothing to apply
    EXPECT_EQ(world.Total("api", "e1", "serializable_range"), 253);      // 250 + 1 + 2
}

TEST(ClosedForm, AProxyReplacesTheClientLinkAndWorksTwice)
{
    World world = Seed();
    world.Both("api", "proxy", 10);
    world.Both("proxy", "e2", 15);
    const ProxyHop proxy{"proxy", Ms(2), {65536}};
    EXPECT_EQ(world.Form("api", "e2", "put", Accounting::ETCD, &proxy).hops,
              (std::vector<Hop>{{"client to proxy", Ms(10)},
                                {"proxy CPU", Ms(4)}, // one chunk each way
                                {"proxy to member", Ms(15)},
                                {"quorum", Ms(160), "e3"},
                                {"member to proxy", Ms(15)},
                                {"proxy to client", Ms(10)}}));
    // 1069 bytes of request and 30 of frames: two chunks of 1 kB; the answer fits into one.
    const ProxyHop small{"proxy", Ms(2), {1000}};
    EXPECT_EQ(world.Form("api", "e2", "put", Accounting::ETCD, &small).Of("proxy CPU"), Ms(6));
}

TEST(ClosedForm, TiesGoToTheEarlierMember)
{
    World world{{"a", "c", "b"}, "a", {}};
    world.Both("a", "b", 10);
    world.Both("a", "c", 10);
    EXPECT_EQ(world.Form("a", "a", "put").hops, (std::vector<Hop>{{"quorum", Ms(20), "c"}}));
}

TEST(ClosedForm, UnknownNamesAreRefusedWithTheNearest)
{
    const auto message =
        [](const World& world, const std::string& member, const std::string& operation) {
            try
            {
                world.Form("api", member, operation);
            }
            catch (const std::invalid_argument& error)
            {
                return std::string(error.what());
            }
            return std::string("no error");
        };
    EXPECT_NE(message(Seed(), "e1", "putt").find("did you mean \"put\""), std::string::npos);
    EXPECT_NE(message(Seed(), "e4", "put").find("member: unknown name \"e4\""), std::string::npos);
    World world = Seed();
    world.leader = "x";
    EXPECT_NE(message(world, "e1", "put").find("leader: unknown name \"x\""), std::string::npos);
}

/// The time until some set of `size` of these round trips is complete, by trying every set.
Duration
QuickestSet(const std::vector<Duration>& rounds, std::size_t size)
{
    Duration best = size == 0 ? Duration{0} : Duration::max();
    for (std::uint32_t set = 0; set < (1u << rounds.size()); ++set)
    {
        std::size_t count = 0;
        Duration slowest{0};
        for (std::size_t i = 0; i < rounds.size(); ++i)
        {
            if (set & (1u << i))
            {
                ++count;
                slowest = std::max(slowest, rounds[i]);
            }
        }
        if (count == size && slowest < best)
        {
            best = slowest;
        }
    }
    return best;
}

// Random worlds of 1 to 9 members with different delays in the two directions, against quorums
// found by trying every set of followers.
TEST(ClosedForm, EqualsQuorumsFoundByTryingEverySet)
{
    std::mt19937 random(20230201);
    for (int round = 0; round < 300; ++round)
    {
        const std::size_t n = 1 + random() % 9;
        World world;
        for (std::size_t i = 0; i < n; ++i)
        {
            world.members.push_back("m" + std::to_string(i));
        }
        std::vector<std::string> nodes = world.members;
        nodes.push_back("client");
        for (const std::string& from : nodes)
        {
            for (const std::string& to : nodes)
            {
                world.oneWay[{from, to}] = Duration{random() % 300'000'000};
            }
        }
        world.leader = world.members[random() % n];
        const auto d = [&](const std::string& a, const std::string& b) {
            return world.oneWay[{a, b}];
        };
        const std::string L = world.leader;
        const std::size_t q = n / 2 + 1;
        for (const std::string& f : world.members)
        {
            std::vector<Duration> all;
            std::vector<Duration> others;
            for (const std::string& x : world.members)
            {
                if (x != L)
                {
                    all.push_back(d(L, x) + d(x, L));
                }
                if (x != L && x != f)
                {
                    others.push_back(d(L, x) + d(x, L));
                }
            }
            const Duration client = d("client", f) + d(f, "client");
            const Duration detour = f == L ? Duration{0} : d(f, L) + d(L, f);
            const Duration etcd = client + detour + QuickestSet(all, q - 1);
            const Duration thesis =
                f == L ? etcd : client + detour + QuickestSet(others, q >= 2 ? q - 2 : 0);
            SCOPED_TRACE("round " + std::to_string(round) + ", " + std::to_string(n) + " members");
            EXPECT_EQ(world.Form("client", f, "put").Total(), etcd);
            EXPECT_EQ(world.Form("client", f, "linearizable_range").Total(), etcd);
            EXPECT_EQ(world.Form("client", f, "put", Accounting::THESIS).Total(), thesis);
            EXPECT_LE(thesis, etcd);
        }
    }
}

} // namespace
} // namespace etcdlab
