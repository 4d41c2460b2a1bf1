// Downloads a file and survives being killed: resume URL FILE
//
// Run it, kill it in any way, run it again: it goes on where it was.
//
//     g++ -std=c++17 resume.cpp -lbgcopy -o resume
#include <bgcopy/bgcopy.hpp>

#include <iostream>

// The job for this file that an earlier run has left, or a new one.
static bgcopy::job find_or_create(bgcopy::queue &queue, const std::string &url, const std::filesystem::path &path)
{
    for (bgcopy::job &job : queue.jobs())
        for (const bgcopy::file &file : job.files())
            if (file.url() == url && file.path() == path) {
                std::cout << "continuing at " << job.progress().bytes_transferred << " bytes\n";
                return std::move(job);
            }
    bgcopy::job job = queue.create_job("resume");
    job.set_priority(bgcopy::priority::foreground); // somebody waits
    job.add_file(url, path);
    return job;
}

int main(int argc, char **argv)
try {
    if (argc != 3)
        throw std::invalid_argument("usage: resume URL FILE");
    bgcopy::queue queue; // what was under way goes on from here
    bgcopy::job job = find_or_create(queue, argv[1], std::filesystem::absolute(argv[2]));
    job.resume(); // also after an error of an earlier run
    if (job.wait() == bgcopy::state::transferred) {
        job.complete();
        return 0;
    }
    if (const auto failure = job.failure())
        std::cerr << "resume: " << failure->text << "\nRun the same command again to go on from here.\n";
    return 1;
} catch (const std::exception &error) {
    std::cerr << "resume: " << error.what() << '\n';
    return 1;
}
