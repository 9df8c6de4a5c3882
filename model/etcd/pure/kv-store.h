// The revisioned key-value store of a member (etcd mvcc/kvstore.go), in memory.
#pragma once

#include "model/etcd/pure/requests.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Every change gets the next revision; a transaction's changes share one. Old versions stay readable.
 * Two stores that applied the same requests in the same order are equal.
 */
class KvStore
{
  public:
    /// Carry out a request of any kind; read-only ones leave the store as it is.
    Response Apply(const Request& request);

    PutResponse Put(const PutRequest& request);
    DeleteRangeResponse DeleteRange(const DeleteRangeRequest& request);
    TxnResponse Txn(const TxnRequest& request);

    /// A revision in the future reads as now; etcd refuses it, and the server checks that before.
    RangeResponse Range(const RangeRequest& request) const;

    /// Every version of every key, by key, then by revision; a deletion has version 0.
    void VisitVersions(const std::function<void(const KeyValue&)>& visit) const;

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
    void PutAt(const PutRequest& request, Revision revision);
    std::int64_t DeleteAt(const DeleteRangeRequest& request, Revision revision);

    Keys m_keys;
    Revision m_revision = 1;
};

} // namespace etcdlab
