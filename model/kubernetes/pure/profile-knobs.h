// What is said once about each key of a profile: reader and JSON Schema derive from it.
#pragma once

#include "model/base/knob.h"
#include "model/kubernetes/pure/profile.h"

namespace etcdlab::kube
{

inline constexpr double LONGEST_WAIT = 86400e9; //!< a day
inline constexpr double LARGEST_OBJECT = 1.5 * 1024 * 1024;

template <class Visitor>
void
Describe(Visitor& v, ContainerConfig& c)
{
    v.Field("name", c.name, {.help = "the container's name"});
    v.Field("pull",
            c.pull,
            {.help = "time to pull its image; 0s: the node has it", .max = LONGEST_WAIT});
    v.Field("start", c.start, {.help = "from created to running", .max = LONGEST_WAIT});
    v.Field("ready",
            c.ready,
            {.help = "after it runs, its readiness probe succeeds; null: it has none",
             .max = LONGEST_WAIT});
    v.Field("runs",
            c.runs,
            {.help = "it exits after running so long; null: never, or when its program ends",
             .max = LONGEST_WAIT});
    v.Field("exit_code", c.exitCode, {.help = "with which it exits then", .max = 255});
    v.Field("program", c.program, {.help = "what it asks of the API: a name under programs"});
}

template <class Visitor>
void
Describe(Visitor& v, PodConfig& c)
{
    v.Map("labels", c.labels, {.help = "labels of its pods"});
    v.Field(
        "bytes", c.bytes, {.help = "a new pod's size in etcd", .min = 1, .max = LARGEST_OBJECT});
    v.Field("restart_policy",
            c.restartPolicy,
            {.help = "when a container that exits is started again",
             .choices = {"always", "on-failure", "never"}});
    v.Field("service_account", c.serviceAccount, {.help = "whose token it mounts"});
    v.Field("host_ports",
            c.hostPorts,
            {.help = "ports of the node: two pods with the same one do not fit on a node"});
    v.List("containers", c.containers, {.help = "its containers"});
}

template <class Visitor>
void
Describe(Visitor& v, DefinedConfig& c)
{
    v.Field("resource", c.resource, {.help = "plural name, as in the API's paths"});
    v.Field("group", c.group, {.help = "API group"});
    v.Field("kind", c.kind, {.help = "the kind"});
    v.Field("versions", c.versions, {.help = "served versions, each with a storage of its own"});
}

template <class Visitor>
void
Describe(Visitor& v, ObjectConfig& c)
{
    v.Field("resource", c.resource, {.help = "plural name of its type, as in the API's paths"});
    v.Field("name", c.name, {.help = "its name"});
    v.Field(
        "namespace", c.nameSpace, {.help = "its namespace; of no meaning if its type has none"});
    v.Field("bytes",
            c.bytes,
            {.help = "its size in etcd when created, managed fields included",
             .min = 1,
             .max = LARGEST_OBJECT});
    v.Map("labels", c.labels, {.help = "labels; of pods: those of the template beside them"});
    v.Field("pod", c.pod, {.help = "the template of its pods: a name under pods"});
    v.Field("replicas", c.replicas, {.help = "replicas; of jobs, completions", .max = 1e5});
    v.Map("selector",
          c.selector,
          {.help = "labels it selects pods by; by default its template's; a service without has no "
                   "endpoints of its own"});
    v.Field("headless", c.headless, {.help = "a service without a cluster IP"});
    v.Optional("defines", c.defines, {.help = "what a custom resource definition defines"});
}

template <class Visitor>
void
Describe(Visitor& v, StepConfig& c)
{
    v.Field("do", c.verb, {.help = "what is done", .choices = StepVerbs(), .kind = "verb"});
    v.Field(
        "objects",
        c.objects,
        {.help = "the objects: a name under objects; by default the one its phase is done for"});
    v.Field("mode",
            c.mode,
            {.help = "serial: one after another; parallel: all at once; batches: neighbours of one "
                     "type at once, types one after another",
             .choices = {"serial", "parallel", "batches"}});
    v.Field("which",
            c.which,
            {.help = "all of them, or those alone that this run has created",
             .choices = {"all", "created"}});
    v.Field("think",
            c.think,
            {.help = "the client's own time before each request; requests that go out together are "
                     "prepared one after another",
             .max = LONGEST_WAIT});
    v.Field("accept",
            c.accept,
            {.help = "outcomes that are right; the run ends with any other: ok, NotFound, "
                     "AlreadyExists, Conflict",
             .min = 1,
             .max = 4,
             .kind = "outcome"});
    v.Field("resource", c.resource, {.help = "what is listed: plural name of a type"});
    v.Field("namespace", c.nameSpace, {.help = "in which namespace; empty: in all"});
    v.Field("from",
            c.from,
            {.help = "whether etcd is read, or the API server's watch cache (resourceVersion=0)",
             .choices = {"etcd", "watch-cache"}});
    v.Field(
        "bytes",
        c.bytes,
        {.help = "the object's size from now on; null: as it is", .min = 1, .max = LARGEST_OBJECT});
    v.Field("conditional",
            c.conditional,
            {.help = "with the resource version that was last read: it may conflict"});
    v.Field(
        "until",
        c.until,
        {.help =
             "what the objects are to be; complete holds at once for what is neither job nor pod",
         .choices = {"established", "complete", "running", "ready", "exists", "gone"}});
    v.Field("poll",
            c.poll,
            {.help =
                 "look so often, one object after another up to the first that is not; null: list "
                 "and watch",
             .min = 1e6,
             .max = LONGEST_WAIT});
    v.Field("timeout", c.timeout, {.help = "after which the run fails", .max = LONGEST_WAIT});
    v.Field("time", c.time, {.help = "how long", .max = LONGEST_WAIT});
    v.Field("times", c.times, {.help = "how often", .min = 1, .max = 1e7});
    v.Field("every",
            c.every,
            {.help = "start one so often, whether or not those before have ended; null: one after "
                     "another",
             .min = 1,
             .max = LONGEST_WAIT});
    v.Field("counter", c.counter, {.help = "the variable that counts them, from 0"});
    v.Field("lock", c.lock, {.help = "the name of a lock that all releases share"});
    v.Field("node", c.node, {.help = "the node"});
    v.Field("power", c.power, {.help = "off: it dies", .choices = {"on", "off"}});
    v.List("steps", c.steps, {.help = "what is done within"});
}

template <class Visitor>
void
Describe(Visitor& v, PhaseConfig& c)
{
    v.Field("name", c.name, {.help = "what results call it"});
    v.Field("each",
            c.each,
            {.help = "the phase is run for each of these objects, one after another, which ${kind} "
                     "and ${object} name; empty: once"});
    v.Field("mode",
            c.mode,
            {.help = "whether its steps are done one after another or at once",
             .choices = {"serial", "parallel"}});
    v.List("steps", c.steps, {.help = "its steps"});
}

template <class Visitor>
void
Describe(Visitor& v, ProgramConfig& c)
{
    v.Field(
        "builtin",
        c.builtin,
        {.help = "a program that cannot be said in steps", .choices = {"", "prometheus-operator"}});
    v.Field(
        "fight",
        c.fight,
        {.help =
             "prometheus-operator: it undoes what another one has made of its objects, for ever "
             "(prometheus-operator issues 4829 and 4212)"});
    v.Field("syncs",
            c.syncs,
            {.help = "prometheus-operator: it looks at each object so often, and not at what "
                     "becomes of it; null: "
                     "whenever something changes",
             .min = 1,
             .max = 1e6});
    v.List("steps", c.steps, {.help = "what it does; then it exits"});
}

template <class Visitor>
void
Describe(Visitor& v, VariableConfig& c)
{
    v.Field("text", c.text, {.help = "its value"});
    v.Field("longest",
            c.longest,
            {.help = "cut after so many characters, and at the end of that \"-\" is dropped",
             .min = 1,
             .max = 253});
}

template <class Visitor>
void
Describe(Visitor& v, Profile& c)
{
    v.Field("name", c.name, {.help = "by default the file's name"});
    v.Field("description", c.description, {.help = "what the workload is, in one line"});
    v.Field("retry",
            c.retry,
            {.help =
                 "a request that the API server could not answer (no connection, 500, 504) is made "
                 "again after so long; 0s: the run fails, as helm does",
             .max = LONGEST_WAIT});
    v.Map("variables",
          c.variables,
          {.help = "texts derived from ${release}, for use as ${name} in names and labels"});
    v.Map("pods", c.pods, {.help = "pod templates, by name"});
    v.Map("programs", c.programs, {.help = "what containers do, by name"});
    v.Map("objects", c.objects, {.help = "lists of objects, by name"});
    v.List("phases", c.phases, {.help = "what is done, one phase after another"});
}

} // namespace etcdlab::kube
