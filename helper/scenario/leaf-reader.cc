#include "helper/scenario/leaf-reader.h"

#include "model/storage/disk-profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using nlohmann::json;

std::string
Text(const json& j)
{
    return j.get<std::string>();
}

/// How bounds are written, in the type's own unit.
std::string
FormatBound(Duration, double bound)
{
    return Format(Duration(static_cast<Duration::rep>(bound)));
}

std::string
FormatBound(DataRate, double bound)
{
    return Format(DataRate{static_cast<std::uint64_t>(bound)});
}

std::string
FormatBound(ByteSize, double bound)
{
    return Format(ByteSize{static_cast<std::uint64_t>(bound)});
}

std::string
FormatBound(Share, double bound)
{
    return Format(Share{bound});
}

double
InBase(Duration value)
{
    return static_cast<double>(value.count());
}

double
InBase(DataRate value)
{
    return static_cast<double>(value.bitsPerSecond);
}

double
InBase(ByteSize value)
{
    return static_cast<double>(value.bytes);
}

double
InBase(Share value)
{
    return value.value;
}

/// The smallest whole number that is too large for any count.
constexpr double BEYOND = 18446744073709551616.0; // 2^64

/// The bound of a whole number: its knob's, if it has one.
std::string
LargestCount(const Knob& knob)
{
    return knob.max < BEYOND
               ? FormatNumber(knob.max, knob.unit)
               : std::to_string(std::numeric_limits<std::uint64_t>::max()) + knob.unit;
}

/// Whether a text is a number with this unit, and beyond all counts.
bool
IsBeyondCounts(const std::string& text, const std::string& unit)
{
    try
    {
        return ParseNumber(text, unit) >= BEYOND;
    }
    catch (const std::invalid_argument&)
    {
        return false;
    }
}

/// `expected at most 60s, found "70s"`, if it is so.
void
CheckBounds(const Document& document,
            const std::string& at,
            const json& j,
            double value,
            const Knob& knob,
            const std::string& min,
            const std::string& max)
{
    if (value < knob.min)
    {
        document.Fail(at, "expected at least " + min + ", found " + Found(j));
    }
    if (value > knob.max)
    {
        document.Fail(at, "expected at most " + max + ", found " + Found(j));
    }
}

/// A quantity in a text, its parser's message completed with the place.
template <class T, class Parse>
T
ParseText(const Document& document, const std::string& at, const json& j, T, Parse parse)
{
    try
    {
        return parse(Text(j));
    }
    catch (const std::invalid_argument& e)
    {
        document.Fail(at, e.what());
    }
}

template <class T, class Parse>
void
ReadQuantity(const Document& document,
             const json& j,
             const std::string& at,
             T& value,
             const Knob& knob,
             Parse parse)
{
    const auto syntax = SyntaxOf(T{});
    const auto example = "\"" + std::string(syntax.example) + "\"";
    if (j.is_number())
    {
        document.Fail(at, j.dump() + " has no unit: write for instance " + example);
    }
    if (!j.is_string())
    {
        document.Fail(at,
                      "expected " + std::string(syntax.what) + " such as " + example + ", found " +
                          Found(j));
    }
    value = ParseText(document, at, j, value, parse);
    CheckBounds(document,
                at,
                j,
                InBase(value),
                knob,
                FormatBound(value, knob.min),
                knob.max < 1e18 ? FormatBound(value, knob.max) : "");
}

/// Numbers as people write them: no decimals, no exponent unless they are long.
std::string
Plain(double number)
{
    return FormatNumber(number, "");
}

} // namespace

void
LeafReader::Read(const json& j, const std::string& at, std::string& value, const Knob& knob) const
{
    const auto& place = document.PlaceOf(at);
    if (j.is_string())
    {
        value = Text(j);
    }
    else if (place.raw && (j.is_number() || j.is_boolean()))
    {
        value = *place.raw; // --set member.version=3.5 means the text
    }
    else if (j.is_array() && !knob.kind.empty())
    {
        document.Fail(at, "expected the name of one " + knob.kind + ", found " + Found(j));
    }
    else
    {
        document.Fail(at, "expected a text in quotes, found " + Found(j));
    }
    const auto& names = known.OfKind(knob.kind);
    if (!names.empty() && std::find(names.begin(), names.end(), value) == names.end())
    {
        document.Fail(at, Unknown(knob.kind, value, names));
    }
    if (!knob.choices.empty() &&
        std::find(knob.choices.begin(), knob.choices.end(), value) == knob.choices.end())
    {
        document.Fail(at, Unknown(knob.kind.empty() ? "value" : knob.kind, value, knob.choices));
    }
}

