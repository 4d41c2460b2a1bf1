/* What the C tests share: checks that say what was wrong and end the program, a queue in a directory of
 * its own, and waiting for events with a deadline.
 *
 * The environment gives BGCOPY_TEST_DIRECTORY, an empty directory, and BGCOPY_TEST_HTTP, the URL of a
 * bgcopy-testserver (../server/README.md). */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bgcopy.h"

/* A program uses its own part of this. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

enum { DEADLINE_SECONDS = 60 };

#define CHECK(condition)                                                                        \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);           \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

/* The call gives exactly this code. */
#define GIVES(code, call) check_gives(__FILE__, __LINE__, #call, #code, (code), (call))
#define OK(call) GIVES(BG_S_OK, call)

static void check_gives(const char *file, int line, const char *call, const char *expected, bg_result code,
                        bg_result result)
{
    if (result != code) {
        fprintf(stderr, "%s:%d: %s gave %s (0x%08X: %s), not %s\n", file, line, call,
                bg_result_name(result), (unsigned)result, bg_last_error_detail(), expected);
        exit(1);
    }
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "%s is not set; the tests are run by cargo test -p bgcopy-ffi\n", name);
        exit(1);
    }
    return value;
}

/* A path in the directory of the test. One of a few buffers, used in turn. */
static const char *path_of(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", environment("BGCOPY_TEST_DIRECTORY"), name);
    return path;
}

/* A URL of the test server, as above. */
static const char *url_of(const char *target)
{
    static char urls[8][512];
    static unsigned next;
    char *url = urls[next++ % 8];
    snprintf(url, sizeof urls[0], "%s%s", environment("BGCOPY_TEST_HTTP"), target);
    return url;
}

static long long size_of_file(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? (long long)found.st_size : -1;
}

static bg_manager *open_queue(void)
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *manager = NULL;
    options.directory = path_of("queue");
    OK(bg_manager_open(&options, &manager));
    CHECK(manager != NULL);
    return manager;
}

/* A suspended job that downloads `target` to `name`. */
static bg_job *download(bg_manager *manager, const char *target, const char *name)
{
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, name, BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_add_file(job, url_of(target), path_of(name)));
    return job;
}

/* Sends a request to the test server, whose answer must be 200, and gives the body. Blocks as long as the
 * server does. */
static void ask(const char *method, const char *target, char *body, size_t size)
{
    const char *host = strstr(environment("BGCOPY_TEST_HTTP"), "//") + 2;
    const char *port = strchr(host, ':');
    struct sockaddr_in address;
    char request[1024];
    char answer[4096];
    const char *content;
    size_t length = 0;
    ssize_t got;
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connection >= 0 && port != NULL);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(port + 1));
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
    snprintf(request, sizeof request,
             "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method,
             target);
    CHECK(write(connection, request, strlen(request)) == (ssize_t)strlen(request));
    while (length < sizeof answer - 1 && (got = read(connection, answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)got;
    answer[length] = 0;
    close(connection);
    content = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || content == NULL) {
        fprintf(stderr, "%s %s: %s\n", method, target, answer);
        exit(1);
    }
    snprintf(body, size, "%s", content + 4);
    body[strcspn(body, "\r\n")] = 0;
}

/* As above; the body does not matter. */
static void server(const char *method, const char *target)
{
    char body[64];
    ask(method, target, body, sizeof body);
}

/* Counts the callbacks of jobs. */
typedef struct watch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int transferred;
    int failed;
    int modified;
    int files;
    int destroyed;
    uint32_t file_order[16];
    bg_result code;
    /* What job_transferred does besides counting. */
    int complete;
    /* What a callback closes. */
    bg_manager *manager;
} watch;

static void watch_init(watch *seen)
{
    memset(seen, 0, sizeof *seen);
    CHECK(pthread_mutex_init(&seen->lock, NULL) == 0);
    CHECK(pthread_cond_init(&seen->changed, NULL) == 0);
}

static void watch_free(watch *seen)
{
    CHECK(pthread_cond_destroy(&seen->changed) == 0);
    CHECK(pthread_mutex_destroy(&seen->lock) == 0);
}

static void watch_count(watch *seen, int *counter)
{
    pthread_mutex_lock(&seen->lock);
    ++*counter;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->lock);
}

static int watch_read(watch *seen, const int *counter)
{
    int value;
    pthread_mutex_lock(&seen->lock);
    value = *counter;
    pthread_mutex_unlock(&seen->lock);
    return value;
}

/* Waits until the counter is at least `least`. */
static void watch_until(watch *seen, const int *counter, int least)
{
    struct timespec deadline;
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_SECONDS;
    pthread_mutex_lock(&seen->lock);
    while (*counter < least && error == 0)
        error = pthread_cond_timedwait(&seen->changed, &seen->lock, &deadline);
    if (*counter < least) {
        fprintf(stderr, "still waiting after %d s: transferred %d, failed %d (0x%08X), modified %d, files %d, destroyed %d\n",
                DEADLINE_SECONDS, seen->transferred, seen->failed, (unsigned)seen->code, seen->modified,
                seen->files, seen->destroyed);
        exit(1);
    }
    pthread_mutex_unlock(&seen->lock);
}

static bg_result on_transferred(void *data, bg_job *job)
{
    watch *seen = (watch *)data;
    if (seen->complete)
        OK(bg_job_complete(job));
    watch_count(seen, &seen->transferred);
    return BG_S_OK;
}

static bg_result on_error(void *data, bg_job *job, bg_error *error)
{
    watch *seen = (watch *)data;
    int32_t context = 0;
    bg_result code = 0;
    CHECK(job != NULL);
    OK(bg_error_get_error(error, &context, &code));
    pthread_mutex_lock(&seen->lock);
    seen->code = code;
    pthread_mutex_unlock(&seen->lock);
    watch_count(seen, &seen->failed);
    return BG_S_OK;
}

static bg_result on_modification(void *data, bg_job *job)
{
    watch *seen = (watch *)data;
    CHECK(job != NULL);
    watch_count(seen, &seen->modified);
    return BG_S_OK;
}

static bg_result on_file(void *data, bg_job *job, bg_file *file)
{
    watch *seen = (watch *)data;
    uint32_t index = 0;
    CHECK(job != NULL);
    OK(bg_file_get_index(file, &index));
    pthread_mutex_lock(&seen->lock);
    seen->file_order[seen->files % 16] = index;
    pthread_mutex_unlock(&seen->lock);
    watch_count(seen, &seen->files);
    return BG_S_OK;
}

static void on_destroy(void *data)
{
    watch *seen = (watch *)data;
    watch_count(seen, &seen->destroyed);
}

static void watch_job(watch *seen, bg_job *job)
{
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    callbacks.job_transferred = on_transferred;
    callbacks.job_error = on_error;
    callbacks.job_modification = on_modification;
    callbacks.file_transferred = on_file;
    callbacks.destroy = on_destroy;
    OK(bg_job_set_callbacks(job, &callbacks, seen));
}

static void check_state(bg_job *job, bg_job_state expected)
{
    bg_job_state state = -1;
    OK(bg_job_get_state(job, &state));
    if (state != expected) {
        fprintf(stderr, "the state is %d, not %d\n", (int)state, (int)expected);
        exit(1);
    }
}

#endif /* CHECK_H */
