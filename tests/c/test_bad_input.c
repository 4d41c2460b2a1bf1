/* Wrong arguments are answered with a code, never with a crash, and every result is written. */
#include "check.h"

static bg_manager *manager;
static bg_job *job;
static bg_file *file;
static bg_error *job_error;
static bg_enum_jobs *jobs;
static bg_enum_files *files;

/* What a place for a pointer holds before a call; no call may leave it there. */
static char untouched;
#define UNTOUCHED ((void *)&untouched)

/* The call fails with `code` and sets `pointer` to NULL. */
#define CLEARS(code, pointer, call)      \
    do {                                 \
        (pointer) = UNTOUCHED;           \
        GIVES(code, call);               \
        CHECK((void *)(pointer) == NULL); \
    } while (0)

static void releasing_null_does_nothing(void)
{
    bg_manager_release(NULL);
    bg_job_release(NULL);
    bg_file_release(NULL);
    bg_error_release(NULL);
    bg_enum_jobs_release(NULL);
    bg_enum_files_release(NULL);
    bg_string_free(NULL);
    CHECK(bg_manager_retain(NULL) == NULL);
    CHECK(bg_job_retain(NULL) == NULL);
    CHECK(bg_file_retain(NULL) == NULL);
    CHECK(bg_error_retain(NULL) == NULL);
    CHECK(bg_enum_jobs_retain(NULL) == NULL);
    CHECK(bg_enum_files_retain(NULL) == NULL);
}

/* `m`, `j` ... are NULL, or handles of another kind. */
static void no_handle(bg_manager *m, bg_job *j, bg_file *f, bg_error *e, bg_enum_jobs *ej, bg_enum_files *ef)
{
    const bg_result bad = BG_E_INVALIDARG;
    bg_guid id = { 1, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } };
    void *pointer;
    uint32_t number;
    int32_t value, second;
    int fd;
    bg_event event = BG_EVENT_INIT;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_job_times times = BG_JOB_TIMES_INIT;
    bg_file_progress file_progress = BG_FILE_PROGRESS_INIT;
    bg_file_property_value of_file;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;

    GIVES(bad, bg_manager_close(m));
    id.data1 = 1;
    CLEARS(bad, pointer, bg_manager_create_job(m, "x", BG_JOB_TYPE_DOWNLOAD, &id, (bg_job **)&pointer));
    CHECK(id.data1 == 0);
    CLEARS(bad, pointer, bg_manager_get_job(m, &id, (bg_job **)&pointer));
    CLEARS(bad, pointer, bg_manager_enum_jobs(m, 0, (bg_enum_jobs **)&pointer));
    CLEARS(bad, pointer, bg_manager_get_error_description(m, 0, 0x0409, (char **)&pointer));
    fd = 7;
    GIVES(bad, bg_manager_get_event_fd(m, &fd));
    CHECK(fd == -1);
    event.kind = 7;
    GIVES(bad, bg_manager_next_event(m, &event));
    CHECK(event.kind == 0 && event.struct_size == sizeof event);

    GIVES(bad, bg_job_add_file(j, "http://localhost/", path_of("x")));
    GIVES(bad, bg_job_add_file_set(j, 0, NULL));
    CLEARS(bad, pointer, bg_job_enum_files(j, (bg_enum_files **)&pointer));
    GIVES(bad, bg_job_suspend(j));
    GIVES(bad, bg_job_resume(j));
    GIVES(bad, bg_job_cancel(j));
    GIVES(bad, bg_job_complete(j));
    id.data1 = 1;
    GIVES(bad, bg_job_get_id(j, &id));
    CHECK(id.data1 == 0);
