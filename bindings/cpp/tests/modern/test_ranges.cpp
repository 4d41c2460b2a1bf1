// Parts of files: files made of them, and parts on demand.
#include "modern.hpp"

#include <condition_variable>
#include <mutex>

static bool same(const std::vector<bgcopy::range> &left, const std::vector<bgcopy::range> &right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const auto &a, const auto &b) {
        return a.offset == b.offset && a.length == b.length;
    });
}

static void a_file_is_made_of_ranges(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("made of ranges");
    job.set_priority(bgcopy::priority::foreground);
    const std::vector<bgcopy::range> parts = {{100, 100}, {0, 10}};
    job.add_file(url_of("/file/1000?seed=1"), path_of("parts"), parts);
    job.add_file(url_of("/file/10?seed=1"), path_of("whole"));
    CHECK(same(job.files()[0].ranges(), parts) && job.files()[1].ranges().empty());
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());
    CHECK(std::filesystem::file_size(path_of("parts")) == 110);
}

static void parts_come_on_demand(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/1000?seed=4", "on demand");
    job.set_on_demand(true);
    bgcopy::file file = std::move(job.files()[0]);
    CHECK(file.filled().empty());
    file.go_on_at(500);
    file.request({{500, 100}, {0, 10}});
    THROWS(bgcopy::errc::invalid_argument, file.request({}));

    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t heard = 0;
    bgcopy::listeners who;
    who.ranges_transferred = [&](bgcopy::job &, bgcopy::file &, const std::vector<bgcopy::range> &ranges) {
        const std::lock_guard<std::mutex> lock(mutex);
        for (const bgcopy::range &one : ranges)
            heard += one.length;
        changed.notify_all();
    };
    job.listen(std::move(who));
    job.resume();
    CHECK(job.wait() == bgcopy::state::suspended);
    {
        std::unique_lock<std::mutex> lock(mutex);
        CHECK(changed.wait_for(lock, std::chrono::seconds(DEADLINE_SECONDS), [&] { return heard == 110; }));
    }
    CHECK(same(file.filled(), {{0, 10}, {500, 100}}));
    std::error_code ec;
    file.request({{1000, 1}}, ec);
    CHECK(ec.value() == BG_E_INVALID_RANGE);
    file.request({bgcopy::range::from(0)});
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    a_file_is_made_of_ranges(queue);
    parts_come_on_demand(queue);
    return 0;
}
