/*
 * Holds a queue of 1,000 suspended jobs open until standard input ends: suspended QUEUE_DIRECTORY DESTINATION
 *
 * Prints "ready" when the queue is at rest.
 */
#include "queue.h"

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: suspended QUEUE_DIRECTORY DESTINATION\n");
        return 2;
    }
    bg_manager *manager = open_queue(argv[1]);
    for (int i = 0; i < 1000; i++) {
        bg_job *job;
        char path[4096];
        snprintf(path, sizeof path, "%s/%d", argv[2], i);
        MUST(bg_manager_create_job(manager, "suspended", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        MUST(bg_job_add_file(job, "http://127.0.0.1:8080/large", path));
        bg_job_release(job);
    }
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    MUST(bg_manager_close(manager));
    bg_manager_release(manager);
    return 0;
}
