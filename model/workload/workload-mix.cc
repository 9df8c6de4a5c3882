// Puts, ranges, deletes and compare-and-swap transactions on a set of keys, by weight.
#include "model/workload/workload.h"

#include <array>
#include <map>

namespace etcdlab
{

namespace
{

class MixWorkload : public Workload
{
  public:
    explicit MixWorkload(const WorkloadContext& context)
        : m_config(context.config),
          m_client(context.client),
          m_random(context.random)
    {
        const auto& c = m_config;
        m_choices = {{{"put", c.put},
                      {"linearizable_range", c.linearizableRange},
                      {"serializable_range", c.serializableRange},
                      {"delete_range", c.deleteRange},
                      {"txn", c.txn}}};
        for (const auto& choice : m_choices)
        {
            m_total += choice.weight;
            m_kinds += choice.weight > 0 ? 1 : 0;
        }
    }

    Operation Next() override
    {
        const auto name = Choose();
        const auto key = Key(m_count++ % m_config.keys);
        return {name, Make(name, key)};
    }

    void OnResponse(const Request& request, const Response& response) override
    {
        if (const auto* txn = std::get_if<TxnResponse>(&response))
        {
            const auto& key = std::get<TxnRequest>(request).compare.front().key;
            m_modRevisions[key] =
                txn->succeeded ? txn->revision : RevisionOf(txn->responses.front());
        }
    }

  private:
    struct Choice
    {
        const char* name;
        double weight;
    };

    std::string Choose()
    {
        // A single kind needs no random number, so its runs do not depend on the seed.
        auto left = m_kinds > 1 ? m_random() * m_total : 0.0;
        const Choice* last = nullptr;
        for (const auto& choice : m_choices)
        {
            if (choice.weight <= 0)
            {
                continue;
            }
            last = &choice;
            if (left < choice.weight)
            {
                break;
            }
            left -= choice.weight;
        }
        return last->name;
    }

    /// "/" and the key's number with zeros in front: as long as the scenario wants its keys.
    std::string Key(std::uint64_t number) const
    {
        const auto digits = std::to_string(number);
        const auto length = std::max<std::size_t>(m_config.keySize.bytes, digits.size() + 1);
        return "/" + std::string(length - 1 - digits.size(), '0') + digits;
    }

    Request Make(const std::string& name, const std::string& key)
    {
        if (name == "delete_range")
        {
            return DeleteRangeRequest{key, ""};
        }
        RangeRequest range;
        range.key = key;
        if (name == "linearizable_range" || name == "serializable_range")
        {
            range.serializable = name == "serializable_range";
            return range;
        }
        // Values differ from each other, so that a reader can tell which write it sees.
        PutRequest put;
        put.key = key;
        put.value = {static_cast<std::uint32_t>(m_config.valueSize.bytes),
                     m_client << 40 | m_count};
        if (name == "put")
        {
            return put;
        }
        return TxnRequest{{Compare{key, m_modRevisions[key]}}, {put}, {range}};
    }

    static Revision RevisionOf(const TxnOperationResponse& response)
    {
        const auto& kvs = std::get<RangeResponse>(response).kvs;
        return kvs.empty() ? 0 : kvs.front().modRevision;
    }

    WorkloadConfig m_config;
    std::uint64_t m_client;
    std::function<double()> m_random;
    std::array<Choice, 5> m_choices;
    double m_total = 0;
    int m_kinds = 0;
    std::uint64_t m_count = 0;
    std::map<std::string, Revision> m_modRevisions; //!< as this client last saw them
};

const bool workloadMixRegistered = WorkloadRegistry::Add(
    "mix",
    "puts, ranges, deletes and transactions by weight, over a set of keys",
    [](const WorkloadContext& context) { return std::make_unique<MixWorkload>(context); });

} // namespace

} // namespace etcdlab
