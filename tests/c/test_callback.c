/* Callbacks: what is told, re-entrancy, replacing and clearing, and when user data is destroyed. */
#include "check.h"

static bg_job *small_download(bg_manager *manager, const char *name)
{
    return download(manager, "/file/3000?seed=3", name);
}

static void a_callback_may_complete_its_job(bg_manager *manager)
{
    watch seen;
    bg_job *job = small_download(manager, "inside");
    watch_init(&seen);
    seen.complete = 1;
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    check_state(job, BG_JOB_STATE_ACKNOWLEDGED);
    CHECK(size_of_file(path_of("inside")) == 3000);
    bg_job_release(job);
    /* The job has ended: the data is given back. */
    watch_until(&seen, &seen.destroyed, 1);
    CHECK(seen.destroyed == 1 && seen.failed == 0);
    watch_free(&seen);
}

static void an_event_before_the_registration_is_told(bg_manager *manager)
{
    watch first, second;
    bg_job *job = small_download(manager, "late");
    watch_init(&first);
    watch_init(&second);
    watch_job(&first, job);
    OK(bg_job_set_callbacks(job, NULL, NULL));
    CHECK(watch_read(&first, &first.destroyed) == 1);
    OK(bg_job_resume(job));
    server("GET", "/wait?ended=1&active=0&path=/file/3000");
    watch_job(&second, job);
    watch_until(&second, &second.transferred, 1);
    CHECK(watch_read(&first, &first.transferred) == 0);
    OK(bg_job_complete(job));
    bg_job_release(job);
    watch_until(&second, &second.destroyed, 1);
    watch_free(&first);
    watch_free(&second);
}

static bg_result fails(void *data, bg_job *job)
{
    watch *seen = (watch *)data;
    CHECK(job != NULL);
    watch_count(seen, &seen->transferred);
    return BG_E_FAIL;
}

static void what_a_callback_refused_is_told_to_the_next(bg_manager *manager)
{
    watch refuses, accepts;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job *job = small_download(manager, "refused");
    watch_init(&refuses);
    watch_init(&accepts);
    callbacks.job_transferred = fails;
    callbacks.destroy = on_destroy;
    OK(bg_job_set_callbacks(job, &callbacks, &refuses));
    OK(bg_job_resume(job));
    watch_until(&refuses, &refuses.transferred, 1);
    watch_job(&accepts, job);
    /* The former one is done with when the registration has returned. */
    CHECK(watch_read(&refuses, &refuses.destroyed) == 1);
    watch_until(&accepts, &accepts.transferred, 1);
    OK(bg_job_complete(job));
    bg_job_release(job);
    watch_until(&accepts, &accepts.destroyed, 1);
    CHECK(refuses.destroyed == 1);
    watch_free(&refuses);
    watch_free(&accepts);
}

