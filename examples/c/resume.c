/* Downloads a file and survives being killed: resume URL /absolute/path
 *
 * Run it, kill it in any way, run it again: it goes on where it was.
 *
 *     cc -std=c11 resume.c -lbgcopy -o resume
 */
#include <bgcopy.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whether the first file of a job is the one that is wanted. */
static int is_wanted(bg_job *job, const char *url, const char *path)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    char *remote = NULL, *local = NULL;
    int same = bg_job_enum_files(job, &files) >= 0 && bg_enum_files_next(files, 1, &file, NULL) == BG_S_OK &&
               bg_file_get_remote_name(file, &remote) >= 0 && bg_file_get_local_name(file, &local) >= 0 &&
               strcmp(remote, url) == 0 && strcmp(local, path) == 0;

    bg_string_free(remote);
    bg_string_free(local);
    bg_file_release(file);
    bg_enum_files_release(files);
    return same;
}

/* The job for this file that an earlier run has left; NULL when there is none. */
static bg_result find(bg_manager *queue, const char *url, const char *path, bg_job **found)
{
    bg_enum_jobs *jobs = NULL;
    bg_job *job = NULL;
    bg_result result = bg_manager_enum_jobs(queue, 0, &jobs);

    while (*found == NULL && result >= 0 && bg_enum_jobs_next(jobs, 1, &job, NULL) == BG_S_OK) {
        if (is_wanted(job, url, path))
            *found = job;
        else
            bg_job_release(job);
    }
    bg_enum_jobs_release(jobs);
    return result;
}

static bg_result create(bg_manager *queue, const char *url, const char *path, bg_job **job)
{
    bg_result result = bg_manager_create_job(queue, "resume", BG_JOB_TYPE_DOWNLOAD, NULL, job);

    if (result >= 0)
        result = bg_job_set_priority(*job, BG_JOB_PRIORITY_FOREGROUND); /* somebody waits */
    if (result >= 0)
        result = bg_job_add_file(*job, url, path);
    return result;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_error *error = NULL;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    char *text = NULL;
    bg_result result;

    if (argc != 3)
        return fprintf(stderr, "usage: resume URL /absolute/path\n"), 2;
    result = bg_manager_open(NULL, &queue); /* what was under way goes on from here */
    if (result >= 0)
        result = find(queue, argv[1], argv[2], &job);
    if (result >= 0 && job == NULL)
        result = create(queue, argv[1], argv[2], &job);
    else if (result >= 0 && bg_job_get_progress(job, &progress) >= 0)
        printf("continuing at %" PRIu64 " bytes\n", progress.bytes_transferred);
    if (result >= 0)
        result = bg_job_resume(job); /* also after an error of an earlier run */
    if (result >= 0)
        result = bg_job_wait(job, -1, -1, &state);
    if (result >= 0 && state == BG_JOB_STATE_TRANSFERRED)
        result = bg_job_complete(job);
    else if (result >= 0 && bg_job_get_error(job, &error) >= 0 && bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "resume: %s\nRun the same command again to go on from here.\n", text);
    if (result < 0)
        fprintf(stderr, "resume: %s %s\n", bg_result_name(result), bg_last_error_detail());
    bg_string_free(text);
    bg_error_release(error);
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0 || state != BG_JOB_STATE_TRANSFERRED;
}
