#include "analysis/worker-pool.h"

#include <ns3/rng-stream.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <new>
#include <poll.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace etcdlab
{

namespace
{

/// How a child that ran out of memory ends; no task ends itself so.
constexpr int OUT_OF_MEMORY_CODE = 113;

[[noreturn]] void
ThrowSystemError(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

/// In the child: the limits. They strike as signals and as a handler, because a hanging task looks at nothing.
void
Limit(const ProcessRules& rules)
{
    ::alarm(rules.seconds);
#ifndef __SANITIZE_ADDRESS__
    if (rules.memory > 0)
    {
        const rlimit limit{rules.memory, rules.memory};
        ::setrlimit(RLIMIT_DATA, &limit);
        std::set_new_handler([] { ::_exit(OUT_OF_MEMORY_CODE); });
    }
#endif
}

/// In the child: live no longer than the parent, and leave Ctrl-C to it, and what a batch system sends to all processes of a
/// job whose time is over.
void
Follow(pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it has gone already
    {
        ::_exit(1);
    }
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
}

/// In the child: do the task and say what came of it.
[[noreturn]] void
Work(int output, const std::function<std::string()>& task) noexcept
{
    const auto text = task();
    std::string_view rest = text;
    while (!rest.empty())
    {
        const auto written = ::write(output, rest.data(), rest.size());
        if (written <= 0 && errno != EINTR)
        {
            ::_exit(1);
        }
        rest.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    ::_exit(0); // not exit: the parent's buffers are not this process' to flush
}

/// Whoever kills a whole tree of processes may begin with its leaves: a child killed from outside is called a crash only by a
/// parent that is still there a moment later.
void
OutliveIfKilled(pid_t child)
{
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0 &&
        ended.si_code == CLD_KILLED && ended.si_status == SIGKILL)
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
}

/// How a process ended, into the result.
void
Judge(int status, TaskResult& result)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    {
        return;
    }
    result.output.clear();
    result.end = TaskResult::End::CRASHED;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    {
        result.end = TaskResult::End::TIMED_OUT;
        result.failure = "took too long";
    }
    else if (WIFSIGNALED(status))
    {
        result.failure = std::string("ended by a signal: ") + ::strsignal(WTERMSIG(status));
    }
    else if (WEXITSTATUS(status) == OUT_OF_MEMORY_CODE)
    {
        result.end = TaskResult::End::OUT_OF_MEMORY;
        result.failure = "ran out of memory";
    }
    else
    {
        result.failure = "ended with code " + std::to_string(WEXITSTATUS(status));
    }
}

/// The last line of a file that is not empty, of its last 1000 bytes.
std::string
LastLine(int file)
{
    char buffer[1000];
    const auto size = ::lseek(file, 0, SEEK_END);
    const auto start =
        size > static_cast<off_t>(sizeof buffer) ? size - static_cast<off_t>(sizeof buffer) : 0;
    const auto got = ::pread(file, buffer, sizeof buffer, start);
    std::string text(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
    text.erase(text.find_last_not_of(" \r\n") + 1);
    const auto line = text.rfind('\n');
    return line == std::string::npos ? text : text.substr(line + 1);
}

} // namespace

ProcessPool::ProcessPool(ProcessRules rules)
    : m_rules(rules)
{
    // With its first stream ns-3 computes tables, which takes as long as 150 puts: once here, instead of in each child.
    static_cast<void>(ns3::RngStream(1, 1, 1));
}

ProcessPool::~ProcessPool()
{
    for (auto& child : m_children)
    {
        ::kill(child.process, SIGKILL);
        Reap(child);
    }
}

void
ProcessPool::Start(std::size_t task, const std::function<std::string()>& work)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
    {
        ThrowSystemError("cannot make a pipe");
    }
    const int errors = m_rules.silent ? ::memfd_create("standard error", MFD_CLOEXEC) : -1;
    const auto start = std::chrono::steady_clock::now();
    const auto parent = ::getpid();
    const auto process = ::fork();
    if (process < 0)
    {
        ThrowSystemError("cannot start a process");
    }
    if (process == 0)
    {
        Follow(parent);
        if (errors >= 0)
        {
            ::dup2(errors, STDOUT_FILENO);
            ::dup2(errors, STDERR_FILENO);
        }
        ::close(ends[0]);
        Limit(m_rules);
        Work(ends[1], work);
    }
    ::close(ends[1]);
    m_children.push_back({task, process, ends[0], errors, {}, start});
}

TaskResult
ProcessPool::Reap(Child& child)
{
    ::close(child.output);
    int status = 0;
    while (::waitpid(child.process, &status, 0) < 0 && errno == EINTR)
    {
    }
    TaskResult result;
    result.output = std::move(child.text);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - child.start).count();
    Judge(status, result);
    if (child.errors >= 0)
    {
        result.complaint = LastLine(child.errors);
        ::close(child.errors);
    }
    return result;
}

std::vector<std::pair<std::size_t, TaskResult>>
ProcessPool::Wait(int milliseconds)
{
    std::vector<pollfd> waiting;
    for (const auto& child : m_children)
    {
        waiting.push_back({child.output, POLLIN, 0});
    }
    std::vector<std::pair<std::size_t, TaskResult>> ended;
    const int ready = ::poll(waiting.data(), waiting.size(), milliseconds);
    if (ready < 0 && errno != EINTR)
    {
        ThrowSystemError("cannot wait for processes");
    }
    for (std::size_t i = ready > 0 ? waiting.size() : 0; i-- > 0;)
    {
        if (waiting[i].revents == 0)
        {
            continue;
        }
        char buffer[65536];
        const auto got = ::read(waiting[i].fd, buffer, sizeof buffer);
        if (got > 0)
        {
            m_children[i].text.append(buffer, static_cast<std::size_t>(got));
        }
        else if (got == 0 || errno != EINTR)
        {
            OutliveIfKilled(m_children[i].process);
            ended.emplace_back(m_children[i].task, Reap(m_children[i]));
            m_children.erase(m_children.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    return ended;
}

void
RunInProcesses(std::size_t tasks,
               std::size_t jobs,
               ProcessRules rules,
               const std::function<std::string(std::size_t)>& task,
               const std::function<bool(std::size_t, const TaskResult&)>& done,
               const std::function<bool(std::size_t)>& looked)
{
    ProcessPool pool(rules);
    std::map<std::size_t, TaskResult> early; // ended before one that comes first
    std::size_t next = 0;
    std::size_t told = 0;
    while (told < tasks)
    {
        for (; next < tasks && pool.Size() < jobs; ++next)
        {
            pool.Start(next, [&] { return task(next); });
        }
        for (auto& [number, result] : pool.Wait())
        {
            early.emplace(number, std::move(result));
        }
        for (auto first = early.find(told); first != early.end(); first = early.find(told))
        {
            if (!done(told++, first->second))
            {
                return;
            }
            early.erase(first);
        }
        if (looked && !looked(told + early.size()))
        {
            for (const auto& [number, result] : early)
            {
                done(number, result);
            }
            return;
        }
    }
}

} // namespace etcdlab
