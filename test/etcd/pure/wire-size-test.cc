// Sizes of messages against those captured from etcd 3.4.23.
#include "model/etcd/pure/member-id.h"
#include "model/etcd/pure/raft-wire.h"
#include "model/etcd/pure/wire-size.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using raft::Message;
using raft::MessageType;

constexpr std::uint64_t ID10 = 1ULL << 63; // ten varint bytes
constexpr std::uint64_t ID9 = 1ULL << 62;  // nine
constexpr std::uint64_t INDEX = 20'000;    // three

Message
Make(MessageType type, raft::Index index = 0, raft::Index commit = 0)
{
    Message message;
    message.type = type;
    message.to = ID10;
    message.from = ID9;
    message.term = 2;
    message.index = index;
    message.commit = commit;
    return message;
}

TEST(WireSize, RaftMessagesHaveTheCapturedSizes)
{
    // 30 + (10-1) + (9-1) = 47; captured: 46 to 49, depending on the ids.
    EXPECT_EQ(RaftMessageBytes(Make(MessageType::HEARTBEAT_RESP)), 47U);
    EXPECT_EQ(RaftMessageBytes(Make(MessageType::HEARTBEAT, 0, INDEX)), 49U);
    EXPECT_EQ(RaftMessageBytes(Make(MessageType::APP_RESP, INDEX)), 49U);
    auto empty = Make(MessageType::APP, INDEX, INDEX);
    empty.logTerm = 2;
    EXPECT_EQ(RaftMessageBytes(empty), 51U);
}

TEST(WireSize, AReadsNameTakesTenBytesOrRidesInAnEntry)
{
    auto heartbeat = Make(MessageType::HEARTBEAT_RESP);
    heartbeat.context = 7;
    EXPECT_EQ(RaftMessageBytes(heartbeat), 47U + 10) << "captured: 56 or 57";
    auto read = Make(MessageType::READ_INDEX);
    read.term = 0;
    read.context = 7;
    EXPECT_EQ(RaftMessageBytes(read), 47U + 18) << "captured: 64 or 65";
    auto answer = Make(MessageType::READ_INDEX_RESP, INDEX);
    answer.context = 7;
    EXPECT_EQ(RaftMessageBytes(answer), 49U + 18) << "captured: 65 to 67";
}

TEST(WireSize, AForwardedProposalCarriesItsEntryWithoutPosition)
{
    auto proposal = Make(MessageType::PROP);
    proposal.term = 0;
    proposal.entries.push_back({0, 0, 1110, nullptr});
    // 47 + (1 + v(e)) + e with e = 7 + v(1110) + 1110 = 1119: 47 + 3 + 1119 = 1169
    EXPECT_EQ(RaftMessageBytes(proposal), 1169U);
}

TEST(WireSize, ASnapshotMessageCarriesItsMetadataOnly)
{
    auto message = Make(MessageType::SNAP);
    const auto plain = RaftMessageBytes(message);
    // ids of 10 and 9 bytes: conf 11 + 10 + 2 = 23; index 4; term 2; metadata 2 + 23 + 4 + 2 = 31;
    // snapshot 2 + 31 = 33, and 2 for its tag and length; an empty one takes 12
    message.snapshot = std::make_shared<raft::Snapshot>(
        raft::Snapshot{INDEX, 2, {{ID10}, {ID9}}, 100'000'000, nullptr});
    EXPECT_EQ(RaftMessageBytes(message), plain - 12 + 35)
        << "the database is not part of the message";
}

TEST(WireSize, ATransfersVoteRequestSaysSo)
{
    auto vote = Make(MessageType::VOTE, INDEX);
    const auto plain = RaftMessageBytes(vote);
    vote.transfer = true;
    EXPECT_EQ(RaftMessageBytes(vote), plain + 18);
}

TEST(WireSize, ResponsesHaveTheCapturedSizes)
{
    const ResponseHeader header{ID10, ID9, 2};
    // header 11 + 10 + (1+3) + 2 = 27, and its tag and length: 29; captured 27 to 29
    EXPECT_EQ(ResponseBytes(PutResponse{INDEX}, header), 29U);
    TxnResponse txn;
    txn.revision = INDEX;
    txn.succeeded = true;
    txn.responses.emplace_back(PutResponse{INDEX});
    EXPECT_EQ(ResponseBytes(txn, header), 41U);
    RangeResponse range;
    range.revision = INDEX;
    EXPECT_EQ(ResponseBytes(range, header), 29U) << "a miss";
    range.kvs.push_back({std::string(64, 'k'), {1024, 1}, INDEX, INDEX, 1, 0});
    range.count = 1;
    // KeyValue: key 66, create 4, mod 4, version 2, value 1027 = 1103 = K + V + 15
    EXPECT_EQ(ResponseBytes(range, header), 29U + (1 + 2 + 1103) + 2);
}

