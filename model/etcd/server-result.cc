#include "model/etcd/server-result.h"

#include <utility>

namespace etcdlab
{

namespace
{

// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_LEASE_NOT_FOUND = "etcdserver: requested lease not found";
constexpr const char* ERROR_LEASE_EXISTS = "etcdserver: lease already exists";
constexpr const char* ERROR_LEASE_TTL = "etcdserver: too large lease TTL";

} // namespace

ServerResult
ResultOf(MembershipError error)
{
    switch (error)
    {
    case MembershipError::NONE:
        break;
    case MembershipError::ID_REMOVED:
    case MembershipError::ID_NOT_FOUND:
        return {GrpcCode::NOT_FOUND, "etcdserver: member not found", {}};
    case MembershipError::ID_EXISTS:
        return {GrpcCode::FAILED_PRECONDITION, "etcdserver: member ID already exist", {}};
    case MembershipError::NOT_A_LEARNER:
        return {GrpcCode::FAILED_PRECONDITION, "etcdserver: can only promote a learner member", {}};
    case MembershipError::TOO_MANY_LEARNERS:
        return {
            GrpcCode::FAILED_PRECONDITION, "etcdserver: too many learner members in cluster", {}};
    case MembershipError::NO_VOTER_LEFT:
        return {GrpcCode::FAILED_PRECONDITION,
                "etcdserver: re-configuration failed due to not enough started members",
                {}};
    }
    return {};
}

ServerResult
ResultOf(Applied applied)
{
    switch (applied.error)
    {
    case ApplyError::NONE:
        break;
    case ApplyError::LEASE_NOT_FOUND:
        return {GrpcCode::NOT_FOUND, ERROR_LEASE_NOT_FOUND, {}};
    case ApplyError::LEASE_EXISTS:
        return {GrpcCode::FAILED_PRECONDITION, ERROR_LEASE_EXISTS, {}};
    case ApplyError::LEASE_TTL_TOO_LARGE:
        return {GrpcCode::OUT_OF_RANGE, ERROR_LEASE_TTL, {}};
    }
    return {GrpcCode::OK, "", std::move(applied.response)};
}

} // namespace etcdlab
