#include "analysis/interruption.h"

namespace etcdlab
{

namespace
{

volatile std::sig_atomic_t g_interrupted = 0;

} // namespace

Interruption::Interruption()
{
    g_interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { g_interrupted = 1; };
    ::sigaction(SIGINT, &action, &m_interrupt);
    ::sigaction(SIGTERM, &action, &m_terminate);
}

Interruption::~Interruption()
{
    ::sigaction(SIGINT, &m_interrupt, nullptr);
    ::sigaction(SIGTERM, &m_terminate, nullptr);
}

bool
Interruption::WasAsked()
{
    return g_interrupted != 0;
}

} // namespace etcdlab
