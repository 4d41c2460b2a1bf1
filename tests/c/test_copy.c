/* Remote names that are files: copies on one machine. */
#include "check.h"

#include <sys/stat.h>

static void write_source(const char *path)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%09d\n", i);
    CHECK(fclose(file) == 0);
    CHECK(chmod(path, 0640) == 0);
}

/* A suspended job that copies a file to this name. */
static bg_job *copy_of(bg_manager *manager, const char *source, const char *name)
{
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, "a copy", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_add_file(job, source, path_of(name)));
    return job;
}

static void a_file_is_copied_by_its_path_and_by_its_url(bg_manager *manager)
{
    char url[600];
    const char *names[2];
    struct stat found;
    watch seen;
    write_source(path_of("copy source"));
    names[0] = path_of("copy source");
    snprintf(url, sizeof url, "file://%.*s%%20source", (int)strlen(names[0]) - 7, names[0]);
    names[1] = url;
    for (int i = 0; i < 2; i++) {
        bg_job *job = copy_of(manager, names[i], "copied");
        watch_init(&seen);
        watch_job(&seen, job);
        OK(bg_job_set_file_acl_flags(job, BG_COPY_FILE_DACL));
        OK(bg_job_resume(job));
        watch_until(&seen, &seen.transferred, 1);
        OK(bg_job_complete(job));
        CHECK(stat(path_of("copied"), &found) == 0);
        CHECK(found.st_size == 1000000 && (found.st_mode & 07777) == 0640);
        CHECK(remove(path_of("copied")) == 0);
        bg_job_release(job);
        watch_until(&seen, &seen.destroyed, 1);
        watch_free(&seen);
    }
}

static void a_file_is_uploaded_to_a_path(bg_manager *manager)
{
    struct stat found;
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    bg_job *job = NULL;
    write_source(path_of("upload source"));
    OK(bg_manager_create_job(manager, "a delivery", BG_JOB_TYPE_UPLOAD, NULL, &job));
    OK(bg_job_add_file(job, path_of("delivered"), path_of("upload source")));
    OK(bg_job_resume(job));
    OK(bg_job_wait(job, -1, -1, &state));
    CHECK(state == BG_JOB_STATE_TRANSFERRED);
    CHECK(stat(path_of("delivered"), &found) == 0 && found.st_size == 1000000);
    OK(bg_job_complete(job));
    bg_job_release(job);
}

static void a_missing_file_is_an_error_of_the_file_protocol(bg_manager *manager)
{
    watch seen;
    bg_error *error = NULL;
    bg_result code = BG_S_OK;
    int32_t context = 0;
    char *protocol = NULL;
    bg_job *job = copy_of(manager, path_of("nowhere"), "never");
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_get_error(job, &error));
    OK(bg_error_get_error(error, &context, &code));
    CHECK(code == BG_E_WIN32_FILE_NOT_FOUND && context == BG_ERROR_CONTEXT_REMOTE_FILE);
    OK(bg_error_get_protocol(error, &protocol));
    CHECK(strcmp(protocol, "file") == 0);
    bg_string_free(protocol);
    bg_error_release(error);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void names_that_are_no_files_are_refused(bg_manager *manager)
{
    static const char *const bad[] = {
        "file://server/share/a", "\\\\server\\share\\a", "smb://server/share/a", "file:///a b", "/a/", "a",
    };
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, "bad names", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        GIVES(BG_E_INVALIDARG, bg_job_add_file(job, bad[i], path_of("never")));
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_file_is_copied_by_its_path_and_by_its_url(manager);
    a_file_is_uploaded_to_a_path(manager);
    a_missing_file_is_an_error_of_the_file_protocol(manager);
    names_that_are_no_files_are_refused(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
