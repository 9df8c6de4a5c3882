// What a component does one thing after the other, written as a coroutine: requests, waits, and what follows.
#pragma once

#include "model/base/clock.h"

#include <ns3/event-id.h>

#include <coroutine>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace etcdlab::kube
{

namespace detail
{

/// What the promises of all tasks share: whoever awaits a task goes on when it ends.
class TaskPromiseBase
{
  public:
    std::suspend_always initial_suspend() noexcept
    {
        return {};
    }

    auto final_suspend() noexcept
    {
        struct Awaiter
        {
            bool await_ready() noexcept
            {
                return false;
            }

            std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept
            {
                return next;
            }

            void await_resume() noexcept {}

            std::coroutine_handle<> next;
        };

        return Awaiter{m_next};
    }

    void unhandled_exception()
    {
        std::terminate(); // tasks report failures by what they return
    }

    void SetNext(std::coroutine_handle<> next)
    {
        m_next = next;
    }

  private:
    std::coroutine_handle<> m_next = std::noop_coroutine();
};

} // namespace detail

/**
 * Arguments in an awaited expression have names or are plain calls: GCC 12 destroys temporaries made by braces there
 * twice (its bugs 98056 and 104031).
 *
 * A coroutine that runs when it is awaited, or given to Tasks. Letting go of a task ends it where it waits; requests
 * under way are then answered to nobody.
 */
template <class T = void>
class [[nodiscard]] Task
{
  public:
    class promise_type : public detail::TaskPromiseBase
    {
      public:
        Task get_return_object()
        {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }

        void return_value(T value)
        {
            m_value.emplace(std::move(value));
        }

        T Take()
        {
            return std::move(*m_value);
        }

      private:
        std::optional<T> m_value;
    };

    Task(Task&& other) noexcept
        : m_handle(std::exchange(other.m_handle, nullptr))
    {
    }

    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    ~Task()
    {
        if (m_handle)
        {
            m_handle.destroy();
        }
    }

    bool await_ready() const
    {
        return false;
    }

    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter)
    {
        m_handle.promise().SetNext(waiter);
        return m_handle;
    }

    T await_resume()
    {
        return m_handle.promise().Take();
    }

  private:
    explicit Task(std::coroutine_handle<promise_type> handle)
        : m_handle(handle)
    {
    }

    std::coroutine_handle<promise_type> m_handle;
};

template <>
class [[nodiscard]] Task<void>
{
  public:
    class promise_type : public detail::TaskPromiseBase
    {
      public:
        Task get_return_object()
        {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }

        void return_void() {}
    };

    Task(Task&& other) noexcept
        : m_handle(std::exchange(other.m_handle, nullptr))
    {
    }

    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    ~Task()
    {
        if (m_handle)
        {
            m_handle.destroy();
        }
    }

    bool await_ready() const
    {
        return false;
    }

    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter)
    {
        m_handle.promise().SetNext(waiter);
        return m_handle;
    }

    void await_resume() {}

  private:
    explicit Task(std::coroutine_handle<promise_type> handle)
        : m_handle(handle)
    {
    }

    std::coroutine_handle<promise_type> m_handle;
};

/**
 * The tasks that an object has started: they end with it. Must not be destroyed by one of them; whoever wants that
 * schedules it.
 */
class Tasks
{
  public:
    Tasks() = default;
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    ~Tasks()
    {
        Clear();
    }

    /// Run it until it first waits, and later on by itself.
    void Start(Task<> task)
    {
        m_running.emplace_back();
        const auto place = std::prev(m_running.end());
        auto root = Run(std::move(task), this, place);
        place->handle = root.handle;
        root.handle.resume();
    }

    /// End all of them.
    void Clear()
    {
        auto running = std::move(m_running);
        m_running.clear();
        for (const auto& root : running)
        {
            root.handle.destroy();
        }
    }

  private:
    struct Root
    {
        struct promise_type
        {
            Root get_return_object()
            {
                return {std::coroutine_handle<promise_type>::from_promise(*this)};
            }

            std::suspend_always initial_suspend() noexcept
            {
                return {};
            }

            std::suspend_never final_suspend() noexcept
            {
                return {}; // the frame goes by itself
            }

            void return_void() {}

            void unhandled_exception()
            {
                std::terminate();
            }
        };

        std::coroutine_handle<promise_type> handle;
    };

    static Root Run(Task<> task, Tasks* tasks, std::list<Root>::iterator place)
    {
        co_await task;
        tasks->m_running.erase(place);
    }

    std::list<Root> m_running;
};

/// `co_await Sleep(d)`
class Sleep
{
  public:
    explicit Sleep(Duration duration)
        : m_duration(duration)
    {
    }

    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;

    ~Sleep()
    {
        m_event.Cancel();
    }

    bool await_ready() const
    {
        return m_duration <= Duration(0);
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        m_event = ns3::Simulator::Schedule(ToTime(m_duration), [waiter] { waiter.resume(); });
    }

    void await_resume() {}

  private:
    Duration m_duration;
    ns3::EventId m_event;
};

/// `co_await Yield()`: go on at the same time, after what else is due now.
class Yield
{
  public:
    Yield() = default;
    Yield(const Yield&) = delete;
    Yield& operator=(const Yield&) = delete;

    ~Yield()
    {
        m_event.Cancel();
    }

    bool await_ready() const
    {
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        m_event = ns3::Simulator::ScheduleNow([waiter] { waiter.resume(); });
    }

    void await_resume() {}

  private:
    ns3::EventId m_event;
};

/**
 * A value that comes later by a call back: `start` is given a function that takes it. Waited for once.
 */
template <class T>
class Later
{
  public:
    using Callback = std::function<void(const T&)>;

    explicit Later(std::function<void(Callback)> start)
        : m_start(std::move(start))
    {
    }

    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;

    ~Later()
    {
        m_slot->waiter = nullptr;
    }

    bool await_ready() const
    {
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        m_slot->waiter = waiter;
        m_start([slot = m_slot](const T& value) {
            if (slot->waiter)
            {
                slot->value = value;
                std::exchange(slot->waiter, nullptr).resume();
            }
        });
    }

    T await_resume()
    {
        return std::move(*m_slot->value);
    }

  private:
    struct Slot
    {
        std::coroutine_handle<> waiter;
        std::optional<T> value;
    };

    std::function<void(Callback)> m_start;
    std::shared_ptr<Slot> m_slot = std::make_shared<Slot>();
};

} // namespace etcdlab::kube
