#include "analysis/pure/rtt-matrix.h"

#include "helper/scenario/document.h"
#include "helper/scenario/read-scenario.h"
#include "model/base/nearest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace etcdlab
{

namespace
{

/// An election takes ten round trips, and etcd does not accept a timeout of more than 50 s.
constexpr Duration LONGEST_RTT{5'000'000'000};

/// A table's cells, and where they stand.
struct MatrixLine
{
    std::size_t number = 0;
    std::vector<std::string> cells;
};

std::string
Trimmed(std::string_view text)
{
    constexpr const char* BLANKS = " \t\r";
    const auto first = text.find_first_not_of(BLANKS);
    return first == std::string_view::npos
               ? ""
               : std::string(text.substr(first, text.find_last_not_of(BLANKS) - first + 1));
}

std::vector<MatrixLine>
MatrixLines(std::string_view text)
{
    constexpr std::string_view MARK = "\xef\xbb\xbf"; // of byte order, as spreadsheets write it
    if (text.starts_with(MARK))
    {
        text.remove_prefix(MARK.size());
    }
    std::vector<MatrixLine> lines;
    for (std::size_t number = 1; !text.empty(); ++number)
    {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = Trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#')
        {
            continue;
        }
        MatrixLine& cells = lines.emplace_back(MatrixLine{number, {}});
        for (std::size_t begin = 0; begin <= line.size();)
        {
            const auto comma = std::min(line.find(',', begin), line.size());
            cells.cells.push_back(Trimmed(std::string_view(line).substr(begin, comma - begin)));
            begin = comma + 1;
        }
    }
    return lines;
}

class MatrixReader
{
  public:
    MatrixReader(std::string_view text, std::string label)
        : m_label(std::move(label)),
          m_lines(MatrixLines(text))
    {
    }

    RttMatrix Read()
    {
        ReadSites();
        const auto count = m_matrix.sites.size();
        m_given.assign(count, std::vector<std::optional<Duration>>(count));
        for (std::size_t i = 1; i < m_lines.size(); ++i)
        {
            ReadRow(m_lines[i]);
        }
        Complete();
        return std::move(m_matrix);
    }

  private:
    [[noreturn]] void Fail(std::size_t line, std::size_t column, const std::string& message) const
    {
        throw ScenarioError(m_label + ":" + std::to_string(line) + ": column " +
                            std::to_string(column) + ": " + message);
    }

    void ReadSites()
    {
        if (m_lines.empty() || m_lines[0].cells.size() < 2)
        {
            throw ScenarioError(
                m_label +
                ": expected a first line with the sites' names, as \",fra,ams,lhr\", found " +
                (m_lines.empty() ? "an empty file" : "no comma in it"));
        }
        const auto& [line, cells] = m_lines[0];
        for (std::size_t i = 1; i < cells.size(); ++i)
        {
            if (cells[i].empty())
            {
                Fail(line, i + 1, "expected a site's name, found nothing");
            }
            if (std::find(m_matrix.sites.begin(), m_matrix.sites.end(), cells[i]) !=
                m_matrix.sites.end())
            {
                Fail(line, i + 1, "\"" + cells[i] + "\" is there already");
            }
            m_matrix.sites.push_back(cells[i]);
        }
    }

    void ReadRow(const MatrixLine& row)
    {
        const auto& sites = m_matrix.sites;
        const auto site = std::find(sites.begin(), sites.end(), row.cells[0]);
        if (site == sites.end())
        {
            Fail(row.number, 1, UnknownName(row.cells[0], sites));
        }
        if (row.cells.size() > sites.size() + 1)
        {
            Fail(row.number,
                 sites.size() + 2,
                 "expected a line of " + std::to_string(sites.size() + 1) + " cells, found " +
                     std::to_string(row.cells.size()));
        }
        for (std::size_t i = 1; i < row.cells.size(); ++i)
        {
            if (!row.cells[i].empty())
            {
                m_given[static_cast<std::size_t>(site - sites.begin())][i - 1] =
                    ReadCell(row.cells[i], row.number, i + 1);
            }
        }
    }

    Duration ReadCell(const std::string& cell, std::size_t line, std::size_t column) const
    {
        double milliseconds = 0;
        const auto [end, error] =
            std::from_chars(cell.data(), cell.data() + cell.size(), milliseconds);
        Duration rtt{0};
        if (error == std::errc() && end == cell.data() + cell.size())
        {
            if (!(milliseconds >= 0 &&
                  milliseconds * 1e6 <= static_cast<double>(LONGEST_RTT.count())))
            {
                Fail(line, column, "expected milliseconds from 0 to 5000, found " + cell);
            }
            rtt = Duration(static_cast<std::int64_t>(milliseconds * 1e6 + 0.5));
        }
        else
        {
            try
            {
                rtt = ParseDuration(cell);
            }
            catch (const std::invalid_argument&)
            {
                Fail(line,
                     column,
                     "expected milliseconds, as 7.1, or a duration, as 7.1ms, found " +
                         Quoted(cell));
            }
        }
        if (rtt > LONGEST_RTT)
        {
            Fail(line, column, "expected at most 5s, found " + cell);
        }
        return rtt;
    }

    void Complete()
    {
        const auto& sites = m_matrix.sites;
        m_matrix.rtt.assign(sites.size(), std::vector<Duration>(sites.size()));
        for (std::size_t i = 0; i < sites.size(); ++i)
        {
            m_matrix.rtt[i][i] =
                m_given[i][i].value_or(Duration(0)) == Duration(0) ? SAME_SITE_RTT : *m_given[i][i];
            for (std::size_t j = 0; j < i; ++j)
            {
                const auto& there = m_given[i][j];
                const auto& back = m_given[j][i];
                if (!there && !back)
                {
                    throw ScenarioError(m_label + ": expected a round-trip time between " +
                                        sites[j] + " and " + sites[i] + ", found none");
                }
                m_matrix.rtt[i][j] = m_matrix.rtt[j][i] =
                    (there.value_or(back.value_or(Duration(0))) +
                     back.value_or(there.value_or(Duration(0)))) /
                    2;
            }
        }
    }

    std::string m_label;
    std::vector<MatrixLine> m_lines;
    RttMatrix m_matrix;
    std::vector<std::vector<std::optional<Duration>>> m_given;
};

/// Sites for so many members, in ascending order, each as rarely as possible.
std::vector<std::vector<std::size_t>>
ChooseSites(std::size_t sites, std::size_t members)
{
    const auto most = (members + sites - 1) / sites;
    std::vector<std::vector<std::size_t>> all = {{}};
    for (std::size_t member = 0; member < members; ++member)
    {
        std::vector<std::vector<std::size_t>> longer;
        for (const auto& chosen : all)
        {
            for (std::size_t site = chosen.empty() ? 0 : chosen.back(); site < sites; ++site)
            {
                if (static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), site)) < most)
                {
                    longer.push_back(chosen);
                    longer.back().push_back(site);
                }
            }
        }
        if (longer.size() > MOST_PLACEMENTS)
        {
            throw std::invalid_argument(
                "more than " + std::to_string(MOST_PLACEMENTS) +
                " clusters could be built of these: give fewer sites or members");
        }
        all = std::move(longer);
    }
    return all;
}

