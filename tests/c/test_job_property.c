/* The properties of a job that have numbers. */
#include "check.h"

static void values_are_kept(bg_manager *manager)
{
    static const bg_guid class_of_program = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    bg_job *job = NULL;
    bg_job_property_value value;
    OK(bg_manager_create_job(manager, "properties", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, &value));
    CHECK(value.dword == BITS_COST_STATE_TRANSFER_ALWAYS);
    value.dword = BITS_COST_STATE_TRANSFER_STANDARD;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, value));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, &value));
    CHECK(value.dword == BITS_COST_STATE_TRANSFER_STANDARD);
    value.dword = 0x100;
    GIVES(BG_E_INVALIDARG, bg_job_set_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, value));

    value.cls_id = class_of_program;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value));
    memset(&value, 0, sizeof value);
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value));
    CHECK(bg_guid_equal(&value.cls_id, &class_of_program) == 1);

    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value));
    CHECK(value.uint64 == BG_SIZE_UNKNOWN);
    value.uint64 = 0;
    GIVES(BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE,
          bg_job_set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value));

    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, &value));
    CHECK(value.dword == 500);
    value.dword = 20;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, value));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, &value));
    CHECK(value.dword == 20);

    value.enable = 7;
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, &value));
    CHECK(value.enable == 0);
    value.enable = -1;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, value));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, &value));
    CHECK(value.enable == 1);
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, &value));
    CHECK(value.enable == 0);
    value.enable = 1;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, value));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, &value));
    CHECK(value.enable == 1);
    GIVES(BG_E_UNSUPPORTED_JOB_CONFIGURATION,
          bg_job_set_property(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, value));
    GIVES(BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD, bg_job_set_http_method(job, "POST"));
    value.target = 1;
    GIVES(BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED,
          bg_job_set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, bg_job_set_property(job, 6, value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, bg_job_get_property(job, 0, &value));
    GIVES(BG_E_POINTER, bg_job_get_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, NULL));
    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value));
    bg_job_release(job);
}

static void a_job_that_would_be_too_large_fails(bg_manager *manager)
{
    watch seen;
    bg_job_property_value value;
    bg_job *job = download(manager, "/file/5000", "too-large");
    watch_init(&seen);
    watch_job(&seen, job);
    value.uint64 = 4999;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    CHECK(seen.code == BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
    GIVES(BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,
          bg_job_set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value));
    OK(bg_job_cancel(job));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void dynamic_content_needs_no_size(bg_manager *manager)
{
    watch seen;
    bg_job *job = download(manager, "/file/5000?chunked&head=405&ranges=off", "dynamic");
    bg_job_property_value value;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    watch_init(&seen);
    watch_job(&seen, job);
    value.enable = 1;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, value));
    OK(bg_job_resume(job));
    GIVES(BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,
          bg_job_set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, value));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_get_progress(job, &progress));
    CHECK(progress.bytes_total == 5000 && progress.bytes_transferred == 5000);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("dynamic")) == 5000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void high_performance_writes_to_the_final_name(bg_manager *manager)
{
    watch seen;
    bg_job *job = NULL;
    bg_job_property_value value;
    watch_init(&seen);
    OK(bg_manager_create_job(manager, "direct", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    watch_job(&seen, job);
    value.enable = 1;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, value));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_add_file(job, url_of("/file/6000"), path_of("direct")));
    GIVES(BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE,
          bg_job_set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, value));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    CHECK(size_of_file(path_of("direct")) == 6000);
    OK(bg_job_cancel(job));
    CHECK(size_of_file(path_of("direct")) == 6000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

int main(void)
{
    bg_manager *manager = open_queue();
    values_are_kept(manager);
    a_job_that_would_be_too_large_fails(manager);
    dynamic_content_needs_no_size(manager);
    high_performance_writes_to_the_final_name(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
