// A configuration struct's knobs as ns-3 attributes: declared once, by its Describe (see knob.h), known to
// scenarios as "election_timeout" and to ns-3 programs as "ElectionTimeout".
#pragma once

#include "model/base/clock.h"
#include "model/base/knob.h"
#include "model/base/units.h"

#include <ns3/attribute.h>
#include <ns3/boolean.h>
#include <ns3/double.h>
#include <ns3/nstime.h>
#include <ns3/string.h>
#include <ns3/type-id.h>
#include <ns3/uinteger.h>

#include <cctype>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace etcdlab
{

/// "election_timeout" -> "ElectionTimeout"
inline std::string
AttributeName(const std::string& key)
{
    std::string name;
    bool upper = true;
    for (const char c : key)
    {
        if (c == '_')
        {
            upper = true;
            continue;
        }
        name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        upper = false;
    }
    return name;
}

/// Reads and writes one attribute of an Object through two functions.
template <class Object, class Value>
class FunctionAccessor : public ns3::AttributeAccessor
{
  public:
    using Setter = std::function<bool(Object&, const Value&)>;
    using Getter = std::function<Value(const Object&)>;

    FunctionAccessor(Setter set, Getter get)
        : m_set(std::move(set)),
          m_get(std::move(get))
    {
    }

    bool Set(ns3::ObjectBase* object, const ns3::AttributeValue& value) const override
    {
        auto* target = dynamic_cast<Object*>(object);
        const auto* typed = dynamic_cast<const Value*>(&value);
        return target != nullptr && typed != nullptr && m_set(*target, *typed);
    }

    bool Get(const ns3::ObjectBase* object, ns3::AttributeValue& value) const override
    {
        const auto* source = dynamic_cast<const Object*>(object);
        auto* typed = dynamic_cast<Value*>(&value);
        if (source == nullptr || typed == nullptr)
        {
            return false;
        }
        *typed = m_get(*source);
        return true;
    }

    bool HasGetter() const override
    {
        return true;
    }

    bool HasSetter() const override
    {
        return true;
    }

  private:
    Setter m_set;
    Getter m_get;
};

/**
 * Adds an attribute to a TypeId for every field that Describe names; those of a group have the group's name
 * in front ("CpuCores").
 *
 * Durations are TimeValues, numbers UintegerValues or DoubleValues, switches BooleanValues. Everything else
 * is a StringValue written as in scenarios ("1Gbps", "1024B"); lists are separated by blanks; a switch
 * that may be unset is "", "true" or "false".
 *
 * @tparam Object the ns3::Object
 * @tparam Config the struct
 */
template <class Object, class Config>
class AttributeDeclarer
{
  public:
    /// @param member the struct in the object
    AttributeDeclarer(ns3::TypeId& tid, Config Object::*member)
        : AttributeDeclarer(tid, "", [member](Object& object) -> Config& { return object.*member; })
    {
        Config defaults;
        Describe(*this, defaults);
    }

    template <class T>
    void Field(const char* key, T& field, const Knob& knob)
    {
        const auto name = m_prefix + AttributeName(key);
        const auto get = [config = m_config, key](Object& object) -> T& {
            FieldFinder<T> finder{key};
            Describe(finder, config(object));
            return *finder.found;
        };
        if constexpr (std::is_same_v<T, Duration>)
        {
            Add<ns3::TimeValue>(
                name,
                knob,
                ToTime(field),
                ns3::MakeTimeChecker(ToTime(Duration(Bound(knob.min))),
                                     ToTime(Duration(Bound(knob.max)))),
                [get](Object& o, const auto& v) { return (get(o) = ToDuration(v.Get()), true); },
                [get](Object& o) { return ns3::TimeValue(ToTime(get(o))); });
        }
        else if constexpr (std::is_same_v<T, bool>)
        {
            Add<ns3::BooleanValue>(
                name,
                knob,
                field,
                ns3::MakeBooleanChecker(),
                [get](Object& o, const auto& v) { return (get(o) = v.Get(), true); },
                [get](Object& o) { return ns3::BooleanValue(get(o)); });
        }
        else if constexpr (std::is_same_v<T, std::uint64_t>)
        {
            Add<ns3::UintegerValue>(
                name,
                knob,
                field,
                ns3::MakeUintegerChecker<std::uint64_t>(
                    static_cast<std::uint64_t>(Bound(knob.min)),
                    static_cast<std::uint64_t>(Bound(knob.max))),
                [get](Object& o, const auto& v) { return (get(o) = v.Get(), true); },
                [get](Object& o) { return ns3::UintegerValue(get(o)); });
        }
        else if constexpr (std::is_same_v<T, double>)
        {
            Add<ns3::DoubleValue>(
                name,
                knob,
                field,
                ns3::MakeDoubleChecker<double>(knob.min, knob.max),
                [get](Object& o, const auto& v) { return (get(o) = v.Get(), true); },
                [get](Object& o) { return ns3::DoubleValue(get(o)); });
        }
        else
        {
            Add<ns3::StringValue>(
                name,
                knob,
                ToText(field),
                ns3::MakeStringChecker(),
                [get](Object& o, const auto& v) { return FromText(v.Get(), get(o)); },
                [get](Object& o) { return ns3::StringValue(ToText(get(o))); });
        }
    }

    template <class Inner>
    void Group(const char* key, Inner& inner, const Knob&)
    {
        const auto config = [outer = m_config, key](Object& object) -> Inner& {
            GroupFinder<Inner> finder{key};
            Describe(finder, outer(object));
            return *finder.found;
        };
        AttributeDeclarer<Object, Inner> declarer(m_tid, m_prefix + AttributeName(key), config);
        Describe(declarer, inner);
    }

  private:
    template <class, class>
    friend class AttributeDeclarer;

    using Access = std::function<Config&(Object&)>;

    AttributeDeclarer(ns3::TypeId& tid, std::string prefix, Access config)
        : m_tid(tid),
          m_prefix(std::move(prefix)),
          m_config(std::move(config))
    {
    }

    /// Finds a field of a known type by its key.
    template <class T>
    struct FieldFinder
    {
        std::string key;
        T* found = nullptr;

        template <class Other>
        void Field(const char* name, Other& field, const Knob&)
        {
            if constexpr (std::is_same_v<T, Other>)
            {
                found = key == name ? &field : found;
            }
        }

        template <class Inner>
        void Group(const char*, Inner&, const Knob&)
        {
        }
    };

    template <class T>
    struct GroupFinder
    {
        std::string key;
        T* found = nullptr;

        template <class Other>
        void Field(const char*, Other&, const Knob&)
        {
        }

        template <class Inner>
        void Group(const char* name, Inner& inner, const Knob&)
        {
            if constexpr (std::is_same_v<T, Inner>)
            {
                found = key == name ? &inner : found;
            }
        }
    };

    /// A knob's bound as an integer; "no bound" becomes the largest one.
    static std::int64_t Bound(double bound)
    {
        const auto largest = std::numeric_limits<std::int64_t>::max();
        return bound >= static_cast<double>(largest) ? largest : static_cast<std::int64_t>(bound);
    }

    static std::string ToText(const std::string& text)
    {
        return text;
    }

    static std::string ToText(const std::vector<std::string>& list)
    {
        std::string text;
        for (const auto& item : list)
        {
            text += (text.empty() ? "" : " ") + item;
        }
        return text;
    }

    static std::string ToText(const std::optional<bool>& flag)
    {
        return !flag ? "" : *flag ? "true" : "false";
    }

    template <class Quantity>
    static std::string ToText(const Quantity& quantity)
    {
        return Format(quantity);
    }

    static bool FromText(const std::string& text, std::string& field)
    {
        field = text;
        return true;
    }

    static bool FromText(const std::string& text, std::vector<std::string>& field)
    {
        field.clear();
        std::string item;
        for (const char c : text + " ")
        {
            if (c != ' ')
            {
                item += c;
            }
            else if (!item.empty())
            {
                field.push_back(std::exchange(item, ""));
            }
        }
        return true;
    }

    static bool FromText(const std::string& text, std::optional<bool>& field)
    {
        field = text.empty() ? std::nullopt : std::optional(text == "true");
        return text.empty() || text == "true" || text == "false";
    }

    static bool FromText(const std::string& text, DataRate& field)
    {
        return Parse(text, field, ParseDataRate);
    }

    static bool FromText(const std::string& text, ByteSize& field)
    {
        return Parse(text, field, ParseByteSize);
    }

    static bool FromText(const std::string& text, Share& field)
    {
        return Parse(text, field, ParseShare);
    }

    template <class T, class Parser>
    static bool Parse(const std::string& text, T& field, Parser parse)
    {
        try
        {
            field = parse(text);
            return true;
        }
        catch (const std::invalid_argument&)
        {
            return false; // ns-3 reports the attribute and its value
        }
    }

    template <class Value, class Default, class Set, class Get>
    void Add(const std::string& name,
             const Knob& knob,
             const Default& defaultValue,
             ns3::Ptr<const ns3::AttributeChecker> checker,
             Set set,
             Get get)
    {
        const auto read = [get](const Object& object) { return get(const_cast<Object&>(object)); };
        m_tid.AddAttribute(name,
                           knob.help,
                           Value(defaultValue),
                           ns3::Create<FunctionAccessor<Object, Value>>(set, read),
                           checker);
    }

    ns3::TypeId& m_tid;
    std::string m_prefix;
    Access m_config;
};

} // namespace etcdlab
