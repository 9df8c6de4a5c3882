// An API server and its etcd in memory, for tests of what stands before them.
#pragma once

#include "model/kubernetes/api-client.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/**
 * A store with revisions, one watch cache and any number of clients. A request to etcd takes one latency: half of
 * it until etcd does it, half until the answer is here; a write's watch event comes with the answer, before it.
 * What an operation asks of etcd is what kube-apiserver 1.20 asks (registry/generic/registry/store.go,
 * storage/etcd3/store.go):
 *
 * | operation | requests, one after the other |
 * |---|---|
 * | get, list | R; from the watch cache none |
 * | create | T; AlreadyExists: T, R |
 * | update, patch | T; changes nothing: R; not in the watch cache: R, T; stale cache: T (fails), T; Conflict: R |
 * | delete | R, R, T; not found: R; a pod that has a grace period: R, T (marks it); without: R, T, R, T |
 */
class FakeApi
{
  public:
    /// One request that etcd was asked.
    struct Entry
    {
        Duration time{0}; //!< when it was sent
        std::string component;
        bool write = false;
        std::string resource;
        ObjectKey key; //!< empty: a list
    };

    explicit FakeApi(Duration latency);
    ~FakeApi();
    FakeApi(const FakeApi&) = delete;
    FakeApi& operator=(const FakeApi&) = delete;

    /// @param component what the log calls it
    std::unique_ptr<ApiClient> MakeClient(const std::string& component);

    ResourceTypes& Types();

    /// What etcd has, at once and uncounted; nullptr if there is none.
    ObjectPtr Find(const std::string& resource, const ObjectKey& key) const;
    std::vector<ObjectPtr> All(const std::string& resource) const;

    /// An object of a type, with its name and size.
    Object Make(const std::string& resource,
                const ObjectKey& key,
                std::uint32_t bytes = 1000) const;

    /// Ask for something as a user of the name "test" would; the result is discarded.
    void Create(Object object);
    void Delete(const std::string& resource, const ObjectKey& key);

    const std::vector<Entry>& Log() const;

    /// How many reads or writes of a resource a component has caused.
    /// @param component as given to MakeClient; empty: all; one that ends in "*": all that begin so
    /// @param resource empty: all
    int Reads(const std::string& component, const std::string& resource = "") const;
    int Writes(const std::string& component, const std::string& resource = "") const;

    /// While it is down, requests fail with status 0 after a latency; watches end when it goes down.
    void SetDown(bool down);

    /// End all watches with "Expired".
    void Expire();

    struct State;

  private:
    int Count(const std::string& component, const std::string& resource, bool write) const;

    std::shared_ptr<State> m_state;
    std::unique_ptr<ApiClient> m_user;
};

} // namespace etcdlab::kube
