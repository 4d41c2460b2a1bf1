// Events for programs with a loop of their own, and the messages of the library.
#include "modern.hpp"

#include <atomic>

#include <poll.h>

static void events_wake_a_loop(bgcopy::queue &queue)
{
    CHECK(!queue.next_event());
    const int fd = queue.event_fd();
    bgcopy::job good = make(queue, "/file/2000", "good"), bad = make(queue, "/file/10?status=410", "bad");
    good.keep_events(false, true, false);
    good.resume();
    bad.resume();
    bool transferred = false, failed = false, file = false;
    while (!transferred || !failed) {
        struct pollfd wait = {fd, POLLIN, 0};
        CHECK(::poll(&wait, 1, DEADLINE_SECONDS * 1000) == 1);
        while (const std::optional<bgcopy::event> event = queue.next_event()) {
            using kind = bgcopy::event::kind;
            CHECK(event->job == (event->what == kind::failed ? bad.id() : good.id()));
            CHECK((event->what == kind::failed) == (event->code.value() == BG_E_HTTP_ERROR_410));
            CHECK((event->what == kind::transferred) == !event->file);
            transferred |= event->what == kind::transferred;
            failed |= event->what == kind::failed;
            file |= event->what == kind::file_transferred;
        }
    }
    CHECK(file && good.complete());
    bad.cancel();
    ::close(fd);
}

static void messages_are_heard_until_another_hears_them()
{
    std::atomic<int> first{0}, second{0};
    auto token = std::make_shared<int>(0);
    bgcopy::set_log([&, token](bgcopy::log_level level, std::string_view where, std::string_view message) {
        CHECK(level != bgcopy::log_level::off && level <= bgcopy::log_level::debug);
        CHECK(!where.empty() && !message.empty());
        ++first;
        throw 1;
    }, bgcopy::log_level::debug);
    bgcopy::queue queue = open_test_queue();
    events_wake_a_loop(queue);
    CHECK(first > 0 && token.use_count() == 2);
    bgcopy::set_log([&](bgcopy::log_level, std::string_view, std::string_view) { ++second; }, bgcopy::log_level::trace);
    CHECK(token.use_count() == 1);
    const int before = first;
    bgcopy::job job = make(queue, "/file/10", "another");
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());
    CHECK(first == before && second > 0);
    bgcopy::set_log(nullptr);
}

int main()
{
    messages_are_heard_until_another_hears_them();
    return 0;
}
