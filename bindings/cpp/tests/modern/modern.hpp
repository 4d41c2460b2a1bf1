// For the tests of bgcopy.hpp: tests/c/check.h, with a queue and jobs.
#ifndef MODERN_HPP
#define MODERN_HPP

#include <bgcopy/bgcopy.hpp>

#include "check.h"

using namespace std::chrono_literals;

/// The call throws exactly this code, with a text.
#define THROWS(expected, call)                                                                  \
    do {                                                                                        \
        std::error_code thrown;                                                                 \
        std::string said;                                                                       \
        try {                                                                                   \
            call;                                                                               \
        } catch (const bgcopy::error &error) {                                                  \
            thrown = error.code();                                                              \
            said = error.what();                                                                \
        }                                                                                       \
        CHECK(thrown == expected);                                                              \
        CHECK(!said.empty());                                                                   \
    } while (0)

inline bgcopy::queue open_test_queue()
{
    bgcopy::queue_options options;
    options.directory = path_of("queue");
    return bgcopy::queue(options);
}

inline bgcopy::job make(bgcopy::queue &queue, const char *target, const char *name)
{
    bgcopy::job job = queue.create_job(name);
    job.set_priority(bgcopy::priority::foreground);
    job.add_file(url_of(target), path_of(name));
    return job;
}

#endif
