#include "model/kubernetes/range-allocator.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

ResourceType
RangesType()
{
    ResourceType type;
    type.resource = "ranges";
    type.kind = "RangeAllocation";
    type.prefix = "/registry/ranges/";
    type.namespaced = false;
    type.watchCached = false;
    return type;
}

} // namespace

RangeAllocator::RangeAllocator(const EtcdAccess& access,
                               ObjectTable& objects,
                               const std::string& name,
                               std::function<std::uint32_t()> bytes)
    : m_type(RangesType()),
      m_key{"", name},
      m_bytes(std::move(bytes)),
      m_client(access, "ranges/" + name),
      m_store(m_client, objects, m_type)
{
}

void
RangeAllocator::Start()
{
    m_client.Start();
}

void
RangeAllocator::Create(const Context& context, Done done)
{
    Object object;
    object.type = &m_type;
    object.key = m_key;
    object.bytes = m_bytes();
    m_store.Create(
        std::move(object), 0, context, [done = std::move(done)](const StoreResult& result) {
            const bool there = result.Ok() || result.error.status == 409;
            done(there ? std::nullopt : std::optional(result.error));
        });
}

void
RangeAllocator::Change(const Context& context, std::function<bool()> change, Done done)
{
    m_turns.push_back({context, std::move(change), std::move(done)});
    if (m_turns.size() == 1)
    {
        Next();
    }
}

void
RangeAllocator::Next()
{
    if (!m_turns.front().change())
    {
        Finish(ApiError{500, "InternalError"}); // "range is full"
        return;
    }
    const auto update = [this](const Object& current) -> std::variant<Object, ApiError> {
        auto next = current;
        next.bytes = m_bytes();
        next.body = OpaqueBody{++m_changes};
        return next;
    };
    m_store.GuaranteedUpdate(
        m_key, nullptr, 0, m_turns.front().context, update, [this](const StoreResult& result) {
            Finish(result.Ok() ? std::nullopt : std::optional(result.error));
        });
}

void
RangeAllocator::Finish(const std::optional<ApiError>& error)
{
    const auto turn = std::move(m_turns.front());
    m_turns.pop_front();
    if (!m_turns.empty())
    {
        Next();
    }
    turn.done(error);
}

} // namespace etcdlab::kube
