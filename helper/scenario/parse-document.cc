// The parser of document.h: nlohmann's, with places, without a second value for a key, and with
// messages for people.
#include "helper/scenario/document.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace etcdlab
{

namespace
{

using nlohmann::json;

/// Characters handed to the parser, counted: this is how a value's line becomes known.
class Counting
{
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Counting(const char* at, std::size_t* count)
        : m_at(at),
          m_count(count)
    {
    }

    reference operator*() const
    {
        return *m_at;
    }

    Counting& operator++()
    {
        ++m_at;
        ++*m_count;
        return *this;
    }

    bool operator==(const Counting& other) const
    {
        return m_at == other.m_at;
    }

  private:
    const char* m_at;
    std::size_t* m_count;
};

/// Builds the tree from the parser's events.
class Builder : public nlohmann::json_sax<json>
{
  public:
    Builder(std::string_view text, const std::string& label, bool setting)
        : m_text(text),
          m_label(label),
          m_setting(setting)
    {
        for (std::size_t i = 0; i < text.size(); ++i)
        {
            if (text[i] == '\n')
            {
                m_newlines.push_back(i);
            }
        }
    }

    Document Build()
    {
        CheckUtf8();
        const char* begin = m_text.data();
        json::sax_parse(Counting(begin, &m_read),
                        Counting(begin + m_text.size(), &m_read),
                        this,
                        json::input_format_t::json,
                        true,
                        true);
        return std::move(m_document);
    }

    bool null() override
    {
        return Add(nullptr);
    }

    bool boolean(bool value) override
    {
        return Add(value);
    }

    bool number_integer(json::number_integer_t value) override
    {
        return Add(value);
    }

    bool number_unsigned(json::number_unsigned_t value) override
    {
        return Add(value);
    }

    bool number_float(json::number_float_t value, const json::string_t&) override
    {
        return Add(value);
    }

    bool string(json::string_t& value) override
    {
        return Add(std::move(value));
    }

    bool binary(json::binary_t&) override
    {
        return false; // not in text
    }

    bool start_object(std::size_t) override
    {
        return Open(json::object());
    }

    bool start_array(std::size_t) override
    {
        return Open(json::array());
    }

    bool key(json::string_t& name) override
    {
        m_key = name;
        const auto pointer = Below(m_open.back().pointer, name);
        if (m_open.back().value->contains(name))
        {
            const auto& first = m_document.places.at(pointer).where;
            throw ScenarioError(
                Where() + ": " + pointer + ": given twice" +
                (m_setting ? "" : ", before in line " + first.substr(first.rfind(':') + 1)));
        }
        return true;
    }

    bool end_object() override
    {
        m_open.pop_back();
        return true;
    }

    bool end_array() override
    {
        m_open.pop_back();
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const json::exception& e) override
    {
        const std::size_t at = std::min(position == 0 ? 0 : position - 1, m_text.size() - 1);
        throw ScenarioError(WhereAt(at) + ": " + Explain(at, e.what()));
    }

  private:
    struct Container
    {
        json* value;
        std::string pointer;
        std::size_t line;
    };

    std::size_t LineAt(std::size_t offset) const
    {
        const auto before = std::lower_bound(m_newlines.begin(), m_newlines.end(), offset);
        return static_cast<std::size_t>(before - m_newlines.begin()) + 1;
    }

    std::string WhereAt(std::size_t offset) const
    {
        return m_setting ? m_label : m_label + ":" + std::to_string(LineAt(offset));
    }

    /// The place of the token read last. A number's end is known only from the character behind it,
    /// which may be a newline; no other token ends in one.
    std::string Where() const
    {
        return WhereAt(m_read == 0 ? 0 : m_read - 1);
    }

    json* Place(json value)
    {
        if (m_open.empty())
        {
            m_pointer.clear();
            m_document.value = std::move(value);
            m_document.places[""] = {Where(), {}};
            return &m_document.value;
        }
        auto& [container, pointer, line] = m_open.back();
        json* added = nullptr;
        if (container->is_object())
        {
            m_pointer = Below(pointer, m_key);
            added = &((*container)[m_key] = std::move(value));
        }
        else
        {
            m_pointer = Below(pointer, std::to_string(container->size()));
            container->push_back(std::move(value));
            added = &container->back();
        }
        m_document.places[m_pointer] = {Where(), {}};
        return added;
    }

    bool Add(json value)
    {
        Place(std::move(value));
        return true;
    }

    bool Open(json container)
    {
        constexpr std::size_t DEEPEST = 20; // a scenario has 4
        if (m_open.size() == DEEPEST)
        {
            throw ScenarioError(Where() + ": nested more than " + std::to_string(DEEPEST) +
                                " levels deep");
        }
        json* placed = Place(std::move(container));
        m_open.push_back({placed, m_pointer, LineAt(m_read == 0 ? 0 : m_read - 1)});
        return true;
    }

    /// Whole words around an offset, for messages: the parser stops within them.
    std::string WordAt(std::size_t offset) const
    {
        const auto inWord = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' ||
                   c == '.' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        };
        std::size_t begin = offset;
        std::size_t end = offset;
        if (begin < m_text.size() && !inWord(m_text[begin]) && begin > 0 &&
            inWord(m_text[begin - 1]))
        {
            --begin;
            --end;
        }
        while (begin > 0 && inWord(m_text[begin - 1]))
        {
            --begin;
        }
        while (end < m_text.size() && inWord(m_text[end]))
        {
            ++end;
        }
        return std::string(m_text.substr(begin, std::max<std::size_t>(end - begin, 1)));
    }

    /// The parser's message in the words of this program.
    std::string Explain(std::size_t at, const std::string& what) const
    {
        const auto has = [&what](const char* part) { return what.find(part) != std::string::npos; };
        if (has("number overflow"))
        {
            return WordAt(at) + " is too large a number";
        }
        if (has("missing closing '*/'"))
        {
            return "the comment is never closed: \"*/\" is missing";
        }
        if (has("missing closing quote") || (has("control character") && has("U+000A")))
        {
            return "a text has no closing quote";
        }
        if (has("unexpected end of input"))
        {
            return m_open.empty() ? "there is no scenario in the file: expected an object {...}"
                                  : EndsTooEarly();
        }
        if (has("invalid literal"))
        {
            return Quoted(WordAt(at)) +
                   " is neither a text in quotes nor a number, true, false or null";
        }
        if (const auto found = Between(what, "unexpected ", "; expected "); !found.empty())
        {
            return Expected(what.substr(what.rfind("; expected ") + 11), found);
        }
        // What remains concerns single characters: bad escapes, bad numbers, control characters.
        auto detail = Between(what, " - ", "; last read");
        for (const std::string prefix : {"invalid string: ", "invalid number; "})
        {
            detail = detail.starts_with(prefix) ? detail.substr(prefix.size()) : detail;
        }
        return "not JSON: " + (detail.empty() ? Quoted(what) : detail);
    }

    /// The part of a text between two others, empty if they are not there.
    static std::string Between(const std::string& text,
                               const std::string& before,
                               const std::string& after)
    {
        const auto begin = text.find(before);
        const auto end = begin == std::string::npos ? begin : text.find(after, begin);
        return end == std::string::npos
                   ? ""
                   : text.substr(begin + before.size(), end - begin - before.size());
    }

    std::string EndsTooEarly() const
    {
        const auto& [container, pointer, line] = m_open.back();
        const std::string bracket = container->is_object() ? "\"{\"" : "\"[\"";
        return m_setting ? "its " + bracket + " is never closed"
                         : "the file ends too early: the " + bracket + " of line " +
                               std::to_string(line) + " is never closed";
    }

    std::string Expected(std::string expected, std::string found) const
    {
        if (expected == "'}'" || expected == "']'")
        {
            expected = "a comma or " + expected;
        }
        else if (expected == "string literal")
        {
            expected = "a key in quotes";
        }
        else if (expected == "end of input")
        {
            expected = "the end of the file";
        }
        else if (expected != "':'")
        {
            expected = "a value";
        }
        found = found == "string literal" || found == "number literal" ? "a " + found : found;
        found = found.ends_with(" literal") ? found.substr(0, found.size() - 8) : found;
        found = found == "a string" ? "a text in quotes" : found;
        const bool trailing = expected == "a key in quotes" && found == "'}'";
        return "expected " + expected + ", found " + found + (trailing ? " after a comma" : "");
    }

    /// @throws ScenarioError naming the first byte that is not UTF-8 (RFC 3629)
    void CheckUtf8() const
    {
        for (std::size_t i = 0; i < m_text.size();)
        {
            const std::size_t length = SequenceAt(i);
            if (length == 0)
            {
                constexpr const char* HEX = "0123456789abcdef";
                const auto byte = static_cast<unsigned char>(m_text[i]);
                throw ScenarioError(WhereAt(i) + ": not UTF-8: byte 0x" + HEX[byte >> 4] +
                                    HEX[byte & 15]);
            }
            i += length;
        }
    }

    /// The length of the character at `i`, or 0 if it is none.
    std::size_t SequenceAt(std::size_t i) const
    {
        const auto byte = [this](std::size_t k) {
            return k < m_text.size() ? static_cast<unsigned char>(m_text[k]) : 0U;
        };
        const unsigned first = byte(i);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xc2 ? 0
                                   : first < 0xe0 ? 2
                                   : first < 0xf0 ? 3
                                   : first < 0xf5 ? 4
                                                  : 0;
        for (std::size_t k = 1; k < length; ++k)
        {
            if ((byte(i + k) & 0xc0) != 0x80)
            {
                return 0;
            }
        }
        const unsigned second = byte(i + 1);
        const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
        const bool beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
        return overlong || beyond ? 0 : length;
    }

    std::string_view m_text;
    const std::string& m_label;
    bool m_setting;
    std::size_t m_read = 0; //!< characters the parser has taken
    std::vector<std::size_t> m_newlines;
    std::vector<Container> m_open;
    std::string m_key;
    std::string m_pointer; //!< of the value added last
    Document m_document;
};

} // namespace

Document
ParseDocument(std::string_view text, const std::string& label, bool setting)
{
    if (text.empty())
    {
        throw ScenarioError(label + (setting ? "" : ":1") +
                            ": the file is empty: expected an object {...}");
    }
    return Builder(text, label, setting).Build();
}

} // namespace etcdlab
