/* Files made of ranges, and ranges asked for while a job runs. */
#include "check.h"

#include <poll.h>

static const bg_file_range example[] = { { 100, 100 }, { 900, 100 }, { 400, 100 } };

static bg_file *first_file(bg_job *job)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));
    bg_enum_files_release(files);
    return file;
}

/* The function gives exactly these ranges. */
static void check_ranges(bg_result (*get)(bg_file *, uint32_t *, bg_file_range **), bg_file *file, uint32_t count,
                         const bg_file_range *expected)
{
    bg_file_range *ranges = NULL;
    uint32_t found = 7, i;
    OK(get(file, &found, &ranges));
    CHECK(found == count);
    CHECK((ranges == NULL) == (count == 0));
    for (i = 0; i < count; i++)
        CHECK(ranges[i].initial_offset == expected[i].initial_offset && ranges[i].length == expected[i].length);
    bg_memory_free(ranges);
}

static void a_file_is_made_of_ranges(bg_manager *manager)
{
    watch seen;
    bg_job *job = NULL;
    bg_file *file;
    bg_file_progress progress = BG_FILE_PROGRESS_INIT;
    bg_file_range wrong = { 5, 0 }, twice[] = { { 0, 10 }, { 9, 1 } };
    const char *url = url_of("/file/1000?seed=3"), *path = path_of("joined");
    watch_init(&seen);
    OK(bg_manager_create_job(manager, "ranges", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    watch_job(&seen, job);
    GIVES(BG_E_INVALIDARG, bg_job_add_file_with_ranges(job, url, path, 0, example));
    GIVES(BG_E_INVALIDARG, bg_job_add_file_with_ranges(job, url, path, 3, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_add_file_with_ranges(job, NULL, path, 3, example));
    GIVES(BG_E_INVALIDARG, bg_job_add_file_with_ranges(job, url, NULL, 3, example));
    GIVES(BG_E_INVALID_RANGE, bg_job_add_file_with_ranges(job, url, path, 1, &wrong));
    GIVES(BG_E_OVERLAPPING_RANGES, bg_job_add_file_with_ranges(job, url, path, 2, twice));
    OK(bg_job_add_file_with_ranges(job, url, path, 3, example));
    file = first_file(job);
    check_ranges(bg_file_get_file_ranges, file, 3, example);
    GIVES(BG_E_RANDOM_ACCESS_NOT_SUPPORTED, bg_file_request_file_ranges(file, 3, example));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.bytes_total == 300 && progress.bytes_transferred == 300);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path) == 300);
    GIVES(BG_E_INVALID_STATE, bg_job_add_file_with_ranges(job, url, path, 3, example));
    bg_file_release(file);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

/* Bytes that file_ranges_transferred has told of. */
typedef struct arrival {
    watch seen;
    uint64_t bytes;
} arrival;

static bg_result on_ranges(void *data, bg_job *job, bg_file *file, uint32_t range_count, const bg_file_range *ranges)
{
    arrival *arrived = (arrival *)data;
    uint32_t i;
    CHECK(job != NULL && file != NULL && range_count > 0);
    pthread_mutex_lock(&arrived->seen.lock);
    for (i = 0; i < range_count; i++)
        arrived->bytes += ranges[i].length;
    pthread_mutex_unlock(&arrived->seen.lock);
    watch_count(&arrived->seen, &arrived->seen.files);
    return BG_S_OK;
}

static void wait_for_event(bg_manager *manager, int fd, uint32_t kind)
{
    bg_event event = BG_EVENT_INIT;
    while (event.kind != kind) {
        struct pollfd events = { -1, POLLIN, 0 };
        events.fd = fd;
        CHECK(poll(&events, 1, DEADLINE_SECONDS * 1000) == 1);
        CHECK(bg_manager_next_event(manager, &event) >= 0);
    }
    CHECK(kind != BG_NOTIFY_FILE_RANGES_TRANSFERRED || event.file == 0);
}

static void wait_for_rest(bg_job *job, bg_job_state wanted)
{
    bg_job_state state = -1;
    OK(bg_job_wait(job, DEADLINE_SECONDS * 1000, -1, &state));
    CHECK(state == wanted);
}

static void ranges_are_fetched_on_demand(bg_manager *manager)
{
    static const bg_file_range first[] = { { 500, 100 }, { 0, 10 } }, outside = { 1000, 1 };
    static const bg_file_range sorted[] = { { 0, 10 }, { 500, 100 } }, rest = { 0, BG_LENGTH_TO_EOF }, all = { 0, 1000 };
    arrival arrived;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job_property_value value;
    bg_job *job = download(manager, "/file/1000?seed=4", "demanded");
    bg_file *file = first_file(job);
    int fd = -1;
    watch_init(&arrived.seen);
    arrived.bytes = 0;
    callbacks.file_ranges_transferred = on_ranges;
    callbacks.destroy = on_destroy;
    OK(bg_manager_get_event_fd(manager, &fd));
    OK(bg_job_set_callbacks(job, &callbacks, &arrived));
    OK(bg_job_set_notify_flags(job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION
                                        | BG_NOTIFY_FILE_RANGES_TRANSFERRED));
    memset(&value, 0, sizeof value);
    value.enable = 1;
    OK(bg_job_set_property(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, value));
    memset(&value, 0, sizeof value);
    OK(bg_job_get_property(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, &value));
    CHECK(value.enable == 1);
    GIVES(BG_S_FALSE, bg_file_get_file_ranges(file, &(uint32_t){ 7 }, &(bg_file_range *){ NULL }));
    check_ranges(bg_file_get_filled_file_ranges, file, 0, NULL);
    GIVES(BG_E_POINTER, bg_file_get_filled_file_ranges(file, NULL, NULL));
    GIVES(BG_E_POINTER, bg_file_get_file_ranges(file, NULL, NULL));
    GIVES(BG_E_INVALIDARG, bg_file_request_file_ranges(file, 0, first));
    GIVES(BG_E_INVALIDARG, bg_file_request_file_ranges(file, 2, NULL));
    OK(bg_file_request_file_ranges(file, 2, first));
    OK(bg_job_resume(job));
    wait_for_rest(job, BG_JOB_STATE_SUSPENDED);
    check_ranges(bg_file_get_filled_file_ranges, file, 2, sorted);
    watch_until(&arrived.seen, &arrived.seen.files, 1);
    GIVES(BG_E_INVALID_RANGE, bg_file_request_file_ranges(file, 1, &outside));
    GIVES(BG_E_INVALID_RANGE, bg_file_update_download_position(file, 1000));
    OK(bg_file_update_download_position(file, 300));
    OK(bg_file_request_file_ranges(file, 1, &rest));
    OK(bg_job_resume(job));
    wait_for_event(manager, fd, BG_NOTIFY_FILE_RANGES_TRANSFERRED);
    wait_for_rest(job, BG_JOB_STATE_TRANSFERRED);
    check_ranges(bg_file_get_filled_file_ranges, file, 1, &all);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("demanded")) == 1000);
    close(fd);
    bg_file_release(file);
    bg_job_release(job);
    watch_until(&arrived.seen, &arrived.seen.destroyed, 1);
    CHECK(arrived.bytes <= 1000 && arrived.bytes >= 110);
    watch_free(&arrived.seen);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_file_is_made_of_ranges(manager);
    ranges_are_fetched_on_demand(manager);
    bg_memory_free(NULL);
    bg_manager_release(manager);
    return 0;
}
