// Fetches BYTES at both ends of a file of SIZE bytes: ranges URL FILE BYTES SIZE
//
// The two parts lie one behind the other in the local file.
//
//     g++ -std=c++17 ranges.cpp -lbgcopy -o ranges
#include <bgcopy/bgcopy.hpp>

#include <iostream>

int main(int argc, char **argv)
try {
    if (argc != 5)
        throw std::invalid_argument("usage: ranges URL FILE BYTES SIZE");
    const std::uint64_t bytes = std::stoull(argv[3]), size = std::stoull(argv[4]);
    bgcopy::queue queue;
    bgcopy::job job = queue.create_job("ranges");
    job.set_priority(bgcopy::priority::foreground); // somebody waits
    job.add_file(argv[1], std::filesystem::absolute(argv[2]), {{0, bytes}, bgcopy::range::from(size - bytes)});
    job.resume();
    job.wait();
    if (const auto failure = job.failure()) {
        job.cancel();
        throw bgcopy::error(failure->code, failure->text);
    }
    std::cout << job.progress().bytes_transferred << " bytes\n";
    job.complete();
} catch (const std::exception &error) {
    std::cerr << "ranges: " << error.what() << '\n';
    return 1;
}
