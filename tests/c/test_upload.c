/* Uploads, and the replies to them.
 *
 * The environment gives BGCOPY_TEST_UPLOAD, the URL of a server that takes uploads, and BGCOPY_TEST_REPLY, that
 * of one whose application also answers each of them with "accepted". What arrived there is in the directories
 * "uploads" and "replies" of the program's own. */
#include "check.h"

enum { SIZE = 1000000 };

static const char REPLY[] = "accepted";

/* A local file of SIZE bytes. */
static const char *local_file(const char *name)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    int number;
    CHECK(file != NULL);
    for (number = 0; number < SIZE; ++number)
        CHECK(putc(number % 251, file) != EOF);
    CHECK(fclose(file) == 0);
    return path;
}

/* A suspended job that uploads a file of that name, to the server that the environment names. */
static bg_job *upload(bg_manager *manager, bg_job_type type, const char *server_name, const char *name)
{
    char url[512];
    bg_job *job = NULL;
    snprintf(url, sizeof url, "%s%s", environment(server_name), name);
    OK(bg_manager_create_job(manager, name, type, NULL, &job));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_add_file(job, url, local_file(name)));
    return job;
}

/* What the server has is the local file of that name. */
static void check_arrived(const char *directory, const char *name)
{
    char place[64];
    FILE *sent = fopen(path_of(name), "rb"), *arrived;
    int number, byte;
    snprintf(place, sizeof place, "%s/%s", directory, name);
    arrived = fopen(path_of(place), "rb");
    CHECK(sent != NULL && arrived != NULL);
    for (number = 0; number <= SIZE; ++number) {
        byte = getc(sent);
        CHECK(getc(arrived) == byte && (byte == EOF) == (number == SIZE));
    }
    CHECK(fclose(sent) == 0 && fclose(arrived) == 0);
}

static void run(bg_job *job)
{
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    OK(bg_job_resume(job));
    OK(bg_job_wait(job, DEADLINE_SECONDS * 1000, -1, &state));
    CHECK(state == BG_JOB_STATE_TRANSFERRED);
}

static void check_uploaded(bg_job *job)
{
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.bytes_total == SIZE && progress.bytes_transferred == SIZE);
    CHECK(progress.files_total == 1 && progress.files_transferred == 1);
}

static void check_reply_name(bg_job *job, const char *expected)
{
    char *name = NULL;
    OK(bg_job_get_reply_file_name(job, &name));
    CHECK(expected == NULL ? name == NULL : name != NULL && strcmp(name, expected) == 0);
    bg_string_free(name);
}

static void check_reply(bg_job *job, const char *expected)
{
    bg_job_reply_progress progress = BG_JOB_REPLY_PROGRESS_INIT;
    uint8_t *data = NULL;
    uint64_t length = 7;
    OK(bg_job_get_reply_progress(job, &progress));
    CHECK(progress.bytes_total == strlen(expected) && progress.bytes_transferred == strlen(expected));
    OK(bg_job_get_reply_data(job, &data, &length));
    CHECK(length == strlen(expected) && (length == 0) == (data == NULL));
    CHECK(length == 0 || memcmp(data, expected, (size_t)length) == 0);
    bg_memory_free(data);
}

static void an_upload_has_one_file_and_no_reply(bg_manager *manager)
{
    bg_job_reply_progress progress = BG_JOB_REPLY_PROGRESS_INIT;
    bg_job *job = upload(manager, BG_JOB_TYPE_UPLOAD, "BGCOPY_TEST_REPLY", "plain");
    bg_file_range range = {0, 1};
    char untouched, *name = &untouched;
    uint8_t byte, *data = &byte;
    uint64_t length = 7;
    bg_job_type type = BG_JOB_TYPE_DOWNLOAD;

    OK(bg_job_get_type(job, &type));
    CHECK(type == BG_JOB_TYPE_UPLOAD);
    GIVES(BG_E_TOO_MANY_FILES, bg_job_add_file(job, "http://localhost/second", path_of("plain")));
    GIVES(BG_E_NOTIMPL,
          bg_job_add_file_with_ranges(job, "http://localhost/second", path_of("plain"), 1, &range));
    GIVES(BG_E_NOTIMPL, bg_job_replace_remote_prefix(job, "http:", "https:"));
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_progress(job, &progress));
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_data(job, &data, &length));
    CHECK(data == NULL && length == 0);
    GIVES(BG_E_NOTIMPL, bg_job_set_reply_file_name(job, path_of("reply")));
    GIVES(BG_E_NOTIMPL, bg_job_get_reply_file_name(job, &name));
    CHECK(name == NULL);

    run(job);
    check_uploaded(job);
    OK(bg_job_complete(job));
    check_state(job, BG_JOB_STATE_ACKNOWLEDGED);
    check_arrived("replies", "plain");
    bg_job_release(job);
}

