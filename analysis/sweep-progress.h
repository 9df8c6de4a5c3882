// How far a sweep is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace etcdlab
{

/// On a terminal a bar, redrawn a few times a second; else a plain line every few seconds. Both on standard error.
class SweepProgress
{
  public:
    /// @param before runs that ended in earlier sessions, which say nothing about this one's rate
    SweepProgress(std::string title, std::uint64_t before);
    ~SweepProgress();
    SweepProgress(const SweepProgress&) = delete;
    SweepProgress& operator=(const SweepProgress&) = delete;

    void Show(std::uint64_t ended, std::uint64_t known, std::uint64_t failed);

  private:
    using Clock = std::chrono::steady_clock;

    std::string m_title;
    std::uint64_t m_before;
    bool m_terminal;
    bool m_shown = false;
    Clock::time_point m_start;
    Clock::time_point m_last;
};

/// "12 %, 512 of 4000 runs, 104.2/s, 0:34 left, 3 failed"
/// @param elapsed since the session began, s
std::string ProgressText(std::uint64_t ended,
                         std::uint64_t known,
                         std::uint64_t before,
                         std::uint64_t failed,
                         double elapsed);

} // namespace etcdlab
