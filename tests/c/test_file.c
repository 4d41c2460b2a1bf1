/* A file of a job: names, index, progress, temporary file. */
#include "check.h"

/* The first file of a job. */
static bg_file *first_file(bg_job *job)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));
    bg_enum_files_release(files);
    return file;
}

static void check_remote_name(bg_file *file, const char *expected)
{
    char *text = NULL;
    OK(bg_file_get_remote_name(file, &text));
    CHECK(strcmp(text, expected) == 0);
    bg_string_free(text);
}

static void a_file_gets_another_remote_name(bg_manager *manager)
{
    watch seen;
    bg_job *job = download(manager, "/r/nothing", "renamed");
    bg_file *file = first_file(job);
    watch_init(&seen);
    watch_job(&seen, job);
    GIVES(BG_E_INVALIDARG, bg_file_set_remote_name(file, NULL));
    GIVES(BG_E_INVALIDARG, bg_file_set_remote_name(file, "no url"));
    GIVES(BG_E_INVALIDARG, bg_job_replace_remote_prefix(job, NULL, "http://h/"));
    GIVES(BG_E_INVALIDARG, bg_job_replace_remote_prefix(job, "", "http://h/"));
    GIVES(BG_S_FALSE, bg_job_replace_remote_prefix(job, "https://elsewhere/", "http://h/"));
    check_remote_name(file, url_of("/r/nothing"));
    OK(bg_job_replace_remote_prefix(job, url_of("/r"), url_of("/file/300?x-r=")));
    check_remote_name(file, url_of("/file/300?x-r=/nothing"));
    OK(bg_file_set_remote_name(file, url_of("/file/400")));
    check_remote_name(file, url_of("/file/400"));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("renamed")) == 400);
    GIVES(BG_E_INVALID_STATE, bg_file_set_remote_name(file, url_of("/file/500")));
    GIVES(BG_E_INVALID_STATE, bg_job_replace_remote_prefix(job, "http", "https"));
    bg_file_release(file);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void check_validation(bg_file *file, int32_t expected)
{
    int32_t valid = 7;
    OK(bg_file_get_validation_state(file, &valid));
    CHECK(valid == expected);
}

static void an_invalid_file_is_fetched_again(bg_manager *manager)
{
    watch seen;
    bg_job *job = download(manager, "/file/600", "validated");
    bg_file *file = first_file(job);
    watch_init(&seen);
    watch_job(&seen, job);
    GIVES(BG_E_PENDING, bg_file_set_validation_state(file, 0));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_file_set_validation_state(file, 0));
    watch_until(&seen, &seen.failed, 1);
    CHECK(seen.code == BG_E_VALIDATION_FAILED);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 2);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("validated")) == 600);
    check_validation(file, 1);
    GIVES(BG_E_INVALID_STATE, bg_file_set_validation_state(file, 0));
    bg_file_release(file);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void a_file_tells_the_response_headers(bg_manager *manager)
{
    const int32_t headers = BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS;
    watch seen;
    bg_job *job = download(manager, "/file/700?header=X-Story:%20told", "headers");
    bg_file *file = first_file(job);
    bg_file_property_value value;
    watch_init(&seen);
    watch_job(&seen, job);
    value.string = (char *)(uintptr_t)path_of("untouched");
    OK(bg_file_get_property(file, headers, &value));
    CHECK(value.string == NULL);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    OK(bg_file_get_property(file, headers, &value));
    CHECK(strncmp(value.string, "HTTP/1.1 200 OK\r\n", 17) == 0);
    CHECK(strstr(value.string, "\r\nX-Story: told\r\n") != NULL);
    bg_string_free(value.string);

    value.string = (char *)(uintptr_t)path_of("never looked at");
    GIVES(BG_E_READ_ONLY_PROPERTY, bg_file_set_property(file, headers, value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, bg_file_set_property(file, 2, value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, bg_file_get_property(file, 0, &value));
    CHECK(value.string == NULL);
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, bg_file_get_property(file, INT32_MIN, &value));
    GIVES(BG_E_POINTER, bg_file_get_property(file, headers, NULL));
    bg_file_release(file);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

int main(void)
{
    watch seen;
    bg_manager *manager = open_queue();
    bg_job *job = download(manager, "/file/5000?seed=2", "file");
    bg_job *same = NULL;
    bg_file *file = first_file(job);
    bg_file_progress progress = BG_FILE_PROGRESS_INIT;
    bg_guid id, id_of_same;
    uint64_t from_origin = 7, from_peers = 7;
    int32_t flag = 7;
    uint32_t index = 7;
    char *text = NULL;
    watch_init(&seen);
    watch_job(&seen, job);

    check_remote_name(file, url_of("/file/5000?seed=2"));
    OK(bg_file_get_local_name(file, &text));
    CHECK(strcmp(text, path_of("file")) == 0);
    bg_string_free(text);
    OK(bg_file_get_index(file, &index));
    CHECK(index == 0);
    OK(bg_file_get_job(file, &same));
    OK(bg_job_get_id(job, &id));
    OK(bg_job_get_id(same, &id_of_same));
    CHECK(bg_guid_equal(&id, &id_of_same) == 1);
    bg_job_release(same);

    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.bytes_total == BG_SIZE_UNKNOWN && progress.bytes_transferred == 0 && progress.completed == 0);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.bytes_total == 5000 && progress.bytes_transferred == 5000);
    /* Whole, but not under its name yet. */
    CHECK(progress.completed == 0);
    OK(bg_file_get_temporary_name(file, &text));
    CHECK(size_of_file(text) == 5000);
    check_validation(file, 0);
    OK(bg_file_set_validation_state(file, 1));
    check_validation(file, 1);
    OK(bg_file_is_downloaded_from_peer(file, &flag));
    OK(bg_file_get_peer_download_stats(file, &from_origin, &from_peers));
    CHECK(flag == 0 && from_origin == 5000 && from_peers == 0);
    OK(bg_job_complete(job));
    CHECK(size_of_file(text) == -1);
    bg_string_free(text);
    CHECK(size_of_file(path_of("file")) == 5000);

    /* The file handle keeps the job's answers alive. */
    bg_job_release(job);
    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.completed == 1);
    CHECK(bg_file_retain(file) == file);
    bg_file_release(file);
    bg_file_release(file);
    a_file_gets_another_remote_name(manager);
    an_invalid_file_is_fetched_again(manager);
    a_file_tells_the_response_headers(manager);
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    return 0;
}
