// A process that is down starts; one that runs dies and starts.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class RestartFault : public TargetFault
{
  public:
    RestartFault()
        : TargetFault(true)
    {
    }

    std::vector<Key> Keys() const override
    {
        return {{"target", true}};
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        site.Restart(process);
        return {};
    }
};

const bool restartRegistered =
    FaultRegistry::Add("restart",
                       "start of a member or a proxy that is down; one that runs is killed first",
                       [] { return std::make_unique<RestartFault>(); });

} // namespace

} // namespace etcdlab
