/* What the measured programs share: opening a queue, and ending with a clear message when a call fails. */
#ifndef BENCH_QUEUE_H
#define BENCH_QUEUE_H

#include <bgcopy.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(call) must((call), #call)

static inline void must(bg_result result, const char *call)
{
    if (result < 0) {
        const char *name = bg_result_name(result), *detail = bg_last_error_detail();
        fprintf(stderr, "%s: %s (0x%08x) %s\n", call, name ? name : "", (unsigned)result, detail ? detail : "");
        exit(1);
    }
}

static inline bg_manager *open_queue(const char *directory)
{
    bg_manager *manager;
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    options.directory = directory;
    MUST(bg_manager_open(&options, &manager));
    return manager;
}

#endif
