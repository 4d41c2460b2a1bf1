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
    std::chrono::seconds patience{0};              ///< How long new jobs are retried without getting on.
    std::chrono::seconds time_limit{0};            ///< Longest time that jobs without one of their own may move.
    std::chrono::seconds time_slice{0};            ///< Time a background job moves before others have their turn.
    std::chrono::milliseconds modified_interval{0}; ///< Least time between two calls of listeners::modified of new jobs.
    std::chrono::milliseconds checkpoint{0};       ///< Time between two moments at which progress becomes durable.
    std::uint32_t max_jobs_per_user = 0;           ///< Unfinished jobs of one user other than root.
    std::uint32_t max_files_per_job = 0;           ///< Files of a job of a user other than root.
    std::uint32_t max_ranges_per_file = 0;         ///< Ranges of a file of a job of a user other than root.
    std::uint32_t days_untouched = 0;              ///< Days after which a job that nobody touched is cancelled.
};

/// Something that happened to a job, for programs with a loop of their own.
struct event {
    /// What happened.
    enum class kind : std::uint32_t {
        transferred = BG_NOTIFY_JOB_TRANSFERRED,
        failed = BG_NOTIFY_JOB_ERROR,
        modified = BG_NOTIFY_JOB_MODIFICATION,
        file_transferred = BG_NOTIFY_FILE_TRANSFERRED,
        ranges_transferred = BG_NOTIFY_FILE_RANGES_TRANSFERRED,
    };

    kind what = kind::modified;
    job_id job;
    std::optional<std::uint32_t> file; ///< Its place in the job, where one is concerned.
    std::error_code code;              ///< Why it failed.
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
        plain.connect_timeout_ms = detail::count(options.connect_timeout);
        plain.response_timeout_ms = detail::count(options.response_timeout);
        plain.minimum_retry_delay_s = detail::seconds(options.retry_delay);
        plain.no_progress_timeout_s = detail::seconds(options.patience);
        plain.maximum_download_time_s = detail::seconds(options.time_limit);
        plain.time_slice_s = detail::seconds(options.time_slice);
        plain.notification_interval_ms = detail::count(options.modified_interval);
        plain.checkpoint_ms = detail::count(options.checkpoint);
        plain.max_jobs_per_user = options.max_jobs_per_user;
        plain.max_files_per_job = options.max_files_per_job;
        plain.max_ranges_per_file = options.max_ranges_per_file;
        plain.job_inactivity_timeout_days = options.days_untouched;
        handle_ = detail::take<bg_manager>(ec, [&](bg_manager **out) { return bg_manager_open(&plain, out); });
    }

    /// Creates a download without files; it waits for resume().
    job create_job(detail::text name, std::error_code &ec = throws())
    {
        return create(name, BG_JOB_TYPE_DOWNLOAD, ec);
    }

    /// Creates an upload without a file; it waits for resume(). job::add_file() gives it the one file: the URL that it
    /// goes to, on a server of the upload protocol of BITS, and its path.
    job create_upload(detail::text name, std::error_code &ec = throws())
    {
        return create(name, BG_JOB_TYPE_UPLOAD, ec);
    }

    /// Creates an upload that the server's application answers: job::reply() and job::set_reply_path().
    job create_upload_with_reply(detail::text name, std::error_code &ec = throws())
    {
        return create(name, BG_JOB_TYPE_UPLOAD_REPLY, ec);
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

    /// A descriptor that is readable while next_event() has something, for poll(). It is the program's own, closed with
    /// close(2). From the first call on, the events of all jobs are kept: the end and the failure
    /// of each, and what job::listen() or job::keep_events() says.
    int event_fd(std::error_code &ec = throws())
    {
        int fd = -1;
        detail::check(bg_manager_get_event_fd(handle_.get(), &fd), ec);
        return fd;
    }

    /// Takes the oldest kept event; empty when there is none. Does not wait.
    std::optional<event> next_event(std::error_code &ec = throws())
    {
        bg_event plain = BG_EVENT_INIT;
        const bg_result result = bg_manager_next_event(handle_.get(), &plain);
        if (!detail::check(result, ec) || result == BG_S_FALSE)
            return std::nullopt;
        event taken{static_cast<event::kind>(plain.kind), job_id(plain.job), {}, make_error_code(plain.code)};
        if (plain.file != BG_FILE_NONE)
            taken.file = plain.file;
        return taken;
    }

    /// Stops all transfers, makes their progress durable and lets other processes open it.
    void close(std::error_code &ec = throws()) { detail::check(bg_manager_close(handle_.get()), ec); }

    /// The handle of the C interface; borrowed.
    bg_manager *get() const noexcept { return handle_.get(); }

private:
    job create(const detail::text &name, bg_job_type type, std::error_code &ec)
    {
        return job(detail::take<bg_job>(ec, [&](bg_job **out) {
                       return bg_manager_create_job(handle_.get(), name.c_str(), type, nullptr, out);
                   }).release());
    }

    detail::owned<bg_manager> handle_;
};

} // namespace bgcopy

#endif
