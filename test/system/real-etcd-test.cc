// The model's sizes against the log that a real etcd writes on this machine (Debian's etcd-server; test/run.sh
// installs it).
#include "model/etcd/pure/wire-size.h"
#include "model/storage/wal.h"
#include "test/system/files.h"
#include "test/system/free-port.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;

/// A one-member cluster on loopback, with a data directory of its own.
class RealEtcd
{
  public:
    RealEtcd()
        : m_client("http://127.0.0.1:" + std::to_string(FreePort()))
    {
        const auto peer = "http://127.0.0.1:" + std::to_string(FreePort());
        m_pid = fork();
        if (m_pid == 0)
        {
            const auto log = (m_directory / "log").string();
            std::freopen(log.c_str(), "w", stderr);
            execlp("etcd",
                   "etcd",
                   "--data-dir",
                   (m_directory / "data").c_str(),
                   "--listen-client-urls",
                   m_client.c_str(),
                   "--advertise-client-urls",
                   m_client.c_str(),
                   "--listen-peer-urls",
                   peer.c_str(),
                   "--initial-advertise-peer-urls",
                   peer.c_str(),
                   "--initial-cluster",
                   ("default=" + peer).c_str(),
                   nullptr);
            _exit(127);
        }
    }

    ~RealEtcd()
    {
        Stop();
    }

    RealEtcd(const RealEtcd&) = delete;
    RealEtcd& operator=(const RealEtcd&) = delete;

    bool Ctl(const std::string& arguments) const
    {
        const auto command =
            "ETCDCTL_API=3 etcdctl --endpoints=" + m_client + " " + arguments + " >/dev/null 2>&1";
        return std::system(command.c_str()) == 0;
    }

