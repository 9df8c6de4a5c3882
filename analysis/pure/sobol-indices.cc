#include "analysis/pure/sobol-indices.h"

#include "analysis/pure/text.h"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <numeric>

namespace etcdlab
{

namespace
{

/// The complete samples: rows of A, B, AB_1, ..., AB_k.
using Rows = std::vector<std::vector<double>>;

Rows
CompleteRows(const std::vector<std::optional<double>>& values, std::size_t dimensions)
{
    Rows rows;
    const std::size_t width = dimensions + 2;
    for (std::size_t begin = 0; begin + width <= values.size(); begin += width)
    {
        std::vector<double> row;
        for (std::size_t i = 0; i < width && values[begin + i]; ++i)
        {
            row.push_back(*values[begin + i]);
        }
        if (row.size() == width)
        {
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

struct Moments
{
    double mean = 0;
    double variance = 0;
};

/// Over A and B: the AB are not independent of them.
Moments
MomentsOf(const Rows& rows, const std::vector<std::size_t>& chosen)
{
    Moments moments;
    const auto count = 2 * static_cast<double>(chosen.size());
    for (const auto i : chosen)
    {
        moments.mean += (rows[i][0] + rows[i][1]) / count;
    }
    for (const auto i : chosen)
    {
        const double a = rows[i][0] - moments.mean;
        const double b = rows[i][1] - moments.mean;
        moments.variance += (a * a + b * b) / count;
    }
    constexpr double ROUNDING = 1e-24; // squared, relative
    moments.variance =
        moments.variance > ROUNDING * moments.mean * moments.mean ? moments.variance : 0;
    return moments;
}

struct Shares
{
    std::vector<double> first;
    std::vector<double> total;
};

Shares
SharesOf(const Rows& rows, const std::vector<std::size_t>& chosen, std::size_t dimensions)
{
    Shares shares{std::vector<double>(dimensions), std::vector<double>(dimensions)};
    const auto moments = MomentsOf(rows, chosen);
    if (moments.variance == 0)
    {
        return shares;
    }
    const double scale = 1 / (static_cast<double>(chosen.size()) * moments.variance);
    for (const auto i : chosen)
    {
        const auto& row = rows[i];
        for (std::size_t d = 0; d < dimensions; ++d)
        {
            const double change = row[2 + d] - row[0];
            shares.first[d] +=
                (row[1] - moments.mean) * change * scale; // centred: the same, with less noise
            shares.total[d] += change * change * scale / 2;
        }
    }
    return shares;
}

/// The values between which 95 % of the resamples lie.
IndexEstimate
WithInterval(double value, std::vector<double> resampled)
{
    std::sort(resampled.begin(), resampled.end());
    const auto at = [&](double p) {
        return resampled[static_cast<std::size_t>(p * static_cast<double>(resampled.size() - 1))];
    };
    return {value, at(0.025), at(0.975)};
}

} // namespace

SobolIndices
EstimateSobolIndices(const std::vector<std::optional<double>>& values, std::size_t dimensions)
{
    constexpr std::size_t RESAMPLES = 1000;
    const auto rows = CompleteRows(values, dimensions);
    SobolIndices indices;
    indices.samples = rows.size();
    if (rows.empty())
    {
        return indices;
    }
    std::vector<std::size_t> chosen(rows.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    const auto moments = MomentsOf(rows, chosen);
    indices.mean = moments.mean;
    indices.variance = moments.variance;
    const auto estimate = SharesOf(rows, chosen, dimensions);

    boost::random::mt19937_64 random(1);
    boost::random::uniform_int_distribution<std::size_t> any(0, rows.size() - 1);
    std::vector<std::vector<double>> first(dimensions);
    std::vector<std::vector<double>> total(dimensions);
    for (std::size_t resample = 0; resample < RESAMPLES; ++resample)
    {
        std::generate(chosen.begin(), chosen.end(), [&] { return any(random); });
        const auto shares = SharesOf(rows, chosen, dimensions);
        for (std::size_t d = 0; d < dimensions; ++d)
        {
            first[d].push_back(shares.first[d]);
            total[d].push_back(shares.total[d]);
        }
    }
    for (std::size_t d = 0; d < dimensions; ++d)
    {
        indices.first.push_back(WithInterval(estimate.first[d], first[d]));
        indices.total.push_back(WithInterval(estimate.total[d], total[d]));
    }
    return indices;
}

std::string
Describe(const SobolIndices& indices,
         const std::vector<std::string>& parameters,
         const std::string& metric)
{
    if (indices.samples == 0)
    {
        return metric + ": no sample is complete\n";
    }
    std::string text = metric + ": mean " + TrimmedNumber(indices.mean, 4) + ", variance " +
                       TrimmedNumber(indices.variance, 4) + ", " + std::to_string(indices.samples) +
                       " samples\n";
    if (indices.variance == 0)
    {
        return text + "It is the same everywhere: none of the parameters matters.\n";
    }
    std::vector<std::size_t> order(parameters.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
        return indices.total[a].value > indices.total[b].value;
    });
    const auto range = [](const IndexEstimate& e) {
        return FixedNumber(e.low, 3) + " to " + FixedNumber(e.high, 3);
    };
    std::vector<std::vector<std::string>> table = {
        {"parameter", "first order", "95 %", "total", "95 %"}};
    for (const auto i : order)
    {
        table.push_back({parameters[i],
                         FixedNumber(indices.first[i].value, 3),
                         range(indices.first[i]),
                         FixedNumber(indices.total[i].value, 3),
                         range(indices.total[i])});
    }
    return text + AlignedColumns(table, 1);
}

} // namespace etcdlab
