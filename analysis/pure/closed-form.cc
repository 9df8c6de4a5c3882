#include "analysis/pure/closed-form.h"

#include "analysis/pure/message-sizes.h"
#include "model/base/nearest.h"

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

namespace
{

/// The hops of one form, those without duration left out.
class HopList
{
  public:
    void Add(const char* name, Duration duration, const std::string& node = {})
    {
        if (duration > Duration{0})
        {
            m_hops.push_back({name, duration, node});
        }
    }

    std::vector<Hop> Take()
    {
        return std::move(m_hops);
    }

  private:
    std::vector<Hop> m_hops;
};

/// One follower's part of a quorum: what the leader waits for after it sent to it.
struct Round
{
    std::string follower;
    Duration network{0};
    Duration disk{0};
    Duration cpu{0}; //!< at both ends

    Duration Total() const
    {
        return network + disk + cpu;
    }
};

/// The computation of one form; the names are those of the formulas in the header.
class Builder
{
  public:
    Builder(const ClosedFormInput& input, const std::string& member, const std::string& operation)
        : m_input(input),
          m_member(member),
          m_sizes(MessageSizes::Of(operation, input.keySize.bytes, input.valueSize.bytes)),
          m_write(IsWrite(operation)),
          m_local(operation == "serializable_range")
    {
    }

    std::vector<Hop> Build(const std::string& client, const ProxyHop* proxy)
    {
        const CpuConfig& cpu = m_input.member(m_member).cpu;
        ClientTo(client, proxy);
        m_hops.Add("request CPU", cpu.request);
        m_hops.Add("wake-up", cpu.requestWakeup);
        if (!m_local)
        {
            m_member == m_input.leader ? ThroughLeader() : ThroughFollower();
            m_hops.Add("message handling", m_messageHandling);
        }
        m_hops.Add("apply", m_write ? cpu.apply : Duration{0});
        BackTo(client, proxy);
        return m_hops.Take();
    }

  private:
    Duration Delay(const std::string& from, const std::string& to, std::uint64_t bytes) const
    {
        return from == to ? Duration{0} : m_input.delay(from, to, bytes);
    }

    /// F(x), zero for reads.
    Duration Sync(const std::string& member) const
    {
        if (!m_write)
        {
            return Duration{0};
        }
        const DiskConfig& disk = m_input.member(member).disk;
        return (disk.syncMin + disk.syncMax) / 2 + SendingTime(m_sizes.walBytes, disk.bandwidth);
    }

    Duration MessageHandling(const std::string& member) const
    {
        const auto& cpu = m_input.member(member).cpu;
        return cpu.message + cpu.messageWakeup;
    }

    void ClientTo(const std::string& client, const ProxyHop* proxy)
    {
        if (!proxy)
        {
            m_hops.Add("client link", Delay(client, m_member, m_sizes.request));
            return;
        }
        m_hops.Add("client to proxy", Delay(client, proxy->node, m_sizes.request));
        const auto chunks = Chunks(m_sizes.request, *proxy) + Chunks(m_sizes.answer, *proxy);
        m_hops.Add("proxy CPU", proxy->cpuPerChunk * chunks);
        m_hops.Add("proxy to member", Delay(proxy->node, m_member, m_sizes.request));
    }

    void BackTo(const std::string& client, const ProxyHop* proxy)
    {
        if (!proxy)
        {
            m_hops.Add("client link back", Delay(m_member, client, m_sizes.answer));
            return;
        }
        m_hops.Add("member to proxy", Delay(m_member, proxy->node, m_sizes.answer));
        m_hops.Add("proxy to client", Delay(proxy->node, client, m_sizes.answer));
    }

    static std::int64_t Chunks(std::uint64_t bytes, const ProxyHop& proxy)
    {
        const std::uint64_t chunk = std::max<std::uint64_t>(proxy.chunk.bytes, 1);
        return static_cast<std::int64_t>((bytes + chunk - 1) / chunk);
    }

