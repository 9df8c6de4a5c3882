// Sizes of what watches and leases say.
#include "model/etcd/pure/stream-messages.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

constexpr std::uint64_t TEN_BYTE_ID = 1ULL << 63;  // ten varint bytes
constexpr std::uint64_t NINE_BYTE_ID = 1ULL << 62; // nine
constexpr Revision REVISION = 20'000;              // three
const ResponseHeader RESPONSE_HEADER{TEN_BYTE_ID, NINE_BYTE_ID, 2};

KeyValue
Kv(Revision create, Revision mod)
{
    return {std::string(64, 'k'), {1024, 1}, create, mod, mod - create + 1, 0};
}

TEST(StreamMessages, AWatchEventHasTheMeasuredSize)
{
    WatchResponse response;
    response.watch = 1;
    response.revision = REVISION;
    response.events.push_back({Kv(REVISION, REVISION), {}});
    // header 2 + 27, id 2, events 1 + 2 + ev; ev = 1 + 2 + kv; kv = 66 + 4 + 4 + 2 + 1027 = 1103
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 29U + 2 + 3 + 3 + 1103); // 1140
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 1140U);
    response.events[0].previous = Kv(REVISION - 1, REVISION - 1);
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 1140U + 1106);
    response.watch = 0; // the first watch of a stream: not marshalled
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 1138U + 1106);
}

TEST(StreamMessages, ADeletionCarriesItsKeyAndSaysSo)
{
    WatchResponse response;
    response.revision = REVISION;
    KeyValue tombstone;
    tombstone.key = std::string(64, 'k');
    tombstone.modRevision = REVISION;
    response.events.push_back({tombstone, {}});
    // ev = type 2 + kv 2 + (66 + 4) = 74
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 29U + 2 + 74);
}

TEST(StreamMessages, ProgressIsAHeaderAndAnId)
{
    WatchResponse response;
    response.watch = 1;
    response.revision = REVISION;
    EXPECT_TRUE(response.IsProgress());
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 31U);
    response.created = true;
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 33U);
    response.created = false;
    response.canceled = true;
    response.compactRevision = 100;
    EXPECT_EQ(WatchResponseBytes(response, RESPONSE_HEADER), 31U + 2 + 2);
}

TEST(StreamMessages, WatchRequests)
{
    WatchCreateRequest create;
    create.key = "/registry/pods/";
    create.rangeEnd = PrefixEnd(create.key);
    EXPECT_EQ(create.rangeEnd, "/registry/pods0");
    create.start = REVISION;
    create.previousKv = true;
    // key 17, range end 17, start 4, prev_kv 2, and the field's own 2
    EXPECT_EQ(WatchRequestBytes(create), 42U);
    create.progressNotify = true;
    EXPECT_EQ(WatchRequestBytes(create), 44U);
    EXPECT_EQ(WatchRequestBytes(WatchCancelRequest{1}), 4U);
}

TEST(StreamMessages, LeaseMessages)
{
    const LeaseId id = (1LL << 62) + 5; // nine varint bytes, as ids chosen by a member have
    EXPECT_EQ(RequestBytes(LeaseGrantRequest{60, 0}), 2U);
    EXPECT_EQ(RequestBytes(LeaseGrantRequest{60, id}), 12U) << "as proposed: the id is chosen then";
    // header 3, id of the request 1 + 10, lease_grant 2 + 12
    EXPECT_EQ(ProposalBytes(LeaseGrantRequest{60, id}, TEN_BYTE_ID), 3U + 11 + 14);
    EXPECT_EQ(RequestBytes(LeaseRevokeRequest{id}), 10U);
    EXPECT_EQ(ResponseBytes(LeaseGrantResponse{REVISION, id, 60}, RESPONSE_HEADER), 29U + 10 + 2);
    EXPECT_EQ(ResponseBytes(LeaseRevokeResponse{REVISION}, RESPONSE_HEADER), 29U);
    EXPECT_EQ(KeepAliveRequestBytes(id), 10U);
    EXPECT_EQ(KeepAliveResponseBytes(id, 60), 12U);
    EXPECT_EQ(KeepAliveResponseBytes(id, 0), 10U);
}

TEST(StreamMessages, APrefixEndsWhereItsLastByteIsOneHigher)
{
    EXPECT_EQ(PrefixEnd("a"), "b");
    EXPECT_EQ(PrefixEnd("a\xff"), "b");
    EXPECT_EQ(PrefixEnd("\xff"), std::string(1, '\0'));
}

} // namespace

} // namespace etcdlab
