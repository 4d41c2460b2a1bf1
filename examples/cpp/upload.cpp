// Uploads a file and shows how far it is: upload FILE URL [FILE FOR THE REPLY]
//
// The server is bgcopy-server or another one that takes BITS uploads. With a place for the reply, what the server's
// application answers is put there and printed.
//
//     g++ -std=c++17 upload.cpp -lbgcopy -o upload
#include <bgcopy/bgcopy.hpp>

#include <iostream>

using namespace std::chrono_literals;

static void show(const bgcopy::job_progress &progress)
{
    std::cout << progress.bytes_transferred << " of " << progress.bytes_total.value_or(0) << " bytes" << std::endl;
}

static void print_reply(const bgcopy::job &job)
{
    std::error_code ec;
    const std::string reply = job.reply(ec);
    if (ec == bgcopy::errc::too_large)
        std::cout << "the reply is in " << *job.reply_path() << '\n';
    else
        std::cout << reply << '\n';
}

int main(int argc, char **argv)
try {
    if (argc != 3 && argc != 4)
        throw std::invalid_argument("usage: upload FILE URL [FILE FOR THE REPLY]");
    const bool replies = argc == 4;
    bgcopy::queue queue;
    bgcopy::job job = replies ? queue.create_upload_with_reply("upload") : queue.create_upload("upload");
    try {
        job.set_priority(bgcopy::priority::foreground); // somebody waits
        job.add_file(argv[2], std::filesystem::absolute(argv[1]));
        if (replies)
            job.set_reply_path(std::filesystem::absolute(argv[3]));
        job.resume();
    } catch (const bgcopy::error &) {
        job.cancel(); // nothing of a failed start is left in the queue
        throw;
    }
    while (!job.wait_for(500ms))
        show(job.progress());
    show(job.progress());
    if (const auto failure = job.failure()) {
        job.cancel();
        throw bgcopy::error(failure->code, failure->text);
    }
    if (replies)
        print_reply(job);
    job.complete(); // now the reply has its name
} catch (const std::exception &error) {
    std::cerr << "upload: " << error.what() << '\n';
    return 1;
}