#define NUMBER(type, variable, call) \
    do {                             \
        (variable) = (type)77;       \
        GIVES(bad, call);            \
        CHECK((variable) == 0);      \
    } while (0)
    NUMBER(int32_t, value, bg_job_get_type(j, &value));
    NUMBER(int32_t, value, bg_job_get_state(j, &value));
    NUMBER(int32_t, value, bg_job_get_priority(j, &value));
    NUMBER(uint32_t, number, bg_job_get_notify_flags(j, &number));
    NUMBER(uint32_t, number, bg_job_get_minimum_retry_delay(j, &number));
    NUMBER(uint32_t, number, bg_job_get_no_progress_timeout(j, &number));
    NUMBER(uint32_t, number, bg_job_get_maximum_download_time(j, &number));
    NUMBER(uint32_t, number, bg_job_get_error_count(j, &number));
    NUMBER(uint32_t, number, bg_job_get_owner_uid(j, &number));
    progress.bytes_total = 7;
    GIVES(bad, bg_job_get_progress(j, &progress));
    CHECK(progress.bytes_total == 0 && progress.struct_size == sizeof progress);
    times.creation_time = 7;
    GIVES(bad, bg_job_get_times(j, &times));
    CHECK(times.creation_time == 0);
    CLEARS(bad, pointer, bg_job_get_error(j, (bg_error **)&pointer));
    CLEARS(bad, pointer, bg_job_get_owner(j, (char **)&pointer));
    CLEARS(bad, pointer, bg_job_get_display_name(j, (char **)&pointer));
    CLEARS(bad, pointer, bg_job_get_description(j, (char **)&pointer));
    GIVES(bad, bg_job_set_display_name(j, "x"));
    GIVES(bad, bg_job_set_description(j, "x"));
    GIVES(bad, bg_job_set_priority(j, BG_JOB_PRIORITY_HIGH));
    GIVES(bad, bg_job_set_notify_flags(j, 0));
    GIVES(bad, bg_job_set_minimum_retry_delay(j, 60));
    GIVES(bad, bg_job_set_no_progress_timeout(j, 60));
    GIVES(bad, bg_job_set_maximum_download_time(j, 60));
    GIVES(bad, bg_job_set_callbacks(j, &callbacks, NULL));
    GIVES(bad, bg_job_set_callbacks(j, NULL, NULL));

    CLEARS(bad, pointer, bg_file_get_remote_name(f, (char **)&pointer));
    CLEARS(bad, pointer, bg_file_get_local_name(f, (char **)&pointer));
    CLEARS(bad, pointer, bg_file_get_temporary_name(f, (char **)&pointer));
    CLEARS(bad, pointer, bg_file_get_job(f, (bg_job **)&pointer));
    CLEARS(bad, of_file.string, bg_file_get_property(f, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &of_file));
    GIVES(bad, bg_file_set_property(f, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, of_file));
    NUMBER(uint32_t, number, bg_file_get_index(f, &number));
    file_progress.bytes_total = 7;
    GIVES(bad, bg_file_get_progress(f, &file_progress));
    CHECK(file_progress.bytes_total == 0);

    value = second = 7;
    GIVES(bad, bg_error_get_error(e, &value, &second));
    CHECK(value == 0 && second == 0);
    CLEARS(bad, pointer, bg_error_get_file(e, (bg_file **)&pointer));
    CLEARS(bad, pointer, bg_error_get_error_description(e, 0x0409, (char **)&pointer));
    CLEARS(bad, pointer, bg_error_get_error_context_description(e, 0x0409, (char **)&pointer));
    CLEARS(bad, pointer, bg_error_get_protocol(e, (char **)&pointer));
    CLEARS(bad, pointer, bg_error_get_text(e, (char **)&pointer));

    number = 7;
    CLEARS(bad, pointer, bg_enum_jobs_next(ej, 1, (bg_job **)&pointer, &number));
    CHECK(number == 0);
    GIVES(bad, bg_enum_jobs_skip(ej, 1));
    GIVES(bad, bg_enum_jobs_reset(ej));
    CLEARS(bad, pointer, bg_enum_jobs_clone(ej, (bg_enum_jobs **)&pointer));
    NUMBER(uint32_t, number, bg_enum_jobs_get_count(ej, &number));
    number = 7;
    CLEARS(bad, pointer, bg_enum_files_next(ef, 1, (bg_file **)&pointer, &number));
    CHECK(number == 0);
    GIVES(bad, bg_enum_files_skip(ef, 1));
    GIVES(bad, bg_enum_files_reset(ef));
    CLEARS(bad, pointer, bg_enum_files_clone(ef, (bg_enum_files **)&pointer));
    NUMBER(uint32_t, number, bg_enum_files_get_count(ef, &number));
}

