// What the getters of the interfaces allocate: what the C function does, and one block for each string or array.
#include "mirror.h"

/// Those of this thread: the library works on others.
static thread_local unsigned taken;

extern "C" {
void *__libc_malloc(size_t size) noexcept;
void *__libc_calloc(size_t count, size_t size) noexcept;
void *__libc_realloc(void *memory, size_t size) noexcept;

void *malloc(size_t size) noexcept
{
    ++taken;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) noexcept
{
    ++taken;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) noexcept
{
    ++taken;
    return __libc_realloc(memory, size);
}
}

template <class Call> static unsigned allocations(Call call)
{
    // The first call of all may make what the thread keeps.
    call();
    const unsigned before = taken;
    call();
    return taken - before;
}

/// The mirror allocates so many blocks more than C.
template <class Plain, class Mirror> static void check(int line, unsigned more, Plain plain, Mirror mirror)
{
    const unsigned of_plain = allocations(plain), of_mirror = allocations(mirror);
    if (of_mirror != of_plain + more) {
        fprintf(stderr, "line %d: %u blocks in C, %u through the interface\n", line, of_plain, of_mirror);
        exit(1);
    }
}

#define VALUE(type, plain, c_type, mirror)                                                                 \
    check(__LINE__, 0, [&] { c_type value = {}; OK(plain(&value)); }, [&] { type value; OK(mirror(&value)); })
#define TEXT(plain, mirror)                                                                                 \
    check(__LINE__, 1, [&] { char *text = nullptr; plain(&text); bg_string_free(text); },                  \
          [&] { LPWSTR text = nullptr; mirror(&text); CoTaskMemFree(text); })
#define J(function) [&](auto *out) { return function(plain_job, out); }
#define F(function) [&](auto *out) { return function(plain_file, out); }
#define M(object, method) [&](auto *out) { return object->method(out); }

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    ComPtr<IBackgroundCopyJob> made = download_job(queue.Get(), "/file/1", "one");
    ComPtr<IBackgroundCopyJob5> job;
    ComPtr<IBackgroundCopyJobHttpOptions2> http;
    ComPtr<IBackgroundCopyFile6> file;
    OK(made.As(&job));
    OK(made.As(&http));
    OK(first_file(made.Get()).As(&file));

    // Such a job through C, in a queue beside it.
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *plain = nullptr;
    options.directory = path_of("other");
    OK(bg_manager_open(&options, &plain));
    bg_job *plain_job = download(plain, "/file/1", "one");
    bg_enum_files *files = nullptr;
    bg_file *plain_file = nullptr;
    OK(bg_job_enum_files(plain_job, &files));
    OK(bg_enum_files_next(files, 1, &plain_file, nullptr));

    VALUE(BG_JOB_STATE, J(bg_job_get_state), bg_job_state, M(job, GetState));
    VALUE(BG_JOB_TYPE, J(bg_job_get_type), bg_job_type, M(job, GetType));
    VALUE(BG_JOB_PRIORITY, J(bg_job_get_priority), bg_job_priority, M(job, GetPriority));
    VALUE(GUID, J(bg_job_get_id), bg_guid, M(job, GetId));
    VALUE(ULONG, J(bg_job_get_notify_flags), uint32_t, M(job, GetNotifyFlags));
    VALUE(ULONG, J(bg_job_get_minimum_retry_delay), uint32_t, M(job, GetMinimumRetryDelay));
    VALUE(ULONG, J(bg_job_get_no_progress_timeout), uint32_t, M(job, GetNoProgressTimeout));
    VALUE(ULONG, J(bg_job_get_maximum_download_time), uint32_t, M(job, GetMaximumDownloadTime));
    VALUE(ULONG, J(bg_job_get_error_count), uint32_t, M(job, GetErrorCount));
    VALUE(DWORD, J(bg_job_get_file_acl_flags), uint32_t, M(job, GetFileACLFlags));
    VALUE(DWORD, J(bg_job_get_peer_caching_flags), uint32_t, M(job, GetPeerCachingFlags));
    VALUE(ULONG, J(bg_job_get_owner_integrity_level), uint32_t, M(job, GetOwnerIntegrityLevel));
    VALUE(BOOL, J(bg_job_get_owner_elevation_state), int32_t, M(job, GetOwnerElevationState));
    VALUE(ULONG, J(bg_job_get_security_flags), uint32_t, M(http, GetSecurityFlags));
    VALUE(BOOL, F(bg_file_get_validation_state), int32_t, M(file, GetValidationState));
    check(__LINE__, 0,
          [&] {
              bg_job_progress progress = BG_JOB_PROGRESS_INIT;
              bg_job_times times = BG_JOB_TIMES_INIT;
              bg_file_progress of_file = BG_FILE_PROGRESS_INIT;
              bg_job_property_value value = {};
              OK(bg_job_get_progress(plain_job, &progress));
              OK(bg_job_get_times(plain_job, &times));
              OK(bg_file_get_progress(plain_file, &of_file));
              OK(bg_job_get_property(plain_job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value));
          },
          [&] {
              BG_JOB_PROGRESS progress;
              BG_JOB_TIMES times;
              BG_FILE_PROGRESS of_file;
              BITS_JOB_PROPERTY_VALUE value;
              OK(job->GetProgress(&progress));
              OK(job->GetTimes(&times));
              OK(file->GetProgress(&of_file));
              OK(job->GetProperty(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value));
          });

    TEXT(J(bg_job_get_display_name), M(job, GetDisplayName));
    TEXT(J(bg_job_get_description), M(job, GetDescription));
    TEXT(J(bg_job_get_owner), M(job, GetOwner));
    TEXT(J(bg_job_get_http_method), M(http, GetHttpMethod));
    TEXT(F(bg_file_get_remote_name), M(file, GetRemoteName));
    TEXT(F(bg_file_get_local_name), M(file, GetLocalName));
    TEXT(F(bg_file_get_temporary_name), M(file, GetTemporaryName));
    check(__LINE__, 2,
          [&] {
              char *program = nullptr, *parameters = nullptr;
              OK(bg_job_get_notify_cmd_line(plain_job, &program, &parameters));
              bg_string_free(program);
              bg_string_free(parameters);
          },
          [&] {
              LPWSTR program = nullptr, parameters = nullptr;
              OK(job->GetNotifyCmdLine(&program, &parameters));
              CoTaskMemFree(program);
              CoTaskMemFree(parameters);
          });

    OK(job->Cancel());
    OK(bg_job_cancel(plain_job));
    bg_file_release(plain_file);
    bg_enum_files_release(files);
    bg_job_release(plain_job);
    bg_manager_release(plain);
    return 0;
}
