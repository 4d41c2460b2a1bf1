// Waiting: with a time limit, and until another thread gives it up.
#include "modern.hpp"

#include <thread>

int main()
{
    bgcopy::queue queue = open_test_queue();
    bgcopy::job job = make(queue, "/file/1000?stall_headers", "stuck");
    CHECK(job.wait() == bgcopy::state::suspended);
    job.resume();
    CHECK(!job.wait_for(0s) && !job.wait_for(1ms) && !job.wait_for(-1s));

    bgcopy::stop_source stop;
    const bgcopy::stop_token token = stop.token();
    std::thread waiter([&] {
        std::error_code ec;
        job.wait(token, ec);
        CHECK(ec == bgcopy::errc::stopped && ec == std::errc::operation_canceled);
    });
    stop.request_stop();
    stop.request_stop();
    waiter.join();
    THROWS(bgcopy::errc::stopped, job.wait_for(std::chrono::hours::max(), token));

#ifdef __cpp_lib_jthread
    std::stop_source standard;
    standard.request_stop();
    THROWS(bgcopy::errc::stopped, job.wait(standard.get_token()));
#endif

    std::thread canceller([&] { job.cancel(); });
    CHECK(job.wait() == bgcopy::state::cancelled);
    canceller.join();
    return 0;
}
