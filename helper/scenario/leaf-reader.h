// Reads single JSON values into the fields of configuration structs.
#pragma once

#include "helper/scenario/document.h"

namespace etcdlab
{

/// The value of a JSON leaf, checked against its knob. Each throws ScenarioError through
/// `document`.
struct LeafReader
{
    const Document& document;
    const KnownNames& known;

    void Read(const nlohmann::json& j,
              const std::string& at,
              std::string& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j, const std::string& at, bool& value, const Knob& knob) const;
    template <class T>
    void Read(const nlohmann::json& j,
              const std::string& at,
              std::optional<T>& value,
              const Knob& knob) const
    {
        Read(j, at, value.emplace(), knob);
    }

    void Read(const nlohmann::json& j,
              const std::string& at,
              std::uint64_t& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              double& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              Duration& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              DataRate& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              ByteSize& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j, const std::string& at, Share& value, const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              Accounting& value,
              const Knob& knob) const;
    void Read(const nlohmann::json& j,
              const std::string& at,
              std::vector<std::string>& value,
              const Knob& knob) const;

    void Read(const nlohmann::json& j,
              const std::string& at,
              NodeGroups& value,
              const Knob& knob) const;

    /// Set a disk to the profile it names, if it names a known one. @return the object with single
    /// figures
    const nlohmann::json& StartFromProfile(const nlohmann::json& j,
                                           const std::string& at,
                                           DiskConfig& disk) const;
    /// A link's `rtt`, which stands for twice its delay; exactly one of the two must be given.
    void ReadRtt(const nlohmann::json& j, const std::string& at, LinkConfig& link) const;
    /// The nodes that a link's name stands for.
    NodePair ReadPair(const std::string& name,
                      const std::string& at,
                      const std::vector<std::string>& nodes) const;
};

} // namespace etcdlab
