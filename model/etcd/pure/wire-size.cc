#include "model/etcd/pure/wire-size.h"

#include "model/base/varint.h"

namespace etcdlab
{

namespace
{

struct RequestSize
{
    std::uint64_t operator()(const PutRequest& put) const
    {
        return OptionalBytes(put.key.size()) + OptionalBytes(put.value.bytes) +
               OptionalInt(static_cast<std::uint64_t>(put.lease));
    }

    std::uint64_t operator()(const RangeRequest& range) const
    {
        return OptionalBytes(range.key.size()) + OptionalBytes(range.rangeEnd.size()) +
               OptionalInt(static_cast<std::uint64_t>(range.limit)) +
               OptionalInt(static_cast<std::uint64_t>(range.revision)) +
               (range.serializable ? 2 : 0) + (range.countOnly ? 2 : 0);
    }

    std::uint64_t operator()(const DeleteRangeRequest& request) const
    {
        return OptionalBytes(request.key.size()) + OptionalBytes(request.rangeEnd.size());
    }

    std::uint64_t operator()(const TxnRequest& txn) const
    {
        std::uint64_t bytes = 0;
        for (const auto& compare : txn.compare)
        {
            const std::uint64_t target = 2; // MOD; the result EQUAL is zero and not encoded
            // mod_revision is a oneof member: present even if zero
            bytes += FieldBytes(target + FieldBytes(compare.key.size()) +
                                IntFieldBytes(static_cast<std::uint64_t>(compare.modRevision)));
        }
        return bytes + Operations(txn.success) + Operations(txn.failure);
    }

    std::uint64_t operator()(const CompactionRequest& compaction) const
    {
        return OptionalInt(static_cast<std::uint64_t>(compaction.revision)) +
               (compaction.physical ? 2 : 0);
    }

    std::uint64_t operator()(const AlarmRequest& alarm) const
    {
        const std::uint64_t action = 2; // ACTIVATE or DEACTIVATE
        const std::uint64_t kind = 2;   // NOSPACE
        return action + OptionalInt(alarm.member) + kind;
    }

    std::uint64_t operator()(const LeaseGrantRequest& grant) const
    {
        return OptionalInt(static_cast<std::uint64_t>(grant.ttl)) +
               OptionalInt(static_cast<std::uint64_t>(grant.id));
    }

    std::uint64_t operator()(const LeaseRevokeRequest& revoke) const
    {
        return OptionalInt(static_cast<std::uint64_t>(revoke.id));
    }

    std::uint64_t Operations(const std::vector<TxnOperation>& operations) const
    {
        std::uint64_t bytes = 0;
        for (const auto& operation : operations)
        {
            bytes += FieldBytes(FieldBytes(std::visit(*this, operation)));
        }
        return bytes;
    }
};

std::uint64_t
HeaderBytes(const ResponseHeader& header, Revision revision)
{
    return OptionalInt(header.clusterId) + OptionalInt(header.memberId) +
           OptionalInt(static_cast<std::uint64_t>(revision)) + OptionalInt(header.raftTerm);
}

/// Responses inside a transaction carry a header with nothing but the revision.
struct ResponseSize
{
    const ResponseHeader& header;

    std::uint64_t operator()(const PutResponse& put) const
    {
        return FieldBytes(HeaderBytes(header, put.revision));
    }

    std::uint64_t operator()(const RangeResponse& range) const
    {
        std::uint64_t bytes = FieldBytes(HeaderBytes(header, range.revision));
        for (const auto& kv : range.kvs)
        {
            bytes += FieldBytes(KeyValueBytes(kv));
        }
        return bytes + (range.more ? 2 : 0) + OptionalInt(static_cast<std::uint64_t>(range.count));
    }

    std::uint64_t operator()(const DeleteRangeResponse& response) const
    {
        return FieldBytes(HeaderBytes(header, response.revision)) +
               OptionalInt(static_cast<std::uint64_t>(response.deleted));
    }

    std::uint64_t operator()(const TxnResponse& txn) const
    {
        std::uint64_t bytes =
            FieldBytes(HeaderBytes(header, txn.revision)) + (txn.succeeded ? 2 : 0);
        const ResponseHeader inner;
        for (const auto& response : txn.responses)
        {
            bytes += FieldBytes(FieldBytes(std::visit(ResponseSize{inner}, response)));
        }
        return bytes;
    }

    std::uint64_t operator()(const CompactionResponse& response) const
    {
        return FieldBytes(HeaderBytes(header, response.revision));
    }

