#include "analysis/check/history.h"

#include "analysis/pure/text.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace etcdlab::check
{

namespace
{

bool
IsRead(Kind kind)
{
    return kind == Kind::READ || kind == Kind::SERIALIZABLE_READ;
}

std::string
Number(std::int64_t number)
{
    return std::to_string(number);
}

std::string
AskedText(const Operation& o)
{
    const auto keys = o.key + (o.rangeEnd.empty() ? "" : ".." + o.rangeEnd);
    const auto value = std::to_string(o.value);
    const auto condition = "if revision " + Number(o.compare) + " ";
    switch (o.kind)
    {
    case Kind::PUT:
        return "put " + keys + " = " + value;
    case Kind::DELETE:
        return "delete " + keys;
    case Kind::READ:
    case Kind::SERIALIZABLE_READ:
        return (o.kind == Kind::READ ? "read " : "serializable read ") + keys +
               (o.at > 0 ? " at " + Number(o.at) : "") + (o.countOnly ? ", count only" : "");
    case Kind::TXN_PUT:
        return condition + "put " + keys + " = " + value;
    case Kind::TXN_DELETE:
        return condition + "delete " + keys;
    }
    return "";
}

std::string
FoundText(const Operation& o)
{
    std::string text;
    for (const auto& found : o.found)
    {
        text += (text.empty() ? "" : ", ") + (o.rangeEnd.empty() ? "" : found.key + " = ") +
                std::to_string(found.value) + " of revision " + Number(found.modRevision) +
                (found.version > 0 ? " (version " + Number(found.version) + ")" : "");
    }
    return (text.empty() ? "absent" : text) + (o.more ? ", more" : "");
}

std::string
Saw(const Operation& o)
{
    if (o.outcome != Outcome::OK)
    {
        return o.outcome == Outcome::FAILED ? "failed" : "no answer";
    }
    auto text = "revision " + Number(o.header);
    if (IsRead(o.kind) && !o.countOnly)
    {
        text += ": " + FoundText(o);
    }
    else if (o.kind == Kind::DELETE)
    {
        text += ": deleted " + Number(o.deleted);
    }
    else if (IsTxn(o.kind))
    {
        text += o.succeeded ? ": succeeded" : ": not equal";
        text += o.readInstead && !o.succeeded ? ", " + FoundText(o) : "";
    }
    return text + (o.member.empty() ? "" : " [" + o.member + "]");
}

std::vector<Found>
FoundIn(const RangeResponse& response)
{
    std::vector<Found> found;
    for (const auto& kv : response.kvs)
    {
        found.push_back({kv.key, kv.value.id, kv.modRevision, kv.version});
    }
    return found;
}

std::optional<Operation>
MakeTxn(const TxnRequest& txn)
{
    if (txn.compare.size() != 1 || txn.success.size() != 1 || txn.failure.size() > 1)
    {
        return std::nullopt;
    }
    Operation operation;
    operation.key = txn.compare.front().key;
    operation.compare = txn.compare.front().modRevision;
    if (!txn.failure.empty())
    {
        const auto* range = std::get_if<RangeRequest>(&txn.failure.front());
        const RangeRequest plain;
        if (range == nullptr || range->key != operation.key || !range->rangeEnd.empty() ||
            range->revision != plain.revision || range->countOnly)
        {
            return std::nullopt;
        }
        operation.readInstead = true;
    }
    const auto* put = std::get_if<PutRequest>(&txn.success.front());
    const auto* remove = std::get_if<DeleteRangeRequest>(&txn.success.front());
    if (put != nullptr && put->key == operation.key)
    {
        operation.kind = Kind::TXN_PUT;
        operation.value = put->value.id;
        return operation;
    }
    if (remove != nullptr && remove->key == operation.key && remove->rangeEnd.empty())
    {
        operation.kind = Kind::TXN_DELETE;
        return operation;
    }
    return std::nullopt;
}

} // namespace

bool
Puts(Kind kind)
{
    return kind == Kind::PUT || kind == Kind::TXN_PUT;
}

bool
IsTxn(Kind kind)
{
    return kind == Kind::TXN_PUT || kind == Kind::TXN_DELETE;
}

bool
Changed(const Operation& o)
{
    if (o.outcome != Outcome::OK)
    {
        return false;
    }
    return o.kind == Kind::PUT || (o.kind == Kind::DELETE && o.deleted > 0) ||
           (o.kind == Kind::TXN_PUT && o.succeeded) ||
           (o.kind == Kind::TXN_DELETE && o.succeeded && o.compare != 0);
}

bool
MayChange(const Operation& o)
{
    return o.outcome == Outcome::AMBIGUOUS && !IsRead(o.kind) &&
           !(o.kind == Kind::TXN_DELETE && o.compare == 0);
}

bool
Concerns(const Operation& o, const std::string& key)
{
    return o.rangeEnd.empty() ? o.key == key : o.key <= key && key < o.rangeEnd;
}

bool
Precedes(const Operation& a, const Operation& b)
{
    // The second case leaves two operations without duration in the same instant unordered.
    return a.outcome == Outcome::OK && (a.end < b.call || (a.end == b.call && a.call < a.end));
}

std::optional<Operation>
ForKey(const Operation& o, const std::string& key)
{
    const bool silent = o.outcome == Outcome::FAILED || o.kind == Kind::SERIALIZABLE_READ ||
                        (o.outcome == Outcome::AMBIGUOUS && !MayChange(o));
    const bool elsewhere = o.kind == Kind::READ && (o.at > 0 || o.countOnly);
    const bool beyond = o.more && (o.found.empty() || o.found.back().key < key);
    if (silent || elsewhere || beyond || !Concerns(o, key))
    {
        return std::nullopt;
    }
    auto part = o;
    part.key = key;
    part.found.clear();
    for (const auto& found : o.outcome == Outcome::OK ? o.found : std::vector<Found>{})
    {
        if (found.key == key)
        {
            part.found.push_back(found);
        }
    }
    part.deleted = o.kind == Kind::DELETE && !o.rangeEnd.empty() && o.deleted > 0 ? -1 : o.deleted;
    part.header = o.outcome == Outcome::OK ? o.header : 0;
    part.rangeEnd.clear();
    part.more = false;
    return part;
}

std::optional<Operation>
MakeOperation(const Request& request)
{
    Operation operation;
    if (const auto* put = std::get_if<PutRequest>(&request))
    {
        operation.key = put->key;
        operation.value = put->value.id;
        return operation;
    }
    if (const auto* range = std::get_if<RangeRequest>(&request))
    {
        operation.kind = range->serializable ? Kind::SERIALIZABLE_READ : Kind::READ;
        operation.key = range->key;
        operation.rangeEnd = range->rangeEnd;
        operation.at = range->revision;
        operation.countOnly = range->countOnly;
        return operation;
    }
    if (const auto* remove = std::get_if<DeleteRangeRequest>(&request))
    {
        operation.kind = Kind::DELETE;
        operation.key = remove->key;
        operation.rangeEnd = remove->rangeEnd;
        return operation;
    }
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        return MakeTxn(*txn);
    }
    return std::nullopt; // neither reads nor writes a key
}

