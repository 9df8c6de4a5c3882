#include "analysis/leadership.h"

#include "helper/world.h"
#include "model/base/clock.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

/// Follows what the members of a world know.
class Watch
{
  public:
    explicit Watch(World& world)
        : m_world(world)
    {
        for (const auto& member : world.GetMembers())
        {
            member->TraceConnectWithoutContext(
                "Leader", ns3::Callback<void, std::string>([this](const std::string&) { Look(); }));
        }
    }

    Leadership Finish(Duration end)
    {
        m_seen.ledAtEnd = !m_leader.empty();
        Close(end);
        m_seen.observed = end;
        if (m_terms == 0)
        {
            m_seen.first = end;
        }
        m_seen.changes = m_terms > 0 ? m_terms - 1 : 0;
        return m_seen;
    }

  private:
    /// The leader that a majority follows; empty if none.
    std::string Agreed() const
    {
        const auto& members = m_world.GetMembers();
        for (const auto& leader : members)
        {
            const auto& name = leader->GetName();
            const auto following =
                std::count_if(members.begin(), members.end(), [&](const auto& member) {
                    return member->GetLeader() == name;
                });
            if (leader->GetLeader() == name &&
                2 * static_cast<std::size_t>(following) > members.size())
            {
                return name;
            }
        }
        return {};
    }

    void Look()
    {
        const auto leader = Agreed();
        if (leader == m_leader)
        {
            return;
        }
        Close(Now());
        m_leader = leader;
        m_since = Now();
        if (!leader.empty())
        {
            if (++m_terms == 1)
            {
                m_seen.first = Now();
            }
        }
    }

    void Close(Duration now)
    {
        if (!m_leader.empty())
        {
            m_seen.led += now - m_since;
            m_seen.longest = std::max(m_seen.longest, now - m_since);
        }
    }

    World& m_world;
    Leadership m_seen;
    std::string m_leader;
    Duration m_since{0};
    std::uint64_t m_terms = 0;
};

} // namespace

Leadership
WatchLeadership(const Scenario& scenario, Duration time)
{
    World world(scenario);
    Watch watch(world);
    world.RunOn(time);
    return watch.Finish(time);
}

} // namespace etcdlab
