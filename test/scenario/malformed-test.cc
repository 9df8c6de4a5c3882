// Everything that can be wrong with a scenario, and the one line that says so.
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

#include <set>

namespace etcdlab
{

namespace
{

struct Malformed
{
    std::string what;
    std::string text;
    std::string message;
};

/// Settings in line 3 of a scenario that is otherwise sound.
std::string
In(const std::string& settings)
{
    return "{\n  \"default_link\": {\"rtt\": \"1ms\"},\n  " + settings + "\n}\n";
}

std::string
MessageOf(const std::string& text)
{
    try
    {
        ReadScenarioText(text, "bad.json");
        return "(none)";
    }
    catch (const ScenarioError& e)
    {
        return e.what();
    }
}

// clang-format off
const std::vector<Malformed> MALFORMED = {
    // not JSON
    {"Empty", "", R"(bad.json:1: the file is empty: expected an object {...})"},
    {"OnlyAComment", R"(// nothing here
)", R"(bad.json:1: there is no scenario in the file: expected an object {...})"},
    {"Truncated", R"({
  "leader": "e1",
  "member": {
    "version": "3.4"
)", R"(bad.json:4: the file ends too early: the "{" of line 3 is never closed)"},
    {"TruncatedText", R"({
  "leader": "e)", R"(bad.json:2: a text has no closing quote)"},
    {"TruncatedList", R"({"topology": {"members": ["e1",
)", R"(bad.json:1: the file ends too early: the "[" of line 1 is never closed)"},
    {"TextOverTwoLines", R"({
  "leader": "e1
", "seed": 1})", R"(bad.json:2: a text has no closing quote)"},
    {"InvalidUtf8", "{\n  \"description\": \"caf\xe9""\"\n}", R"(bad.json:2: not UTF-8: byte 0xe9)"},
    {"OverlongUtf8", "{\"leader\": \"\xc0""\xaf""\"}", R"(bad.json:1: not UTF-8: byte 0xc0)"},
    {"NoComma", R"({
  "seed": 1
  "leader": "e1"
})", R"(bad.json:3: expected a comma or '}', found a text in quotes)"},
    {"TrailingComma", R"({
  "seed": 1,
})", R"(bad.json:3: expected a key in quotes, found '}' after a comma)"},
    {"NoColon", R"({"seed" 1})", R"(bad.json:1: expected ':', found a number)"},
    {"KeyWithoutQuotes", R"({seed: 1})", R"(bad.json:1: "seed" is neither a text in quotes nor a number, true, false or null)"},
    {"TextWithoutQuotes", R"({"leader": e2})", R"(bad.json:1: "e2" is neither a text in quotes nor a number, true, false or null)"},
    {"NotANumber", R"({"workload": {"put": NaN}})", R"(bad.json:1: "NaN" is neither a text in quotes nor a number, true, false or null)"},
    {"LeadingPlus", R"({"seed": +1})", R"(bad.json:1: "+1" is neither a text in quotes nor a number, true, false or null)"},
    {"BadNumber", R"({"seed": 1.})", R"(bad.json:1: not JSON: expected digit after '.')"},
    {"BadEscape", R"({"leader": "\q"})", R"(bad.json:1: not JSON: forbidden character after backslash)"},
    {"OpenComment", R"({
  /* "seed": 1
})", R"(bad.json:3: the comment is never closed: "*/" is missing)"},
    {"TwoRoots", R"({"seed": 1}
{"seed": 2})", R"(bad.json:2: expected the end of the file, found '{')"},
    {"AList", R"([1, 2])", R"(bad.json:1: expected a scenario, i.e. an object {...}, found a list of 2)"},
    {"ANumber", R"(42)", R"(bad.json:1: expected a scenario, i.e. an object {...}, found the number 42)"},
    {"TooDeep", R"([[[[[[[[[[[[[[[[[[[[[)", R"(bad.json:1: nested more than 20 levels deep)"},
    {"HugeExponent", In(R"("workload": {"put": 1e999})"), R"(bad.json:3: 1e999 is too large a number)"},
    {"DuplicateKey", R"({
  "seed": 1,
  "leader": "e1",
  "seed": 2
})", R"(bad.json:4: /seed: given twice, before in line 2)"},
    // keys and types
    {"UnknownKey", In(R"("leeder": "e1")"), R"(bad.json:3: /leeder: unknown key "leeder": did you mean "leader"? Known: extends, $schema, name, description, seed, accounting, transport, topology, prometheus, links, default_link, delay_factor, leader, member, member_overrides, client, proxy, workload, kubernetes, faults, random_faults)"},
    {"UnknownKeyWithNull", In(R"("leeder": null)"), R"(bad.json:3: /leeder: unknown key "leeder": did you mean "leader"? Known: extends, $schema, name, description, seed, accounting, transport, topology, prometheus, links, default_link, delay_factor, leader, member, member_overrides, client, proxy, workload, kubernetes, faults, random_faults)"},
    {"UnknownNestedKey", In(R"("member": {"cpu": {"request_time": "1ms"}})"), R"(bad.json:3: /member/cpu/request_time: unknown key "request_time". Known: cores, request, message, apply, request_wakeup, message_wakeup, sync, scrape)"},
    {"UnknownLinkKey", R"({
  "default_link": {"rtt": "1ms", "qeue": "10p"}
})", R"(bad.json:2: /default_link/qeue: unknown key "qeue": did you mean "queue"? Known: delay, return_delay, rate, queue, loss, jitter, rtt)"},
    {"KeyWithControlCharacter", In(R"("see\nd": 1)"), R"(bad.json:3: /see?d: unknown key "see\nd": did you mean "seed"? Known: extends, $schema, name, description, seed, accounting, transport, topology, prometheus, links, default_link, delay_factor, leader, member, member_overrides, client, proxy, workload, kubernetes, faults, random_faults)"},
    {"WrongTypeText", In(R"("leader": 2)"), R"(bad.json:3: /leader: expected a text in quotes, found the number 2)"},
    {"WrongTypeBool", In(R"("proxy": {"nagle": "yes"})"), R"(bad.json:3: /proxy/nagle: expected true or false, found "yes")"},
    {"WrongTypeObject", In(R"("proxy": true)"), R"(bad.json:3: /proxy: expected an object {...}, found true)"},
    {"WrongTypeInteger", In(R"("seed": "1")"), R"(bad.json:3: /seed: expected a whole number from 0 on, found "1")"},
    {"FractionOfInteger", In(R"("seed": 1.5)"), R"(bad.json:3: /seed: expected a whole number from 0 on, found the number 1.5)"},
    {"NegativeInteger", In(R"("workload": {"count": -5})"), R"(bad.json:3: /workload/count: expected a whole number from 1 on, found the number -5)"},
    {"HugeInteger", In(R"("seed": 18446744073709551616)"), R"(bad.json:3: /seed: expected at most 18446744073709551615, found the number 1.8446744073709552e+19)"},
    {"HugeCount", In(R"("workload": {"count": 1e20})"), R"(bad.json:3: /workload/count: expected at most 100000000, found the number 1e+20)"},
    {"HugePort", In(R"("member": {"client_port": 99999999999999999999})"), R"(bad.json:3: /member/client_port: expected at most 65535, found the number 1e+20)"},
    {"HugeMembers", In(R"("topology": {"members": 1e300})"), R"(bad.json:3: /topology/members: expected at most 9, found the number 1e+300)"},
    {"WrongTypeList", In(R"("proxy": {"targets": "e1"})"), R"(bad.json:3: /proxy/targets: expected a list of names, found "e1")"},
    {"WrongTypeInList", In(R"("proxy": {"targets": ["e1", 2]})"), R"(bad.json:3: /proxy/targets/1: expected a text in quotes, found the number 2)"},
    {"WrongTypeDuration", In(R"("member": {"election_timeout": true})"), R"(bad.json:3: /member/election_timeout: expected a duration such as "250ms", found true)"},
    {"WrongTypeDisk", In(R"("member": {"disk": 7})"), R"(bad.json:3: /member/disk: expected a disk profile's name or an object {...}, found the number 7)"},
    {"WrongTypeLinks", In(R"("links": ["api-e1"])"), R"(bad.json:3: /links: expected an object {"a-b": {...}}, found a list of 1)"},
    {"WrongTypeLink", In(R"("links": {"api-e1": "50ms"})"), R"(bad.json:3: /links/api-e1: expected an object {...}, found "50ms")"},
    {"WrongTypeOverrides", In(R"("member_overrides": ["e1"])"), R"(bad.json:3: /member_overrides: expected an object {"member": {...}}, found a list of 1)"},
    // quantities
    {"NoUnit", In(R"("member": {"heartbeat_interval": 250})"), R"(bad.json:3: /member/heartbeat_interval: 250 has no unit: write for instance "250ms")"},
    {"NoUnitInText", In(R"("member": {"heartbeat_interval": "250"})"), R"(bad.json:3: /member/heartbeat_interval: 250 has no unit: write for instance "250ms")"},
    {"WrongUnit", In(R"("member": {"heartbeat_interval": "100mss"})"), R"(bad.json:3: /member/heartbeat_interval: "100mss": unknown unit "mss" of a duration: did you mean "ms"? Known: ns, us, ms, s, m, h)"},
    {"WrongCaseOfUnit", R"({"default_link": {"rtt": "1ms", "rate": "1gbps"}})", R"(bad.json:1: /default_link/rate: "1gbps": unknown unit "gbps" of a data rate: did you mean "Gbps"? Known: bps, kbps, Mbps, Gbps, Tbps)"},
    {"UnitOfAnotherQuantity", R"({"default_link": {"rtt": "1MB"}})", R"(bad.json:1: /default_link/rtt: "1MB": unknown unit "MB" of a duration. Known: ns, us, ms, s, m, h)"},
    {"SpaceBeforeUnit", In(R"("member": {"heartbeat_interval": "100 ms"})"), R"(bad.json:3: /member/heartbeat_interval: "100 ms": no space between number and unit, write for instance "250ms")"},
    {"EmptyQuantity", In(R"("member": {"heartbeat_interval": ""})"), R"(bad.json:3: /member/heartbeat_interval: expected a duration such as "250ms", found "")"},
    {"NoQuantity", In(R"("member": {"heartbeat_interval": "soon"})"), R"(bad.json:3: /member/heartbeat_interval: expected a duration such as "250ms", found "soon")"},
    {"NegativeDelay", R"({"default_link": {"delay": "-5ms"}})", R"(bad.json:1: /default_link/delay: "-5ms" is negative: a duration starts at zero)"},
    {"NanDelay", R"({"default_link": {"delay": "nanms"}})", R"(bad.json:1: /default_link/delay: expected a duration such as "250ms", found "nanms")"},
    {"HugeDelay", R"({"default_link": {"delay": "99999999999999999999999s"}})", R"(bad.json:1: /default_link/delay: "99999999999999999999999s" is too large: at most 9223372036854775807ns can be represented)"},
    {"DelayAboveBound", R"({"default_link": {"delay": "2m"}})", R"(bad.json:1: /default_link/delay: expected at most 1m, found "2m")"},
    {"TooFine", R"({"default_link": {"delay": "0.5ns"}})", R"(bad.json:1: /default_link/delay: "0.5ns" is finer than 1ns)"},
    {"OddRtt", R"({"default_link": {"rtt": "3ns"}})", R"(bad.json:1: /default_link/rtt: half of it must be whole nanoseconds, found "3ns")"},
    {"RateBelowBound", R"({"default_link": {"rtt": "1ms", "rate": "1bps"}})", R"(bad.json:1: /default_link/rate: expected at least 1kbps, found "1bps")"},
    {"LossAboveBound", R"({"default_link": {"rtt": "1ms", "loss": "60%"}})", R"(bad.json:1: /default_link/loss: expected at most 50%, found "60%")"},
    {"LossAboveAll", R"({"default_link": {"rtt": "1ms", "loss": "160%"}})", R"(bad.json:1: /default_link/loss: "160%" is more than 100%)"},
    {"QueueWithoutUnit", R"({"default_link": {"rtt": "1ms", "queue": 100}})", R"(bad.json:1: /default_link/queue: 100 has no unit: write for instance "100p")"},
    {"HugeQueue", R"({"default_link": {"rtt": "1ms", "queue": "99999999999999999999p"}})", R"(bad.json:1: /default_link/queue: expected at most 1000000p, found "99999999999999999999p")"},
    {"QueueInBytes", R"({"default_link": {"rtt": "1ms", "queue": "100kB"}})", R"(bad.json:1: /default_link/queue: "100kB": unknown unit "kB" of a whole number. Known: p)"},
    {"FractionOfPacket", R"({"default_link": {"rtt": "1ms", "queue": "1.5p"}})", R"(bad.json:1: /default_link/queue: "1.5p" is finer than 1p)"},
    {"RateOfLoadWithoutUnit", In(R"("workload": {"rate": 100})"), R"(bad.json:3: /workload/rate: 100 has no unit: write for instance "100/s")"},
    {"RateOfLoadWithWrongUnit", In(R"("workload": {"rate": "100/m"})"), R"(bad.json:3: /workload/rate: "100/m": unknown unit "/m" of a number: did you mean "/s"? Known: /s)"},
    {"PortOutOfRange", In(R"("proxy": {"listen_port": 70000})"), R"(bad.json:3: /proxy/listen_port: expected at most 65535, found the number 70000)"},
    {"CountTooLarge", In(R"("workload": {"count": 1000000000000})"), R"(bad.json:3: /workload/count: expected at most 100000000, found the number 1000000000000)"},
    {"SizeOfFraction", In(R"("workload": {"value_size": "1.5B"})"), R"(bad.json:3: /workload/value_size: "1.5B" is finer than 1B)"},
    // names
    {"UnknownAccounting", In(R"("accounting": "thesys")"), R"(bad.json:3: /accounting: unknown accounting "thesys": did you mean "thesis"? Known: etcd, thesis)"},
    {"UnknownTopology", In(R"("topology": {"type": "externl"})"), R"(bad.json:3: /topology/type: unknown topology "externl": did you mean "external"? Known: external, stacked)"},
    {"UnknownDisk", In(R"("member": {"disk": "hhd"})"), R"(bad.json:3: /member/disk: unknown disk "hhd": did you mean "hdd"? Known: ideal, hdd, ssd, nvme, reference-rig)"},
    {"UnknownDiskProfile", In(R"("member": {"disk": {"profile": "floppy"}})"), R"(bad.json:3: /member/disk/profile: unknown disk "floppy". Known: ideal, hdd, ssd, nvme, reference-rig)"},
    {"UnknownBalancer", In(R"("client": {"balancer": "roundrobin"})"), R"(bad.json:3: /client/balancer: unknown balancer "roundrobin": did you mean "round-robin"? Known: pick-first, pinned, round-robin)"},
    {"UnknownPolicy", In(R"("proxy": {"target_policy": "leeder"})"), R"(bad.json:3: /proxy/target_policy: unknown target policy "leeder": did you mean "leader"? Known: leader, pinned, round-robin)"},
    {"UnknownWorkload", In(R"("workload": {"type": "nix"})"), R"(bad.json:3: /workload/type: unknown workload "nix": did you mean "mix"? Known: kubernetes, mix, replay)"},
    {"UnknownVersion", In(R"("member": {"version": "3.6"})"), R"(bad.json:3: /member/version: unknown version "3.6": did you mean "3.4"? Known: 3.4, 3.5)"},
    {"VersionAsNumber", In(R"("member": {"version": 3.4})"), R"(bad.json:3: /member/version: expected a text in quotes, found the number 3.4)"},
    {"UnknownChoice", In(R"("proxy": {"on_leader_change": "clse"})"), R"(bad.json:3: /proxy/on_leader_change: unknown value "clse": did you mean "close"? Known: close, keep)"},
    // nodes
    {"ZeroMembers", In(R"("topology": {"members": 0})"), R"(bad.json:3: /topology/members: expected at least 1, found the number 0)"},
    {"EmptyMembers", In(R"("topology": {"members": []})"), R"(bad.json:3: /topology/members: expected 1 to 9 members, found an empty list)"},
    {"TenMembers", In(R"("topology": {"members": 10})"), R"(bad.json:3: /topology/members: expected at most 9, found the number 10)"},
    {"TenNamedMembers", In(R"("topology": {"members": ["a","b","c","d","e","f","g","h","i","j"]})"), R"(bad.json:3: /topology/members: expected 1 to 9 members, found a list of 10)"},
    {"MemberTwice", In(R"("topology": {"members": ["e1", "e2", "e1"]})"), R"(bad.json:3: /topology/members/2: member e1 is given twice)"},
    {"MemberAndApiServer", In(R"("topology": {"members": ["e1", "e2"], "api_servers": ["e1"]})"), R"(bad.json:3: /topology/api_servers/0: e1 is both a member and an API server: for that, use topology "stacked")"},
    {"BadNodeName", In(R"("topology": {"members": ["e1", "e 2"]})"), R"(bad.json:3: /topology/members/1: expected a node's name of up to 63 letters, digits, "-" and "_", found "e 2")"},
    {"ReservedNodeName", In(R"("topology": {"members": ["localhost"]})"), R"(bad.json:3: /topology/members/0: no node can be called "localhost": it means something else)"},
    {"NoApiServer", In(R"("topology": {"api_servers": []})"), R"(bad.json:3: /topology/api_servers: expected at least one API server, found none)"},
    {"ApiServerWhenStacked", In(R"("topology": {"type": "stacked", "api_servers": 1})"), R"(bad.json:3: /topology/api_servers: when stacked, the members' nodes are the API servers: expected none, found the number 1)"},
    {"UnknownLeader", In(R"("leader": "e4")"), R"(bad.json:3: /leader: unknown member "e4": did you mean "e1"? Known: e1, e2, e3)"},
    {"TwoLeaders", In(R"("leader": ["e1", "e2"])"), R"(bad.json:3: /leader: expected the name of one member, found a list of 2)"},
    {"OverrideOfUnknownMember", In(R"("member_overrides": {"e11": {"disk": "hdd"}})"), R"(bad.json:3: /member_overrides/e11: unknown member "e11": did you mean "e1"? Known: e1, e2, e3)"},
    // links
    {"LinkToNowhere", In(R"("links": {"api-e7": {"rtt": "1ms"}})"), R"(bad.json:3: /links/api-e7: unknown node "e7": did you mean "e1"? Known: api, e1, e2, e3)"},
    {"LinkBetweenUnknowns", In(R"("links": {"x-y": {"rtt": "1ms"}})"), R"(bad.json:3: /links/x-y: unknown node "x". Known: api, e1, e2, e3)"},
    {"LinkWithoutDash", In(R"("links": {"api": {"rtt": "1ms"}})"), R"(bad.json:3: /links/api: a link is named by its two nodes, as in "a-b", found "api")"},
    {"LinkWithItself", In(R"("links": {"e1-e1": {"rtt": "1ms"}})"), R"(bad.json:3: /links/e1-e1: links e1 with itself)"},
    {"LinkTwice", In(R"("links": {
    "api-e1": {"rtt": "1ms"},
    "e1-api": {"rtt": "2ms"}
  })"), R"(bad.json:5: /links/e1-api: the same link as "api-e1" at bad.json:4)"},
    {"AmbiguousLink", In(R"("topology": {"members": ["a", "a-b", "c", "b-c"]},
  "links": {"a-b-c": {"rtt": "1ms"}})"), R"(bad.json:4: /links/a-b-c: can be read in several ways: a and b-c, or a-b and c: rename a node)"},
    {"LinkAmbiguousTheOtherWayRound", In(R"("topology": {"members": ["a", "a-b", "c", "b-c"]},
  "links": {"b-c-a": {"rtt": "1ms"}})"), R"(bad.json:4: /links/b-c-a: can be read in several ways: a and b-c, or a-b and c: rename a node)"},
    {"DelayAndRtt", R"({"default_link": {"delay": "1ms", "rtt": "2ms"}})", R"(bad.json:1: /default_link: has both delay and rtt: expected one of them)"},
    {"RttAndReturnDelay", In(R"("links": {"api-e1": {"rtt": "2ms", "return_delay": "1ms"}})"), R"(bad.json:3: /links/api-e1: has both rtt and return_delay: expected delay with the latter)"},
    {"DefaultReturnDelay", R"({"default_link": {"delay": "1ms", "return_delay": "2ms"}})", R"(bad.json:1: /default_link/return_delay: a default link has the same delay both ways: name the link under links)"},
    {"NeitherDelayNorRtt", In(R"("links": {"api-e1": {"loss": "1%"}})"), R"(bad.json:3: /links/api-e1: has neither delay nor rtt: expected one of them)"},
    {"RemovedLinkThatIsNotThere", In(R"("links": {"api-e1": null})"), R"(bad.json:3: /links/api-e1: nothing to remove: there are no links)"},
    {"Unreachable", R"({
  "links": {"api-e1": {"rtt": "1ms"}, "e1-e2": {"rtt": "1ms"}}
})", R"(bad.json:2: /links: no way between api and e3: give a link between them or over other nodes, or a default_link)"},
    {"NoLinks", R"({
  "leader": "e1"
})", R"(bad.json:1: /links: no way between api and e1: give a link between them or over other nodes, or a default_link)"},
    // members
    {"ElectionTimeoutTooShort", In(R"("member": {"election_timeout": "400ms"})"), R"(bad.json:3: /member/election_timeout: etcd refuses an election timeout (400ms) below 5 heartbeat intervals (100ms))"},
    {"HeartbeatTooLong", In(R"("member": {"heartbeat_interval": "300ms"})"), R"(bad.json:3: /member/heartbeat_interval: etcd refuses an election timeout (1s) below 5 heartbeat intervals (300ms))"},
    {"ElectionTimeoutTooLong", In(R"("member": {"election_timeout": "51s"})"), R"(bad.json:3: /member/election_timeout: etcd refuses an election timeout above 50s, found 51s)"},
    {"FractionOfMillisecond", In(R"("member": {"heartbeat_interval": "99.5ms"})"), R"(bad.json:3: /member/heartbeat_interval: etcd counts it in whole milliseconds, found 99.5ms)"},
    {"SyncMinAboveMax", In(R"("member": {"disk": {"profile": "ssd", "sync_min": "10ms"}})"), R"(bad.json:3: /member/disk/sync_min: sync_min (10ms) is above sync_max (2.5ms))"},
    {"SyncMaxBelowMin", In(R"("member": {"disk": {"profile": "ssd", "sync_max": "1us"}})"), R"(bad.json:3: /member/disk/sync_max: sync_min (800us) is above sync_max (1us))"},
    {"OverrideRefused", In(R"("member_overrides": {"e2": {"election_timeout": "100ms"}})"), R"(bad.json:3: /member_overrides/e2/election_timeout: etcd refuses an election timeout (100ms) below 5 heartbeat intervals (100ms))"},
    {"MetricsForPeers", In(R"("member": {"metrics_port": 2380})"), R"(bad.json:3: /member/metrics_port: the member listens to the others at port 2380: expected another port)"},
    {"MetricsForClients", In(R"("member": {"client_port": 2381})"), R"(bad.json:3: /member/metrics_port: the member listens to clients at port 2381: expected another port)"},
    // Prometheus
    {"ScrapeTimeoutAboveInterval", In(R"("prometheus": {"scrape_interval": "5s"})"), R"(bad.json:3: /prometheus/scrape_timeout: is above the scrape interval (5s), found 10s)"},
    {"PrometheusNodeName", In(R"("prometheus": {"node": "-"})"), R"(bad.json:3: /prometheus/node: expected a node's name of up to 63 letters, digits, "-" and "_", found "-")"},
    {"PrometheusAlone", R"({
  "topology": {"members": 1},
  "prometheus": {"node": "prom"},
  "links": {"api-e1": {"rtt": "1ms"}}
})", R"(bad.json:4: /links: no way between api and prom: give a link between them or over other nodes, or a default_link)"},
    // proxy and client
    {"UnknownTarget", In(R"("proxy": {"targets": ["e1", "e9"]})"), R"(bad.json:3: /proxy/targets/1: unknown member "e9": did you mean "e1"? Known: e1, e2, e3)"},
    {"ReleaseTwice", In(R"("kubernetes": {"releases": ["a", "b", "a"]})"), R"(bad.json:3: /kubernetes/releases/2: release "a" is given twice)"},
    {"ParametersOfNoProfile", In(R"("kubernetes": {"parameters": {"load_time": "1s"}})"), R"(bad.json:3: /kubernetes/parameters: parameters belong to a profile, and there is none)"},
    {"NoSuchProfile", In(R"("kubernetes": {"profile": "no-such.json"})"), R"(bad.json:3: /kubernetes/profile: expected a profile's file, found none at "no-such.json")"},
    {"UnknownResourceLock", In(R"("kubernetes": {"resource_lock": "lease"})"), R"(bad.json:3: /kubernetes/resource_lock: unknown value "lease": did you mean "leases"? Known: endpointsleases, leases, none)"},
    {"NegativeNodes", In(R"("kubernetes": {"nodes": -1})"), R"(bad.json:3: /kubernetes/nodes: expected a whole number from 0 on, found the number -1)"},
    {"TargetTwice", In(R"("proxy": {"targets": ["e1", "e2", "e1"]})"), R"(bad.json:3: /proxy/targets/2: target e1 is given twice)"},
    {"OtherTargetPort", In(R"("proxy": {"target_port": 2380})"), R"(bad.json:3: /proxy/target_port: member e1 listens for clients at port 2379 (its client_port), found 2380)"},
    {"TargetPortOfSomeMembers", In(R"("proxy": {}, "member_overrides": {"e2": {"client_port": 4001}})"), R"(bad.json:3: /proxy/target_port: member e2 listens for clients at port 4001 (its client_port), found 2379)"},
    {"ClientPortOfPeers", In(R"("member_overrides": {"e2": {"client_port": 2380}})"), R"(bad.json:3: /member_overrides/e2/client_port: members listen to each other at port 2380: expected another port)"},
    {"ListenPortOfOtherClientPort", In(R"("member": {"client_port": 4001}, "proxy": {"listen_address": "e1", "target_port": 4001, "listen_port": 4001})"), R"(bad.json:3: /proxy/listen_port: member e1 listens at port 4001 of the same node: expected another port)"},
    {"UnknownListenAddress", In(R"("proxy": {"listen_address": "localhots"})"), R"(bad.json:3: /proxy/listen_address: unknown node "localhots": did you mean "localhost"? Known: localhost, api, e1, e2, e3)"},
    {"ListenPortOfMember", In(R"("proxy": {"listen_address": "e1"})"), R"(bad.json:3: /proxy/listen_port: member e1 listens at port 2379 of the same node: expected another port)"},
    {"ListenPortWhenStacked", In(R"("topology": {"type": "stacked"}, "proxy": {})"), R"(bad.json:3: /proxy/listen_port: member e1 listens at port 2379 of the same node: expected another port)"},
    {"PinnedTargetNotThere", In(R"("proxy": {"targets": ["e1"], "target_policy": "pinned", "pinned_target": "e2"})"), R"(bad.json:3: /proxy/pinned_target: unknown target "e2": did you mean "e1"? Known: e1)"},
    {"PinnedTargetNotPinned", In(R"("proxy": {"pinned_target": "e2"})"), R"(bad.json:3: /proxy/pinned_target: means nothing with target_policy "leader": expected "pinned" there)"},
    {"PinnedEndpointNotThere", In(R"("client": {"balancer": "pinned", "pinned_endpoint": "e5"})"), R"(bad.json:3: /client/pinned_endpoint: unknown member "e5": did you mean "e1"? Known: e1, e2, e3)"},
    {"PinnedEndpointNotPinned", In(R"("client": {"pinned_endpoint": "e1"})"), R"(bad.json:3: /client/pinned_endpoint: means nothing with balancer "round-robin": expected "pinned" there)"},
    {"PinnedEndpointBehindProxy", In(R"("proxy": {}, "client": {"balancer": "pinned", "pinned_endpoint": "e1"})"), R"(bad.json:3: /client/pinned_endpoint: there is nothing to choose: the only endpoint is the proxy)"},
    {"LocalWhenExternal", In(R"("client": {"endpoints": "local"})"), R"(bad.json:3: /client/endpoints: "local" needs a member on each client's node, as topology "stacked" has; api has none)"},
    {"ProxyWithoutProxy", In(R"("client": {"endpoints": "proxy"})"), R"(bad.json:3: /client/endpoints: "proxy" needs a proxy: the scenario has none)"},
    // workload, and the rest
    {"NoWeight", In(R"("workload": {"put": 0})"), R"(bad.json:3: /workload: all weights are zero: expected at least one of put, linearizable_range, serializable_range, delete_range, txn above zero)"},
    {"NegativeWeight", In(R"("workload": {"put": -1})"), R"(bad.json:3: /workload/put: expected at least 0, found the number -1)"},
    {"ZeroCount", In(R"("workload": {"count": 0})"), R"(bad.json:3: /workload/count: expected at least 1, found the number 0)"},
    {"RateAndConcurrency", In(R"("workload": {"rate": "100/s", "concurrency": 4})"), R"(bad.json:3: /workload/concurrency: means nothing with a rate, which does not wait for answers: expected one of them (--set workload.concurrency=1 takes this one back))"},
    {"KeyTooShort", In(R"("workload": {"keys": 1000, "key_size": "2B"})"), R"(bad.json:3: /workload/key_size: 1000 distinct keys need at least 4B each, found 2B)"},
    {"ValueTooLarge", In(R"("workload": {"value_size": "2MiB"})"), R"(bad.json:3: /workload/value_size: expected at most 1.5MiB, found "2MiB")"},
    {"RequestTooLarge", In(R"("workload": {"value_size": "1.5MiB"})"), R"(bad.json:3: /workload/value_size: a put of 1.5MiB takes up to 1572928 bytes with its key, and etcd refuses requests above 1572864 (1.5 MiB))"},
    // A put of these sizes takes 1499144 bytes; with comparison, range and envelopes: + 3 * 65536 - 65536 + 58.
    {"TxnTooLarge", In(R"("workload": {"txn": 1, "value_size": "1400KiB", "key_size": "64KiB"})"), R"(bad.json:3: /workload/value_size: a txn of 1400KiB takes up to 1630274 bytes with its key, and etcd refuses requests above 1572864 (1.5 MiB))"},
    {"BadName", In(R"("name": "a/b")"), R"(bad.json:3: /name: expected a name without slashes and control characters, not "." or "..", found "a/b")"},
    {"NameOfThisDirectory", In(R"("name": ".")"), R"(bad.json:3: /name: expected a name without slashes and control characters, not "." or "..", found ".")"},
    {"NameOfTheDirectoryAbove", In(R"("name": "..")"), R"(bad.json:3: /name: expected a name without slashes and control characters, not "." or "..", found "..")"},
    // faults
    {"FaultsAsObject", In(R"("faults": {"type": "crash"})"), R"(bad.json:3: /faults: expected a list of objects [{...}], found an object)"},
    {"FaultAsText", In(R"("faults": ["crash"])"), R"(bad.json:3: /faults/0: expected an object {...}, found "crash")"},
    {"FaultWithoutType", In(R"("faults": [{"at": "1s", "target": "e1"}])"), R"(bad.json:3: /faults/0: a fault needs a type: expected one of add-member, clock-drift, crash, full-disk, graceful-stop, link-change, link-down, move-leader, partition, pause, promote-member, remove-member, restart, slow-disk, stuck-disk)"},
    {"UnknownFault", In(R"("faults": [{"type": "crsh", "target": "e1"}])"), R"(bad.json:3: /faults/0/type: unknown fault "crsh": did you mean "crash"? Known: add-member, clock-drift, crash, full-disk, graceful-stop, link-change, link-down, move-leader, partition, pause, promote-member, remove-member, restart, slow-disk, stuck-disk)"},
    {"UnknownFaultKey", In(R"("faults": [{"type": "crash", "target": "e1", "untill": "1s"}])"), R"(bad.json:3: /faults/0/untill: unknown key "untill". Known: type, at, for, target, groups, one_way, link, delay, jitter, loss, rate, factor, latency, clock_rate, learner)"},
    {"FaultKeyOfAnotherType", In(R"("faults": [{"type": "crash", "target": "e1", "delay": "1s"}])"), R"(bad.json:3: /faults/0/delay: a fault of type "crash" takes no delay: it takes type, at, for, target)"},
    {"FaultKeyOfAnotherTypeWithNull", In(R"("faults": [{"type": "crash", "target": "e1", "link": null}])"), R"(bad.json:3: /faults/0/link: a fault of type "crash" takes no link: it takes type, at, for, target)"},
    {"MoveLeaderWithFor", In(R"("faults": [{"type": "move-leader", "target": "e1", "for": "1s"}])"), R"(bad.json:3: /faults/0/for: a fault of type "move-leader" takes no for: it takes type, at, target)"},
    {"RestartWithFor", In(R"("faults": [{"type": "restart", "target": "e1", "for": "1s"}])"), R"(bad.json:3: /faults/0/for: a fault of type "restart" takes no for: it takes type, at, target)"},
    {"CrashOfNobody", In(R"("faults": [{"type": "crash", "at": "1s"}])"), R"(bad.json:3: /faults/0: a fault of type "crash" needs a value for "target")"},
    {"FaultBeforeTheBegin", In(R"("faults": [{"type": "crash", "target": "e1", "at": "-1s"}])"), R"(bad.json:3: /faults/0/at: "-1s" is negative: a duration starts at zero)"},
    {"FaultForNoTime", In(R"("faults": [{"type": "crash", "target": "e1", "for": "0s"}])"), R"(bad.json:3: /faults/0/for: expected at least 1ns, found "0s")"},
    {"FaultOfUnknownMember", In(R"("faults": [{"type": "crash", "target": "e1"}, {"type": "pause", "target": "e9"}])"), R"(bad.json:3: /faults/1/target: unknown target "e9": did you mean "e1"? Known: e1, e2, e3, leader)"},
    {"FaultOfApiServer", In(R"("faults": [{"type": "crash", "target": "api"}])"), R"(bad.json:3: /faults/0/target: unknown target "api". Known: e1, e2, e3, leader)"},
    {"ProxyFaultWithoutProxy", In(R"("faults": [{"type": "crash", "target": "proxy"}])"), R"(bad.json:3: /faults/0/target: "proxy" needs a proxy: the scenario has none)"},
    {"FaultOfUnknownProxy", In(R"("proxy": {}, "faults": [{"type": "crash", "target": "proxy@apo"}])"), R"(bad.json:3: /faults/0/target: unknown target "proxy@apo": did you mean "proxy@api"? Known: e1, e2, e3, leader, proxy, proxy@api)"},
    {"PauseOfProxy", In(R"("proxy": {}, "faults": [{"type": "pause", "target": "proxy"}])"), R"(bad.json:3: /faults/0/target: a fault of type "pause" strikes members only, found "proxy")"},
    {"MoveLeaderToLeader", In(R"("faults": [{"type": "move-leader", "target": "leader"}])"), R"(bad.json:3: /faults/0/target: expected the member that shall lead, found "leader")"},
    {"FaultOfUnknownLink", R"({
  "links": {"api-e1": {"rtt": "1ms"}, "e1-e2": {"rtt": "1ms"}, "e2-e3": {"rtt": "1ms"}},
  "faults": [{"type": "link-down", "link": "e1-e3"}]
})", R"(bad.json:3: /faults/0/link: unknown link "e1-e3": did you mean "e1-e2"? Known: api-e1, e1-e2, e2-e3)"},
    {"FaultOfUnknownDirection", R"({
  "links": {"api-e1": {"rtt": "1ms"}, "e1-e2": {"rtt": "1ms"}, "e2-e3": {"rtt": "1ms"}},
  "faults": [{"type": "link-down", "link": "e1->e3"}]
})", R"(bad.json:3: /faults/0/link: unknown link "e1->e3": did you mean "e1->e2"? Known: api->e1, e1->api, e1->e2, e2->e1, e2->e3, e3->e2)"},
    {"LinkChangeOfNothing", In(R"("faults": [{"type": "link-change", "link": "e1-e2"}])"), R"(bad.json:3: /faults/0: a fault of type "link-change" needs a delay, jitter, loss or rate: it has none of them)"},
    {"LinkChangeWithoutUnit", In(R"("faults": [{"type": "link-change", "link": "e1-e2", "delay": 5}])"), R"(bad.json:3: /faults/0/delay: 5 has no unit: write for instance "250ms")"},
    {"SlowDiskOfNoSlowness", In(R"("faults": [{"type": "slow-disk", "target": "e1"}])"), R"(bad.json:3: /faults/0: a fault of type "slow-disk" needs a factor or a latency: it has neither)"},
    {"SlowDiskThatIsFast", In(R"("faults": [{"type": "slow-disk", "target": "e1", "factor": 0.5}])"), R"(bad.json:3: /faults/0/factor: expected at least 1, found the number 0.5)"},
    {"ClockThatStands", In(R"("faults": [{"type": "clock-drift", "target": "e1", "clock_rate": 0}])"), R"(bad.json:3: /faults/0/clock_rate: expected at least 0.01, found the number 0)"},
    {"PartitionOfNobody", In(R"("faults": [{"type": "partition", "groups": []}])"), R"(bad.json:3: /faults/0: a fault of type "partition" needs a value for "groups")"},
    {"PartitionAsText", In(R"("faults": [{"type": "partition", "groups": "e1"}])"), R"(bad.json:3: /faults/0/groups: expected lists of nodes, as in [["a"], ["b", "c"]], found "e1")"},
    {"PartitionAsFlatList", In(R"("faults": [{"type": "partition", "groups": ["e1"]}])"), R"(bad.json:3: /faults/0/groups/0: expected a list of names, found "e1")"},
    {"EmptyGroup", In(R"("faults": [{"type": "partition", "groups": [["e1"], []]}])"), R"(bad.json:3: /faults/0/groups/1: expected at least one node, found none)"},
    {"UnknownNodeInGroup", In(R"("faults": [{"type": "partition", "groups": [["e1"], ["e2", "e7"]]}])"), R"(bad.json:3: /faults/0/groups/1/1: unknown node "e7": did you mean "e1"? Known: api, e1, e2, e3)"},
    {"GroupsOverlap", In(R"("faults": [{"type": "partition", "groups": [["e1"], ["e2", "e1"]]}])"), R"(bad.json:3: /faults/0/groups/1/1: node e1 is given twice)"},
    {"OneGroupOfAll", In(R"("faults": [{"type": "partition", "groups": [["e1", "e2", "e3", "api"]]}])"), R"(bad.json:3: /faults/0/groups: nobody is left to be cut off from: all nodes are in the one group)"},
    // members that join
    {"JoiningFromTheStart", In(R"("topology": {"members": 3, "joining": ["e2"]})"), R"(bad.json:3: /topology/joining/0: member e2 is in the cluster from the start)"},
    {"JoiningTwice", In(R"("topology": {"members": 3, "joining": ["e4", "e4"]})"), R"(bad.json:3: /topology/joining/1: member e4 is given twice)"},
    {"JoiningLeads", In(R"("topology": {"joining": ["e4"]}, "leader": "e4")"), R"(bad.json:3: /leader: unknown member "e4": did you mean "e1"? Known: e1, e2, e3)"},
    {"AddOfAMember", In(R"("topology": {"joining": ["e4"]}, "faults": [{"type": "add-member", "target": "e1"}])"), R"(bad.json:3: /faults/0/target: e1 is a member from the start)"},
    {"AddWhereNobodyJoins", In(R"("faults": [{"type": "add-member", "target": "e4"}])"), R"(bad.json:3: /faults/0/target: nobody can be added: topology.joining names no member)"},
    {"AddOfNobody", In(R"("topology": {"joining": ["e4"]}, "faults": [{"type": "add-member", "target": "e5"}])"), R"(bad.json:3: /faults/0/target: unknown target "e5": did you mean "e4"? Known: e4)"},
    {"AddTwice", In(R"("topology": {"joining": ["e4"]}, "faults": [{"type": "add-member", "target": "e4"}, {"type": "add-member", "target": "e4", "at": "1s"}])"), R"(bad.json:3: /faults/1/target: e4 has been added already at this time)"},
    {"PromoteBeforeAdd", In(R"("topology": {"joining": ["e4"]}, "faults": [{"type": "promote-member", "target": "e4", "at": "1s"}, {"type": "add-member", "target": "e4", "learner": true, "at": "2s"}])"), R"(bad.json:3: /faults/0/target: e4 has not been added at this time: expected one that has been added with learner true)"},
    {"PromoteOfAVoter", In(R"("topology": {"joining": ["e4"]}, "faults": [{"type": "add-member", "target": "e4"}, {"type": "promote-member", "target": "e4", "at": "2s"}])"), R"(bad.json:3: /faults/1/target: e4 is a voter at this time: expected one that has been added with learner true)"},
    {"RemoveTwice", In(R"("faults": [{"type": "remove-member", "target": "e1"}, {"type": "remove-member", "target": "e1", "at": "1s"}])"), R"(bad.json:3: /faults/1/target: e1 has been removed already at this time)"},
    {"RemoveOfTheLast", In(R"("faults": [{"type": "remove-member", "target": "e1"}, {"type": "remove-member", "target": "e2", "at": "1s"}, {"type": "remove-member", "target": "e3", "at": "2s"}])"), R"(bad.json:3: /faults/2/target: e3 is the last voter at this time, and cannot leave)"},
    {"RemoveOfTheLeader", In(R"("faults": [{"type": "remove-member", "target": "leader"}])"), R"(bad.json:3: /faults/0/target: expected the member that shall leave, found "leader")"},
    {"LearnerOfAnotherType", In(R"("faults": [{"type": "remove-member", "target": "e1", "learner": true}])"), R"(bad.json:3: /faults/0/learner: a fault of type "remove-member" takes no learner: it takes type, at, for, target)"},
    {"RandomChangesThatKeepTheQuorum", In(R"("topology": {"joining": ["e4"]}, "random_faults": {"types": ["add-member"], "keep_quorum": true})"), R"(bad.json:3: /random_faults/types/0: who counts for a quorum must be known to keep it: expected no "add-member" with keep_quorum)"},
    {"MemberCalledLeader", In(R"("topology": {"members": ["leader", "e2", "e3"]})"), R"(bad.json:3: /topology/members/0: no member can be called "leader": faults mean something else by it)"},
    {"UnknownRandomFault", In(R"("random_faults": {"types": ["crash", "pauze"]})"), R"(bad.json:3: /random_faults/types/1: unknown fault "pauze": did you mean "pause"? Known: add-member, clock-drift, crash, full-disk, graceful-stop, link-change, link-down, move-leader, partition, pause, promote-member, remove-member, restart, slow-disk, stuck-disk)"},
    {"RandomFaultTwice", In(R"("random_faults": {"types": ["crash", "crash"]})"), R"(bad.json:3: /random_faults/types/1: type crash is given twice)"},
    {"RandomFaultsForMinAboveMax", In(R"("random_faults": {"for_min": "9s"})"), R"(bad.json:3: /random_faults/for_min: for_min (9s) is above for_max (5s))"},
    {"RandomFaultsUntilBeforeFrom", In(R"("random_faults": {"from": "60s"})"), R"(bad.json:3: /random_faults/until: until (1m) is not after from (1m))"},
    {"RandomFaultsTooOften", In(R"("random_faults": {"every": "1ms", "until": "1h"})"), R"(bad.json:3: /random_faults/every: that would be more than 100000 faults: expected a longer time between them)"},
    {"RandomPartitionOfOne", In(R"("topology": {"members": 1}, "random_faults": {"types": ["partition"]})"), R"(bad.json:3: /random_faults/types/0: a fault of type "partition" finds nothing to strike here)"},
    {"ExtendsNothing", In(R"("extends": 7)"), R"(bad.json:3: /extends: expected a file's path in quotes, found the number 7)"},
};
// clang-format on

