#include "analysis/pure/random-world.h"

#include "analysis/pure/text.h"
#include "model/fault/random-faults.h"

#include <algorithm>
#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// The run's length is this many requests, over all clients, at this rate.
constexpr std::uint64_t REQUESTS = 800;
constexpr double RATE = 25;
/// Faults begin when clients have seen the cluster work, and before they are through.
constexpr Duration FIRST_FAULT = 5s;
constexpr Duration LAST_FAULT = 32s;

class WorldMaker
{
  public:
    explicit WorldMaker(std::uint64_t seed)
        : m_random(seed)
    {
        m_scenario.name = "swarm-" + std::to_string(seed);
        m_scenario.seed = seed;
    }

    Scenario Make()
    {
        MakeTopology();
        MakeMembers();
        MakeProxy();
        MakeLoad();
        MakeFaults();
        return std::move(m_scenario);
    }

  private:
    /// Uniform enough: what matters is that every machine draws the same.
    std::uint64_t Below(std::uint64_t n)
    {
        return m_random() % n;
    }

    bool OneIn(std::uint64_t n)
    {
        return Below(n) == 0;
    }

    Duration Between(Duration low, Duration high)
    {
        const auto range = static_cast<std::uint64_t>((high - low).count());
        return low + Duration(static_cast<std::int64_t>(range == 0 ? 0 : Below(range)));
    }

    /// Whole microseconds, for people who read the scenario.
    Duration Short(Duration low, Duration high)
    {
        return Between(low, high) / 1us * 1us;
    }

    const std::string& AnyMember()
    {
        const auto& members = m_scenario.topology.members;
        return members[Below(members.size())];
    }

    LinkConfig Link(Duration longest)
    {
        LinkConfig link;
        link.delay = Short(100us, longest);
        link.jitter = OneIn(2) ? 0ms : Short(0ms, 3ms);
        link.loss = Share{OneIn(3) ? 0.01 : 0};
        return link;
    }

    void MakeTopology()
    {
        auto& scenario = m_scenario;
        scenario.topology.members = NumberedMembers(3 + 2 * Below(2));
        scenario.topology.apiServers = NumberedApiServers(1 + Below(3));
        scenario.defaultLink = Link(10ms);
        for (auto far = Below(3); far > 0; --far)
        {
            const auto a = AnyMember();
            const auto b = AnyMember();
            if (a != b)
            {
                scenario.links[MakeNodePair(a, b)] = Link(40ms);
            }
        }
    }

    void MakeMember(MemberConfig& member)
    {
        member.version = OneIn(2) ? "3.4" : "3.5";
        member.preVote = member.PreVote(); // as a scenario that was read has it
        member.disk.syncMin = Short(0ms, 3ms);
        member.disk.syncMax = member.disk.syncMin + Short(0ms, OneIn(4) ? 60ms : 10ms);
        if (OneIn(4))
        {
            member.cpu.apply = Short(10us, 500us);
            member.cpu.request = Short(10us, 500us);
        }
    }

    void MakeMembers()
    {
        auto& scenario = m_scenario;
        auto& common = scenario.member;
        MakeMember(common);
        // Of one cluster all have the same timers, as etcd's documentation asks.
        common.electionTimeout = OneIn(3) ? 500ms : 1000ms;
        common.heartbeatInterval = common.electionTimeout / 10;
        if (OneIn(4))
        {
            common.preVote = OneIn(2);
        }
        if (OneIn(3))
        {
            const auto& name = AnyMember();
            auto own = common;
            MakeMember(own);
            scenario.memberOverrides[name] = own;
        }
    }

    void MakeProxy()
    {
        auto& scenario = m_scenario;
        static const std::vector<std::string> BALANCERS{"round-robin", "pick-first", "pinned"};
        scenario.client.balancer = BALANCERS[OneIn(2) ? 0 : Below(BALANCERS.size())];
        if (scenario.client.balancer == "pinned")
        {
            scenario.client.pinnedEndpoint = AnyMember();
        }
        if (OneIn(4))
        {
            ProxyConfig proxy;
            static const std::vector<std::string> POLICIES{"leader", "round-robin"};
            proxy.targetPolicy = POLICIES[Below(POLICIES.size())];
            proxy.onLeaderChange = OneIn(2) ? "close" : "keep";
            scenario.proxy = proxy;
            scenario.client.balancer = "round-robin"; // of one endpoint
            scenario.client.pinnedEndpoint.clear();
        }
    }

    void MakeLoad()
    {
        auto& workload = m_scenario.workload;
        const auto clients = m_scenario.topology.apiServers.size();
        workload.put = 1;
        workload.linearizableRange = OneIn(3) ? 3 : 1;
        workload.serializableRange = 0.3;
        workload.deleteRange = OneIn(3) ? 0 : 0.3;
        workload.txn = OneIn(4) ? 0 : 1;
        workload.keys = 5 + Below(10);
        workload.valueSize = ByteSize{OneIn(5) ? 20000U : 100U};
        workload.rate = RATE / static_cast<double>(clients);
        workload.count = REQUESTS / clients;
        workload.warmup = 0;
        workload.watchers = m_scenario.seed % 2 == 0 ? 3 : 0;
    }

