/* Uploads a file and shows how far it is: upload /absolute/path URL [/absolute/path/of/the/reply]
 *
 * The server is bgcopy-server or another one that takes BITS uploads. With a place for the reply, what the server's
 * application answers is put there and printed.
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L upload.c -lbgcopy -o upload
 */
#include <bgcopy.h>
#include <stdio.h>

static bg_result show_progress(bg_job *job)
{
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    bg_result result = bg_job_get_progress(job, &progress);
    if (result >= 0)
        printf("%llu of %llu bytes\n", (unsigned long long)progress.bytes_transferred,
               (unsigned long long)progress.bytes_total);
    return result;
}

/* The job goes on by itself, also after this program has ended and another one has opened the queue. */
static bg_result run(bg_job *job, bg_job_state *state)
{
    bg_result result = bg_job_resume(job);
    do {
        if (result >= 0)
            result = bg_job_wait(job, 1000, -1, state);
        if (result >= 0)
            show_progress(job);
    } while (result == BG_S_FALSE); /* the second is over, and the job is not */
    return result;
}

static bg_result print_reply(bg_job *job)
{
    uint8_t *data = NULL;
    uint64_t length = 0;
    bg_result result = bg_job_get_reply_data(job, &data, &length);
    if (result >= 0 && length > 0)
        printf("%.*s\n", (int)length, (const char *)data);
    bg_memory_free(data);
    return result == BG_E_TOO_LARGE ? BG_S_OK : result; /* it is in its file, whatever its size */
}

/* Says why the job failed, and removes it. */
static void give_up(bg_job *job)
{
    bg_error *error = NULL;
    char *text = NULL;
    if (bg_job_get_error(job, &error) >= 0 && bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "upload: %s\n", text);
    bg_string_free(text);
    bg_error_release(error);
    bg_job_cancel(job);
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    bg_job_type type = argc == 4 ? BG_JOB_TYPE_UPLOAD_REPLY : BG_JOB_TYPE_UPLOAD;
    bg_result result;

    if (argc != 3 && argc != 4)
        return fprintf(stderr, "usage: upload /absolute/path URL [/absolute/path/of/the/reply]\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = bg_manager_create_job(queue, "upload", type, NULL, &job);
    if (result >= 0)
        result = bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND); /* somebody waits */
    if (result >= 0)
        result = bg_job_add_file(job, argv[2], argv[1]);
    if (result >= 0 && argc == 4)
        result = bg_job_set_reply_file_name(job, argv[3]);
    if (result >= 0)
        result = run(job, &state);
    if (result >= 0 && state == BG_JOB_STATE_TRANSFERRED && argc == 4)
        result = print_reply(job);
    if (result >= 0 && state == BG_JOB_STATE_TRANSFERRED)
        result = bg_job_complete(job); /* now the reply has its name */
    else if (result >= 0)
        give_up(job);
    if (result < 0) {
        fprintf(stderr, "upload: %s %s\n", bg_result_name(result), bg_last_error_detail());
        bg_job_cancel(job); /* nothing of a failed start is left in the queue */
    }
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0 || state != BG_JOB_STATE_TRANSFERRED;
}
