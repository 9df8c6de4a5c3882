#include "analysis/pure/expression.h"

#include "helper/scenario/document.h"
#include "model/base/units.h"

#include <cctype>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Kind = PlanValue::Kind;
using Lookup = Expression::Lookup;
using Node = Expression::Node;

[[noreturn]] void
Refuse(const std::string& what)
{
    throw std::invalid_argument(what);
}

PlanValue
Truth(bool holds)
{
    return {Kind::TRUTH, holds ? 1.0 : 0.0, holds ? "true" : "false"};
}

bool
IsTrue(const PlanValue& value)
{
    if (value.kind != Kind::TRUTH)
    {
        Refuse("expected true or false, found " + KindName(value.kind) + ": " + Quoted(value.text));
    }
    return value.number != 0;
}

PlanValue
Compared(const std::string& sign, const PlanValue& a, const PlanValue& b)
{
    if (a.kind != b.kind)
    {
        Refuse("cannot compare " + KindName(a.kind) + " with " + KindName(b.kind) + ": " +
               Quoted(a.text) + " " + sign + " " + Quoted(b.text));
    }
    if (sign == "==" || sign == "!=")
    {
        const bool equal = a.IsQuantity() ? a.number == b.number : a.text == b.text;
        return Truth(equal == (sign == "=="));
    }
    if (!a.IsQuantity())
    {
        Refuse("cannot order " + KindName(a.kind) + ": only == and != compare these");
    }
    return Truth(sign == "<"    ? a.number < b.number
                 : sign == "<=" ? a.number <= b.number
                 : sign == ">"  ? a.number > b.number
                                : a.number >= b.number);
}

/// Intermediate results may be negative or fractions of a unit; only what is set must be a quantity.
PlanValue
Calculate(char sign, const PlanValue& a, const PlanValue& b)
{
    const auto result = [](Kind kind, double number) {
        return PlanValue{kind, number, nlohmann::json(number).dump()};
    };
    const bool quantities = a.IsQuantity() && b.IsQuantity();
    if (quantities && (sign == '+' || sign == '-') && a.kind == b.kind)
    {
        return result(a.kind, sign == '+' ? a.number + b.number : a.number - b.number);
    }
    if (quantities && sign == '*' && (a.kind == Kind::NUMBER || b.kind == Kind::NUMBER))
    {
        return result(a.kind == Kind::NUMBER ? b.kind : a.kind, a.number * b.number);
    }
    if (quantities && sign == '/' && (b.kind == Kind::NUMBER || a.kind == b.kind))
    {
        if (b.number == 0)
        {
            Refuse("division by zero");
        }
        return result(b.kind == Kind::NUMBER ? a.kind : Kind::NUMBER, a.number / b.number);
    }
    Refuse("cannot calculate " + KindName(a.kind) + " " + sign + " " + KindName(b.kind));
}

bool
IsNameCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
           c == '$';
}

/// Recursive descent, a function for each rule of the grammar.
class Parser
{
  public:
    Parser(std::string_view text, std::vector<std::string>& names)
        : m_text(text),
          m_names(names)
    {
    }

    Node Parse()
    {
        auto node = Or();
        if (Skip(); m_at < m_text.size())
        {
            Expected("the end");
        }
        return node;
    }

  private:
    Node Or()
    {
        auto left = And();
        while (TakeWord("or"))
        {
            left = [a = left, b = And()](const Lookup& l) {
                return Truth(IsTrue(a(l)) || IsTrue(b(l)));
            };
        }
        return left;
    }

    Node And()
    {
        auto left = Not();
        while (TakeWord("and"))
        {
            left = [a = left, b = Not()](const Lookup& l) {
                return Truth(IsTrue(a(l)) && IsTrue(b(l)));
            };
        }
        return left;
    }

    Node Not()
    {
        if (TakeWord("not"))
        {
            Deeper deeper(*this);
            return [a = Not()](const Lookup& l) { return Truth(!IsTrue(a(l))); };
        }
        auto left = Sum();
        for (const char* sign : {"<=", "<", "==", "!=", ">=", ">"})
        {
            if (Take(sign))
            {
                return [sign = std::string(sign), a = left, b = Sum()](const Lookup& l) {
                    return Compared(sign, a(l), b(l));
                };
            }
        }
        return left;
    }

