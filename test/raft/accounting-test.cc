// The two accountings of a forwarded request, against the formulas of model/raft/types.h: a network
// of members with one-way delays, ideal disks and no processing time.
#include "model/raft/ready.h"
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <queue>
#include <random>

namespace etcdlab::raft::test
{

namespace
{

using Milliseconds = std::int64_t;

/// Members at the corners of a graph, and a clock. Between two members messages keep their order.
class TimedCluster
{
  public:
    /// @param delay one way, from member i+1 to member j+1.
    TimedCluster(Accounting accounting, NodeId leader, std::vector<std::vector<Milliseconds>> delay)
        : m_delay(std::move(delay)),
          m_checker(accounting)
    {
        const std::size_t size = m_delay.size();
        for (NodeId id = 1; id <= size; ++id)
        {
            Config config = MakeConfig(size, id);
            config.accounting = accounting;
            config.observer = &m_checker;
            m_members.push_back(std::make_unique<Raft>(config));
        }
        At(leader).Campaign();
        Run([] { return false; });
    }

    Raft& At(NodeId id)
    {
        return *m_members[id - 1];
    }

    /// From the proposal at `id` until that member applies it.
    Milliseconds Write(NodeId id)
    {
        m_marker = MakeText("marker");
        m_asking = id;
        return Measure([&] { At(id).Propose(6, m_marker); });
    }

    /// From the request at `id` until that member may serve the read.
    Milliseconds Read(NodeId id)
    {
        m_context = ++m_contexts;
        m_asking = id;
        return Measure([&] { At(id).ReadIndex(m_context); });
    }

  private:
    struct Flight
    {
        Milliseconds arrival;
        std::uint64_t order;
        Message message;

        bool operator>(const Flight& other) const
        {
            return std::tie(arrival, order) > std::tie(other.arrival, other.order);
        }
    };

    template <class Start>
    Milliseconds Measure(Start start)
    {
        m_done = false;
        const Milliseconds begin = m_now;
        start();
        Milliseconds end = -1;
        Run([&] {
            if (m_done && end < 0)
            {
                end = m_now;
            }
            return false; // until all is quiet, so that measurements do not mix
        });
        return end - begin;
    }

    template <class Stop>
    void Run(Stop stop)
    {
        ProcessAll();
        while (!stop() && !m_flights.empty())
        {
            Flight flight = m_flights.top();
            m_flights.pop();
            m_now = flight.arrival;
            At(flight.message.to).Step(std::move(flight.message));
            ProcessAll();
        }
    }

    void ProcessAll()
    {
        for (const auto& member : m_members)
        {
            while (member->HasReady())
            {
                Process(*member);
            }
        }
    }

    void Process(Raft& member)
    {
        Ready ready = member.TakeReady();
        for (const Entry& entry : ready.committedEntries)
        {
            m_done |= member.GetId() == m_asking && m_marker && entry.payload == m_marker;
        }
        for (const ReadState& read : ready.readStates)
        {
            m_done |= read.context == m_context;
        }
        for (auto* messages : {&ready.messages, &ready.messagesAfterSync})
        {
            for (Message& m : *messages)
            {
                const auto arrival = m_now + m_delay[m.from - 1][m.to - 1];
                // READ_INDEX and PROP keep their first sender; all others name who sends.
                m_flights.push({arrival, m_order++, std::move(m)});
            }
        }
        member.Advance();
    }

