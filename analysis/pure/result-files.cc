#include "analysis/pure/summary.h"
#include "analysis/pure/targets.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace etcdlab
{

namespace
{

std::string
Reason(int error)
{
    return std::generic_category().message(error);
}

/// A temporary file beside the one it is to become; removed again unless it got there.
class PendingFile
{
  public:
    explicit PendingFile(std::filesystem::path path)
        : m_path(std::move(path)),
          m_temporary(m_path.string() + "." + std::to_string(::getpid()) + ".tmp"),
          m_descriptor(::open(
              m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666))
    {
        if (m_descriptor < 0)
        {
            throw ResultError(m_path, "cannot be written: " + Reason(errno));
        }
    }

    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    ~PendingFile()
    {
        if (m_descriptor >= 0)
        {
            ::close(m_descriptor);
        }
        if (!m_committed)
        {
            ::unlink(m_temporary.c_str());
        }
    }

    void Write(std::string_view contents)
    {
        while (!contents.empty())
        {
            const ssize_t written = ::write(m_descriptor, contents.data(), contents.size());
            if (written < 0 && errno == EINTR)
            {
                continue;
            }
            Check(written > 0);
            contents.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    /// Some systems tell of a full disk only when the file is closed.
    void Commit()
    {
        const int descriptor = m_descriptor;
        m_descriptor = -1;
        Check(::close(descriptor) == 0);
        Check(std::rename(m_temporary.c_str(), m_path.c_str()) == 0);
        m_committed = true;
    }

  private:
    void Check(bool holds) const
    {
        if (!holds)
        {
            throw ResultError(m_path, "cannot be written: " + Reason(errno));
        }
    }

    std::filesystem::path m_path;
    std::string m_temporary;
    int m_descriptor;
    bool m_committed = false;
};

/// RFC 4180 section 2, rules 5 to 7.
std::string
CsvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
    {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text)
    {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

/// Milliseconds with six decimals, from whole nanoseconds.
std::string
CsvMilliseconds(Duration duration)
{
    const std::int64_t count = duration.count();
    const auto magnitude =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    const std::string decimals = std::to_string(magnitude % 1'000'000);
    std::string text = count < 0 ? "-" : "";
    text += std::to_string(magnitude / 1'000'000);
    text += ".";
    text.append(6 - decimals.size(), '0');
    return text += decimals;
}

} // namespace

std::string
RequestsCsv(const std::vector<RequestRecord>& requests)
{
    std::string text = "number,client,member,operation,start_ms,end_ms,latency_ms,request_bytes,"
                       "response_bytes,outcome,warmup\n";
    for (const RequestRecord& r : requests)
    {
        text += std::to_string(r.number) + "," + CsvField(r.client) + "," + CsvField(r.member) +
                "," + CsvField(r.operation) + "," + CsvMilliseconds(r.start) + "," +
                CsvMilliseconds(r.end) + "," + CsvMilliseconds(r.end - r.start) + "," +
                std::to_string(r.requestBytes) + "," + std::to_string(r.responseBytes) + "," +
                CsvField(r.outcome) + "," + (r.warmup ? "1" : "0") + "\n";
    }
    return text;
}

void
WriteFileAtomically(const std::filesystem::path& path, std::string_view contents)
{
    PendingFile file(path);
    file.Write(contents);
    file.Commit();
}

std::string
ReadResultFile(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
    {
        throw ResultError(path, "cannot be read: " + Reason(errno));
    }
    std::string text;
    char buffer[65536];
    ssize_t got = 0;
    while ((got = ::read(descriptor, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
    {
        text.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    const int error = got < 0 ? errno : 0;
    ::close(descriptor);
    if (error != 0)
    {
        throw ResultError(path, "cannot be read: " + Reason(error));
    }
    return text;
}

void
WriteResults(const std::filesystem::path& directory, const RunResult& result)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
    {
        throw ResultError(directory, "cannot be made: " + error.message());
    }
    WriteFileAtomically(directory / "requests.csv", RequestsCsv(result.requests));
    WriteFileAtomically(directory / "summary.json", SummaryText(MakeSummary(result)));
    if (result.monitoring)
    {
        WriteFileAtomically(directory / "targets.json", TargetsJson(result.monitoring->targets));
        WriteFileAtomically(directory / "metrics.om", result.monitoring->openMetrics);
    }
}

} // namespace etcdlab
