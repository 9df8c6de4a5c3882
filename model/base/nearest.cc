#include "model/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace etcdlab
{

namespace
{

/// Levenshtein's distance, with swapped neighbours as one edit (optimal string alignment).
std::size_t
Distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(above.begin(), above.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i)
    {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
        {
            row[j] = std::min(
                {above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string
Lower(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower)
    {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return lower;
}

} // namespace

std::optional<std::string>
Nearest(std::string_view name, const std::vector<std::string>& known)
{
    constexpr std::size_t LONGEST = 200; // longer than any name, and keeps the table small
    std::optional<std::string> nearest;
    std::pair best{LONGEST, LONGEST};
    for (const auto& candidate : known)
    {
        const std::size_t longer = std::max(name.size(), candidate.size());
        if (name.empty() || longer > LONGEST)
        {
            continue;
        }
        const std::size_t distance = Distance(name, candidate);
        const std::size_t folded = Distance(Lower(name), Lower(candidate));
        if (distance <= std::max<std::size_t>(1, longer / 3) && std::pair(distance, folded) < best)
        {
            best = {distance, folded};
            nearest = candidate;
        }
    }
    return nearest;
}

std::string
UnknownName(std::string_view name, const std::vector<std::string>& known)
{
    std::string message = "unknown name \"" + std::string(name) + "\"";
    if (const auto nearest = Nearest(name, known))
    {
        message += ": did you mean \"" + *nearest + "\"?";
    }
    else
    {
        message += ".";
    }
    message += " Known:";
    for (std::size_t i = 0; i < known.size(); ++i)
    {
        message += (i == 0 ? " " : ", ") + known[i];
    }
    return known.empty() ? message + " none" : message;
}

} // namespace etcdlab
