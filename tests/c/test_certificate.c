/* Client certificates of a job. The harness puts one for "bgcopy-client" into the store MY of the user. */
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

int main(void)
{
    bg_manager *manager = open_queue();
    client_certificates_are_found_and_kept(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
