/* Downloads files from the first mirror that has them: mirror /absolute/directory FILES MIRROR...
 *
 * FILES are names with commas between them, mirrors are URLs that end with a slash. What one mirror has sent is
 * not fetched from the next one again.
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L mirror.c -lbgcopy -o mirror
 */
#include <bgcopy.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bg_result add_files(bg_job *job, const char *directory, const char *mirror, char *names)
{
    bg_result result = BG_S_OK;
    char *rest = NULL, *name;
    for (name = strtok_r(names, ",", &rest); result >= 0 && name != NULL; name = strtok_r(NULL, ",", &rest)) {
        char url[PATH_MAX], path[PATH_MAX];
        snprintf(url, sizeof url, "%s%s", mirror, name);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        result = bg_job_add_file(job, url, path);
    }
    return result;
}

/* Says what the job failed of. */
static void explain(bg_job *job)
{
    bg_error *error = NULL;
    char *text = NULL;
    if (bg_job_get_error(job, &error) >= 0 && bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "mirror: %s\n", text);
    bg_string_free(text);
    bg_error_release(error);
}

/* The job stays the same, with its files and what came of them; only its URLs change. */
static bg_result fetch(bg_job *job, char **mirrors, bg_job_state *state)
{
    bg_result result = bg_job_set_no_progress_timeout(job, 0); /* a mirror that fails is not tried again */
    for (; result >= 0; mirrors++) {
        result = bg_job_resume(job);
        if (result >= 0)
            result = bg_job_wait(job, -1, -1, state);
        if (result < 0 || *state == BG_JOB_STATE_TRANSFERRED || mirrors[1] == NULL)
            break;
        explain(job);
        result = bg_job_replace_remote_prefix(job, mirrors[0], mirrors[1]);
    }
    return result;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    bg_result result;

    if (argc < 4)
        return fprintf(stderr, "usage: mirror /absolute/directory FILES MIRROR...\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = bg_manager_create_job(queue, "mirror", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
    if (result >= 0)
        result = add_files(job, argv[1], argv[3], argv[2]);
    if (result >= 0)
        result = fetch(job, argv + 3, &state);
    if (result < 0)
        fprintf(stderr, "mirror: %s %s\n", bg_result_name(result), bg_last_error_detail());
    if (result >= 0 && state == BG_JOB_STATE_TRANSFERRED) {
        result = bg_job_complete(job);
    } else if (job != NULL) {
        explain(job);
        bg_job_cancel(job);
        result = BG_E_FAIL;
    }
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0;
}
