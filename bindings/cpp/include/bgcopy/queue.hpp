// queue.hpp - the queue of a directory.
#ifndef BGCOPY_QUEUE_HPP
#define BGCOPY_QUEUE_HPP

#include <bgcopy/job.hpp>

namespace bgcopy {

/// How a queue works; what is left as it is has the default of bgcopy.h.
struct queue_options {
    std::filesystem::path directory;               ///< Where it lives; empty for the user's own.
    std::uint32_t foreground_files_in_flight = 0;  ///< Files of a foreground job under way at once.
    std::uint32_t background_files_in_flight = 0;  ///< Files of a background job under way at once.
    std::uint32_t workers = 0;                     ///< Files under way at once in the whole queue.
    std::chrono::milliseconds connect_timeout{0};  ///< Longest wait for a connection.
    std::chrono::milliseconds response_timeout{0}; ///< Longest wait for a server that sends nothing.
    std::chrono::seconds retry_delay{0};           ///< Retry delay of new jobs.
};

/// An open queue: its jobs go on while it is there. Moves, does not copy; usable on any thread.
class queue {
public:
    /// Opens the user's own queue. Fails with errc::in_use while another process has it open.
    queue() : queue(queue_options()) {}

    /// Opens a queue.
    explicit queue(const queue_options &options, std::error_code &ec = throws())
    {
        bg_manager_options plain = BG_MANAGER_OPTIONS_INIT;
        const detail::text directory(options.directory);
        if (!directory.c_str()) {
            detail::check(make_error_code(BG_E_INVALIDARG), "the directory has a NUL in it", ec);
            return;
        }
        plain.directory = options.directory.empty() ? nullptr : directory.c_str();
        plain.foreground_files_in_flight = options.foreground_files_in_flight;
        plain.background_files_in_flight = options.background_files_in_flight;
        plain.workers = options.workers;
        plain.connect_timeout_ms = clamp(options.connect_timeout);
        plain.response_timeout_ms = clamp(options.response_timeout);
        plain.minimum_retry_delay_s = detail::seconds(options.retry_delay);
        handle_ = detail::take<bg_manager>(ec, [&](bg_manager **out) { return bg_manager_open(&plain, out); });
    }

    /// Creates a download without files; it waits for resume().
    job create_job(detail::text name, std::error_code &ec = throws())
    {
        return job(detail::take<bg_job>(ec, [&](bg_job **out) {
                       return bg_manager_create_job(handle_.get(), name.c_str(), BG_JOB_TYPE_DOWNLOAD, nullptr, out);
                   }).release());
    }

    /// Finds a job; empty when it is not in the queue (any more).
    std::optional<job> find(const job_id &id, std::error_code &ec = throws())
    {
        bg_job *out = nullptr;
        const bg_result result = bg_manager_get_job(handle_.get(), &id.get(), &out);
        if (!detail::check(result == BG_E_NOT_FOUND ? BG_S_FALSE : result, ec) || !out)
            return std::nullopt;
        return job(out);
    }

    /// The jobs that have not ended, in order of creation, as they are now.
    std::vector<job> jobs(std::error_code &ec = throws())
    {
        auto list = detail::take<bg_enum_jobs>(
            ec, [&](bg_enum_jobs **out) { return bg_manager_enum_jobs(handle_.get(), 0, out); });
        std::vector<job> jobs;
        bg_job *next = nullptr;
        while (list && bg_enum_jobs_next(list.get(), 1, &next, nullptr) == BG_S_OK)
            jobs.emplace_back(next);
        return jobs;
    }

    /// Downloads one file and waits for it. What fails is cancelled; what is given up by `stop` stays in the queue.
    void download(detail::text url, detail::text path, const stop_token &stop = {}, std::error_code &ec = throws())
    {
        std::error_code own;
        job one = create_job("download", own);
        if (own) {
            detail::check(own, bg_last_error_detail(), ec);
            return;
        }
        one.add_file(url.c_str(), path.c_str(), own);
        if (!own)
            one.resume(own);
        if (!own)
            one.wait(stop, own);
        std::string text = own ? bg_last_error_detail() : "";
        if (!own) {
            if (const std::optional<failure> why = one.failure(own)) {
                own = why->code;
                text = why->text;
            } else if (!own) {
                one.complete(own);
                text = bg_last_error_detail();
            }
        }
        if (own && own != errc::stopped) {
            std::error_code ignored;
            one.cancel(ignored);
        }
        detail::check(own, text.c_str(), ec);
    }

    /// Stops all transfers, makes their progress durable and lets other processes open it.
    void close(std::error_code &ec = throws()) { detail::check(bg_manager_close(handle_.get()), ec); }

    /// The handle of the C interface; borrowed.
    bg_manager *get() const noexcept { return handle_.get(); }

private:
    static std::uint32_t clamp(std::chrono::milliseconds value)
    {
        if (value.count() < 0)
            return 0;
        return value.count() > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(value.count());
    }

    detail::owned<bg_manager> handle_;
};

} // namespace bgcopy

#endif
