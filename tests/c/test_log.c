/* Messages of the library: heard when asked for, and not any more afterwards. */
#include "check.h"

typedef struct heard {
    pthread_mutex_t lock;
    int messages;
    int beyond_level;
    bg_result inside;
} heard;

static void on_message(void *data, int32_t level, const char *target, const char *message)
{
    heard *all = (heard *)data;
    pthread_mutex_lock(&all->lock);
    CHECK(strncmp(target, "bgcopy", 6) == 0 || strlen(target) > 0);
    CHECK(strlen(message) > 0);
    all->messages++;
    if (level > BG_LOG_DEBUG)
        all->beyond_level++;
    all->inside = bg_log_set(NULL, NULL, BG_LOG_OFF);
    pthread_mutex_unlock(&all->lock);
}

int main(void)
{
    heard all;
    watch seen;
    bg_manager *manager;
    bg_job *job;
    int messages;
    memset(&all, 0, sizeof all);
    CHECK(pthread_mutex_init(&all.lock, NULL) == 0);
    watch_init(&seen);
    GIVES(BG_E_NOTIMPL, bg_log_set(on_message, &all, 6));
    GIVES(BG_E_NOTIMPL, bg_log_set(on_message, &all, -1));
    OK(bg_log_set(on_message, &all, BG_LOG_DEBUG));

    /* A handle of the wrong kind is worth a message. */
    manager = open_queue();
    bg_job_release((bg_job *)(void *)manager);
    CHECK(all.messages >= 1 && all.inside == BG_E_INVALID_STATE);
    job = download(manager, "/file/100?status=404", "none");
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.failed, 1);
    OK(bg_job_cancel(job));
    bg_job_release(job);

    OK(bg_log_set(NULL, NULL, BG_LOG_OFF));
    pthread_mutex_lock(&all.lock);
    messages = all.messages;
    CHECK(all.beyond_level == 0);
    pthread_mutex_unlock(&all.lock);
    bg_job_release((bg_job *)(void *)manager);
    CHECK(all.messages == messages);
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    CHECK(pthread_mutex_destroy(&all.lock) == 0);
    return 0;
}
