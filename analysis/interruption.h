// Ctrl-C as a wish that is looked at, instead of an end.
#pragma once

#include <csignal>

namespace etcdlab
{

/// While one is in scope, SIGINT and SIGTERM only leave a note. One at a time.
class Interruption
{
  public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    /// Whether one of the two came since the latest came into scope.
    static bool WasAsked();

  private:
    struct sigaction m_interrupt = {};
    struct sigaction m_terminate = {};
};

} // namespace etcdlab
