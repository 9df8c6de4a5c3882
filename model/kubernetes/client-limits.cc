#include "model/kubernetes/client-limits.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace etcdlab::kube
{

TokenBucket::TokenBucket(double rate, int burst)
    : m_rate(rate),
      m_burst(burst),
      m_tokens(burst)
{
}

Duration
TokenBucket::Take()
{
    if (m_rate <= 0)
    {
        return Duration(0);
    }
    const auto now = Now();
    m_tokens = std::min(m_burst, m_tokens + Milliseconds(now - m_last) / 1000 * m_rate);
    m_last = now;
    m_tokens -= 1;
    return m_tokens >= 0 ? Duration(0)
                         : Duration(static_cast<Duration::rep>(-m_tokens / m_rate * 1e9));
}

namespace
{

class LimitedClient : public ApiClient
{
  public:
    LimitedClient(std::unique_ptr<ApiClient> client, ClientLimits limits)
        : m_client(std::move(client)),
          m_bucket(limits.rate, limits.burst),
          m_credentials(std::move(limits.credentials)),
          m_authorized(m_credentials.empty())
    {
    }

    const ResourceTypes& Types() const override
    {
        return m_client->Types();
    }

    void Get(const ResourceType& type, const ObjectKey& key, ReadFrom from, Done done) override
    {
        Send([this, &type, key, from, done = std::move(done)] {
            m_client->Get(type, key, from, done);
        });
    }

    void List(const ResourceType& type,
              const std::string& nameSpace,
              ReadFrom from,
              Done done) override
    {
        Send([this, &type, nameSpace, from, done = std::move(done)] {
            m_client->List(type, nameSpace, from, done);
        });
    }

    void Create(Object object, Done done) override
    {
        Send([this, object = std::move(object), done = std::move(done)] {
            m_client->Create(object, done);
        });
    }

    void Update(Object object, Done done) override
    {
        Send([this, object = std::move(object), done = std::move(done)] {
            m_client->Update(object, done);
        });
    }

    void Patch(const ResourceType& type,
               const ObjectKey& key,
               Mutation mutation,
               Done done) override
    {
        Send([this, &type, key, mutation = std::move(mutation), done = std::move(done)] {
            m_client->Patch(type, key, mutation, done);
        });
    }

    void Delete(const ResourceType& type,
                const ObjectKey& key,
                DeleteOptions options,
                Done done) override
    {
        Send([this, &type, key, options, done = std::move(done)] {
            m_client->Delete(type, key, options, done);
        });
    }

    ApiWatchPtr Watch(const ResourceType& type,
                      const std::string& nameSpace,
                      Revision after,
                      WatchHandlers handlers) override
    {
        return m_client->Watch(type, nameSpace, after, std::move(handlers));
    }

  private:
    using Request = std::function<void()>;

    void Send(Request request)
    {
        if (!m_authorized)
        {
            m_waiting.push_back(std::move(request));
            if (m_waiting.size() == 1)
            {
                m_tasks.Start(Authorize());
            }
            return;
        }
        SendLimited(std::move(request));
    }

    void SendLimited(Request request)
    {
        const auto wait = m_bucket.Take();
        if (wait <= Duration(0))
        {
            request();
            return;
        }
        m_tasks.Start(SendIn(wait, std::move(request)));
    }

    Task<> SendIn(Duration wait, Request request)
    {
        co_await Sleep(wait);
        request();
    }

    /// GET serviceaccounts/<name>, then POST serviceaccounts/<name>/token, which reads it too.
    Task<> Authorize()
    {
        const auto& type = m_client->Types().Get("serviceaccounts");
        const ObjectKey key{"kube-system", m_credentials};
        co_await kube::Get(*m_client, type, key, ReadFrom::ETCD);
        co_await kube::Get(*m_client, type, key, ReadFrom::ETCD);
        m_authorized = true;
        auto waiting = std::move(m_waiting);
        m_waiting.clear();
        for (auto& request : waiting)
        {
            SendLimited(std::move(request));
        }
    }

    std::unique_ptr<ApiClient> m_client;
    TokenBucket m_bucket;
    std::string m_credentials;
    bool m_authorized;
    std::vector<Request> m_waiting; //!< for the credentials
    Tasks m_tasks;
};

} // namespace

std::unique_ptr<ApiClient>
LimitClient(std::unique_ptr<ApiClient> client, ClientLimits limits)
{
    if (limits.rate <= 0 && limits.credentials.empty())
    {
        return client;
    }
    return std::make_unique<LimitedClient>(std::move(client), std::move(limits));
}

} // namespace etcdlab::kube
