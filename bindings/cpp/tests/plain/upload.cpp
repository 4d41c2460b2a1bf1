// Uploads through bgcopy.hpp, and through the interfaces of BITS, to the server that BGCOPY_TEST_UPLOAD names.
#include <bgcopy/bgcopy.hpp>

#include <fstream>

#include "mirror.h"

static std::string upload_url(const char *name)
{
    return std::string(environment("BGCOPY_TEST_UPLOAD")) + name;
}

static void the_modern_queue_uploads_a_file()
{
    std::ofstream(path_of("file")) << "hello";
    bgcopy::queue_options options;
    options.directory = path_of("queue");
    bgcopy::queue queue(options);
    bgcopy::job job = queue.create_upload("up");
    CHECK(job.uploads() && !queue.create_job("down").uploads());
    job.set_priority(bgcopy::priority::foreground);
    job.add_file(upload_url("modern"), path_of("file"));
    std::error_code ec;
    job.add_file(upload_url("second"), path_of("file"), ec);
    CHECK(ec == std::error_code(BG_E_TOO_MANY_FILES, bgcopy::category()));
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.progress().bytes_transferred == 5);
    CHECK(job.complete());
}

static void the_interfaces_upload_a_file()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    ComPtr<IBackgroundCopyJob> one;
    GUID id;
    BG_JOB_TYPE type;
    Listener listener;
    OK(queue->CreateJob(L"up", BG_JOB_TYPE_UPLOAD, &id, &one));
    OK(one->GetType(&type));
    CHECK(type == BG_JOB_TYPE_UPLOAD);
    OK(one->SetPriority(BG_JOB_PRIORITY_FOREGROUND));
    OK(one->AddFile(Wide(upload_url("mirror").c_str()), Wide(path_of("file"))));
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    listener.wait_until_released();
}

int main()
{
    the_modern_queue_uploads_a_file();
    the_interfaces_upload_a_file();
    return 0;
}
