/* Policies that an administrator lays down: they go before the options of the program, change while the queue
 * is open, and what is wrong in them is said with file and line. */
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char said[4096];

static void hear(void *data, int32_t level, const char *target, const char *message)
{
    (void)data;
    (void)level;
    (void)target;
    pthread_mutex_lock(&lock);
    strncat(said, message, sizeof said - strlen(said) - 2);
    strcat(said, "\n");
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Replaces the policy as careful programs do: whole or not at all. */
static void lay_down(const char *text)
{
    FILE *file = fopen(path_of("policy.d/new"), "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(rename(path_of("policy.d/new"), path_of("policy.d/10-test.toml")) == 0);
}

/* Waits until the log says something. */
static void until_said(const char *text)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_SECONDS;
    pthread_mutex_lock(&lock);
    while (strstr(said, text) == NULL) {
        if (pthread_cond_timedwait(&changed, &lock, &deadline) != 0) {
            fprintf(stderr, "waited in vain for \"%s\"; the log: %s\n", text, said);
            exit(1);
        }
    }
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *manager = NULL;
    bg_job *job = NULL;
    uint32_t seconds = 0;
    OK(bg_log_set(hear, NULL, BG_LOG_INFO));
    CHECK(mkdir(path_of("policy.d"), 0700) == 0);
    CHECK(setenv("BGCOPY_POLICY_DIRECTORY", path_of("policy.d"), 1) == 0);
    lay_down("max_download_time_s = 100\n\nmax_job_per_user = 5\n");

    options.directory = path_of("queue");
    options.maximum_download_time_s = 200;
    GIVES(BG_S_OVERRIDDEN_BY_POLICY, bg_manager_open(&options, &manager));
    CHECK(manager != NULL);
    until_said("policy.d/10-test.toml:3: unknown key max_job_per_user");

    OK(bg_manager_create_job(manager, "policy", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_get_maximum_download_time(job, &seconds));
    CHECK(seconds == 100);
    lay_down("max_download_time_s = 200\n");
    until_said("policies changed");
    OK(bg_job_get_maximum_download_time(job, &seconds));
    CHECK(seconds == 200);
    /* A time of the job's own stays. */
    OK(bg_job_set_maximum_download_time(job, 300));
    OK(bg_job_get_maximum_download_time(job, &seconds));
    CHECK(seconds == 300);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);

    /* The same value is not overridden. */
    OK(bg_manager_open(&options, &manager));
    bg_manager_release(manager);
    OK(bg_log_set(NULL, NULL, BG_LOG_OFF));
    return 0;
}
