/* HTTP options of a job: certificates and redirects. */
#include "check.h"

static void flags_are_checked_and_kept(bg_manager *manager)
{
    uint32_t flags = 7;
    bg_job *job = download(manager, "/file/1000?seed=1", "flags");
    OK(bg_job_get_security_flags(job, &flags));
    CHECK(flags == BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT);
    OK(bg_job_set_security_flags(job, BG_SSL_ENABLE_CRL_CHECK));
    OK(bg_job_get_security_flags(job, &flags));
    CHECK(flags == BG_SSL_ENABLE_CRL_CHECK);
    OK(bg_job_set_security_flags(job, BG_SSL_IGNORE_UNKNOWN_CA | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT));
    OK(bg_job_get_security_flags(job, &flags));
    CHECK(flags == (BG_SSL_IGNORE_UNKNOWN_CA | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT));
    GIVES(BG_E_NOTIMPL, bg_job_set_security_flags(job, 0x20));
    GIVES(BG_E_NOTIMPL, bg_job_set_security_flags(job, 0x300));
    GIVES(BG_E_POINTER, bg_job_get_security_flags(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_security_flags(NULL, 0));
    OK(bg_job_get_security_flags(job, &flags));
    CHECK(flags == (BG_SSL_IGNORE_UNKNOWN_CA | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT));
    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_security_flags(job, 0));
    bg_job_release(job);
}

static void a_forbidden_redirect_is_an_error(bg_manager *manager)
{
    watch seen;
    bg_error *error = NULL;
    bg_result code = BG_S_OK;
    int32_t context = 0;
    bg_job *job = download(manager, "/redirect/1?to=/file/1000", "redirected");
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_set_security_flags(job, BG_HTTP_REDIRECT_POLICY_DISALLOW));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_get_error(job, &error));
    OK(bg_error_get_error(error, &context, &code));
    CHECK(code == BG_E_REDIRECT_REFUSED_302 && context == BG_ERROR_CONTEXT_REMOTE_FILE);
    bg_error_release(error);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("redirected")) == 1000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void custom_headers_are_kept_secret(bg_manager *manager)
{
    char *text = (char *)manager;
    bg_job *job = download(manager, "/file/1000?seed=1", "headers");
    GIVES(BG_S_FALSE, bg_job_get_custom_headers(job, &text));
    CHECK(text == NULL);
    OK(bg_job_set_custom_headers(job, "X-One: 1\r\nX-Two: 2\r\n"));
    OK(bg_job_get_custom_headers(job, &text));
    CHECK(strcmp(text, "X-One: 1\r\nX-Two: 2\r\n") == 0);
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_job_set_custom_headers(job, "X-One: 1"));
    GIVES(BG_E_INVALIDARG, bg_job_set_custom_headers(job, "X-One: \xFF\r\n"));
    GIVES(BG_E_INVALIDARG, bg_job_set_custom_headers(NULL, NULL));
    GIVES(BG_E_POINTER, bg_job_get_custom_headers(job, NULL));
    OK(bg_job_make_custom_headers_write_only(job));
    text = (char *)manager;
    GIVES(BG_E_ACCESSDENIED, bg_job_get_custom_headers(job, &text));
    CHECK(text == NULL);
    OK(bg_job_set_custom_headers(job, NULL));
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

typedef struct heard {
    pthread_mutex_t lock;
    int messages;
    int secrets;
} heard;

static void on_message(void *data, int32_t level, const char *target, const char *message)
{
    heard *all = (heard *)data;
    (void)level;
    pthread_mutex_lock(&all->lock);
    all->messages++;
    (void)target;
    if (strstr(message, "geheim") != NULL)
        all->secrets++;
    pthread_mutex_unlock(&all->lock);
}

static void custom_headers_are_never_logged(bg_manager *manager)
{
    heard all;
    watch seen;
    bg_job *job;
    memset(&all, 0, sizeof all);
    CHECK(pthread_mutex_init(&all.lock, NULL) == 0);
    OK(bg_log_set(on_message, &all, BG_LOG_TRACE));
    watch_init(&seen);
    job = download(manager, "/file/1000?seed=1", "unlogged");
    watch_job(&seen, job);
    OK(bg_job_set_custom_headers(job, "Authorization: Bearer geheim\r\n"));
    GIVES(BG_E_INVALIDARG, bg_job_set_custom_headers(job, "Authorization: geheim"));
    CHECK(strstr(bg_last_error_detail(), "geheim") == NULL);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    OK(bg_log_set(NULL, NULL, BG_LOG_OFF));
    pthread_mutex_lock(&all.lock);
    CHECK(all.messages > 0 && all.secrets == 0);
    pthread_mutex_unlock(&all.lock);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    CHECK(pthread_mutex_destroy(&all.lock) == 0);
}

static void the_method_is_fixed_by_resume(bg_manager *manager)
{
    char *text = NULL;
    bg_job *job = download(manager, "/file/1000?seed=1", "method");
    OK(bg_job_get_http_method(job, &text));
    CHECK(strcmp(text, "GET") == 0);
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_job_set_http_method(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_http_method(job, "PO ST"));
    OK(bg_job_set_http_method(job, "POST"));
    GIVES(BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD, bg_job_set_priority(job, BG_JOB_PRIORITY_LOW));
    OK(bg_job_resume(job));
    GIVES(BG_E_READ_ONLY_PROPERTY_AFTER_RESUME, bg_job_set_http_method(job, "PUT"));
    GIVES(BG_E_POINTER, bg_job_get_http_method(job, NULL));
    OK(bg_job_get_http_method(job, &text));
    CHECK(strcmp(text, "POST") == 0);
    bg_string_free(text);
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

int main(void)
{
    bg_manager *manager = open_queue();
    flags_are_checked_and_kept(manager);
    a_forbidden_redirect_is_an_error(manager);
    custom_headers_are_kept_secret(manager);
    custom_headers_are_never_logged(manager);
    the_method_is_fixed_by_resume(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
