// types.hpp - the values that queues, jobs and files are described with.
#ifndef BGCOPY_TYPES_HPP
#define BGCOPY_TYPES_HPP

#include <bgcopy/error.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bgcopy {

/// Whose turn a job has. Jobs in the foreground all move at once; of the others one moves at a time.
enum class priority : int32_t {
    foreground = BG_JOB_PRIORITY_FOREGROUND,
    high = BG_JOB_PRIORITY_HIGH,
    normal = BG_JOB_PRIORITY_NORMAL,
    low = BG_JOB_PRIORITY_LOW,
};

/// What a job is doing.
enum class state : int32_t {
    queued = BG_JOB_STATE_QUEUED,                    ///< It waits for its turn.
    connecting = BG_JOB_STATE_CONNECTING,            ///< It connects to the server.
    transferring = BG_JOB_STATE_TRANSFERRING,        ///< Bytes arrive.
    suspended = BG_JOB_STATE_SUSPENDED,              ///< It waits for resume().
    failed = BG_JOB_STATE_ERROR,                     ///< It needs somebody: failure() says why.
    retrying = BG_JOB_STATE_TRANSIENT_ERROR,         ///< It is tried again by itself.
    transferred = BG_JOB_STATE_TRANSFERRED,          ///< It waits for complete().
    completed = BG_JOB_STATE_ACKNOWLEDGED,           ///< Its files have their names.
    cancelled = BG_JOB_STATE_CANCELLED,              ///< What it fetched is gone.
};

/// The side an error belongs to.
enum class error_context : int32_t {
    none = BG_ERROR_CONTEXT_NONE,
    unknown = BG_ERROR_CONTEXT_UNKNOWN,
    queue = BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER,
    notification = BG_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION,
    local_file = BG_ERROR_CONTEXT_LOCAL_FILE,
    remote_file = BG_ERROR_CONTEXT_REMOTE_FILE,
    network = BG_ERROR_CONTEXT_GENERAL_TRANSPORT,
    remote_application = BG_ERROR_CONTEXT_REMOTE_APPLICATION,
    certificate = BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK,
};

/// The identifier of a job: the same in every process and after every restart.
class job_id {
public:
    job_id() noexcept : value_() {}
    explicit job_id(const bg_guid &value) noexcept : value_(value) {}

    /// Reads what str() gives; braces and case do not matter. Empty when it is none.
    static std::optional<job_id> parse(const std::string &text) noexcept
    {
        job_id id;
        if (bg_guid_from_string(text.c_str(), &id.value_) < 0)
            return std::nullopt;
        return id;
    }

    /// "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}", upper case.
    std::string str() const
    {
        char *text = nullptr;
        std::string copy = bg_guid_to_string(&value_, &text) < 0 ? std::string() : std::string(text);
        bg_string_free(text);
        return copy;
    }

    const bg_guid &get() const noexcept { return value_; }

    friend bool operator==(const job_id &a, const job_id &b) noexcept { return bg_guid_equal(&a.value_, &b.value_) != 0; }
    friend bool operator!=(const job_id &a, const job_id &b) noexcept { return !(a == b); }
    friend bool operator<(const job_id &a, const job_id &b) noexcept
    {
        return std::memcmp(&a.value_, &b.value_, sizeof a.value_) < 0;
    }

private:
    bg_guid value_;
};

/// How far a job is.
struct job_progress {
    std::uint64_t bytes_transferred = 0;
    std::optional<std::uint64_t> bytes_total; ///< Empty while the size of a file is unknown.
    std::uint32_t files_transferred = 0;
    std::uint32_t files_total = 0;
};

/// How far a file is.
struct file_progress {
    std::uint64_t bytes_transferred = 0;
    std::optional<std::uint64_t> bytes_total; ///< Empty while it is unknown.
    bool published = false;                   ///< The file has its final name.
};

/// How far the reply to an upload is.
struct reply_progress {
    std::uint64_t bytes_transferred = 0;
    std::optional<std::uint64_t> bytes_total; ///< Empty before it begins.
};

/// A part of a file.
struct range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    /// All from this byte on.
    static range from(std::uint64_t offset) noexcept { return {offset, BG_LENGTH_TO_EOF}; }
};

/// On connections of which costs a job may move; each counts as unrestricted unless the configuration says more.
enum class cost : std::uint32_t {
    any = BITS_COST_STATE_TRANSFER_ALWAYS,                 ///< On any; what a job begins with.
    not_roaming = BITS_COST_STATE_TRANSFER_NOT_ROAMING,    ///< On any but while roaming.
    no_surcharge = BITS_COST_STATE_TRANSFER_NO_SURCHARGE,  ///< Where no surcharge applies.
    standard = BITS_COST_STATE_TRANSFER_STANDARD,          ///< Where the cap of the plan is not near, either.
    unrestricted = BITS_COST_STATE_TRANSFER_UNRESTRICTED,  ///< On those without restriction, or slowed down past the cap.
};

/// What a copied file takes from its source beside the content; files of other servers have none of it.
struct copied_attributes {
    bool owner = false;
    bool group = false;
    bool permissions = false; ///< Exactly the permissions and the access list.
    bool security = false;    ///< Labels and capabilities.
};

/// A program that is run when a job is transferred or has failed and no listener took the news.
struct notify_command {
    std::filesystem::path program; ///< An absolute path.
    std::string arguments;         ///< The name of the program first; blanks separate, double quotes hold together.
};

