// Limits, costs and company of a job.
#include "modern.hpp"

#include <fcntl.h>
#include <unistd.h>

static void limits_are_kept_and_hold(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/1000", "limited");
    CHECK(!job.size_limit() && job.time_limit() == std::chrono::hours(90 * 24));
    job.set_time_limit(2h);
    job.set_size_limit(999);
    CHECK(job.time_limit() == 2h && job.size_limit() == 999u);
    job.resume();
    CHECK(job.wait() == bgcopy::state::failed);
    CHECK(job.failure()->code.value() == BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
    std::error_code ec;
    job.set_size_limit(std::nullopt, ec);
    CHECK(ec.value() == BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
    job.cancel();

    job = queue.create_job("kept");
    job.set_size_limit(7);
    job.set_size_limit(std::nullopt);
    CHECK(!job.size_limit() && job.cost() == bgcopy::cost::any);
    job.set_cost(bgcopy::cost::unrestricted);
    CHECK(job.cost() == bgcopy::cost::unrestricted);
    CHECK(job.modified_interval() == 500ms);
    job.set_modified_interval(20ms);
    CHECK(job.modified_interval() == 20ms);
    CHECK(!job.on_demand());
    job.set_on_demand(true);
    CHECK(job.on_demand());
    job.set_on_demand(false);
    CHECK(!job.dynamic_content() && !job.high_performance());
    job.set_dynamic_content(true);
    job.set_high_performance(true);
    CHECK(job.dynamic_content() && job.high_performance());
    job.cancel();
}

static void programs_are_run_for_a_job(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/10", "with a program");
    CHECK(!job.notify_command());
    const std::string mark = path_of("mark");
    job.set_notify_command({"/bin/touch", "touch \"" + mark + "\""});
    CHECK(job.notify_command()->program == "/bin/touch" && job.notify_command()->arguments == "touch \"" + mark + "\"");
    job.remove_notify_command();
    CHECK(!job.notify_command());
    THROWS(bgcopy::errc::invalid_argument, job.set_notify_command({"touch", ""}));
    THROWS(bgcopy::errc::invalid_argument, job.set_notify_command({std::string("/bin/a\0b", 8), ""}));

    // A named pipe tells when it was run.
    CHECK(::mkfifo(mark.c_str(), 0600) == 0);
    job.set_notify_command({"/bin/sh", "sh -c \"echo done > '" + mark + "'\""});
    job.resume();
    const int pipe = ::open(mark.c_str(), O_RDONLY);
    char said[8] = {};
    CHECK(pipe >= 0 && ::read(pipe, said, sizeof said) == 5 && std::string(said) == "done\n");
    ::close(pipe);
    job.cancel();
}

static void copies_take_what_they_are_told_to(bgcopy::queue &queue)
{
    const std::string source = path_of("source"), copy = path_of("copy");
    const int file = ::open(source.c_str(), O_WRONLY | O_CREAT, 0600);
    CHECK(file >= 0 && ::write(file, "hello", 5) == 5 && ::fchmod(file, 0640) == 0 && ::close(file) == 0);
    bgcopy::job job = queue.create_job("a copy");
    job.set_priority(bgcopy::priority::foreground);
    CHECK(!job.copied_attributes().permissions);
    job.set_copied_attributes({false, true, true, false});
    CHECK(!job.copied_attributes().owner && job.copied_attributes().group && job.copied_attributes().permissions);
    job.add_file("file://" + source, copy);
    CHECK(!job.replace_url_prefix("http:", "https:"));
    CHECK(job.replace_url_prefix("file://" + source, source));
    CHECK(job.files()[0].url() == source);
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());
    CHECK((std::filesystem::status(copy).permissions() & std::filesystem::perms::all) ==
          static_cast<std::filesystem::perms>(0640));
}

static void files_are_reached_through_a_directory(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/100", "through a directory");
    CHECK(job.owner() == ::geteuid());
    job.take_ownership();
    const int directory = ::open(environment("BGCOPY_TEST_DIRECTORY"), O_RDONLY | O_DIRECTORY);
    CHECK(directory >= 0);
    job.set_directory(directory, true, false);
    ::close(directory);
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred);
    job.clear_directory();
    CHECK(job.complete() && std::filesystem::file_size(path_of("through a directory")) == 100);
    THROWS(bgcopy::errc::invalid_argument, queue.create_job("a").set_directory(-1, true, false));
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    limits_are_kept_and_hold(queue);
    programs_are_run_for_a_job(queue);
    copies_take_what_they_are_told_to(queue);
    files_are_reached_through_a_directory(queue);
    return 0;
}
