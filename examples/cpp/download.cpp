// Downloads a file with a progress line: download URL FILE
//
//     g++ -std=c++17 download.cpp -lbgcopy -o download
#include <bgcopy/bgcopy.hpp>

#include <iostream>

using namespace std::chrono_literals;

static void show(const bgcopy::job_progress &progress)
{
    std::cout << progress.bytes_transferred;
    if (progress.bytes_total)
        std::cout << " of " << *progress.bytes_total;
    std::cout << " bytes" << std::endl;
}

int main(int argc, char **argv)
try {
    if (argc != 3)
        throw std::invalid_argument("usage: download URL FILE");
    bgcopy::queue queue;
    bgcopy::job job = queue.create_job("download");
    job.set_priority(bgcopy::priority::foreground); // somebody waits
    job.add_file(argv[1], std::filesystem::absolute(argv[2]));
    job.resume();
    while (!job.wait_for(500ms))
        show(job.progress());
    show(job.progress());
    if (const auto failure = job.failure()) {
        job.cancel();
        throw bgcopy::error(failure->code, failure->text);
    }
    job.complete(); // now the file has its name
} catch (const std::exception &error) {
    std::cerr << "download: " << error.what() << '\n';
    return 1;
}
