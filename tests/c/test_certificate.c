/* Certificates of clients and servers. The harness puts one for "bgcopy-client" into the store MY of the user. */
#include "check.h"

static const char *long_text(void)
{
    static char text[257];
    memset(text, 'x', sizeof text - 1);
    return text;
}

static void client_certificates_are_found_and_kept(bg_manager *manager)
{
    enum { user = BG_CERT_STORE_LOCATION_CURRENT_USER };
    static const uint8_t nobody[20];
    uint8_t hash[20];
    int32_t location = -1;
    char *store = NULL;
    char *subject = NULL;
    uint8_t *found = NULL;
    bg_job *job = download(manager, "/file/1000?seed=1", "client");

    GIVES(BG_E_RPC_BAD_STUB_DATA, bg_job_get_client_certificate(job, &location, &store, &found, &subject));
    CHECK(location == 0 && store == NULL && found == NULL && subject == NULL);
    GIVES(BG_S_FALSE, bg_job_remove_client_certificate(job));
    OK(bg_job_set_client_certificate_by_name(job, user, "MY", "BGCOPY-client"));
    OK(bg_job_get_client_certificate(job, &location, &store, &found, &subject));
    CHECK(location == user && strcmp(store, "MY") == 0 && strcmp(subject, "bgcopy-client") == 0);
    memcpy(hash, found, sizeof hash);
    bg_string_free(store);
    bg_string_free(subject);
    bg_memory_free(found);
    OK(bg_job_remove_client_certificate(job));
    OK(bg_job_set_client_certificate_by_id(job, user, "MY", hash));

    GIVES(BG_E_CRYPT_NOT_FOUND, bg_job_set_client_certificate_by_id(job, user, "MY", nobody));
    GIVES(BG_E_CRYPT_NOT_FOUND, bg_job_set_client_certificate_by_name(job, user, "MY", "nobody"));
    GIVES(BG_E_WIN32_FILE_NOT_FOUND, bg_job_set_client_certificate_by_name(job, user, "CA", "client"));
    GIVES(BG_E_NOTIMPL,
          bg_job_set_client_certificate_by_name(job, BG_CERT_STORE_LOCATION_USERS, "MY", "client"));
    GIVES(BG_E_NOTIMPL, bg_job_set_client_certificate_by_name(job, 8, "MY", "client"));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_set_client_certificate_by_name(job, user, NULL, "client"));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_set_client_certificate_by_name(job, user, "MY", NULL));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_set_client_certificate_by_id(job, user, NULL, hash));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_set_client_certificate_by_id(job, user, "MY", NULL));
    GIVES(BG_E_STRING_TOO_LONG, bg_job_set_client_certificate_by_name(job, user, long_text(), "client"));
    GIVES(BG_E_STRING_TOO_LONG, bg_job_set_client_certificate_by_name(job, user, "MY", long_text()));
    GIVES(BG_E_INVALIDARG, bg_job_set_client_certificate_by_name(job, user, "MY", ""));
    GIVES(BG_E_INVALIDARG, bg_job_set_client_certificate_by_name(job, user, "\xFF", "client"));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_get_client_certificate(job, NULL, &store, &found, &subject));
    GIVES(BG_E_RPC_NULL_REF_POINTER, bg_job_get_client_certificate(job, &location, &store, NULL, &subject));
    GIVES(BG_E_INVALIDARG, bg_job_get_client_certificate(NULL, &location, &store, &found, &subject));
    OK(bg_job_get_client_certificate(job, &location, &store, &found, &subject));
    CHECK(memcmp(found, hash, sizeof hash) == 0);
    bg_string_free(store);
    bg_string_free(subject);
    bg_memory_free(found);
    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_client_certificate_by_id(job, user, "MY", hash));
    GIVES(BG_E_INVALID_STATE, bg_job_remove_client_certificate(job));
    bg_job_release(job);
}

typedef struct inspector {
    pthread_mutex_t lock;
    int asked;
    int destroyed;
    bg_result answer;
} inspector;

