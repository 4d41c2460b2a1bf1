// Measures what a call through the interfaces of BITS costs beside the call of C that it makes: mirror QUEUE_DIRECTORY ANOTHER
//
// Prints the nanoseconds of both for three getters, the median of some rounds: C MIRROR, one getter a line.
#include <bgcopy/bits.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using Microsoft::WRL::ComPtr;

constexpr int rounds = 21, calls = 20000;

template <class Call> static double nanoseconds(Call call)
{
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i)
        call();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    return taken.count() / calls;
}

/// Round by round one after the other, so that whatever else the machine does meets both.
template <class Plain, class Mirror> static void compare(Plain plain, Mirror mirror)
{
    double times[2][rounds];
    for (int i = 0; i < rounds; ++i) {
        times[0][i] = nanoseconds(plain);
        times[1][i] = nanoseconds(mirror);
    }
    for (double *of : times)
        std::sort(of, of + rounds);
    std::printf("%.1f %.1f\n", times[0][rounds / 2], times[1][rounds / 2]);
}

static void must(HRESULT result)
{
    if (FAILED(result)) {
        std::fprintf(stderr, "mirror: %s\n", bg_last_error_detail());
        std::exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    setenv("BGCOPY_DIRECTORY", argv[1], 1);
    must(CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    {
        ComPtr<IBackgroundCopyManager> manager;
        ComPtr<IBackgroundCopyJob> job;
        GUID id;
        must(CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager)));
        must(manager->CreateJob(L"a name for people", BG_JOB_TYPE_DOWNLOAD, &id, &job));

        // Such a job through C, in a queue beside it.
        bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
        bg_manager *queue = nullptr;
        bg_job *plain = nullptr;
        options.directory = argv[2];
        must(bg_manager_open(&options, &queue));
        must(bg_manager_create_job(queue, "a name for people", BG_JOB_TYPE_DOWNLOAD, nullptr, &plain));

        bg_job_state state = 0;
        BG_JOB_STATE mirror_state;
        compare([&] { bg_job_get_state(plain, &state); }, [&] { job->GetState(&mirror_state); });
        bg_job_progress progress = BG_JOB_PROGRESS_INIT;
        BG_JOB_PROGRESS mirror_progress;
        compare([&] { bg_job_get_progress(plain, &progress); }, [&] { job->GetProgress(&mirror_progress); });
        compare(
            [&] {
                char *text = nullptr;
                bg_job_get_display_name(plain, &text);
                bg_string_free(text);
            },
            [&] {
                WCHAR *text = nullptr;
                job->GetDisplayName(&text);
                CoTaskMemFree(text);
            });
        job->Cancel();
        bg_job_release(plain);
        bg_manager_release(queue);
    }
    CoUninitialize();
    return 0;
}
