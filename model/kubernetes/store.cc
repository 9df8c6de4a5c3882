#include "model/kubernetes/store.h"

#include "model/etcd/pure/stream-messages.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

StoreResult
Failed(ApiError error)
{
    return {nullptr, std::move(error)};
}

const ApiError NOT_FOUND{404, "NotFound"};

RangeRequest
GetOf(const std::string& key)
{
    RangeRequest range;
    range.key = key;
    return range;
}

/// The range in a transaction's answer: the else branch's.
const RangeResponse&
ElseRange(const TxnResponse& txn)
{
    return std::get<RangeResponse>(txn.responses.front());
}

ObjectPtr
WithRevision(Object object, Revision revision)
{
    object.resourceVersion = revision;
    return std::make_shared<const Object>(std::move(object));
}

} // namespace

ApiError
ErrorOf(const EtcdClient::Result& result)
{
    // endpoints/handlers/rest.go:finishRequest for a context that has ended; all other errors of etcd go through
    // as they are, as internal ones.
    return result.code == GrpcCode::DEADLINE_EXCEEDED ? ApiError{504, "Timeout"}
                                                      : ApiError{500, "InternalError"};
}

Store::Store(EtcdClient& client, ObjectTable& objects, const ResourceType& type)
    : m_client(client),
      m_objects(objects),
      m_type(type)
{
}

ObjectPtr
Store::Decode(const RangeResponse& range) const
{
    return range.kvs.empty() ? nullptr : m_objects.Decode(range.kvs.front());
}

void
Store::Get(const ObjectKey& key, const Context& context, Done done)
{
    m_client.Call(GetOf(EtcdKey(m_type, key)),
                  "Range-get",
                  context,
                  [this, done = std::move(done)](const EtcdClient::Result& result) {
                      if (!result.Ok())
                      {
                          done(Failed(ErrorOf(result)));
                          return;
                      }
                      done({Decode(std::get<RangeResponse>(*result.response)), NOT_FOUND});
                  });
}

void
Store::List(const std::string& nameSpace, std::int64_t limit, const Context& context, ListDone done)
{
    RangeRequest range;
    range.key = m_type.prefix + (nameSpace.empty() ? "" : nameSpace + "/");
    range.rangeEnd = PrefixEnd(range.key);
    range.limit = limit;
    m_client.Call(range,
                  "Range-list",
                  context,
                  [this, done = std::move(done)](const EtcdClient::Result& result) {
                      ListResult list;
                      if (!result.Ok())
                      {
                          list.error = ErrorOf(result);
                          done(list);
                          return;
                      }
                      const auto& answer = std::get<RangeResponse>(*result.response);
                      list.revision = answer.revision;
                      for (const auto& kv : answer.kvs)
                      {
                          if (auto object = m_objects.Decode(kv))
                          {
                              list.items.push_back(std::move(object));
                          }
                      }
                      done(list);
                  });
}

void
Store::Create(Object object, std::int64_t lease, const Context& context, Done done)
{
    const auto key = EtcdKey(m_type, object.key);
    const auto value = m_objects.Encode(std::make_shared<const Object>(object));
    TxnRequest txn;
    txn.compare = {{key, 0}};
    txn.success = {PutRequest{key, value, lease}};
    m_client.Call(std::move(txn),
                  "Txn-create",
                  context,
                  [this, value, object = std::move(object), done = std::move(done)](
                      const EtcdClient::Result& result) {
                      if (!result.Ok())
                      {
                          done(Failed(ErrorOf(result)));
                          return;
                      }
                      const auto& answer = std::get<TxnResponse>(*result.response);
                      if (!answer.succeeded)
                      {
                          m_objects.Forget(value);
                          done(Failed({409, "AlreadyExists"}));
                          return;
                      }
                      done({WithRevision(object, answer.revision), {}});
                  });
}

// --- GuaranteedUpdate ---

struct Store::Updating
{
    ObjectKey key;
    std::string etcdKey;
    ObjectPtr current;
    bool fresh = false; //!< `current` was read from etcd in the course of this
    std::int64_t lease = 0;
    Context context;
    Update update;
    Done done;
};