nlohmann::ordered_json
LinkOf(Duration rtt)
{
    return {{"rtt", Format(rtt - rtt % 2)}}; // each way takes whole nanoseconds
}

nlohmann::ordered_json
ClusterOf(const RttMatrix& matrix, std::size_t apiServer, const std::vector<std::size_t>& chosen)
{
    using namespace std::chrono_literals;
    nlohmann::ordered_json links;
    auto longest = Duration(0);
    const auto names = NumberedMembers(chosen.size());
    for (std::size_t i = 0; i < chosen.size(); ++i)
    {
        links["api-" + names[i]] = LinkOf(matrix.rtt[apiServer][chosen[i]]);
        for (std::size_t j = i + 1; j < chosen.size(); ++j)
        {
            const auto rtt = matrix.rtt[chosen[i]][chosen[j]];
            links[names[i] + "-" + names[j]] = LinkOf(rtt);
            longest = std::max(longest, rtt);
        }
    }
    const auto heartbeat =
        std::max<Duration>(100ms, std::chrono::ceil<std::chrono::milliseconds>(longest));
    return {{"topology", {{"members", names}}},
            {"links", links},
            {"member",
             {{"heartbeat_interval", Format(heartbeat)},
              {"election_timeout", Format(10 * heartbeat)}}}};
}

} // namespace

RttMatrix
ReadRttMatrix(std::string_view text, const std::string& label)
{
    return MatrixReader(text, label).Read();
}

std::vector<Placement>
MakePlacements(const RttMatrix& matrix, std::size_t apiServer, std::size_t members)
{
    const auto choices = ChooseSites(matrix.sites.size(), members);
    if (choices.size() * members * 2 > MOST_PLACEMENTS)
    {
        throw std::invalid_argument(std::to_string(choices.size() * members * 2) +
                                    " clusters could be built of these, and at most " +
                                    std::to_string(MOST_PLACEMENTS) +
                                    " are compared: give fewer sites or members");
    }
    std::vector<Placement> placements;
    for (const auto& chosen : choices)
    {
        const auto names = NumberedMembers(members);
        const auto cluster = ClusterOf(matrix, apiServer, chosen);
        for (std::size_t leader = 0; leader < members; ++leader)
        {
            for (const bool proxy : {false, true})
            {
                Placement placement;
                for (std::size_t i = 0; i < members; ++i)
                {
                    const auto& site = matrix.sites[chosen[i]];
                    placement.name += (i > 0 ? ", " : "") + site + (i == leader ? "*" : "");
                    placement.sites[names[i]] = site;
                }
                placement.name += proxy ? "; leader proxy" : "; round robin";
                auto scenario = cluster;
                scenario["leader"] = names[leader];
                if (proxy)
                {
                    scenario["proxy"] = {{"target_policy", "leader"}};
                }
                placement.scenario = scenario.dump();
                placements.push_back(std::move(placement));
            }
        }
    }
    return placements;
}

} // namespace etcdlab
