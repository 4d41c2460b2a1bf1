/*
 * Fetches files in one foreground job: fetch QUEUE_DIRECTORY LIST
 *
 * LIST has a line "URL PATH" per file. A job that is in the queue already is continued, so that starting the same
 * command again after a kill does what a user of the library would do.
 */
#define _POSIX_C_SOURCE 200809L
#include "queue.h"

#include <pthread.h>
#include <string.h>

struct outcome {
    pthread_mutex_t lock;
    pthread_cond_t told;
    enum { RUNNING, TRANSFERRED, FAILED } state;
};

static bg_result tell(struct outcome *outcome, int state)
{
    pthread_mutex_lock(&outcome->lock);
    outcome->state = state;
    pthread_cond_signal(&outcome->told);
    pthread_mutex_unlock(&outcome->lock);
    return BG_S_OK;
}

static bg_result on_transferred(void *user_data, bg_job *job)
{
    (void)job;
    return tell(user_data, TRANSFERRED);
}

static bg_result on_error(void *user_data, bg_job *job, bg_error *error)
{
    (void)job;
    char *text;
    if (bg_error_get_text(error, &text) == BG_S_OK) {
        fprintf(stderr, "fetch: %s\n", text);
        bg_string_free(text);
    }
    return tell(user_data, FAILED);
}

static bg_job *unfinished_job(bg_manager *manager)
{
    bg_enum_jobs *jobs;
    bg_job *job;
    MUST(bg_manager_enum_jobs(manager, 0, &jobs));
    MUST(bg_enum_jobs_next(jobs, 1, &job, NULL));
    bg_enum_jobs_release(jobs);
    return job;
}

static void add_files(bg_job *job, const char *list)
{
    FILE *file = fopen(list, "r");
    if (file == NULL) {
        perror(list);
        exit(2);
    }
    uint32_t count = 0, room = 0;
    bg_file_info *infos = NULL;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0) {
        if (count == room) {
            room = room == 0 ? 16 : room * 2;
            infos = realloc(infos, room * sizeof *infos);
        }
        char *url = strtok(line, " "), *path = strtok(NULL, "\n");
        infos[count++] = (bg_file_info){.remote_name = strdup(url), .local_name = strdup(path)};
    }
    free(line);
    fclose(file);
    MUST(bg_job_add_file_set(job, count, infos));
    for (uint32_t i = 0; i < count; i++) {
        free((char *)infos[i].remote_name);
        free((char *)infos[i].local_name);
    }
    free(infos);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: fetch QUEUE_DIRECTORY LIST\n");
        return 2;
    }
    struct outcome outcome = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, RUNNING};
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    callbacks.job_transferred = on_transferred;
    callbacks.job_error = on_error;

    bg_manager *manager = open_queue(argv[1]);
    bg_job *job = unfinished_job(manager);
    if (job == NULL) {
        MUST(bg_manager_create_job(manager, "fetch", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        MUST(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
        add_files(job, argv[2]);
    }
    MUST(bg_job_set_callbacks(job, &callbacks, &outcome));
    MUST(bg_job_resume(job));

    pthread_mutex_lock(&outcome.lock);
    while (outcome.state == RUNNING)
        pthread_cond_wait(&outcome.told, &outcome.lock);
    pthread_mutex_unlock(&outcome.lock);
    if (outcome.state == TRANSFERRED)
        MUST(bg_job_complete(job));
    bg_job_release(job);
    MUST(bg_manager_close(manager));
    bg_manager_release(manager);
    return outcome.state == TRANSFERRED ? 0 : 1;
}