static void files_are_told_in_order_and_before_the_job(bg_manager *manager)
{
    enum { FILES = 6 };
    watch seen;
    bg_job *job = NULL;
    int i;
    watch_init(&seen);
    OK(bg_manager_create_job(manager, "files", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_set_notify_flags(job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR |
                                        BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION));
    for (i = 0; i < FILES; i++) {
        char target[64], name[16];
        snprintf(target, sizeof target, "/file/%d?seed=4", 1000 * (FILES - i));
        snprintf(name, sizeof name, "order%d", i);
        OK(bg_job_add_file(job, url_of(target), path_of(name)));
    }
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    CHECK(watch_read(&seen, &seen.files) == FILES);
    for (i = 0; i < FILES; i++)
        CHECK(seen.file_order[i] == (uint32_t)i);
    watch_until(&seen, &seen.modified, 1);
    OK(bg_job_complete(job));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static bg_result clears(void *data, bg_job *job)
{
    watch *seen = (watch *)data;
    OK(bg_job_set_callbacks(job, NULL, NULL));
    watch_count(seen, &seen->transferred);
    return BG_S_OK;
}

static void a_callback_may_end_its_own_registration(bg_manager *manager)
{
    watch seen;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job *job = small_download(manager, "clears");
    watch_init(&seen);
    callbacks.job_transferred = clears;
    callbacks.destroy = on_destroy;
    OK(bg_job_set_callbacks(job, &callbacks, &seen));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    /* Destroyed when the callback has returned, not under its feet. */
    watch_until(&seen, &seen.destroyed, 1);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    CHECK(seen.destroyed == 1);
    watch_free(&seen);
}

static void a_failed_registration_takes_nothing_over(bg_manager *manager)
{
    watch seen;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job *job = small_download(manager, "ended");
    watch_init(&seen);
    OK(bg_job_cancel(job));
    callbacks.destroy = on_destroy;
    GIVES(BG_E_INVALID_STATE, bg_job_set_callbacks(job, &callbacks, &seen));
    callbacks.struct_size = 4;
    GIVES(BG_E_INVALIDARG, bg_job_set_callbacks(job, &callbacks, &seen));
    bg_job_release(job);
    CHECK(seen.destroyed == 0);
    watch_free(&seen);
}

static void the_registration_can_be_read(bg_manager *manager)
{
    watch seen;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    void *data = &seen;
    bg_job *job = small_download(manager, "read");
    watch_init(&seen);

    callbacks.job_error = on_error;
    OK(bg_job_get_callbacks(job, &callbacks, &data));
    CHECK(callbacks.job_error == NULL && data == NULL && callbacks.struct_size == sizeof callbacks);
    watch_job(&seen, job);
    OK(bg_job_get_callbacks(job, &callbacks, &data));
    CHECK(callbacks.job_transferred == on_transferred && callbacks.destroy == on_destroy && data == &seen);
    CHECK(callbacks.file_ranges_transferred == NULL);

    GIVES(BG_E_INVALIDARG, bg_job_get_callbacks(job, NULL, &data));
    CHECK(data == NULL);
    GIVES(BG_E_INVALIDARG, bg_job_get_callbacks(job, &callbacks, NULL));
    CHECK(callbacks.job_transferred == NULL);
    GIVES(BG_E_INVALIDARG, bg_job_get_callbacks(NULL, &callbacks, &data));
    CHECK(watch_read(&seen, &seen.destroyed) == 0);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

static void closing_the_queue_destroys(void)
{
    watch seen;
    bg_manager *manager = open_queue();
    bg_job *job = small_download(manager, "closing");
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_manager_close(manager));
    bg_job_release(job);
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);
    CHECK(seen.transferred == 0);
    watch_free(&seen);
}

static bg_result closes(void *data, bg_job *job)
{
    watch *seen = (watch *)data;
    /* The last reference: the queue closes under this very callback. */
    bg_manager_release(seen->manager);
    GIVES(BG_E_DISCONNECTED, bg_job_resume(job));
    watch_count(seen, &seen->transferred);
    return BG_S_OK;
}

static void a_callback_may_close_the_queue(void)
{
    watch seen;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_manager *manager = open_queue();
    bg_job *job = small_download(manager, "closes");
    watch_init(&seen);
    seen.manager = manager;
    callbacks.job_transferred = closes;
    callbacks.destroy = on_destroy;
    OK(bg_job_set_callbacks(job, &callbacks, &seen));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

/* The program writes to a pipe: opening that waits for it. */
static void what_no_member_hears_is_for_the_program(bg_manager *manager)
{
    watch seen;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job *job = small_download(manager, "for the program");
    const char *pipe = path_of("pipe");
    char parameters[600], said[8] = "";
    FILE *reader;
    watch_init(&seen);
    callbacks.job_modification = on_modification;
    CHECK(mkfifo(pipe, 0600) == 0);
    snprintf(parameters, sizeof parameters, "sh -c \"echo ran > '%s'\"", pipe);
    OK(bg_job_set_callbacks(job, &callbacks, &seen));
    OK(bg_job_set_notify_cmd_line(job, "/bin/sh", parameters));
    OK(bg_job_resume(job));
    reader = fopen(pipe, "r");
    CHECK(reader != NULL && fgets(said, sizeof said, reader) != NULL && strcmp(said, "ran\n") == 0);
    fclose(reader);
    OK(bg_job_complete(job));
    bg_job_release(job);
    watch_free(&seen);
}

int main(void)
{
    bg_manager *manager = open_queue();
    a_callback_may_complete_its_job(manager);
    an_event_before_the_registration_is_told(manager);
    what_a_callback_refused_is_told_to_the_next(manager);
    files_are_told_in_order_and_before_the_job(manager);
    a_callback_may_end_its_own_registration(manager);
    a_failed_registration_takes_nothing_over(manager);
    the_registration_can_be_read(manager);
    what_no_member_hears_is_for_the_program(manager);
    bg_manager_release(manager);
    closing_the_queue_destroys();
    a_callback_may_close_the_queue();
    return 0;
}