TEST(WireSize, RangeRequestsAreTwoMoreThanTheirKey)
{
    RangeRequest range;
    range.key = std::string(64, 'k');
    EXPECT_EQ(RequestBytes(range), 66U);
    range.serializable = true;
    EXPECT_EQ(RequestBytes(range), 68U);
}

TEST(RequestIds, CarryTheMembersLowBitsInFrontAndCountUp)
{
    RequestIds ids(0x1234'5678'9abc'8001, 5);
    EXPECT_EQ(ids.Next(), 0x8001'0000'0000'0501U);
    EXPECT_EQ(ids.Next(), 0x8001'0000'0000'0502U);
}

TEST(PeerStreamEncoder, AnAppendThatContinuesTheLastNeedsNoPosition)
{
    PeerStreamEncoder encoder(PeerStreamType::MSG_APP);
    auto append = Make(MessageType::APP, INDEX, INDEX);
    append.logTerm = 2;
    append.entries.push_back({2, INDEX + 1, 1110, nullptr});
    const auto full = RaftMessageBytes(append);
    EXPECT_EQ(encoder.Encode(append), 1 + 8 + full)
        << "the first one on a stream is a whole message";
    append.index = INDEX + 1;
    append.entries[0].index = INDEX + 2;
    EXPECT_EQ(encoder.Encode(append), 1U + 8 + (8 + 1121) + 8) << "captured: 1146";
    auto commit = Make(MessageType::APP, INDEX + 2, INDEX + 2);
    commit.logTerm = 2;
    EXPECT_EQ(encoder.Encode(commit), 17U) << "a commit index alone";
    commit.term = 3;
    EXPECT_EQ(encoder.Encode(commit), 1 + 8 + RaftMessageBytes(commit)) << "another term";
}

TEST(PeerStreamEncoder, TheMessageStreamPutsALengthInFront)
{
    PeerStreamEncoder encoder(PeerStreamType::MESSAGE);
    EXPECT_EQ(encoder.Encode(Make(MessageType::HEARTBEAT_RESP)), 47U + 8);
    EXPECT_EQ(encoder.LinkHeartbeat(), 38U);
    EXPECT_EQ(PeerStreamEncoder(PeerStreamType::MSG_APP).LinkHeartbeat(), 1U);
}

TEST(ChunkedBytes, AddsTheLengthInHexadecimalAndTwoLineEnds)
{
    EXPECT_EQ(ChunkedBytes(1), 1U + 5);
    EXPECT_EQ(ChunkedBytes(15), 15U + 5);
    EXPECT_EQ(ChunkedBytes(16), 16U + 6);
    EXPECT_EQ(ChunkedBytes(255), 255U + 6);
    EXPECT_EQ(ChunkedBytes(256), 256U + 7);
    EXPECT_EQ(ChunkedBytes(2048), 2048U + 7);
    // 2048 + rest 7944 (0x1f08, four digits) + the commit tail of 8
    EXPECT_EQ(ChunkedBytes(10'000), (2048U + 7) + (7944 + 8) + (8 + 5));
}

TEST(MemberId, IsSpreadOver64BitsAndPrintedInHexadecimal)
{
    EXPECT_NE(MemberId("e1"), MemberId("e2"));
    EXPECT_EQ(MemberId("e1"), MemberId("e1"));
    EXPECT_EQ(HexId(0xfd422379fda50e48), "fd422379fda50e48");
    EXPECT_EQ(HexId(0x1), "1");
}

TEST(ClusterId, DoesNotDependOnTheOrderOfMembers)
{
    EXPECT_EQ(ClusterId({1, 2, 3}), ClusterId({3, 1, 2}));
    EXPECT_NE(ClusterId({1, 2, 3}), ClusterId({1, 2, 4}));
}

TEST(WireSize, CompactionsAndAlarms)
{
    // A tag and a varint of three bytes; a tag and a bool. A zero is not encoded.
    EXPECT_EQ(RequestBytes(CompactionRequest{1'000'000, true}), 4U + 2);
    EXPECT_EQ(RequestBytes(CompactionRequest{1'000'000, false}), 4U);
    // Action and kind of the alarm, two bytes each; a member's id of 300 takes two and a tag.
    EXPECT_EQ(RequestBytes(AlarmRequest{true, 300}), 2U + 3 + 2);
}

} // namespace

} // namespace etcdlab
