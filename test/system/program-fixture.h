// For tests that run the program as people do.
#pragma once

#include "test/system/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>

namespace etcdlab
{

/// What a command did.
struct Outcome
{
    int code;
    std::string out; //!< standard output
    std::string err; //!< standard error
};

/// A directory of its own for each test, gone when it ends.
class ProgramFixture : public testing::Test
{
  protected:
    /// Run etcdlab in the test's directory; SCENARIOS in the arguments stands for the shipped ones.
    /// @param to where standard output goes; empty: into the outcome
    Outcome Run(std::string arguments, const std::string& to = {}) const
    {
        static int calls = 0;
        const auto id = std::to_string(++calls);
        const std::string token = "SCENARIOS";
        for (auto at = arguments.find(token); at != std::string::npos; at = arguments.find(token))
        {
            arguments.replace(at, token.size(), ETCDLAB_SOURCE_DIR "/scenarios");
        }
        const auto out = m_directory / ("out-" + id);
        const auto err = m_directory / ("err-" + id);
        const auto command = "cd '" + m_directory.string() + "' && '" ETCDLAB_PROGRAM "' " +
                             arguments + " >'" + (to.empty() ? out.string() : to) + "' 2>'" +
                             err.string() + "'";
        const auto status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Contents(out), Contents(err)};
    }

    /// @return the exit code of a shell's command, run in the test's directory
    int Shell(const std::string& command) const
    {
        const auto status =
            std::system(("cd '" + m_directory.string() + "' && " + command).c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::filesystem::path Write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_directory / name) << text;
        return m_directory / name;
    }

    TemporaryDirectory m_temporary;
    const std::filesystem::path m_directory = m_temporary.Path();
};

} // namespace etcdlab
