// Packets of links, read as Wireshark reads them.
#include "test/system/program-fixture.h"

#include <nlohmann/json.hpp>

#include <sstream>

namespace etcdlab
{
namespace
{

class Pcap : public ProgramFixture
{
  protected:
    /// Lines that tshark prints of a file.
    std::vector<std::string> Tshark(const std::string& file, const std::string& options) const
    {
        EXPECT_EQ(Shell("HOME=$PWD tshark -r " + file + " " + options + " >lines 2>errors"), 0)
            << Contents(m_directory / "errors");
        std::istringstream text(Contents(m_directory / "lines"));
        std::vector<std::string> lines;
        for (std::string line; std::getline(text, line);)
        {
            lines.push_back(line);
        }
        return lines;
    }
};

TEST_F(Pcap, HoldsThePacketsThatTheRunCounted)
{
    const std::string few = " SCENARIOS/baseline.json --set workload.count=30";
    ASSERT_EQ(Run("run --out plain" + few).code, 0);
    ASSERT_EQ(Run("run --out watched --pcap packets" + few).code, 0);
    for (const char* file : {"summary.json", "requests.csv"})
    {
        EXPECT_EQ(Contents(m_directory / "plain" / file), Contents(m_directory / "watched" / file))
            << "watching changes nothing";
    }
    const auto links =
        nlohmann::json::parse(Contents(m_directory / "plain/summary.json")).at("links");
    for (const char* link : {"api-e1", "api-e2", "e2-e3"})
    {
        const std::string ends = link;
        const auto dash = ends.find('-');
        const auto a = ends.substr(0, dash);
        const auto b = ends.substr(dash + 1);
        std::uint64_t bytes = 0;
        const auto sizes = Tshark("packets/" + a + "." + b + ".pcap", "-T fields -e ip.len");
        for (const auto& size : sizes)
        {
            bytes += std::stoull(size);
        }
        // The file has a packet when the first node sees it, the count when it is sent; the last of the other's are on their way.
        const auto packets = links.at(a).at(b).at("packets").get<std::uint64_t>() +
                             links.at(b).at(a).at("packets").get<std::uint64_t>();
        const auto counted = links.at(a).at(b).at("ip_bytes").get<std::uint64_t>() +
                             links.at(b).at(a).at("ip_bytes").get<std::uint64_t>();
        EXPECT_NEAR(static_cast<double>(sizes.size()), static_cast<double>(packets), 5) << ends;
        EXPECT_NEAR(static_cast<double>(bytes), static_cast<double>(counted), 500) << ends;
        EXPECT_GT(sizes.size(), 60U) << ends;
        EXPECT_TRUE(Tshark("packets/" + a + "." + b + ".pcap",
                           "-Y 'tcp.analysis.retransmission || tcp.analysis.lost_segment'")
                        .empty())
            << ends;
    }
    // A put to e1: the handshake took 250 ms there and back.
    const auto handshake = Tshark("packets/api.e1.pcap",
                                  "-Y 'tcp.flags.syn==1 && tcp.flags.ack==1' -T fields -e "
                                  "tcp.analysis.initial_rtt -e tcp.time_relative");
    ASSERT_FALSE(handshake.empty());
    EXPECT_NEAR(std::stod(handshake[0].substr(handshake[0].find('\t') + 1)), 0.25, 0.001)
        << handshake[0];
}

TEST_F(Pcap, NeedsPackets)
{
    const auto run = Run("run SCENARIOS/baseline.json --set transport=message --pcap packets");
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.err, "--pcap: the transport \"message\" sends no packets: expected \"tcp\"\n");
    Write("file", "");
    const auto nowhere =
        Run("run SCENARIOS/baseline.json --set workload.count=3 --pcap file/packets");
    EXPECT_EQ(nowhere.code, 1);
    EXPECT_NE(nowhere.err.find("file/packets"), std::string::npos) << nowhere.err;
}

} // namespace
} // namespace etcdlab
