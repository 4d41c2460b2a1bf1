// Jobs and files: life, settings, failures, errors as exceptions and as codes.
#include "modern.hpp"

#include <type_traits>

static_assert(!std::is_copy_constructible_v<bgcopy::job> && std::is_nothrow_move_constructible_v<bgcopy::job>);
static_assert(!std::is_copy_constructible_v<bgcopy::queue> && std::is_nothrow_move_constructible_v<bgcopy::queue>);

static void a_download_goes_through_its_states(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("film");
    const auto now = std::chrono::system_clock::now();
    CHECK(job.state() == bgcopy::state::suspended && job.files().empty());
    CHECK(job.times().created > now - 1min && job.times().created < now + 1min && !job.times().transferred);
    const std::string url = url_of("/file/3000?seed=1");
    job.add_files({{url, path_of("a")}, {url_of("/file/20"), path_of("b")}});
    std::vector<bgcopy::file> files = job.files();
    CHECK(files.size() == 2 && files[0].url() == url && files[0].path() == path_of("a") && files[1].index() == 1);
    CHECK(files[0].response_headers().empty());
    CHECK(!job.progress().bytes_total && job.progress().files_total == 2);

    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred);
    CHECK(job.progress().bytes_transferred == 3020 && job.progress().bytes_total == 3020u);
    CHECK(job.times().transferred && !job.failure());
    CHECK(std::filesystem::file_size(files[0].temporary_path()) == 3000);
    CHECK(!files[0].progress().published && !files[0].valid());
    files[0].set_valid(true);
    CHECK(files[0].valid());
    CHECK(files[0].response_headers().rfind("HTTP/1.1 20", 0) == 0);
    CHECK(job.complete());
    CHECK(job.state() == bgcopy::state::completed && std::filesystem::file_size(path_of("a")) == 3000);
    CHECK(files[0].progress().published);
    THROWS(bgcopy::errc::wrong_state, job.resume());
}

static void settings_are_kept(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("settings");
    job.set_name("another name");
    job.set_description(std::string_view("what it is for").substr(0, 4));
    job.set_priority(bgcopy::priority::high);
    job.set_retry_delay(90s);
    job.set_patience(2h);
    CHECK(job.name() == "another name" && job.description() == "what");
    CHECK(job.priority() == bgcopy::priority::high && job.retry_delay() == 90s && job.patience() == 2h);
    job.set_headers("X-Test: yes\r\n");
    job.set_patience(std::chrono::hours(2000000));
    CHECK(job.patience() == std::chrono::seconds(UINT32_MAX));
    job.set_patience(-1s);
    CHECK(job.patience() == 0s);
    THROWS(bgcopy::errc::invalid_argument, job.set_name(std::string("a\0b", 3)));
    CHECK(job.name() == "another name");
    job.cancel();
}

static void a_failure_is_described(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/10?status=404&fail_first=1", "failed");
    job.resume();
    CHECK(job.wait() == bgcopy::state::failed);
    const std::optional<bgcopy::failure> failure = job.failure();
    CHECK(failure && failure->code.value() == BG_E_HTTP_ERROR_404 && failure->file == 0u);
    CHECK(failure->context == bgcopy::error_context::remote_file);
    CHECK(failure->text.find("/file/10") != std::string::npos && job.error_count() == 1);
    job.files()[0].set_url(url_of("/file/10"));
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());
}

static void codes_take_the_place_of_exceptions(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("codes");
    std::error_code ec = make_error_code(std::errc::io_error);
    job.set_name("good", ec);
    CHECK(!ec);
    job.resume(ec);
    CHECK(ec == bgcopy::errc::no_files && ec.category() == bgcopy::category());
    CHECK(ec.message().find("BG_E_EMPTY") != std::string::npos);
    job.add_file("ftp://example.org/", path_of("x"), ec);
    CHECK(ec == bgcopy::errc::invalid_argument && ec == std::errc::invalid_argument);
    job.add_file(url_of("/file/1"), "/no/such/directory/x", ec);
    CHECK(ec == std::errc::no_such_file_or_directory);
    job.cancel(ec);
    CHECK(!ec);
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    a_download_goes_through_its_states(queue);
    settings_are_kept(queue);
    a_failure_is_described(queue);
    codes_take_the_place_of_exceptions(queue);
    return 0;
}
