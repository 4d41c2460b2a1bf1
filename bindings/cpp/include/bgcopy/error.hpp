// error.hpp - how calls of bgcopy fail: as exceptions or as codes.
//
// Every call that can fail takes a std::error_code as its last argument, which may be left out. Left out, a failure
// is thrown as bgcopy::error; given, the code is set, cleared on success, and the result is empty. Programs that are
// compiled without exceptions always give it; a failure that nobody takes ends them.
#ifndef BGCOPY_ERROR_HPP
#define BGCOPY_ERROR_HPP

#include <bgcopy.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define BGCOPY_HAS_EXCEPTIONS 1
#else
#define BGCOPY_HAS_EXCEPTIONS 0
#endif

namespace bgcopy {

/// Failures that programs handle by name; every other code compares by its number in bgcopy.h.
enum class errc : bg_result {
    not_found = BG_E_NOT_FOUND,                      ///< No such job in the queue.
    wrong_state = BG_E_INVALID_STATE,                ///< The job cannot do this in its state.
    no_files = BG_E_EMPTY,                           ///< A job without files cannot start.
    invalid_argument = BG_E_INVALIDARG,              ///< A name, path or number is not allowed.
    access_denied = BG_E_ACCESSDENIED,               ///< A job of somebody else, or a directory without permission.
    not_supported = BG_E_NOTIMPL,                    ///< This version, or this kind of job, cannot do it.
    in_use = BG_E_WIN32_SHARING_VIOLATION,           ///< Another process has the queue open.
    closed = BG_E_DISCONNECTED,                      ///< The queue was closed, or this is a forked child.
    stopped = BG_E_REQUEST_CANCELED,                 ///< A wait was given up.
    too_large = BG_E_TOO_LARGE,                      ///< A reply that is read from its file only.
    validation_failed = BG_E_VALIDATION_FAILED,      ///< The program found a file to be wrong.
    no_error = BG_E_ERROR_INFORMATION_UNAVAILABLE,   ///< The job has no error.
};

namespace detail {

class category final : public std::error_category {
public:
    const char *name() const noexcept override { return "bgcopy"; }

    std::string message(int code) const override
    {
        const char *known = bg_result_name(code);
        char number[16];
        std::snprintf(number, sizeof number, "0x%08X", static_cast<unsigned>(code));
        return known ? std::string(known) + " (" + number + ")" : number;
    }

    std::error_condition default_error_condition(int code) const noexcept override
    {
        switch (code) {
        case BG_E_INVALIDARG: return std::errc::invalid_argument;
        case BG_E_ACCESSDENIED: return std::errc::permission_denied;
        case BG_E_NOTIMPL: return std::errc::function_not_supported;
        case BG_E_OUTOFMEMORY: return std::errc::not_enough_memory;
        case BG_E_REQUEST_CANCELED: return std::errc::operation_canceled;
        case BG_E_WIN32_SHARING_VIOLATION: return std::errc::device_or_resource_busy;
        case BG_E_WIN32_PATH_NOT_FOUND:
        case BG_E_WIN32_FILE_NOT_FOUND: return std::errc::no_such_file_or_directory;
        case BG_E_WIN32_DISK_FULL: return std::errc::no_space_on_device;
        default: return std::error_condition(code, *this);
        }
    }
};

} // namespace detail

/// The category of all codes of bgcopy.h.
inline const std::error_category &category() noexcept
{
    static const detail::category instance;
    return instance;
}

/// A code of bgcopy.h as an error_code; remarks and success are no error.
inline std::error_code make_error_code(bg_result result) noexcept
{
    return result < 0 ? std::error_code(result, category()) : std::error_code();
}

/// A named failure as an error_code.
inline std::error_code make_error_code(errc code) noexcept
{
    return std::error_code(static_cast<int>(code), category());
}

/// A call that failed. what() says what failed, on which file or URL, and what to do.
class error : public std::system_error {
public:
    error(std::error_code code, const std::string &text) : std::system_error(code, text) {}
};

/// What stands for an error_code that is left out: the failure is thrown.
inline std::error_code &throws() noexcept
{
    static thread_local std::error_code nobody;
    return nobody;
}

namespace detail {

/// Sets or throws a failure; true when there is none.
inline bool check(std::error_code code, const char *text, std::error_code &ec)
{
    if (&ec != &throws()) {
        ec = code;
        return !code;
    }
    if (!code)
        return true;
#if BGCOPY_HAS_EXCEPTIONS
    throw error(code, text);
#else
    std::fprintf(stderr, "bgcopy: %s %s\n", code.message().c_str(), text);
    std::abort();
#endif
}

inline bool check(bg_result result, std::error_code &ec)
{
    return result >= 0 ? check(std::error_code(), "", ec) : check(make_error_code(result), bg_last_error_detail(), ec);
}

} // namespace detail
} // namespace bgcopy

namespace std {
template <> struct is_error_code_enum<bgcopy::errc> : true_type {};
} // namespace std

#endif
