// Shows the jobs of the queue and their files until none of them runs any more: watch
//
//     g++ -std=c++17 watch.cpp -lbgcopy -o watch
#include <bgcopy/bgcopy.hpp>

#include <iostream>
#include <thread>

static const char *const states[] = {"queued",          "connecting",  "transferring", "suspended", "error",
                                     "transient error", "transferred", "completed",    "cancelled"};

// Shows all jobs; true when one of them runs.
static bool show(const std::vector<bgcopy::job> &jobs)
{
    bool running = false;
    std::cout << jobs.size() << " jobs\n";
    for (const bgcopy::job &job : jobs) {
        std::cout << job.name() << ": " << states[static_cast<int>(job.state())] << '\n';
        for (const bgcopy::file &file : job.files())
            std::cout << "    " << file.url() << ": " << file.progress().bytes_transferred << " bytes\n";
        running = running || !job.wait_for(std::chrono::seconds(0));
    }
    std::cout << std::flush;
    return running;
}

int main()
try {
    bgcopy::queue queue;
    while (show(queue.jobs()))
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
} catch (const std::exception &error) {
    std::cerr << "watch: " << error.what() << '\n';
    return 1;
}
