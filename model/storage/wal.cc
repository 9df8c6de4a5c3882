#include "model/storage/wal.h"

#include "model/base/varint.h"

#include <utility>

namespace etcdlab
{

namespace
{

// wal/encoder.go: walPageBytes; pkg/ioutil/pagewriter.go: defaultBufferBytes
constexpr std::uint64_t PAGE_BYTES = 8 * 512;
constexpr std::uint64_t PAGE_BUFFER_BYTES = 128 * 1024;

} // namespace

namespace wal
{

std::uint64_t
HardStateBytes(std::uint64_t term, std::uint64_t vote, std::uint64_t commit)
{
    return IntFieldBytes(term) + IntFieldBytes(vote) + IntFieldBytes(commit);
}

std::uint64_t
SnapshotBytes(std::uint64_t term, std::uint64_t index)
{
    return IntFieldBytes(term) + IntFieldBytes(index);
}

std::uint64_t
FrameBytes(std::uint64_t data)
{
    const std::uint64_t type = 2;
    const std::uint64_t crc = 1 + 5;
    const std::uint64_t record = type + crc + (data > 0 ? FieldBytes(data) : 0);
    return 8 + 8 * ((record + 7) / 8);
}

std::uint64_t
SegmentHeadBytes(bool first)
{
    const std::uint64_t crc = 16;
    const std::uint64_t metadata = 40;
    const std::uint64_t snapshot = 24;
    return crc + metadata + (first ? snapshot : 0);
}

} // namespace wal

Wal::Wal()
    : m_bytes(wal::SegmentHeadBytes(true)),
      m_segmentWritten(m_bytes),
      m_countedBytes(2 * m_bytes)
{
}

void
Wal::AppendEntry(std::uint64_t bytes)
{
    Add(wal::FrameBytes(bytes));
}

void
Wal::AppendHardState(std::uint64_t term, std::uint64_t vote, std::uint64_t commit)
{
    m_hardStateFrame = wal::FrameBytes(wal::HardStateBytes(term, vote, commit));
    Add(m_hardStateFrame);
}

void
Wal::AppendSnapshot(std::uint64_t term, std::uint64_t index)
{
    Add(wal::FrameBytes(wal::SnapshotBytes(term, index)));
}

void
Wal::Add(std::uint64_t frame)
{
    m_buffered += frame;
    m_bytes += frame;
    m_countedBytes += frame;
    m_pageBuffered += frame;
    if (m_pageBuffered > PAGE_BUFFER_BYTES)
    {
        m_pageBuffered %= PAGE_BYTES; // whole pages leave at once
    }
}

std::uint64_t
Wal::Flush(bool mustSync)
{
    // Decided by what earlier Saves have written: the present one still goes into the old segment.
    const bool cut = m_segmentWritten >= wal::SEGMENT_BYTES;
    if (!mustSync && !cut)
    {
        return 0;
    }
    const auto written = std::exchange(m_buffered, 0);
    m_segmentWritten += written;
    m_countedBytes += std::exchange(m_pageBuffered, 0);
    if (cut)
    {
        m_segmentWritten = wal::SegmentHeadBytes(false) + m_hardStateFrame;
        m_bytes += m_segmentWritten;
        m_countedBytes += 2 * m_segmentWritten;
        ++m_segments;
        m_cut = true;
    }
    return written;
}

bool
Wal::TakeCut()
{
    return std::exchange(m_cut, false);
}

} // namespace etcdlab