void
LeafReader::Read(const json& j, const std::string& at, bool& value, const Knob&) const
{
    if (!j.is_boolean())
    {
        document.Fail(at, "expected true or false, found " + Found(j));
    }
    value = j.get<bool>();
}

void
LeafReader::Read(const json& j, const std::string& at, std::uint64_t& value, const Knob& knob) const
{
    const auto tooLarge = [&] {
        document.Fail(at, "expected at most " + LargestCount(knob) + ", found " + Found(j));
    };
    if (!knob.unit.empty())
    {
        if (j.is_number())
        {
            document.Fail(at,
                          j.dump() + " has no unit: write for instance \"100" + knob.unit + "\"");
        }
        if (!j.is_string())
        {
            document.Fail(at,
                          "expected a whole number with its unit such as \"100" + knob.unit +
                              "\", found " + Found(j));
        }
        value = ParseText(document, at, j, value, [&](const std::string& text) {
            if (IsBeyondCounts(text, knob.unit))
            {
                tooLarge();
            }
            return ParseCount(text, knob.unit);
        });
    }
    else if (j.is_number_unsigned())
    {
        value = j.get<std::uint64_t>();
    }
    else if (j.is_number() && j.get<double>() >= 0 &&
             std::floor(j.get<double>()) == j.get<double>() && j.get<double>() < BEYOND)
    {
        value = static_cast<std::uint64_t>(j.get<double>()); // written as 1e3 or 3.0
    }
    else if (j.is_number() && j.get<double>() >= BEYOND)
    {
        tooLarge();
    }
    else
    {
        document.Fail(at,
                      "expected a whole number from " + Plain(knob.min) + " on, found " + Found(j));
    }
    CheckBounds(document,
                at,
                j,
                static_cast<double>(value),
                knob,
                FormatNumber(knob.min, knob.unit),
                LargestCount(knob));
}

void
LeafReader::Read(const json& j, const std::string& at, double& value, const Knob& knob) const
{
    if (!knob.unit.empty())
    {
        if (j.is_number())
        {
            document.Fail(at,
                          j.dump() + " has no unit: write for instance \"100" + knob.unit + "\"");
        }
        if (!j.is_string())
        {
            document.Fail(at,
                          "expected a number with its unit such as \"100" + knob.unit +
                              "\", found " + Found(j));
        }
        value = ParseText(document, at, j, value, [&knob](const std::string& text) {
            return ParseNumber(text, knob.unit);
        });
    }
    else if (j.is_number())
    {
        value = j.get<double>();
    }
    else
    {
        document.Fail(at, "expected a number, found " + Found(j));
    }
    CheckBounds(document,
                at,
                j,
                value,
                knob,
                FormatNumber(knob.min, knob.unit),
                FormatNumber(knob.max, knob.unit));
}

void
LeafReader::Read(const json& j, const std::string& at, Duration& value, const Knob& knob) const
{
    ReadQuantity(document, j, at, value, knob, ParseDuration);
}

void
LeafReader::Read(const json& j, const std::string& at, DataRate& value, const Knob& knob) const
{
    ReadQuantity(document, j, at, value, knob, ParseDataRate);
}

void
LeafReader::Read(const json& j, const std::string& at, ByteSize& value, const Knob& knob) const
{
    ReadQuantity(document, j, at, value, knob, ParseByteSize);
}

void
LeafReader::Read(const json& j, const std::string& at, Share& value, const Knob& knob) const
{
    ReadQuantity(document, j, at, value, knob, ParseShare);
}

void
LeafReader::Read(const json& j, const std::string& at, Accounting& value, const Knob&) const
{
    const std::vector<std::string> names = {NameOf(Accounting::ETCD), NameOf(Accounting::THESIS)};
    std::string name;
    Read(j, at, name, Knob{.kind = "accounting"});
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
    {
        document.Fail(at, Unknown("accounting", name, names));
    }
    value = *found == NameOf(Accounting::ETCD) ? Accounting::ETCD : Accounting::THESIS;
}

