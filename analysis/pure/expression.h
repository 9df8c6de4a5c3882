// Expressions over a sweep's parameters: which points count, and what follows from others.
#pragma once

#include "analysis/pure/plan-value.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/**
 * An expression, as in `links.api-e1.rtt <= 2 * links.api-e2.rtt and leader != "e3"`.
 *
 *     or        := and { "or" and }
 *     and       := not { "and" not }
 *     not       := "not" not | sum [ ("<" | "<=" | "==" | "!=" | ">=" | ">") sum ]
 *     sum       := product { ("+" | "-") product }
 *     product   := factor { ("*" | "/") factor }
 *     factor    := "-" factor | "(" or ")" | number [unit] | "text" | 'text' | "true" | "false" | parameter
 *
 * A parameter is a scenario's path ("links.api-e1.rtt") or a variable of the plan ("$asymmetry"). Names may contain "-",
 * so a minus stands between blanks. Quantities of one kind can be added and compared, any can be multiplied with a
 * number, and the quotient of two of one kind is a number. Texts and truths can only be compared for equality.
 */
class Expression
{
  public:
    /// The value of a parameter. Never null: names are checked beforehand.
    using Lookup = std::function<const PlanValue&(const std::string&)>;
    using Node = std::function<PlanValue(const Lookup&)>;

    /// @throws std::invalid_argument: what was expected, what was found, at which character (from 1)
    explicit Expression(std::string_view text);

    /// @throws std::invalid_argument if kinds do not go together
    PlanValue Evaluate(const Lookup& lookup) const
    {
        return m_root(lookup);
    }

    /// @throws std::invalid_argument, also if it is neither true nor false
    bool Holds(const Lookup& lookup) const;

    /// The parameters it names, in the order in which they appear.
    const std::vector<std::string>& Names() const
    {
        return m_names;
    }

  private:
    std::vector<std::string> m_names; //!< filled while the root is made
    Node m_root;
};

} // namespace etcdlab
