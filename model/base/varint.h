// Protocol Buffers' variable-length integers, as far as sizes go.
#pragma once

#include <bit>
#include <cstdint>

namespace etcdlab
{

/// Bytes of a varint: seven bits of the number in each, at least one.
constexpr std::uint32_t
VarintBytes(std::uint64_t number)
{
    return (std::bit_width(number | 1) + 6) / 7;
}

/// Bytes of a length-delimited protobuf field with a one-byte tag: tag, length, content.
constexpr std::uint64_t
FieldBytes(std::uint64_t content)
{
    return 1 + VarintBytes(content) + content;
}

/// Bytes of a varint protobuf field with a one-byte tag.
constexpr std::uint64_t
IntFieldBytes(std::uint64_t number)
{
    return 1 + VarintBytes(number);
}

/// The same where proto3 leaves out what is empty.
constexpr std::uint64_t
OptionalBytes(std::uint64_t length)
{
    return length == 0 ? 0 : FieldBytes(length);
}

/// The same where proto3 leaves out what is zero.
constexpr std::uint64_t
OptionalInt(std::uint64_t number)
{
    return number == 0 ? 0 : IntFieldBytes(number);
}

} // namespace etcdlab