static void a_handle_of_another_kind_is_refused(void)
{
    no_handle((bg_manager *)(void *)job, (bg_job *)(void *)file, (bg_file *)(void *)jobs,
              (bg_error *)(void *)files, (bg_enum_jobs *)(void *)files, (bg_enum_files *)(void *)manager);
    /* Neither does it count references of the wrong object. */
    bg_job_release((bg_job *)(void *)manager);
    bg_job_retain((bg_job *)(void *)manager);
    check_state(job, BG_JOB_STATE_ERROR);
}

static void a_null_place_is_refused(void)
{
    bg_guid id;
    OK(bg_job_get_id(job, &id));
    GIVES(BG_E_POINTER, bg_manager_open(NULL, NULL));
    GIVES(BG_E_POINTER, bg_manager_create_job(manager, "x", BG_JOB_TYPE_DOWNLOAD, NULL, NULL));
    GIVES(BG_E_POINTER, bg_manager_get_job(manager, &id, NULL));
    GIVES(BG_E_POINTER, bg_manager_enum_jobs(manager, 0, NULL));
    GIVES(BG_E_POINTER, bg_manager_get_error_description(manager, 0, 0x0409, NULL));
    GIVES(BG_E_POINTER, bg_manager_get_event_fd(manager, NULL));
    GIVES(BG_E_POINTER, bg_manager_next_event(manager, NULL));
    GIVES(BG_E_POINTER, bg_job_enum_files(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_id(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_type(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_state(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_progress(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_times(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_error(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_error_count(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_owner(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_owner_uid(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_display_name(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_description(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_priority(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_notify_flags(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_minimum_retry_delay(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_get_no_progress_timeout(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_maximum_download_time(job, NULL));
    GIVES(BG_E_POINTER, bg_file_get_remote_name(file, NULL));
    GIVES(BG_E_POINTER, bg_file_get_local_name(file, NULL));
    GIVES(BG_E_POINTER, bg_file_get_progress(file, NULL));
    GIVES(BG_E_POINTER, bg_file_get_temporary_name(file, NULL));
    GIVES(BG_E_POINTER, bg_file_get_index(file, NULL));
    GIVES(BG_E_POINTER, bg_file_get_job(file, NULL));
    GIVES(BG_E_POINTER, bg_error_get_error(job_error, NULL, NULL));
    GIVES(BG_E_POINTER, bg_error_get_file(job_error, NULL));
    GIVES(BG_E_POINTER, bg_error_get_error_description(job_error, 0x0409, NULL));
    GIVES(BG_E_POINTER, bg_error_get_error_context_description(job_error, 0x0409, NULL));
    GIVES(BG_E_POINTER, bg_error_get_protocol(job_error, NULL));
    GIVES(BG_E_POINTER, bg_error_get_text(job_error, NULL));
    GIVES(BG_E_POINTER, bg_enum_jobs_clone(jobs, NULL));
    GIVES(BG_E_POINTER, bg_enum_jobs_get_count(jobs, NULL));
    GIVES(BG_E_POINTER, bg_enum_files_clone(files, NULL));
    GIVES(BG_E_POINTER, bg_enum_files_get_count(files, NULL));
    GIVES(BG_E_POINTER, bg_guid_to_string(&id, NULL));
    GIVES(BG_E_POINTER, bg_guid_from_string("x", NULL));
}

static void one_of_two_places_is_cleared_when_the_other_is_null(void)
{
    int32_t context = 7;
    bg_result code = 7;
    GIVES(BG_E_POINTER, bg_error_get_error(job_error, &context, NULL));
    GIVES(BG_E_POINTER, bg_error_get_error(job_error, NULL, &code));
    CHECK(context == 0 && code == 0);
}

static void null_and_foreign_strings_are_refused(void)
{
    const char *latin = "caf\xE9";
    void *pointer;
    GIVES(BG_E_INVALIDARG, bg_job_set_display_name(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_description(job, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_description(job, latin));
    CHECK(strstr(bg_last_error_detail(), "UTF-8") != NULL);
    GIVES(BG_E_INVALIDARG, bg_job_add_file(job, NULL, path_of("x")));
    GIVES(BG_E_INVALIDARG, bg_job_add_file(job, "http://localhost/", NULL));
    GIVES(BG_E_INVALIDARG, bg_job_add_file(job, "http://localhost/", latin));
    CLEARS(BG_E_INVALIDARG, pointer,
           bg_manager_create_job(manager, NULL, BG_JOB_TYPE_DOWNLOAD, NULL, (bg_job **)&pointer));
    CLEARS(BG_E_INVALIDARG, pointer,
           bg_manager_create_job(manager, latin, BG_JOB_TYPE_DOWNLOAD, NULL, (bg_job **)&pointer));
    CLEARS(BG_E_INVALIDARG, pointer, bg_manager_get_job(manager, NULL, (bg_job **)&pointer));
    CLEARS(BG_E_INVALIDARG, pointer, bg_guid_to_string(NULL, (char **)&pointer));
    GIVES(BG_E_INVALIDARG, bg_guid_from_string(NULL, &(bg_guid){ 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } }));
}

static void structures_of_other_versions_are_read_by_their_size(void)
{
    struct {
        bg_job_progress known;
        uint64_t of_a_later_version;
    } newer = { BG_JOB_PROGRESS_INIT, 42 };
    bg_job_progress uninitialised;
    struct {
        bg_manager_options known;
        uint64_t of_a_later_version;
    } options = { BG_MANAGER_OPTIONS_INIT, 42 };
    void *pointer;
    newer.known.struct_size = (uint32_t)sizeof newer;
    OK(bg_job_get_progress(job, &newer.known));
    CHECK(newer.known.files_total == 1 && newer.known.struct_size == sizeof newer);
    CHECK(newer.of_a_later_version == 42);

    memset(&uninitialised, 0x55, sizeof uninitialised);
    uninitialised.struct_size = 0;
    GIVES(BG_E_INVALIDARG, bg_job_get_progress(job, &uninitialised));
    CHECK(uninitialised.files_total == 0x55555555u);
    CHECK(strstr(bg_last_error_detail(), "_INIT") != NULL);

    options.known.struct_size = (uint32_t)sizeof options;
    options.known.directory = path_of("queue of a newer program");
    OK(bg_manager_open(&options.known, (bg_manager **)&pointer));
    bg_manager_release((bg_manager *)pointer);
    options.known.struct_size = 8;
    CLEARS(BG_E_INVALIDARG, pointer, bg_manager_open(&options.known, (bg_manager **)&pointer));
}

static void *use_from_a_thread(void *data)
{
    int i;
    for (i = 0; i < 200; i++) {
        bg_job *mine = bg_job_retain(job);
        char *text = NULL;
        check_state(mine, BG_JOB_STATE_ERROR);
        OK(bg_job_get_display_name(mine, &text));
        bg_string_free(text);
        bg_job_release(mine);
    }
    return data;
}

static void a_handle_is_used_by_many_threads(void)
{
    pthread_t threads[8];
    int i;
    for (i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, use_from_a_thread, NULL) == 0);
    for (i = 0; i < 8; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void)
{
    watch seen;
    watch_init(&seen);
    manager = open_queue();
    job = download(manager, "/file/10?status=404", "bad");
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_get_error(job, &job_error));
    OK(bg_manager_enum_jobs(manager, 0, &jobs));
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));

    releasing_null_does_nothing();
    no_handle(NULL, NULL, NULL, NULL, NULL, NULL);
    a_handle_of_another_kind_is_refused();
    a_null_place_is_refused();
    one_of_two_places_is_cleared_when_the_other_is_null();
    null_and_foreign_strings_are_refused();
    structures_of_other_versions_are_read_by_their_size();
    a_handle_is_used_by_many_threads();

    bg_file_release(file);
    bg_enum_files_release(files);
    bg_enum_jobs_release(jobs);
    bg_error_release(job_error);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    return 0;
}
