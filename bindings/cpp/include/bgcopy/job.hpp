// job.hpp - a job: files that are transferred together.
#ifndef BGCOPY_JOB_HPP
#define BGCOPY_JOB_HPP

#include <bgcopy/access.hpp>
#include <bgcopy/file.hpp>
#include <bgcopy/stop.hpp>

#include <exception>
#include <utility>
#include <vector>

#if __cplusplus >= 202002L
#include <version>
#endif
#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace bgcopy {

class job;

/// Who hears what happens to a job; empty ones are not called.
///
/// They are called on threads of the library, at most one of a job at a time, and may use everything. One that
/// throws has not taken the news: it is told again later. They are kept until others are set or the queue is
/// closed; what they capture must live as long.
struct listeners {
    std::function<void(job &)> transferred;                 ///< All files are there: time for complete().
    std::function<void(job &, const failure &)> failed;     ///< The job needs somebody.
    std::function<void(job &)> modified;                    ///< Bytes moved, or a setting changed.
    std::function<void(job &, file &)> file_transferred;    ///< One file is there, in order of addition.
    /// Parts of a file arrived since the last time.
    std::function<void(job &, file &, const std::vector<range> &)> ranges_transferred;
};

/// Whether a server is the right one, by its certificate: false, or an exception, declines it. Called on a thread of the
/// library after the usual checks, once for each connection to a server that was not accepted yet; the transfer waits
/// for it. It must not complete or cancel a job or close the queue.
using certificate_check = std::function<bool(job &, file &, const server_certificate &)>;

/// A job of a queue. Moves, does not copy; usable on any thread. Letting go of it leaves the job in its queue.
class job {
public:
    /// Takes over a reference of the C interface.
    explicit job(bg_job *adopted) noexcept : handle_(adopted) {}

    /// Adds a file: a URL and an absolute path in a directory that exists.
    void add_file(detail::text url, detail::text path, std::error_code &ec = throws())
    {
        detail::check(bg_job_add_file(handle_.get(), url.c_str(), path.c_str()), ec);
    }

    /// Adds a file that is made of parts of the remote one, one behind the other in this order.
    void add_file(detail::text url, detail::text path, const std::vector<range> &ranges,
                  std::error_code &ec = throws())
    {
        const std::vector<bg_file_range> plain = detail::plain(ranges);
        detail::check(bg_job_add_file_with_ranges(handle_.get(), url.c_str(), path.c_str(),
                                                  static_cast<std::uint32_t>(plain.size()), plain.data()),
                      ec);
    }

    /// Adds files, all or none: pairs of a URL and a path.
    void add_files(const std::vector<std::pair<std::string, std::filesystem::path>> &files,
                   std::error_code &ec = throws())
    {
        std::vector<bg_file_info> infos;
        infos.reserve(files.size());
        for (const auto &[url, path] : files)
            infos.push_back({detail::text(url).c_str(), detail::text(path).c_str()});
        detail::check(bg_job_add_file_set(handle_.get(), static_cast<std::uint32_t>(infos.size()), infos.data()), ec);
    }

    /// The files, in order of addition.
    std::vector<file> files(std::error_code &ec = throws()) const
    {
        auto list = detail::take<bg_enum_files>(
            ec, [&](bg_enum_files **out) { return bg_job_enum_files(handle_.get(), out); });
        std::vector<file> files;
        bg_file *next = nullptr;
        while (list && bg_enum_files_next(list.get(), 1, &next, nullptr) == BG_S_OK)
            files.emplace_back(next);
        return files;
    }

    /// Starts it, or tries again after a failure.
    void resume(std::error_code &ec = throws()) { detail::check(bg_job_resume(handle_.get()), ec); }

    /// Stops it; what arrived is kept.
    void suspend(std::error_code &ec = throws()) { detail::check(bg_job_suspend(handle_.get()), ec); }

    /// Ends it and deletes what it fetched.
    void cancel(std::error_code &ec = throws()) { detail::check(bg_job_cancel(handle_.get()), ec); }

    /// Gives the files that are there their names, durably, and ends it. True when every file was there.
    bool complete(std::error_code &ec = throws())
    {
        const bg_result result = bg_job_complete(handle_.get());
        return detail::check(result, ec) && result != BG_S_PARTIAL_COMPLETE;
    }

    /// Waits until it rests: transferred, failed, suspended, completed or cancelled. Gives that state.
    bgcopy::state wait(const stop_token &stop = {}, std::error_code &ec = throws()) const
    {
        return wait_until_rest(-1, stop, ec).value_or(bgcopy::state::queued);
    }

