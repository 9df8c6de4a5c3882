// Expressions of plans: what they come to, and what is wrong with those that come to nothing.
#include "analysis/pure/expression.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace etcdlab
{

namespace
{

const PlanValue&
Value(const std::string& name)
{
    static const std::map<std::string, PlanValue> VALUES = {
        {"links.api-e1.rtt", ValueOfText("20ms")},
        {"$far", ValueOfText("0.1s")},
        {"leader", ValueOfText("e2")},
        {"order", ValueOf(3)},
        {"proxy.nagle", ValueOf(true)}};
    return VALUES.at(name);
}

bool
Holds(const std::string& text)
{
    return Expression(text).Holds(Value);
}

double
Number(const std::string& text)
{
    return Expression(text).Evaluate(Value).number;
}

TEST(Expression, ComparesQuantitiesInWhateverUnitTheyAreWritten)
{
    EXPECT_TRUE(Holds("links.api-e1.rtt < $far"));
    EXPECT_TRUE(Holds("$far == 100ms"));
    EXPECT_TRUE(Holds("links.api-e1.rtt >= 20000us"));
    EXPECT_FALSE(Holds("links.api-e1.rtt != 0.02s"));
    EXPECT_FALSE(Holds("order > 3"));
    EXPECT_TRUE(Holds("order <= 3"));
}

TEST(Expression, ComparesTextsAndTruths)
{
    EXPECT_TRUE(Holds("leader == \"e2\""));
    EXPECT_TRUE(Holds("leader != 'e1'"));
    EXPECT_TRUE(Holds("proxy.nagle == true"));
    EXPECT_TRUE(Holds("proxy.nagle"));
}

TEST(Expression, BindsNotBeforeAndBeforeOr)
{
    EXPECT_TRUE(Holds("true or true and false")) << "(true or true) and false would be false";
    EXPECT_TRUE(Holds("not false or true"));
    EXPECT_FALSE(Holds("not (false or true)"));
    EXPECT_TRUE(Holds("order == 3 and leader == 'e2'")) << "order is a name, not or and der";
}

TEST(Expression, CalculatesProductsFirstAndFromTheLeft)
{
    EXPECT_EQ(Number("1 + 2 * 3 - 4 / 2"), 5);
    EXPECT_EQ(Number("10 - 3 - 2"), 5);
    EXPECT_EQ(Number("24 / 4 / 2"), 3);
    EXPECT_EQ(Number("-(1 + 2) * 2"), -6);
    EXPECT_EQ(Number("1e-1 * 10"), 1);
}

TEST(Expression, KeepsUnits)
{
    EXPECT_EQ(Number("2 * links.api-e1.rtt + $far"), 140e6) << "nanoseconds";
    EXPECT_EQ(Number("$far / links.api-e1.rtt"), 5) << "a duration by a duration is a number";
    EXPECT_EQ(Number("10MB / 2"), 5e6);
    EXPECT_EQ(Expression("$far / 2").Evaluate(Value).kind, PlanValue::Kind::DURATION);
}

TEST(Expression, NamesItsParametersInOrder)
{
    EXPECT_EQ(Expression("$far < 2 * links.api-e1.rtt").Names(),
              (std::vector<std::string>{"$far", "links.api-e1.rtt"}));
}

std::string
Complaint(const std::string& text)
{
    try
    {
        Expression(text).Holds(Value);
        return "(none)";
    }
    catch (const std::invalid_argument& error)
    {
        return error.what();
    }
}

TEST(Expression, SaysWhatIsWrong)
{
    EXPECT_EQ(Complaint(""), "expected a parameter or a value at character 1, found the end");
    EXPECT_EQ(Complaint("order <"),
              "expected a parameter or a value at character 8, found the end");
    EXPECT_EQ(Complaint("(order < 3"), "expected \")\" at character 11, found the end");
    EXPECT_EQ(Complaint("order < 3)"), "expected the end at character 10, found \")\"");
    EXPECT_EQ(Complaint("order < 3 < 4"), "expected the end at character 11, found \"< 4\"");
    EXPECT_EQ(Complaint("order = 3"), "expected the end at character 7, found \"= 3\"");
    EXPECT_EQ(Complaint("leader == 'e2"),
              "expected a text that ends in a quotation mark at character 11, found \"'e2\"");
    EXPECT_EQ(Complaint("order < 20xs"),
              "expected a number, with or without a unit at character 9, found \"20xs\"");
    EXPECT_EQ(Complaint("order < 2-1"),
              "expected a number, with or without a unit at character 9, found \"2-1\"");
    EXPECT_EQ(Complaint("order"), "expected true or false, found a number: \"3\"");
    EXPECT_EQ(Complaint("order < $far"),
              "cannot compare a number with a duration: \"3\" < \"0.1s\"");
    EXPECT_EQ(Complaint("leader < 'e3'"), "cannot order a text: only == and != compare these");
    EXPECT_EQ(Complaint("order + $far > 1"), "cannot calculate a number + a duration");
    EXPECT_EQ(Complaint("$far * $far > 1"), "cannot calculate a duration * a duration");
    EXPECT_EQ(Complaint("order / 0 > 1"), "division by zero");
    EXPECT_EQ(Complaint(std::string(100, '(')), "expected at most 50 levels of brackets and signs");
}

} // namespace

} // namespace etcdlab
