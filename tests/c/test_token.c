/* Helper token of a job: an open directory through which its files are reached. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bg_job *job_in(bg_manager *manager, const char *directory)
{
    bg_job *job = NULL;
    char path[600];
    CHECK(mkdir(directory, 0755) == 0);
    snprintf(path, sizeof path, "%s/a", directory);
    OK(bg_manager_create_job(manager, "with a token", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_add_file(job, url_of("/file/1000?seed=1"), path));
    return job;
}

static void arguments_are_checked_and_values_kept(bg_manager *manager)
{
    uint32_t flags = 7;
    char *sid = (char *)manager;
    char expected[64];
    char place[512];
    bg_job *job;
    int fd;
    snprintf(place, sizeof place, "%s", path_of("token-place"));
    job = job_in(manager, place);
    OK(bg_job_get_helper_token_flags(job, &flags));
    CHECK(flags == 0);
    OK(bg_job_get_helper_token_sid(job, &sid));
    CHECK(sid == NULL);
    GIVES(BG_E_NOTIMPL, bg_job_set_helper_token_flags(job, 0x4));
    OK(bg_job_set_helper_token_flags(job, BG_TOKEN_LOCAL_FILE | BG_TOKEN_NETWORK));
    OK(bg_job_get_helper_token_flags(job, &flags));
    CHECK(flags == (BG_TOKEN_LOCAL_FILE | BG_TOKEN_NETWORK));

    GIVES(BG_E_INVALIDARG, bg_job_set_helper_token(job, -1));
    fd = open("/dev/null", O_RDONLY);
    CHECK(fd >= 0);
    GIVES(BG_E_INVALIDARG, bg_job_set_helper_token(job, fd));
    close(fd);
    GIVES(BG_E_INVALIDARG, bg_job_set_helper_token(job, fd));
    fd = open(place, O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0);
    OK(bg_job_set_helper_token(job, fd));
    close(fd);
    OK(bg_job_get_helper_token_sid(job, &sid));
    snprintf(expected, sizeof expected, "S-1-22-1-%u", (unsigned)geteuid());
    CHECK(sid != NULL && strcmp(sid, expected) == 0);
    bg_string_free(sid);
    OK(bg_job_clear_helper_token(job));
    OK(bg_job_get_helper_token_sid(job, &sid));
    CHECK(sid == NULL);

    GIVES(BG_E_INVALIDARG, bg_job_set_helper_token(NULL, 0));
    GIVES(BG_E_INVALIDARG, bg_job_clear_helper_token(NULL));
    GIVES(BG_E_INVALIDARG, bg_job_set_helper_token_flags(NULL, 0));
    GIVES(BG_E_POINTER, bg_job_get_helper_token_flags(job, NULL));
    GIVES(BG_E_POINTER, bg_job_get_helper_token_sid(job, NULL));
    OK(bg_job_cancel(job));
    GIVES(BG_E_INVALID_STATE, bg_job_clear_helper_token(job));
    GIVES(BG_E_INVALID_STATE, bg_job_set_helper_token_flags(job, 0));
    bg_job_release(job);
}

/* The path leads elsewhere by the time the job runs; the descriptor does not. */
static void files_are_made_through_the_token(bg_manager *manager)
{
    watch seen;
    char place[512], moved[512], file[600];
    bg_job *job;
    int fd;
    snprintf(place, sizeof place, "%s", path_of("token-used"));
    snprintf(moved, sizeof moved, "%s", path_of("token-moved"));
    job = job_in(manager, place);
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_set_helper_token_flags(job, BG_TOKEN_LOCAL_FILE));
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    check_state(job, BG_JOB_STATE_ERROR);
    fd = open(place, O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0);
    OK(bg_job_set_helper_token(job, fd));
    close(fd);
    CHECK(rename(place, moved) == 0);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    snprintf(file, sizeof file, "%s/a", moved);
    CHECK(size_of_file(file) == 1000);
    bg_job_release(job);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
}

int main(void)
{
    bg_manager *manager = open_queue();
    arguments_are_checked_and_values_kept(manager);
    files_are_made_through_the_token(manager);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
