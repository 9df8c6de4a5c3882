#include "analysis/sweep-progress.h"

#include "analysis/pure/text.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace etcdlab
{

SweepProgress::SweepProgress(std::string title, std::uint64_t before)
    : m_title(std::move(title)),
      m_before(before),
      m_terminal(isatty(STDERR_FILENO) != 0),
      m_start(Clock::now()),
      m_last(m_start)
{
}

SweepProgress::~SweepProgress()
{
    if (m_shown && m_terminal)
    {
        std::fputs("\r\033[K", stderr);
    }
}

void
SweepProgress::Show(std::uint64_t ended, std::uint64_t known, std::uint64_t failed)
{
    const auto now = Clock::now();
    if (now - m_last <
        (m_terminal ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000)))
    {
        return;
    }
    m_last = now;
    m_shown = true;
    const auto text = ProgressText(
        ended, known, m_before, failed, std::chrono::duration<double>(now - m_start).count());
    if (!m_terminal)
    {
        std::fprintf(stderr, "%s: %s\n", m_title.c_str(), text.c_str());
        return;
    }
    constexpr std::size_t WIDTH = 24;
    std::string bar(WIDTH, '.');
    std::fill_n(bar.begin(), known == 0 ? WIDTH : WIDTH * ended / known, '#');
    std::fprintf(stderr, "\r\033[K%s [%s] %s", m_title.c_str(), bar.c_str(), text.c_str());
    std::fflush(stderr);
}

std::string
ProgressText(std::uint64_t ended,
             std::uint64_t known,
             std::uint64_t before,
             std::uint64_t failed,
             double elapsed)
{
    const auto percent = known == 0 ? 100 : 100 * ended / known;
    std::string text = std::to_string(percent) + " %, " + std::to_string(ended) + " of " +
                       std::to_string(known) + " runs";
    if (ended > before && elapsed > 0)
    {
        const double rate = static_cast<double>(ended - before) / elapsed;
        const auto left = static_cast<std::uint64_t>(
            static_cast<double>(known - std::min(ended, known)) / rate + 0.5);
        const auto two = [](std::uint64_t number) {
            return (number < 10 ? "0" : "") + std::to_string(number);
        };
        text += ", " + TrimmedNumber(rate, 1) + "/s, " +
                (left >= 3600 ? std::to_string(left / 3600) + ":" : "") +
                (left >= 3600 ? two(left / 60 % 60) : std::to_string(left / 60)) + ":" +
                two(left % 60) + " left";
    }
    return failed == 0 ? text : text + ", " + std::to_string(failed) + " failed";
}

} // namespace etcdlab
