// Uploads, and the replies to them. The environment is that of tests/c/test_upload.c.
#include "modern.hpp"

#include <fstream>

static const std::string CONTENT = "what is sent";

static std::string content_of(const char *name)
{
    std::ifstream file(path_of(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Gives the job a file of that name.
static void give_file(bgcopy::job &job, const char *server, const char *name)
{
    std::ofstream(path_of(name)) << CONTENT;
    job.set_priority(bgcopy::priority::foreground);
    job.add_file(std::string(environment(server)) + name, path_of(name));
}

static void run(bgcopy::job &job)
{
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.progress().bytes_transferred == CONTENT.size());
}

static void an_upload_has_one_file_and_no_reply(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_upload("plain");
    CHECK(job.uploads() && !queue.create_job("down").uploads());
    give_file(job, "BGCOPY_TEST_REPLY", "plain");
    std::error_code ec;
    job.add_file("http://localhost/second", path_of("plain"), ec);
    CHECK(ec.value() == BG_E_TOO_MANY_FILES);
    THROWS(bgcopy::errc::not_supported, job.set_reply_path(path_of("answer")));
    THROWS(bgcopy::errc::not_supported, job.reply_path());
    THROWS(bgcopy::errc::not_supported, job.reply_progress());
    THROWS(bgcopy::errc::not_supported, job.reply());
    run(job);
    CHECK(job.complete() && content_of("replies/plain") == CONTENT);
}

static void a_reply_gets_its_name_by_complete(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_upload_with_reply("order");
    CHECK(job.uploads() && !job.reply_path());
    give_file(job, "BGCOPY_TEST_REPLY", "order");
    job.set_reply_path(std::filesystem::path(path_of("answer")));
    CHECK(job.reply_path() == path_of("answer"));
    THROWS(bgcopy::errc::invalid_argument, job.set_reply_path("relative"));
    THROWS(bgcopy::errc::invalid_argument, job.set_reply_path(std::string("/a\0b", 4)));
    CHECK(job.reply_path() == path_of("answer"));
    CHECK(!job.reply_progress().bytes_total);
    std::error_code ec;
    CHECK(job.reply(ec).empty() && ec == bgcopy::errc::wrong_state);

    run(job);
    CHECK(job.reply_progress().bytes_total == 8u && job.reply_progress().bytes_transferred == 8);
    CHECK(job.reply() == "accepted" && !std::filesystem::exists(path_of("answer")));
    CHECK(job.complete() && content_of("answer") == "accepted" && content_of("replies/order") == CONTENT);
}

static void an_upload_that_is_not_replied_to_has_an_empty_reply(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_upload_with_reply("silent");
    give_file(job, "BGCOPY_TEST_UPLOAD", "silent");
    const std::filesystem::path path = job.reply_path().value();
    CHECK(path.is_absolute() && path.filename().string().find("silent.") == 0);
    run(job);
    CHECK(job.reply().empty() && job.complete() && std::filesystem::file_size(path) == 0);
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    an_upload_has_one_file_and_no_reply(queue);
    a_reply_gets_its_name_by_complete(queue);
    an_upload_that_is_not_replied_to_has_an_empty_reply(queue);
    return 0;
}
