// Several files of a program and a shared object use the interfaces: they share one queue.
#include "shared.h"

#include "mirror.h"

static bool is_open()
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *second = nullptr;
    options.directory = getenv("BGCOPY_DIRECTORY");
    const bg_result result = bg_manager_open(&options, &second);
    bg_manager_release(second);
    return result != BG_S_OK;
}

int main()
{
    GUID id;
    Listener listener;
    ComPtr<IUnknown> found, callback;
    OK(CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    // The thread is in the same apartment, whoever has begun it.
    GIVES(S_FALSE, begin_in_shared_object());
    {
        ComPtr<IBackgroundCopyManager> queue = manager();
        ComPtr<IBackgroundCopyJob> made;
        OK(queue->CreateJob(L"shared", BG_JOB_TYPE_DOWNLOAD, &id, &made));
        OK(made->SetNotifyInterface(&listener));
        OK(find_in_shared_object(&id, &found, &callback));
        CHECK(callback.Get() == &listener);

        // An object of the other side answers to the same identifiers and is the same job.
        ComPtr<IBackgroundCopyJob5> job;
        GUID same_id;
        OK(found.As(&job));
        OK(job->GetId(&same_id));
        CHECK(same_id == id);
        OK(job->Cancel());
        BG_JOB_STATE state;
        OK(made->GetState(&state));
        CHECK(state == BG_JOB_STATE_CANCELLED);
    }
    callback = nullptr;
    listener.wait_until_released();
    CHECK(is_open());
    CoUninitialize();
    CHECK(is_open());
    // The last use closes the queue, on whichever side it is.
    end_in_shared_object();
    CHECK(is_open());
    found = nullptr;
    CHECK(!is_open());

    // The class of a header that only the shared object includes is known to the whole program.
    const CLSID qmgr = {0x69AD4AEE, 0x51BE, 0x439b, {0xA9, 0x2C, 0x86, 0xAE, 0x49, 0x0E, 0x8B, 0x30}};
    ComPtr<IUnknown> legacy;
    OK(CoCreateInstance(qmgr, nullptr, CLSCTX_ALL, IID_PPV_ARGS(&legacy)));
    return 0;
}
