// Numbers that must be given out once in a cluster: service addresses, node ports.
#pragma once

#include "model/kubernetes/store.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace etcdlab::kube
{

/**
 * A bitmap in one value in etcd (registry/core/service/allocator/storage/storage.go). Every change reads and
 * writes all of it, without a cache, and one process makes one change at a time.
 */
class RangeAllocator
{
  public:
    using Done = std::function<void(const std::optional<ApiError>&)>;

    /// @param name below /registry/ranges/
    /// @param bytes how long the value is now
    RangeAllocator(const EtcdAccess& access,
                   ObjectTable& objects,
                   const std::string& name,
                   std::function<std::uint32_t()> bytes);

    void Start();

    /// Make the value, if there is none.
    void Create(const Context& context, Done done);

    /// Change it: `change` is called when it is this one's turn; false means that it cannot be done.
    void Change(const Context& context, std::function<bool()> change, Done done);

    EtcdClient& Client()
    {
        return m_client;
    }

  private:
    struct Turn
    {
        Context context;
        std::function<bool()> change;
        Done done;
    };

    void Next();
    void Finish(const std::optional<ApiError>& error);

    ResourceType m_type;
    ObjectKey m_key;
    std::function<std::uint32_t()> m_bytes;
    EtcdClient m_client;
    Store m_store;
    std::deque<Turn> m_turns; //!< the first one is under way
    std::uint64_t m_changes = 0;
};

} // namespace etcdlab::kube
