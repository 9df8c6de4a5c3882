// The disk serves one write at a time.
#include "model/storage/disk-profile.h"
#include "model/storage/disk.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

DiskConfig
Config(Duration min, Duration max, std::uint64_t bitsPerSecond = 0)
{
    return {"test", min, max, DataRate{bitsPerSecond}};
}

TEST(Disk, AnIdealDiskTakesNoTime)
{
    Disk disk(FindDiskProfile("ideal")->config, [] { return 0.5; });
    EXPECT_EQ(disk.Write(7ms, 1'000'000, true), 7ms);
    EXPECT_EQ(disk.Syncs(), 1U);
}

TEST(Disk, ASyncTakesALatencyWithinTheRange)
{
    double next = 0;
    Disk disk(Config(2ms, 6ms), [&next] { return next; });
    EXPECT_EQ(disk.Write(0ms, 100, true), 2ms);
    next = 0.25;
    EXPECT_EQ(disk.Write(10ms, 100, true), 13ms) << "10 + 2 + 0.25 * (6 - 2)";
}

TEST(Disk, BytesTakeTheirTimeOnTopOfTheSync)
{
    Disk disk(Config(1ms, 1ms, 80'000'000), [] { return 0.0; });
    // 80 Mbit/s are 10 MB/s: 50 kB in 5 ms.
    EXPECT_EQ(disk.Write(0ms, 50'000, true), 6ms);
    EXPECT_EQ(disk.Write(10ms, 50'000, false), 15ms);
}

TEST(Disk, WritesQueue)
{
    Disk disk(Config(2ms, 2ms), [] { return 0.0; });
    EXPECT_EQ(disk.Write(0ms, 1, true), 2ms);
    EXPECT_EQ(disk.Write(1ms, 1, true), 4ms) << "begins when the first is done";
    EXPECT_EQ(disk.BytesWritten(), 2U);
}

TEST(Disk, AFixedLatencyDrawsNoRandomNumber)
{
    Disk disk(Config(2ms, 2ms), []() -> double { throw std::logic_error("drawn"); });
    EXPECT_EQ(disk.Write(0ms, 1, true), 2ms);
}

TEST(Disk, EveryProfileTellsItsSource)
{
    for (const auto& profile : DiskProfiles())
    {
        SCOPED_TRACE(profile.name);
        EXPECT_FALSE(profile.source.empty());
        EXPECT_FALSE(profile.summary.empty());
        EXPECT_EQ(profile.config.profile, profile.name);
        EXPECT_LE(profile.config.syncMin, profile.config.syncMax);
    }
    EXPECT_EQ(FindDiskProfile("floppy"), nullptr);
}

TEST(Disk, ProcessesThatShareADeviceWaitForEachOther)
{
    const auto queue = std::make_shared<Duration>(0);
    Disk one(
        Config(2ms, 2ms), [] { return 0.0; }, queue);
    Disk other(
        Config(3ms, 3ms), [] { return 0.0; }, queue);
    EXPECT_EQ(one.Write(0ms, 100, true), 2ms);
    EXPECT_EQ(other.Write(1ms, 100, true), 5ms) << "2 + 3";
    EXPECT_EQ(one.Write(1ms, 100, true), 7ms) << "5 + 2";
    EXPECT_EQ(one.Syncs(), 2U) << "each counts its own";
    EXPECT_EQ(other.Syncs(), 1U);
}

} // namespace

} // namespace etcdlab
