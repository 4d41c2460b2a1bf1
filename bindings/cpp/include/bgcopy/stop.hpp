// stop.hpp - giving up a wait from another thread.
#ifndef BGCOPY_STOP_HPP
#define BGCOPY_STOP_HPP

#include <bgcopy/error.hpp>

#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace bgcopy {

namespace detail {

/// A pipe that becomes readable once and stays so.
class latch {
public:
    explicit latch(std::error_code &ec)
    {
        if (::pipe(ends_) != 0) {
            ends_[0] = ends_[1] = -1;
            check(std::error_code(errno, std::generic_category()), "no descriptor for a stop source", ec);
            return;
        }
        for (int end : ends_)
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
        check(std::error_code(), "", ec);
    }
    latch(const latch &) = delete;
    latch &operator=(const latch &) = delete;
    ~latch()
    {
        for (int end : ends_)
            if (end >= 0)
                ::close(end);
    }

    void open() noexcept
    {
        if (opened_.exchange(true))
            return;
        while (::write(ends_[1], "", 1) < 0 && errno == EINTR) {
        }
    }

    int fd() const noexcept { return ends_[0]; }

private:
    std::atomic<bool> opened_{false};
    int ends_[2];
};

} // namespace detail

/// Lets a wait be given up; copies are the same token. A default one never gives up.
class stop_token {
public:
    stop_token() = default;

    /// Readable once the wait is to be given up; -1 for never. Borrowed: it lives as long as a token of its source.
    int fd() const noexcept { return latch_ ? latch_->fd() : -1; }

private:
    friend class stop_source;
    explicit stop_token(std::shared_ptr<detail::latch> latch) : latch_(std::move(latch)) {}

    std::shared_ptr<detail::latch> latch_;
};

/// Gives up the waits that have a token of it, also those that begin later. Any thread may do so.
class stop_source {
public:
    /// Fails when no descriptor is left.
    explicit stop_source(std::error_code &ec = throws()) : latch_(std::make_shared<detail::latch>(ec)) {}

    /// A token for a wait.
    stop_token token() const { return stop_token(latch_); }

    /// Gives up all waits. Idempotent.
    void request_stop() noexcept { latch_->open(); }

private:
    std::shared_ptr<detail::latch> latch_;
};

} // namespace bgcopy

#endif
