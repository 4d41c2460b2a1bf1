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

    value.enable = 1;
    GIVES(BG_E_NOTIMPL, bg_job_set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, value));
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, &value));
    CHECK(value.enable == 0);
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

int main(void)
{
    bg_manager *manager = open_queue();
    values_are_kept(manager);
    a_job_that_would_be_too_large_fails(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