    /// Waits for a time at most; empty when it was over first.
    template <class Rep, class Period>
    std::optional<bgcopy::state> wait_for(std::chrono::duration<Rep, Period> timeout, const stop_token &stop = {},
                                          std::error_code &ec = throws()) const
    {
        return wait_until_rest(detail::milliseconds(timeout), stop, ec);
    }

#if defined(__cpp_lib_jthread)
    /// Waits with a token of the standard library.
    template <class Token, std::enable_if_t<std::is_same_v<Token, std::stop_token>, int> = 0>
    bgcopy::state wait(const Token &stop, std::error_code &ec = throws()) const
    {
        stop_source source(ec);
        if (ec)
            return bgcopy::state::queued;
        std::stop_callback callback(stop, [&source] { source.request_stop(); });
        return wait(source.token(), ec);
    }
#endif

    /// The identifier.
    job_id id(std::error_code &ec = throws()) const
    {
        return job_id(detail::take_value<bg_guid>(ec, [&](bg_guid *out) { return bg_job_get_id(handle_.get(), out); }));
    }

    /// Whether it sends its file, and fetches none.
    bool uploads(std::error_code &ec = throws()) const
    {
        return number<std::int32_t>(bg_job_get_type, ec) != BG_JOB_TYPE_DOWNLOAD;
    }

    /// What it is doing.
    bgcopy::state state(std::error_code &ec = throws()) const
    {
        return static_cast<bgcopy::state>(number<std::int32_t>(bg_job_get_state, ec));
    }

    /// How far it is.
    job_progress progress(std::error_code &ec = throws()) const
    {
        bg_job_progress value = BG_JOB_PROGRESS_INIT;
        if (!detail::check(bg_job_get_progress(handle_.get(), &value), ec))
            return {};
        return {value.bytes_transferred, detail::known(value.bytes_total), value.files_transferred, value.files_total};
    }

    /// When things happened.
    job_times times(std::error_code &ec = throws()) const
    {
        bg_job_times value = BG_JOB_TIMES_INIT;
        if (!detail::check(bg_job_get_times(handle_.get(), &value), ec))
            return {};
        job_times times{detail::time_point(value.creation_time), detail::time_point(value.modification_time), {}};
        if (value.transfer_completion_time != 0)
            times.transferred = detail::time_point(value.transfer_completion_time);
        return times;
    }

    /// What went wrong, while it has failed or is retried.
    std::optional<bgcopy::failure> failure(std::error_code &ec = throws()) const
    {
        bg_error *out = nullptr;
        const bg_result result = bg_job_get_error(handle_.get(), &out);
        if (result == BG_E_ERROR_INFORMATION_UNAVAILABLE || !detail::check(result, ec))
            return std::nullopt;
        detail::check(BG_S_OK, ec);
        return describe(detail::owned<bg_error>(out).get());
    }

    /// Failures so far.
    std::uint32_t error_count(std::error_code &ec = throws()) const
    {
        return number<std::uint32_t>(bg_job_get_error_count, ec);
    }

    /// The name for people.
    std::string name(std::error_code &ec = throws()) const { return string(bg_job_get_display_name, ec); }

