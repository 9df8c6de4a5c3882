// Random schedules: messages lost, doubled, delayed and reordered, members that crash between any
// two steps of a Ready and come back with what they had synced. Every event goes through the
// InvariantChecker; reads must not go back in time; and when the trouble ends the cluster must work
// again.
#include "model/raft/ready.h"
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace etcdlab::raft::test
{

namespace
{

class Chaos
{
  public:
    Chaos(std::uint32_t seed, bool preVote)
        : m_random(seed),
          m_size(Pick(2) == 0 ? 3 : 5)
    {
        for (NodeId id = 1; id <= m_size; ++id)
        {
            Member& member = m_members[id];
            member.config = MakeConfig(m_size, id);
            member.config.preVote = preVote;
            member.config.checkQuorum = seed % 4 != 0;
            member.config.termAwareReject = seed % 2 == 0;
            member.config.maxInflight = 1 + Pick(4);
            member.config.maxBytesPerMessage = 1 + Pick(40);
            member.config.maxCommittedBytesPerReady = 1 + Pick(60);
            member.config.observer = &m_checker;
            member.config.random = [this](int n) { return static_cast<int>(Pick(n)); };
            Start(id);
        }
    }

    /// Trouble, then peace, in which all must end up with the same log and serve a write and reads.
    void Run(int steps)
    {
        for (int i = 0; i < steps; ++i)
        {
            Step();
        }
        MakePeace();
    }

    std::size_t commits = 0;
    std::size_t readsServed = 0;
    std::size_t crashes = 0;
    std::size_t elections = 0;

  private:
    struct Member
    {
        Config config;
        Disk disk;
        std::unique_ptr<Raft> raft;
        std::optional<Ready>
            working;        //!< the Ready that is being worked on, after its first messages
        bool saved = false; //!< it has been written
        Index applied = 0;
        std::vector<std::pair<Context, Index>> waiting; //!< reads: what they must at least see
    };

    std::uint32_t Pick(std::size_t n)
    {
        return static_cast<std::uint32_t>(m_random() % n);
    }

    void Start(NodeId id)
    {
        Member& member = m_members[id];
        Config config = member.config;
        config.hardState = member.disk.synced;
        config.log = member.disk.log;
        member.raft = std::make_unique<Raft>(std::move(config));
        member.working.reset();
        member.waiting.clear();
    }

    void Crash(NodeId id)
    {
        ++crashes;
        Member& member = m_members[id];
        member.disk.buffered = member.disk.synced;
        member.raft.reset();
        member.working.reset();
    }

    void Step()
    {
        const NodeId id = 1 + Pick(m_size);
        Member& member = m_members[id];
        const std::uint32_t dice = Pick(1000);
        if (!member.raft)
        {
            if (dice < 30)
            {
                Start(id);
            }
            return;
        }
        if (dice < 120)
        {
            member.raft->Tick();
        }
        else if (dice < 600)
        {
            Deliver();
        }
        else if (dice < 880)
        {
            Work(id);
        }
        else if (dice < 940)
        {
            member.raft->Propose(1 + Pick(9), MakeText("p" + std::to_string(++m_proposals)));
        }
        else if (dice < 975)
        {
            Read(id);
        }
        else if (dice < 982)
        {
            member.raft->TransferLeadership(1 + Pick(m_size));
        }
        else if (dice < 988)
        {
            member.raft->ReportUnreachable(1 + Pick(m_size));
        }
        else if (dice < 992)
        {
            m_cut = Pick(3) == 0 ? NO_NODE : id; // a member cut off from the others, or none
        }
        else if (dice < 996)
        {
            Crash(id);
        }
    }

    /// Any message on its way: delivered, mostly; lost; or delivered and still on its way.
    void Deliver()
    {
        if (m_wire.empty())
        {
            return;
        }
        const std::size_t which = Pick(std::min<std::size_t>(m_wire.size(), 1 + Pick(12)));
        const std::uint32_t dice = m_peace ? 50 : Pick(100);
        Message message = m_wire[which];
        if (dice >= 5)
        {
            m_wire.erase(m_wire.begin() + static_cast<std::ptrdiff_t>(which));
        }
        if (dice < 95)
        {
            Receive(std::move(message));
        }
    }

    void Receive(Message message)
    {
        Member& member = m_members[message.to];
        if (member.raft)
        {
            const bool led = member.raft->IsLeader();
            member.raft->Step(std::move(message));
            elections += !led && member.raft->IsLeader() ? 1 : 0;
        }
    }

    /// One step of a Ready: take it and send; write; send the rest and advance.
    void Work(NodeId id)
    {
        Member& member = m_members[id];
        if (!member.working)
        {
            if (member.raft->HasReady())
            {
                member.working = member.raft->TakeReady();
                member.saved = false;
                Send(id, member.working->messages);
            }
        }
        else if (!member.saved)
        {
            member.disk.Save(*member.working);
            member.saved = true;
        }
        else
        {
            Finish(id);
        }
    }

    void Finish(NodeId id)
    {
        Member& member = m_members[id];
        Ready& ready = *member.working;
        DropSupersededResponses(ready.messagesAfterSync);
        Send(id, ready.messagesAfterSync);
        commits += ready.committedEntries.size();
        for (const ReadState& read : ready.readStates)
        {
            CheckRead(id, read);
        }
        member.working.reset();
        member.raft->Advance();
        m_committed = std::max(m_committed, member.raft->GetCommitIndex());
    }

    void Send(NodeId id, std::vector<Message>& messages)
    {
        for (Message& message : messages)
        {
            if (id != m_cut && message.to != m_cut)
            {
                m_wire.push_back(std::move(message));
            }
        }
        messages.clear();
    }

    void Read(NodeId id)
    {
        // Linearizability: the read must see all that anybody could know to be committed when it
        // began.
        for (const auto& [other, member] : m_members)
        {
            if (member.raft)
            {
                m_committed = std::max(m_committed, member.raft->GetCommitIndex());
            }
        }
        const Context context = ++m_contexts;
        m_members[id].waiting.emplace_back(context, m_committed);
        m_members[id].raft->ReadIndex(context);
    }

    void CheckRead(NodeId id, const ReadState& read)
    {
        for (const auto& [context, atLeast] : m_members[id].waiting)
        {
            if (context == read.context)
            {
                ++readsServed;
                ASSERT_GE(read.index, atLeast) << "read " << context << " of member " << id;
            }
        }
    }

    NodeId LeaderNow()
    {
        NodeId leader = NO_NODE;
        Term term = 0;
        for (const auto& [id, member] : m_members)
        {
            if (member.raft->IsLeader() && member.raft->GetTerm() > term)
            {
                leader = id;
                term = member.raft->GetTerm();
            }
        }
        return leader;
    }

    void MakePeace()
    {
        m_peace = true;
        m_cut = NO_NODE;
        for (auto& [id, member] : m_members)
        {
            if (!member.raft)
            {
                Start(id);
            }
        }
        const auto last = MakeText("last");
        for (int round = 0; round < 3000; ++round)
        {
            Settle();
            if (const NodeId leader = LeaderNow(); leader != NO_NODE && round % 100 == 99)
            {
                m_members[leader].raft->Propose(4, last);
                Read(leader);
                Settle();
            }
            if (AllHave(last))
            {
                return;
            }
            m_members[1 + Pick(m_size)].raft->Tick();
        }
        FAIL() << "no progress after the trouble had ended";
    }

    void Settle()
    {
        for (bool busy = true; busy;)
        {
            busy = !m_wire.empty();
            while (!m_wire.empty())
            {
                Deliver();
            }
            for (auto& [id, member] : m_members)
            {
                while (member.working || member.raft->HasReady())
                {
                    Work(id);
                    busy = true;
                }
            }
        }
    }

    bool AllHave(const PayloadPtr& last)
    {
        for (const auto& [id, member] : m_members)
        {
            const Log& log = member.raft->GetLog();
            if (log.LastIndex() == 0 || log.GetApplied() != log.LastIndex() ||
                log.At(log.LastIndex()).payload != last)
            {
                return false;
            }
        }
        return true;
    }

    std::mt19937 m_random;
    std::size_t m_size;
    InvariantChecker m_checker;
    std::map<NodeId, Member> m_members;
    std::vector<Message> m_wire;
    bool m_peace = false;
    NodeId m_cut = NO_NODE;
    std::size_t m_proposals = 0;
    Context m_contexts = 0;
    Index m_committed = 0; //!< the highest commit index that anybody has had
};

class RandomTest : public ::testing::TestWithParam<bool>
{
};

TEST_P(RandomTest, InvariantsHoldAndTheClusterRecovers)
{
    std::size_t commits = 0;
    std::size_t reads = 0;
    std::size_t crashes = 0;
    std::size_t elections = 0;
    for (std::uint32_t seed = 1; seed <= 400; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed) + (GetParam() ? ", preVote" : ""));
        try
        {
            Chaos chaos(seed, GetParam());
            chaos.Run(12000);
            commits += chaos.commits;
            reads += chaos.readsServed;
            crashes += chaos.crashes;
            elections += chaos.elections;
        }
        catch (const InvariantViolation& violation)
        {
            FAIL() << violation.what();
        }
        if (HasFatalFailure())
        {
            return;
        }
    }
    // It must have been about something: per seed at least one of each, on average.
    EXPECT_GT(commits, 400u * 50);
    EXPECT_GT(reads, 400u * 5);
    EXPECT_GT(crashes, 400u * 5);
    EXPECT_GT(elections, 400u * 3);
    RecordProperty("commits", static_cast<int>(commits));
    RecordProperty("reads", static_cast<int>(reads));
    RecordProperty("crashes", static_cast<int>(crashes));
    RecordProperty("elections", static_cast<int>(elections));
}

INSTANTIATE_TEST_SUITE_P(PreVote, RandomTest, ::testing::Bool());

} // namespace

} // namespace etcdlab::raft::test
