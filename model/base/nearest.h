// "Did you mean": the known name nearest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// The known name with the smallest edit distance (ties: the one that differs least when case is
/// ignored, then the first), if it is near enough to be what was meant: at most a third of the
/// longer name's length, and at least one edit is always allowed.
std::optional<std::string> Nearest(std::string_view name, const std::vector<std::string>& known);

/// `unknown name "leeder": did you mean "leader"? Known: leader, pinned, round-robin`
std::string UnknownName(std::string_view name, const std::vector<std::string>& known);

} // namespace etcdlab
