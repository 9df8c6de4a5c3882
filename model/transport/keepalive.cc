#include "model/transport/keepalive.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

KeepaliveTimer::KeepaliveTimer(KeepaliveOptions options, Duration now)
    : m_options(options),
      m_lastRead(now),
      m_seen(now)
{
}

void
KeepaliveTimer::Read(Duration now)
{
    m_lastRead = now;
}

KeepaliveTimer::Action
KeepaliveTimer::Fire(Duration now, bool active)
{
    Action action;
    if (m_lastRead > m_seen)
    {
        m_outstanding = false;
        m_seen = m_lastRead;
        action.wait = std::max(m_lastRead + m_options.time - now, Duration(0));
        return action;
    }
    if (m_outstanding && m_timeoutLeft <= Duration(0))
    {
        action.close = true;
        return action;
    }
    if (!active)
    {
        m_outstanding = false;
        m_asleep = true;
        return action;
    }
    return Ping();
}

KeepaliveTimer::Action
KeepaliveTimer::Wake()
{
    return std::exchange(m_asleep, false) ? Ping() : Action{};
}

KeepaliveTimer::Action
KeepaliveTimer::Ping()
{
    Action action;
    if (!std::exchange(m_outstanding, true))
    {
        action.ping = true;
        m_timeoutLeft = m_options.timeout;
    }
    action.wait = std::min(m_options.time, m_timeoutLeft);
    m_timeoutLeft -= *action.wait;
    return action;
}

} // namespace etcdlab
