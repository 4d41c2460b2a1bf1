/* Proxies and credentials of a job. */
#include "check.h"

static bg_auth_credentials basic(int32_t target, const char *user, const char *password)
{
    bg_auth_credentials credentials = BG_AUTH_CREDENTIALS_INIT;
    credentials.target = target;
    credentials.scheme = BG_AUTH_SCHEME_BASIC;
    credentials.user_name = user;
    credentials.password = password;
    return credentials;
}

/* A text of `length` times the letter x. */
static const char *long_text(size_t length)
{
    static char text[70000];
    CHECK(length < sizeof text);
    memset(text, 'x', length);
    text[length] = 0;
    return text;
}

static void credentials_are_checked(bg_manager *manager)
{
    bg_job *job = download(manager, "/file/1000?seed=1", "checked");
    bg_auth_credentials credentials = basic(BG_AUTH_TARGET_SERVER, "user", "geheim");
    OK(bg_job_set_credentials(job, &credentials));
    credentials.target = 3;
    GIVES(BG_E_INVALID_AUTH_TARGET, bg_job_set_credentials(job, &credentials));
    credentials = basic(BG_AUTH_TARGET_PROXY, "user", "geheim");
    credentials.scheme = 6;
    GIVES(BG_E_INVALID_AUTH_SCHEME, bg_job_set_credentials(job, &credentials));
    credentials.scheme = BG_AUTH_SCHEME_DIGEST;
    credentials.user_name = NULL;
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, &credentials));
    CHECK(strstr(bg_last_error_detail(), "geheim") == NULL);
    credentials.password = NULL;
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, &credentials));
    credentials.scheme = BG_AUTH_SCHEME_PASSPORT;
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, &credentials));
    credentials.scheme = BG_AUTH_SCHEME_NEGOTIATE;
    OK(bg_job_set_credentials(job, &credentials));
    credentials = basic(BG_AUTH_TARGET_SERVER, long_text(300), "");
    OK(bg_job_set_credentials(job, &credentials));
    credentials.user_name = long_text(301);
    GIVES(BG_E_USERNAME_TOO_LARGE, bg_job_set_credentials(job, &credentials));
    credentials = basic(BG_AUTH_TARGET_SERVER, "user", long_text(65535));
    OK(bg_job_set_credentials(job, &credentials));
    credentials.password = long_text(65536);
    GIVES(BG_E_PASSWORD_TOO_LARGE, bg_job_set_credentials(job, &credentials));
    credentials.password = "\xFF";
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, &credentials));
    credentials.struct_size = 8;
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, &credentials));
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_credentials(NULL, &credentials));

    GIVES(BG_S_FALSE, bg_job_remove_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_NTLM));
    GIVES(BG_E_INVALID_AUTH_TARGET, bg_job_remove_credentials(job, 0, BG_AUTH_SCHEME_NTLM));
    GIVES(BG_E_INVALID_AUTH_SCHEME, bg_job_remove_credentials(job, BG_AUTH_TARGET_PROXY, 0));
    OK(bg_job_remove_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NEGOTIATE));
    GIVES(BG_S_FALSE, bg_job_remove_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NEGOTIATE));
    OK(bg_job_cancel(job));
    credentials = basic(BG_AUTH_TARGET_SERVER, "user", "geheim");
    GIVES(BG_E_INVALID_STATE, bg_job_set_credentials(job, &credentials));
    GIVES(BG_E_INVALID_STATE, bg_job_remove_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC));
    bg_job_release(job);
}

static void a_server_that_asks_is_answered(bg_manager *manager)
{
    watch seen;
    bg_auth_credentials credentials;
    bg_job *job = download(manager, "/file/1000?auth=basic&user=ann&password=geheim", "answered");
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    CHECK(seen.code == BG_E_HTTP_ERROR_401);
    credentials = basic(BG_AUTH_TARGET_SERVER, "ann", "geheim");
    OK(bg_job_set_credentials(job, &credentials));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("answered")) == 1000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void proxies_are_checked_and_kept(bg_manager *manager)
{
    int32_t usage = -1;
    char *proxies = (char *)manager;
    char *bypass = (char *)manager;
    bg_job *job = download(manager, "/file/1000?seed=1", "proxies");
    OK(bg_job_get_proxy_settings(job, &usage, &proxies, &bypass));
    CHECK(usage == BG_JOB_PROXY_USAGE_PRECONFIG && proxies == NULL && bypass == NULL);
    GIVES(BG_E_NOTIMPL, bg_job_set_proxy_settings(job, 4, NULL, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, NULL, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_NO_PROXY, "px", NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_PRECONFIG, NULL, "a"));
    GIVES(BG_E_PROXY_LIST_TOO_LARGE,
          bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, long_text(40000), NULL));
    GIVES(BG_E_PROXY_BYPASS_LIST_TOO_LARGE,
          bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, "px", long_text(40000)));
    OK(bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, long_text(4000), long_text(4000)));
    OK(bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, "http=px1 px2:99", "<local> *.example"));
    OK(bg_job_get_proxy_settings(job, &usage, &proxies, &bypass));
    CHECK(usage == BG_JOB_PROXY_USAGE_OVERRIDE);
    CHECK(strcmp(proxies, "http=px1 px2:99") == 0 && strcmp(bypass, "<local> *.example") == 0);
    bg_string_free(proxies);
    bg_string_free(bypass);
    OK(bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_AUTODETECT, NULL, NULL));
    GIVES(BG_E_POINTER, bg_job_get_proxy_settings(job, NULL, &proxies, &bypass));
    GIVES(BG_E_POINTER, bg_job_get_proxy_settings(job, &usage, NULL, &bypass));
    GIVES(BG_E_POINTER, bg_job_get_proxy_settings(job, &usage, &proxies, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_proxy_settings(NULL, &usage, &proxies, &bypass));
    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL));
    bg_job_release(job);
}

static void a_proxy_that_asks_is_answered(bg_manager *manager)
{
    watch seen;
    bg_auth_credentials credentials = basic(BG_AUTH_TARGET_PROXY, "proxy", "geheim");
    const char *proxy = environment("BGCOPY_TEST_HTTP");
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, "proxied", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_add_file(job, "http://nowhere.example/file/1000?seed=1", path_of("proxied")));
    OK(bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, "a=b", NULL));
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    CHECK(seen.code == BG_E_INVALID_PROXY_INFO);
    OK(bg_job_set_proxy_settings(job, BG_JOB_PROXY_USAGE_OVERRIDE, proxy, NULL));
    OK(bg_job_set_credentials(job, &credentials));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("proxied")) == 1000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void stored_credentials_are_for_proxies(bg_manager *manager)
{
    bg_job_property_value value;
    bg_job *job = download(manager, "/file/1000?seed=1", "stored");
    memset(&value, 0, sizeof value);
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, &value));
    CHECK(value.target == 0);
    value.target = BG_AUTH_TARGET_SERVER;
    GIVES(BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED,
          bg_job_set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value));
    value.target = BG_AUTH_TARGET_PROXY;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value));
    value.target = 0;
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, &value));
    CHECK(value.target == BG_AUTH_TARGET_PROXY);
    OK(bg_job_cancel(job));
    bg_job_release(job);
}

int main(void)
{
    bg_manager *manager = open_queue();
    credentials_are_checked(manager);
    a_server_that_asks_is_answered(manager);
    proxies_are_checked_and_kept(manager);
    a_proxy_that_asks_is_answered(manager);
    stored_credentials_are_for_proxies(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
