#include "analysis/pure/reference.h"

#include "analysis/pure/summary.h"
#include "helper/scenario/document.h"

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

/// Reads one object of the document: each key is asked for once, and others are mistakes.
class Object
{
  public:
    Object(const Document& document, std::string pointer, const Json& json)
        : m_document(document),
          m_pointer(std::move(pointer)),
          m_json(json)
    {
        if (!json.is_object())
        {
            document.Fail(m_pointer, "expected an object {...}, found " + Found(json));
        }
    }

    /// The value of a key; nullptr if there is none.
    const Json* Take(const std::string& key)
    {
        m_known.push_back(key);
        const auto found = m_json.find(key);
        return found == m_json.end() ? nullptr : &*found;
    }

    const Json& Need(const std::string& key)
    {
        const Json* value = Take(key);
        if (value == nullptr)
        {
            m_document.Fail(m_pointer, "\"" + key + "\" is missing");
        }
        return *value;
    }

    std::string Text(const std::string& key, const std::string& otherwise)
    {
        const Json* value = Take(key);
        return value == nullptr ? otherwise : TextOf(key, *value);
    }

    std::string Text(const std::string& key)
    {
        return TextOf(key, Need(key));
    }

    double Number(const std::string& key, double otherwise)
    {
        const Json* value = Take(key);
        return value == nullptr ? otherwise : NumberOf(key, *value);
    }

    std::vector<std::string> Texts(const std::string& key)
    {
        std::vector<std::string> texts;
        if (const Json* value = Take(key))
        {
            Expect(value->is_array(), key, "a list of texts", *value);
            for (const Json& text : *value)
            {
                texts.push_back(TextOf(key, text));
            }
        }
        return texts;
    }

    /// One number, or a list of some.
    std::vector<double> Numbers(const std::string& key)
    {
        const Json& value = Need(key);
        if (!value.is_array())
        {
            return {NumberOf(key, value)};
        }
        Expect(value.size() > 1, key, "a number, or a list of two or more", value);
        std::vector<double> numbers;
        for (const Json& number : value)
        {
            numbers.push_back(NumberOf(key, number));
        }
        return numbers;
    }

    /// The objects in a list.
    template <class Function>
    void Each(const std::string& key, Function read)
    {
        const Json& list = Need(key);
        Expect(list.is_array() && !list.empty(), key, "a list of objects", list);
        for (std::size_t i = 0; i < list.size(); ++i)
        {
            Object item(m_document, Below(Below(m_pointer, key), std::to_string(i)), list[i]);
            read(item);
            item.Finish();
        }
    }

    void Finish() const
    {
        for (const auto& [key, value] : m_json.items())
        {
            if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
            {
                m_document.Fail(Below(m_pointer, key), Unknown("key", key, m_known));
            }
        }
    }

    [[noreturn]] void Fail(const std::string& key, const std::string& message) const
    {
        m_document.Fail(Below(m_pointer, key), message);
    }

  private:
    void Expect(bool holds,
                const std::string& key,
                const std::string& what,
                const Json& found) const
    {
        if (!holds)
        {
            Fail(key, "expected " + what + ", found " + Found(found));
        }
    }

    std::string TextOf(const std::string& key, const Json& value) const
    {
        Expect(value.is_string(), key, "a text", value);
        return value.get<std::string>();
    }

    double NumberOf(const std::string& key, const Json& value) const
    {
        Expect(value.is_number(), key, "a number", value);
        return value.get<double>();
    }

    const Document& m_document;
    std::string m_pointer;
    const Json& m_json;
    std::vector<std::string> m_known;
};

/// What a group says of all its figures, and each of them may say otherwise.
struct Common
{
    Observation run;
    std::vector<std::string> less;
};

Observation
WithSettings(Observation run, const std::vector<std::string>& more)
{
    run.settings.insert(run.settings.end(), more.begin(), more.end());
    return run;
}

Common
ReadCommon(Object& object, Common common)
{
    common.run.kind = object.Text("observe", common.run.kind);
    common.run.scenario = object.Text("scenario", common.run.scenario);
    common.run = WithSettings(common.run, object.Texts("settings"));
    const auto less = object.Texts("less");
    common.less = less.empty() ? common.less : less;
    return common;
}

ReferenceFigure
ReadFigure(Object& object, const Common& ofGroup)
{
    ReferenceFigure figure;
    const auto common = ReadCommon(object, ofGroup);
    figure.run = common.run;
    if (figure.run.scenario.empty())
    {
        object.Fail("scenario", "which scenario? neither the figure nor its group says");
    }
    if (!common.less.empty())
    {
        figure.less = WithSettings(common.run, common.less);
    }
    figure.shows = object.Text("shows");
    figure.metric = object.Text("metric");
    const Json* per = object.Take("per");
    if (per != nullptr && per->is_number())
    {
        figure.divisor = per->get<double>();
    }
    else if (per != nullptr)
    {
        figure.per = object.Text("per");
    }
    figure.times = object.Number("times", 1);
    figure.plus = object.Number("plus", 0);
    figure.measured = object.Numbers("measured");
    figure.unit = object.Text("unit");
    if (figure.measured.size() == 1)
    {
        figure.tolerance = object.Number("tolerance_percent", 0) / 100;
        if (figure.tolerance <= 0)
        {
            object.Fail("tolerance_percent", "expected a number above 0");
        }
    }
    figure.resolution = object.Number("resolution", 0);
    figure.fitted = object.Text("fitted", "");
    object.Take("more"); // what else was measured, for readers
    return figure;
}

} // namespace

Reference
ReadReference(const std::filesystem::path& path)
{
    return ReadReferenceText(ReadResultFile(path), path);
}

Reference
ReadReferenceText(std::string_view text, const std::filesystem::path& path)
{
    const auto document = ParseDocument(text, path.string());
    Object root(document, "", document.value);
    Reference reference;
    reference.name = path.stem().string();
    reference.description = root.Text("description");
    root.Take("conditions"); // for readers, and for tests that hold scenarios to them
    root.Each("groups", [&](Object& object) {
        ReferenceGroup group;
        group.title = object.Text("title");
        group.text = object.Text("text", "");
        const auto common = ReadCommon(object, {});
        object.Each("figures",
                    [&](Object& row) { group.figures.push_back(ReadFigure(row, common)); });
        reference.groups.push_back(std::move(group));
    });
    root.Finish();
    return reference;
}

std::vector<Reference>
ReadReferences(const std::filesystem::path& directory)
{
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    {
        if (entry.path().extension() == ".json")
        {
            paths.push_back(entry.path());
        }
    }
    if (paths.empty())
    {
        throw ResultError(directory, error ? error.message() : "no reference file (*.json) in it");
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Reference> references;
    for (const auto& path : paths)
    {
        references.push_back(ReadReference(path));
    }
    return references;
}

const ReferenceFigure&
FigureThatShows(const Reference& reference, const std::string& shows)
{
    for (const auto& group : reference.groups)
    {
        for (const auto& figure : group.figures)
        {
            if (figure.shows == shows)
            {
                return figure;
            }
        }
    }
    throw std::out_of_range("no figure shows " + shows);
}

} // namespace etcdlab
