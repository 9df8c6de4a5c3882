// The members' /metrics against those of a real cluster on this machine (Debian's etcd-server; test/run.sh installs
// it): names, types, help texts, label names and buckets.
#include "model/monitoring/etcd-metrics.h"
#include "model/monitoring/pure/etcd-families.h"
#include "test/etcd/cluster-fixture.h"
#include "test/system/files.h"
#include "test/system/free-port.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <netinet/in.h>
#include <set>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace etcdlab
{

namespace
{

/// The body of GET /metrics; empty if nobody answers.
std::string
Get(int port, bool gzip)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    std::string answer;
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0)
    {
        // HTTP/1.0: the body comes as it is, and the end of the connection ends it.
        const std::string request = std::string("GET /metrics HTTP/1.0\r\nHost: localhost\r\n") +
                                    (gzip ? "Accept-Encoding: gzip\r\n" : "") + "\r\n";
        EXPECT_EQ(send(fd, request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
        char buffer[65536];
        for (ssize_t n = 0; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;)
        {
            answer.append(buffer, static_cast<std::size_t>(n));
        }
    }
    close(fd);
    const auto head = answer.find("\r\n\r\n");
    return head == std::string::npos ? "" : answer.substr(head + 4);
}

/// Three members on loopback.
class RealCluster
{
  public:
    RealCluster()
    {
        std::string cluster;
        std::vector<std::string> peers;
        for (int i = 0; i < SIZE; ++i)
        {
            peers.push_back("http://127.0.0.1:" + std::to_string(FreePort()));
            m_ports.push_back(FreePort());
            cluster += (i == 0 ? "m" : ",m") + std::to_string(i) + "=" + peers.back();
        }
        for (int i = 0; i < SIZE; ++i)
        {
            const auto name = "m" + std::to_string(i);
            const auto at = static_cast<std::size_t>(i);
            const auto client = "http://127.0.0.1:" + std::to_string(m_ports[at]);
            const auto directory = m_temporary.Path() / name;
            const auto pid = fork();
            if (pid == 0)
            {
                std::freopen((m_temporary.Path() / (name + ".log")).c_str(), "w", stderr);
                execlp("etcd",
                       "etcd",
                       "--name",
                       name.c_str(),
                       "--data-dir",
                       directory.c_str(),
                       "--listen-client-urls",
                       client.c_str(),
                       "--advertise-client-urls",
                       client.c_str(),
                       "--listen-peer-urls",
                       peers[at].c_str(),
                       "--initial-advertise-peer-urls",
                       peers[at].c_str(),
                       "--initial-cluster",
                       cluster.c_str(),
                       nullptr);
                _exit(127);
            }
            m_pids.push_back(pid);
        }
    }

    ~RealCluster()
    {
        for (const auto pid : m_pids)
        {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    }

    RealCluster(const RealCluster&) = delete;
    RealCluster& operator=(const RealCluster&) = delete;

    /// A member's page once it has a series; empty if that takes too long.
    std::string AwaitPage(const std::string& series) const
    {
        for (int i = 0; i < 200; ++i)
        {
            const auto page = Get(m_ports.front(), false);
            if (page.find(series) != std::string::npos)
            {
                return page;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return "";
    }

    bool Put() const
    {
        return std::system(("ETCDCTL_API=3 etcdctl --endpoints=127.0.0.1:" +
                            std::to_string(m_ports.front()) + " put k v >/dev/null 2>&1")
                               .c_str()) == 0;
    }

    std::size_t GzippedBytes() const
    {
        return Get(m_ports.front(), true).size();
    }

  private:
    static constexpr int SIZE = 3;
    TemporaryDirectory m_temporary;
    std::vector<int> m_ports;
    std::vector<pid_t> m_pids;
};

struct Shown
{
    std::string type;
    std::string help;
    std::set<std::string> labels; //!< names
    std::vector<std::string> buckets;
    std::size_t series = 0;
    bool operator==(const Shown&) const = default;
};

/// Label names of a series, `le` aside, which is noted as a bucket if it is new.
void
ReadLabels(const std::string& series, Shown& family)
{
    auto at = series.find('{');
    while (at != std::string::npos)
    {
        const auto equals = series.find("=\"", at);
        if (equals == std::string::npos)
        {
            return;
        }
        const auto name = series.substr(at + 1, equals - at - 1);
        const auto end = series.find('"', equals + 2);
        const auto value = series.substr(equals + 2, end - equals - 2);
        if (name != "le")
        {
            family.labels.insert(name);
        }
        else if (std::find(family.buckets.begin(), family.buckets.end(), value) ==
                 family.buckets.end())
        {
            family.buckets.push_back(value);
        }
        at = series.find(',', end);
    }
}

std::map<std::string, Shown>
Parse(const std::string& page)
{
    std::map<std::string, Shown> families;
    std::string name;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);)
    {
        if (line.starts_with("# "))
        {
            const auto space = line.find(' ', 7);
            name = line.substr(7, space - 7);
            (line[2] == 'H' ? families[name].help : families[name].type) = line.substr(space + 1);
        }
        else
        {
            ReadLabels(line.substr(0, line.rfind(' ')), families[name]);
            ++families[name].series;
        }
    }
    return families;
}

using RealEtcdMetrics = ClusterTest;

TEST_F(RealEtcdMetrics, HaveTheSameFamiliesAsTheModels)
{
    const RealCluster cluster;
    // 5 s after its start a member first looks at its probers.
    ASSERT_NE(cluster.AwaitPage("etcd_network_peer_round_trip_time_seconds_count"), "")
        << "is etcd-server installed? test/run.sh does that";
    ASSERT_TRUE(cluster.Put());
    const auto text = cluster.AwaitPage("etcd_server_client_requests_total");
    const auto gzipped = cluster.GzippedBytes();
    const auto real = Parse(text);

    Build(3, 3, {});
    RunUntil(Ms(6500));
    PutMany(1, 1);
    const auto page = Member(1).GetMetrics().MakePage();
    const auto ours = Parse(page.Text());

    // Everything that a real member shows is here, with the same type, text, labels and buckets.
    for (const auto& [name, family] : real)
    {
        const auto found = ours.find(name);
        ASSERT_NE(found, ours.end()) << name;
        EXPECT_EQ(found->second.type, family.type) << name;
        EXPECT_EQ(found->second.help, family.help) << name;
        EXPECT_EQ(found->second.labels, family.labels) << name;
        EXPECT_EQ(found->second.buckets, family.buckets) << name;
        // How many peers have been heard of, and who has become what, differs from start to start.
        if (!name.starts_with("etcd_network_") && !name.starts_with("etcd_debugging_store_"))
        {
            EXPECT_EQ(found->second.series, family.series) << name;
        }
    }
    // And nothing else.
    for (const auto& [name, family] : ours)
    {
        const bool late = name.starts_with("etcd_network_"); // with the first loss, snapshot, …
        EXPECT_TRUE(late || real.contains(name)) << name;
    }
    // The page is as long as a real one within 2 %, numbers being of different lengths.
    EXPECT_NEAR(static_cast<double>(page.TextBytes()),
                static_cast<double>(text.size()),
                0.02 * static_cast<double>(text.size()));
    EXPECT_NEAR(ETCD_GZIP_SHARE * static_cast<double>(page.TextBytes()),
                static_cast<double>(gzipped),
                0.05 * static_cast<double>(gzipped));
    std::printf("page: real %zu, gzipped %zu; model %zu, gzipped %.0f\n",
                text.size(),
                gzipped,
                page.TextBytes(),
                ETCD_GZIP_SHARE * static_cast<double>(page.TextBytes()));
}

} // namespace

} // namespace etcdlab
