/* Downloads a file and completes the job inside the callback: callback URL /absolute/path
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L callback.c -lbgcopy -pthread -o callback
 */
#include <bgcopy.h>
#include <semaphore.h>
#include <stdio.h>

/* What the callbacks are given: where they tell the main thread of the end. */
struct end {
    sem_t reached;
    int failed;
};

/* Callbacks run on threads of the library, one of a job at a time. The job is borrowed for the call. */
static bg_result on_transferred(void *user_data, bg_job *job)
{
    struct end *end = user_data;
    bg_result result = bg_job_complete(job);
    if (result < 0)
        return result; /* the callback is called again later */
    sem_post(&end->reached);
    return BG_S_OK;
}

static bg_result on_error(void *user_data, bg_job *job, bg_error *error)
{
    struct end *end = user_data;
    char *text = NULL;
    if (bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "callback: %s\n", text);
    bg_string_free(text);
    bg_job_cancel(job);
    end->failed = 1;
    sem_post(&end->reached);
    return BG_S_OK;
}

static bg_result on_modification(void *user_data, bg_job *job)
{
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    (void)user_data;
    if (bg_job_get_progress(job, &progress) >= 0)
        printf("%llu bytes\n", (unsigned long long)progress.bytes_transferred);
    return BG_S_OK;
}

static bg_result start(bg_manager *queue, const char *url, const char *path, struct end *end)
{
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    bg_job *job = NULL;
    bg_result result = bg_manager_create_job(queue, "callback", BG_JOB_TYPE_DOWNLOAD, NULL, &job);

    callbacks.job_transferred = on_transferred;
    callbacks.job_error = on_error;
    callbacks.job_modification = on_modification;
    if (result >= 0)
        result = bg_job_set_callbacks(job, &callbacks, end);
    if (result >= 0)
        result = bg_job_set_notify_flags(
            job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION);
    if (result >= 0)
        result = bg_job_add_file(job, url, path);
    if (result >= 0)
        result = bg_job_resume(job);
    bg_job_release(job); /* the job goes on without the handle */
    return result;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    struct end end = {.failed = 0};
    bg_result result;

    if (argc != 3)
        return fprintf(stderr, "usage: callback URL /absolute/path\n"), 2;
    sem_init(&end.reached, 0, 0);
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = start(queue, argv[1], argv[2], &end);
    if (result >= 0)
        sem_wait(&end.reached);
    else
        fprintf(stderr, "callback: %s %s\n", bg_result_name(result), bg_last_error_detail());
    bg_manager_release(queue); /* no callback runs any more */
    sem_destroy(&end.reached);
    return result < 0 || end.failed;
}