/// When things happened to a job; empty for not yet.
struct job_times {
    using time_point = std::chrono::system_clock::time_point;

    time_point created;
    time_point modified;
    std::optional<time_point> transferred;
};

/// What went wrong in a job.
struct failure {
    std::error_code code;
    error_context context = error_context::none;
    std::string text;                   ///< A sentence with the URL or path.
    std::optional<std::uint32_t> file;  ///< Its place in the job, where one is concerned.
};

namespace detail {

struct release {
    void operator()(bg_manager *handle) const noexcept { bg_manager_release(handle); }
    void operator()(bg_job *handle) const noexcept { bg_job_release(handle); }
    void operator()(bg_file *handle) const noexcept { bg_file_release(handle); }
    void operator()(bg_error *handle) const noexcept { bg_error_release(handle); }
    void operator()(bg_enum_jobs *handle) const noexcept { bg_enum_jobs_release(handle); }
    void operator()(bg_enum_files *handle) const noexcept { bg_enum_files_release(handle); }
    void operator()(char *text) const noexcept { bg_string_free(text); }
    void operator()(bg_file_range *ranges) const noexcept { bg_memory_free(ranges); }
    void operator()(std::uint8_t *bytes) const noexcept { bg_memory_free(bytes); }
};

template <class T> using owned = std::unique_ptr<T, release>;

/// A text argument: ends with a NUL for C, and is copied only where it has to be. One with a NUL inside is none.
class text {
public:
    text(const char *value) : pointer_(value) {}
    text(const std::string &value) : pointer_(whole(value) ? value.c_str() : nullptr) {}
    text(std::string_view value) : copy_(value), pointer_(whole(copy_) ? copy_.c_str() : nullptr) {}
    text(const std::filesystem::path &value) : text(value.native()) {}
    text(const text &) = delete;
    text &operator=(const text &) = delete;

    const char *c_str() const noexcept { return pointer_; }

private:
    static bool whole(const std::string &value) noexcept { return value.find('\0') == std::string::npos; }

    std::string copy_;
    const char *pointer_;
};

/// Refuses a text that is none, where the library would take its absence for a wish.
inline bool check_text(const text &value, std::error_code &ec)
{
    return value.c_str() || check(make_error_code(BG_E_INVALIDARG), "a text has a NUL in it", ec);
}

/// Takes over what a call gives through its last argument.
template <class T, class Call> owned<T> take(std::error_code &ec, Call call)
{
    T *out = nullptr;
    check(call(&out), ec);
    return owned<T>(out);
}

/// A string that a call gives.
template <class Call> std::string take_string(std::error_code &ec, Call call)
{
    owned<char> text = take<char>(ec, call);
    return text ? std::string(text.get()) : std::string();
}

/// Ranges that a call gives.
template <class Call> std::vector<range> take_ranges(std::error_code &ec, Call call)
{
    std::uint32_t count = 0;
    bg_file_range *given = nullptr;
    std::vector<range> ranges;
    if (!check(call(&count, &given), ec) || !given)
        return ranges;
    const owned<bg_file_range> held(given);
    ranges.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i)
        ranges.push_back({given[i].initial_offset, given[i].length});
    return ranges;
}

/// Ranges for a call.
inline std::vector<bg_file_range> plain(const std::vector<range> &ranges)
{
    std::vector<bg_file_range> plain;
    plain.reserve(ranges.size());
    for (const range &one : ranges)
        plain.push_back({one.offset, one.length});
    return plain;
}

/// A plain value that a call gives.
template <class T, class Call> T take_value(std::error_code &ec, Call call)
{
    T value{};
    check(call(&value), ec);
    return value;
}

inline std::optional<std::uint64_t> known(std::uint64_t size)
{
    return size == BG_SIZE_UNKNOWN ? std::nullopt : std::optional<std::uint64_t>(size);
}

inline job_times::time_point time_point(std::int64_t nanoseconds)
{
    using std::chrono::duration_cast;
    return job_times::time_point(duration_cast<job_times::time_point::duration>(std::chrono::nanoseconds(nanoseconds)));
}

/// Seconds as the library counts them: not negative, at most what fits.
inline std::uint32_t seconds(std::chrono::seconds value)
{
    if (value.count() < 0)
        return 0;
    return value.count() > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(value.count());
}

/// Milliseconds in the same way.
inline std::uint32_t count(std::chrono::milliseconds value)
{
    if (value.count() < 0)
        return 0;
    return value.count() > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(value.count());
}

/// Milliseconds of a wait, rounded up so that a wait does not end before its time.
template <class Rep, class Period> std::int64_t milliseconds(std::chrono::duration<Rep, Period> value)
{
    if (value <= value.zero())
        return 0;
    // More than a century is for ever.
    if (value > std::chrono::hours(24 * 36525))
        return -1;
    return std::chrono::ceil<std::chrono::milliseconds>(value).count();
}

} // namespace detail
} // namespace bgcopy

namespace std {
/// Lets identifiers be keys of unordered containers.
template <> struct hash<bgcopy::job_id> {
    /// Any of the bytes.
    size_t operator()(const bgcopy::job_id &id) const noexcept
    {
        // Identifiers are random: any of their bytes are a hash.
        size_t value;
        std::memcpy(&value, &id.get(), sizeof value);
        return value;
    }
};
} // namespace std

#endif