    std::vector<std::vector<Milliseconds>> m_delay;
    InvariantChecker m_checker;
    std::vector<std::unique_ptr<Raft>> m_members;
    std::priority_queue<Flight, std::vector<Flight>, std::greater<>> m_flights;
    std::uint64_t m_order = 0;
    Milliseconds m_now = 0;
    PayloadPtr m_marker;
    Context m_context = 0;
    Context m_contexts = 0;
    NodeId m_asking = 0;
    bool m_done = false;
};

/// The formula of model/raft/types.h, written down independently of the protocol.
Milliseconds
Formula(Accounting accounting,
        const std::vector<std::vector<Milliseconds>>& delay,
        NodeId leader,
        NodeId asking)
{
    const std::size_t size = delay.size();
    const std::size_t q = size / 2 + 1;
    const auto rtt = [&](NodeId x) { return delay[leader - 1][x - 1] + delay[x - 1][leader - 1]; };
    const bool thesis = accounting == Accounting::THESIS && asking != leader;
    std::vector<Milliseconds> rtts;
    for (NodeId x = 1; x <= size; ++x)
    {
        if (x != leader && !(thesis && x == asking))
        {
            rtts.push_back(rtt(x));
        }
    }
    std::sort(rtts.begin(), rtts.end());
    const std::size_t needed = thesis ? (q <= 2 ? 0 : q - 2) : q - 1;
    const Milliseconds wait = needed == 0 ? 0 : rtts[needed - 1];
    return (asking == leader ? 0 : rtt(asking)) + wait;
}

/// The three members of the experiment: e2 leads; e1-e2 300 ms and e2-e3 160 ms there and back.
std::vector<std::vector<Milliseconds>>
Seed(Milliseconds e1e3)
{
    return {{0, 150, e1e3}, {150, 0, 80}, {e1e3, 80, 0}};
}

// Through the members, without the links to the API server (250, 50, 110 ms there and back):
//   etcd:   e1 150 + 160 + 150 = 460 (710 - 250), e2 160 (210 - 50), e3 80 + 160 + 80 = 320 (430 -
//   110) thesis: e1 150 + 150 = 300 (550 - 250),       e2 160 (210 - 50), e3 80 + 80 = 160 (270 -
//   110)
// and their means with the client links: etcd 450, thesis 343.33.
TEST(Accounting, TheExperimentsDelays)
{
    for (const Milliseconds e1e3 : {1, 200, 1000})
    {
        TimedCluster etcd(Accounting::ETCD, 2, Seed(e1e3));
        EXPECT_EQ(etcd.Write(1), 460);
        EXPECT_EQ(etcd.Write(2), 160);
        EXPECT_EQ(etcd.Write(3), 320);
        EXPECT_EQ(etcd.Read(1), 460);
        EXPECT_EQ(etcd.Read(2), 160);
        EXPECT_EQ(etcd.Read(3), 320);

        TimedCluster thesis(Accounting::THESIS, 2, Seed(e1e3));
        EXPECT_EQ(thesis.Write(1), 300);
        EXPECT_EQ(thesis.Write(2), 160);
        EXPECT_EQ(thesis.Write(3), 160);
        EXPECT_EQ(thesis.Read(1), 300);
        EXPECT_EQ(thesis.Read(2), 160);
        EXPECT_EQ(thesis.Read(3), 160);
    }
}

// Both formulas, for one to nine members with random delays, different in the two directions.
TEST(Accounting, TheFormulasHoldForAnyNumberOfMembers)
{
    for (std::uint32_t seed = 1; seed <= 300; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const std::size_t size = random() % 9 + 1;
        std::vector<std::vector<Milliseconds>> delay(size, std::vector<Milliseconds>(size));
        for (auto& row : delay)
        {
            for (auto& d : row)
            {
                d = random() % 500 + 1;
            }
        }
        const NodeId leader = random() % size + 1;
        for (const Accounting accounting : {Accounting::ETCD, Accounting::THESIS})
        {
            TimedCluster cluster(accounting, leader, delay);
            ASSERT_TRUE(cluster.At(leader).IsLeader());
            for (NodeId id = 1; id <= size; ++id)
            {
                const Milliseconds expected = Formula(accounting, delay, leader, id);
                EXPECT_EQ(cluster.Write(id), expected) << "write at " << id;
                EXPECT_EQ(cluster.Read(id), expected) << "read at " << id;
            }
        }
    }
}

// The credit counts for commits alone: replication goes by what the follower has confirmed.
TEST(Accounting, CreditIsNoMatch)
{
    Config config = MakeConfig();
    config.accounting = Accounting::THESIS;
    Raft raft(config);
    Elect(raft);
    Message forward = MakeMessage(MessageType::PROP, 2, 1, 0);
    forward.entries = {{0, 0, 1, MakeText("a")}};
    raft.Step(forward);
    EXPECT_EQ(raft.GetCommitIndex(), 2u);
    EXPECT_EQ(raft.GetProgress(2).match, 0u);
    EXPECT_EQ(raft.GetProgress(2).state, ProgressState::PROBE);
    // Heartbeats stay within what the follower is known to hold.
    raft.Tick();
    for (const Message& m : Of(MessageType::HEARTBEAT, Drain(raft)))
    {
        EXPECT_EQ(m.commit, 0u);
    }
}

// The same forward in etcd's accounting is no acknowledgement.
TEST(Accounting, EtcdGivesNoCredit)
{
    Raft raft(MakeConfig());
    Elect(raft);
    Message forward = MakeMessage(MessageType::PROP, 2, 1, 0);
    forward.entries = {{0, 0, 1, MakeText("a")}};
    raft.Step(forward);
    EXPECT_EQ(raft.GetCommitIndex(), 0u);
}

// A credit dies with the leadership that gave it.
TEST(Accounting, CreditEndsWithTheTerm)
{
    Config config = MakeConfig(5);
    config.accounting = Accounting::THESIS;
    Raft raft(config);
    Elect(raft);
    for (const NodeId id : {2, 3})
    {
        Message forward = MakeMessage(MessageType::PROP, id, 1, 0);
        forward.entries = {{0, 0, 1, MakeText("a")}};
        raft.Step(forward);
    }
    EXPECT_EQ(raft.GetCommitIndex(), 2u); // 1, 2 and 3 "hold" entry 2, 1 and 3 entry 3
    raft.Step(MakeMessage(MessageType::APP_RESP, 4, 1, 2));
    Elect(raft);
    EXPECT_EQ(raft.GetTerm(), 3u);
    EXPECT_EQ(raft.GetCommitIndex(), 2u);
}

// What the thesis' accounting gives up: a committed entry that only the leader has is lost with it.
// etcd's accounting never gets there; the checker, told what to expect, reports it when another one
// is applied.
TEST(Accounting, TheThesisAccountingCanLoseCommittedEntries)
{
    Config base = MakeConfig();
    base.accounting = Accounting::THESIS;
    Cluster cluster(3, base);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster[2].Propose(1, MakeText("lost"));
    cluster.ProcessReady(2);
    cluster.DeliverOne();
    const Ready ready = cluster.ProcessReady(1); // committed and applied, so a client may know
    ASSERT_EQ(Terms(ready.committedEntries), std::vector<Term>{1});
    cluster.wire.clear(); // but its APPs get lost, and member 1 with them
    cluster.Crash(1);
    cluster.Tick(2, 30);
    cluster.Tick(3, 30);
    cluster.wire.clear();
    cluster[2].Campaign();
    EXPECT_THROW(
        {
            cluster.Stabilize();
            cluster.Tick(2, 20);
            cluster.Stabilize();
        },
        InvariantViolation);
}

} // namespace

} // namespace etcdlab::raft::test
