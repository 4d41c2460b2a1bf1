/* The text of a failed call: it names what the call was about, and what to do. */
#include "check.h"

/* The call gives this code, and its text contains both parts. */
#define SAYS(code, call, first, second)                                                                    \
    do {                                                                                                   \
        GIVES(code, call);                                                                                 \
        check_says(__LINE__, #call, first);                                                                \
        check_says(__LINE__, #call, second);                                                               \
    } while (0)

static void check_says(int line, const char *call, const char *part)
{
    const char *detail = bg_last_error_detail();
    if (strstr(detail, part) == NULL) {
        fprintf(stderr, "%s:%d: %s does not say \"%s\" but: %s\n", __FILE__, line, call, part, detail);
        exit(1);
    }
}

static bg_manager *manager;

/* A text of that many letters. */
static const char *letters(size_t count)
{
    static char text[20000];
    memset(text, 'x', count);
    text[count] = 0;
    return text;
}

static bg_job *job_in(bg_job_state wanted, const char *target, const char *name)
{
    bg_job *job = download(manager, target, name);
    bg_job_state state;
    OK(bg_job_resume(job));
    OK(bg_job_wait(job, -1, -1, &state));
    CHECK(state == wanted);
    return job;
}

static bg_file *file_of(bg_job *job)
{
    bg_enum_files *files;
    bg_file *file;
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));
    bg_enum_files_release(files);
    return file;
}

static void names_of_files(void)
{
    bg_job *job;
    char path[600];
    bg_file_info set[2];
    OK(bg_manager_create_job(manager, "names", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "http://localhost/a", "relative/path"), "relative/path", "absolute");
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "ftp://localhost/a", path_of("a")), "ftp://localhost/a", "http");
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "http://*/", path_of("a")), "http://*/", "host");
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "http://localhost/a b", path_of("a")), "http://localhost/a b", "percent");
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "ftp://me:secret@localhost/", path_of("a")), "...@localhost/", "http");
    CHECK(strstr(bg_last_error_detail(), "secret") == NULL);
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, "localhost/a", path_of("a")), "localhost/a", "http");
    SAYS(BG_E_INVALIDARG, bg_job_add_file(job, letters(2201), path_of("a")), "xxx...", "2200");
    SAYS(BG_E_WIN32_PATH_NOT_FOUND, bg_job_add_file(job, "http://localhost/a", path_of("no/a")), path_of("no"), "directory");
    SAYS(BG_E_WIN32_DIRECTORY, bg_job_add_file(job, "http://localhost/a", path_of("queue")), path_of("queue"), "directory");
    snprintf(path, sizeof path, "%s/%s", path_of("queue"), letters(256));
    SAYS(BG_E_WIN32_FILENAME_EXCED_RANGE, bg_job_add_file(job, "http://localhost/a", path), "queue/xxx", "255");
    set[0].remote_name = set[1].remote_name = "http://localhost/a";
    set[0].local_name = path_of("a");
    set[1].local_name = "second";
    SAYS(BG_E_INVALIDARG, bg_job_add_file_set(job, 2, set), "second", "absolute");
    SAYS(BG_E_INVALIDARG, bg_job_replace_remote_prefix(job, "", "x"), "old prefix", "empty");
    SAYS(BG_E_EMPTY, bg_job_resume(job), "names", "add");
    OK(bg_job_cancel(job));
    SAYS(BG_E_INVALID_STATE, bg_job_resume(job), "names", "CANCELLED");
    SAYS(BG_E_INVALID_STATE, bg_job_set_description(job, "late"), "names", "CANCELLED");
    SAYS(BG_E_INVALID_STATE, bg_job_add_file(job, "http://localhost/a", path_of("a")), "names", "CANCELLED");
    bg_job_release(job);
}

