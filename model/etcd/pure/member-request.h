// Changes of a cluster's members, as an operator asks for them. No ns-3.
#pragma once

#include <string>

namespace etcdlab
{

/// What can be asked for.
enum class MemberOperation
{
    ADD,         //!< MemberAdd: a voter
    ADD_LEARNER, //!< MemberAdd with is_learner
    PROMOTE,     //!< MemberPromote: a learner that has caught up becomes a voter
    REMOVE       //!< MemberRemove
};

/// Members go by their names, from which their ids and addresses follow (see MemberId): a name that was removed
/// cannot be added again. (etcd's ids depend on the time too, so there it can.)
struct MemberRequest
{
    MemberOperation operation = MemberOperation::ADD;
    std::string name;
};

} // namespace etcdlab
