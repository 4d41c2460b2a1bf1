/* The reply to an upload: a download job has none. */
#include "check.h"

static void a_download_has_no_reply(bg_job *job)
{
    bg_job_reply_progress progress = BG_JOB_REPLY_PROGRESS_INIT;
    char untouched, *name = &untouched;
    uint8_t byte, *data = &byte;
    uint64_t length = 7;

    progress.bytes_total = 7;
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_progress(job, &progress));
    CHECK(progress.bytes_total == 0 && progress.struct_size == sizeof progress);
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_data(job, &data, &length));
    CHECK(data == NULL && length == 0);
    GIVES(BG_E_NOTIMPL, bg_job_set_reply_file_name(job, path_of("reply")));
    GIVES(BG_E_NOTIMPL, bg_job_set_reply_file_name(job, NULL));
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_file_name(job, &name));
    CHECK(name == NULL);
}

static void wrong_arguments_come_first(bg_job *job)
{
    uint8_t *data = NULL;
    uint64_t length = 7;
    GIVES(BG_E_INVALIDARG, bg_job_get_reply_progress(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_reply_data(job, NULL, &length));
    CHECK(length == 0);
    GIVES(BG_E_POINTER, bg_job_get_reply_data(job, &data, NULL));
    GIVES(BG_E_POINTER, bg_job_get_reply_file_name(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_reply_file_name(job, "\xff"));
    GIVES(BG_E_INVALIDARG, bg_job_set_reply_file_name(NULL, "/reply"));
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_job *job = download(manager, "/file/10", "file");
    a_download_has_no_reply(job);
    wrong_arguments_come_first(job);
    bg_memory_free(NULL);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);
    return 0;
}
