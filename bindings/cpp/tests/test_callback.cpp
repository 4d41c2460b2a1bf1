// Callback objects: references, identity, order, exceptions.
#include <new>
#include <stdexcept>

#include "mirror.h"

/// Completes its job.
class Completing : public Listener {
    HRESULT transferred(IBackgroundCopyJob *pJob) override { return pJob->Complete(); }
};

/// Throws the first time, completes the second.
class Throwing : public Listener {
    HRESULT transferred(IBackgroundCopyJob *pJob) override
    {
        if (!thrown) {
            thrown = true;
            throw std::runtime_error("of the program");
        }
        return pJob->Complete();
    }
    bool thrown = false;
};

/// Replaces or clears itself from inside.
class Leaving : public Listener {
public:
    IUnknown *successor = nullptr;

private:
    HRESULT transferred(IBackgroundCopyJob *pJob) override
    {
        ComPtr<IUnknown> now;
        OK(pJob->SetNotifyInterface(successor));
        OK(pJob->GetNotifyInterface(&now));
        CHECK(now.Get() == successor);
        return S_OK;
    }
};

/// Keeps the job it is given.
class Keeping : public Listener {
public:
    ComPtr<IBackgroundCopyJob> kept;

private:
    HRESULT transferred(IBackgroundCopyJob *pJob) override
    {
        kept = pJob;
        return S_OK;
    }
};

static void the_same_pointer_is_given_back_until_it_is_cleared(IBackgroundCopyManager *queue)
{
    Listener first, second;
    ComPtr<IBackgroundCopyJob> one = job(queue), same_job;
    ComPtr<IUnknown> given;
    GUID id;
    OK(one->GetNotifyInterface(&given));
    CHECK(!given);
    OK(one->SetNotifyInterface(&first));
    CHECK(first.count > 1);
    OK(one->GetNotifyInterface(&given));
    CHECK(given.Get() == static_cast<IUnknown *>(&first));
    given.Reset();

    // Through another object of the same job, too.
    OK(one->GetId(&id));
    OK(queue->GetJob(id, &same_job));
    OK(same_job->GetNotifyInterface(&given));
    CHECK(given.Get() == static_cast<IUnknown *>(&first));
    given.Reset();
    OK(same_job->SetNotifyInterface(&second));
    CHECK(first.count == 1);
    OK(one->GetNotifyInterface(&given));
    CHECK(given.Get() == static_cast<IUnknown *>(&second));
    given.Reset();

    OK(one->SetNotifyInterface(nullptr));
    CHECK(second.count == 1);
    OK(one->GetNotifyInterface(&given));
    CHECK(!given);
    OK(one->SetNotifyInterface(nullptr));
    GIVES(E_INVALIDARG, one->GetNotifyInterface(nullptr));

    OK(one->SetNotifyInterface(&first));
    OK(one->Cancel());
    first.wait_until_released();
    GIVES(BG_E_INVALID_STATE, one->SetNotifyInterface(&second));
    CHECK(second.count == 1);
}

static void an_object_without_the_interface_is_refused(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IUnknown> given;
    GIVES(E_NOINTERFACE, one->SetNotifyInterface(queue));
    OK(one->GetNotifyInterface(&given));
    CHECK(!given);
    OK(one->Cancel());
}

static void the_job_is_completed_inside_the_callback(IBackgroundCopyManager *queue)
{
    Completing listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "completed");
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    listener.wait_until_released();
    CHECK(listener.seen.transferred == 1 && size_of_file(path_of("completed")) == 1000);
}

static void each_level_hears_its_events(IBackgroundCopyManager *queue)
{
    for (int level = 1; level <= 2; ++level) {
        Listener listener;
        listener.level = level;
        ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "levels");
        OK(one->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION));
        OK(one->SetNotifyInterface(&listener));
        OK(one->SetDescription(L"modified"));
        listener.wait(listener.seen.modified, 1);
        OK(one->Resume());
        listener.wait(listener.seen.transferred, 1);
        CHECK(listener.seen.files == (level == 2 ? 1 : 0));
        OK(one->Complete());
        listener.wait_until_released();
    }
}

