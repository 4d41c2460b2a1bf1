/* The error of a job, and the text of the last failed call. */
#include "check.h"

static void a_failed_job_says_what_failed(bg_manager *manager)
{
    watch seen;
    bg_job *job = download(manager, "/file/1000?status=404", "missing");
    bg_error *error = NULL;
    bg_file *file = NULL;
    int32_t context = 0;
    bg_result code = 0;
    uint32_t count = 0;
    char *text = NULL;
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    CHECK(seen.code == BG_E_HTTP_ERROR_404);
    check_state(job, BG_JOB_STATE_ERROR);
    OK(bg_job_get_error_count(job, &count));
    CHECK(count == 1);

    OK(bg_job_get_error(job, &error));
    OK(bg_error_get_error(error, &context, &code));
    CHECK(context == BG_ERROR_CONTEXT_REMOTE_FILE && code == BG_E_HTTP_ERROR_404);
    OK(bg_error_get_file(error, &file));
    OK(bg_file_get_local_name(file, &text));
    CHECK(strcmp(text, path_of("missing")) == 0);
    bg_string_free(text);
    bg_file_release(file);
    OK(bg_error_get_error_description(error, 0x0409, &text));
    CHECK(strlen(text) > 10);
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_error_get_error_description(error, 0, &text));
    CHECK(text == NULL);
    OK(bg_error_get_error_context_description(error, 0x0409, &text));
    CHECK(strlen(text) > 10);
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_error_get_error_context_description(error, 0, &text));
    OK(bg_error_get_protocol(error, &text));
    CHECK(strcmp(text, "http") == 0);
    bg_string_free(text);
    OK(bg_error_get_text(error, &text));
    CHECK(strstr(text, "/file/1000") != NULL);
    bg_string_free(text);

    /* A copy: it outlives the job. */
    OK(bg_job_cancel(job));
    bg_job_release(job);
    OK(bg_error_get_error(error, &context, &code));
    CHECK(code == BG_E_HTTP_ERROR_404);
    CHECK(bg_error_retain(error) == error);
    bg_error_release(error);
    bg_error_release(error);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void *detail_of_another_thread(void *data)
{
    CHECK(strcmp(bg_last_error_detail(), "") == 0);
    GIVES(BG_E_INVALIDARG, bg_job_resume(NULL));
    CHECK(strcmp(bg_last_error_detail(), "") != 0);
    return data;
}

static void the_detail_belongs_to_the_last_call_of_the_thread(bg_manager *manager)
{
    pthread_t thread;
    uint32_t value;
    bg_job *job = NULL;
    char kept[256];
    OK(bg_manager_create_job(manager, "detail", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    CHECK(strcmp(bg_last_error_detail(), "") == 0);
    GIVES(BG_E_INVALIDARG, bg_job_add_file(job, url_of("/file/1"), "relative/path"));
    CHECK(strstr(bg_last_error_detail(), "relative/path") != NULL);
    snprintf(kept, sizeof kept, "%s", bg_last_error_detail());

    /* What cannot fail leaves it alone, and so do other threads. */
    bg_job_retain(job);
    bg_job_release(job);
    bg_string_free(NULL);
    CHECK(strcmp(bg_result_name(BG_S_OK), "BG_S_OK") == 0);
    CHECK(pthread_create(&thread, NULL, detail_of_another_thread, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(strcmp(bg_last_error_detail(), kept) == 0);

    OK(bg_job_get_error_count(job, &value));
    CHECK(strcmp(bg_last_error_detail(), "") == 0);
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

/* Also of codes that this version does not know; the language may be any. */
static void every_code_has_a_description(bg_manager *manager)
{
    static const uint32_t ranges[][2] = {
        {0x80200001u, 0x80200076u}, {0x80190064u, 0x80190257u}, {0x80070000u, 0x80070100u},
        {0x80072EE0u, 0x80072FA0u}, {0x81001001u, 0x81001004u}, {0x00200006u, 0x00200055u},
    };
    static const bg_result contexts[] = {
        BG_S_ERROR_CONTEXT_NONE, BG_E_ERROR_CONTEXT_UNKNOWN, BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER,
        BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION, BG_E_ERROR_CONTEXT_LOCAL_FILE,
        BG_E_ERROR_CONTEXT_REMOTE_FILE, BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT,
        BG_E_ERROR_CONTEXT_REMOTE_APPLICATION, BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK,
    };
    char *english = NULL;
    char *german = NULL;
    size_t range, context, other;
    for (range = 0; range < sizeof ranges / sizeof ranges[0]; range++) {
        uint32_t code;
        for (code = ranges[range][0]; code <= ranges[range][1]; code++) {
            OK(bg_manager_get_error_description(manager, (bg_result)code, 0x0409, &english));
            OK(bg_manager_get_error_description(manager, (bg_result)code, 0x0407, &german));
            CHECK(strlen(english) > 10 && strcmp(english, german) == 0);
            bg_string_free(english);
            bg_string_free(german);
        }
    }
    for (context = 0; context < sizeof contexts / sizeof contexts[0]; context++) {
        for (other = 0; other < context; other++) {
            OK(bg_manager_get_error_description(manager, contexts[context], 0x0409, &english));
            OK(bg_manager_get_error_description(manager, contexts[other], 0x0409, &german));
            CHECK(strcmp(english, german) != 0);
            bg_string_free(english);
            bg_string_free(german);
        }
    }
    GIVES(BG_E_INVALIDARG, bg_manager_get_error_description(manager, BG_E_NOT_FOUND, 0, &english));
    CHECK(english == NULL);
}

static void an_error_stays_as_it_was_when_the_job_goes_on(bg_manager *manager)
{
    watch seen;
    bg_job *job = download(manager, "/file/1000?status=404&fail_first=1", "later");
    bg_error *error = NULL;
    int32_t context = 0;
    bg_result code = 0;
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_get_error(job, &error));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_error_get_error(error, &context, &code));
    CHECK(context == BG_ERROR_CONTEXT_REMOTE_FILE && code == BG_E_HTTP_ERROR_404);
    bg_error_release(error);
    GIVES(BG_E_ERROR_INFORMATION_UNAVAILABLE, bg_job_get_error(job, &error));
    CHECK(error == NULL);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_failed_job_says_what_failed(manager);
    the_detail_belongs_to_the_last_call_of_the_thread(manager);
    every_code_has_a_description(manager);
    an_error_stays_as_it_was_when_the_job_goes_on(manager);
    bg_manager_release(manager);
    return 0;
}
