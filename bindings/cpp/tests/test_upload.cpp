// Uploads through the interfaces of BITS, and the replies to them. The environment is that of tests/c/test_upload.c.
#include <string>

#include "mirror.h"

static const char CONTENT[] = "what is sent";
static const char REPLY[] = "accepted";

/// A suspended job that uploads a file of that name, and the path of the file.
static ComPtr<IBackgroundCopyJob> upload(IBackgroundCopyManager *queue, BG_JOB_TYPE type, const char *name)
{
    FILE *file = fopen(path_of(name), "wb");
    CHECK(file != nullptr && fputs(CONTENT, file) >= 0 && fclose(file) == 0);
    const std::string url = std::string(environment("BGCOPY_TEST_REPLY")) + name;
    ComPtr<IBackgroundCopyJob> made;
    BG_JOB_TYPE kept;
    GUID id;
    OK(queue->CreateJob(Wide(name), type, &id, &made));
    OK(made->GetType(&kept));
    CHECK(kept == type);
    OK(made->SetPriority(BG_JOB_PRIORITY_FOREGROUND));
    OK(made->AddFile(Wide(url.c_str()), Wide(path_of(name))));
    return made;
}

static void run(IBackgroundCopyJob *job)
{
    Listener listener;
    OK(job->SetNotifyInterface(&listener));
    OK(job->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(job->SetNotifyInterface(nullptr));
    listener.wait_until_released();
}

static void an_upload_has_one_file(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = upload(queue, BG_JOB_TYPE_UPLOAD, "plain");
    BG_JOB_PROGRESS progress;
    GIVES(BG_E_TOO_MANY_FILES, one->AddFile(L"http://localhost/second", Wide(path_of("plain"))));
    run(one.Get());
    OK(one->GetProgress(&progress));
    CHECK(progress.BytesTotal == sizeof CONTENT - 1 && progress.BytesTransferred == progress.BytesTotal);
    OK(one->Complete());
}

static void a_reply_gets_its_name_by_complete(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = upload(queue, BG_JOB_TYPE_UPLOAD_REPLY, "order");
    ComPtr<IBackgroundCopyJob2> two;
    BG_JOB_REPLY_PROGRESS progress;
    WCHAR *name = nullptr;
    BYTE *data = nullptr;
    UINT64 length = 7;
    OK(one.As(&two));
    OK(two->SetReplyFileName(Wide(path_of("answer"))));
    OK(two->GetReplyFileName(&name));
    TEXT_IS(Wide(path_of("answer")), name);
    OK(two->GetReplyProgress(&progress));
    CHECK(progress.BytesTotal == BG_SIZE_UNKNOWN && progress.BytesTransferred == 0);
    GIVES(BG_E_INVALID_STATE, two->GetReplyData(&data, &length));
    CHECK(data == nullptr && length == 0);

    run(one.Get());
    OK(two->GetReplyProgress(&progress));
    CHECK(progress.BytesTotal == strlen(REPLY) && progress.BytesTransferred == progress.BytesTotal);
    OK(two->GetReplyData(&data, &length));
    CHECK(length == strlen(REPLY) && memcmp(data, REPLY, length) == 0);
    CoTaskMemFree(data);
    CHECK(size_of_file(path_of("answer")) == -1);
    OK(one->Complete());
    CHECK(size_of_file(path_of("answer")) == static_cast<long long>(strlen(REPLY)));
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    an_upload_has_one_file(queue.Get());
    a_reply_gets_its_name_by_complete(queue.Get());
    return 0;
}
