/* Downloads a file and survives being killed: download URL FILE [SHA256]
 *
 * Run it, kill it in any way, run it again: it goes on where it was. The queue of jobs is in the directory
 * that BGCOPY_DIRECTORY names, by default ~/.local/state/bgcopy.
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L download.c -lbgcopy -pthread -o download
 */
#include <bgcopy.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the callbacks tell the main thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum outcome { RUNNING, TRANSFERRED, FAILED } outcome = RUNNING;

static bg_result tell(enum outcome what)
{
    pthread_mutex_lock(&lock);
    outcome = what;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return BG_S_OK;
}

/* Callbacks run on threads of the library. The job is borrowed: it need not be released. */
static bg_result on_transferred(void *user_data, bg_job *job)
{
    (void)user_data, (void)job;
    return tell(TRANSFERRED);
}

static bg_result on_error(void *user_data, bg_job *job, bg_error *error)
{
    (void)user_data, (void)job, (void)error;
    return tell(FAILED);
}

/* Every call that can fail gives a code; the text says on what it failed. */
static void check(bg_result result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "download: cannot %s: %s [%s 0x%08X]\n", what, bg_last_error_detail(),
                bg_result_name(result), (unsigned)result);
        exit(1);
    }
}

/* The first file of a job; NULL when it has none. */
static bg_file *first_file(bg_job *job)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    check(bg_job_enum_files(job, &files), "list the files of a job");
    check(bg_enum_files_next(files, 1, &file, NULL), "list the files of a job");
    bg_enum_files_release(files);
    return file;
}

static int is_ours(bg_file *file, const char *url, const char *path)
{
    char *remote = NULL, *local = NULL;
    int same;
    check(bg_file_get_remote_name(file, &remote), "read the URL of a file");
    check(bg_file_get_local_name(file, &local), "read the name of a file");
    same = strcmp(remote, url) == 0 && strcmp(local, path) == 0;
    bg_string_free(remote);
    bg_string_free(local);
    return same;
}

/* A job for this file that an earlier run has left in the queue, or NULL. */
static bg_job *find_job(bg_manager *queue, const char *url, const char *path)
{
    bg_enum_jobs *jobs = NULL;
    bg_job *job = NULL;
    check(bg_manager_enum_jobs(queue, 0, &jobs), "list the queue");
    while (bg_enum_jobs_next(jobs, 1, &job, NULL) == BG_S_OK) {
        bg_file *file = first_file(job);
        int found = file != NULL && is_ours(file, url, path);
        bg_file_release(file);
        if (found)
            break;
        bg_job_release(job);
        job = NULL;
    }
    bg_enum_jobs_release(jobs);
    return job;
}

static void show_progress(bg_job *job)
{
    const char *end = isatty(STDOUT_FILENO) ? "\033[K\r" : "\n"; /* one line, or a log */
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_job_state state = 0;
    check(bg_job_get_progress(job, &progress), "read the progress");
    check(bg_job_get_state(job, &state), "read the state");
    printf("  %8.1f MB", (double)progress.bytes_transferred / 1e6);
    if (progress.bytes_total != BG_SIZE_UNKNOWN)
        printf(" of %.1f MB  %3.0f %%", (double)progress.bytes_total / 1e6,
               progress.bytes_total ? 100.0 * (double)progress.bytes_transferred / (double)progress.bytes_total : 100.0);
    if (state == BG_JOB_STATE_TRANSIENT_ERROR)
        printf("  interrupted, tried again by itself");
    printf("%s", end);
    fflush(stdout);
}

/* Asks sha256sum, before the file gets its name. */
static int has_sum(bg_job *job, const char *sum)
{
    bg_file *file = first_file(job);
    char *path = NULL;
    FILE *checker;
    check(bg_file_get_temporary_name(file, &path), "find the temporary file");
    checker = popen("sha256sum --check --status", "w");
    if (checker == NULL) {
        perror("download: sha256sum");
        exit(1);
    }
    fprintf(checker, "%s  %s\n", sum, path);
    bg_string_free(path);
    bg_file_release(file);
    return pclose(checker) == 0;
}

static int fail(bg_job *job)
{
    bg_error *error = NULL;
    char *text = NULL;
    check(bg_job_get_error(job, &error), "read the error");
    check(bg_error_get_text(error, &text), "read the error");
    fprintf(stderr, "download: %s\nRun the same command again to go on from here.\n", text);
    bg_string_free(text);
    bg_error_release(error);
    return 1;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job;
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    char here[PATH_MAX] = "", path[2 * PATH_MAX];
    int failed = 0;

    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: download URL FILE [SHA256]\n");
        return 2;
    }
    /* Jobs outlive the current directory: local names are absolute. */
    if (argv[2][0] != '/' && getcwd(here, sizeof here) == NULL) {
        perror("download: the current directory");
        return 1;
    }
    snprintf(path, sizeof path, "%s%s%s", here, here[0] != 0 ? "/" : "", argv[2]);

    /* Opening the queue also starts what was under way when its last process ended. */
    check(bg_manager_open(NULL, &queue), "open the queue");
    job = find_job(queue, argv[1], path);
    if (job != NULL) {
        bg_job_progress progress = BG_JOB_PROGRESS_INIT;
        check(bg_job_get_progress(job, &progress), "read the progress");
        printf("continuing at %.1f MB\n", (double)progress.bytes_transferred / 1e6);
    } else {
        check(bg_manager_create_job(queue, "download", BG_JOB_TYPE_DOWNLOAD, NULL, &job), "create a job");
        check(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND), "set the priority"); /* somebody waits */
        check(bg_job_add_file(job, argv[1], path), "add the file");
    }

    check(bg_job_resume(job), "start the job"); /* also after an error of an earlier run */
    /* What happened before the registration is told, too. */
    callbacks.job_transferred = on_transferred;
    callbacks.job_error = on_error;
    check(bg_job_set_callbacks(job, &callbacks, NULL), "register the callbacks");

    pthread_mutex_lock(&lock);
    while (outcome == RUNNING) {
        struct timespec next;
        clock_gettime(CLOCK_REALTIME, &next);
        next.tv_sec += 1;
        pthread_cond_timedwait(&changed, &lock, &next);
        show_progress(job); /* never waits, so that it may hold the lock */
    }
    pthread_mutex_unlock(&lock);
    if (isatty(STDOUT_FILENO))
        printf("\n");

    if (outcome == FAILED) {
        failed = fail(job);
    } else if (argc == 4 && !has_sum(job, argv[3])) {
        fprintf(stderr, "download: the file does not have this SHA-256; it is deleted\n");
        check(bg_job_cancel(job), "cancel the job");
        failed = 1;
    } else {
        check(bg_job_complete(job), "complete the job"); /* now the file has its name */
        printf("%s\n", path);
    }
    bg_job_release(job);
    bg_manager_release(queue);
    return failed;
}
