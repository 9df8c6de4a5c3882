// Every script in test/raft/scripts, compared with its own text. After a wanted change of
// behaviour, run with ETCDLAB_REWRITE=1 in the environment and read the difference with care.
#include "test/raft/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace etcdlab::raft::test
{

namespace
{

std::vector<std::filesystem::path>
Scripts()
{
    std::vector<std::filesystem::path> paths;
    const std::filesystem::path directory = ETCDLAB_SOURCE_DIR "/test/raft/scripts";
    for (const auto& entry : std::filesystem::directory_iterator(directory))
    {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::string
Read(const std::filesystem::path& path)
{
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

class InteractionTest : public ::testing::TestWithParam<std::filesystem::path>
{
};

TEST_P(InteractionTest, HappensAsWritten)
{
    const std::string expected = Read(GetParam());
    ASSERT_FALSE(expected.empty());
    const std::string actual = Script().Run(expected);
    if (std::getenv("ETCDLAB_REWRITE"))
    {
        std::ofstream(GetParam()) << actual;
        return;
    }
    EXPECT_EQ(actual, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, InteractionTest, ::testing::ValuesIn(Scripts()), [](const auto& instance) {
        std::string name = instance.param.stem().string();
        std::replace_if(
            name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
        return name;
    });

TEST(Scripts, ThereAreAtLeastTen)
{
    EXPECT_GE(Scripts().size(), 10u);
}

// A comparison that could not fail would prove nothing.
TEST(Scripts, WrongExpectationsAreNoticed)
{
    const std::string wrong = "> add-nodes 1\n\n> campaign 1\n1: leads term 7\n\n";
    EXPECT_EQ(Script().Run(wrong),
              "> add-nodes 1\n\n> campaign 1\n1: term 1\n1: term 1, votes for 1\n1: leads term 1\n"
              "1: appends 1/1 empty\n\n");
    EXPECT_THROW(Script().Run("> add-nodes 1\n\nstray\n"), std::runtime_error);
    EXPECT_THROW(Script().Run("> add-nodes 1\n\n> bogus\n\n"), std::runtime_error);
}

} // namespace

} // namespace etcdlab::raft::test
