// How a request ended, with etcd's own codes and words (etcd 3.4.23 etcdserver/api/v3rpc/util.go: togRPCError).
#pragma once

#include "model/etcd/pure/apply.h"
#include "model/etcd/pure/membership.h"
#include "model/transport/grpc-connection.h"

#include <string>

namespace etcdlab
{

/// An answer, or why there is none.
struct ServerResult
{
    GrpcCode code = GrpcCode::OK;
    std::string error; //!< etcd's own wording; empty if OK
    Response response;
};

/// Of a change of members.
ServerResult ResultOf(MembershipError error);

/// Of a request that changed the store or the leases, or tried to.
ServerResult ResultOf(Applied applied);

} // namespace etcdlab
