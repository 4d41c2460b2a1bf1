// The same header in a program that is compiled without exceptions.
#include <bgcopy/bgcopy.hpp>

#include "check.h"

static_assert(!BGCOPY_HAS_EXCEPTIONS);

int main()
{
    std::error_code ec;
    bgcopy::queue_options options;
    options.directory = path_of("queue");
    bgcopy::queue queue(options, ec);
    CHECK(!ec);
    bgcopy::job job = queue.create_job("codes", ec);
    CHECK(!ec);
    job.resume(ec);
    CHECK(ec == bgcopy::errc::no_files);
    job.add_file(url_of("/file/100"), path_of("file"), ec);
    CHECK(!ec);
    job.resume(ec);
    CHECK(!ec && job.wait({}, ec) == bgcopy::state::transferred && !ec);
    CHECK(job.complete(ec) && !ec);
    bgcopy::queue second(options, ec);
    CHECK(ec == bgcopy::errc::in_use && second.get() == nullptr);
    second.create_job("of no queue", ec);
    CHECK(ec == bgcopy::errc::invalid_argument);
    return 0;
}