TEST(MalformedScenario, EachGetsItsOneClearMessage)
{
    for (const auto& [what, text, message] : MALFORMED)
    {
        EXPECT_EQ(MessageOf(text), message) << what;
    }
}

TEST(MalformedScenario, EveryMessageIsOneLineWithItsPlaceAndIsSaidForOneReason)
{
    std::set<std::string> names;
    for (const auto& [what, text, message] : MALFORMED)
    {
        const auto said = MessageOf(text);
        EXPECT_TRUE(said.starts_with("bad.json:")) << what;
        EXPECT_EQ(said.find('\n'), std::string::npos) << what;
        EXPECT_TRUE(names.insert(what).second) << what;
    }
    EXPECT_GE(MALFORMED.size(), 45U);
}

TEST(MalformedScenario, TheSoundOneIsSound)
{
    EXPECT_EQ(MessageOf(In("\"seed\": 1")), "(none)"); // else the table would prove little
}

// Whatever bytes come, the answer is a scenario or a ScenarioError: each prefix, and each byte
// replaced.
TEST(MalformedScenario, NoDamageLeadsToAnythingElse)
{
    const auto sound =
        In(R"("topology": {"members": ["e1", "e2", "e3"]}, "leader": "e2", /* \u00e9 */
  "member": {"disk": {"profile": "hdd", "sync_max": "1.5s"}, "pre_vote": true, "version": "3.5"},
  "links": {"e1-e2": {"delay": "0.25ms", "loss": "0.1%", "queue": "10p"}}, "seed": 12, // \n
  "workload": {"put": 0.5, "rate": "1.5/s", "value_size": "2KiB"}, "proxy": {"targets": ["e1"]},
  "faults": [{"type": "partition", "at": "1s", "groups": [["e1"], ["e2"]]}, {"type": "link-down", "link": "e1->e2"}])");
    ASSERT_EQ(MessageOf(sound), "(none)");
    std::size_t refused = 0;
    for (std::size_t i = 0; i < sound.size(); ++i)
    {
        if (i + 1 < sound.size()) // the last byte is a newline, which nobody misses
        {
            EXPECT_NE(MessageOf(sound.substr(0, i)), "(none)") << "the first " << i << " bytes";
        }
        for (const char c : {'"', '{', ']', ',', '-', '9', 'x', '\n', '\0', '\xff', '\\', '/'})
        {
            auto damaged = sound;
            damaged[i] = c;
            const auto message = MessageOf(damaged); // throws what is no ScenarioError
            refused += message == "(none)" ? 0 : 1;
            EXPECT_EQ(message.find_first_of(std::string("\n\0", 2)), std::string::npos) << message;
        }
    }
    EXPECT_GT(refused, sound.size());
}

} // namespace

} // namespace etcdlab