    std::uint64_t operator()(const AlarmResponse& response) const
    {
        const std::uint64_t alarm = FieldBytes(OptionalInt(header.memberId) + 2);
        return FieldBytes(HeaderBytes(header, response.revision)) + alarm;
    }

    std::uint64_t operator()(const LeaseGrantResponse& grant) const
    {
        return FieldBytes(HeaderBytes(header, grant.revision)) +
               OptionalInt(static_cast<std::uint64_t>(grant.id)) +
               OptionalInt(static_cast<std::uint64_t>(grant.ttl));
    }

    std::uint64_t operator()(const LeaseRevokeResponse& revoke) const
    {
        return FieldBytes(HeaderBytes(header, revoke.revision));
    }
};

/// Eight bytes that name a read: in Context, or on the way to the leader and back as an entry's Data.
std::uint64_t
ContextBytes(raft::MessageType type)
{
    const bool asEntry =
        type == raft::MessageType::READ_INDEX || type == raft::MessageType::READ_INDEX_RESP;
    return asEntry ? raft::EntrySize(0, 0, 8) : 8;
}

/// raftpb.Snapshot of 3.4. Its Data, the old v2 store, is left out: the database follows the message
/// in a request of its own (etcdserver/api/rafthttp/snapshot_sender.go).
std::uint64_t
SnapshotBytes(const raft::Snapshot& snapshot)
{
    std::uint64_t conf = 2; // auto_leave: always
    for (const auto& ids : {snapshot.conf.voters, snapshot.conf.learners})
    {
        for (const auto id : ids)
        {
            conf += IntFieldBytes(id);
        }
    }
    return FieldBytes(FieldBytes(conf) + IntFieldBytes(snapshot.index) +
                      IntFieldBytes(snapshot.term));
}

} // namespace

std::uint64_t
KeyValueBytes(const KeyValue& kv)
{
    return OptionalBytes(kv.key.size()) +
           OptionalInt(static_cast<std::uint64_t>(kv.createRevision)) +
           OptionalInt(static_cast<std::uint64_t>(kv.modRevision)) +
           OptionalInt(static_cast<std::uint64_t>(kv.version)) + OptionalBytes(kv.value.bytes) +
           OptionalInt(static_cast<std::uint64_t>(kv.lease));
}

std::uint64_t
HeaderFieldBytes(const ResponseHeader& header, Revision revision)
{
    return FieldBytes(HeaderBytes(header, revision));
}

std::uint64_t
RequestBytes(const Request& request)
{
    return std::visit(RequestSize{}, request);
}

std::uint64_t
ResponseBytes(const Response& response, const ResponseHeader& header)
{
    return std::visit(ResponseSize{header}, response);
}

std::uint64_t
StatusResponseBytes(const ResponseHeader& header,
                    std::uint64_t leader,
                    std::uint64_t raftIndex,
                    Revision revision)
{
    const std::uint64_t version = FieldBytes(std::string_view("3.4.23").size());
    const std::uint64_t dbSize = IntFieldBytes(25'000'000); // allocated size of a small database
    const std::uint64_t dbSizeInUse = IntFieldBytes(2'000'000);
    return FieldBytes(HeaderBytes(header, revision)) + version + dbSize + OptionalInt(leader) +
           OptionalInt(raftIndex) + OptionalInt(header.raftTerm) + OptionalInt(raftIndex) +
           dbSizeInUse;
}

std::uint64_t
ProposalBytes(const Request& request, std::uint64_t requestId)
{
    const std::uint64_t header = 3 + IntFieldBytes(requestId); // field 100: a two-byte tag
    return header + FieldBytes(RequestBytes(request));
}

std::uint64_t
RaftMessageBytes(const raft::Message& message)
{
    // Tags of to, from, term, logTerm, index, commit, rejectHint; type, reject.
    const std::uint64_t fixed = 7 + 2 + 2;
    // A snapshot is always there, mostly an empty one: 2 + (2 + (2 + 2) + 2 + 2) = 12.
    std::uint64_t bytes =
        fixed + (message.snapshot ? FieldBytes(SnapshotBytes(*message.snapshot)) : 12);
    for (const std::uint64_t field : {message.to,
                                      message.from,
                                      message.term,
                                      message.logTerm,
                                      message.index,
                                      message.commit,
                                      message.rejectHint})
    {
        bytes += VarintBytes(field);
    }
    for (const auto& entry : message.entries)
    {
        bytes += FieldBytes(raft::EntrySize(entry));
    }
    if (message.context != 0)
    {
        bytes += FieldBytes(ContextBytes(message.type));
    }
    if (message.transfer)
    {
        bytes += FieldBytes(16); // "CampaignTransfer"
    }
    return bytes;
}

} // namespace etcdlab
