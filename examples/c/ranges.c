/* Fetches BYTES at both ends of a file of SIZE bytes: ranges URL /absolute/path BYTES SIZE
 *
 * The two parts lie one behind the other in the local file.
 *
 *     cc -std=c11 ranges.c -lbgcopy -o ranges
 */
#include <bgcopy.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bg_result fetch(bg_manager *queue, char **argv, bg_job **job)
{
    uint64_t bytes = strtoull(argv[3], NULL, 10), size = strtoull(argv[4], NULL, 10);
    bg_file_range ranges[2] = {{0, bytes}, {size - bytes, BG_LENGTH_TO_EOF}};
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    bg_result result = bg_manager_create_job(queue, "ranges", BG_JOB_TYPE_DOWNLOAD, NULL, job);

    if (result >= 0)
        result = bg_job_set_priority(*job, BG_JOB_PRIORITY_FOREGROUND); /* somebody waits */
    if (result >= 0)
        result = bg_job_add_file_with_ranges(*job, argv[1], argv[2], 2, ranges);
    if (result >= 0)
        result = bg_job_resume(*job);
    if (result >= 0)
        result = bg_job_wait(*job, -1, -1, &state);
    return result;
}

/* Shows how many bytes came, and completes the job; or says why it failed, and cancels it. */
static bg_result finish(bg_job *job)
{
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_error *error = NULL;
    bg_result code = BG_S_OK;
    bg_error_context context;
    char *text = NULL;

    if (bg_job_get_error(job, &error) < 0) {
        bg_job_get_progress(job, &progress);
        printf("%" PRIu64 " bytes\n", progress.bytes_transferred);
        return bg_job_complete(job);
    }
    bg_error_get_error(error, &context, &code);
    if (bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "ranges: %s\n", text);
    bg_string_free(text);
    bg_error_release(error);
    bg_job_cancel(job);
    return code;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_result result;

    if (argc != 5)
        return fprintf(stderr, "usage: ranges URL /absolute/path BYTES SIZE\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = fetch(queue, argv, &job);
    if (result < 0)
        fprintf(stderr, "ranges: %s %s\n", bg_result_name(result), bg_last_error_detail());
    else
        result = finish(job);
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0;
}
