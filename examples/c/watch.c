/* Shows the jobs of the queue and their files until none of them runs any more: watch
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L watch.c -lbgcopy -o watch
 */
#include <bgcopy.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static const char *const states[] = {"queued",          "connecting",  "transferring", "suspended", "error",
                                     "transient error", "transferred", "acknowledged", "cancelled"};

static void show_files(bg_job *job)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    if (bg_job_enum_files(job, &files) < 0)
        return;
    while (bg_enum_files_next(files, 1, &file, NULL) == BG_S_OK) {
        bg_file_progress progress = BG_FILE_PROGRESS_INIT;
        char *url = NULL;
        if (bg_file_get_remote_name(file, &url) >= 0 && bg_file_get_progress(file, &progress) >= 0)
            printf("    %s: %llu bytes\n", url, (unsigned long long)progress.bytes_transferred);
        bg_string_free(url);
        bg_file_release(file);
    }
    bg_enum_files_release(files);
}

/* Shows a job; 1 when it runs. */
static int show_job(bg_job *job)
{
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    char *name = NULL;
    if (bg_job_get_display_name(job, &name) < 0 || bg_job_get_state(job, &state) < 0)
        return 0;
    printf("%s: %s\n", name, states[state]);
    bg_string_free(name);
    show_files(job);
    return state <= BG_JOB_STATE_TRANSFERRING || state == BG_JOB_STATE_TRANSIENT_ERROR;
}

/* Shows all jobs; how many of them run. */
static int show_jobs(bg_manager *queue)
{
    bg_enum_jobs *jobs = NULL;
    bg_job *job = NULL;
    uint32_t count = 0;
    int running = 0;
    if (bg_manager_enum_jobs(queue, 0, &jobs) < 0)
        return 0;
    bg_enum_jobs_get_count(jobs, &count);
    printf("%u jobs\n", (unsigned)count);
    while (bg_enum_jobs_next(jobs, 1, &job, NULL) == BG_S_OK) {
        running += show_job(job);
        bg_job_release(job);
    }
    bg_enum_jobs_release(jobs);
    return running;
}

int main(void)
{
    bg_manager *queue = NULL;
    bg_event event = BG_EVENT_INIT;
    struct pollfd events = {.fd = -1, .events = POLLIN};
    bg_result result = bg_manager_open(NULL, &queue);

    if (result >= 0)
        result = bg_manager_get_event_fd(queue, &events.fd);
    while (result >= 0 && show_jobs(queue) > 0) {
        poll(&events, 1, 1000); /* what happened, or a second of progress */
        while (result >= 0 && result != BG_S_FALSE)
            result = bg_manager_next_event(queue, &event);
        if (result == BG_S_FALSE)
            result = BG_S_OK;
    }
    if (result < 0)
        fprintf(stderr, "watch: %s %s\n", bg_result_name(result), bg_last_error_detail());
    if (events.fd >= 0)
        close(events.fd);
    bg_manager_release(queue);
    return result < 0;
}