static void properties(void)
{
    bg_job *job;
    bg_error *error;
    OK(bg_manager_create_job(manager, "properties", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    SAYS(BG_E_STRING_TOO_LONG, bg_job_set_display_name(job, letters(257)), "display name", "256");
    SAYS(BG_E_STRING_TOO_LONG, bg_job_set_description(job, letters(1025)), "description", "1024");
    SAYS(BG_E_NOTIMPL, bg_job_set_priority(job, 17), "17", "priority");
    SAYS(BG_E_NOTIMPL, bg_job_set_notify_flags(job, 0x40), "0x40", "notify");
    SAYS(BG_E_INVALIDARG, bg_job_set_notify_cmd_line(job, "true", NULL), "true", "absolute");
    SAYS(BG_E_INVALIDARG, bg_job_set_notify_cmd_line(job, NULL, "x"), "program", "parameters");
    SAYS(BG_E_INVALIDARG, bg_job_set_custom_headers(job, "A: b\r\n\r\nGET / HTTP/1.1\r\n"), "header 2", "colon");
    SAYS(BG_E_INVALIDARG, bg_job_set_http_method(job, "no method"), "HTTP method", "letters");
    SAYS(BG_E_ERROR_INFORMATION_UNAVAILABLE, bg_job_get_error(job, &error), "properties", "SUSPENDED");
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

static void files_and_states(void)
{
    bg_job *job = job_in(BG_JOB_STATE_TRANSFERRED, "/file/10?seed=1", "arrived"), *suspended;
    bg_file *file = file_of(job);
    bg_error *error;
    char *temporary;
    SAYS(BG_E_INVALID_STATE, bg_job_set_file_acl_flags(job, BG_COPY_FILE_OWNER), "arrived", "TRANSFERRED");
    SAYS(BG_E_READ_ONLY_PROPERTY_AFTER_RESUME, bg_job_set_http_method(job, "POST"), "method", "Resume");
    SAYS(BG_E_ERROR_INFORMATION_UNAVAILABLE, bg_job_get_error(job, &error), "arrived", "TRANSFERRED");
    SAYS(BG_E_INVALIDARG, bg_file_set_remote_name(file, "nowhere"), "nowhere", "http");
    OK(bg_file_get_temporary_name(file, &temporary));
    CHECK(unlink(temporary) == 0);
    SAYS(BG_E_WIN32_FILE_NOT_FOUND, bg_job_complete(job), temporary, "resume");
    bg_string_free(temporary);
    OK(bg_job_cancel(job));
    bg_file_release(file);
    bg_job_release(job);

    suspended = download(manager, "/file/10?seed=1", "pending");
    file = file_of(suspended);
    SAYS(BG_E_PENDING, bg_file_set_validation_state(file, 1), path_of("pending"), "not transferred");
    OK(bg_job_cancel(suspended));
    bg_file_release(file);
    bg_job_release(suspended);
}

static void the_queue(void)
{
    static const bg_guid nobody = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *second;
    bg_job *job;
    bg_enum_jobs *jobs;
    options.directory = path_of("queue");
    SAYS(BG_E_WIN32_SHARING_VIOLATION, bg_manager_open(&options, &second), path_of("queue"), "another directory");
    options.directory = "/dev/null/queue";
    SAYS(BG_E_WIN32_PATH_NOT_FOUND, bg_manager_open(&options, &second), "/dev/null/queue", "");
    SAYS(BG_E_NOT_FOUND, bg_manager_get_job(manager, &nobody, &job), "{00000001-0002-0003-0405-060708090A0B}", "queue");
    SAYS(BG_E_NOTIMPL, bg_manager_create_job(manager, "x", 9, NULL, &job), "9", "type");
    SAYS(BG_E_INVALIDARG, bg_manager_create_job(manager, letters(257), BG_JOB_TYPE_DOWNLOAD, NULL, &job), "display name", "256");
    SAYS(BG_E_INVALIDARG, bg_manager_create_job(manager, NULL, BG_JOB_TYPE_DOWNLOAD, NULL, &job), "display name", "NULL");
    SAYS(BG_E_NOTIMPL, bg_manager_enum_jobs(manager, 8, &jobs), "8", "flag");
}

/* What a job says of its failure names the URL or the path, and what answered. */
static void errors_of_jobs(void)
{
    static const struct {
        const char *target, *first, *second;
    } failures[] = {
        { "/file/10?status=404", "/file/10?status=404", "404" },
        { "/file/10?status=403", "/file/10?status=403", "403" },
        { "/file/10?auth=basic&user=a&password=b", "/file/10?auth=basic", "Basic" },
        { "/file/10?redirect_loop", "/file/10?redirect_loop", "redirect" },
        { "/file/10?chunked&no_length&garbage", "/file/10?chunked", "HTTP" },
        { "/file/10?status=503", "/file/10?status=503", "503" },
    };
    size_t i;
    for (i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        bg_job *job = download(manager, failures[i].target, "failed");
        bg_job_state state;
        bg_error *error;
        char *text;
        OK(bg_job_set_no_progress_timeout(job, 0));
        OK(bg_job_resume(job));
        OK(bg_job_wait(job, -1, -1, &state));
        CHECK(state == BG_JOB_STATE_ERROR);
        OK(bg_job_get_error(job, &error));
        OK(bg_error_get_text(error, &text));
        if (strstr(text, failures[i].first) == NULL || strstr(text, failures[i].second) == NULL) {
            fprintf(stderr, "%s: %s\n", failures[i].target, text);
            exit(1);
        }
        bg_string_free(text);
        bg_error_release(error);
        OK(bg_job_cancel(job));
        bg_job_release(job);
    }
}

int main(void)
{
    manager = open_queue();
    names_of_files();
    properties();
    files_and_states();
    the_queue();
    errors_of_jobs();
    bg_manager_release(manager);
    return 0;
}
