#include "analysis/pure/explain.h"

#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace etcdlab
{

namespace
{

constexpr int HOP_DECIMALS = 3;
constexpr int MEAN_DECIMALS = 2;

/// What a hop is, in the order in which the legend lists them.
struct HopMeaning
{
    const char* name;
    const char* meaning;
};

constexpr HopMeaning LEGEND[] = {
    {"client link", "one way from the client to the member; \"back\" is the answer's way"},
    {"client to proxy", "one way; \"proxy to client\" is the answer's way"},
    {"proxy CPU", "the proxy's work for the request and for the answer"},
    {"proxy to member", "one way; \"member to proxy\" is the answer's way"},
    {"request CPU", "the member's work before it acts on the request"},
    {"wake-up", "time that passes in the member without work"},
    {"forward", "a follower sends the write to the leader, who alone may append"},
    {"quorum", "the leader's round trip to the follower that completes the majority"},
    {"disk sync", "what has to be waited for that member's log to be on disk"},
    {"commit notice", "the leader tells the follower, which applies and answers its client itself"},
    {"read index request", "a follower asks the leader up to where a read must see"},
    {"leadership quorum", "the leader's heartbeat round that proves it still leads"},
    {"read index answer", "the leader's answer to the follower"},
    {"message handling", "work and wake-ups for the Raft messages received on the way"},
    {"apply", "the member's work to apply the entry"},
};

std::string
HopText(const Hop& hop)
{
    const std::string node = hop.node.empty() ? "" : " (" + hop.node + ")";
    return hop.name + " " + TrimmedNumber(Milliseconds(hop.duration), HOP_DECIMALS) + node;
}

/// " ms = client link 125 + …", what follows the total.
std::string
HopsText(const ClosedForm& form)
{
    std::string text = " ms";
    for (std::size_t i = 0; i < form.hops.size(); ++i)
    {
        text += (i == 0 ? " = " : " + ") + HopText(form.hops[i]);
    }
    return text;
}

/// One line about an operation: "through e1  etcd    710 ms = …", the total standing to the right.
struct Line
{
    std::string label;
    std::string accounting;
    std::string total;
    std::string rest;
};

std::string
LinesText(const std::vector<Line>& lines)
{
    std::size_t label = 0;
    std::size_t total = 0;
    for (const Line& line : lines)
    {
        label = std::max(label, line.label.size());
        total = std::max(total, line.total.size());
    }
    std::string text;
    for (const Line& line : lines)
    {
        text += "  " + Padded(line.label, label + 2) + Padded(line.accounting, 8) +
                Padded("", total - line.total.size()) + line.total + line.rest + "\n";
    }
    return text;
}

/// Both accountings of one scenario.
struct Pair
{
    ScenarioForm etcd;
    ScenarioForm thesis;
    bool transmission; //!< whether sending times are in the hops
};

/// Whether a sum with sending times differs from the same one without by more than can be neglected.
bool
Differs(const ScenarioForm& with, const ScenarioForm& without)
{
    constexpr Duration NEGLIGIBLE = std::chrono::microseconds(50);
    for (std::size_t i = 0; i < with.forms.size(); ++i)
    {
        const Duration total = with.forms[i].Total();
        const Duration more = total - without.forms[i].Total();
        if (more > NEGLIGIBLE || 100 * more > total)
        {
            return true;
        }
    }
    return false;
}

Pair
BothAccountings(const Scenario& scenario, ScenarioFormOptions options)
{
    const auto make = [&](Accounting accounting, bool transmission) {
        options.accounting = accounting;
        options.transmission = transmission;
        return MakeScenarioForm(scenario, options);
    };
    const bool wanted = options.transmission;
    Pair plain{make(Accounting::ETCD, false), make(Accounting::THESIS, false), false};
    Pair full{make(Accounting::ETCD, true), make(Accounting::THESIS, true), true};
    return wanted || Differs(full.etcd, plain.etcd) || Differs(full.thesis, plain.thesis) ? full
                                                                                          : plain;
}

/// Add what both accountings say under one label: two lines, or one if they say the same.
void
AddLines(std::vector<Line>& lines, const std::string& label, const Line& etcd, const Line& thesis)
{
    const bool same = etcd.total == thesis.total && etcd.rest == thesis.rest;
    lines.push_back({label, same ? "both" : "etcd", etcd.total, etcd.rest});
    if (!same)
    {
        lines.push_back({"", "thesis", thesis.total, thesis.rest});
    }
}

/// The lines about one operation of one client, without its name.
std::string
Block(const Pair& pair, const std::string& client, const std::string& operation)
{
    const auto& weights = pair.etcd.weights.at(client);
    std::vector<Line> lines;
    for (const std::string& member : pair.etcd.members)
    {
        const auto line = [&](const ScenarioForm& scenarioForm) -> Line {
            const ClosedForm& form = scenarioForm.Form(client, member, operation);
            return {
                "", "", TrimmedNumber(Milliseconds(form.Total()), HOP_DECIMALS), HopsText(form)};
        };
        if (weights.contains(member))
        {
            AddLines(lines, "through " + member, line(pair.etcd), line(pair.thesis));
        }
    }
    if (weights.size() > 1)
    {
        const auto line = [&](const ScenarioForm& form) -> Line {
            const double mean = form.MeanMilliseconds(client, operation);
            return {"", "", TrimmedNumber(mean, MEAN_DECIMALS), " ms"};
        };
        AddLines(lines, "mean", line(pair.etcd), line(pair.thesis));
    }
    return LinesText(lines);
}

/// All operations of one client; consecutive ones with equal lines under one heading.
std::string
ClientBlocks(const Pair& pair, const std::string& client)
{
    std::string text;
    std::string heading;
    std::string block;
    const auto flush = [&] {
        text += heading.empty() ? "" : heading + " from " + client + "\n" + block + "\n";
    };
    for (const std::string& operation : OperationNames())
    {
        const std::string next = Block(pair, client, operation);
        if (!heading.empty() && next == block)
        {
            heading += ", " + operation;
            continue;
        }
        flush();
        heading = operation;
        block = next;
    }
    flush();
    return text;
}

bool
Occurs(const Pair& pair, const std::string& hop)
{
    const auto in = [&hop](const ScenarioForm& scenarioForm) {
        return std::any_of(
            scenarioForm.forms.begin(), scenarioForm.forms.end(), [&](const ClosedForm& form) {
                return scenarioForm.weights.at(form.client).contains(form.member) &&
                       form.Of(hop) > Duration{0};
            });
    };
    return in(pair.etcd) || in(pair.thesis);
}

std::string
Legend(const Pair& pair)
{
    std::size_t width = std::string("thesis").size();
    for (const auto& [name, meaning] : LEGEND)
    {
        width = Occurs(pair, name) ? std::max(width, std::string(name).size()) : width;
    }
    std::string text;
    const auto add = [&text, width](const char* name, const char* meaning) {
        text += "  " + Padded(name, width + 2) + meaning + "\n";
    };
    for (const auto& [name, meaning] : LEGEND)
    {
        if (Occurs(pair, name))
        {
            add(name, meaning);
        }
    }
    if (pair.transmission)
    {
        add("links", "with the time that messages take to be sent at the links' rates");
    }
    add("etcd", "what the protocol costs: only a follower's own acknowledgement counts");
    add("thesis", "the forward counts as that follower's acknowledgement");
    return text;
}

/// Six decimals: nanoseconds of milliseconds.
double
Rounded(double value)
{
    return std::round(value * 1e6) / 1e6;
}

nlohmann::ordered_json
FormsJson(const ScenarioForm& scenarioForm)
{
    nlohmann::ordered_json json;
    for (const std::string& operation : OperationNames())
    {
        json["mean_ms"][operation] = Rounded(scenarioForm.MeanMilliseconds(operation));
    }
    json["forms"] = nlohmann::ordered_json::array();
    for (const ClosedForm& form : scenarioForm.forms)
    {
        nlohmann::ordered_json entry = {
            {"client", form.client},
            {"operation", form.operation},
            {"member", form.member},
            {"share", Rounded(scenarioForm.Share(form.client, form.member))},
            {"total_ms", Milliseconds(form.Total())},
            {"hops", nlohmann::ordered_json::array()}};
        for (const Hop& hop : form.hops)
        {
            nlohmann::ordered_json each = {{"name", hop.name}, {"ms", Milliseconds(hop.duration)}};
            if (!hop.node.empty())
            {
                each["node"] = hop.node;
            }
            entry["hops"].push_back(std::move(each));
        }
        json["forms"].push_back(std::move(entry));
    }
    return json;
}

} // namespace

std::string
Explain(const Scenario& scenario, const ScenarioFormOptions& options)
{
    const Pair pair = BothAccountings(scenario, options);
    std::string text = scenario.name + ": latency of one request on an idle cluster, " +
                       pair.etcd.leader + " leads\n\n";
    for (const std::string& client : pair.etcd.clients)
    {
        text += ClientBlocks(pair, client);
    }
    text += Legend(pair);
    const auto notes = ExplainNotes(scenario);
    text += notes.empty() ? "" : "\nNot in these sums, or only estimated:\n";
    for (const std::string& note : notes)
    {
        text += "  - " + note + "\n";
    }
    return text;
}

nlohmann::ordered_json
ExplainJson(const Scenario& scenario, const ScenarioFormOptions& options)
{
    const Pair pair = BothAccountings(scenario, options);
    return {{"scenario", scenario.name},
            {"leader", pair.etcd.leader},
            {"transmission", pair.transmission},
            {"notes", ExplainNotes(scenario)},
            {"etcd", FormsJson(pair.etcd)},
            {"thesis", FormsJson(pair.thesis)}};
}

} // namespace etcdlab
