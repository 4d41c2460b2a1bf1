/* A job: its life, its properties, its progress and times. */
#include "check.h"

static void a_job_downloads_and_is_completed(bg_manager *manager)
{
    watch seen;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_job_times times = BG_JOB_TIMES_INIT;
    bg_error *error = NULL;
    uint32_t count = 7;
    bg_job *job = download(manager, "/file/100000?seed=1", "whole");
    watch_init(&seen);
    watch_job(&seen, job);

    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.files_total == 1 && progress.files_transferred == 0);
    CHECK(progress.bytes_total == BG_SIZE_UNKNOWN && progress.bytes_transferred == 0);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    check_state(job, BG_JOB_STATE_TRANSFERRED);
    CHECK(size_of_file(path_of("whole")) == -1);
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.struct_size == sizeof progress && progress.reserved == 0);
    CHECK(progress.files_transferred == 1);
    CHECK(progress.bytes_total == 100000 && progress.bytes_transferred == 100000);
    OK(bg_job_get_times(job, &times));
    CHECK(times.creation_time > INT64_C(1700000000) * 1000000000);
    CHECK(times.transfer_completion_time >= times.creation_time);
    CHECK(times.modification_time >= times.creation_time);
    GIVES(BG_E_ERROR_INFORMATION_UNAVAILABLE, bg_job_get_error(job, &error));
    CHECK(error == NULL);
    OK(bg_job_get_error_count(job, &count));
    CHECK(count == 0);

    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("whole")) == 100000);
    /* The handle still answers; nothing can be changed. */
    check_state(job, BG_JOB_STATE_ACKNOWLEDGED);
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.files_transferred == 1);
    GIVES(BG_E_INVALID_STATE, bg_job_complete(job));
    GIVES(BG_E_INVALID_STATE, bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_resume(job));
    GIVES(BG_E_INVALID_STATE, bg_job_suspend(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_description(job, "late"));
    GIVES(BG_E_INVALID_STATE, bg_job_add_file(job, url_of("/file/1"), path_of("late")));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void a_job_without_files_cannot_be_resumed(bg_manager *manager)
{
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, "empty", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    GIVES(BG_E_EMPTY, bg_job_resume(job));
    check_state(job, BG_JOB_STATE_SUSPENDED);
    OK(bg_job_cancel(job));
    check_state(job, BG_JOB_STATE_CANCELLED);
    bg_job_release(job);
}

static void a_suspended_job_goes_on_where_it_was(bg_manager *manager)
{
    watch seen;
    bg_job *job;
    watch_init(&seen);
    server("PUT", "/control/halves?size=300000&seed=1&stall_after=200000&fail_first=1&on=get");
    job = download(manager, "/r/halves", "halves");
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    server("GET", "/wait?stalled=1&path=/r/halves");
    OK(bg_job_suspend(job));
    OK(bg_job_suspend(job));
    check_state(job, BG_JOB_STATE_SUSPENDED);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("halves")) == 300000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void files_are_added_all_or_none(bg_manager *manager)
{
    bg_job *job = NULL;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_file_info files[2];
    OK(bg_manager_create_job(manager, "set", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    files[0].remote_name = url_of("/file/1");
    files[0].local_name = path_of("first");
    files[1].remote_name = url_of("/file/2");
    files[1].local_name = "relative";
    GIVES(BG_E_INVALIDARG, bg_job_add_file_set(job, 2, files));
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.files_total == 0);
    files[1].local_name = NULL;
    GIVES(BG_E_INVALIDARG, bg_job_add_file_set(job, 2, files));
    CHECK(strstr(bg_last_error_detail(), "file 1") != NULL);
    files[1].local_name = path_of("second");
    OK(bg_job_add_file_set(job, 2, files));
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.files_total == 2);
    GIVES(BG_E_INVALIDARG, bg_job_add_file_set(job, 1, NULL));
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

static void properties_are_kept(bg_manager *manager)
{
    bg_job *job = NULL;
    char *text = NULL;
    char *parameters = NULL;
    char owner[64];
    int32_t number = -1;
    uint32_t value = 0;
    char *long_text = (char *)malloc(1026);
    CHECK(long_text != NULL);
    memset(long_text, 'x', 1025);
    long_text[1025] = 0;
    OK(bg_manager_create_job(manager, "properties", BG_JOB_TYPE_DOWNLOAD, NULL, &job));

    OK(bg_job_get_type(job, &number));
    CHECK(number == BG_JOB_TYPE_DOWNLOAD);
    OK(bg_job_set_display_name(job, "renamed"));
    OK(bg_job_get_display_name(job, &text));
    CHECK(strcmp(text, "renamed") == 0);
    bg_string_free(text);
    GIVES(BG_E_STRING_TOO_LONG, bg_job_set_display_name(job, long_text));
    OK(bg_job_get_description(job, &text));
    CHECK(strcmp(text, "") == 0);
    bg_string_free(text);
    GIVES(BG_E_STRING_TOO_LONG, bg_job_set_description(job, long_text));
    long_text[1024] = 0;
    OK(bg_job_set_description(job, long_text));
    OK(bg_job_get_description(job, &text));
    CHECK(strcmp(text, long_text) == 0);
    /* An out-string is the program's: it may even shorten it. */
    text[3] = 0;
    bg_string_free(text);

    OK(bg_job_get_priority(job, &number));
    CHECK(number == BG_JOB_PRIORITY_NORMAL);
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_LOW));
    OK(bg_job_get_priority(job, &number));
    CHECK(number == BG_JOB_PRIORITY_LOW);
    GIVES(BG_E_NOTIMPL, bg_job_set_priority(job, 4));
    OK(bg_job_get_notify_flags(job, &value));
    CHECK(value == (BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR));
    GIVES(BG_E_NOTIMPL, bg_job_set_notify_flags(job, 0x40));
    OK(bg_job_set_notify_flags(job, BG_NOTIFY_DISABLE));
    OK(bg_job_get_notify_flags(job, &value));
    CHECK(value == BG_NOTIFY_DISABLE);

    OK(bg_job_get_minimum_retry_delay(job, &value));
    CHECK(value == 600);
    OK(bg_job_set_minimum_retry_delay(job, 1));
    OK(bg_job_get_minimum_retry_delay(job, &value));
    CHECK(value == 5);
    OK(bg_job_get_no_progress_timeout(job, &value));
    CHECK(value == 1209600);
    OK(bg_job_set_no_progress_timeout(job, 0));
    OK(bg_job_get_no_progress_timeout(job, &value));
    CHECK(value == 0);
    OK(bg_job_get_maximum_download_time(job, &value));
    CHECK(value == 7776000);
    OK(bg_job_set_maximum_download_time(job, 60));
    OK(bg_job_get_maximum_download_time(job, &value));
    CHECK(value == 60);

    snprintf(owner, sizeof owner, "S-1-22-1-%u", (unsigned)geteuid());
    OK(bg_job_get_owner(job, &text));
    CHECK(strcmp(text, owner) == 0);
    bg_string_free(text);
    OK(bg_job_get_owner_uid(job, &value));
    CHECK(value == geteuid());
    OK(bg_job_get_owner_elevation_state(job, &number));
    CHECK(number == (geteuid() == 0));
    OK(bg_job_get_owner_integrity_level(job, &value));
    CHECK(value == (geteuid() == 0 ? 0x3000u : 0x2000u));
    OK(bg_job_take_ownership(job));

    OK(bg_job_get_notify_cmd_line(job, &text, &parameters));
    CHECK(strcmp(text, "") == 0 && strcmp(parameters, "") == 0);
    bg_string_free(text);
    bg_string_free(parameters);
    GIVES(BG_E_INVALIDARG, bg_job_set_notify_cmd_line(job, NULL, "sh -c true"));
    GIVES(BG_E_INVALIDARG, bg_job_set_notify_cmd_line(job, "sh", "sh"));
    OK(bg_job_set_notify_cmd_line(job, "/bin/sh", "sh -c true"));
    OK(bg_job_get_notify_cmd_line(job, &text, &parameters));
    CHECK(strcmp(text, "/bin/sh") == 0 && strcmp(parameters, "sh -c true") == 0);
    bg_string_free(text);
    bg_string_free(parameters);
    OK(bg_job_set_notify_cmd_line(job, NULL, NULL));

    OK(bg_job_get_peer_caching_flags(job, &value));
    CHECK(value == 0);
    GIVES(BG_E_NOTIMPL, bg_job_set_peer_caching_flags(job, 0x8));
    OK(bg_job_set_peer_caching_flags(job, BG_JOB_ENABLE_PEERCACHING_CLIENT | BG_JOB_DISABLE_BRANCH_CACHE));
    OK(bg_job_get_peer_caching_flags(job, &value));
    CHECK(value == 5);
    OK(bg_job_get_file_acl_flags(job, &value));
    CHECK(value == 0);
    GIVES(BG_E_INVALIDARG, bg_job_set_file_acl_flags(job, 0x10));
    OK(bg_job_set_file_acl_flags(job, BG_COPY_FILE_ALL));
    OK(bg_job_get_file_acl_flags(job, &value));
    CHECK(value == 15);

    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_take_ownership(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_peer_caching_flags(job, 0));
    bg_job_release(job);
    free(long_text);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_job_downloads_and_is_completed(manager);
    a_job_without_files_cannot_be_resumed(manager);
    a_suspended_job_goes_on_where_it_was(manager);
    files_are_added_all_or_none(manager);
    properties_are_kept(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
