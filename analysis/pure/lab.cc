#include "analysis/pure/lab.h"

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/text.h"
#include "model/base/nearest.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

/// Where numbers of one thing differ only by rounding.
constexpr double ROUNDING = 1e-9;

std::string
Number(double value)
{
    return TrimmedNumber(value, 3);
}

std::vector<std::string>
Texts(const PlanReader& reader, const std::string& key)
{
    std::vector<std::string> texts;
    if (!reader.Has(key))
    {
        return texts;
    }
    const auto& list = reader.Get(key);
    if (!list.is_array())
    {
        reader.Fail(key, "expected a list of texts, found " + Found(list));
    }
    for (const auto& text : list)
    {
        if (!text.is_string())
        {
            reader.Fail(key, "expected a list of texts, with " + Found(text) + " in it");
        }
        texts.push_back(text);
    }
    return texts;
}

/// A JSON pointer, perhaps with "/#" behind it.
std::string
ReadPlace(const PlanReader& reader, const std::string& key)
{
    const auto place = reader.Text(key);
    try
    {
        const Json::json_pointer pointer(place);
    }
    catch (const Json::exception&)
    {
        reader.Fail(key,
                    "expected a JSON pointer, such as \"/latency_ms/put/all/mean\", found " +
                        Quoted(place));
    }
    return place;
}

LabMeasurement
ReadMeasurement(const PlanReader& reader, const std::filesystem::path& directory)
{
    reader.Known({"scenario", "settings", "at"});
    LabMeasurement measurement;
    if (reader.Has("scenario"))
    {
        measurement.scenario = (directory / reader.Text("scenario")).lexically_normal();
    }
    if (reader.Has("settings"))
    {
        for (const auto& [path, value] : reader.Object("settings").Here().items())
        {
            measurement.settings.push_back(
                path + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
        }
    }
    measurement.at = ReadPlace(reader, "at");
    return measurement;
}

LabValue
ReadValue(const PlanReader& reader, const std::string& key, const std::filesystem::path& directory)
{
    const auto& value = reader.Get(key);
    if (value.is_number())
    {
        return value.get<double>();
    }
    if (value.is_string())
    {
        return value.get<std::string>();
    }
    return ReadMeasurement(reader.Object(key), directory);
}

/// 0.5, in the answer's unit, or "1%" of it.
void
ReadWithin(const PlanReader& reader, LabMark& mark)
{
    const auto& within = reader.Get("within");
    std::string text = within.is_string() ? within.get<std::string>() : "";
    mark.withinIsShare = !text.empty();
    if (text.ends_with('%'))
    {
        text.pop_back();
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), mark.within);
        mark.within =
            error == std::errc() && end == text.data() + text.size() ? mark.within / 100 : -1;
    }
    else
    {
        mark.within = within.is_number() ? within.get<double>() : -1;
    }
    if (!(mark.within >= 0 && std::isfinite(mark.within)))
    {
        reader.Fail("within",
                    "expected a number from 0 on, or a share such as \"1%\", found " +
                        Found(within));
    }
}

LabMark
ReadMark(const PlanReader& reader, const Lab& lab, const std::filesystem::path& directory)
{
    reader.Known({"points",
                  "what",
                  "answer",
                  "is",
                  "within",
                  "mistakes",
                  "measure",
                  "at_least",
                  "at_most",
                  "because"});
    LabMark mark;
    mark.points = static_cast<unsigned>(reader.Count("points", 1, 100));
    mark.what = reader.Text("what");
    mark.because = reader.Has("because") ? reader.Text("because") : "";
    if (reader.Has("answer") == reader.Has("measure"))
    {
        reader.Fail("", "expected either \"answer\" or \"measure\"");
    }
    if (reader.Has("measure"))
    {
        if (!lab.wantsScenario)
        {
            reader.Fail("measure", "nobody hands in a scenario: there is no \"may_change\"");
        }
        mark.measure = ReadPlace(reader, "measure");
        mark.atLeast =
            reader.Has("at_least") ? std::optional(reader.Number("at_least")) : std::nullopt;
        mark.atMost =
            reader.Has("at_most") ? std::optional(reader.Number("at_most")) : std::nullopt;
        if (!mark.atLeast && !mark.atMost)
        {
            reader.Fail("measure", "expected \"at_least\" or \"at_most\" beside it");
        }
        return mark;
    }
    mark.answer = reader.Text("answer");
    std::vector<std::string> keys;
    for (const auto& question : lab.questions)
    {
        keys.push_back(question.key);
    }
    if (std::find(keys.begin(), keys.end(), mark.answer) == keys.end())
    {
        reader.Fail("answer", Unknown("answer", mark.answer, keys));
    }
    mark.is = ReadValue(reader, "is", directory);
    if (reader.Has("within"))
    {
        ReadWithin(reader, mark);
    }
    if (reader.Has("mistakes") && !reader.Get("mistakes").is_array())
    {
        reader.Fail("mistakes",
                    "expected a list of objects [{...}], found " + Found(reader.Get("mistakes")));
    }
    for (std::size_t i = 0; reader.Has("mistakes") && i < reader.Get("mistakes").size(); ++i)
    {
        const auto mistake = reader.Element("mistakes", i);
        mistake.Known({"is", "because"});
        mark.mistakes.push_back({ReadValue(mistake, "is", directory), mistake.Text("because")});
    }
    return mark;
}