static void errors_are_told_with_their_code(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1?status=404", "missing");
    ComPtr<IBackgroundCopyError> error;
    LPWSTR text = nullptr;
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.failed, 1);
    CHECK(listener.seen.code == BG_E_HTTP_ERROR_404);
    OK(one->GetError(&error));
    OK(error->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &text));
    CHECK(text[0] != 0);
    CoTaskMemFree(text);
    OK(error->GetErrorContextDescription(MAKELANGID(LANG_ENGLISH, SUBLANG_DEFAULT), &text));
    CHECK(text[0] != 0);
    CoTaskMemFree(text);
    OK(error->GetProtocol(&text));
    TEXT_IS(L"http", text);
    OK(one->Cancel());
    listener.wait_until_released();
}

static void an_exception_is_a_failure_and_the_event_is_told_again(IBackgroundCopyManager *queue)
{
    Throwing listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "thrown");
    OK(one->SetMinimumRetryDelay(5));
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait_until_released();
    CHECK(listener.seen.transferred == 1 && size_of_file(path_of("thrown")) == 1000);
}

static void what_is_thrown_has_a_code()
{
    using bgcopy::com::guarded;
    GIVES(E_OUTOFMEMORY, guarded([]() -> HRESULT { throw std::bad_alloc(); }));
    GIVES(E_FAIL, guarded([]() -> HRESULT { throw 1; }));
    GIVES(S_FALSE, guarded([]() -> HRESULT { return S_FALSE; }));
}

static void a_callback_may_replace_or_clear_itself(IBackgroundCopyManager *queue)
{
    Leaving first;
    Completing second;
    first.successor = &second;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "replaced");
    OK(one->SetNotifyInterface(&first));
    OK(one->Resume());
    first.wait(first.seen.transferred, 1);
    first.wait_until_released();
    OK(one->SetNotifyInterface(&first));
    first.successor = nullptr;
    OK(one->Cancel());
    first.wait_until_released();
    second.wait_until_released();

    one = download_job(queue, "/file/1000?seed=1", "cleared");
    OK(one->SetNotifyInterface(&first));
    OK(one->Resume());
    first.wait(first.seen.transferred, 2);
    first.wait_until_released();
    OK(one->Complete());
}

static void a_job_that_a_callback_keeps_lives_on(IBackgroundCopyManager *queue)
{
    Keeping listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "kept");
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    one.Reset();
    OK(listener.kept->Complete());
    listener.wait_until_released();
    CHECK(references(listener.kept.Get()) == 1);
}

static void callbacks_end_with_the_queue()
{
    Listener listener;
    ComPtr<IBackgroundCopyManager> queue = manager();
    ComPtr<IBackgroundCopyJob> one = job(queue.Get());
    GUID id;
    OK(one->GetId(&id));
    OK(one->SetNotifyInterface(&listener));
    one.Reset();
    CHECK(listener.count > 1);
    queue.Reset();
    listener.wait_until_released();
    queue = manager();
    OK(queue->GetJob(id, &one));
    ComPtr<IUnknown> given;
    OK(one->GetNotifyInterface(&given));
    CHECK(!given);
    OK(one->Cancel());
}

int main()
{
    what_is_thrown_has_a_code();
    {
        ComPtr<IBackgroundCopyManager> queue = manager();
        the_same_pointer_is_given_back_until_it_is_cleared(queue.Get());
        an_object_without_the_interface_is_refused(queue.Get());
        the_job_is_completed_inside_the_callback(queue.Get());
        each_level_hears_its_events(queue.Get());
        errors_are_told_with_their_code(queue.Get());
        a_callback_may_replace_or_clear_itself(queue.Get());
        a_job_that_a_callback_keeps_lives_on(queue.Get());
        an_exception_is_a_failure_and_the_event_is_told_again(queue.Get());
    }
    callbacks_end_with_the_queue();
    return 0;
}
