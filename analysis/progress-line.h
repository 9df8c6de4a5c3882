// One line on a terminal that says how far a run is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace etcdlab
{

/// Redrawn in place a few times a second, and wiped when it goes out of scope. Silent unless standard
/// error is a terminal.
class ProgressLine
{
  public:
    explicit ProgressLine(std::string title);
    ~ProgressLine();

    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    bool Wanted() const
    {
        return m_wanted;
    }

    void Show(std::uint64_t done, std::uint64_t total);

  private:
    std::string m_title;
    bool m_wanted;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_last;
};

} // namespace etcdlab
