#include "test/kubernetes/fake-api.h"

#include "test/kubernetes/fake-api-client.h"

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

FakeApi::FakeApi(Duration latency)
    : m_state(std::make_shared<State>())
{
    m_state->latency = latency;
    m_user = MakeClient("test");
}

FakeApi::~FakeApi() = default;

std::unique_ptr<ApiClient>
FakeApi::MakeClient(const std::string& component)
{
    return MakeFakeClient(m_state, component);
}

ResourceTypes&
FakeApi::Types()
{
    return m_state->types;
}

ObjectPtr
FakeApi::Find(const std::string& resource, const ObjectKey& key) const
{
    const auto& objects = m_state->stored[resource];
    const auto found = objects.find(key);
    return found == objects.end() ? nullptr : found->second;
}

std::vector<ObjectPtr>
FakeApi::All(const std::string& resource) const
{
    std::vector<ObjectPtr> all;
    for (const auto& [key, object] : m_state->stored[resource])
    {
        all.push_back(object);
    }
    return all;
}

Object
FakeApi::Make(const std::string& resource, const ObjectKey& key, std::uint32_t bytes) const
{
    Object object;
    object.type = &m_state->types.Get(resource);
    object.key = key;
    object.bytes = bytes;
    return object;
}

void
FakeApi::Create(Object object)
{
    m_user->Create(std::move(object), [](const ApiResult&) {});
}

void
FakeApi::Delete(const std::string& resource, const ObjectKey& key)
{
    m_user->Delete(m_state->types.Get(resource), key, {}, [](const ApiResult&) {});
}

const std::vector<FakeApi::Entry>&
FakeApi::Log() const
{
    return m_state->log;
}

int
FakeApi::Reads(const std::string& component, const std::string& resource) const
{
    return Count(component, resource, false);
}

int
FakeApi::Writes(const std::string& component, const std::string& resource) const
{
    return Count(component, resource, true);
}

int
FakeApi::Count(const std::string& component, const std::string& resource, bool write) const
{
    const auto matches = [](const std::string& wanted, const std::string& found) {
        return wanted.empty() || wanted == found ||
               (wanted.back() == '*' && found.starts_with(wanted.substr(0, wanted.size() - 1)));
    };
    return static_cast<int>(
        std::count_if(m_state->log.begin(), m_state->log.end(), [&](const Entry& entry) {
            return entry.write == write && matches(component, entry.component) &&
                   matches(resource, entry.resource);
        }));
}

void
FakeApi::SetDown(bool down)
{
    m_state->down = down;
    if (down)
    {
        m_state->EndAll("Unavailable");
    }
}

void
FakeApi::Expire()
{
    m_state->EndAll("Expired");
}

} // namespace etcdlab::kube
