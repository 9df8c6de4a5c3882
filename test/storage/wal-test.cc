// The write-ahead log's byte counts against etcd's own encoder.
#include "model/etcd/pure/wire-size.h"
#include "model/storage/wal.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

constexpr std::uint64_t TEN_BYTE_ID = 1ULL << 63; // bit 15 of the member id's low half was set
constexpr std::uint64_t THREE_BYTE_INDEX = 20'000;

Request
Put(std::uint64_t key, std::uint32_t value)
{
    return PutRequest{std::string(key, 'k'), {value, 1}, 0};
}

std::uint64_t
EntryOf(const Request& request)
{
    return raft::EntrySize(
        2, THREE_BYTE_INDEX, static_cast<std::uint32_t>(ProposalBytes(request, TEN_BYTE_ID)));
}

struct EncodedPut
{
    std::uint64_t key;
    std::uint32_t value;
    std::uint64_t request;  //!< PutRequest
    std::uint64_t proposal; //!< InternalRaftRequest
    std::uint64_t entry;    //!< raftpb.Entry
    std::uint64_t frame;    //!< in the log
};

// Computed with etcd 3.4.23's own protobuf and WAL packages; term of one byte, index of three,
// request id of ten, CRC of five.
const EncodedPut ENCODED[] = {
    {16, 16, 36, 52, 62, 80},
    {64, 256, 325, 342, 353, 376},
    {64, 1024, 1093, 1110, 1121, 1144},
    {256, 1024, 1286, 1303, 1314, 1336},
    {32, 10240, 10277, 10294, 10305, 10328},
    {64, 131072, 131142, 131160, 131172, 131192},
};

TEST(Wal, EntriesOfPutsHaveTheSizesOfEtcdsEncoder)
{
    for (const auto& put : ENCODED)
    {
        SCOPED_TRACE(put.value);
        const auto request = Put(put.key, put.value);
        EXPECT_EQ(RequestBytes(request), put.request);
        EXPECT_EQ(ProposalBytes(request, TEN_BYTE_ID), put.proposal);
        EXPECT_EQ(raft::EntrySize(2, THREE_BYTE_INDEX, static_cast<std::uint32_t>(put.proposal)),
                  put.entry);
        EXPECT_EQ(wal::FrameBytes(put.entry), put.frame);
    }
}

TEST(Wal, HardStateTakes40BytesWithAVoteAnd32Without)
{
    // 2 + 6 + (1 + 1) + (term 2, vote 11, commit 4 = 17) = 27, padded to 32, and 8 in front: 40.
    EXPECT_EQ(wal::FrameBytes(wal::HardStateBytes(2, TEN_BYTE_ID, THREE_BYTE_INDEX)), 40U);
    // vote 2 instead of 11: 18, padded to 24: 32.
    EXPECT_EQ(wal::FrameBytes(wal::HardStateBytes(2, 0, THREE_BYTE_INDEX)), 32U);
}

TEST(Wal, TheEmptyEntryOfANewLeaderHasNoData)
{
    EXPECT_EQ(raft::EntrySize(2, 1, 0), 2U + 2 + 2);
}

TEST(Wal, KubernetesTransactionsHaveTheMeasuredFrames)
{
    const std::string key(64, 'k');
    const PutRequest put{key, {1024, 1}, 0};
    const Request create = TxnRequest{{Compare{key, 0}}, {put}, {}};
    // 2K + V + 19
    EXPECT_EQ(RequestBytes(create), 2 * 64 + 1024 + 19U);
    const auto createEntry = EntryOf(create);
    EXPECT_EQ(wal::FrameBytes(createEntry), 1224U);

    RangeRequest get;
    get.key = key;
    const Request update = TxnRequest{{Compare{key, 20'000}}, {put}, {get}};
    // 3K + V + 27
    EXPECT_EQ(RequestBytes(update), 3 * 64 + 1024 + 27U);
    const auto updateEntry = EntryOf(update);
    EXPECT_EQ(wal::FrameBytes(updateEntry), 1296U);
}

TEST(Wal, ASequentialPutIsOneWriteOfItsEntryAndThePreviousCommit)
{
    Wal log;
    log.AppendHardState(2, TEN_BYTE_ID, THREE_BYTE_INDEX - 1);
    EXPECT_EQ(log.Flush(false), 0U) << "a commit index alone stays in memory";
    log.AppendEntry(raft::EntrySize(2, THREE_BYTE_INDEX, 1110));
    EXPECT_EQ(log.Flush(true), 1144U + 40) << "strace of etcd: one write of 1184 bytes";
}

TEST(Wal, ASnapshotsRecordIs24BytesAndTakesWhatIsBufferedAlong)
{
    // Type 2, crc 6, data 2 + (index 4, term 2): 16 B, and 8 of length.
    EXPECT_EQ(wal::FrameBytes(wal::SnapshotBytes(2, 100'001)), 24U);
    EXPECT_EQ(wal::FrameBytes(wal::SnapshotBytes(0, 0)), 24U) << "the empty one of a new log";
    Wal log;
    log.AppendHardState(2, TEN_BYTE_ID, THREE_BYTE_INDEX);
    EXPECT_EQ(log.Flush(false), 0U);
    log.AppendSnapshot(2, THREE_BYTE_INDEX);
    EXPECT_EQ(log.Flush(true), 40U + 24);
}

TEST(Wal, TheFirstSegmentBeginsWithCrcMetadataAndSnapshot)
{
    EXPECT_EQ(Wal().Bytes(), 16U + 40 + 24);
}

TEST(Wal, ASegmentIsCutWhenASaveFillsIt)
{
    Wal log;
    log.AppendHardState(2, TEN_BYTE_ID, THREE_BYTE_INDEX);
    const auto frame = wal::FrameBytes(raft::EntrySize(2, THREE_BYTE_INDEX, 1'000'000));
    const auto needed = (wal::SEGMENT_BYTES - log.Bytes() + frame - 1) / frame;
    for (std::uint64_t i = 1; i < needed; ++i)
    {
        log.AppendEntry(raft::EntrySize(2, THREE_BYTE_INDEX, 1'000'000));
        log.Flush(true);
        ASSERT_FALSE(log.TakeCut());
    }
    log.AppendEntry(raft::EntrySize(2, THREE_BYTE_INDEX, 1'000'000));
    log.Flush(true);
    EXPECT_FALSE(log.TakeCut()) << "this one made the file long enough; the next Save sees it";
    const auto before = log.Bytes();
    log.AppendEntry(raft::EntrySize(2, THREE_BYTE_INDEX, 1'000'000));
    EXPECT_EQ(log.Flush(true), frame);
    EXPECT_TRUE(log.TakeCut());
    EXPECT_FALSE(log.TakeCut()) << "told once";
    EXPECT_EQ(log.Segments(), 2U);
    // crc 16 + metadata 40 + the hard state again 40
    EXPECT_EQ(log.Bytes(), before + frame + 96);
}

} // namespace

} // namespace etcdlab