    bool AwaitHealth() const
    {
        for (int i = 0; i < 200; ++i)
        {
            if (Ctl("endpoint health"))
            {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return false;
    }

    /// Stop it, so that its log is complete, and read that.
    std::string StopAndReadLog()
    {
        Stop();
        for (const auto& entry : fs::directory_iterator(m_directory / "data" / "member" / "wal"))
        {
            if (entry.path().extension() == ".wal")
            {
                std::ifstream file(entry.path(), std::ios::binary);
                return {std::istreambuf_iterator<char>(file), {}};
            }
        }
        return "";
    }

  private:
    void Stop()
    {
        if (m_pid > 0)
        {
            kill(m_pid, SIGTERM);
            waitpid(m_pid, nullptr, 0);
            m_pid = 0;
        }
    }

    std::string m_client;
    TemporaryDirectory m_temporary;
    const fs::path m_directory = m_temporary.Path();
    pid_t m_pid = 0;
};

/// Reads protobuf fields one after the other.
class Fields
{
  public:
    explicit Fields(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    struct Field
    {
        std::uint64_t number;
        std::uint64_t value;    //!< of a varint
        std::string_view bytes; //!< of a length-delimited field
    };

    bool More() const
    {
        return !m_bytes.empty();
    }

    Field Next()
    {
        const auto tag = Varint();
        Field field{tag >> 3, Varint(), {}};
        if ((tag & 7) == 2)
        {
            field.bytes = m_bytes.substr(0, field.value);
            m_bytes.remove_prefix(field.value);
        }
        return field;
    }

    /// The field of a number, or one that is all zero.
    static Field Find(std::string_view bytes, std::uint64_t number)
    {
        for (Fields fields(bytes); fields.More();)
        {
            const auto field = fields.Next();
            if (field.number == number)
            {
                return field;
            }
        }
        return {};
    }

  private:
    std::uint64_t Varint()
    {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7)
        {
            const auto byte = static_cast<unsigned char>(m_bytes.front());
            m_bytes.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80)
            {
                return value;
            }
        }
    }

    std::string_view m_bytes;
};

struct WalRecord
{
    std::uint64_t frame; //!< bytes with its length word and padding
    std::uint64_t type;
    bool shortCrc; //!< its checksum fills fewer than five varint bytes
    std::string_view data;
};

std::vector<WalRecord>
Records(std::string_view log)
{
    std::vector<WalRecord> records;
    while (log.size() >= 8)
    {
        std::uint64_t word = 0;
        for (int i = 7; i >= 0; --i)
        {
            word = word << 8 | static_cast<unsigned char>(log[static_cast<std::size_t>(i)]);
        }
        if (word == 0)
        {
            break; // the rest of the segment was only reserved
        }
        const auto length = word & 0x00ff'ffff'ffff'ffff;
        const auto padding = (word >> 63) != 0 ? word >> 56 & 7 : 0;
        const auto body = log.substr(8, length);
        const auto crc = Fields::Find(body, 2).value;
        records.push_back({8 + length + padding,
                           Fields::Find(body, 1).value,
                           crc < 1ULL << 28,
                           Fields::Find(body, 3).bytes});
        log.remove_prefix(8 + length + padding);
    }
    return records;
}

TEST(RealEtcd, WritesRecordsOfTheSizesTheModelComputes)
{
    RealEtcd etcd;
    ASSERT_TRUE(etcd.AwaitHealth()) << "is etcd-server installed? test/run.sh does that";
    const std::vector<std::pair<std::size_t, std::size_t>> sizes = {
        {16, 16}, {40, 1024}, {64, 8192}, {256, 65536}};
    for (const auto& [key, value] : sizes)
    {
        for (int i = 0; i < 10; ++i)
        {
            ASSERT_TRUE(etcd.Ctl("put " + std::string(key, 'k') + " " + std::string(value, 'v')));
        }
    }
    const auto log = etcd.StopAndReadLog();
    std::size_t puts = 0;
    std::size_t hardStates = 0;
    std::uint64_t head = 0;
    for (const auto& record : Records(log))
    {
        const std::uint64_t entryType = 2;
        const std::uint64_t stateType = 3;
        const auto frame = wal::FrameBytes(record.data.size());
        if (record.type == stateType)
        {
            ++hardStates;
            const auto term = Fields::Find(record.data, 1).value;
            const auto vote = Fields::Find(record.data, 2).value;
            const auto commit = Fields::Find(record.data, 3).value;
            EXPECT_EQ(record.data.size(), wal::HardStateBytes(term, vote, commit));
        }
        else if (record.type == entryType)
        {
            const auto term = Fields::Find(record.data, 2).value;
            const auto index = Fields::Find(record.data, 3).value;
            const auto data = Fields::Find(record.data, 4).bytes;
            EXPECT_EQ(record.data.size(),
                      raft::EntrySize(term, index, static_cast<std::uint32_t>(data.size())));
            const auto put = Fields::Find(data, 4).bytes;
            const auto key = Fields::Find(put, 1).bytes;
            if (!key.empty() && key.find_first_not_of('k') == std::string_view::npos)
            {
                const auto& expected = sizes[puts / 10];
                ++puts;
                const auto id = Fields::Find(Fields::Find(data, 100).bytes, 1).value;
                const Request request = PutRequest{std::string(expected.first, 'k'),
                                                   {static_cast<std::uint32_t>(expected.second), 1},
                                                   0};
                EXPECT_EQ(data.size(), ProposalBytes(request, id));
            }
        }
        else
        {
            head += record.frame; // crc, metadata and snapshot of the segment's head
            continue;
        }
        // The model takes every checksum to fill five bytes, as 15 of 16 do.
        if (record.shortCrc)
        {
            EXPECT_LE(record.frame, frame);
        }
        else
        {
            EXPECT_EQ(record.frame, frame);
        }
    }
    EXPECT_EQ(puts, 40U);
    EXPECT_GE(hardStates, 40U) << "a commit index with each put";
    EXPECT_EQ(head, wal::SegmentHeadBytes(true));
}

} // namespace

} // namespace etcdlab
