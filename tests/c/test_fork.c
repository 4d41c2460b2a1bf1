/* After fork: the child is told that it has no queue, and disturbs nothing by giving up what it inherited. */
#include "check.h"

#include <sys/wait.h>

/* As in the child: no output buffers, no exit handlers. */
#define IN_CHILD(condition)                          \
    do {                                             \
        if (!(condition)) {                          \
            static const char text[] = #condition "\n"; \
            (void)!write(2, text, sizeof text - 1);  \
            _exit(1);                                \
        }                                            \
    } while (0)

static void child(bg_manager *manager, bg_job *job)
{
    bg_job_state state = 0;
    bg_job *none = NULL;
    IN_CHILD(bg_job_get_state(job, &state) == BG_E_DISCONNECTED);
    IN_CHILD(bg_job_resume(job) == BG_E_DISCONNECTED);
    IN_CHILD(bg_manager_create_job(manager, "x", BG_JOB_TYPE_DOWNLOAD, NULL, &none) == BG_E_DISCONNECTED);
    IN_CHILD(none == NULL);
    bg_job_release(job);
    bg_manager_release(manager);
    /* Not _exit(0): valgrind would count what the vanished threads of the parent held as lost. */
    execlp("true", "true", (char *)NULL);
    _exit(1);
}

int main(void)
{
    watch seen;
    bg_manager *manager = open_queue();
    bg_job *job;
    pid_t pid;
    int status = 0;
    watch_init(&seen);
    server("PUT", "/control/forked?size=300000&seed=6&stall_after=100000&fail_first=1&on=get");
    job = download(manager, "/r/forked", "forked");
    watch_job(&seen, job);
    OK(bg_job_resume(job));
    server("GET", "/wait?stalled=1&path=/r/forked");

    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        child(manager, job);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    /* The parent goes on as if nothing had happened. */
    server("POST", "/release?path=/r/forked");
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_job_complete(job));
    CHECK(size_of_file(path_of("forked")) == 300000);
    bg_job_release(job);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);

    /* The child has left nothing locked. */
    bg_manager_release(open_queue());
    watch_free(&seen);
    return 0;
}
