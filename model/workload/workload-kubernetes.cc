// What etcd's own robustness tests call Kubernetes traffic: get, list, update, create, delete of objects under one prefix.
#include "model/workload/workload.h"

#include <array>
#include <map>

namespace etcdlab
{

namespace
{

/// After etcd 3.6 tests/robustness/traffic/kubernetes.go: writes are transactions that compare the mod revision last seen; objects
/// are created while there are fewer than half of `keys`, and deleted above twice as many.
class KubernetesWorkload : public Workload
{
  public:
    explicit KubernetesWorkload(const WorkloadContext& context)
        : m_config(context.config),
          m_client(context.client),
          m_random(context.random),
          m_prefix("/registry/pods/client" + std::to_string(context.client) + "/")
    {
        const auto& c = m_config;
        m_choices = {{{"get", c.get},
                      {"list", c.list},
                      {"update", c.update},
                      {"create", c.create},
                      {"delete", c.remove}}};
        for (const auto& choice : m_choices)
        {
            m_total += choice.weight;
        }
    }

    Operation Next() override
    {
        std::string name = Choose();
        const bool writes = name != "get" && name != "list";
        if (m_known.empty() || (writes && 2 * m_known.size() < m_config.keys))
        {
            name = "create";
        }
        else if (writes && m_known.size() > 2 * m_config.keys)
        {
            name = "delete";
        }
        return {name, Make(name)};
    }

    void OnResponse(const Request& request, const Response& response) override
    {
        const auto* txn = std::get_if<TxnRequest>(&request);
        if (txn == nullptr)
        {
            return;
        }
        const auto& answer = std::get<TxnResponse>(response);
        const auto& key = txn->compare.front().key;
        const bool deletes = std::holds_alternative<DeleteRangeRequest>(txn->success.front());
        if (answer.succeeded)
        {
            deletes ? void(m_known.erase(key)) : void(m_known[key] = answer.revision);
            return;
        }
        const auto& kvs = std::get<RangeResponse>(answer.responses.front()).kvs;
        kvs.empty() ? void(m_known.erase(key)) : void(m_known[key] = kvs.front().modRevision);
    }

  private:
    struct Choice
    {
        const char* name;
        double weight;
    };

    std::string Choose()
    {
        auto left = m_random() * m_total;
        const char* last = "create";
        for (const auto& choice : m_choices)
        {
            if (choice.weight <= 0)
            {
                continue;
            }
            last = choice.name;
            if (left < choice.weight)
            {
                break;
            }
            left -= choice.weight;
        }
        return last;
    }

    Request Make(const std::string& name)
    {
        RangeRequest range;
        if (name == "list")
        {
            range.key = m_prefix;
            range.rangeEnd = m_prefix.substr(0, m_prefix.size() - 1) + "0"; // behind "/"
            range.limit = 500;
            return range;
        }
        const auto known = name == "create" ? m_known.end() : Any();
        range.key = name == "create" ? NewKey() : known->first;
        if (name == "get")
        {
            return range;
        }
        const Compare compare{range.key, name == "create" ? 0 : known->second};
        if (name == "delete")
        {
            return TxnRequest{{compare}, {DeleteRangeRequest{range.key, ""}}, {range}};
        }
        PutRequest put;
        put.key = range.key;
        put.value = {static_cast<std::uint32_t>(m_config.valueSize.bytes),
                     m_client << 40 | ++m_writes};
        return TxnRequest{{compare}, {put}, {range}};
    }

    std::map<std::string, Revision>::iterator Any()
    {
        const auto index =
            static_cast<std::size_t>(m_random() * static_cast<double>(m_known.size()));
        return std::next(m_known.begin(),
                         static_cast<std::ptrdiff_t>(std::min(index, m_known.size() - 1)));
    }

    std::string NewKey()
    {
        const auto digits = std::to_string(++m_created);
        const auto length =
            std::max<std::size_t>(m_config.keySize.bytes, m_prefix.size() + digits.size());
        return m_prefix + std::string(length - m_prefix.size() - digits.size(), '0') + digits;
    }

    WorkloadConfig m_config;
    std::uint64_t m_client;
    std::function<double()> m_random;
    std::string m_prefix;
    std::array<Choice, 5> m_choices;
    double m_total = 0;
    std::map<std::string, Revision>
        m_known; //!< objects that this client has created, at the revision it last saw
    std::uint64_t m_created = 0;
    std::uint64_t m_writes = 0;
};

const bool workloadKubernetesRegistered = WorkloadRegistry::Add(
    "kubernetes",
    "get, list, update, create and delete of objects by weight, as etcd's robustness tests do",
    [](const WorkloadContext& context) { return std::make_unique<KubernetesWorkload>(context); });

} // namespace

} // namespace etcdlab