/// Whether an answer is a value, as near as the mark wants it.
bool
Matches(const LabMark& mark,
        const Json& answer,
        const LabValue& value,
        const std::function<std::optional<double>(const LabMeasurement&)>& measured)
{
    if (const auto* word = std::get_if<std::string>(&value))
    {
        return answer.is_string() && answer.get<std::string>() == *word;
    }
    if (!answer.is_number())
    {
        return false;
    }
    const auto* measurement = std::get_if<LabMeasurement>(&value);
    const auto number = measurement ? measured(*measurement) : std::get<double>(value);
    if (!number)
    {
        return false;
    }
    const double tolerance =
        std::max(ROUNDING, mark.withinIsShare ? mark.within * std::abs(*number) : mark.within);
    return std::abs(answer.get<double>() - *number) <= tolerance;
}

LabVerdict
MarkAnswer(const LabMark& mark,
           const Json& answer,
           const std::function<std::optional<double>(const LabMeasurement&)>& measured)
{
    if (answer.is_null())
    {
        return {0, "no answer yet"};
    }
    const auto found =
        answer.is_string() ? answer.get<std::string>() : Number(answer.get<double>());
    if (Matches(mark, answer, mark.is, measured))
    {
        return {mark.points, found};
    }
    for (const auto& mistake : mark.mistakes)
    {
        if (Matches(mark, answer, mistake.is, measured))
        {
            return {0, found + ": " + mistake.because};
        }
    }
    const bool word = std::holds_alternative<std::string>(mark.is);
    if (word == answer.is_number())
    {
        return {0,
                found +
                    (word ? ": a name is wanted" : ": a number is wanted, without unit or quotes")};
    }
    return {0, found + (mark.because.empty() ? ": no" : ": " + mark.because)};
}

LabVerdict
MarkMeasurement(const LabMark& mark, const LabWork& work)
{
    if (work.summary.is_null())
    {
        return {0, work.whyNoSummary};
    }
    const auto value = NumberAt(work.summary, mark.measure);
    if (!value)
    {
        return {0, "its summary.json has nothing at " + mark.measure};
    }
    if ((!mark.atLeast || *value >= *mark.atLeast) && (!mark.atMost || *value <= *mark.atMost))
    {
        return {mark.points, Number(*value)};
    }
    const auto wanted = mark.atMost && *value > *mark.atMost ? "at most " + Number(*mark.atMost)
                                                             : "at least " + Number(*mark.atLeast);
    return {0,
            Number(*value) + ", wanted " + wanted +
                (mark.because.empty() ? "" : ": " + mark.because)};
}

bool
MayChange(const Lab& lab, const std::string& pointer)
{
    auto path = pointer.substr(1);
    std::replace(path.begin(), path.end(), '/', '.');
    const auto covers = [&](const std::string& allowed) {
        return path == allowed || path.rfind(allowed + ".", 0) == 0;
    };
    return path == "name" || path == "description" ||
           std::any_of(lab.mayChange.begin(), lab.mayChange.end(), covers);
}

void
FindChanges(const Lab& lab,
            const Json& given,
            const Json& handed,
            const std::string& pointer,
            std::vector<std::string>& found)
{
    if (given == handed || (!pointer.empty() && MayChange(lab, pointer)))
    {
        return;
    }
    if (given.is_object() && handed.is_object())
    {
        auto all = given;
        all.update(handed);
        for (const auto& [key, unused] : all.items())
        {
            FindChanges(lab,
                        given.value(key, Json()),
                        handed.value(key, Json()),
                        Below(pointer, key),
                        found);
        }
        return;
    }
    const auto text = [](const Json& value) {
        return value.is_structured() ? Found(value) : value.dump();
    };
    found.push_back(pointer + ": is given as " + text(given) + ", found " + text(handed));
}

std::string
Paragraphs(const std::vector<std::string>& texts)
{
    std::string all;
    for (const auto& text : texts)
    {
        all += text + "\n\n";
    }
    return all;
}

} // namespace