    /// Sets the name for people, of at most 256 characters.
    void set_name(detail::text name, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_display_name(handle_.get(), name.c_str()), ec);
    }

    /// The description for people.
    std::string description(std::error_code &ec = throws()) const { return string(bg_job_get_description, ec); }

    /// Sets the description, of at most 1,024 characters.
    void set_description(detail::text description, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_description(handle_.get(), description.c_str()), ec);
    }

    /// Whose turn it has.
    bgcopy::priority priority(std::error_code &ec = throws()) const
    {
        return static_cast<bgcopy::priority>(number<std::int32_t>(bg_job_get_priority, ec));
    }

    /// Changes whose turn it has, also while it moves.
    void set_priority(bgcopy::priority priority, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_priority(handle_.get(), static_cast<std::int32_t>(priority)), ec);
    }

    /// How long it waits before it is tried again.
    std::chrono::seconds retry_delay(std::error_code &ec = throws()) const
    {
        return std::chrono::seconds(number<std::uint32_t>(bg_job_get_minimum_retry_delay, ec));
    }

    /// Sets how long it waits before it is tried again; at least 5 seconds.
    void set_retry_delay(std::chrono::seconds delay, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_minimum_retry_delay(handle_.get(), detail::seconds(delay)), ec);
    }

    /// How long it is retried without getting on before it fails.
    std::chrono::seconds patience(std::error_code &ec = throws()) const
    {
        return std::chrono::seconds(number<std::uint32_t>(bg_job_get_no_progress_timeout, ec));
    }

    /// Sets how long it is retried without getting on; zero lets every error be final.
    void set_patience(std::chrono::seconds patience, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_no_progress_timeout(handle_.get(), detail::seconds(patience)), ec);
    }

    /// The longest time it may spend moving.
    std::chrono::seconds time_limit(std::error_code &ec = throws()) const
    {
        return std::chrono::seconds(number<std::uint32_t>(bg_job_get_maximum_download_time, ec));
    }

    /// Sets the longest time it may spend moving; then it fails, and resume() begins at zero.
    void set_time_limit(std::chrono::seconds limit, std::error_code &ec = throws())
    {
        detail::check(bg_job_set_maximum_download_time(handle_.get(), detail::seconds(limit)), ec);
    }

    // What follows is defined in job_settings.hpp.

    /// The most bytes it may fetch; empty for no limit.
    std::optional<std::uint64_t> size_limit(std::error_code &ec = throws()) const;
    /// Sets the most bytes of all its files together, before its first resume(); empty for no limit. It fails before the
    /// file that is too much.
    void set_size_limit(std::optional<std::uint64_t> limit, std::error_code &ec = throws());
    /// On connections of which costs it may move. A job whose flags were set to others through C gives a value without a
    /// name.
    bgcopy::cost cost(std::error_code &ec = throws()) const;
    /// Says on connections of which costs it may move.
    void set_cost(bgcopy::cost cost, std::error_code &ec = throws());
    /// Whether it fetches only what is requested of its files.
    bool on_demand(std::error_code &ec = throws()) const;
    /// Lets it fetch only what file::request() asks for. It is suspended once it has all of that.
    void set_on_demand(bool on_demand, std::error_code &ec = throws());
    /// Whether servers may make the content while they send it.
    bool dynamic_content(std::error_code &ec = throws()) const;
    /// Takes content that servers make while they send it: without size and ranges, from its beginning after every
    /// interruption, in the foreground only. Until the first resume().
    void set_dynamic_content(bool dynamic, std::error_code &ec = throws());
    /// Whether bytes go to the final paths at once.
    bool high_performance(std::error_code &ec = throws()) const;
    /// Lets bytes go to the final paths at once, and no progress be kept on disk: for many small files. What is there
    /// stays when it is cancelled. Until the first file is added.
    void set_high_performance(bool high_performance, std::error_code &ec = throws());
    /// The least time between two calls of listeners::modified.
    std::chrono::milliseconds modified_interval(std::error_code &ec = throws()) const;
    /// Sets the least time between two calls of listeners::modified.
    void set_modified_interval(std::chrono::milliseconds interval, std::error_code &ec = throws());
    /// What files take from their sources when they are copied.
    bgcopy::copied_attributes copied_attributes(std::error_code &ec = throws()) const;
    /// Says what files take from their sources when they are copied.
    void set_copied_attributes(const bgcopy::copied_attributes &what, std::error_code &ec = throws());
    /// The program that is run for it; empty when there is none.
    std::optional<bgcopy::notify_command> notify_command(std::error_code &ec = throws()) const;
    /// Sets the program that is run when it is transferred or has failed. Where somebody listens, only for what is
    /// listened to, and when the listener throws.
    void set_notify_command(const bgcopy::notify_command &command, std::error_code &ec = throws());
    /// Lets no program be run.
    void remove_notify_command(std::error_code &ec = throws());
    /// Replaces the beginning of the URLs that begin with `before`, all or none. True when there was one.
    bool replace_url_prefix(detail::text before, detail::text after, std::error_code &ec = throws());
    /// The user id of whom it belongs to.
    std::uint32_t owner(std::error_code &ec = throws()) const;
    /// Makes the caller its owner. What may hold passwords is taken away.
    void take_ownership(std::error_code &ec = throws());
    /// Reaches its files below this open directory, whoever can reach that path: the local ones when `local`, those that
    /// it copies when `remote`. The descriptor is duplicated. It lasts as long as the process has the queue open.
    void set_directory(int directory, bool local, bool remote, std::error_code &ec = throws());
    /// Reaches its files by their paths.
    void clear_directory(std::error_code &ec = throws());

    // What follows is defined in job_reply.hpp; errc::not_supported for jobs of which no reply is expected.

    /// Where the reply gets its name by complete(); empty before it was set or the file added.
    std::optional<std::filesystem::path> reply_path(std::error_code &ec = throws()) const;
    /// Sets where the reply goes, an absolute path, before it is fetched; left out or empty, a name made from that of the
    /// uploaded file.
    void set_reply_path(detail::text path, std::error_code &ec = throws());
    /// How far the reply is.
    bgcopy::reply_progress reply_progress(std::error_code &ec = throws()) const;
    /// The bytes of the reply, once it is transferred; none when the server did not answer. errc::too_large for more than
    /// 1 MiB: complete() puts it into its file, whatever its size.
    std::string reply(std::error_code &ec = throws()) const;

    // What follows is defined in job_access.hpp.

    /// The header lines that are sent with every request; empty when none were set. errc::access_denied once they are
    /// hidden.
    std::string headers(std::error_code &ec = throws()) const;
    /// Sets header lines that are sent with every request, each ending with CR LF; empty for none. They are encrypted on
    /// disk.
    void set_headers(detail::text lines, std::error_code &ec = throws());
    /// Lets nobody read the header lines any more, also those that are set later; they are still sent.
    void hide_headers(std::error_code &ec = throws());
    /// The HTTP method that fetches its files.
    std::string http_method(std::error_code &ec = throws()) const;
    /// Sets the HTTP method that fetches its files, before its first resume(). One other than GET puts it into the
    /// foreground, and is never repeated by itself.
    void set_http_method(detail::text method, std::error_code &ec = throws());
    /// Sets a user name and a password for those who ask in this way, in place of earlier ones; they are encrypted on
    /// disk. Nothing is sent before somebody asks.
    void set_credentials(auth_target target, auth_scheme scheme, detail::text user, detail::text password,
                         std::error_code &ec = throws());
    /// Takes them away. True when there were some.
    bool remove_credentials(auth_target target, auth_scheme scheme, std::error_code &ec = throws());
    /// Whether the user's netrc file answers a proxy that asks.
    bool proxy_netrc(std::error_code &ec = throws()) const;
    /// Lets `$NETRC`, else `~/.netrc`, answer a proxy that asks and for which there are no credentials.
    void set_proxy_netrc(bool use, std::error_code &ec = throws());
    /// Which proxies it uses.
    proxy_settings proxy(std::error_code &ec = throws()) const;
    /// Says which proxies it uses.
    void set_proxy(const proxy_settings &settings, std::error_code &ec = throws());
    /// What of servers is checked, and whom it follows.
    bgcopy::security security(std::error_code &ec = throws()) const;
    /// Says what of servers is checked, and whom it follows.
    void set_security(const bgcopy::security &security, std::error_code &ec = throws());
    /// The certificate that it shows to servers that ask for one; empty when there is none.
    std::optional<bgcopy::client_certificate> client_certificate(std::error_code &ec = throws()) const;
    /// Sets the certificate that it shows, by its hash. Fails when it is not in the store.
    void set_client_certificate(store_location location, detail::text store, const certificate_hash &hash,
                                std::error_code &ec = throws());
    /// Sets the certificate that it shows: the first of the store with this text in its subject.
    void set_client_certificate(store_location location, detail::text store, detail::text subject,
                                std::error_code &ec = throws());
    /// Lets it show none. True when there was one.
    bool remove_client_certificate(std::error_code &ec = throws());
    /// Lets the program look at the certificates of servers, in place of an earlier check; an empty one ends that. While
    /// it is suspended, failed or transferred.
    void set_certificate_check(certificate_check check, std::error_code &ec = throws());

    /// Lets others hear what happens to it, in place of those before; none of those is called any more afterwards.
    void listen(listeners who, std::error_code &ec = throws())
    {
        std::uint32_t flags = 0;
        flags |= who.transferred ? BG_NOTIFY_JOB_TRANSFERRED : 0u;
        flags |= who.failed ? BG_NOTIFY_JOB_ERROR : 0u;
        flags |= who.modified ? BG_NOTIFY_JOB_MODIFICATION : 0u;
        flags |= who.file_transferred ? BG_NOTIFY_FILE_TRANSFERRED : 0u;
        flags |= who.ranges_transferred ? BG_NOTIFY_FILE_RANGES_TRANSFERRED : 0u;
        if (!detail::check(bg_job_set_notify_flags(handle_.get(), flags), ec))
            return;
        bg_callbacks callbacks = BG_CALLBACKS_INIT;
        callbacks.job_transferred = [](void *data, bg_job *about) {
            return told(data, about, &listeners::transferred);
        };
        callbacks.job_error = [](void *data, bg_job *about, bg_error *error) {
            return told(data, about, &listeners::failed, describe(error));
        };
        callbacks.job_modification = [](void *data, bg_job *about) { return told(data, about, &listeners::modified); };
        callbacks.file_transferred = [](void *data, bg_job *about, bg_file *which) {
            file one(bg_file_retain(which));
            return told(data, about, &listeners::file_transferred, one);
        };
        callbacks.file_ranges_transferred = [](void *data, bg_job *about, bg_file *which, std::uint32_t count,
                                               const bg_file_range *arrived) {
            file one(bg_file_retain(which));
            std::vector<range> ranges;
            for (std::uint32_t i = 0; i < count; ++i)
                ranges.push_back({arrived[i].initial_offset, arrived[i].length});
            return told(data, about, &listeners::ranges_transferred, one, ranges);
        };
        callbacks.destroy = [](void *data) { delete static_cast<listeners *>(data); };
        auto kept = std::make_unique<listeners>(std::move(who));
        // On failure nothing is registered, and nothing is destroyed by the library.
        if (detail::check(bg_job_set_callbacks(handle_.get(), &callbacks, kept.get()), ec))
            kept.release();
    }

    /// Says what queue::next_event() gives of it, where nobody listens: its end and its failure always, and these.
    void keep_events(bool modified, bool files, bool ranges, std::error_code &ec = throws())
    {
        const std::uint32_t flags = BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR |
                                    (modified ? BG_NOTIFY_JOB_MODIFICATION : 0u) |
                                    (files ? BG_NOTIFY_FILE_TRANSFERRED : 0u) |
                                    (ranges ? BG_NOTIFY_FILE_RANGES_TRANSFERRED : 0u);
        detail::check(bg_job_set_notify_flags(handle_.get(), flags), ec);
    }

    /// Lets nobody hear it any more.
    void unlisten(std::error_code &ec = throws())
    {
        detail::check(bg_job_set_callbacks(handle_.get(), nullptr, nullptr), ec);
    }

    /// The handle of the C interface; borrowed.
    bg_job *get() const noexcept { return handle_.get(); }

