#include "analysis/progress-line.h"

#include <cstdio>
#include <unistd.h>

namespace etcdlab
{

ProgressLine::ProgressLine(std::string title)
    : m_title(std::move(title)),
      m_wanted(isatty(STDERR_FILENO) != 0),
      m_last(std::chrono::steady_clock::now())
{
}

ProgressLine::~ProgressLine()
{
    if (m_shown)
    {
        std::fputs("\r\033[K", stderr);
    }
}

void
ProgressLine::Show(std::uint64_t done, std::uint64_t total)
{
    // Wall-clock time decides only how often the line is drawn; nothing simulated sees it.
    const auto now = std::chrono::steady_clock::now();
    if (!m_wanted || now - m_last < std::chrono::milliseconds(200))
    {
        return;
    }
    m_last = now;
    m_shown = true;
    if (total == 0) // not known
    {
        std::fprintf(stderr,
                     "\r\033[K%s: %llu requests",
                     m_title.c_str(),
                     static_cast<unsigned long long>(done));
        std::fflush(stderr);
        return;
    }
    const auto percent = total == 0 ? 100 : 100 * done / total;
    std::fprintf(stderr,
                 "\r\033[K%s: %llu of %llu requests (%llu %%)",
                 m_title.c_str(),
                 static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(total),
                 static_cast<unsigned long long>(percent));
}

} // namespace etcdlab
