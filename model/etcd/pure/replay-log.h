// A log of etcd requests that somebody recorded, and the requests that repeat it.
#pragma once

#include "model/base/units.h"
#include "model/etcd/pure/requests.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace etcdlab
{

/// "log.csv:7: what is wrong"
class ReplayLogError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/// One line of a log.
struct LoggedRequest
{
    Duration at{0};  //!< since the log's beginning
    std::string rpc; //!< Range, Txn, LeaseGrant, Status
    std::string
        operation; //!< Range-get, Range-list, Range-count, Txn-create, Txn-update, Txn-delete, or the RPC
    std::string resource; //!< what the keys stand for; may be empty
    std::string origin;   //!< which component it came from
    std::int64_t requestBytes =
        -1; //!< protobuf; of a write the put or delete alone; -1: not logged
    std::int64_t responseBytes = -1; //!< likewise
    std::int64_t count = -1;         //!< keys in the response; -1: not logged
};

/**
 * Read a CSV with the columns t_s, rpc, operation, resource, origin, request_bytes, response_bytes, response_count (in this
 * order, named in the first line; fields may be quoted).
 *
 * @param label the file's name, for messages
 * @throws ReplayLogError for the first line that cannot be understood, and for times that go back
 */
std::vector<LoggedRequest> ReadReplayLog(const std::string& text, const std::string& label);

/// The same for a file. @throws ReplayLogError also if it cannot be read
std::vector<LoggedRequest> ReadReplayLogFile(const std::string& path);

/// A request that repeats a logged one.
struct ReplayRequest
{
    Duration at{0};
    std::uint64_t chain = 0; //!< number of its origin, by first appearance
    std::string name;        //!< the operation
    Request request;
};

/// How a log is repeated.
struct ReplayPlan
{
    std::vector<PutRequest>
        preload; //!< what must be there before, for reads to return as much as they did
    std::vector<ReplayRequest> requests;
    std::uint64_t chains = 0;
    std::uint64_t skipped = 0; //!< Status, which is no request about keys
};

/**
 * Requests with the logged sizes, in the logged order.
 *
 * The log has no keys, so they are made up: "/replay/<client>/<resource>/<number>". A creation takes a new key; an update or
 * deletion the key of its resource that was written longest ago; a read that found something reads a key of its own, preloaded with
 * a value for which the response has the logged size (one key, however many there were; counts return one too); one that found
 * nothing a key that is not there. Transactions compare nothing, since the log does not say with what, but creations
 * that failed (no request bytes) find their key there.
 *
 * @param client replays of several clients do not touch each other's keys
 */
ReplayPlan PlanReplay(const std::vector<LoggedRequest>& log, std::uint64_t client);

} // namespace etcdlab