static void a_reply_gets_its_name_by_complete(bg_manager *manager)
{
    bg_job_reply_progress progress = BG_JOB_REPLY_PROGRESS_INIT;
    bg_job *job = upload(manager, BG_JOB_TYPE_UPLOAD_REPLY, "BGCOPY_TEST_REPLY", "order");
    uint8_t byte, *data = &byte;
    uint64_t length = 7;

    OK(bg_job_set_reply_file_name(job, path_of("answer")));
    check_reply_name(job, path_of("answer"));
    GIVES(BG_E_INVALIDARG, bg_job_set_reply_file_name(job, "relative"));
    check_reply_name(job, path_of("answer"));
    OK(bg_job_get_reply_progress(job, &progress));
    CHECK(progress.bytes_total == BG_SIZE_UNKNOWN && progress.bytes_transferred == 0);
    GIVES(BG_E_INVALID_STATE, bg_job_get_reply_data(job, &data, &length));
    CHECK(data == NULL && length == 0);

    run(job);
    check_uploaded(job);
    check_reply(job, REPLY);
    GIVES(BG_E_INVALID_STATE, bg_job_set_reply_file_name(job, path_of("late")));
    check_reply_name(job, path_of("answer"));
    CHECK(size_of_file(path_of("answer")) == -1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("answer")) == (long long)strlen(REPLY));
    check_reply(job, REPLY);
    check_arrived("replies", "order");
    bg_job_release(job);
}

static void an_upload_that_is_not_replied_to_has_an_empty_reply(bg_manager *manager)
{
    bg_job *job = NULL;
    char *name = NULL;
    char copy[512];

    OK(bg_manager_create_job(manager, "unnamed", BG_JOB_TYPE_UPLOAD_REPLY, NULL, &job));
    check_reply_name(job, NULL);
    OK(bg_job_cancel(job));
    bg_job_release(job);

    job = upload(manager, BG_JOB_TYPE_UPLOAD_REPLY, "BGCOPY_TEST_UPLOAD", "silent");
    OK(bg_job_get_reply_file_name(job, &name));
    CHECK(name != NULL && strstr(name, "/silent.") != NULL);
    snprintf(copy, sizeof copy, "%s", name);
    bg_string_free(name);
    run(job);
    check_reply(job, "");
    OK(bg_job_complete(job));
    CHECK(size_of_file(copy) == 0);
    check_arrived("uploads", "silent");
    bg_job_release(job);
}

/* The user's file stays, and nothing gets the name of the reply. */
static void cancel_leaves_no_reply(bg_manager *manager)
{
    bg_job *job = upload(manager, BG_JOB_TYPE_UPLOAD_REPLY, "BGCOPY_TEST_REPLY", "cancelled");
    OK(bg_job_set_reply_file_name(job, path_of("unwanted")));
    run(job);
    OK(bg_job_cancel(job));
    check_state(job, BG_JOB_STATE_CANCELLED);
    CHECK(size_of_file(path_of("unwanted")) == -1 && size_of_file(path_of("cancelled")) == SIZE);
    bg_job_release(job);
}

int main(void)
{
    bg_manager *manager = open_queue();
    an_upload_has_one_file_and_no_reply(manager);
    a_reply_gets_its_name_by_complete(manager);
    an_upload_that_is_not_replied_to_has_an_empty_reply(manager);
    cancel_leaves_no_reply(manager);
    bg_manager_release(manager);
    return 0;
}
