// The queue: opening, finding and listing jobs, downloading in one call.
#include "modern.hpp"

#include <fstream>
#include <unordered_set>

static void jobs_are_found_and_listed()
{
    bgcopy::queue queue = open_test_queue();
    CHECK(queue.jobs().empty());
    const bgcopy::job first = queue.create_job("first"), second = queue.create_job(std::string("second"));
    std::unordered_set<bgcopy::job_id> ids;
    std::string names;
    for (const bgcopy::job &job : queue.jobs()) {
        ids.insert(job.id());
        names += job.name();
    }
    CHECK(ids.size() == 2 && names == "firstsecond" && ids.count(first.id()) == 1);
    CHECK(queue.find(second.id())->name() == "second");
    CHECK(!queue.find(bgcopy::job_id()));
    const auto parsed = bgcopy::job_id::parse(first.id().str());
    CHECK(parsed && *parsed == first.id() && *parsed != second.id());
    CHECK((first.id() < second.id()) != (second.id() < first.id()));
    CHECK(!bgcopy::job_id::parse("no identifier"));
}

static void a_queue_has_one_owner_and_keeps_its_jobs()
{
    bgcopy::queue queue = open_test_queue();
    CHECK(queue.jobs().size() == 2);
    THROWS(bgcopy::errc::in_use, open_test_queue());
    bgcopy::queue other = std::move(queue);
    bgcopy::job job = std::move(other.jobs().front());
    other.close();
    THROWS(bgcopy::errc::closed, job.state());
    bgcopy::queue again = open_test_queue();
    for (bgcopy::job &left : again.jobs())
        left.cancel();
}

static void one_call_downloads_a_file()
{
    bgcopy::queue queue = open_test_queue();
    const std::filesystem::path path = path_of("one call");
    queue.download(url_of("/file/1234"), path);
    CHECK(std::filesystem::file_size(path) == 1234);

    bool explained = false;
    try {
        queue.download(url_of("/file/10?status=404"), path_of("missing"));
    } catch (const bgcopy::error &error) {
        explained = error.code() == std::error_code(BG_E_HTTP_ERROR_404, bgcopy::category()) &&
                    std::string(error.what()).find("/file/10") != std::string::npos;
    }
    CHECK(explained);
    THROWS(bgcopy::errc::invalid_argument, queue.download(url_of("/file/10"), "relative"));
    CHECK(queue.jobs().empty());

    bgcopy::stop_source stop;
    stop.request_stop();
    THROWS(bgcopy::errc::stopped, queue.download(url_of("/file/10?stall_headers"), path_of("later"), stop.token()));
    CHECK(queue.jobs().size() == 1);
}

static void bad_options_are_refused()
{
    bgcopy::queue_options options;
    options.directory = "relative";
    THROWS(bgcopy::errc::invalid_argument, bgcopy::queue{options});
    options.directory = std::string("/tmp/a\0b", 8);
    THROWS(bgcopy::errc::invalid_argument, bgcopy::queue{options});
}

int main()
{
    jobs_are_found_and_listed();
    a_queue_has_one_owner_and_keeps_its_jobs();
    one_call_downloads_a_file();
    bad_options_are_refused();
    return 0;
}
