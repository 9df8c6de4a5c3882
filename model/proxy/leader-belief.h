// What a proxy believes of who leads.
#pragma once

#include <cstdint>
#include <string>

namespace etcdlab
{

/**
 * The leader named by the answer of the highest term, until it is lost. A follower goes on naming a
 * dead leader until its election timeout is over, so of the lost leader's term nobody but itself is
 * believed that it leads.
 */
class LeaderBelief
{
  public:
    /// Empty: none.
    const std::string& Leader() const
    {
        return m_leader;
    }

    /// A member has named a leader, or none (empty). @return whether the belief is another one now
    bool Hear(const std::string& member, const std::string& leader, std::uint64_t term)
    {
        if (leader.empty() || term < m_term || leader == m_leader)
        {
            m_term = leader.empty() || term < m_term ? m_term : term;
            return false;
        }
        if (term == m_term && leader == m_lost && member != m_lost)
        {
            return false;
        }
        m_term = term;
        m_leader = leader;
        m_lost.clear();
        return true;
    }

    /// A member cannot be reached. @return whether it was the one believed to lead
    bool Lose(const std::string& member)
    {
        if (member.empty() || member != m_leader)
        {
            return false;
        }
        m_lost = m_leader;
        m_leader.clear();
        return true;
    }

  private:
    std::string m_leader;
    std::string m_lost; //!< the last one, while there is no other
    std::uint64_t m_term = 0;
};

} // namespace etcdlab