private:
    template <class T> T number(bg_result (*getter)(bg_job *, T *), std::error_code &ec) const
    {
        return detail::take_value<T>(ec, [&](T *out) { return getter(handle_.get(), out); });
    }

    bg_job_property_value property(BITS_JOB_PROPERTY_ID which, std::error_code &ec) const
    {
        return detail::take_value<bg_job_property_value>(
            ec, [&](bg_job_property_value *out) { return bg_job_get_property(handle_.get(), which, out); });
    }

    void set_property(BITS_JOB_PROPERTY_ID which, bg_job_property_value value, std::error_code &ec)
    {
        detail::check(bg_job_set_property(handle_.get(), which, value), ec);
    }

    std::string string(bg_result (*getter)(bg_job *, char **), std::error_code &ec) const
    {
        return detail::take_string(ec, [&](char **out) { return getter(handle_.get(), out); });
    }

    std::optional<bgcopy::state> wait_until_rest(std::int64_t milliseconds, const stop_token &stop,
                                                 std::error_code &ec) const
    {
        bg_job_state state = BG_JOB_STATE_QUEUED;
        const bg_result result = bg_job_wait(handle_.get(), milliseconds, stop.fd(), &state);
        if (!detail::check(result, ec) || result == BG_S_FALSE)
            return std::nullopt;
        return static_cast<bgcopy::state>(state);
    }

    static bgcopy::failure describe(bg_error *error)
    {
        bgcopy::failure failure;
        bg_error_context context = BG_ERROR_CONTEXT_NONE;
        bg_result code = BG_S_OK;
        std::error_code ignored;
        bg_error_get_error(error, &context, &code);
        failure.code = make_error_code(code);
        failure.context = static_cast<error_context>(context);
        failure.text = detail::take_string(ignored, [&](char **out) { return bg_error_get_text(error, out); });
        bg_file *which = nullptr;
        if (bg_error_get_file(error, &which) >= 0)
            failure.file = file(which).index(ignored);
        return failure;
    }

    template <class Function, class... Arguments>
    static bg_result told(void *data, bg_job *about, Function listeners::*who, Arguments &&...arguments) noexcept
    {
        const Function &function = static_cast<listeners *>(data)->*who;
        if (!function)
            return BG_S_OK;
        return guarded([&]() -> bg_result {
            job one(bg_job_retain(about));
            function(one, std::forward<Arguments>(arguments)...);
            return BG_S_OK;
        });
    }

    /// Calls into the program: what it throws must not reach the library.
    template <class Call> static bg_result guarded(Call call) noexcept
    {
#if BGCOPY_HAS_EXCEPTIONS
        try {
            return call();
        } catch (...) {
            return BG_E_FAIL;
        }
#else
        return call();
#endif
    }

    detail::owned<bg_job> handle_;
};

} // namespace bgcopy

#include <bgcopy/job_access.hpp>
#include <bgcopy/job_reply.hpp>
#include <bgcopy/job_settings.hpp>

#endif
