// An API object, reduced to what components look at, and to its size.
#pragma once

#include "model/base/units.h"
#include "model/etcd/pure/requests.h"
#include "model/kubernetes/pure/bodies.h"
#include "model/kubernetes/pure/resource-type.h"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

using Labels = std::map<std::string, std::string>;

/// Names an object among those of its type.
struct ObjectKey
{
    std::string nameSpace; //!< empty: the type has none
    std::string name;
    auto operator<=>(const ObjectKey&) const = default;
};

/// metav1.OwnerReference
struct OwnerReference
{
    const ResourceType* type = nullptr;
    std::string name;
    std::uint64_t uid = 0;
    bool controller = false;
    bool operator==(const OwnerReference&) const = default;
};

/// One version of an object. What etcd gave out is never changed: a writer changes a copy.
struct Object
{
    const ResourceType* type = nullptr;
    ObjectKey key;
    std::uint64_t uid = 0;        //!< given by the API server on creation
    Revision resourceVersion = 0; //!< etcd's mod revision; 0: never read
    std::int64_t generation = 0;  //!< counts changes of the spec
    Labels labels;
    std::vector<OwnerReference> owners;
    std::vector<std::string> finalizers;
    std::optional<Duration> deletionTimestamp;
    std::uint32_t bytes = 0; //!< as stored in etcd, managed fields included
    Body body;               //!< spec and status
};

using ObjectPtr = std::shared_ptr<const Object>;

/// The object's key in etcd: prefix, namespace, name.
std::string EtcdKey(const ResourceType& type, const ObjectKey& key);

/// True if each of the selector's labels is there; an empty selector selects nothing.
bool Selects(const Labels& selector, const Labels& labels);

/// The owner that manages it, or nullptr (metav1.GetControllerOf).
const OwnerReference* ControllerOf(const Object& object);

/// What two versions say, their resource versions aside: an update that changes nothing is not written.
bool SameContent(const Object& a, const Object& b);

/**
 * What the numbers mean that stand for values in etcd: every version of an object that has been written. One
 * table serves all API servers of a world.
 */
class ObjectTable
{
  public:
    /// @return the value to be stored
    Value Encode(ObjectPtr object);

    /// The object of a key and value that were read, with its resource version; a value that this table has not
    /// encoded gives nullptr.
    ObjectPtr Decode(const KeyValue& kv);

    /// Versions held.
    std::size_t Size() const
    {
        return m_objects.size();
    }

    /// Forget a version.
    void Forget(const Value& value);

  private:
    std::map<std::uint64_t, ObjectPtr> m_objects;
    std::uint64_t m_next = 1;
};

} // namespace etcdlab::kube
