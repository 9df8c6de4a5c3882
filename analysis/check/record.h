// From a client's requests to the checkers' history.
#pragma once

#include "analysis/check/durability.h"
#include "analysis/check/history.h"
#include "analysis/check/watch-check.h"
#include "model/etcd/pure/kv-store.h"
#include "model/workload/request-record.h"
#include "model/workload/watch-news.h"

namespace etcdlab::check
{

/**
 * Add a request that has ended to a history.
 *
 * @param client the client's number
 * @param answer nullptr if it failed; what that means for its effect is read off the record's outcome
 * @param incarnation how often the answering member had been restarted
 * @return false if no checker knows the request's shape, so that it was left out
 */
bool Record(History& history,
            std::uint64_t client,
            const RequestRecord& record,
            const Request& request,
            const Response* answer,
            std::uint32_t incarnation);

/// All that has ever happened to a member's store.
MemberStore StoreOf(const std::string& member, const KvStore& store);

/// Add what happened to a watch to its log; the log's keys and its wish for previous values are the caller's.
void RecordWatch(WatchLog& log, const WatchNews& news);

} // namespace etcdlab::check