    Node Sum()
    {
        auto left = Product();
        for (;;)
        {
            const char sign = Take("+") ? '+' : Take("-") ? '-' : '\0';
            if (sign == '\0')
            {
                return left;
            }
            left = [sign, a = left, b = Product()](const Lookup& l) {
                return Calculate(sign, a(l), b(l));
            };
        }
    }

    Node Product()
    {
        auto left = Factor();
        for (;;)
        {
            const char sign = Take("*") ? '*' : Take("/") ? '/' : '\0';
            if (sign == '\0')
            {
                return left;
            }
            left = [sign, a = left, b = Factor()](const Lookup& l) {
                return Calculate(sign, a(l), b(l));
            };
        }
    }

    Node Factor()
    {
        Deeper deeper(*this);
        if (Take("-"))
        {
            return [a = Factor()](const Lookup& l) {
                return Calculate('*', {Kind::NUMBER, -1, "-1"}, a(l));
            };
        }
        if (Take("("))
        {
            auto inside = Or();
            if (!Take(")"))
            {
                Expected("\")\"");
            }
            return inside;
        }
        return Operand();
    }

    Node Operand()
    {
        Skip();
        const char first = m_at < m_text.size() ? m_text[m_at] : '\0';
        if (first == '"' || first == '\'')
        {
            return Constant(QuotedText(first));
        }
        const auto start = m_at;
        while (m_at < m_text.size() && (IsNameCharacter(m_text[m_at]) || m_text[m_at] == '%'))
        {
            ++m_at;
        }
        const std::string word(m_text.substr(start, m_at - start));
        if (word.empty() || word == "and" || word == "or" || word == "not")
        {
            m_at = start;
            Expected("a parameter or a value");
        }
        if (word == "true" || word == "false")
        {
            return Constant(Truth(word == "true"));
        }
        if (std::isdigit(static_cast<unsigned char>(word[0])) != 0)
        {
            return Constant(Quantity(word, start));
        }
        m_names.push_back(word);
        return [word](const Lookup& l) { return l(word); };
    }

    PlanValue Quantity(const std::string& word, std::size_t start)
    {
        const auto value = ValueOfText(word);
        if (value.IsQuantity())
        {
            return value;
        }
        const auto number = nlohmann::json::parse(word, nullptr, false);
        if (!number.is_number())
        {
            m_at = start;
            Expected("a number, with or without a unit");
        }
        return ValueOf(number);
    }

    PlanValue QuotedText(char quote)
    {
        const auto start = m_at;
        const auto end = m_text.find(quote, m_at + 1);
        if (end == std::string_view::npos)
        {
            Expected("a text that ends in a quotation mark");
        }
        m_at = end + 1;
        return ValueOfText(m_text.substr(start + 1, end - start - 1));
    }

    static Node Constant(PlanValue value)
    {
        return [value = std::move(value)](const Lookup&) { return value; };
    }

    void Skip()
    {
        while (m_at < m_text.size() && m_text[m_at] == ' ')
        {
            ++m_at;
        }
    }

    bool Take(std::string_view sign)
    {
        Skip();
        const bool there = m_text.substr(m_at).starts_with(sign);
        m_at += there ? sign.size() : 0;
        return there;
    }

    bool TakeWord(std::string_view word)
    {
        Skip();
        const auto rest = m_text.substr(m_at);
        if (!rest.starts_with(word) ||
            (rest.size() > word.size() && IsNameCharacter(rest[word.size()])))
        {
            return false;
        }
        m_at += word.size();
        return true;
    }

    [[noreturn]] void Expected(const std::string& what) const
    {
        const auto rest = m_text.substr(m_at);
        Refuse("expected " + what + " at character " + std::to_string(m_at + 1) + ", found " +
               (rest.empty() ? "the end" : Quoted(rest)));
    }

    /// Keeps the stack from being used up by ten thousand brackets.
    struct Deeper
    {
        explicit Deeper(Parser& it)
            : parser(it)
        {
            if (++parser.m_depth > 50)
            {
                Refuse("expected at most 50 levels of brackets and signs");
            }
        }

        ~Deeper()
        {
            --parser.m_depth;
        }

        Parser& parser;
    };

    std::string_view m_text;
    std::vector<std::string>& m_names;
    std::size_t m_at = 0;
    int m_depth = 0;
};

} // namespace

Expression::Expression(std::string_view text)
    : m_root(Parser(text, m_names).Parse())
{
}

bool
Expression::Holds(const Lookup& lookup) const
{
    return IsTrue(Evaluate(lookup));
}

} // namespace etcdlab
