// A program of somebody who has installed the library: fetch URL /absolute/path
#include <bgcopy/bgcopy.hpp>

#include <iostream>

int main(int argc, char **argv)
try {
    if (argc != 3)
        throw std::invalid_argument("fetch URL /absolute/path");
    bgcopy::queue queue;
    bgcopy::job job = queue.create_job("fetch");
    job.add_file(argv[1], argv[2]);
    job.resume();
    if (job.wait_for(std::chrono::minutes(1)) != bgcopy::state::transferred)
        throw std::runtime_error("it did not arrive");
    job.complete();
    std::cout << "fetched " << argv[1] << '\n';
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
