#include "model/storage/backend.h"

#include <utility>

namespace etcdlab
{

namespace
{

/// What each commit writes again, whatever is in it: the root, the buckets' branch and leaf pages, the bucket of
/// the consistent index. Measured were about 6 writes and 20 to 25 KB, the meta page included, with two or three
/// puts of 1 KB in a commit: 5 pages less those puts.
constexpr std::uint64_t PAGES_EACH_COMMIT = 4;

} // namespace

Backend::Backend(const BackendConfig& config, const std::string& version)
    : m_config(config),
      m_indexWithEachEntry(version == "3.4")
{
}

void
Backend::Applied(std::uint64_t changes, std::uint64_t bytes)
{
    m_pending += changes + (m_indexWithEachEntry ? 1 : 0);
    m_pendingBytes += bytes;
}

std::uint64_t
Backend::BeginCommit()
{
    // Revisions ascend, so new keys fill page after page.
    const auto pages =
        (std::exchange(m_pendingBytes, 0) + BACKEND_PAGE_BYTES - 1) / BACKEND_PAGE_BYTES;
    m_pending = 0;
    return (PAGES_EACH_COMMIT + pages) * BACKEND_PAGE_BYTES;
}

void
Backend::EndCommit(Duration took)
{
    ++m_commits;
    m_commitTime += took;
    m_commitDurations.Observe(took);
}

} // namespace etcdlab
