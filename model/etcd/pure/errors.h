// Texts of etcd's errors that several places must agree on (etcd 3.4.23
// etcdserver/api/v3rpc/rpctypes/error.go).
#pragma once

namespace etcdlab
{

inline constexpr const char* ERROR_TIMEOUT = "etcdserver: request timed out";
inline constexpr const char* ERROR_NO_LEADER = "etcdserver: no leader";
inline constexpr const char* ERROR_COMPACTED =
    "etcdserver: mvcc: required revision has been compacted";
inline constexpr const char* ERROR_NO_SPACE = "etcdserver: mvcc: database space exceeded";

} // namespace etcdlab
