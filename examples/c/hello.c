/* Downloads one file in the background: hello URL /absolute/path/of/the/file */
#include <bgcopy.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_error *error = NULL;
    bg_job_state state;
    char *text = NULL;
    bg_result result;

    if (argc != 3)
        return fprintf(stderr, "usage: hello URL /absolute/path\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = bg_manager_create_job(queue, "hello", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
    if (result >= 0)
        result = bg_job_add_file(job, argv[1], argv[2]);
    if (result >= 0)
        result = bg_job_resume(job);
    if (result >= 0)
        result = bg_job_wait(job, -1, -1, &state); /* no time limit, nothing that ends it earlier */
    if (result >= 0 && state == BG_JOB_STATE_ERROR && bg_job_get_error(job, &error) >= 0)
        result = bg_error_get_text(error, &text);
    if (result >= 0)
        result = text ? bg_job_cancel(job) : bg_job_complete(job);
    if (result < 0)
        fprintf(stderr, "hello: %s %s\n", bg_result_name(result), bg_last_error_detail());
    else if (text)
        fprintf(stderr, "hello: %s\n", text);
    bg_error_release(error);
    bg_job_release(job);
    bg_manager_release(queue);
    bg_string_free(text);
    return result < 0 || error != NULL;
}