    void Add(const std::string& type, Duration at, Duration until, FaultConfig fault)
    {
        fault.type = type;
        fault.at = at;
        fault.duration = until - at;
        m_scenario.faults.push_back(std::move(fault));
    }

    void Crash(const std::string& member, Duration at, Duration until)
    {
        FaultConfig fault;
        fault.target = member;
        Add("crash", at, until, std::move(fault));
    }

    /// What the first group sends to the second is lost, or also the other way round. Clients are in
    /// neither: they can tell what each side tells them.
    void Partition(NodeGroups groups, bool oneWay, Duration at, Duration until)
    {
        FaultConfig fault;
        fault.groups = std::move(groups);
        fault.oneWay = oneWay;
        Add("partition", at, until, std::move(fault));
    }

    std::vector<std::string> AllBut(const std::string& name) const
    {
        auto others = m_scenario.topology.members;
        std::erase(others, name);
        return others;
    }

    void CrashAll(Duration start, Duration end)
    {
        for (const auto& member : m_scenario.topology.members)
        {
            Crash(member, start, end + Short(0ms, 2s));
        }
    }

    /// So short an absence that the others may not notice, again and again: what was voted for or
    /// acknowledged just before must not be forgotten.
    void CrashOften(Duration start)
    {
        for (auto again = 2 + Below(5); again > 0; --again)
        {
            const auto back = start + Short(1ms, 400ms);
            Crash(AnyMember(), start, back);
            start += Short(1ms, 1500ms);
        }
    }

    /// Two members that do not hear each other, and each of the others gone for a moment now and then:
    /// who has voted for one must not then vote for the other.
    void Apart(Duration start, Duration end)
    {
        auto members = m_scenario.topology.members;
        std::swap(members[0], members[Below(members.size())]);
        std::swap(members[1], members[1 + Below(members.size() - 1)]);
        Partition({{members[0]}, {members[1]}}, false, start, end);
        for (auto when = start + Short(0ms, 2s); when < end; when += Short(100ms, 1s))
        {
            const auto back = when + Short(1ms, 50ms);
            for (std::size_t i = 2; i < members.size(); ++i)
            {
                Crash(members[i], when, back);
            }
        }
    }

    /// One of the kinds that have shown mistakes in protocols.
    void MakeFault(Duration when, Duration over)
    {
        const auto victim = AnyMember();
        switch (Below(8))
        {
        case 0:
            CrashAll(when, over);
            break;
        case 1:
        case 2:
            Crash(victim, when, over);
            break;
        case 3:
            CrashOften(when);
            break;
        case 4:
            Partition({AllBut(victim), {victim}}, true, when, over); // deaf
            break;
        case 5:
            Apart(when, over + 4s);
            break;
        case 6:
            Partition({{victim}, AllBut(victim)}, true, when, over); // mute
            break;
        default:
            Partition({{victim}, AllBut(victim)}, false, when, over);
            break;
        }
    }

    /// In some worlds, any others.
    void MakeOtherFaults()
    {
        RandomFaultsConfig config;
        config.every = 4s;
        config.forMin = 100ms;
        config.forMax = 6s;
        config.from = FIRST_FAULT;
        config.until = LAST_FAULT;
        const auto more = DrawFaults(config, m_scenario.Faultable(), [this] {
            return static_cast<double>(Below(1U << 30U)) / (1U << 30U);
        });
        m_scenario.faults.insert(m_scenario.faults.end(), more.begin(), more.end());
    }

    void MakeFaults()
    {
        const bool others = OneIn(2);
        for (auto when = FIRST_FAULT; when < LAST_FAULT; when += Short(1s, others ? 15s : 6s))
        {
            MakeFault(when, when + Short(100ms, 8s));
        }
        if (others)
        {
            MakeOtherFaults();
        }
        std::stable_sort(m_scenario.faults.begin(),
                         m_scenario.faults.end(),
                         [](const auto& a, const auto& b) { return a.at < b.at; });
    }

    std::mt19937_64 m_random;
    Scenario m_scenario;
};

} // namespace

Scenario
RandomScenario(std::uint64_t seed)
{
    return WorldMaker(seed).Make();
}

Duration
LastFault(const Scenario& scenario)
{
    Duration last{0};
    for (const auto& fault : scenario.faults)
    {
        last = std::max(last, fault.at + fault.duration.value_or(0s));
    }
    const auto& random = scenario.randomFaults;
    return random ? std::max(last, random->until + random->forMax) : last;
}

std::string
FaultTable(const FaultLog& log)
{
    const bool answered = std::any_of(
        log.begin(), log.end(), [](const auto& fault) { return !fault.result.empty(); });
    std::vector<std::vector<std::string>> rows{{"fault", "target", "from ms", "to ms"}};
    if (answered)
    {
        rows[0].emplace_back("result");
    }
    for (const auto& fault : log)
    {
        rows.push_back({fault.type,
                        fault.target.empty() ? "nobody" : fault.target,
                        TrimmedNumber(Milliseconds(fault.start), 6),
                        fault.end ? TrimmedNumber(Milliseconds(*fault.end), 6) : "-"});
        if (answered)
        {
            rows.back().push_back(fault.result.empty() ? "-" : fault.result);
        }
    }
    return AlignedColumns(rows, 2);
}

} // namespace etcdlab
