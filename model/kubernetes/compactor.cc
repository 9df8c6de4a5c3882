#include "model/kubernetes/compactor.h"

#include "model/base/clock.h"
#include "model/kubernetes/origins.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

constexpr const char* KEY = "compact_rev_key";

} // namespace

Compactor::Compactor(const EtcdAccess& access, Duration interval)
    : m_client(access, KEY),
      m_interval(interval)
{
}

Compactor::~Compactor()
{
    m_round.Cancel();
}

void
Compactor::Connect()
{
    m_client.Start();
}

void
Compactor::Start()
{
    Later();
}

void
Compactor::Later()
{
    if (m_interval > Duration(0))
    {
        m_round = ns3::Simulator::Schedule(ToTime(m_interval), &Compactor::Round, this);
    }
}

/// The real one compares the key's version, not its modification revision: they change together.
void
Compactor::Round()
{
    // The value is the revision as text. Its number may not mean an object's version in any table.
    const auto bytes = static_cast<std::uint32_t>(std::to_string(m_revision).size());
    RangeRequest get;
    get.key = KEY;
    TxnRequest txn;
    txn.compare = {{KEY, m_version}};
    txn.success = {PutRequest{KEY, {bytes, 0}, 0}};
    txn.failure = {get};
    m_client.Call(std::move(txn),
                  "Txn-update",
                  {ORIGIN_COMPACTION},
                  [this](const EtcdClient::Result& result) {
                      if (result.Ok())
                      {
                          Noted(std::get<TxnResponse>(*result.response));
                          return;
                      }
                      Later();
                  });
}

void
Compactor::Noted(const TxnResponse& answer)
{
    const auto upTo = std::exchange(m_revision, answer.revision);
    if (!answer.succeeded)
    {
        const auto& range = std::get<RangeResponse>(answer.responses.front());
        m_version = range.kvs.empty() ? 0 : range.kvs.front().modRevision;
        Later();
        return;
    }
    m_version = answer.revision;
    if (upTo == 0)
    {
        Later();
        return;
    }
    m_client.Call(CompactionRequest{upTo, false},
                  "Compact",
                  {ORIGIN_COMPACTION},
                  [this](const auto&) { Later(); });
}

} // namespace etcdlab::kube
