// What an API server remembers of one type's objects (storage/cacher/watch_cache.go).
#pragma once

#include "model/kubernetes/api-client.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/**
 * The newest version of each object that etcd's watch has told of, and the latest changes, for watches that
 * begin somewhat in the past. Empty and of no use until Replace.
 */
class WatchCache
{
  public:
    /// A change, and when it came.
    struct Change
    {
        Revision revision = 0;
        Duration time{0};
        WatchEvent event;
    };

    bool IsReady() const
    {
        return m_listed > 0;
    }

    /// What was listed at a revision; changes known before are forgotten (watch_cache.go:Replace).
    void Replace(const std::vector<ObjectPtr>& objects, Revision revision);

    /// etcd has told of a change. A deletion's object is the last version, with the deletion's revision.
    void Apply(Revision revision, const WatchEvent& event, Duration now);

    /// nullptr if there is none.
    ObjectPtr Find(const ObjectKey& key) const;

    /// By key. @param nameSpace empty: all
    std::vector<ObjectPtr> List(const std::string& nameSpace) const;

    /// Up to which revision it knows this type's objects.
    Revision GetRevision() const
    {
        return m_revision;
    }

    /// False if changes after that revision have been forgotten: "too old resource version".
    bool Knows(Revision after) const
    {
        return after >= m_known;
    }

    /// The changes after a revision that it knows.
    std::vector<Change> Since(Revision after) const;

    std::size_t Size() const
    {
        return m_objects.size();
    }

  private:
    std::map<ObjectKey, ObjectPtr> m_objects;
    std::deque<Change> m_changes;
    Revision m_listed = 0;
    Revision m_revision = 0;
    Revision m_known = 0; //!< all changes after this one are in m_changes
};

} // namespace etcdlab::kube
