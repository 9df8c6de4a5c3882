#include "model/transport/bdp-estimator.h"
#include "model/transport/flow-control.h"

#include <gtest/gtest.h>

#include <string>

namespace etcdlab
{
namespace
{

using namespace std::chrono_literals;

TEST(BdpEstimatorTest, PingsOnceUntilAcknowledged)
{
    BdpEstimator estimator;
    EXPECT_TRUE(estimator.Add(100, 0ms));
    EXPECT_FALSE(estimator.Add(100, 1ms));
    EXPECT_EQ(estimator.Acknowledged(10ms), std::nullopt); // 200 < 0.66 * 65535
    EXPECT_TRUE(estimator.Add(100, 11ms));
}

TEST(BdpEstimatorTest, DoublesALargeSample)
{
    BdpEstimator estimator;
    estimator.Add(16'384, 0ms);
    estimator.Add(26'869, 50ms);
    // 43253 B of the 43253.1 that are 0.66 * 65535.
    EXPECT_EQ(estimator.Acknowledged(100ms), std::nullopt);
    estimator.Add(43'254, 100ms);
    EXPECT_EQ(estimator.Acknowledged(200ms), 86'508u);
    EXPECT_EQ(estimator.Estimate(), 86'508u);
}

TEST(BdpEstimatorTest, StaysSmallOnAPathThatBecameLong)
{
    BdpEstimator estimator;
    // 20 kB in 1 ms: 13.3 MB/s.
    estimator.Add(20'000, 0ms);
    EXPECT_EQ(estimator.Acknowledged(1ms), std::nullopt);
    // A full window in 210 ms, averaged with the 1 ms to 105.5 ms: 0.41 MB/s.
    for (int i = 0; i < 30; ++i)
    {
        estimator.Add(65'535, 1ms * (1000 + 300 * i));
        EXPECT_EQ(estimator.Acknowledged(1ms * (1210 + 300 * i)), std::nullopt);
    }
}

TEST(BdpEstimatorTest, TheRoundTripTimeIsAveragedForTenPingsThenFollowed)
{
    // Nine pings of 100 ms, then one of 1 ms: 100 + 0.9 * (1 - 100) = 10.9 ms. At 50 kB the
    // bandwidth is then 9.2 times that of the same bytes in 100 ms: the estimate grows.
    BdpEstimator estimator;
    for (int i = 0; i < 9; ++i)
    {
        estimator.Add(40'000, 200ms * i); // too few to grow
        EXPECT_EQ(estimator.Acknowledged(1ms * (200 * i + 100)), std::nullopt);
    }
    estimator.Add(50'000, 2000ms);
    EXPECT_EQ(estimator.Acknowledged(2001ms), 100'000u);
    // At 100 ms again, 10.9 + 0.9 * 89.1 = 91.1 ms: 66 kB, two thirds of the estimate, are not the
    // highest bandwidth.
    estimator.Add(70'000, 3000ms);
    EXPECT_EQ(estimator.Acknowledged(3100ms), std::nullopt);
}

TEST(BdpEstimatorTest, StopsAtSixteenMebibytes)
{
    BdpEstimator estimator;
    estimator.Add(9'000'000, 0ms);
    EXPECT_EQ(estimator.Acknowledged(100ms), 16'777'216u);
    EXPECT_FALSE(estimator.Add(9'000'000, 200ms));
}

TEST(ConnectionReceiveWindowTest, GivesBackQuarters)
{
    ConnectionReceiveWindow window(65'535);
    EXPECT_EQ(window.OnData(16'000), 0u);
    EXPECT_EQ(window.OnData(382), 0u); // 16382 of 16383
    EXPECT_EQ(window.OnData(1), 16'383u);
    EXPECT_EQ(window.OnData(100), 0u);
    EXPECT_EQ(window.Reset(), 100u);
    EXPECT_EQ(window.Grow(100'000), 34'465u);
    EXPECT_EQ(window.OnData(24'999), 0u);
    EXPECT_EQ(window.OnData(1), 25'000u);
}

TEST(StreamReceiveWindowTest, AMessageThatFitsIsGivenBackByQuarters)
{
    StreamReceiveWindow window(65'535);
    const auto first = window.OnFrame(16'384, 40'005);
    EXPECT_EQ(first.widen, 0u);
    EXPECT_EQ(first.read, 16'384u);
    EXPECT_EQ(window.OnFrame(16'382, 0).read, 0u);
    EXPECT_EQ(window.OnFrame(7'239, 0).read, 23'621u);
}

TEST(StreamReceiveWindowTest, AMessageThatDoesNotFitWidensTheWindow)
{
    StreamReceiveWindow window(65'535);
    const auto first = window.OnFrame(16'384, 100'005);
    // Without the prefix. What is read then is what was given in advance; the prefix' 5 B wait.
    EXPECT_EQ(first.widen, 100'000u);
    EXPECT_EQ(first.read, 0u);
    for (int i = 0; i < 5; ++i)
    {
        EXPECT_EQ(window.OnFrame(16'384, 0).read, 0u);
    }
    EXPECT_EQ(window.OnFrame(1'701, 0).read, 0u); // 6 * 16384 + 1701 = 100005
    EXPECT_EQ(window.OnFrame(16'378, 16'378).read, 16'383u);
}

/// What a scheduler would write now, as "stream:bytes" with "!" behind what ends an item.
std::string
Written(SendScheduler& sender)
{
    std::string text;
    while (const auto frame = sender.Next())
    {
        text += (text.empty() ? "" : " ") + std::to_string(frame->stream) + ":" +
                std::to_string(frame->bytes) + (frame->payload ? "!" : "");
    }
    return text;
}

SendScheduler::Payload
Some()
{
    return std::make_shared<int>(0);
}

TEST(SendSchedulerTest, CutsFramesAndStopsAtTheConnectionsWindow)
{
    SendScheduler sender(65'535);
    sender.Data(1, 70'000, Some());
    EXPECT_EQ(Written(sender), "1:16384 1:16384 1:16384 1:16383");
    EXPECT_EQ(sender.Queued(1), 4'465u);
    sender.AddToStream(1, 70'000); // not the one that blocks
    EXPECT_EQ(Written(sender), "");
    sender.AddToConnection(1'000);
    EXPECT_EQ(Written(sender), "1:1000");
    sender.AddToConnection(16'384);
    EXPECT_EQ(Written(sender), "1:3465!");
    EXPECT_TRUE(sender.Empty());
}

TEST(SendSchedulerTest, AStreamStopsAtItsOwnWindow)
{
    SendScheduler sender(20'000);
    sender.AddToConnection(100'000);
    sender.Open(1);
    sender.Data(1, 30'000, Some());
    EXPECT_EQ(Written(sender), "1:16384 1:3616");
    sender.Data(3, 10, Some()); // another is not held up
    EXPECT_EQ(Written(sender), "3:10!");
    sender.SetStreamWindow(25'000);
    EXPECT_EQ(Written(sender), "1:5000");
    sender.AddToStream(1, 20'000);
    EXPECT_EQ(Written(sender), "1:5000!");
    // 30000 sent, 20000 given back, of 25000.
    sender.Data(1, 20'000, Some());
    EXPECT_EQ(Written(sender), "1:15000");
}

TEST(SendSchedulerTest, StreamsTakeTurnsFrameByFrame)
{
    SendScheduler sender(1'000'000);
    sender.Data(1, 40'000, Some());
    sender.Uncounted(1, 11, Some()); // trailers follow the data at once
    sender.Data(3, 20'000, Some());
    sender.Data(5, 100, Some());
    EXPECT_EQ(Written(sender), "1:16384 3:16384 5:100! 1:16384 3:3616! 1:7232! 1:11!");
}

TEST(SendSchedulerTest, TrailersNeedNoWindow)
{
    SendScheduler sender(100);
    sender.Data(1, 100, Some());
    sender.Uncounted(1, 11, Some());
    sender.Data(3, 100, Some());
    EXPECT_EQ(Written(sender), "1:100! 1:11!");
    sender.AddToConnection(100);
    EXPECT_EQ(Written(sender), "3:100!");
}

TEST(SendSchedulerTest, AShortMessageNeedsNoQueueIfItFits)
{
    SendScheduler sender(100);
    EXPECT_TRUE(sender.TakeWhole(60));
    EXPECT_FALSE(sender.TakeWhole(60));
    sender.Data(1, 60, Some());
    EXPECT_EQ(Written(sender), "1:40");
    sender.AddToConnection(10);
    EXPECT_FALSE(sender.TakeWhole(5)); // it would overtake
    EXPECT_EQ(Written(sender), "1:10");
}

TEST(SendSchedulerTest, TellsWhenAStreamIsBelowItsQuota)
{
    SendScheduler sender(10);
    sender.Open(1);
    sender.Data(1, 65'546, Some());
    Written(sender);
    EXPECT_EQ(sender.Queued(1), 65'536u);
    EXPECT_TRUE(sender.TakeWritable().empty());
    sender.AddToConnection(1);
    sender.AddToStream(1, 1);
    Written(sender);
    EXPECT_EQ(sender.TakeWritable(), std::vector<std::uint32_t>{1});
    EXPECT_TRUE(sender.TakeWritable().empty());
}

TEST(SendSchedulerTest, ClosingDropsAndFinishingWaits)
{
    SendScheduler sender(10);
    sender.Open(1);
    sender.Open(3);
    sender.Data(1, 20, Some());
    sender.Data(3, 5, Some());
    sender.Close(1);
    sender.Uncounted(3, 11, Some());
    sender.Finish(3);
    EXPECT_EQ(Written(sender), "3:5! 3:11!");
    EXPECT_TRUE(sender.Empty());
    sender.AddToStream(3, 5); // late, of a stream that has gone
}

} // namespace
} // namespace etcdlab
