#include "model/kubernetes/pure/pod-counts.h"

#include <algorithm>
#include <cstdio>

namespace etcdlab::kube
{

std::string
PodsCsv(const std::vector<PodCounts>& rows, Duration begin)
{
    std::string text = "time_s";
    for (const auto name : DISPLAY_PHASES)
    {
        text += "," + std::string(name);
    }
    text += "\n";
    auto row =
        std::upper_bound(rows.begin(), rows.end(), begin, [](Duration time, const PodCounts& each) {
            return time < each.time;
        });
    if (row != rows.begin())
    {
        --row;
    }
    for (; row != rows.end(); ++row)
    {
        char time[32];
        const auto since = std::max(row->time - begin, Duration(0));
        std::snprintf(time, sizeof time, "%.6f", ToSeconds(since));
        text += time;
        for (const int pods : row->pods)
        {
            text += "," + std::to_string(pods);
        }
        text += "\n";
    }
    return text;
}

} // namespace etcdlab::kube
