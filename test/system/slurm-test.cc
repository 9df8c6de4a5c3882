// A sweep on a real Slurm: one machine that is controller and node at once.
#include "test/system/files.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <pwd.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using etcdlab::Contents;

/// munged, slurmctld and slurmd, in a directory of their own.
class Slurm : public testing::Test
{
  protected:
    void SetUp() override
    {
        ASSERT_EQ(
            std::system("PATH=/usr/sbin:$PATH; for program in slurmctld slurmd munged sbatch; do "
                        "command -v $program >/dev/null || exit 1; done"),
            0)
            << "slurm-wlm and munge are missing: scenarios/setup.sh --tests installs them";
        fs::create_directories(m_directory / "state");
        WriteConfiguration();
        // munged insists on directories that nobody else can write to.
        std::ofstream(m_directory / "munge.key") << std::string(1024, 'k');
        fs::permissions(m_directory / "munge.key", fs::perms::owner_read | fs::perms::owner_write);
        const auto at = [&](const char* name) { return (m_directory / name).string(); };
        Start({"munged",
               "--foreground",
               "--force",
               "--key-file=" + at("munge.key"),
               "--socket=" + at("munge.socket"),
               "--pid-file=" + at("munge.pid"),
               "--log-file=" + at("munge.log"),
               "--seed-file=" + at("munge.seed")});
        ASSERT_TRUE(Comes([&] { return fs::exists(m_directory / "munge.socket"); }))
            << Contents(at("munge.log"));
        ::setenv("SLURM_CONF", at("slurm.conf").c_str(), 1);
        Start({"slurmctld", "-D", "-c", "-f", at("slurm.conf")});
        Start({"slurmd", "-D", "-c", "-f", at("slurm.conf"), "-N", "localhost"});
        ASSERT_TRUE(Comes([&] { return Run("sinfo -h -o %T | grep -q -E 'idle|mixed'") == 0; }))
            << Contents(at("slurmctld.log")) << Contents(at("slurmd.log"));
    }

    void TearDown() override
    {
        for (auto process = m_daemons.rbegin(); process != m_daemons.rend(); ++process)
        {
            ::kill(*process, SIGTERM);
            if (!Comes([&] { return ::waitpid(*process, nullptr, WNOHANG) != 0; }))
            {
                ::kill(*process, SIGKILL);
                ::waitpid(*process, nullptr, 0);
            }
        }
        ::unsetenv("SLURM_CONF");
    }

    void WriteConfiguration() const
    {
        const auto directory = m_directory.string();
        const std::string user = ::getpwuid(::geteuid())->pw_name;
        // The other plugin wants a mounted control group file system, which a container need not have.
        std::ofstream(m_directory / "cgroup.conf")
            << "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n";
        std::ofstream(m_directory / "slurm.conf")
            << "SlurmUser=" << user << "\nSlurmdUser=" << user << "\n"
            << "ClusterName=test\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort="
               "16817\nSlurmdPort=16818\n"
            << "AuthType=auth/munge\nAuthInfo=socket=" << directory
            << "/munge.socket\nCredType=cred/munge\n"
            << "StateSaveLocation=" << directory << "/state\nSlurmdSpoolDir=" << directory
            << "/spool\n"
            << "SlurmctldPidFile=" << directory << "/slurmctld.pid\nSlurmdPidFile=" << directory
            << "/slurmd.pid\n"
            << "SlurmctldLogFile=" << directory << "/slurmctld.log\nSlurmdLogFile=" << directory
            << "/slurmd.log\n"
            << "ProctrackType=proctrack/pgid\nTaskPlugin=task/none\nSelectType=select/"
               "cons_tres\nMpiDefault=none\n"
            << "SelectTypeParameters=CR_Core\nReturnToService=2\nMinJobAge=300\n"
            << "NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN\nPartitionName=all "
               "Nodes=ALL Default=YES "
               "State=UP\n";
    }

