// pkg/controller/serviceaccount/tokens_controller.go of Kubernetes 1.20
#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

const std::string NAME_LABEL = "kubernetes.io/service-account.name";
const std::string UID_LABEL = "kubernetes.io/service-account.uid";

// Measured: the secret with a token, and the reference to it.
constexpr std::uint32_t SECRET_BYTES = 2720;
constexpr std::uint32_t REFERENCE_BYTES = 195;

class ServiceAccountTokenController : public Controller
{
  public:
    explicit ServiceAccountTokenController(ControllerContext& context)
        : m_client(context.makeClient("tokens-controller")),
          m_names(context.names),
          m_accounts(context.informers.For("serviceaccounts")),
          m_secrets(context.informers.For("secrets")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_accounts.AddHandlers(
            {[this](const ObjectPtr& account) { m_queue.Add(account->key); },
             [this](const ObjectPtr&, const ObjectPtr& account) { m_queue.Add(account->key); },
             [this](const ObjectPtr& account) { m_queue.Add(account->key); }});
        m_secrets.AddHandlers({[this](const ObjectPtr& secret) { SecretAdded(*secret); },
                               nullptr,
                               [this](const ObjectPtr& secret) { SecretGone(*secret); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    static ObjectKey AccountOf(const Object& secret)
    {
        const auto name = secret.labels.find(NAME_LABEL);
        return {secret.key.nameSpace, name == secret.labels.end() ? "" : name->second};
    }

    void SecretAdded(const Object& secret)
    {
        if (const auto account = AccountOf(secret); !account.name.empty())
        {
            m_tokens[account].insert(secret.key);
        }
    }

    void SecretGone(const Object& secret)
    {
        if (const auto account = AccountOf(secret); !account.name.empty())
        {
            m_tokens[account].erase(secret.key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto account = m_accounts.Get(key);
        if (!account)
        {
            const SyncResult deleted = co_await DeleteTokens(key);
            co_return deleted;
        }
        const bool references = std::get<OpaqueBody>(account->body).content != 0;
        if (account->deletionTimestamp || references)
        {
            co_return SyncResult::DONE;
        }
        const SyncResult ensured = co_await EnsureToken(account);
        co_return ensured;
    }

    /// ensureReferencedToken: a look at the account as it is, the secret, the reference.
    Task<SyncResult> EnsureToken(ObjectPtr account)
    {
        const ApiResult live =
            co_await Get(*m_client, *account->type, account->key, ReadFrom::ETCD);
        if (!live.Ok())
        {
            co_return live.status == 404 ? SyncResult::DONE : SyncResult::AGAIN;
        }
        if (live.object->resourceVersion != account->resourceVersion)
        {
            co_return SyncResult::DONE; // the informer will tell of it
        }
        Object secret;
        secret.type = &m_client->Types().Get("secrets");
        secret.key = {account->key.nameSpace, account->key.name + "-token-" + m_names.Suffix()};
        secret.labels = {{NAME_LABEL, account->key.name},
                         {UID_LABEL, std::to_string(account->uid)}};
        secret.bytes = SECRET_BYTES + static_cast<std::uint32_t>(2 * account->key.name.size());
        const ApiResult created = co_await Create(*m_client, secret);
        if (!created.Ok())
        {
            co_return SyncResult::AGAIN;
        }
        auto referring = *live.object;
        std::get<OpaqueBody>(referring.body).content = 1;
        referring.bytes += REFERENCE_BYTES;
        const ApiResult updated = co_await Update(*m_client, referring);
        if (updated.Ok())
        {
            co_return SyncResult::DONE;
        }
        // Somebody has changed the account meanwhile: the token is not wanted, and the account's turn comes again.
        const ApiClient::DeleteOptions options{created.object->uid, std::nullopt};
        co_await Delete(*m_client, *secret.type, secret.key, options);
        co_return updated.status == 409 ? SyncResult::DONE : SyncResult::AGAIN;
    }

    Task<SyncResult> DeleteTokens(ObjectKey account)
    {
        const auto found = m_tokens.find(account);
        if (found == m_tokens.end())
        {
            co_return SyncResult::DONE;
        }
        const auto tokens = found->second;
        bool failed = false;
        for (const auto& token : tokens)
        {
            const ApiClient::DeleteOptions options;
            const ApiResult deleted = co_await Delete(*m_client, m_secrets.Type(), token, options);
            failed = failed || deleted.status == 0;
        }
        co_return failed ? SyncResult::AGAIN : SyncResult::DONE;
    }

    std::unique_ptr<ApiClient> m_client;
    NameSource& m_names;
    Informer& m_accounts;
    Informer& m_secrets;
    std::map<ObjectKey, std::set<ObjectKey>> m_tokens; //!< secrets by account
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeServiceAccountTokenController(ControllerContext& context)
{
    return std::make_unique<ServiceAccountTokenController>(context);
}

} // namespace etcdlab::kube
