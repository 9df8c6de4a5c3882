// The process dies at once; what a member had not synced is gone.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class CrashFault : public TargetFault
{
  public:
    CrashFault()
        : TargetFault(true)
    {
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        return site.Crash(process);
    }
};

const bool crashRegistered =
    FaultRegistry::Add("crash", "kill -9 of a member or a proxy; with `for` it starts again", [] {
        return std::make_unique<CrashFault>();
    });

} // namespace

} // namespace etcdlab