void
SetAnswer(Operation& operation, const Response& response)
{
    operation.outcome = Outcome::OK;
    std::visit([&](const auto& answer) { operation.header = answer.revision; }, response);
    if (const auto* range = std::get_if<RangeResponse>(&response))
    {
        operation.found = FoundIn(*range);
        operation.more = range->more;
    }
    else if (const auto* remove = std::get_if<DeleteRangeResponse>(&response))
    {
        operation.deleted = remove->deleted;
    }
    else if (const auto* txn = std::get_if<TxnResponse>(&response))
    {
        operation.succeeded = txn->succeeded;
        if (!txn->succeeded && !txn->responses.empty())
        {
            operation.found = FoundIn(std::get<RangeResponse>(txn->responses.front()));
        }
    }
}

Outcome
OutcomeOfError(const std::string& error)
{
    // etcd 3.4.23 etcdserver/errors.go, v3_server.go:processInternalRaftRequestOnce and
    // v3rpc/key.go refuse these before they propose; raft.go:stepLeader and stepCandidate drop the
    // proposal itself.
    // Not "database space exceeded": apply.go:quotaApplierV3 says it of a put that it has carried out.
    constexpr std::array<std::string_view, 8> REFUSALS{
        "too many requests",
        "request is too large",
        "proposal dropped",
        "required revision",
        "key is not provided",
        "duplicate key given",
        "too many operations",
        "requested lease not found", // apply.go: Put, checkRequestPut, when it is applied
    };
    return std::any_of(
               REFUSALS.begin(),
               REFUSALS.end(),
               [&](std::string_view refusal) { return error.find(refusal) != std::string::npos; })
               ? Outcome::FAILED
               : Outcome::AMBIGUOUS;
}

void
CheckWellFormed(const History& history)
{
    for (const auto& o : history.operations)
    {
        const auto refuse = [&](const std::string& what) {
            throw std::invalid_argument("history: client " + std::to_string(o.client) + ", " +
                                        AskedText(o) + ": " + what);
        };
        if (o.outcome == Outcome::OK && o.end < o.call)
        {
            refuse("expected an end at or after the call at " + Format(o.call) + ", found " +
                   Format(o.end));
        }
        if (o.outcome == Outcome::OK && o.header < 1)
        {
            refuse("expected the revision of the answer, at least 1, found " + Number(o.header));
        }
        if (!o.rangeEnd.empty() && !IsRead(o.kind) && o.kind != Kind::DELETE)
        {
            refuse("expected a single key, found a range up to " + o.rangeEnd);
        }
    }
}

std::string
Table(std::vector<Operation> operations)
{
    std::stable_sort(operations.begin(),
                     operations.end(),
                     [](const Operation& a, const Operation& b) { return a.call < b.call; });
    std::vector<std::vector<std::string>> rows{{"client", "operation", "call ms", "end ms", "saw"}};
    for (const auto& o : operations)
    {
        rows.push_back({std::to_string(o.client),
                        AskedText(o),
                        TrimmedNumber(Milliseconds(o.call), 6),
                        o.outcome == Outcome::OK ? TrimmedNumber(Milliseconds(o.end), 6) : "-",
                        Saw(o)});
    }
    return AlignedColumns(rows, rows.front().size());
}

std::string
Describe(const Violation& violation)
{
    return violation.what + "\n" + Table(violation.operations);
}

} // namespace etcdlab::check
