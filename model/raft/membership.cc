// Who belongs to the cluster, and snapshots for those who lack what has been compacted away: Raft
// paper, sections 6 and 7; dissertation, 4.1 to 4.3 and chapter 5; etcd 3.4.23 raft/raft.go
// (applyConfChange, switchToConfig, handleSnapshot, restore) and raft/confchange.
#include "model/raft/raft.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace etcdlab::raft
{

namespace
{

void
Insert(std::vector<NodeId>& ids, NodeId id)
{
    const auto place = std::lower_bound(ids.begin(), ids.end(), id);
    if (place == ids.end() || *place != id)
    {
        ids.insert(place, id);
    }
}

/// confchange.go:Simple
ConfState
Changed(ConfState conf, const ConfChange& change)
{
    if (change.node == NO_NODE)
    {
        return conf;
    }
    std::erase(conf.voters, change.node);
    std::erase(conf.learners, change.node);
    if (change.type == ConfChangeType::ADD_NODE)
    {
        Insert(conf.voters, change.node);
    }
    else if (change.type == ConfChangeType::ADD_LEARNER_NODE)
    {
        Insert(conf.learners, change.node);
    }
    if (conf.voters.empty() || conf.voters.size() + conf.learners.size() > 64)
    {
        throw std::invalid_argument("change of members: expected at least one voter and at most 64 "
                                    "members afterwards, found \"" +
                                    change.Describe() + "\", after which they are \"" +
                                    Describe(conf) + "\"");
    }
    return conf;
}

} // namespace

std::size_t
Raft::Quorum() const
{
    return m_conf.voters.size() / 2 + 1;
}

bool
Raft::IsPromotable() const
{
    // Nor while the state machine waits for a snapshot (3.5: raft.go:promotable).
    return m_self != NO_POSITION && !m_members[m_self].learner && !m_log.UnstableSnapshot();
}

bool
Raft::HasConfChangeToApply() const
{
    // Who has committed a change and still goes by the members before it could win an election that
    // does not overlap with those after it and the next one (raft.go:hup; 3.4 does not look when
    // leadership is handed over).
    for (Index index = m_log.NextToApply(); index <= m_log.GetCommitted(); ++index)
    {
        if (m_log.At(index).type == EntryType::CONF_CHANGE)
        {
            return true;
        }
    }
    return false;
}

void
Raft::SwitchTo(ConfState conf)
{
    std::sort(conf.voters.begin(), conf.voters.end());
    std::sort(conf.learners.begin(), conf.learners.end());
    m_conf = std::move(conf);
    std::vector<NodeId> ids;
    std::merge(m_conf.voters.begin(),
               m_conf.voters.end(),
               m_conf.learners.begin(),
               m_conf.learners.end(),
               std::back_inserter(ids));
    std::vector<std::size_t> newPlaces(m_members.size(), NO_POSITION);
    std::vector<Member> members;
    m_voterBits = 0;
    for (const NodeId id : ids)
    {
        const std::size_t place = members.size();
        const bool learner = !m_conf.IsVoter(id);
        m_voterBits |= std::uint64_t{learner ? 0u : 1u} << place;
        if (const std::size_t old = Position(id); old != NO_POSITION)
        {
            newPlaces[old] = place;
            members.push_back(m_members[old]);
            members.back().learner = learner;
            continue;
        }
        // Asked first about the last entry, and taken for active until the next self-check
        // (confchange.go:initProgress).
        const Index next = std::max<Index>(m_log.LastIndex(), 1);
        members.push_back({id, learner, Ballot::OPEN, Progress(next, m_config.maxInflight)});
        members.back().progress.recentActive = true;
    }
    m_members = std::move(members);
    m_self = Position(m_config.id);
    m_reads.Renumber(newPlaces);
}

ConfState
Raft::ApplyConfChange(const ConfChange& change)
{
    if (!m_confChanges.empty())
    {
        const Index index = m_confChanges.front();
        m_confChanges.pop_front();
        if (index <= m_restoredIndex)
        {
            return m_conf; // a snapshot has overtaken it, and tells of it
        }
    }
    SwitchTo(Changed(m_conf, change));
    if (m_config.observer)
    {
        m_config.observer->OnConfChange(m_config.id, m_conf);
    }
    if (m_role == Role::LEADER && m_self != NO_POSITION && !m_members[m_self].learner)
    {
        LeadNewMembers();
    }
    return m_conf;
}

void
Raft::LeadNewMembers()
{
    if (MaybeCommit()) // a smaller quorum may have stored more
    {
        ReleasePostponedReads();
        BroadcastAppend();
    }
    else
    {
        for (std::size_t i = 0; i < m_members.size(); ++i)
        {
            if (i != m_self)
            {
                MaybeSendAppend(i, false); // a new one need not wait for the next heartbeat
            }
        }
    }
    if (!m_conf.IsVoter(m_transferee))
    {
        m_transferee = NO_NODE;
    }
}

bool
Raft::AdmitConfChange(Index index)
{
    if (m_pendingConfIndex > m_log.GetApplied())
    {
        return false;
    }
    m_pendingConfIndex = index;
    return true;
}

void
Raft::Compact(Index index)
{
    m_log.Compact(index);
}

bool
Raft::MaybeSendSnapshot(std::size_t position)
{
    Progress& progress = m_members[position].progress;
    if (!progress.recentActive)
    {
        return false; // a large thing to send to somebody who may not be there
    }
    const SnapshotPtr snapshot = m_config.currentSnapshot ? m_config.currentSnapshot() : nullptr;
    if (!snapshot)
    {
        return false; // asked for again with the next heartbeat's answer
    }
    if (snapshot->index + 1 < m_log.FirstIndex() || snapshot->index > m_log.GetCommitted())
    {
        throw std::logic_error("expected a snapshot of " + std::to_string(m_log.FirstIndex() - 1) +
                               " to " + std::to_string(m_log.GetCommitted()) +
                               " entries, from what has been compacted away to what is committed, "
                               "found " +
                               Describe(*snapshot));
    }
    Message message;
    message.type = MessageType::SNAP;
    message.to = m_members[position].id;
    message.snapshot = snapshot;
    progress.BecomeSnapshot(snapshot->index);
    Send(std::move(message));
    return true;
}

void
Raft::HandleSnapshot(const Message& message)
{
    Message response;
    response.type = MessageType::APP_RESP;
    response.to = message.from;
    response.index = Restore(message.snapshot) ? m_log.LastIndex() : m_log.GetCommitted();
    Send(std::move(response));
}

bool
Raft::Restore(const SnapshotPtr& snapshot)
{
    if (snapshot->index <= m_log.GetCommitted() || !snapshot->conf.IsMember(m_config.id))
    {
        return false; // an old message; or one that was not meant for this member
    }
    if (m_log.Matches(snapshot->index, snapshot->term))
    {
        // The entries are here, and with what follows them they stay (paper, section 7): they only
        // were not known to be committed.
        m_log.CommitTo(snapshot->index);
        return false;
    }
    m_log.Restore(snapshot);
    m_restoredIndex = snapshot->index;
    SwitchTo(snapshot->conf);
    return true;
}

} // namespace etcdlab::raft
