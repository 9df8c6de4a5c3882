#include "helper/scenario/profile-checks.h"

#include "helper/scenario/read-profile.h"
#include "model/base/contains.h"
#include "model/kubernetes/pure/resource-type.h"

#include <charconv>
#include <set>
#include <tuple>

namespace etcdlab
{

using namespace kube;
using nlohmann::json;

namespace
{

template <class T>
std::vector<std::string>
NamesOf(const std::map<std::string, T>& map)
{
    std::vector<std::string> names;
    for (const auto& [name, value] : map)
    {
        names.push_back(name);
    }
    return names;
}

std::string
Listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names)
    {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

const std::vector<std::string> WITH_PODS = {
    "pods", "deployments", "replicasets", "daemonsets", "statefulsets", "jobs"};
const std::string DEFINITIONS = "customresourcedefinitions";

class ProfileChecker
{
  public:
    ProfileChecker(const Profile& profile, const Document& document)
        : m_profile(profile),
          m_document(document)
    {
        const ResourceTypes types;
        for (const auto* type : types.All())
        {
            m_resources.push_back(type->resource);
        }
        for (const auto& [name, list] : profile.objects)
        {
            for (const auto& object : list)
            {
                if (object.defines)
                {
                    m_resources.push_back(object.defines->resource);
                }
            }
        }
    }

    void Check()
    {
        CollectCounters(m_document.value);
        CheckVariables();
        for (const auto& [name, pod] : m_profile.pods)
        {
            CheckPod(pod, Below("/pods", name));
        }
        for (const auto& [name, list] : m_profile.objects)
        {
            CheckObjects(list, Below("/objects", name));
        }
        for (const auto& [name, program] : m_profile.programs)
        {
            CheckProgram(program, Below("/programs", name));
        }
        CheckPhases();
        CheckTexts(m_document.value, "");
    }

  private:
    [[noreturn]] void Fail(const std::string& at, const std::string& message) const
    {
        m_document.Fail(at, message);
    }

    /// The variables that repeated steps count in.
    void CollectCounters(const json& value)
    {
        if (value.is_object() && value.contains("do") && value["do"] == "repeat")
        {
            m_variables.insert(value.contains("counter") && value["counter"].is_string()
                                   ? value["counter"].get<std::string>()
                                   : StepConfig{}.counter);
        }
        if (value.is_structured())
        {
            for (const auto& element : value)
            {
                CollectCounters(element);
            }
        }
    }

    void CheckVariables()
    {
        for (const auto& [name, variable] : m_profile.variables)
        {
            const auto at = Below("/variables", name);
            if (name == "release" || name == "kind" || name == "object")
            {
                Fail(at, "\"" + name + "\" is given by the run: choose another name");
            }
            for (const auto& used : NamesIn(variable.text))
            {
                if (used != "release")
                {
                    Fail(Below(at, "text"),
                         "a variable may use ${release} alone, found ${" + used + "}");
                }
            }
            m_variables.insert(name);
        }
        m_variables.insert({"release", "kind", "object"});
    }

    void CheckPod(const PodConfig& pod, const std::string& at) const
    {
        if (pod.containers.empty())
        {
            Fail(at, "a pod needs at least one container");
        }
        for (std::size_t i = 0; i < pod.containers.size(); ++i)
        {
            const auto& program = pod.containers[i].program;
            if (!program.empty() && !m_profile.programs.contains(program))
            {
                Fail(at + "/containers/" + std::to_string(i) + "/program",
                     Unknown("program", program, NamesOf(m_profile.programs)));
            }
        }
        for (std::size_t i = 0; i < pod.hostPorts.size(); ++i)
        {
            const auto& text = pod.hostPorts[i];
            unsigned port = 0;
            const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
            if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port < 1 ||
                port > 65535)
            {
                Fail(at + "/host_ports/" + std::to_string(i),
                     "expected a port from \"1\" to \"65535\", found " + Quoted(text));
            }
        }
    }

    void CheckObjects(const std::vector<ObjectConfig>& list, const std::string& at) const
    {
        if (list.empty())
        {
            Fail(at, "expected at least one object, found an empty list");
        }
        std::map<std::tuple<std::string, std::string, std::string>, std::size_t> first;
        for (std::size_t i = 0; i < list.size(); ++i)
        {
            const auto below = Below(at, std::to_string(i));
            const auto& object = list[i];
            CheckObject(object, below);
            const auto [before, added] =
                first.emplace(std::tuple(object.resource, object.nameSpace, object.name), i);
            if (!added)
            {
                Fail(below,
                     "the same object as in " +
                         m_document.PlaceOf(Below(at, std::to_string(before->second))).where);
            }
        }
    }

    void CheckObject(const ObjectConfig& object, const std::string& at) const
    {
        if (object.resource.empty() || object.name.empty() || object.bytes.bytes == 0)
        {
            Fail(at,
                 std::string("an object needs ") + (object.resource.empty() ? "a resource"
                                                    : object.name.empty()   ? "a name"
                                                                            : "its bytes"));
        }
        CheckResource(object.resource, Below(at, "resource"));
        const bool hasPods = Contains(WITH_PODS, object.resource);
        if (hasPods && object.pod.empty())
        {
            Fail(at, object.resource + " need a pod: the name of a template under pods");
        }
        if (!hasPods && !object.pod.empty())
        {
            Fail(Below(at, "pod"),
                 object.resource + " have no pods; these have: " + Listed(WITH_PODS));
        }
        if (hasPods && !m_profile.pods.contains(object.pod))
        {
            Fail(Below(at, "pod"), Unknown("pod template", object.pod, NamesOf(m_profile.pods)));
        }
        if (object.headless && object.resource != "services")
        {
            Fail(Below(at, "headless"), "of services alone, not of " + object.resource);
        }
        if ((object.resource == DEFINITIONS) != object.defines.has_value())
        {
            Fail(object.defines ? Below(at, "defines") : at,
                 object.defines ? "of " + DEFINITIONS + " alone, not of " + object.resource
                                : DEFINITIONS + " need defines: the resource that they define");
        }
        if (object.defines && (object.defines->resource.empty() || object.defines->group.empty() ||
                               object.defines->kind.empty() || object.defines->versions.empty()))
        {
            Fail(Below(at, "defines"), "needs resource, group, kind and at least one of versions");
        }
    }

    void CheckResource(const std::string& resource, const std::string& at) const
    {
        if (!Contains(m_resources, resource))
        {
            Fail(at, Unknown("resource", resource, m_resources));
        }
    }

    void CheckProgram(const ProgramConfig& program, const std::string& at) const
    {
        if (program.builtin.empty() == program.steps.empty())
        {
            Fail(at,
                 program.steps.empty() ? "a program needs steps, or builtin"
                                       : "has both steps and builtin: expected one of them");
        }
        CheckSteps(program.steps, Below(at, "steps"), false);
    }

    void CheckPhases() const
    {
        if (m_profile.phases.empty())
        {
            Fail("", "a profile needs phases");
        }
        std::set<std::string> names;
        for (std::size_t i = 0; i < m_profile.phases.size(); ++i)
        {
            const auto& phase = m_profile.phases[i];
            const auto at = "/phases/" + std::to_string(i);
            if (phase.name.empty())
            {
                Fail(at, "a phase needs a name");
            }
            if (!names.insert(phase.name).second)
            {
                Fail(Below(at, "name"), "a phase before has the name " + Quoted(phase.name));
            }
            if (!phase.each.empty() && !m_profile.objects.contains(phase.each))
            {
                Fail(Below(at, "each"), Unknown("objects", phase.each, NamesOf(m_profile.objects)));
            }
            CheckSteps(phase.steps, Below(at, "steps"), !phase.each.empty());
        }
    }

    /// @param each there is an object that steps act on by default
    void CheckSteps(const std::vector<StepConfig>& steps, const std::string& at, bool each) const
    {
        for (std::size_t i = 0; i < steps.size(); ++i)
        {
            CheckStep(steps[i], Below(at, std::to_string(i)), each);
        }
    }

    void CheckStep(const StepConfig& step, const std::string& at, bool each) const
    {
        if (step.verb == "list")
        {
            CheckResource(step.resource, Below(at, "resource"));
        }
        if (Contains(TakenKeys(step.verb).others, "objects"))
        {
            CheckTargets(step, at, each);
        }
        for (std::size_t i = 0; i < step.accept.size(); ++i)
        {
            if (!Contains(StepOutcomes(), step.accept[i]))
            {
                Fail(at + "/accept/" + std::to_string(i),
                     Unknown("outcome", step.accept[i], StepOutcomes()));
            }
        }
        CheckSteps(step.steps, Below(at, "steps"), each);
    }

    void CheckTargets(const StepConfig& step, const std::string& at, bool each) const
    {
        if (step.objects.empty())
        {
            if (!each)
            {
                Fail(at,
                     "a step \"" + step.verb + "\" needs objects where no phase's each gives them");
            }
            return;
        }
        const auto found = m_profile.objects.find(step.objects);
        if (found == m_profile.objects.end())
        {
            Fail(Below(at, "objects"),
                 Unknown("objects", step.objects, NamesOf(m_profile.objects)));
        }
        for (const auto& object : found->second)
        {
            if (step.until == "established" && object.resource != DEFINITIONS)
            {
                Fail(Below(at, "until"),
                     "only " + DEFINITIONS + " become established: " + Quoted(step.objects) +
                         " has " + object.resource);
            }
        }
    }

    /// Every `${name}` of the document must be one that a run knows.
    void CheckTexts(const json& value, const std::string& at) const
    {
        if (value.is_string())
        {
            CheckText(value.get<std::string>(), at);
        }
        else if (value.is_structured())
        {
            for (const auto& [key, element] : value.items())
            {
                if (!(at.empty() && (key == "description" || key == "parameters")))
                {
                    CheckTexts(element, Below(at, key));
                }
            }
        }
    }

    void CheckText(const std::string& text, const std::string& at) const
    {
        for (const auto& name : NamesIn(text))
        {
            if (name.empty())
            {
                Fail(at, "\"${\" without a name and a closing \"}\" in " + Quoted(text));
            }
            if (!m_variables.contains(name))
            {
                Fail(at, Unknown("variable", name, {m_variables.begin(), m_variables.end()}));
            }
        }
    }

    const Profile& m_profile;
    const Document& m_document;
    std::vector<std::string> m_resources;
    std::set<std::string> m_variables;
};

} // namespace

void
CheckProfile(const Profile& profile, const Document& document)
{
    ProfileChecker(profile, document).Check();
}

void
CheckStepKeys(const json& object,
              const std::string& at,
              const StepConfig& step,
              const Document& document)
{
    if (step.verb.empty())
    {
        document.Fail(at, "a step needs do: expected one of " + Listed(StepVerbs()));
    }
    const auto& taken = TakenKeys(step.verb);
    auto all = taken.needed;
    all.insert(all.end(), taken.others.begin(), taken.others.end());
    for (const auto& [key, value] : object.items())
    {
        if (key != "do" && !Contains(all, key))
        {
            document.Fail(Below(at, key),
                          "a step \"" + step.verb + "\" takes no " + key + ": it takes " +
                              Listed(all));
        }
    }
    for (const auto& key : taken.needed)
    {
        if (!object.contains(key) || object[key].is_null())
        {
            document.Fail(at, "a step \"" + step.verb + "\" needs " + key);
        }
    }
}

} // namespace etcdlab
