// Random schedules: messages lost, doubled, delayed and reordered, members that crash between any
// two steps of a Ready and come back with what they had synced, logs compacted at any time, members
// that join, are promoted and leave. Every event goes through the InvariantChecker; reads must not go
// back in time; and when the trouble ends the cluster must work again, with equal state machines.
#include "model/raft/ready.h"
#include "test/raft/cluster.h"
#include "test/raft/machine.h"

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
          m_size(Pick(2) == 0 ? 3 : 5),
          m_seed(seed),
          m_preVote(preVote)
    {
        for (NodeId id = 1; id <= m_size; ++id)
        {
            Create(id, false);
        }
    }

    /// A new member's process, which may become a member later if `joining`.
    void Create(NodeId id, bool joining)
    {
        Member& member = m_members[id];
        member.config = MakeConfig(m_size, id);
        member.config.joining = joining;
        member.config.preVote = m_preVote;
        member.config.checkQuorum = m_seed % 4 != 0;
        member.config.termAwareReject = m_seed % 2 == 0;
        member.config.maxInflight = 1 + Pick(4);
        member.config.maxBytesPerMessage = 1 + Pick(40);
        member.config.maxCommittedBytesPerReady = 1 + Pick(60);
        member.config.observer = &m_checker;
        member.config.random = [this](int n) { return static_cast<int>(Pick(n)); };
        member.config.currentSnapshot = [this, id] {
            return Pick(4) == 0 && !m_peace ? nullptr : m_members[id].disk.snapshot;
        };
        Start(id);
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
    std::size_t restored = 0;
    std::size_t changes = 0;

  private:
    struct Member
    {
        Config config;
        Disk disk;
        std::unique_ptr<Raft> raft;
        std::optional<Ready>
            working;        //!< the Ready that is being worked on, after its first messages
        bool saved = false; //!< it has been written
        Machine machine;
        bool gone = false;                              //!< removed from the cluster, for good
        std::vector<std::pair<Context, Index>> waiting; //!< reads: what they must at least see
    };

    std::uint32_t Pick(std::size_t n)
    {
        return static_cast<std::uint32_t>(m_random() % n);
    }

    void Start(NodeId id)
    {
        Member& member = m_members[id];
        member.machine = Machine();
        member.machine.conf = {member.config.voters, {}};
        if (member.disk.snapshot)
        {
            member.machine = dynamic_cast<const Machine&>(*member.disk.snapshot->payload);
        }
        member.raft = std::make_unique<Raft>(member.disk.Restarted(member.config));
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
        const NodeId id = AnyId();
        Member& member = m_members[id];
        const std::uint32_t dice = Pick(1000);
        if (!member.raft)
        {
            if (dice < 30 && !member.gone)
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
        else if (dice < 980)
        {
            member.raft->TransferLeadership(AnyId());
        }
        else if (dice < 985)
        {
            member.raft->ReportUnreachable(AnyId());
        }
        else if (dice < 988)
        {
            m_cut = Pick(3) == 0 ? NO_NODE : id; // a member cut off from the others, or none
        }
        else if (dice < 991)
        {
            Crash(id);
        }
        else if (dice < 996)
        {
            TakeSnapshot(member);
        }
        else
        {
            ChangeMembers(id);
        }
    }

    NodeId AnyId()
    {
        return 1 + Pick(m_members.size());
    }

    SnapshotPtr SnapshotOf(const Member& member)
    {
        const Machine& machine = member.machine;
        return std::make_shared<Snapshot>(Snapshot{
            machine.index, machine.term, machine.conf, 100, std::make_shared<Machine>(machine)});
    }

    void TakeSnapshot(Member& member)
    {
        const Index index = member.machine.index;
        const bool receiving = member.working && member.working->snapshot;
        if (index == 0 || receiving ||
            (member.disk.snapshot && index <= member.disk.snapshot->index))
        {
            return;
        }
        ASSERT_EQ(index, member.raft->GetAppliedIndex());
        member.disk.Save(SnapshotOf(member));
        member.raft->Compact(index - std::min<Index>(index, Pick(6)));
    }

    /// Any member proposes: a new voter or learner, a promotion, a removal; sensible or not.
    void ChangeMembers(NodeId id)
    {
        const std::uint32_t kind = Pick(4);
        NodeId node = AnyId();
        if (kind < 2)
        {
            if (m_members.size() >= 9)
            {
                return;
            }
            node = m_members.size() + 1;
            Create(node, true);
        }
        const ConfChangeType type = kind == 0 || kind == 2 ? ConfChangeType::ADD_NODE
                                    : kind == 1            ? ConfChangeType::ADD_LEARNER_NODE
                                                           : ConfChangeType::REMOVE_NODE;
        m_members[id].raft->ProposeConfChange(6, MakeChange(type, node));
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
        if (message.type == MessageType::SNAP)
        {
            // The transport may be wrong, but not say nothing.
            const bool ok = dice < 95 && m_members[message.to].raft && (m_peace || Pick(5) != 0);
            Report(message, ok);
        }
        if (dice < 95)
        {
            Receive(std::move(message));
        }
    }

    void Report(const Message& message, bool ok)
    {
        if (Member& sender = m_members[message.from]; sender.raft)
        {
            sender.raft->ReportSnapshot(message.to, ok);
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
        Apply(member, ready);
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
        if (member.machine.removed.contains(id))
        {
            Stop(member); // etcdserver/server.go: stopWithDelay
        }
    }

    void Stop(Member& member)
    {
        member.gone = true;
        member.raft.reset();
        member.working.reset();
    }

    void Apply(Member& member, const Ready& ready)
    {
        if (ready.snapshot)
        {
            ++restored;
            member.machine = dynamic_cast<const Machine&>(*ready.snapshot->payload);
        }
        for (const Entry& entry : ready.committedEntries)
        {
            member.machine.Apply(entry);
            if (entry.type != EntryType::CONF_CHANGE)
            {
                continue;
            }
            const ConfChange& change = ConfChangeOf(entry);
            if (!member.machine.Admits(change))
            {
                member.raft->ApplyConfChange(ConfChange(change.type, NO_NODE));
                continue;
            }
            ++changes;
            member.machine.conf = member.raft->ApplyConfChange(change);
            if (change.type == ConfChangeType::REMOVE_NODE)
            {
                member.machine.removed.insert(change.node);
            }
        }
    }

    void Send(NodeId id, std::vector<Message>& messages)
    {
        for (Message& message : messages)
        {
            if (id != m_cut && message.to != m_cut)
            {
                if (message.type == MessageType::SNAP && Pick(2) == 0)
                {
                    message.snapshot = SnapshotOf(m_members[id]);
                }
                m_wire.push_back(std::move(message));
            }
            else if (message.type == MessageType::SNAP)
            {
                Report(message, false);
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
            if (member.raft && member.raft->IsLeader() && member.raft->GetTerm() > term)
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
            if (!member.raft && !member.gone)
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
            if (const Member& member = m_members[AnyId()]; member.raft)
            {
                member.raft->Tick();
            }
            StopRemoved();
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
                while (member.raft && (member.working || member.raft->HasReady()))
                {
                    Work(id);
                    busy = true;
                }
            }
        }
    }

    /// Who has been removed and has not heard of it is told by the others' transport
    /// (rafthttp/pipeline.go: StatusGone).
    void StopRemoved()
    {
        for (auto& [id, member] : m_members)
        {
            const auto knows = [node = id](const auto& other) {
                return other.second.raft && other.second.machine.removed.contains(node);
            };
            if (member.raft && std::any_of(m_members.begin(), m_members.end(), knows))
            {
                Stop(member);
            }
        }
    }

    /// All members, as the leader knows them.
    bool AllHave(const PayloadPtr& last)
    {
        const NodeId leader = LeaderNow();
        if (leader == NO_NODE)
        {
            return false;
        }
        const Machine& expected = m_members[leader].machine;
        for (const auto& [id, member] : m_members)
        {
            if (!expected.conf.IsMember(id))
            {
                continue;
            }
            if (!member.raft)
            {
                return false; // has left; the leader has not heard of it
            }
            const Log& log = member.raft->GetLog();
            if (log.LastIndex() < log.FirstIndex() || log.GetApplied() != log.LastIndex() ||
                log.At(log.LastIndex()).payload != last)
            {
                return false;
            }
            EXPECT_EQ(member.machine.index, expected.index);
            EXPECT_EQ(member.machine.digest, expected.digest);
            EXPECT_EQ(member.machine.conf, expected.conf);
            EXPECT_EQ(member.raft->GetConfState(), expected.conf);
        }
        return true;
    }

    std::mt19937 m_random;
    std::size_t m_size; //!< of the first cluster
    std::uint32_t m_seed;
    bool m_preVote;
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
    std::size_t restored = 0;
    std::size_t changes = 0;
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
            restored += chaos.restored;
            changes += chaos.changes;
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
    EXPECT_GT(restored, 400u);
    EXPECT_GT(changes, 400u);
    RecordProperty("commits", static_cast<int>(commits));
    RecordProperty("reads", static_cast<int>(reads));
    RecordProperty("crashes", static_cast<int>(crashes));
    RecordProperty("elections", static_cast<int>(elections));
    RecordProperty("restored", static_cast<int>(restored));
    RecordProperty("changes", static_cast<int>(changes));
}

INSTANTIATE_TEST_SUITE_P(PreVote, RandomTest, ::testing::Bool());

} // namespace

} // namespace etcdlab::raft::test
