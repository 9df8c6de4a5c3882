// What the documents say is what the program does: their commands run, their tables are the printed ones.
#include "helper/scenario/read-profile.h"
#include "test/system/files.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <sys/wait.h>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;

const fs::path SOURCE = ETCDLAB_SOURCE_DIR;

/// The contents of a document's fenced blocks of one language.
std::vector<std::string>
Blocks(const fs::path& document, const std::string& language)
{
    std::vector<std::string> blocks;
    std::istringstream lines(Contents(document));
    bool inside = false;
    for (std::string line; std::getline(lines, line);)
    {
        if (line == "```" + language)
        {
            inside = true;
            blocks.emplace_back();
        }
        else if (line.starts_with("```"))
        {
            inside = false;
        }
        else if (inside)
        {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

/// A directory that looks like the source's root, where documented commands run.
class Documentation : public testing::Test
{
  protected:
    void SetUp() override
    {
        fs::create_directories(m_directory / "build" / "release");
        fs::create_symlink(ETCDLAB_PROGRAM, m_directory / "build" / "release" / "etcdlab");
        fs::create_directory_symlink(SOURCE / "scenarios", m_directory / "scenarios");
        fs::create_directory_symlink(SOURCE / "test", m_directory / "test");
    }

    int Shell(const std::string& command) const
    {
        const auto status =
            std::system(("cd '" + m_directory.string() + "' && " + command).c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    TemporaryDirectory m_temporary;
    const fs::path m_directory = m_temporary.Path();
};

TEST_F(Documentation, EveryCommandRuns)
{
    int commands = 0;
    for (const char* document :
         {"README.md", "model/README.md", "scenarios/README.md", "analysis/README.md"})
    {
        for (const auto& block : Blocks(SOURCE / document, "sh"))
        {
            std::istringstream lines(block);
            for (std::string line; std::getline(lines, line);)
            {
                ++commands;
                EXPECT_EQ(Shell("(" + line + ") >out 2>&1"), 0) << document << ": " << line << "\n"
                                                                << Contents(m_directory / "out");
            }
        }
    }
    EXPECT_GE(commands, 10);
}

TEST_F(Documentation, EveryScenarioShownIsOne)
{
    for (const auto& block : Blocks(SOURCE / "scenarios/README.md", "json"))
    {
        if (block.find("\"phases\"") != std::string::npos)
        {
            EXPECT_NO_THROW(ReadProfileText(block, "shown.json"));
        }
        else
        {
            EXPECT_NO_THROW(ReadScenarioText(block, "shown.json", {}, RegisteredNames()));
        }
    }
}

TEST_F(Documentation, TheScenarioTableNamesEveryShippedScenario)
{
    const auto text = Contents(SOURCE / "scenarios/README.md");
    for (const auto& entry : fs::directory_iterator(SOURCE / "scenarios"))
    {
        if (entry.path().extension() == ".json")
        {
            EXPECT_NE(text.find("`" + entry.path().filename().string() + "`"), std::string::npos)
                << entry.path();
        }
    }
}

TEST_F(Documentation, TheReadmesTableIsTheOnePrinted)
{
    ASSERT_EQ(Shell("build/release/etcdlab reproduce >out"), 0);
    const auto table = Contents(m_directory / "out");
    EXPECT_NE(Contents(SOURCE / "README.md").find(table), std::string::npos) << table;
}

/// The cells of a table's row; none if the line is no such row.
std::vector<std::string>
Cells(const std::string& line)
{
    std::vector<std::string> cells;
    std::istringstream rest(line.starts_with("| ") ? line.substr(1) : "");
    for (std::string cell; std::getline(rest, cell, '|');)
    {
        const auto begin = std::min(cell.find_first_not_of(' '), cell.size());
        cells.push_back(cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin));
    }
    return cells;
}

TEST_F(Documentation, TheReadmesTrustTableIsTakenFromThePage)
{
    std::set<std::vector<std::string>> page;
    std::istringstream pageLines(Contents(SOURCE / "analysis/how-far-to-trust-it.md"));
    for (std::string line; std::getline(pageLines, line);)
    {
        page.insert(Cells(line));
    }
    const auto readme = Contents(SOURCE / "README.md");
    const auto start = readme.find("## How far to trust it");
    ASSERT_NE(start, std::string::npos);
    std::istringstream lines(readme.substr(start, readme.find("\n## ", start + 1) - start));
    std::size_t rows = 0;
    for (std::string line; std::getline(lines, line);)
    {
        if (const auto cells = Cells(line); !cells.empty())
        {
            ++rows;
            EXPECT_TRUE(page.contains(cells)) << line;
        }
    }
    EXPECT_GE(rows, 5U);
}

TEST_F(Documentation, TheLibraryProgramPrintsTheMean)
{
    ASSERT_EQ(Shell("'" SEED_TOPOLOGY_PROGRAM "' >out"), 0);
    const auto text = Contents(m_directory / "out");
    double mean = 0;
    ASSERT_EQ(std::sscanf(text.c_str(), "mean of 90 puts: %lf ms", &mean), 1) << text;
    EXPECT_NEAR(mean, 450, 0.3);
    std::size_t lines = 0;
    const auto program = Contents(SOURCE / "scenarios/seed-topology.cc");
    lines = static_cast<std::size_t>(std::count(program.begin(), program.end(), '\n'));
    EXPECT_LE(lines, 65U) << "short enough to be read as an example";
}

} // namespace

} // namespace etcdlab
