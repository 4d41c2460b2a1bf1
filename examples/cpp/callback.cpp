// Downloads a file and completes the job inside the callback: callback URL FILE
//
//     g++ -std=c++17 callback.cpp -lbgcopy -pthread -o callback
#include <bgcopy/bgcopy.hpp>

#include <future>
#include <iostream>

int main(int argc, char **argv)
try {
    if (argc != 3)
        throw std::invalid_argument("usage: callback URL FILE");
    bgcopy::queue queue;
    std::promise<std::error_code> end;

    // They run on threads of the library, one of a job at a time.
    bgcopy::listeners listeners;
    listeners.modified = [](bgcopy::job &job) { std::cout << job.progress().bytes_transferred << " bytes" << std::endl; };
    listeners.transferred = [&end](bgcopy::job &job) {
        job.complete(); // one that throws is called again later
        end.set_value({});
    };
    listeners.failed = [&end](bgcopy::job &job, const bgcopy::failure &failure) {
        std::cerr << "callback: " << failure.text << std::endl;
        job.cancel();
        end.set_value(failure.code);
    };

    bgcopy::job job = queue.create_job("callback");
    job.add_file(argv[1], std::filesystem::absolute(argv[2]));
    job.listen(listeners);
    job.resume();
    return end.get_future().get() ? 1 : 0;
} catch (const std::exception &error) {
    std::cerr << "callback: " << error.what() << '\n';
    return 1;
}