void
Store::GuaranteedUpdate(const ObjectKey& key,
                        ObjectPtr cached,
                        std::int64_t lease,
                        const Context& context,
                        Update update,
                        Done done)
{
    auto state = std::make_shared<Updating>(Updating{key,
                                                     EtcdKey(m_type, key),
                                                     std::move(cached),
                                                     false,
                                                     lease,
                                                     context,
                                                     std::move(update),
                                                     std::move(done)});
    state->current ? Attempt(state) : Read(state);
}

void
Store::Read(const std::shared_ptr<Updating>& state)
{
    m_client.Call(
        GetOf(state->etcdKey), "Range-get", state->context, [this, state](const auto& result) {
            if (!result.Ok())
            {
                state->done(Failed(ErrorOf(result)));
                return;
            }
            state->current = Decode(std::get<RangeResponse>(*result.response));
            state->fresh = true;
            state->current ? Attempt(state) : state->done(Failed(NOT_FOUND));
        });
}

void
Store::Attempt(const std::shared_ptr<Updating>& state)
{
    auto next = state->update(*state->current);
    if (const auto* error = std::get_if<ApiError>(&next))
    {
        Refresh(state, *error);
        return;
    }
    auto& object = std::get<Object>(next);
    if (!SameContent(object, *state->current))
    {
        Write(state, std::move(object));
    }
    else if (state->fresh)
    {
        state->done({state->current, {}});
    }
    else
    {
        Read(state);
    }
}

/// An error counts only if what it says is about the newest version.
void
Store::Refresh(const std::shared_ptr<Updating>& state, const ApiError& error)
{
    state->fresh ? state->done(Failed(error)) : Read(state);
}

void
Store::Write(const std::shared_ptr<Updating>& state, Object next)
{
    const auto value = m_objects.Encode(std::make_shared<const Object>(next));
    TxnRequest txn;
    txn.compare = {{state->etcdKey, state->current->resourceVersion}};
    txn.success = {PutRequest{state->etcdKey, value, state->lease}};
    txn.failure = {GetOf(state->etcdKey)};
    m_client.Call(std::move(txn),
                  "Txn-update",
                  state->context,
                  [this, state, value, next = std::move(next)](const auto& result) {
                      if (!result.Ok())
                      {
                          state->done(Failed(ErrorOf(result)));
                          return;
                      }
                      const auto& answer = std::get<TxnResponse>(*result.response);
                      if (answer.succeeded)
                      {
                          state->done({WithRevision(next, answer.revision), {}});
                          return;
                      }
                      m_objects.Forget(value);
                      state->current = Decode(ElseRange(answer));
                      state->fresh = true;
                      state->current ? Attempt(state) : state->done(Failed(NOT_FOUND));
                  });
}

// --- Delete ---

struct Store::Deleting
{
    std::string etcdKey;
    ObjectPtr current;
    Context context;
    Check check;
    Done done;
};

void
Store::Delete(const ObjectKey& key, const Context& context, Check check, Done done)
{
    auto state = std::make_shared<Deleting>(
        Deleting{EtcdKey(m_type, key), nullptr, context, std::move(check), std::move(done)});
    Get(key, context, [this, state](const StoreResult& result) {
        if (!result.Ok())
        {
            state->done(result);
            return;
        }
        state->current = result.object;
        TryDelete(state);
    });
}

void
Store::TryDelete(const std::shared_ptr<Deleting>& state)
{
    if (const auto error = state->check ? state->check(*state->current) : std::nullopt)
    {
        state->done(Failed(*error));
        return;
    }
    TxnRequest txn;
    txn.compare = {{state->etcdKey, state->current->resourceVersion}};
    txn.success = {DeleteRangeRequest{state->etcdKey, ""}};
    txn.failure = {GetOf(state->etcdKey)};
    m_client.Call(std::move(txn), "Txn-delete", state->context, [this, state](const auto& result) {
        if (!result.Ok())
        {
            state->done(Failed(ErrorOf(result)));
            return;
        }
        const auto& answer = std::get<TxnResponse>(*result.response);
        if (answer.succeeded)
        {
            state->done({state->current, {}});
            return;
        }
        state->current = Decode(ElseRange(answer));
        state->current ? TryDelete(state) : state->done(Failed(NOT_FOUND));
    });
}

void
Store::Count(const Context& context)
{
    RangeRequest range;
    range.key = m_type.prefix;
    range.rangeEnd = PrefixEnd(range.key);
    range.countOnly = true;
    m_client.Call(range, "Range-count", context, [](const EtcdClient::Result&) {});
}

} // namespace etcdlab::kube
