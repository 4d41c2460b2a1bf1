/* Downloads a file whose SHA-256 is known: verify URL /absolute/path SHA256
 *
 * A file that came out wrong, as a bad cache on the way makes it, is fetched again, and never gets its name.
 *
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L verify.c -lbgcopy -o verify
 */
#include <bgcopy.h>
#include <stdio.h>
#include <string.h>

enum { ATTEMPTS = 3 };

/* The first file of the job; NULL when there is none. */
static bg_file *first_file(bg_job *job)
{
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    if (bg_job_enum_files(job, &files) >= 0)
        bg_enum_files_next(files, 1, &file, NULL);
    bg_enum_files_release(files);
    return file;
}

/* Before a job is completed, what has arrived is in a temporary file, which anybody may read. */
static int has_sum(bg_file *file, const char *sum)
{
    char *path = NULL;
    FILE *checker = NULL;
    if (bg_file_get_temporary_name(file, &path) >= 0)
        checker = popen("sha256sum --check --status", "w");
    if (checker != NULL)
        fprintf(checker, "%s  %s\n", sum, path);
    bg_string_free(path);
    return checker != NULL && pclose(checker) == 0;
}

/* A wrong file puts its job into BG_JOB_STATE_ERROR; resume then fetches it from its beginning. */
static bg_result fetch(bg_job *job, const char *sum, int *right)
{
    bg_file *file = first_file(job);
    bg_job_state state = BG_JOB_STATE_SUSPENDED;
    bg_result result;
    int attempt = 0;
    do {
        result = bg_job_resume(job);
        if (result >= 0)
            result = bg_job_wait(job, -1, -1, &state);
        if (result < 0 || state != BG_JOB_STATE_TRANSFERRED)
            break;
        *right = has_sum(file, sum);
        printf("attempt %d: %s\n", ++attempt, *right ? "right" : "wrong");
        result = bg_file_set_validation_state(file, *right);
    } while (result >= 0 && !*right && attempt < ATTEMPTS);
    bg_file_release(file);
    return result;
}

/* Says why the job failed, and removes it with what it has fetched. */
static bg_result give_up(bg_job *job)
{
    bg_error *error = NULL;
    char *text = NULL;
    if (bg_job_get_error(job, &error) >= 0 && bg_error_get_text(error, &text) >= 0)
        fprintf(stderr, "verify: %s\n", text);
    bg_string_free(text);
    bg_error_release(error);
    bg_job_cancel(job);
    return BG_E_VALIDATION_FAILED;
}

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_result result;
    int right = 0;

    if (argc != 4 || strspn(argv[3], "0123456789abcdef") != 64)
        return fprintf(stderr, "usage: verify URL /absolute/path SHA256\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = bg_manager_create_job(queue, "verify", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
    if (result >= 0)
        result = bg_job_add_file(job, argv[1], argv[2]);
    if (result >= 0)
        result = fetch(job, argv[3], &right);
    if (result < 0)
        fprintf(stderr, "verify: %s %s\n", bg_result_name(result), bg_last_error_detail());
    else
        result = right ? bg_job_complete(job) : give_up(job);
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0;
}