    /// The rounds between the leader and every follower but `without`, quickest first; ties in the
    /// members' order.
    std::vector<Round> Rounds(const std::string& without) const
    {
        std::vector<Round> rounds;
        for (const std::string& x : m_input.members)
        {
            if (x != m_input.leader && x != without)
            {
                rounds.push_back({x,
                                  Delay(m_input.leader, x, m_sizes.round) +
                                      Delay(x, m_input.leader, m_sizes.acknowledgement),
                                  Sync(x),
                                  MessageHandling(x) + MessageHandling(m_input.leader)});
            }
        }
        std::stable_sort(rounds.begin(), rounds.end(), [](const Round& a, const Round& b) {
            return a.Total() < b.Total();
        });
        return rounds;
    }

    /// Wait until so many followers have answered and the leader has synced; returns how long.
    Duration Quorum(std::size_t acknowledgements, const std::string& without)
    {
        Duration waited{0};
        if (acknowledgements > 0)
        {
            const Round round = Rounds(without).at(acknowledgements - 1);
            m_hops.Add(m_write ? "quorum" : "leadership quorum", round.network, round.follower);
            m_hops.Add("disk sync", round.disk, round.follower);
            m_messageHandling += round.cpu;
            waited = round.Total();
        }
        const Duration own = Sync(m_input.leader);
        m_hops.Add("disk sync", own - waited, m_input.leader);
        return std::max(waited, own);
    }

    void ThroughLeader()
    {
        Quorum(m_input.members.size() / 2, {}); // q - 1 = N/2
    }

    void ThroughFollower()
    {
        const std::size_t others = m_input.members.size() / 2;
        m_hops.Add(m_write ? "forward" : "read index request",
                   Delay(m_member, m_input.leader, m_sizes.forward));
        m_messageHandling += MessageHandling(m_input.leader) + MessageHandling(m_member);
        // Thesis, q <= 2: committed at once, and the message with the entry brings the notice.
        const bool thesis = m_input.accounting == Accounting::THESIS;
        const bool atOnce = thesis && others <= 1;
        const Duration waited = atOnce   ? Duration{0}
                                : thesis ? Quorum(others - 1, m_member)
                                         : Quorum(others, {});
        m_hops.Add(
            m_write ? "commit notice" : "read index answer",
            Delay(m_input.leader, m_member, m_write && atOnce ? m_sizes.round : m_sizes.notice));
        m_hops.Add("disk sync", Sync(m_member) - waited, m_member);
    }

    const ClosedFormInput& m_input;
    const std::string& m_member;
    const MessageSizes m_sizes;
    const bool m_write;
    const bool m_local;
    HopList m_hops;
    Duration m_messageHandling{0};
};

void
CheckKnown(const std::string& what, const std::string& name, const std::vector<std::string>& known)
{
    if (std::find(known.begin(), known.end(), name) == known.end())
    {
        throw std::invalid_argument("closed form, " + what + ": " + UnknownName(name, known));
    }
}

} // namespace

const std::vector<std::string>&
OperationNames()
{
    static const std::vector<std::string> names = {
        "put", "txn", "delete_range", "linearizable_range", "serializable_range"};
    return names;
}

Duration
ClosedForm::Total() const
{
    Duration total{0};
    for (const Hop& hop : hops)
    {
        total += hop.duration;
    }
    return total;
}

Duration
ClosedForm::Of(const std::string& hop) const
{
    Duration total{0};
    for (const Hop& each : hops)
    {
        total += each.name == hop ? each.duration : Duration{0};
    }
    return total;
}

ClosedForm
MakeClosedForm(const ClosedFormInput& input,
               const std::string& client,
               const std::string& member,
               const std::string& operation,
               const ProxyHop* proxy)
{
    CheckKnown("operation", operation, OperationNames());
    CheckKnown("member", member, input.members);
    CheckKnown("leader", input.leader, input.members);
    return {client, member, operation, Builder(input, member, operation).Build(client, proxy)};
}

} // namespace etcdlab
