// The one queue of the process, which stands for the service of Windows.
//
// It is opened by the first CoCreateInstance, in the directory that BGCOPY_DIRECTORY names, else in
// ~/.local/state/bgcopy. It stays open while one of its objects lives, and in any case until the last
// CoUninitialize.
#ifndef BGCOPY_DETAIL_QUEUE_H
#define BGCOPY_DETAIL_QUEUE_H

#include <pthread.h>

#include "hresult.h"

namespace bgcopy::com {

/// Who uses the queue, and the queue while somebody does.
class Queue {
public:
    /// Opens the queue, or takes part in the open one: gives a manager of the caller's own, and one use.
    HRESULT open(bg_manager **manager) noexcept
    {
        *manager = nullptr;
        pthread_mutex_lock(&lock_);
        while (closing_)
            pthread_cond_wait(&closed_, &lock_);
        HRESULT result = S_OK;
        if (manager_ == nullptr)
            result = bg_manager_open(nullptr, &manager_);
        if (SUCCEEDED(result)) {
            join();
            if (apartments_ > 0 && !kept_) {
                kept_ = true;
                join();
            }
            *manager = bg_manager_retain(manager_);
        }
        pthread_mutex_unlock(&lock_);
        return result;
    }

    /// Another use, by somebody who has one.
    void join() noexcept
    {
        __atomic_add_fetch(&uses_, 1, __ATOMIC_RELAXED);
    }

    /// Another use if there is one; false while the queue is being closed.
    bool join_if_open() noexcept
    {
        size_t uses = __atomic_load_n(&uses_, __ATOMIC_RELAXED);
        while (uses != 0)
            if (__atomic_compare_exchange_n(&uses_, &uses, uses + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
                return true;
        return false;
    }

    /// Gives a use back; the last one closes the queue.
    void leave() noexcept
    {
        if (__atomic_sub_fetch(&uses_, 1, __ATOMIC_ACQ_REL) == 0)
            close_if_unused();
    }

    /// As leave, for a thread that must not wait until the queue is closed.
    void leave_on_another_thread() noexcept
    {
        if (__atomic_sub_fetch(&uses_, 1, __ATOMIC_ACQ_REL) != 0)
            return;
        pthread_t closer;
        if (pthread_create(&closer, nullptr, close_for, this) == 0)
            pthread_detach(closer);
        else
            close_if_unused();
    }

    /// A thread begins to use COM.
    void enter_apartment() noexcept
    {
        pthread_mutex_lock(&lock_);
        ++apartments_;
        pthread_mutex_unlock(&lock_);
    }

    /// A thread uses COM no more.
    void leave_apartment() noexcept
    {
        pthread_mutex_lock(&lock_);
        const bool last = --apartments_ == 0 && kept_;
        if (last)
            kept_ = false;
        pthread_mutex_unlock(&lock_);
        if (last)
            leave();
    }

private:
    static void *close_for(void *queue) noexcept
    {
        static_cast<Queue *>(queue)->close_if_unused();
        return nullptr;
    }

    void close_if_unused() noexcept
    {
        bg_manager *unused = nullptr;
        pthread_mutex_lock(&lock_);
        // Somebody may have opened it in between.
        if (__atomic_load_n(&uses_, __ATOMIC_ACQUIRE) == 0 && manager_ != nullptr && !closing_) {
            closing_ = true;
            unused = manager_;
            manager_ = nullptr;
        }
        pthread_mutex_unlock(&lock_);
        if (unused == nullptr)
            return;
        // Without the lock: closing waits for callbacks.
        bg_manager_release(unused);
        pthread_mutex_lock(&lock_);
        closing_ = false;
        pthread_cond_broadcast(&closed_);
        pthread_mutex_unlock(&lock_);
    }

    pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t closed_ = PTHREAD_COND_INITIALIZER;
    bg_manager *manager_ = nullptr;
    size_t uses_ = 0;
    size_t apartments_ = 0;
    bool kept_ = false;
    bool closing_ = false;
};

/// Never destroyed: objects may outlive main.
[[gnu::visibility("default")]] inline Queue queue;

} // namespace bgcopy::com

#endif
