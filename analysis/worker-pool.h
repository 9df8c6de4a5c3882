// Tasks in processes of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace etcdlab
{

/// What became of a task.
struct TaskResult
{
    enum class End
    {
        DONE,
        CRASHED,
        TIMED_OUT,
        OUT_OF_MEMORY
    };
    std::string output;  //!< what the task returned; empty if it did not come to its end
    std::string failure; //!< how its process ended, if not well; else empty
    End end = End::DONE;
    double seconds = 0;    //!< on the clock
    std::string complaint; //!< the last line it wrote to standard error, if that was kept
};

/// How tasks are run.
struct ProcessRules
{
    /// After so much time on the clock a task is given up. It says something about bugs only: tasks that end within it
    /// give the same results on any machine.
    unsigned seconds = 300;
    /// A task that wants more memory than this for its data is given up, in bytes; 0: no limit. Not under
    /// AddressSanitizer, which takes terabytes for itself.
    std::uint64_t memory = 0;
    /// Keep what tasks write to standard output and error from the terminal.
    bool silent = false;
};

/**
 * Processes at work, each forked to do one task, so that one that crashes ends itself alone and none sees what another has
 * left behind. They ignore SIGINT and SIGTERM, which are the parent's to handle, and end with the parent, however that
 * ends. Those still at work when the pool goes out of scope are ended.
 */
class ProcessPool
{
  public:
    explicit ProcessPool(ProcessRules rules = {});
    ~ProcessPool();
    ProcessPool(const ProcessPool&) = delete;
    ProcessPool& operator=(const ProcessPool&) = delete;

    /// How many are at work.
    std::size_t Size() const
    {
        return m_children.size();
    }

    /// Start a process for a task; called there, it returns the output. @throws std::system_error if there can be no process
    void Start(std::size_t task, const std::function<std::string()>& work);

    /**
     * Wait until some process says something, or a signal comes.
     *
     * @param milliseconds at most; -1: as long as it takes
     * @return the tasks that have ended
     */
    std::vector<std::pair<std::size_t, TaskResult>> Wait(int milliseconds = -1);

  private:
    struct Child
    {
        std::size_t task = 0;
        pid_t process = 0;
        int output = -1;
        int errors = -1; //!< a file in memory; -1: not kept
        std::string text;
        std::chrono::steady_clock::time_point start;
    };

    static TaskResult Reap(Child& child);

    ProcessRules m_rules;
    std::vector<Child> m_children;
};

/**
 * Do all tasks, so many at a time. Tasks must not write to standard output, unless they are silent.
 *
 * @param jobs processes at a time
 * @param task called in the child with the task's number, from 0
 * @param done called in the parent with results in the order of the tasks, whatever order they ended
 *        in; false: no more tasks, please
 * @param looked called in the parent whenever a task has ended or a signal came, with the number of those that have
 *        ended; false: no more tasks, please; results that came ahead of others are handed over all the same
 * @throws std::system_error if no process can be made
 */
void RunInProcesses(std::size_t tasks,
                    std::size_t jobs,
                    ProcessRules rules,
                    const std::function<std::string(std::size_t)>& task,
                    const std::function<bool(std::size_t, const TaskResult&)>& done,
                    const std::function<bool(std::size_t)>& looked = {});

} // namespace etcdlab
