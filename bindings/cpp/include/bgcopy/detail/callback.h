// The callback objects of programs.
#ifndef BGCOPY_DETAIL_CALLBACK_H
#define BGCOPY_DETAIL_CALLBACK_H

#include "guarded.h"
#include "job.h"

namespace bgcopy::com {

/// The callback object of a job, while the library may call it.
///
/// All of the process are in a list, in the order of their registration: so GetNotifyInterface finds the pointer,
/// whichever object of the job was used to set it.
class Notification {
public:
    /// Registers `object` for a job in place of the one before.
    static HRESULT set(bg_job *job, IUnknown *object) noexcept
    {
        Notification *const notification = new (std::nothrow) Notification(object);
        if (notification == nullptr)
            return E_OUTOFMEMORY;
        HRESULT result = notification->find_interfaces();
        if (SUCCEEDED(result))
            result = bg_job_get_id(job, &notification->job_);
        if (FAILED(result)) {
            delete notification;
            return result;
        }
        bg_callbacks callbacks = sized<bg_callbacks>();
        callbacks.job_transferred = job_transferred;
        callbacks.job_error = job_error;
        callbacks.job_modification = job_modification;
        if (notification->second_ != nullptr)
            callbacks.file_transferred = file_transferred;
        if (notification->third_ != nullptr)
            callbacks.file_ranges_transferred = file_ranges_transferred;
        callbacks.destroy = destroy;
        notification->enlist();
        result = bg_job_set_callbacks(job, &callbacks, notification);
        if (FAILED(result))
            destroy(notification);
        return result;
    }

    /// Clears the callback object of a job.
    static HRESULT clear(bg_job *job) noexcept
    {
        bg_guid id;
        const HRESULT result = bg_job_set_callbacks(job, nullptr, nullptr);
        if (SUCCEEDED(result) && SUCCEEDED(bg_job_get_id(job, &id))) {
            // Inside a callback the old one lives until that returns.
            pthread_mutex_lock(&lock);
            for (Notification *at = newest; at != nullptr; at = at->older_)
                at->cleared_ = at->cleared_ || bg_guid_equal(&at->job_, &id);
            pthread_mutex_unlock(&lock);
        }
        return result;
    }

    /// Gives the callback object of a job; NULL when there is none.
    static HRESULT get(bg_job *job, IUnknown **object) noexcept
    {
        bg_guid id;
        const HRESULT result = bg_job_get_id(job, &id);
        if (FAILED(result))
            return result;
        pthread_mutex_lock(&lock);
        Notification *at = newest;
        while (at != nullptr && (at->cleared_ || !bg_guid_equal(&at->job_, &id)))
            at = at->older_;
        *object = at != nullptr ? at->object_ : nullptr;
        if (*object != nullptr)
            (*object)->AddRef();
        pthread_mutex_unlock(&lock);
        return S_OK;
    }

private:
    explicit Notification(IUnknown *object) noexcept : object_(object) { object_->AddRef(); }

    ~Notification()
    {
        IUnknown *const held[] = {first_, second_, third_, object_};
        for (IUnknown *reference : held)
            if (reference != nullptr)
                guarded([reference] { return static_cast<HRESULT>(reference->Release()); });
    }

    HRESULT find_interfaces() noexcept
    {
        const HRESULT result = guarded([this] { return object_->QueryInterface(&first_); });
        if (FAILED(result) || first_ == nullptr)
            return E_NOINTERFACE;
        guarded([this] { return object_->QueryInterface(&second_); });
        guarded([this] { return object_->QueryInterface(&third_); });
        return S_OK;
    }

    void enlist() noexcept
    {
        pthread_mutex_lock(&lock);
        older_ = newest;
        newest = this;
        pthread_mutex_unlock(&lock);
    }

    static void destroy(void *data) noexcept
    {
        Notification *const notification = static_cast<Notification *>(data);
        pthread_mutex_lock(&lock);
        Notification **at = &newest;
        while (*at != nullptr && *at != notification)
            at = &(*at)->older_;
        if (*at != nullptr)
            *at = notification->older_;
        pthread_mutex_unlock(&lock);
        delete notification;
    }

    /// Makes an object for the borrowed job and calls; fails while the queue is being closed.
    template <class Call> static bg_result notify(void *data, bg_job *job, Call call) noexcept
    {
        if (!queue.join_if_open())
            return BG_E_DISCONNECTED;
        bg_result result = E_OUTOFMEMORY;
        Job *const object = new (std::nothrow) Job(bg_job_retain(job));
        if (object != nullptr) {
            const Notification &notification = *static_cast<Notification *>(data);
            result = guarded([&] { return call(notification, static_cast<IBackgroundCopyJob *>(object)); });
            object->Release();
        } else {
            bg_job_release(job);
        }
        queue.leave();
        return result;
    }

    static bg_result job_transferred(void *data, bg_job *job)
    {
        return notify(data, job, [](const Notification &to, IBackgroundCopyJob *object) {
            return to.first_->JobTransferred(object);
        });
    }

    static bg_result job_error(void *data, bg_job *job, bg_error *error)
    {
        return notify(data, job, [error](const Notification &to, IBackgroundCopyJob *object) {
            IBackgroundCopyError *described = nullptr;
            HRESULT result = give<Error>(S_OK, bg_error_retain(error), &described);
            if (SUCCEEDED(result)) {
                const Borrowed until_it_returns(described);
                result = to.first_->JobError(object, described);
            }
            return result;
        });
    }

    static bg_result job_modification(void *data, bg_job *job)
    {
        return notify(data, job, [](const Notification &to, IBackgroundCopyJob *object) {
            return to.first_->JobModification(object, 0);
        });
    }

    static bg_result file_transferred(void *data, bg_job *job, bg_file *file)
    {
        return notify(data, job, [file](const Notification &to, IBackgroundCopyJob *object) {
            IBackgroundCopyFile *transferred = nullptr;
            HRESULT result = give<File>(S_OK, bg_file_retain(file), &transferred);
            if (SUCCEEDED(result)) {
                const Borrowed until_it_returns(transferred);
                result = to.second_->FileTransferred(object, transferred);
            }
            return result;
        });
    }

    static bg_result file_ranges_transferred(void *data, bg_job *job, bg_file *file, uint32_t count,
                                             const bg_file_range *ranges)
    {
        return notify(data, job, [=](const Notification &to, IBackgroundCopyJob *object) {
            IBackgroundCopyFile *transferred = nullptr;
            HRESULT result = give<File>(S_OK, bg_file_retain(file), &transferred);
            if (SUCCEEDED(result)) {
                const Borrowed until_it_returns(transferred);
                result = to.third_->FileRangesTransferred(object, transferred, count, from_c(ranges));
            }
            return result;
        });
    }

    [[gnu::visibility("default")]] inline static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    [[gnu::visibility("default")]] inline static Notification *newest = nullptr;

    IUnknown *const object_;
    IBackgroundCopyCallback *first_ = nullptr;
    IBackgroundCopyCallback2 *second_ = nullptr;
    IBackgroundCopyCallback3 *third_ = nullptr;
    bg_guid job_ = {};
    Notification *older_ = nullptr;
    bool cleared_ = false;
};

inline HRESULT Job::SetNotifyInterface(IUnknown *Val)
{
    return Val != nullptr ? Notification::set(handle(), Val) : Notification::clear(handle());
}

inline HRESULT Job::GetNotifyInterface(IUnknown **pVal)
{
    if (pVal == nullptr)
        return E_INVALIDARG;
    *pVal = nullptr;
    return Notification::get(handle(), pVal);
}

} // namespace bgcopy::com

#endif
