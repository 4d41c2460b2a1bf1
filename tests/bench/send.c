/*
 * Uploads files, each in a foreground job of its own: send QUEUE_DIRECTORY LIST [THREADS]
 *
 * LIST has a line "URL PATH" per file; every thread makes, starts and completes its share of the jobs.
 */
#define _POSIX_C_SOURCE 200809L
#include "queue.h"

#include <pthread.h>
#include <string.h>

enum { MOST_THREADS = 64 };

struct file {
    char *url, *path;
    bg_job *job;
};

struct share {
    pthread_t thread;
    bg_manager *manager;
    struct file *first, *end;
    int failed;
};

static struct file *read_list(const char *list, size_t *count)
{
    FILE *lines = fopen(list, "r");
    if (lines == NULL) {
        perror(list);
        exit(2);
    }
    struct file *files = NULL;
    char *line = NULL;
    size_t size = 0, room = 0;
    *count = 0;
    while (getline(&line, &size, lines) > 0) {
        if (*count == room) {
            room = room == 0 ? 16 : room * 2;
            files = realloc(files, room * sizeof *files);
        }
        char *url = strtok(line, " "), *path = strtok(NULL, "\n");
        files[(*count)++] = (struct file){strdup(url), strdup(path), NULL};
    }
    free(line);
    fclose(lines);
    return files;
}

static void tell_error(bg_job *job)
{
    bg_error *error;
    char *text;
    if (bg_job_get_error(job, &error) != BG_S_OK)
        return;
    if (bg_error_get_text(error, &text) == BG_S_OK) {
        fprintf(stderr, "send: %s\n", text);
        bg_string_free(text);
    }
    bg_error_release(error);
}

static void *send_share(void *data)
{
    struct share *share = data;
    for (struct file *file = share->first; file < share->end; file++) {
        MUST(bg_manager_create_job(share->manager, "send", BG_JOB_TYPE_UPLOAD, NULL, &file->job));
        MUST(bg_job_set_priority(file->job, BG_JOB_PRIORITY_FOREGROUND));
        MUST(bg_job_add_file(file->job, file->url, file->path));
        MUST(bg_job_resume(file->job));
    }
    for (struct file *file = share->first; file < share->end; file++) {
        bg_job_state state;
        MUST(bg_job_wait(file->job, -1, -1, &state));
        if (state == BG_JOB_STATE_TRANSFERRED) {
            MUST(bg_job_complete(file->job));
        } else {
            tell_error(file->job);
            share->failed = 1;
        }
        bg_job_release(file->job);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int threads = argc == 4 ? atoi(argv[3]) : 1, failed = 0;
    if (argc < 3 || argc > 4 || threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: send QUEUE_DIRECTORY LIST [THREADS]\n");
        return 2;
    }
    size_t count;
    struct file *files = read_list(argv[2], &count);
    struct share shares[MOST_THREADS] = {0};
    bg_manager *manager = open_queue(argv[1]);
    for (int i = 0; i < threads; i++) {
        struct share *share = &shares[i];
        share->manager = manager;
        share->first = files + count * (size_t)i / (size_t)threads;
        share->end = files + count * (size_t)(i + 1) / (size_t)threads;
        if (pthread_create(&share->thread, NULL, send_share, share) != 0) {
            fprintf(stderr, "send: no thread\n");
            return 1;
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(shares[i].thread, NULL);
        failed |= shares[i].failed;
    }
    for (size_t i = 0; i < count; i++) {
        free(files[i].url);
        free(files[i].path);
    }
    free(files);
    MUST(bg_manager_close(manager));
    bg_manager_release(manager);
    return failed;
}
