#include "model/kubernetes/pure/pod-counts.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr const char* COLUMNS =
    "time_s,waiting,pending,container_creating,running,completed,error,crash_loop_back_off,"
    "succeeded,failed,terminating,unknown\n";

PodCounts
RowOf(Duration time, int running, int unknown)
{
    PodCounts row;
    row.time = time;
    row.pods[static_cast<std::size_t>(DisplayPhase::RUNNING)] = running;
    row.pods[static_cast<std::size_t>(DisplayPhase::UNKNOWN)] = unknown;
    return row;
}

TEST(PodCountsTest, RowsAreCountedFromTheBeginAndTheLastBeforeItStandsAtZero)
{
    const std::vector<PodCounts> rows = {
        RowOf(1s, 1, 0), RowOf(2s, 2, 0), RowOf(3s, 3, 0), RowOf(4500ms, 3, 4)};
    EXPECT_EQ(PodsCsv(rows, 2500ms),
              std::string(COLUMNS) + "0.000000,0,0,0,2,0,0,0,0,0,0,0\n"
                                     "0.500000,0,0,0,3,0,0,0,0,0,0,0\n"
                                     "2.000000,0,0,0,3,0,0,0,0,0,0,4\n");
    // What changes at the begin itself is how it begins.
    EXPECT_EQ(PodsCsv({RowOf(1s, 1, 0), RowOf(2s, 2, 0)}, 2s),
              std::string(COLUMNS) + "0.000000,0,0,0,2,0,0,0,0,0,0,0\n");
}

TEST(PodCountsTest, NothingThatEverChangedIsAHeaderAlone)
{
    EXPECT_EQ(PodsCsv({}, 1s), COLUMNS);
    EXPECT_EQ(PodsCsv({RowOf(3s, 1, 0)}, 1s),
              std::string(COLUMNS) + "2.000000,0,0,0,1,0,0,0,0,0,0,0\n");
}

} // namespace

} // namespace etcdlab::kube
