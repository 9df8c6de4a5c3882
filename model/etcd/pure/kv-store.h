// The revisioned key-value store of a member (etcd mvcc/kvstore.go), in memory.
#pragma once

#include "model/etcd/pure/requests.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Every change gets the next revision; a transaction's changes share one. Old versions stay readable until a
 * compaction.
 * Two stores that applied the same requests in the same order are equal.
 */
class KvStore
{
  public:
    /// Why a request cannot be carried out (mvcc/kv.go).
    enum class Refusal
    {
        NONE,
        COMPACTED,      //!< ErrCompacted: the revision it asks for is forgotten
        FUTURE_REVISION //!< ErrFutureRev: the revision it asks for is to come
    };

    /// Whether Apply may be called: the revisions that a range, a transaction's ranges (of the branch it would take)
    /// or a compaction ask for are there.
    Refusal Check(const Request& request) const;

    /// Carry out a KV request; read-only ones and alarms leave the store as it is. Leases are not the
    /// store's.
    /// @param changes what it did to keys is added, in the order in which it did it; a deletion is a key with
    /// version 0
    Response Apply(const Request& request, std::vector<KeyValue>* changes = nullptr);

    PutResponse Put(const PutRequest& request, std::vector<KeyValue>* changes = nullptr);
    DeleteRangeResponse DeleteRange(const DeleteRangeRequest& request,
                                    std::vector<KeyValue>* changes = nullptr);
    TxnResponse Txn(const TxnRequest& request, std::vector<KeyValue>* changes = nullptr);

    /// Delete keys in one transaction, as a lease that is revoked does.
    /// @return the revision afterwards
    Revision DeleteKeys(const std::vector<std::string>& keys,
                        std::vector<KeyValue>* changes = nullptr);

    /// True if all comparisons hold, so that the success branch is the one to be done.
    bool Holds(const TxnRequest& request) const;

    /// A revision in the future reads as now; see Check.
    RangeResponse Range(const RangeRequest& request) const;

    /**
     * Forget all versions that a later one up to `revision` has replaced, and keys that were deleted by then
     * (mvcc/key_index.go: compact). What stands at `revision` and all that came later stays readable.
     *
     * @param revision not in the future; nothing happens if it is compacted already
     * @return versions up to `revision` that were looked at, kept ones included: what the backend goes through
     */
    std::uint64_t Compact(Revision revision);

    /// The revision of the last compaction, still readable; 0 if there was none.
    Revision CompactedRevision() const
    {
        return m_compacted;
    }

    /// About what all versions take in the database: key, value and 48 bytes each; pages half full are not counted.
    std::uint64_t BytesInUse() const
    {
        return m_bytesInUse;
    }

    /// The most that was ever in use since Defragment: bbolt's file does not shrink, free pages are used again.
    std::uint64_t FileBytes() const
    {
        return m_fileBytes;
    }

    /// Write the file anew, without free pages.
    void Defragment()
    {
        m_fileBytes = m_bytesInUse;
    }

    /// Every version of every key, by key, then by revision; a deletion has version 0.
    void VisitVersions(const std::function<void(const KeyValue&)>& visit) const;

    /// What happened to a key, or to the keys in [key, rangeEnd), from a revision on: by revision, and of one
    /// revision by key (etcd: in the order of the transaction). A deletion has version 0.
    std::vector<KeyValue> Changes(const std::string& key,
                                  const std::string& rangeEnd,
                                  Revision from) const;

    /// A key as it was at a revision; nullptr if it did not exist then. Valid until the next change.
    const KeyValue* Get(const std::string& key, Revision revision) const;

    /// Keys that exist now. Takes a while to count.
    std::uint64_t LiveKeys() const;

    /// The revision of the last change; 1 if there was none.
    Revision CurrentRevision() const
    {
        return m_revision;
    }

  private:
    /// One key's life: its versions by ascending modification revision. version 0 marks a deletion.
    struct History
    {
        std::vector<KeyValue> versions;
        const KeyValue* At(Revision revision) const; //!< nullptr if it did not exist then
    };

    using Keys = std::map<std::string, History>;

    std::pair<Keys::const_iterator, Keys::const_iterator> Find(const std::string& key,
                                                               const std::string& rangeEnd) const;
    Revision ModRevision(const std::string& key) const;
    void PutAt(const PutRequest& request, Revision revision, std::vector<KeyValue>* changes);
    Refusal CheckRange(const RangeRequest& range) const;
    void Grow(const KeyValue& version);
    std::int64_t DeleteAt(const DeleteRangeRequest& request,
                          Revision revision,
                          std::vector<KeyValue>* changes);

    Keys m_keys;
    Revision m_revision = 1;
    Revision m_compacted = 0;
    std::uint64_t m_bytesInUse = 0;
    std::uint64_t m_fileBytes = 0;
};

/// What a put of so many bytes adds to the store's size (etcdserver/quota.go: costPut).
constexpr std::uint64_t
PutCost(std::uint64_t key, std::uint64_t value)
{
    const std::uint64_t overhead = 256;
    return key + value + overhead;
}

/// What a lease adds (quota.go: leaseOverhead).
inline constexpr std::uint64_t LEASE_COST = 64;

/// What a request may add at most; 0 if it makes no space necessary (quota.go: Cost).
std::uint64_t SpaceCost(const Request& request);
} // namespace etcdlab
