// What faults have in common that are no faults but an operator's work: changes of the cluster's members.
#pragma once

#include "model/fault/fault-type.h"

namespace etcdlab
{

/// One change of one member, asked of the leader (etcdctl member add, promote, remove).
class MemberChangeFault : public FaultType
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"target", true}};
    }

    Struck Strike(const FaultConfig& config,
                  const FaultScope& scope,
                  FaultSite& site) const override;
    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override;
    bool CanDraw(const FaultScope& scope) const override;

    bool ChangesMembers() const override
    {
        return true;
    }

  protected:
    virtual MemberOperation Operation(const FaultConfig& config) const = 0;
    /// Whom a random change may choose.
    virtual std::vector<std::string> Candidates(const FaultScope& scope) const = 0;
};

/// Whether a name is among others.
bool IsAmong(const std::vector<std::string>& names, const std::string& name);

/// What is wrong with a target that has to be one of these. @param none what to say if there are none
std::optional<FaultProblem> CheckAmong(const std::string& target,
                                       const std::vector<std::string>& names,
                                       const std::string& none);

} // namespace etcdlab
