/* Downloads one file in the background: hello URL /absolute/path/of/the/file */
#include <bgcopy.h>
#include <poll.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    bg_manager *queue = NULL;
    bg_job *job = NULL;
    bg_guid id;
    bg_event event = BG_EVENT_INIT;
    struct pollfd events = {-1, POLLIN, 0};
    bg_result result;

    if (argc != 3)
        return fprintf(stderr, "usage: hello URL /absolute/path\n"), 2;
    result = bg_manager_open(NULL, &queue);
    if (result >= 0)
        result = bg_manager_get_event_fd(queue, &events.fd);
    if (result >= 0)
        result = bg_manager_create_job(queue, "hello", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    if (result >= 0)
        result = bg_job_add_file(job, argv[1], argv[2]);
    if (result >= 0)
        result = bg_job_resume(job);
    while (result >= 0 && !bg_guid_equal(&event.job, &id)) /* other jobs of the queue run too */
        if (poll(&events, 1, -1) > 0)
            result = bg_manager_next_event(queue, &event);
    if (result >= 0)
        result = event.kind == BG_NOTIFY_JOB_TRANSFERRED ? bg_job_complete(job) : event.code;
    if (result < 0)
        fprintf(stderr, "hello: %s %s\n", bg_result_name(result), bg_last_error_detail());
    bg_job_release(job);
    bg_manager_release(queue);
    return result < 0;
}
