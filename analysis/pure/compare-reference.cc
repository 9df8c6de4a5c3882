// Measured figures beside simulated ones.
#include "analysis/pure/comparison.h"
#include "analysis/pure/reference.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

const Json&
At(const Json& observed, const std::string& path)
{
    const Json* json = &observed;
    for (std::size_t start = 0; start <= path.size();)
    {
        const auto end = std::min(path.find('.', start), path.size());
        const auto key = path.substr(start, end - start);
        if (!json->is_object() || !json->contains(key))
        {
            throw std::out_of_range("nothing observed is called " + path);
        }
        json = &json->at(key);
        start = end + 1;
    }
    return *json;
}

double
NumberAt(const Json& observed, const std::string& path)
{
    const Json& value = At(observed, path);
    if (!value.is_number())
    {
        throw std::out_of_range(path + " is no number");
    }
    return value.get<double>();
}

double
Simulated(const ReferenceFigure& figure, const Observer& observe)
{
    const auto difference = [&](const std::string& path) {
        const double all = NumberAt(observe(figure.run), path);
        return figure.less.scenario.empty() ? all : all - NumberAt(observe(figure.less), path);
    };
    const double divisor = figure.per.empty() ? figure.divisor : difference(figure.per);
    return figure.times * difference(figure.metric) / divisor + figure.plus;
}

/// As many as make three digits, and two at most.
int
Decimals(double value)
{
    const double size = std::abs(value);
    return size >= 1000 ? 0 : size >= 10 ? 1 : 2;
}

std::string
Joined(const std::vector<double>& values, const std::string& separator, const std::string& unit)
{
    std::string text;
    for (const double value : values)
    {
        text += (text.empty() ? "" : separator) + FixedNumber(value, Decimals(value));
    }
    return text + (unit.empty() ? "" : " ") + unit;
}

/// "5 %", or "5 % + 0.05 ms" where the measured value was rounded.
std::string
Allowed(const ReferenceFigure& figure)
{
    auto text = TrimmedNumber(100 * figure.tolerance, 1) + " %";
    if (figure.resolution > 0)
    {
        text += " + " + TrimmedNumber(figure.resolution / 2, 6) + " " + figure.unit;
    }
    return text;
}

} // namespace

ComparedFigure
CompareFigure(const ReferenceFigure& figure, const Observer& observe)
{
    ComparedFigure compared;
    if (figure.measured.size() == 1)
    {
        const double measured = figure.measured[0];
        compared.simulated = {Simulated(figure, observe)};
        compared.error = (compared.simulated[0] - measured) / measured;
        compared.met = std::abs(compared.simulated[0] - measured) <=
                       figure.tolerance * measured + figure.resolution / 2;
        return compared;
    }
    const auto& observed = observe(figure.run);
    const auto [least, greatest] =
        std::minmax_element(figure.measured.begin(), figure.measured.end());
    compared.simulated = {NumberAt(observed, figure.metric + ".min"),
                          NumberAt(observed, figure.metric + ".max")};
    compared.met = compared.simulated[0] <= *least && *greatest <= compared.simulated[1];
    return compared;
}

std::string
ReferenceTable(const ReferenceGroup& group, const Observer& observe)
{
    std::vector<std::vector<std::string>> rows = {
        {"figure", "measured", "simulated", "error", "allowed", "the simulated figure is"}};
    for (const auto& figure : group.figures)
    {
        const auto compared = CompareFigure(figure, observe);
        const bool single = figure.measured.size() == 1;
        const auto error = FixedNumber(100 * compared.error, 1);
        rows.push_back({figure.shows,
                        Joined(figure.measured, ", ", figure.unit),
                        Joined(compared.simulated, " to ", figure.unit),
                        !single              ? (compared.met ? "none outside" : "some outside")
                        : compared.error > 0 ? "+" + error + " %"
                                             : error + " %",
                        single ? Allowed(figure) : "none outside",
                        figure.fitted.empty() ? "a prediction" : "fitted: " + figure.fitted});
    }
    return MarkdownTable(rows);
}

} // namespace etcdlab
