// What clients saw of the store: the material of the checkers.
#pragma once

#include "model/base/units.h"
#include "model/etcd/pure/requests.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::check
{

enum class Kind
{
    PUT,
    DELETE,            //!< of a key or a range of keys
    READ,              //!< linearizable range, of a key or a range of keys
    SERIALIZABLE_READ, //!< from a member's own state: may be stale
    TXN_PUT,   //!< if the key's modification revision is `compare`: put, else nothing or a read
    TXN_DELETE //!< likewise: delete
};

enum class Outcome
{
    OK,
    FAILED,   //!< definitely without effect, now and later
    AMBIGUOUS //!< no answer: may have had its effect, may have it at any later time, or never
};

/// A key as a read found it.
struct Found
{
    std::string key;
    std::uint64_t value = 0;
    Revision modRevision = 0;
    std::int64_t version = 0; //!< 0: not told, and not checked
    bool operator==(const Found&) const = default;
};

/**
 * One request of a client. Which fields count depends on kind and outcome; what a request that was
 * not answered would have returned is ignored.
 */
struct Operation
{
    std::uint64_t client = 0;
    Kind kind = Kind::PUT;
    std::string key;
    std::string rangeEnd; //!< READ, SERIALIZABLE_READ, DELETE: empty for this key alone, as in etcd
    std::uint64_t value = 0; //!< PUT, TXN_PUT: what stands for the content written
    Revision compare = 0;    //!< TXN_*: 0 for "does not exist"
    Revision at = 0;         //!< reads: the revision asked for, 0 for now
    bool countOnly = false;  //!< reads: `found` says nothing

    Outcome outcome = Outcome::OK;
    Duration call{0};
    Duration end{0}; //!< when the answer arrived; ignored unless OK. Not before call

    std::string member; //!< that answered; may be empty, then reads are not compared by member
    std::uint32_t incarnation = 0; //!< how often that member had restarted before it answered

    Revision header = 0; //!< the answer's revision: the store's after the request was carried out
    bool succeeded = false;   //!< TXN_*
    std::int64_t deleted = 0; //!< DELETE: number of keys
    bool more = false;        //!< reads: keys after the last one of `found` were left out (limit)
    /// Reads; in order of keys.
    std::vector<Found> found;
    /// TXN_* that did not succeed and read the key instead: `found` holds it, or is empty if absent.
    bool readInstead = false;

    bool operator==(const Operation&) const = default;
};

/// All that clients did to a store.
struct History
{
    std::vector<Operation> operations; //!< in any order
    std::vector<Found> initial; //!< keys that existed before the first operation, with versions
};

/// PUT and TXN_PUT.
bool Puts(Kind kind);

/// TXN_PUT and TXN_DELETE.
bool IsTxn(Kind kind);

/// True for writes that were answered and changed the store, and thus own the revision `header`.
bool Changed(const Operation& operation);

/// True for those that may have changed the store or may do so yet: unanswered ones.
bool MayChange(const Operation& operation);

/// True if the operation concerns the key.
bool Concerns(const Operation& operation, const std::string& key);

/**
 * The part of an operation that concerns one key, as an operation on that key alone. A deletion of a
 * range that removed something may or may not have removed this key: its `deleted` is -1.
 * @return nothing if linearizability of the key does not ask: operations without effect or answer,
 * serializable reads, reads of an old revision, counts, keys beyond a read's limit
 */
std::optional<Operation> ForKey(const Operation& operation, const std::string& key);

/// True if `a` was over before `b` began. A request takes time to reach a member, so what returned
/// in the instant of a call came before it.
bool Precedes(const Operation& a, const Operation& b);

/// @return the request as an operation without outcome; nothing if no checker knows its shape:
/// transactions but compare-and-swap of one key, as Kubernetes makes them
std::optional<Operation> MakeOperation(const Request& request);

/// Fill in what the answer to the operation's request says.
void SetAnswer(Operation& operation, const Response& response);

/// What a request's error says about its effect: FAILED for etcd's refusals ahead of the log,
/// AMBIGUOUS for timeouts, broken connections and errors not known here.
/// @param error etcd's text, for instance "etcdserver: too many requests"
Outcome OutcomeOfError(const std::string& error);

/// @throws std::invalid_argument if an operation cannot be what a client saw: an answer before its
/// call or without a revision, or a transaction on a range
void CheckWellFormed(const History& history);

/// What must not be, and the operations that show it: none can be left out.
struct Violation
{
    std::string what; //!< one sentence
    std::vector<Operation> operations;
};

/// One line each, in the order of the calls: client, operation, call and end in ms, what it saw.
std::string Table(std::vector<Operation> operations);

/// The sentence, and the table of the operations below it.
std::string Describe(const Violation& violation);

} // namespace etcdlab::check
