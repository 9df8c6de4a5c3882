// Snapshots and compaction in whole members: taken, sent over the network, installed, kept across crashes.
#include "test/etcd/cluster-fixture.h"

namespace etcdlab
{

namespace
{

class Snapshot : public ClusterTest
{
  protected:
    static MemberConfig Config(std::uint64_t count = 50, std::uint64_t keep = 10)
    {
        MemberConfig config;
        config.snapshotCount = count;
        config.snapshotCatchUpEntries = keep;
        return config;
    }

    /// e3 is down for `puts` puts, by which time the leader has forgotten the entries it needs.
    void LetE3FallBehind(std::size_t puts, std::uint32_t bytes = 1000)
    {
        RunUntil(Ms(4000));
        PutMany(1, 5);
        Member(3).Crash();
        PutMany(1, puts, bytes);
        ASSERT_GT(Member(1).GetRaft().GetLog().FirstIndex(), 7U);
    }

    /// Run until e3 has a store like e1's. @return when that was
    Duration UntilE3HasCaughtUp(Duration limit)
    {
        const auto end = Now() + limit;
        while (Now() < end && Member(3).GetRevision() != Member(1).GetRevision())
        {
            RunUntil(Now() + Ms(1));
        }
        EXPECT_EQ(Content(Member(3)), Content(Member(1)));
        return Now();
    }
};

TEST_F(Snapshot, EverySoManyEntriesTheLogIsCutDown)
{
    // The first entry is the leader's empty one; 51, 102 and 153 are more than 50 after the snapshot before.
    Build(3, 3, Config());
    RunUntil(Ms(4000));
    PutMany(1, 160);
    RunUntil(Now() + Ms(100));
    for (std::size_t i = 1; i <= 3; ++i)
    {
        EXPECT_EQ(Member(i).GetSnapshotCounters().taken, 3U);
        EXPECT_EQ(Member(i).GetSnapshotCounters().sent, 0U);
        EXPECT_EQ(Member(i).GetRaft().GetLog().FirstIndex(), 153U - 10 + 1);
        EXPECT_EQ(Member(i).GetRaft().GetLastIndex(), 161U);
    }
}

TEST_F(Snapshot, ByDefault100000EntriesAreAwaitedAnd5000Kept)
{
    EXPECT_EQ(MemberConfig().snapshotCount, 100'000U);
    EXPECT_EQ(MemberConfig().snapshotCatchUpEntries, 5'000U);
    // With the default of entries kept, a snapshot of 5101 entries leaves 5000 before it and those after it.
    Build(1, 1, Config(5'100, MemberConfig().snapshotCatchUpEntries));
    RunUntil(Ms(4000));
    for (int i = 0; i < 5'200; ++i)
    {
        Put(1, "key", 10);
    }
    RunUntil(Now() + Ms(3000));
    EXPECT_EQ(Member(1).GetRevision(), 5'201);
    EXPECT_GE(Member(1).GetRaft().GetLog().FirstIndex(), 5'101U - 5'000 + 1);
    EXPECT_LT(Member(1).GetRaft().GetLog().FirstIndex(), 5'201U - 5'000 + 1);
}

TEST_F(Snapshot, AFollowerThatFellBehindGetsTheWholeStore)
{
    Build(3, 3, Config());
    LetE3FallBehind(200);
    const auto before = Member(1).GetSnapshotCounters();
    Member(3).Restart();
    UntilE3HasCaughtUp(Ms(5000));
    RunUntil(Now() + Ms(10)); // the answer takes 1 ms
    EXPECT_EQ(Member(1).GetSnapshotCounters().sent, before.sent + 1);
    EXPECT_EQ(Member(3).GetSnapshotCounters().received, 1U);
    EXPECT_EQ(Member(1).GetRaft().GetProgress(Member(3).GetMemberId()).state,
              raft::ProgressState::REPLICATE);
    PutMany(1, 10);
    RunUntil(Now() + Ms(100));
    EXPECT_EQ(Content(Member(3)), Content(Member(1))) << "and goes on from there";
}

TEST_F(Snapshot, WhoLacksOnlyWhatIsKeptGetsEntries)
{
    Build(3, 3, Config(50, 300));
    RunUntil(Ms(4000));
    PutMany(1, 5);
    Member(3).Crash();
    PutMany(1, 200);
    Member(3).Restart();
    UntilE3HasCaughtUp(Ms(5000));
    EXPECT_EQ(Member(1).GetSnapshotCounters().sent, 0U);
    EXPECT_EQ(Member(3).GetSnapshotCounters().received, 0U);
}

TEST_F(Snapshot, TheTimeItTakesIsItsSizeAtTheLinksRate)
{
    // 100 puts of 100 000 B and a few small ones: the database is 10.0 MB. The link carries 1448 B of payload in each
    // packet of 1500 + 2 B (PPP), and 20 Mbit/s: 10.0 MB * 1502/1448 * 8 / 20e6 = 4.16 s. The connection and slow
    // start take a few round trips of 2 ms beside that; e3's disk takes 500 ms to sync the file, then 2 more syncs
    // for the snapshot's records and one for the hard state.
    auto config = Config();
    Build(3, 3, config);
    LetE3FallBehind(100, 100'000);
    std::uint64_t bytes = 0;
    Member(1).GetStore().VisitVersions([&bytes](const KeyValue& kv) {
        bytes += kv.key.size() + kv.value.bytes + 48; // and what the database adds
    });
    EXPECT_NEAR(static_cast<double>(bytes), 100 * 100'000 + 105 * 54 + 5 * 1000, 200);
    for (const auto& device : wan.GetLink("e1", "e3").devices)
    {
        device->SetDataRate(ns3::DataRate("20Mbps"));
    }
    Member(3).Restart();
    const auto asked = Now();
    while (Member(1).GetSnapshotCounters().sentBytes == 0 && Now() < asked + Ms(5000))
    {
        RunUntil(Now() + Ms(1));
    }
    const auto began = Now();
    EXPECT_EQ(Member(1).GetSnapshotCounters().sentBytes, bytes);
    const auto took = UntilE3HasCaughtUp(Ms(20'000)) - began;
    const double expected = static_cast<double>(bytes) * 1502 / 1448 * 8 / 20e6;
    EXPECT_NEAR(ToSeconds(took), expected + 0.01, 0.03);
}

TEST_F(Snapshot, TheFileIsOnTheDiskBeforeItIsUsed)
{
    // The database's file, the .snap file, the record in the log, the hard state: four syncs of 100 ms.
    auto config = Config();
    config.disk.syncMin = config.disk.syncMax = Ms(100);
    config.backend.batchInterval = Ms(3'600'000); // its commits would be syncs, too
    Build(3, 3, config);
    LetE3FallBehind(60);
    Member(3).Restart();
    const auto asked = Now();
    while (Member(1).GetSnapshotCounters().sentBytes == 0 && Now() < asked + Ms(5000))
    {
        RunUntil(Now() + Ms(1));
    }
    const auto began = Now();
    const auto syncs = Member(3).GetDisk().Syncs();
    const auto took = UntilE3HasCaughtUp(Ms(5000)) - began;
    EXPECT_EQ(Member(3).GetDisk().Syncs() - syncs, 4U);
    EXPECT_GE(took, Ms(400));
    EXPECT_LT(took, Ms(430)); // and a few round trips of 2 ms for 60 kB
}

TEST_F(Snapshot, IsKeptWhenTheMemberDiesRightAfterInstallingIt)
{
    Build(3, 3, Config());
    LetE3FallBehind(200);
    Member(3).Restart();
    UntilE3HasCaughtUp(Ms(5000));
    const auto revision = Member(3).GetRevision();
    Member(3).Crash();
    Cut(1, 3);
    Cut(2, 3);
    Member(3).Restart();
    RunUntil(Now() + Ms(1));
    EXPECT_EQ(Member(3).GetRevision(), revision) << "nobody can have told it anything";
    EXPECT_EQ(Content(Member(3)), Content(Member(1)));
}

TEST_F(Snapshot, OneOfItsOwnAndTheLogAfterItAreWhatAMemberStartsFrom)
{
    Build(3, 3, Config());
    RunUntil(Ms(4000));
    PutMany(1, 130);
    RunUntil(Now() + Ms(200));
    Member(2).Crash();
    Member(2).Restart();
    RunUntil(Now() + Ms(3000));
    EXPECT_EQ(Content(Member(2)), Content(Member(1)));
    EXPECT_EQ(Member(2).GetRaft().GetLog().FirstIndex(), 103U) << "right after the snapshot at 102";
    EXPECT_EQ(Member(2).GetSnapshotCounters().received, 0U);
}

TEST_F(Snapshot, ThatIsLostWithTheConnectionIsSentAgain)
{
    // 100 kB a put: the transfer takes long enough to kill the receiver in its midst.
    Build(3, 3, Config());
    LetE3FallBehind(100, 100'000);
    Member(3).Restart();
    for (int i = 0; i < 5000 && Member(1).GetSnapshotCounters().sentBytes == 0; ++i)
    {
        RunUntil(Now() + Ms(1));
    }
    RunUntil(Now() + Ms(20));
    Member(3).Crash();
    RunUntil(Now() + Ms(500));
    EXPECT_EQ(Member(1).GetSnapshotCounters().sendFailures, 1U);
    Member(3).Restart();
    UntilE3HasCaughtUp(Ms(10'000));
    RunUntil(Now() + Ms(10));
    EXPECT_EQ(Member(1).GetSnapshotCounters().sent, 1U);
}

TEST_F(Snapshot, ThatACutLinkHoldsUpArrivesWhenItIsMended)
{
    Build(3, 3, Config());
    LetE3FallBehind(100, 100'000);
    Member(3).Restart();
    for (int i = 0; i < 5000 && Member(1).GetSnapshotCounters().sentBytes == 0; ++i)
    {
        RunUntil(Now() + Ms(1));
    }
    RunUntil(Now() + Ms(20));
    Cut(1, 3);
    Cut(2, 3);
    RunUntil(Now() + Ms(8000));
    EXPECT_NE(Member(3).GetRevision(), Member(1).GetRevision());
    Cut(1, 3, false);
    Cut(2, 3, false);
    UntilE3HasCaughtUp(Ms(40'000));
}

TEST_F(Snapshot, ToAMemberThatCannotBeReachedFailsAfterTheDialTimeout)
{
    // The link dies at the moment at which the leader begins to connect: 1 s + election timeout.
    Build(3, 3, Config());
    LetE3FallBehind(100);
    Member(3).Restart();
    for (int i = 0; i < 5000 && Member(1).GetSnapshotCounters().sentBytes == 0; ++i)
    {
        RunUntil(Now() + Ms(1));
    }
    Cut(1, 3);
    RunUntil(Now() + Ms(2010));
    EXPECT_EQ(Member(1).GetSnapshotCounters().sendFailures, 1U);
    Cut(1, 3, false);
    UntilE3HasCaughtUp(Ms(10'000));
}

TEST_F(Snapshot, OnItsWayKeepsTheLogFromBeingCut)
{
    Build(3, 3, Config());
    LetE3FallBehind(100);
    Member(3).Restart();
    UntilE3HasCaughtUp(Ms(5000));
    const auto first = Member(1).GetRaft().GetLog().FirstIndex();
    PutMany(1, 60);
    EXPECT_EQ(Member(1).GetRaft().GetLog().FirstIndex(), first) << "less than 30 s ago";
    RunUntil(Now() + Ms(30'000));
    PutMany(1, 60);
    EXPECT_GT(Member(1).GetRaft().GetLog().FirstIndex(), first);
}

} // namespace

} // namespace etcdlab
