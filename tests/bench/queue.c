/*
 * Measures a queue of many jobs:
 *
 *     queue create QUEUE_DIRECTORY DESTINATION JOBS THREADS  -> seconds to create, fill with one file and resume them
 *     queue open QUEUE_DIRECTORY                             -> seconds to open, jobs, seconds to list them with state,
 *                                                               name and progress, resident KiB once it is open
 *     queue files QUEUE_DIRECTORY DESTINATION COUNT          -> seconds for one set of files, the median of nine
 *
 * The jobs are in the background and their server never answers: one is connecting, all others wait for their turn.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "queue.h"

enum { PORT = 8099, MOST_THREADS = 64, ROUNDS = 9 };

static bg_manager *manager;
static const char *destination;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int number(const char *text)
{
    int value = atoi(text);
    if (value <= 0) {
        fprintf(stderr, "queue: %s is no number of things\n", text);
        exit(2);
    }
    return value;
}

/* Connections to it are made by the kernel and never accepted. */
static void start_silent_server(void)
{
    struct sockaddr_in address;
    int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(PORT);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 64) != 0) {
        perror("queue: the silent server");
        exit(1);
    }
}

static void names(char *url, char *path, size_t size, int i)
{
    snprintf(url, size, "http://127.0.0.1:%d/%d", PORT, i);
    snprintf(path, size, "%s/%d", destination, i);
}

struct share {
    pthread_t thread;
    int first, end;
};

static void *create_share(void *data)
{
    struct share *share = data;
    for (int i = share->first; i < share->end; i++) {
        bg_job *job;
        char name[64], url[4096], path[4096];
        snprintf(name, sizeof name, "job number %d", i);
        names(url, path, sizeof url, i);
        MUST(bg_manager_create_job(manager, name, BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        MUST(bg_job_add_file(job, url, path));
        MUST(bg_job_resume(job));
        bg_job_release(job);
    }
    return NULL;
}

static void create(int jobs, int threads)
{
    struct share shares[MOST_THREADS];
    double start = now();
    for (int i = 0; i < threads; i++) {
        shares[i].first = (int)((int64_t)jobs * i / threads);
        shares[i].end = (int)((int64_t)jobs * (i + 1) / threads);
        if (pthread_create(&shares[i].thread, NULL, create_share, &shares[i]) != 0) {
            fprintf(stderr, "queue: no thread\n");
            exit(1);
        }
    }
    for (int i = 0; i < threads; i++)
        pthread_join(shares[i].thread, NULL);
    printf("%.6f\n", now() - start);
}

/* Resident memory of this process, in KiB. */
static long resident(void)
{
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return kib;
}

/* What a list of jobs on a screen needs. */
static uint32_t list(void)
{
    bg_enum_jobs *jobs;
    bg_job *job;
    uint32_t count = 0;
    MUST(bg_manager_enum_jobs(manager, 0, &jobs));
    while (bg_enum_jobs_next(jobs, 1, &job, NULL) == BG_S_OK) {
        bg_job_progress progress = BG_JOB_PROGRESS_INIT;
        bg_job_state state;
        char *name;
        MUST(bg_job_get_state(job, &state));
        MUST(bg_job_get_display_name(job, &name));
        MUST(bg_job_get_progress(job, &progress));
        bg_string_free(name);
        bg_job_release(job);
        count++;
    }
    bg_enum_jobs_release(jobs);
    return count;
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void files(int count)
{
    double seconds[ROUNDS];
    bg_file_info *set = calloc((size_t)count, sizeof *set);
    for (int i = 0; i < count; i++) {
        char url[4096], path[4096];
        names(url, path, sizeof url, i);
        set[i].remote_name = strdup(url);
        set[i].local_name = strdup(path);
    }
    for (int round = 0; round < ROUNDS; round++) {
        bg_job *job;
        MUST(bg_manager_create_job(manager, "files", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        double start = now();
        MUST(bg_job_add_file_set(job, (uint32_t)count, set));
        seconds[round] = now() - start;
        bg_job_release(job);
    }
    qsort(seconds, ROUNDS, sizeof *seconds, ascending);
    printf("%.6f\n", seconds[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
    const char *command = argc > 2 ? argv[1] : "";
    start_silent_server();
    if (strcmp(command, "create") == 0 && argc == 6) {
        int jobs = number(argv[4]), threads = number(argv[5]);
        manager = open_queue(argv[2]);
        destination = argv[3];
        create(jobs, threads < MOST_THREADS ? threads : MOST_THREADS);
    } else if (strcmp(command, "open") == 0 && argc == 3) {
        double start = now(), opened;
        manager = open_queue(argv[2]);
        opened = now();
        long kib = resident();
        double before = now();
        uint32_t jobs = list();
        printf("%.6f %u %.6f %ld\n", opened - start, (unsigned)jobs, now() - before, kib);
    } else if (strcmp(command, "files") == 0 && argc == 5) {
        manager = open_queue(argv[2]);
        destination = argv[3];
        files(number(argv[4]));
    } else {
        fprintf(stderr, "usage: queue create DIRECTORY DESTINATION JOBS THREADS | open DIRECTORY | "
                        "files DIRECTORY DESTINATION COUNT\n");
        return 2;
    }
    MUST(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
