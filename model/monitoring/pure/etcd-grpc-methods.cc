#include "model/monitoring/pure/etcd-families.h"

namespace etcdlab
{

// grpc_prometheus creates the series of every method of every registered service at the start.
const std::vector<GrpcMethodInfo>&
EtcdGrpcMethods()
{
    using namespace std::string_view_literals;
    static const std::vector<GrpcMethodInfo> methods = {
        {"Alarm", "etcdserverpb.Maintenance", "unary"},
        {"AuthDisable", "etcdserverpb.Auth", "unary"},
        {"AuthEnable", "etcdserverpb.Auth", "unary"},
        {"Authenticate", "etcdserverpb.Auth", "unary"},
        {"Check", "grpc.health.v1.Health", "unary"},
        {"Compact", "etcdserverpb.KV", "unary"},
        {"Defragment", "etcdserverpb.Maintenance", "unary"},
        {"DeleteRange", "etcdserverpb.KV", "unary"},
        {"Hash", "etcdserverpb.Maintenance", "unary"},
        {"HashKV", "etcdserverpb.Maintenance", "unary"},
        {"LeaseGrant", "etcdserverpb.Lease", "unary"},
        {"LeaseKeepAlive", "etcdserverpb.Lease", "bidi_stream"},
        {"LeaseLeases", "etcdserverpb.Lease", "unary"},
        {"LeaseRevoke", "etcdserverpb.Lease", "unary"},
        {"LeaseTimeToLive", "etcdserverpb.Lease", "unary"},
        {"MemberAdd", "etcdserverpb.Cluster", "unary"},
        {"MemberList", "etcdserverpb.Cluster", "unary"},
        {"MemberPromote", "etcdserverpb.Cluster", "unary"},
        {"MemberRemove", "etcdserverpb.Cluster", "unary"},
        {"MemberUpdate", "etcdserverpb.Cluster", "unary"},
        {"MoveLeader", "etcdserverpb.Maintenance", "unary"},
        {"Put", "etcdserverpb.KV", "unary"},
        {"Range", "etcdserverpb.KV", "unary"},
        {"RoleAdd", "etcdserverpb.Auth", "unary"},
        {"RoleDelete", "etcdserverpb.Auth", "unary"},
        {"RoleGet", "etcdserverpb.Auth", "unary"},
        {"RoleGrantPermission", "etcdserverpb.Auth", "unary"},
        {"RoleList", "etcdserverpb.Auth", "unary"},
        {"RoleRevokePermission", "etcdserverpb.Auth", "unary"},
        {"Snapshot", "etcdserverpb.Maintenance", "server_stream"},
        {"Status", "etcdserverpb.Maintenance", "unary"},
        {"Txn", "etcdserverpb.KV", "unary"},
        {"UserAdd", "etcdserverpb.Auth", "unary"},
        {"UserChangePassword", "etcdserverpb.Auth", "unary"},
        {"UserDelete", "etcdserverpb.Auth", "unary"},
        {"UserGet", "etcdserverpb.Auth", "unary"},
        {"UserGrantRole", "etcdserverpb.Auth", "unary"},
        {"UserList", "etcdserverpb.Auth", "unary"},
        {"UserRevokeRole", "etcdserverpb.Auth", "unary"},
        {"Watch", "etcdserverpb.Watch", "bidi_stream"},
        {"Watch", "grpc.health.v1.Health", "server_stream"},
    };
    return methods;
}

const std::vector<std::pair<std::string_view, int>>&
GrpcCodesByName()
{
    static const std::vector<std::pair<std::string_view, int>> codes = {
        {"Aborted", 10},
        {"AlreadyExists", 6},
        {"Canceled", 1},
        {"DataLoss", 15},
        {"DeadlineExceeded", 4},
        {"FailedPrecondition", 9},
        {"Internal", 13},
        {"InvalidArgument", 3},
        {"NotFound", 5},
        {"OK", 0},
        {"OutOfRange", 11},
        {"PermissionDenied", 7},
        {"ResourceExhausted", 8},
        {"Unauthenticated", 16},
        {"Unavailable", 14},
        {"Unimplemented", 12},
        {"Unknown", 2},
    };
    return codes;
}

} // namespace etcdlab
