// Listeners: what they hear, what their exceptions do, when they are destroyed.
#include "modern.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

/// Counts up on one thread, is waited for on another.
class counter {
public:
    void up()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    void wait_for(int count)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        CHECK(changed_.wait_for(lock, std::chrono::seconds(DEADLINE_SECONDS), [&] { return count_ >= count; }));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

static void a_listener_completes_the_job(bgcopy::queue &queue)
{
    counter done, files;
    bgcopy::job job = make(queue, "/file/2000", "heard");
    auto token = std::make_shared<int>(0);
    bgcopy::listeners who;
    who.file_transferred = [&, token](bgcopy::job &, bgcopy::file &file) {
        CHECK(file.progress().bytes_transferred == 2000);
        files.up();
    };
    who.transferred = [&](bgcopy::job &it) {
        CHECK(it.complete());
        done.up();
    };
    job.listen(std::move(who));
    job.resume();
    done.wait_for(1);
    files.wait_for(1);
    CHECK(job.wait() == bgcopy::state::completed);
    CHECK(token.use_count() == 2 || token.use_count() == 1);
    THROWS(bgcopy::errc::wrong_state, job.listen({}));
}

static void others_take_their_place_and_the_former_are_destroyed(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/2000", "replaced");
    auto token = std::make_shared<int>(0);
    bgcopy::listeners who;
    who.transferred = [token](bgcopy::job &) {};
    job.listen(who);
    who = {};
    CHECK(token.use_count() == 2);
    job.listen({});
    CHECK(token.use_count() == 1);
    job.unlisten();
    job.cancel();
}

static void one_that_throws_is_told_again(bgcopy::queue &queue)
{
    counter calls;
    bgcopy::job job = make(queue, "/file/10?status=410", "thrown");
    job.set_retry_delay(5s);
    bool first = true;
    bgcopy::listeners who;
    who.failed = [&](bgcopy::job &, const bgcopy::failure &failure) {
        CHECK(failure.code.value() == BG_E_HTTP_ERROR_410 && !failure.text.empty());
        calls.up();
        if (std::exchange(first, false))
            throw std::runtime_error("not now");
    };
    job.listen(std::move(who));
    job.resume();
    calls.wait_for(2);
    job.cancel();
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    a_listener_completes_the_job(queue);
    others_take_their_place_and_the_former_are_destroyed(queue);
    one_that_throws_is_told_again(queue);
    return 0;
}