void
LeafReader::Read(const json& j,
                 const std::string& at,
                 std::vector<std::string>& value,
                 const Knob& knob) const
{
    std::uint64_t count = 0;
    const bool isNumber = j.is_number() && knob.numbered;
    if (isNumber)
    {
        Read(j, at, count, Knob{.min = knob.min, .max = knob.max});
        value = knob.numbered(count);
        return;
    }
    if (!j.is_array())
    {
        document.Fail(at,
                      "expected a list of names" +
                          std::string(knob.numbered ? " or their number" : "") + ", found " +
                          Found(j));
    }
    if (static_cast<double>(j.size()) < knob.min || static_cast<double>(j.size()) > knob.max)
    {
        document.Fail(at,
                      "expected " + Plain(knob.min) + " to " + Plain(knob.max) + " " + knob.kind +
                          "s, found " + Found(j));
    }
    value.clear();
    for (std::size_t i = 0; i < j.size(); ++i)
    {
        Read(j[i], Below(at, std::to_string(i)), value.emplace_back(), Knob{.kind = knob.kind});
    }
}

void
LeafReader::Read(const json& j, const std::string& at, NodeGroups& value, const Knob&) const
{
    if (!j.is_array())
    {
        document.Fail(
            at, "expected lists of nodes, as in [[\"a\"], [\"b\", \"c\"]], found " + Found(j));
    }
    value.clear();
    for (std::size_t i = 0; i < j.size(); ++i)
    {
        Read(j[i], Below(at, std::to_string(i)), value.emplace_back(), Knob{.kind = "node"});
    }
}

const json&
LeafReader::StartFromProfile(const json& j, const std::string& at, DiskConfig& disk) const
{
    static const json empty = json::object();
    std::string name;
    if (j.is_object())
    {
        const auto profile = j.find("profile");
        if (profile == j.end() || profile->is_null())
        {
            return j;
        }
        Read(*profile, Below(at, "profile"), name, Knob{.kind = "disk"});
    }
    else if (j.is_string())
    {
        Read(j, at, name, Knob{.kind = "disk"});
    }
    else
    {
        document.Fail(at, "expected a disk profile's name or an object {...}, found " + Found(j));
    }
    if (const auto* profile = FindDiskProfile(name))
    {
        disk = profile->config;
    }
    disk.profile = name;
    return j.is_object() ? j : empty;
}

void
LeafReader::ReadRtt(const json& j, const std::string& at, LinkConfig& link) const
{
    const auto given = [&j](const char* key) { return j.contains(key) && !j.at(key).is_null(); };
    if (given("delay") == given("rtt"))
    {
        document.Fail(at,
                      given("rtt") ? "has both delay and rtt: expected one of them"
                                   : "has neither delay nor rtt: expected one of them");
    }
    if (given("rtt"))
    {
        if (given("return_delay"))
        {
            document.Fail(at, "has both rtt and return_delay: expected delay with the latter");
        }
        const auto below = Below(at, "rtt");
        Duration rtt{0};
        Read(j.at("rtt"), below, rtt, Knob{.max = 120e9});
        if (rtt.count() % 2 != 0)
        {
            document.Fail(below,
                          "half of it must be whole nanoseconds, found " + Found(j.at("rtt")));
        }
        link.delay = rtt / 2;
    }
}

NodePair
LeafReader::ReadPair(const std::string& name,
                     const std::string& at,
                     const std::vector<std::string>& nodes) const
{
    const auto isNode = [&nodes](const std::string& n) {
        return std::find(nodes.begin(), nodes.end(), n) != nodes.end();
    };
    std::vector<NodePair> readings;
    std::string unknown; // the end that is no node, preferably where the other one is
    bool otherKnown = false;
    for (auto dash = name.find('-'); dash != std::string::npos; dash = name.find('-', dash + 1))
    {
        const auto a = name.substr(0, dash);
        const auto b = name.substr(dash + 1);
        if (isNode(a) && isNode(b))
        {
            readings.emplace_back(a, b);
        }
        else if (unknown.empty() || (!otherKnown && isNode(a) != isNode(b)))
        {
            otherKnown = isNode(a) != isNode(b);
            unknown = isNode(a) ? b : a;
        }
    }
    if (readings.empty())
    {
        document.Fail(at,
                      name.find('-') == std::string::npos
                          ? "a link is named by its two nodes, as in \"a-b\", found " + Quoted(name)
                          : Unknown("node", unknown, nodes));
    }
    if (readings.size() > 1)
    {
        std::string message = "can be read in several ways: ";
        for (const auto& [a, b] : readings)
        {
            message += (a == readings[0].first ? "" : ", or ") + a + " and " + b;
        }
        document.Fail(at, message + ": rename a node");
    }
    auto& [a, b] = readings[0];
    if (a == b)
    {
        document.Fail(at, "links " + a + " with itself");
    }
    return a < b ? NodePair{a, b} : NodePair{b, a};
}

} // namespace etcdlab
