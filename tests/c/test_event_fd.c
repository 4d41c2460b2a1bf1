/* Events for programs with a poll loop. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>

static int readable(int fd, int milliseconds)
{
    struct pollfd wait;
    wait.fd = fd;
    wait.events = POLLIN;
    wait.revents = 0;
    return poll(&wait, 1, milliseconds) == 1;
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_event event = BG_EVENT_INIT;
    bg_job *good, *bad;
    bg_guid good_id, bad_id;
    int fd = -1, other = -1, transferred = 0, failed = 0, files = 0;

    GIVES(BG_S_FALSE, bg_manager_next_event(manager, &event));
    OK(bg_manager_get_event_fd(manager, &fd));
    CHECK(fd > 0 && !readable(fd, 0));
    /* The descriptors are the program's: closing one leaves the other alone. */
    OK(bg_manager_get_event_fd(manager, &other));
    CHECK(other != fd && close(other) == 0);
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);

    good = download(manager, "/file/2000?seed=5", "good");
    bad = download(manager, "/file/2000?status=410", "bad");
    OK(bg_job_set_notify_flags(good, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED));
    OK(bg_job_get_id(good, &good_id));
    OK(bg_job_get_id(bad, &bad_id));
    OK(bg_job_resume(good));
    OK(bg_job_resume(bad));
    while (transferred + failed < 2) {
        CHECK(readable(fd, DEADLINE_SECONDS * 1000));
        while (bg_manager_next_event(manager, &event) == BG_S_OK) {
            CHECK(event.struct_size == sizeof event);
            switch (event.kind) {
            case BG_NOTIFY_FILE_TRANSFERRED:
                CHECK(bg_guid_equal(&event.job, &good_id) && event.file == 0 && transferred == 0);
                files++;
                break;
            case BG_NOTIFY_JOB_TRANSFERRED:
                CHECK(bg_guid_equal(&event.job, &good_id) && event.file == BG_FILE_NONE);
                CHECK(event.code == BG_S_OK);
                transferred++;
                break;
            case BG_NOTIFY_JOB_ERROR:
                CHECK(bg_guid_equal(&event.job, &bad_id) && event.code == BG_E_HTTP_ERROR_410);
                CHECK(event.file == 0);
                failed++;
                break;
            default:
                fprintf(stderr, "event %u was not asked for\n", (unsigned)event.kind);
                exit(1);
            }
        }
    }
    CHECK(files == 1 && transferred == 1 && failed == 1);
    GIVES(BG_S_FALSE, bg_manager_next_event(manager, &event));
    CHECK(event.kind == 0 && event.file == 0);
    CHECK(!readable(fd, 0));
    OK(bg_job_complete(good));
    OK(bg_job_cancel(bad));
    bg_job_release(good);
    bg_job_release(bad);
    OK(bg_manager_close(manager));
    other = 7;
    GIVES(BG_E_DISCONNECTED, bg_manager_get_event_fd(manager, &other));
    CHECK(other == -1);
    GIVES(BG_E_DISCONNECTED, bg_manager_next_event(manager, &event));
    CHECK(close(fd) == 0);
    bg_manager_release(manager);
    return 0;
}
