// etcd's write-ahead log, by its byte counts.
#pragma once

#include <cstdint>

namespace etcdlab
{

/// Sizes of WAL records (etcd 3.4.23 wal/encoder.go, wal/walpb, raft/raftpb).
namespace wal
{

/// A segment is cut by the first Save that finds its file this long (wal/wal.go: SegmentSizeBytes).
inline constexpr std::uint64_t SEGMENT_BYTES = 64'000'000;

/// raftpb.HardState. @param vote a member id, or 0 for no vote
std::uint64_t HardStateBytes(std::uint64_t term, std::uint64_t vote, std::uint64_t commit);

/// walpb.Snapshot, without the members that 3.5 adds
std::uint64_t SnapshotBytes(std::uint64_t term, std::uint64_t index);

/**
 * A record in its frame: eight bytes of length, walpb.Record, padding to a multiple of eight.
 *
 * The record's CRC-32C is taken to fill five varint bytes, as 15 of 16 do; the model has sizes, not
 * contents, to compute it from.
 */
std::uint64_t FrameBytes(std::uint64_t data);

/// The head of every segment: crc, metadata, and in the first one the empty snapshot.
std::uint64_t SegmentHeadBytes(bool first);

} // namespace wal

/**
 * What one Save puts on the disk (etcd wal/wal.go: Save, cut).
 *
 * Records stay in memory until something must be synced; then all of them go out in one write and
 * one fdatasync. (etcd's page writer holds 128 KiB and writes whole pages of a longer Save at once; here
 * such a Save is one write too.)
 */
class Wal
{
  public:
    Wal();

    /// Add an entry of the present Save. @param bytes its marshalled size (raft::EntrySize)
    void AppendEntry(std::uint64_t bytes);
    /// Add the hard state of the present Save, after its entries.
    void AppendHardState(std::uint64_t term, std::uint64_t vote, std::uint64_t commit);
    /// Add the record of a snapshot (wal.go: SaveSnapshot).
    void AppendSnapshot(std::uint64_t term, std::uint64_t index);

    /**
     * End the present Save.
     *
     * @param mustSync entries were added, or the term or vote changed (raft/node.go: MustSync)
     * @return bytes that are written now; 0 if nothing has to be
     */
    std::uint64_t Flush(bool mustSync);

    /// True once after a Flush that filled the segment: the next one has been begun, which costs a
    /// second write and sync of its head.
    bool TakeCut();

    /// Bytes of all records so far, buffered ones included, heads of segments too.
    std::uint64_t Bytes() const
    {
        return m_bytes;
    }

    /**
     * What etcd_disk_wal_write_bytes_total has counted: each byte when it enters the page writer's buffer and, what
     * has not left that early because it was full, again when the buffer is flushed (wal/encoder.go: encode, flush;
     * pkg/ioutil/pagewriter.go). So usually twice.
     */
    std::uint64_t CountedBytes() const
    {
        return m_countedBytes;
    }

    std::uint64_t Segments() const
    {
        return m_segments;
    }

  private:
    void Add(std::uint64_t frame);

    std::uint64_t m_bytes = 0;
    std::uint64_t m_segmentWritten = 0; //!< length of the present segment's file
    std::uint64_t m_buffered = 0;
    std::uint64_t m_pageBuffered = 0; //!< of these, what the page writer still holds
    std::uint64_t m_countedBytes = 0;
    std::uint64_t m_hardStateFrame = 0; //!< of the last hard state: a new segment repeats it
    std::uint64_t m_segments = 1;
    bool m_cut = false;
};

} // namespace etcdlab
