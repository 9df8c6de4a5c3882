#include "test/benchmark/measure.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace etcdlab::benchmark
{

namespace
{

double
Clock(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double
Seconds(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Cost
Wait(pid_t child, double begin, const std::string& what)
{
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR)
    {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    {
        throw std::runtime_error(what + " failed");
    }
    return {Clock(CLOCK_MONOTONIC) - begin,
            Seconds(usage.ru_utime) + Seconds(usage.ru_stime),
            static_cast<double>(usage.ru_maxrss) * 1024 / 1e6};
}

[[noreturn]] void
Execute(const std::vector<std::string>& arguments)
{
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    std::vector<char*> pointers;
    for (const auto& argument : arguments)
    {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(127);
}

[[noreturn]] void
Call(const std::function<void()>& function, int result)
{
    try
    {
        const double wall = Clock(CLOCK_MONOTONIC);
        const double processor = Clock(CLOCK_PROCESS_CPUTIME_ID);
        function();
        const double took[] = {Clock(CLOCK_MONOTONIC) - wall,
                               Clock(CLOCK_PROCESS_CPUTIME_ID) - processor};
        _exit(write(result, took, sizeof took) == sizeof took ? 0 : 1);
    }
    catch (const std::exception& error)
    {
        std::cerr << "etcdlab-benchmark: " << error.what() << std::endl;
    }
    _exit(1);
}

} // namespace

Cost
MeasureProgram(const std::vector<std::string>& arguments)
{
    const double begin = Clock(CLOCK_MONOTONIC);
    const pid_t child = fork();
    if (child == 0)
    {
        Execute(arguments);
    }
    return Wait(child, begin, arguments.at(0));
}

Cost
MeasureFunction(const std::function<void()>& function)
{
    int ends[2];
    if (pipe(ends) != 0)
    {
        throw std::runtime_error("no pipe");
    }
    const pid_t child = fork();
    if (child == 0)
    {
        Call(function, ends[1]);
    }
    close(ends[1]);
    double took[2] = {};
    const auto got = read(ends[0], took, sizeof took);
    close(ends[0]);
    Cost cost = Wait(child, 0, "a measured run");
    if (got != sizeof took)
    {
        throw std::runtime_error("a measured run did not say how long it took");
    }
    cost.wall = took[0];
    cost.processor = took[1];
    return cost;
}

Spread
SpreadOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    return {values.front(),
            values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2,
            values.back()};
}

} // namespace etcdlab::benchmark
