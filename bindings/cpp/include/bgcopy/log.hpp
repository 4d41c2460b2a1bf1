// log.hpp - the messages of the library.
#ifndef BGCOPY_LOG_HPP
#define BGCOPY_LOG_HPP

#include <bgcopy/error.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace bgcopy {

/// How much a message matters; each level has those before it.
enum class log_level : int32_t {
    off = BG_LOG_OFF,
    error = BG_LOG_ERROR,     ///< Something failed for good.
    warning = BG_LOG_WARN,    ///< Something failed and is tried again, or was repaired.
    info = BG_LOG_INFO,       ///< Jobs come, change their state and go.
    debug = BG_LOG_DEBUG,     ///< Requests and decisions.
    trace = BG_LOG_TRACE,     ///< Everything.
};

/// Hears a message and where in the library it comes from. Called on any thread, by several at once, in the midst of the
/// library's work: it must use nothing of bgcopy. What it throws is dropped.
using log_listener = std::function<void(log_level, std::string_view where, std::string_view message)>;

/// Sends the messages of the process up to a level to `who`, in place of whoever heard them; an empty one ends it. When
/// it returns, the former one is not called any more.
inline void set_log(log_listener who, log_level most = log_level::info, std::error_code &ec = throws())
{
    static std::mutex lock;
    static std::unique_ptr<log_listener> kept;
    const auto hear = [](void *data, std::int32_t level, const char *where, const char *message) noexcept {
#if BGCOPY_HAS_EXCEPTIONS
        try {
            (*static_cast<log_listener *>(data))(static_cast<log_level>(level), where, message);
        } catch (...) {
            return;
        }
#else
        (*static_cast<log_listener *>(data))(static_cast<log_level>(level), where, message);
#endif
    };
    const std::lock_guard<std::mutex> guard(lock);
    auto next = who ? std::make_unique<log_listener>(std::move(who)) : nullptr;
    const bg_result result = next ? bg_log_set(hear, next.get(), static_cast<std::int32_t>(most))
                                  : bg_log_set(nullptr, nullptr, BG_LOG_OFF);
    if (detail::check(result, ec))
        kept.swap(next);
}

} // namespace bgcopy

#endif
