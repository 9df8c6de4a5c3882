#include "model/kubernetes/pure/object.h"

#include <algorithm>

namespace etcdlab::kube
{

std::string
EtcdKey(const ResourceType& type, const ObjectKey& key)
{
    return type.prefix + (type.namespaced ? key.nameSpace + "/" : "") + key.name;
}

bool
Selects(const Labels& selector, const Labels& labels)
{
    return !selector.empty() &&
           std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
               const auto found = labels.find(wanted.first);
               return found != labels.end() && found->second == wanted.second;
           });
}

const OwnerReference*
ControllerOf(const Object& object)
{
    const auto found = std::find_if(object.owners.begin(),
                                    object.owners.end(),
                                    [](const auto& owner) { return owner.controller; });
    return found == object.owners.end() ? nullptr : &*found;
}

bool
SameContent(const Object& a, const Object& b)
{
    return a.type == b.type && a.key == b.key && a.uid == b.uid && a.labels == b.labels &&
           a.owners == b.owners && a.finalizers == b.finalizers &&
           a.deletionTimestamp == b.deletionTimestamp && a.bytes == b.bytes && a.body == b.body;
}

Value
ObjectTable::Encode(ObjectPtr object)
{
    const Value value{object->bytes, m_next++};
    m_objects.emplace(value.id, std::move(object));
    return value;
}

ObjectPtr
ObjectTable::Decode(const KeyValue& kv)
{
    const auto found = m_objects.find(kv.value.id);
    if (found == m_objects.end())
    {
        return nullptr;
    }
    if (found->second->resourceVersion == kv.modRevision)
    {
        return found->second;
    }
    // From now on all who read this version share it.
    auto object = std::make_shared<Object>(*found->second);
    object->resourceVersion = kv.modRevision;
    found->second = object;
    return object;
}

void
ObjectTable::Forget(const Value& value)
{
    m_objects.erase(value.id);
}

} // namespace etcdlab::kube
