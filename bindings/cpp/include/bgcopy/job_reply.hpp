// job_reply.hpp - what servers answer to uploads; job.hpp includes it and says what it is.
#ifndef BGCOPY_JOB_REPLY_HPP
#define BGCOPY_JOB_REPLY_HPP

#include <bgcopy/job.hpp>

namespace bgcopy {

inline std::optional<std::filesystem::path> job::reply_path(std::error_code &ec) const
{
    const auto name = detail::take<char>(
        ec, [&](char **out) { return bg_job_get_reply_file_name(handle_.get(), out); });
    return name ? std::optional<std::filesystem::path>(name.get()) : std::nullopt;
}

inline void job::set_reply_path(detail::text path, std::error_code &ec)
{
    if (detail::check_text(path, ec))
        detail::check(bg_job_set_reply_file_name(handle_.get(), path.c_str()), ec);
}

inline bgcopy::reply_progress job::reply_progress(std::error_code &ec) const
{
    bg_job_reply_progress value = BG_JOB_REPLY_PROGRESS_INIT;
    if (!detail::check(bg_job_get_reply_progress(handle_.get(), &value), ec))
        return {};
    return {value.bytes_transferred, detail::known(value.bytes_total)};
}

inline std::string job::reply(std::error_code &ec) const
{
    std::uint64_t length = 0;
    const auto bytes = detail::take<std::uint8_t>(
        ec, [&](std::uint8_t **out) { return bg_job_get_reply_data(handle_.get(), out, &length); });
    return bytes ? std::string(bytes.get(), bytes.get() + length) : std::string();
}

} // namespace bgcopy

#endif
