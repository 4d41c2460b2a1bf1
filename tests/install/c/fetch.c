/* A program of somebody who has installed the library: fetch URL /absolute/path */
#include <bgcopy.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_job_state state = BG_JOB_STATE_ERROR;
    bg_result result = argc == 3 ? bg_manager_open(NULL, &queue) : BG_E_INVALIDARG;

    if (result >= 0)
        result = bg_manager_create_job(queue, "fetch", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
    if (result >= 0)
        result = bg_job_add_file(job, argv[1], argv[2]);
    if (result >= 0)
        result = bg_job_resume(job);
    if (result >= 0)
        result = bg_job_wait(job, 60000, -1, &state);
    if (result >= 0)
        result = bg_job_complete(job);
    printf("%s, state %d\n", bg_result_name(result), (int)state);
    bg_job_release(job);
    bg_manager_release(queue);
    return result != BG_S_OK || state != BG_JOB_STATE_TRANSFERRED;
}
