// Histories for the checkers: by hand, and from random executions of the real store.
#pragma once

#include "analysis/check/history.h"

#include <random>

namespace etcdlab::check::test
{

/// A history by hand: each call makes one operation, times in ms, revisions as the store gave them.
class Story
{
  public:
    /// The operation added last, to change it further.
    Operation& Last()
    {
        return m_history.operations.back();
    }

    Story& Put(int call, int end, std::uint64_t value, Revision revision);
    Story& Read(int call, int end, Revision header, std::uint64_t value, Revision mod);
    Story& ReadAbsent(int call, int end, Revision header);
    Story& Delete(int call, int end, Revision revision, std::int64_t deleted = 1);
    Story& Cas(int call, int end, Revision compare, std::uint64_t value, Revision revision);
    Story& CasFails(int call, int end, Revision compare, Revision header);
    Story& Serializable(int call, int end, Revision header, std::uint64_t value, Revision mod);
    Story& Key(const std::string& key); //!< of the last one; "/k" otherwise
    Story& Member(const std::string& member, std::uint32_t incarnation = 0);
    Story& Ambiguous(); //!< the last one had no answer
    Story& Failed();

    operator const History&() const
    {
        return m_history;
    }

    History m_history;

  private:
    Operation& Add(Kind kind, int call, int end, Revision header);
};

/// What a random execution is like.
struct Mix
{
    int operations = 20;
    int keys = 1;
    int concurrency = 3;     //!< operations that overlap, about
    double ambiguous = 0.1;  //!< share of writes without answer
    double serializable = 0; //!< share of reads
    double ranges = 0;       //!< share of reads and deletions over all keys
    bool sameValues = false; //!< values from 1 to 3 instead of one for each write
};

/// Operations carried out by a KvStore one after the other, each at an instant between its random
/// call and end: linearizable.
History RandomHistory(std::mt19937& random, const Mix& mix);

/// Change something that a client saw, or when: mostly no longer linearizable.
void Mutate(std::mt19937& random, History& history);

/// All orders tried on a KvStore: is there one that gives every answer? Revisions in which nothing of
/// the history happened are filled with writes of a key of their own. Serializable reads are left out.
bool IsLinearizableByAllOrders(const History& history);

} // namespace etcdlab::check::test