static bg_result on_certificate(void *data, bg_job *job, bg_file *file, uint32_t cert_length, const uint8_t *cert_data,
                                uint32_t cert_encoding_type, uint32_t cert_store_length,
                                const uint8_t *cert_store_data)
{
    inspector *all = (inspector *)data;
    uint32_t index = 7;
    bg_result answer;
    OK(bg_file_get_index(file, &index));
    CHECK(index == 0 && cert_encoding_type == 1 && cert_length > 100 && cert_data[0] == 0x30);
    CHECK(cert_store_length >= cert_length && memcmp(cert_store_data, cert_data, cert_length) == 0);
    GIVES(BG_E_INVALID_STATE, bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_complete(job));
    pthread_mutex_lock(&all->lock);
    all->asked++;
    answer = all->answer;
    pthread_mutex_unlock(&all->lock);
    return answer;
}

static void on_forgotten(void *data)
{
    inspector *all = (inspector *)data;
    pthread_mutex_lock(&all->lock);
    all->destroyed++;
    pthread_mutex_unlock(&all->lock);
}

static int destroyed(inspector *all)
{
    int value;
    pthread_mutex_lock(&all->lock);
    value = all->destroyed;
    pthread_mutex_unlock(&all->lock);
    return value;
}

static void a_program_looks_at_certificates(bg_manager *manager)
{
    bg_server_certificate_validation_callback callback = BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT;
    inspector all;
    watch seen;
    bg_job *job = NULL;
    bg_error *error = NULL;
    bg_result code = BG_S_OK;
    int32_t context = 0;
    char ports[256];
    char url[256];
    const char *port;

    memset(&all, 0, sizeof all);
    all.answer = BG_E_FAIL;
    CHECK(pthread_mutex_init(&all.lock, NULL) == 0);
    ask("GET", "/ports", ports, sizeof ports);
    port = strstr(ports, "https_untrusted=");
    CHECK(port != NULL);
    snprintf(url, sizeof url, "https://localhost:%d/file/1000?seed=1", atoi(port + strlen("https_untrusted=")));
    OK(bg_manager_create_job(manager, "looked at", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_set_security_flags(job, BG_SSL_IGNORE_UNKNOWN_CA));
    OK(bg_job_set_no_progress_timeout(job, 0));
    OK(bg_job_add_file(job, url, path_of("looked_at")));
    watch_init(&seen);
    watch_job(&seen, job);

    GIVES(BG_E_NOINTERFACE, bg_job_set_server_certificate_validation_callback(job, &callback, &all));
    callback.validate_server_certificate = on_certificate;
    callback.destroy = on_forgotten;
    callback.struct_size = 4;
    GIVES(BG_E_INVALIDARG, bg_job_set_server_certificate_validation_callback(job, &callback, &all));
    callback.struct_size = (uint32_t)sizeof callback;
    GIVES(BG_E_INVALIDARG, bg_job_set_server_certificate_validation_callback(NULL, &callback, &all));
    CHECK(destroyed(&all) == 0);
    OK(bg_job_set_server_certificate_validation_callback(job, &callback, &all));
    if (getenv("BGCOPY_TEST_NO_HTTPS") != NULL) {
        OK(bg_job_cancel(job));
        CHECK(destroyed(&all) == 1);
        bg_job_release(job);
        watch_until(&seen, &seen.destroyed, 1);
        watch_free(&seen);
        CHECK(pthread_mutex_destroy(&all.lock) == 0);
        return;
    }
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_get_error(job, &error));
    OK(bg_error_get_error(error, &context, &code));
    CHECK(code == BG_E_FAIL && context == BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
    bg_error_release(error);
    pthread_mutex_lock(&all.lock);
    CHECK(all.asked == 1);
    all.answer = BG_S_OK;
    pthread_mutex_unlock(&all.lock);
    OK(bg_job_set_server_certificate_validation_callback(job, &callback, &all));
    CHECK(destroyed(&all) == 1);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("looked_at")) == 1000);
    CHECK(destroyed(&all) == 2);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    CHECK(pthread_mutex_destroy(&all.lock) == 0);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_program_looks_at_certificates(manager);
    client_certificates_are_found_and_kept(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