    void Start(const std::vector<std::string>& arguments)
    {
        const auto process = ::fork();
        if (process == 0)
        {
            std::vector<char*> words;
            for (const auto& argument : arguments)
            {
                words.push_back(const_cast<char*>(argument.c_str()));
            }
            words.push_back(nullptr);
            const int none = ::open("/dev/null", O_RDWR);
            for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            {
                ::dup2(none, standard);
            }
            ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
            ::execvp(words[0], words.data());
            ::_exit(127);
        }
        m_daemons.push_back(process);
    }

    static bool Comes(const std::function<bool()>& condition)
    {
        const auto giveUp = std::chrono::steady_clock::now() + std::chrono::minutes(5);
        while (!condition())
        {
            if (std::chrono::steady_clock::now() > giveUp)
            {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return true;
    }

    int Run(const std::string& command) const
    {
        const int status = std::system(
            ("cd '" + m_directory.string() + "' && (" + command + ") >out 2>err").c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string Text(const char* name) const
    {
        return Contents(m_directory / name);
    }

    bool QueueIsEmpty() const
    {
        return Run("squeue -h | grep -q .") == 1;
    }

    /// Rows of a file, without how long they took and how they are repeated.
    std::string Rows(const std::string& file) const
    {
        EXPECT_EQ(Run("'" ETCDLAB_PROGRAM "' export csv " + file + " | cut -d, -f1-6"), 0)
            << Text("err");
        return Text("out");
    }

    etcdlab::TemporaryDirectory m_temporary;
    const fs::path m_directory = m_temporary.Path();
    std::vector<pid_t> m_daemons;
};

TEST_F(Slurm, AnArrayDoesASweepAndAKilledTasksPointsAreFoundAndRunAgain)
{
    std::ofstream(m_directory / "plan.json") << R"({
        "scenario": ")" ETCDLAB_SOURCE_DIR R"(/scenarios/lan.json",
        "settings": {"workload.count": 500},
        "axes": [{"grid": {"delay_factor": {"from": 1, "to": 2, "count": 40}}}],
        "metrics": {"put_mean_ms": "/latency_ms/put/all/mean"}})";
    const std::string sweep = "'" ETCDLAB_PROGRAM "' sweep plan.json ";
    ASSERT_EQ(Run(sweep + "-o whole.db"), 0) << Text("err");
    ASSERT_EQ(Run(sweep + "--engine slurm --shards 4 -j1"), 0) << Text("err");
    EXPECT_NE(Text("out").find(": 4 of 4 shards have runs left\n"), std::string::npos)
        << Text("out");
    ASSERT_TRUE(Comes([&] { return fs::exists(m_directory / "results/plan.1-of-4.db"); }));
    // kill -9 of whatever runs; the others have not begun.
    Run("scancel --signal=KILL --full --name=plan");
    Run("scancel --name=plan");
    ASSERT_TRUE(Comes([&] { return QueueIsEmpty(); }));
    ASSERT_EQ(Run(sweep + "--engine slurm --shards 4 -j1"), 0) << Text("err");
    EXPECT_EQ(Text("out").find("nothing is left"), std::string::npos)
        << "there was something left to do";
    ASSERT_TRUE(Comes([&] { return QueueIsEmpty(); }));
    ASSERT_EQ(Run(sweep + "--engine slurm --shards 4 -j1"), 0) << Text("err");
    EXPECT_NE(Text("out").find("nothing is left to do"), std::string::npos)
        << Text("out") << Text("results/plan.1-of-4.log");
    ASSERT_EQ(Run("'" ETCDLAB_PROGRAM "' merge merged.db results/plan.*-of-4.db"), 0)
        << Text("err");
    EXPECT_EQ(Text("out"), "40 rows added to merged.db\n");
    EXPECT_EQ(Rows("merged.db"), Rows("whole.db"));
}

} // namespace