Lab
ReadLab(std::string_view text, const std::filesystem::path& path)
{
    const auto document = ParseDocument(text, path.string());
    const PlanReader root(document, "");
    root.Known({"title", "text", "hints", "scenario", "may_change", "answers", "marks"});
    const auto directory = path.parent_path();
    Lab lab;
    lab.name = directory.filename().string();
    lab.title = root.Text("title");
    lab.text = Texts(root, "text");
    lab.hints = Texts(root, "hints");
    lab.scenario = (directory / root.Text("scenario")).lexically_normal();
    lab.wantsScenario = root.Has("may_change");
    lab.mayChange = Texts(root, "may_change");
    if (root.Has("answers"))
    {
        const auto answers = root.Object("answers");
        for (const auto& [key, unused] : answers.Here().items())
        {
            lab.questions.push_back({key, answers.Text(key)});
        }
    }
    if (!root.Get("marks").is_array() || root.Get("marks").empty())
    {
        root.Fail("marks",
                  "expected a list of marks, at least one, found " + Found(root.Get("marks")));
    }
    for (std::size_t i = 0; i < root.Get("marks").size(); ++i)
    {
        lab.marks.push_back(ReadMark(root.Element("marks", i), lab, directory));
    }
    return lab;
}

std::map<std::string, Json>
ReadAnswers(const Lab& lab, std::string_view text, const std::string& label)
{
    const auto document = ParseDocument(text, label);
    if (!document.value.is_object())
    {
        document.Fail("",
                      "expected an object {...} with the answers, found " + Found(document.value));
    }
    std::vector<std::string> keys;
    for (const auto& question : lab.questions)
    {
        keys.push_back(question.key);
    }
    PlanReader(document, "").Known(keys);
    std::map<std::string, Json> answers;
    for (const auto& [key, value] : document.value.items())
    {
        if (value.is_null())
        {
            continue;
        }
        if (!value.is_number() && !value.is_string())
        {
            document.Fail(Below("", key),
                          "expected a number, a name in quotes or null, found " + Found(value));
        }
        answers[key] = value;
    }
    return answers;
}

std::vector<std::string>
ForbiddenChanges(const Lab& lab, const Json& given, const Json& handed)
{
    std::vector<std::string> found;
    FindChanges(lab, given, handed, "", found);
    return found;
}

std::optional<double>
NumberAt(const Json& summary, const std::string& at)
{
    const bool length = at.size() > 2 && at.substr(at.size() - 2) == "/#";
    const Json::json_pointer pointer(length ? at.substr(0, at.size() - 2) : at);
    if (!summary.contains(pointer))
    {
        return {};
    }
    const auto& value = summary.at(pointer);
    if (length)
    {
        return value.is_structured() ? std::optional(static_cast<double>(value.size()))
                                     : std::nullopt;
    }
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

LabVerdict
Mark(const LabMark& mark,
     const LabWork& work,
     const std::function<std::optional<double>(const LabMeasurement&)>& measured)
{
    if (mark.answer.empty())
    {
        return MarkMeasurement(mark, work);
    }
    const auto answer = work.answers.find(mark.answer);
    return MarkAnswer(mark, answer == work.answers.end() ? Json() : answer->second, measured);
}

std::map<std::string, std::string>
LabFiles(const Lab& lab, const std::string& extends, const std::string& check)
{
    std::map<std::string, std::string> files;
    std::string readme = "# " + lab.title + "\n\n" + Paragraphs(lab.text) + "## To hand in\n";
    if (!lab.questions.empty())
    {
        nlohmann::ordered_json answers;
        readme += "In `answers.json`, in place of each `null`:\n\n";
        for (const auto& question : lab.questions)
        {
            readme += "- `" + question.key + "`: " + question.ask + "\n";
            answers[question.key] = nullptr;
        }
        files["answers.json"] = answers.dump(2) + "\n";
    }
    if (lab.wantsScenario)
    {
        readme += lab.questions.empty() ? "" : "\n";
        readme += "`scenario.json`, in which you may change ";
        for (std::size_t i = 0; i < lab.mayChange.size(); ++i)
        {
            readme += (i == 0                          ? "`"
                       : i + 1 == lab.mayChange.size() ? " and `"
                                                       : ", `") +
                      lab.mayChange[i] + "`";
        }
        readme += ".\n";
    }
    else
    {
        readme += "\n`scenario.json` is the scenario to look at.\n";
    }
    files["scenario.json"] = nlohmann::ordered_json{{"extends", extends}}.dump(2) + "\n";
    readme += "\nThen, from where you started the lab: `" + check + "`.\n";
    if (!lab.hints.empty())
    {
        readme += "\nThere are hints in `hints.md`, each after some empty lines.\n";
        std::string hints;
        for (std::size_t i = 0; i < lab.hints.size(); ++i)
        {
            hints += "## Hint " + std::to_string(i + 1) + "\n" + lab.hints[i] + "\n" +
                     std::string(i + 1 < lab.hints.size() ? 20 : 0, '\n');
        }
        files["hints.md"] = hints;
    }
    files["README.md"] = readme;
    return files;
}

} // namespace etcdlab
