// What the documents say is what the program does: their commands run, their tables are the printed ones.
#include "test/system/files.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
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
        EXPECT_NO_THROW(ReadScenarioText(block, "shown.json", {}, RegisteredNames()));
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

TEST_F(Documentation, TheTrustTableHoldsTheSimulatedFigures)
{
    std::ifstream file(SOURCE / "test/reference/etcd-3.4.23-seed-links.json");
    const auto measured = nlohmann::json::parse(file).at("latency_ms");
    const auto readme = Contents(SOURCE / "README.md");
    for (const std::string operation : {"put", "linearizable_range", "serializable_range"})
    {
        const auto run = RunShipped("reference-rig", WorkloadOf(operation));
        for (const std::string member : {"e1", "e2", "e3"})
        {
            const double real = measured.at(operation).at(member).at("mean");
            const double simulated = run.Mean(operation, member);
            char row[200];
            std::snprintf(row,
                          sizeof(row),
                          "| %-18s | %-6s | %-16.1f | %-9.1f | %+.1f %% |",
                          operation.c_str(),
                          member.c_str(),
                          real,
                          simulated,
                          100 * (simulated - real) / real);
            EXPECT_NE(readme.find(row), std::string::npos) << "the row should be\n" << row;
        }
    }
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
