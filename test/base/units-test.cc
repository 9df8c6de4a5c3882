// Quantities: exact, strict, and the same after writing and reading.

// GCC 12 takes parts of std::regex for uninitialised when sanitizers are on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "model/base/units.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <regex>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

template <class Parse>
std::string
ErrorIn(Parse parse)
{
    try
    {
        parse();
        return "(none)";
    }
    catch (const std::invalid_argument& e)
    {
        return e.what();
    }
}

TEST(Units, DurationsAreExact)
{
    EXPECT_EQ(ParseDuration("250ms"), 250ms);
    EXPECT_EQ(ParseDuration("1.5s"), 1500ms);
    EXPECT_EQ(ParseDuration("0.1us"), 100ns);
    EXPECT_EQ(ParseDuration("301.1ms"), 301'100us); // no binary fraction: doubles would be off
    EXPECT_EQ(ParseDuration("2m"), 120s);
    EXPECT_EQ(ParseDuration("1.25h"), 75min);
    EXPECT_EQ(ParseDuration("0s"), 0ns);
    EXPECT_EQ(ParseDuration("1.500000000000000000000000s"), 1500ms);
}

TEST(Units, OtherQuantities)
{
    EXPECT_EQ(ParseDataRate("1Gbps").bitsPerSecond, 1'000'000'000U);
    EXPECT_EQ(ParseDataRate("0.5kbps").bitsPerSecond, 500U);
    EXPECT_EQ(ParseByteSize("1024B"), ParseByteSize("1KiB"));
    EXPECT_EQ(ParseByteSize("1.5MB").bytes, 1'500'000U);
    EXPECT_EQ(ParseByteSize("1.5MiB").bytes, 1'572'864U);
    EXPECT_EQ(ParseShare("0.1%").value, 0.001); // the very double that 0.001 is
    EXPECT_EQ(ParseShare("100%").value, 1);
    EXPECT_EQ(ParseCount("1000p", "p"), 1000U);
    EXPECT_EQ(ParseNumber("12.5/s", "/s"), 12.5);
}

TEST(Units, FormatIsTheShortestText)
{
    EXPECT_EQ(Format(Duration(250ms)), "250ms");
    EXPECT_EQ(Format(Duration(1500ms)), "1.5s");
    EXPECT_EQ(Format(Duration(90s)), "90s"); // shorter than 1.5m
    EXPECT_EQ(Format(Duration(60s)), "1m");  // as short as 60s, and larger
    EXPECT_EQ(Format(Duration(0)), "0s");
    EXPECT_EQ(Format(Duration(-250ms)), "-250ms");
    EXPECT_EQ(Format(Duration(1234567ns)), "1234567ns");
    EXPECT_EQ(Format(DataRate{1'000'000'000}), "1Gbps");
    EXPECT_EQ(Format(DataRate{0}), "0bps");
    EXPECT_EQ(Format(ByteSize{1024}), "1KiB");
    EXPECT_EQ(Format(ByteSize{1536}), "1536B"); // shorter than 1.5KiB
    EXPECT_EQ(Format(Share{0.001}), "0.1%");
    EXPECT_EQ(Format(Share{0}), "0%");
    EXPECT_EQ(Format(Share{1}), "100%");
    EXPECT_EQ(FormatNumber(1e6, "/s"), "1000000/s");
}

TEST(Units, ErrorsSayWhatWasExpectedAndFound)
{
    const auto duration = [](const char* text) { return ErrorIn([text] { ParseDuration(text); }); };
    EXPECT_EQ(duration("250"), R"(250 has no unit: write for instance "250ms")");
    EXPECT_EQ(
        duration("250mss"),
        R"("250mss": unknown unit "mss" of a duration: did you mean "ms"? Known: ns, us, ms, s, m, h)");
    EXPECT_EQ(duration("250 ms"),
              R"("250 ms": no space between number and unit, write for instance "250ms")");
    EXPECT_EQ(duration("-1ms"), R"("-1ms" is negative: a duration starts at zero)");
    EXPECT_EQ(duration("nan"), R"(expected a duration such as "250ms", found "nan")");
    EXPECT_EQ(duration("inf"), R"(expected a duration such as "250ms", found "inf")");
    EXPECT_EQ(duration(""), R"(expected a duration such as "250ms", found "")");
    EXPECT_EQ(duration("."), R"(expected a duration such as "250ms", found ".")");
    EXPECT_EQ(duration("1.ms"), R"(expected a duration such as "250ms", found "1.ms")");
    EXPECT_EQ(duration("1e3ms"),
              R"("1e3ms": unknown unit "e3ms" of a duration. Known: ns, us, ms, s, m, h)");
    EXPECT_EQ(duration("0.1ns"), R"("0.1ns" is finer than 1ns)");
    EXPECT_EQ(
        ErrorIn([] { ParseDataRate("1gbps"); }),
        R"("1gbps": unknown unit "gbps" of a data rate: did you mean "Gbps"? Known: bps, kbps, Mbps, Gbps, Tbps)");
    EXPECT_EQ(ErrorIn([] { ParseShare("101%"); }), R"("101%" is more than 100%)");
    EXPECT_EQ(ErrorIn([] { ParseShare("0.5"); }), R"(0.5 has no unit: write for instance "0.1%")");
    EXPECT_EQ(ErrorIn([] { ParseNumber("5/m", "/s"); }),
              R"("5/m": unknown unit "/m" of a number: did you mean "/s"? Known: /s)");
}

TEST(Units, LimitsOfTheTypes)
{
    // 2^63 - 1 ns and 2^64 - 1 B are the largest values there are.
    EXPECT_EQ(ParseDuration("9223372036854775807ns").count(),
              std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(
        ErrorIn([] { ParseDuration("9223372036854775808ns"); }),
        R"("9223372036854775808ns" is too large: at most 9223372036854775807ns can be represented)");
    EXPECT_EQ(
        ErrorIn([] { ParseDuration("9223372036.854775808s"); }),
        R"("9223372036.854775808s" is too large: at most 9223372036854775807ns can be represented)");
    EXPECT_EQ(ParseByteSize("18446744073709551615B").bytes,
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_NE(ErrorIn([] { ParseByteSize("18446744073709551616B"); }), "(none)");
    EXPECT_NE(ErrorIn([] { ParseByteSize(std::string(5000, '9') + "GiB"); }), "(none)");
    EXPECT_NE(ErrorIn([] { ParseNumber(std::string(5000, '9') + "/s", "/s"); }), "(none)");
    EXPECT_EQ(Format(Duration(std::numeric_limits<std::int64_t>::min())),
              "-9223372036.854775808s"); // as short as in ns
}

TEST(Units, WhatIsFormattedReadsBackTheSame)
{
    std::mt19937_64 random(7);
    for (int i = 0; i < 20000; ++i)
    {
        const auto bits = random() >> (random() % 64);
        const auto rounded = bits - bits % (i % 2 == 0 ? 1 : 1000);
        const Duration duration(static_cast<std::int64_t>(rounded >> 1));
        ASSERT_EQ(ParseDuration(Format(duration)), duration) << duration.count();
        ASSERT_EQ(ParseDataRate(Format(DataRate{rounded})).bitsPerSecond, rounded);
        ASSERT_EQ(ParseByteSize(Format(ByteSize{rounded})).bytes, rounded);
        ASSERT_EQ(ParseCount(std::to_string(rounded) + "p", "p"), rounded);
        const double share = std::ldexp(static_cast<double>(random() >> 11), -53 - i % 60);
        ASSERT_EQ(ParseShare(Format(Share{share})).value, share);
        // Any finite number without a sign.
        const double number = std::bit_cast<double>(random() >> 1);
        if (std::isfinite(number))
        {
            ASSERT_EQ(ParseNumber(FormatNumber(number, "/s"), "/s"), number) << i;
        }
    }
}

TEST(Units, PatternsAgreeWithTheParsers)
{
    const std::regex duration(SyntaxOf(Duration{}).pattern);
    for (const auto& text :
         {"1ms", "1.5h", "007s", "1", "ms", "-1ms", "1 ms", "1.ms", ".5ms", "1MS", "1e3s"})
    {
        EXPECT_EQ(std::regex_match(text, duration),
                  ErrorIn([text] { ParseDuration(text); }) == "(none)")
            << text;
    }
    const std::regex size(SyntaxOf(ByteSize{}).pattern);
    EXPECT_TRUE(std::regex_match("64KiB", size));
    EXPECT_FALSE(std::regex_match("64Kib", size));
    EXPECT_TRUE(std::regex_match("1000p", std::regex(SyntaxOfCount("p").pattern)));
    EXPECT_FALSE(std::regex_match("1.5p", std::regex(SyntaxOfCount("p").pattern)));
    EXPECT_TRUE(std::regex_match("1.5/s", std::regex(SyntaxOfNumber("/s").pattern)));
}

} // namespace

} // namespace etcdlab
