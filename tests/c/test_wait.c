/* Waiting for a job without a loop of one's own. */
#include "check.h"

#include <pthread.h>

struct waiter {
    pthread_t thread;
    bg_job *job;
    bg_result result;
    bg_job_state state;
};

static void *wait_for_job(void *data)
{
    struct waiter *waiter = data;
    waiter->result = bg_job_wait(waiter->job, DEADLINE_SECONDS * 1000, -1, &waiter->state);
    return NULL;
}

static void start(struct waiter *waiter, bg_job *job)
{
    waiter->job = job;
    waiter->state = -1;
    CHECK(pthread_create(&waiter->thread, NULL, wait_for_job, waiter) == 0);
}

static void check_waiter(struct waiter *waiter, bg_result result, bg_job_state state)
{
    CHECK(pthread_join(waiter->thread, NULL) == 0);
    CHECK(waiter->result == result && waiter->state == state);
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_job *job = download(manager, "/file/2000?seed=5", "good");
    bg_job *bad = download(manager, "/file/2000?status=410", "bad");
    bg_job *stuck = download(manager, "/file/100000?stall_headers", "stuck");
    bg_job_state state = -1;
    struct waiter waiters[3];
    int pipes[2], i;

    /* A suspended job rests. */
    OK(bg_job_wait(job, 0, -1, &state));
    CHECK(state == BG_JOB_STATE_SUSPENDED);
    OK(bg_job_wait(job, -1, -1, &state));

    OK(bg_job_resume(job));
    OK(bg_job_wait(job, -1, -1, &state));
    CHECK(state == BG_JOB_STATE_TRANSFERRED);
    OK(bg_job_set_priority(bad, BG_JOB_PRIORITY_FOREGROUND));
    OK(bg_job_resume(bad));
    OK(bg_job_wait(bad, DEADLINE_SECONDS * 1000, -1, &state));
    CHECK(state == BG_JOB_STATE_ERROR);

    /* The time is over first. */
    OK(bg_job_resume(stuck));
    GIVES(BG_S_FALSE, bg_job_wait(stuck, 0, -1, &state));
    CHECK(state != -1 && state != BG_JOB_STATE_TRANSFERRED);
    GIVES(BG_S_FALSE, bg_job_wait(stuck, 1, -1, &state));

    /* A descriptor ends the wait, also one that was readable before. */
    CHECK(pipe(pipes) == 0);
    CHECK(write(pipes[1], "x", 1) == 1);
    state = -1;
    GIVES(BG_E_REQUEST_CANCELED, bg_job_wait(stuck, -1, pipes[0], &state));
    CHECK(state == 0);
    CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
    GIVES(BG_E_INVALIDARG, bg_job_wait(stuck, -1, pipes[0], &state));
    GIVES(BG_E_INVALIDARG, bg_job_wait(stuck, -1, -2, &state));
    GIVES(BG_E_INVALIDARG, bg_job_wait(stuck, -1, -1, NULL));
    GIVES(BG_E_INVALIDARG, bg_job_wait(NULL, -1, -1, &state));

    /* All who wait hear it, whatever ends the movement. */
    for (i = 0; i < 3; i++)
        start(&waiters[i], stuck);
    OK(bg_job_suspend(stuck));
    for (i = 0; i < 3; i++)
        check_waiter(&waiters[i], BG_S_OK, BG_JOB_STATE_SUSPENDED);
    OK(bg_job_resume(stuck));
    start(&waiters[0], stuck);
    OK(bg_job_cancel(stuck));
    check_waiter(&waiters[0], BG_S_OK, BG_JOB_STATE_CANCELLED);
    OK(bg_job_complete(job));
    OK(bg_job_wait(job, -1, -1, &state));
    CHECK(state == BG_JOB_STATE_ACKNOWLEDGED);
    bg_job_release(stuck);
    bg_job_release(bad);
    bg_job_release(job);

    /* Closing the queue ends it too. */
    stuck = download(manager, "/file/100000?stall_headers", "again");
    OK(bg_job_resume(stuck));
    start(&waiters[0], stuck);
    GIVES(BG_S_FALSE, bg_job_wait(stuck, 1, -1, &state));
    OK(bg_manager_close(manager));
    check_waiter(&waiters[0], BG_E_DISCONNECTED, 0);
    bg_job_release(stuck);
    bg_manager_release(manager);
    return 0;
}
