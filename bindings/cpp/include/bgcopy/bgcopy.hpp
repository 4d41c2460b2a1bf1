// bgcopy.hpp - background transfers for C++17, header-only over bgcopy.h.
//
//     bgcopy::queue queue;
//     bgcopy::job job = queue.create_job("a film");
//     job.add_file("https://example.org/film.mkv", std::filesystem::absolute("film.mkv"));
//     job.resume();
//     if (job.wait() == bgcopy::state::transferred)
//         job.complete();
//
// A queue lives in a directory and holds jobs; a job holds files and survives the end of the process. bgcopy.h is
// the manual of what they do. Objects own their handles, move and do not copy; strings are UTF-8.
#ifndef BGCOPY_HPP
#define BGCOPY_HPP

#include <bgcopy/log.hpp>
#include <bgcopy/queue.hpp>

#endif
