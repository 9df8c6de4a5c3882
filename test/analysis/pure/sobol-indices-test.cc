// Sobol indices against functions whose indices are known.
#include "analysis/pure/design.h"
#include "analysis/pure/sobol-indices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

namespace etcdlab
{

namespace
{

std::vector<std::optional<double>>
Evaluate(std::size_t samples,
         std::size_t dimensions,
         const std::function<double(const std::vector<double>&)>& function)
{
    std::vector<std::optional<double>> values;
    for (const auto& point : SaltelliDesign(samples, dimensions))
    {
        values.emplace_back(function(point));
    }
    return values;
}

/// Ishigami and Homma 1990, a = 7, b = 0.1, each x uniform from -pi to pi.
double
Ishigami(const std::vector<double>& u)
{
    const auto x = [&](std::size_t i) { return (2 * u[i] - 1) * std::numbers::pi; };
    return std::sin(x(0)) + 7 * std::pow(std::sin(x(1)), 2) +
           0.1 * std::pow(x(2), 4) * std::sin(x(0));
}

TEST(SobolIndices, OfIshigamisFunctionAreAsKnown)
{
    // V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 = 13.8446; V1 = (1 + b pi^4/5)^2 / 2, V2 = a^2/8, V3 = 0,
    // V13 = b^2 pi^8 (1/18 - 1/50).
    const double p4 = std::pow(std::numbers::pi, 4);
    const double variance = 49.0 / 8 + 0.1 * p4 / 5 + 0.01 * p4 * p4 / 18 + 0.5;
    const double v1 = std::pow(1 + 0.1 * p4 / 5, 2) / 2;
    const double v2 = 49.0 / 8;
    const double v13 = 0.01 * p4 * p4 * (1.0 / 18 - 1.0 / 50);
    const std::vector<double> first = {v1 / variance, v2 / variance, 0};
    const std::vector<double> total = {(v1 + v13) / variance, v2 / variance, v13 / variance};
    ASSERT_NEAR(first[0], 0.3139, 1e-4) << "the figures that textbooks give";
    ASSERT_NEAR(total[2], 0.2437, 1e-4);

    const auto indices = EstimateSobolIndices(Evaluate(4095, 3, Ishigami), 3);
    EXPECT_EQ(indices.samples, 4095U);
    EXPECT_NEAR(indices.mean, 3.5, 0.02) << "a/2";
    EXPECT_NEAR(indices.variance, variance, 0.02 * variance);
    for (std::size_t i = 0; i < 3; ++i)
    {
        EXPECT_NEAR(indices.first[i].value, first[i], 0.01) << i;
        EXPECT_NEAR(indices.total[i].value, total[i], 0.01) << i;
        EXPECT_LE(indices.first[i].low, first[i]) << i;
        EXPECT_GE(indices.first[i].high, first[i]) << i;
        EXPECT_LE(indices.total[i].low, total[i]) << i;
        EXPECT_GE(indices.total[i].high, total[i]) << i;
        EXPECT_LT(indices.total[i].high - indices.total[i].low, 0.1) << i;
    }
}

TEST(SobolIndices, OfASumAreTheSharesOfItsParts)
{
    // x + 3 y of uniform x and y: variances 1/12 and 9/12, no interaction.
    const auto indices =
        EstimateSobolIndices(Evaluate(1023, 2, [](const auto& u) { return u[0] + 3 * u[1]; }), 2);
    EXPECT_NEAR(indices.first[0].value, 0.1, 0.005);
    EXPECT_NEAR(indices.total[0].value, 0.1, 0.005);
    EXPECT_NEAR(indices.first[1].value, 0.9, 0.005);
}

TEST(SobolIndices, AnIncompleteSampleIsLeftOutWhole)
{
    auto values = Evaluate(255, 2, [](const auto& u) { return u[0] + 3 * u[1]; });
    values[1].reset();
    values[4 * 17 + 3].reset();
    EXPECT_EQ(EstimateSobolIndices(values, 2).samples, 253U);
}

TEST(SobolIndices, OfAConstantSayNothing)
{
    const auto indices = EstimateSobolIndices(Evaluate(31, 2, [](const auto&) { return 4.0; }), 2);
    EXPECT_EQ(indices.variance, 0);
    EXPECT_EQ(Describe(indices, {"a", "b"}, "m"),
              "m: mean 4, variance 0, 31 samples\nIt is the same everywhere: none of the "
              "parameters matters.\n");
}

TEST(SobolIndices, AreDescribedWithTheMostImportantFirst)
{
    SobolIndices indices;
    indices.samples = 7;
    indices.mean = 1.5;
    indices.variance = 2;
    indices.first = {{0.1, 0.05, 0.15}, {0.8, 0.75, 0.85}};
    indices.total = {{0.2, 0.1, 0.3}, {0.9, 0.8, 1}};
    EXPECT_EQ(Describe(indices, {"a", "b"}, "m"),
              "m: mean 1.5, variance 2, 7 samples\n"
              "parameter  first order            95 %  total            95 %\n"
              "b                0.800  0.750 to 0.850  0.900  0.800 to 1.000\n"
              "a                0.100  0.050 to 0.150  0.200  0.100 to 0.300\n");
}

} // namespace

} // namespace etcdlab
