// Forgets etcd's history, some minutes after it has happened.
#pragma once

#include "model/kubernetes/etcd-client.h"

#include <ns3/event-id.h>

namespace etcdlab::kube
{

/**
 * storage/etcd3/compact.go: every interval an API server notes the revision in a key; who manages to is the one
 * that compacts, up to the revision of the round before.
 */
class Compactor
{
  public:
    /// @param interval 0: never
    Compactor(const EtcdAccess& access, Duration interval);
    ~Compactor();

    void Connect();
    void Start();

    EtcdClient& Client()
    {
        return m_client;
    }

  private:
    void Later();
    void Round();
    void Noted(const TxnResponse& answer);

    EtcdClient m_client;
    Duration m_interval;
    Revision m_version = 0;  //!< of the key, as last seen
    Revision m_revision = 0; //!< the store's, then
    ns3::EventId m_round;
};

} // namespace etcdlab::kube
