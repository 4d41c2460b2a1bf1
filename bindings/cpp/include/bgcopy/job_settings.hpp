// job_settings.hpp - limits, costs and company of a job; job.hpp includes it and says what they are.
#ifndef BGCOPY_JOB_SETTINGS_HPP
#define BGCOPY_JOB_SETTINGS_HPP

#include <bgcopy/job.hpp>

namespace bgcopy {

inline std::optional<std::uint64_t> job::size_limit(std::error_code &ec) const
{
    return detail::known(property(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, ec).uint64);
}

inline void job::set_size_limit(std::optional<std::uint64_t> limit, std::error_code &ec)
{
    bg_job_property_value value{};
    value.uint64 = limit.value_or(BG_SIZE_UNKNOWN);
    set_property(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value, ec);
}

inline bgcopy::cost job::cost(std::error_code &ec) const
{
    return static_cast<bgcopy::cost>(property(BITS_JOB_PROPERTY_ID_COST_FLAGS, ec).dword);
}

inline void job::set_cost(bgcopy::cost cost, std::error_code &ec)
{
    bg_job_property_value value{};
    value.dword = static_cast<std::uint32_t>(cost);
    set_property(BITS_JOB_PROPERTY_ID_COST_FLAGS, value, ec);
}

inline bool job::on_demand(std::error_code &ec) const
{
    return property(BITS_JOB_PROPERTY_ON_DEMAND_MODE, ec).enable != 0;
}

inline void job::set_on_demand(bool on_demand, std::error_code &ec)
{
    bg_job_property_value value{};
    value.enable = on_demand;
    set_property(BITS_JOB_PROPERTY_ON_DEMAND_MODE, value, ec);
}

inline bool job::dynamic_content(std::error_code &ec) const
{
    return property(BITS_JOB_PROPERTY_DYNAMIC_CONTENT, ec).enable != 0;
}

inline void job::set_dynamic_content(bool dynamic, std::error_code &ec)
{
    bg_job_property_value value{};
    value.enable = dynamic ? 1 : 0;
    set_property(BITS_JOB_PROPERTY_DYNAMIC_CONTENT, value, ec);
}

inline bool job::high_performance(std::error_code &ec) const
{
    return property(BITS_JOB_PROPERTY_HIGH_PERFORMANCE, ec).enable != 0;
}

inline void job::set_high_performance(bool high_performance, std::error_code &ec)
{
    bg_job_property_value value{};
    value.enable = high_performance ? 1 : 0;
    set_property(BITS_JOB_PROPERTY_HIGH_PERFORMANCE, value, ec);
}

inline std::chrono::milliseconds job::modified_interval(std::error_code &ec) const
{
    return std::chrono::milliseconds(property(BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, ec).dword);
}

inline void job::set_modified_interval(std::chrono::milliseconds interval, std::error_code &ec)
{
    bg_job_property_value value{};
    value.dword = detail::count(interval);
    set_property(BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, value, ec);
}

inline bgcopy::copied_attributes job::copied_attributes(std::error_code &ec) const
{
    const std::uint32_t flags = number<std::uint32_t>(bg_job_get_file_acl_flags, ec);
    return {(flags & BG_COPY_FILE_OWNER) != 0, (flags & BG_COPY_FILE_GROUP) != 0, (flags & BG_COPY_FILE_DACL) != 0,
            (flags & BG_COPY_FILE_SACL) != 0};
}

inline void job::set_copied_attributes(const bgcopy::copied_attributes &what, std::error_code &ec)
{
    const std::uint32_t flags = (what.owner ? BG_COPY_FILE_OWNER : 0u) | (what.group ? BG_COPY_FILE_GROUP : 0u) |
                                (what.permissions ? BG_COPY_FILE_DACL : 0u) |
                                (what.security ? BG_COPY_FILE_SACL : 0u);
    detail::check(bg_job_set_file_acl_flags(handle_.get(), flags), ec);
}

inline std::optional<bgcopy::notify_command> job::notify_command(std::error_code &ec) const
{
    char *program = nullptr, *arguments = nullptr;
    if (!detail::check(bg_job_get_notify_cmd_line(handle_.get(), &program, &arguments), ec))
        return std::nullopt;
    const detail::owned<char> first(program), second(arguments);
    if (*program == 0)
        return std::nullopt;
    return bgcopy::notify_command{program, arguments};
}

inline void job::set_notify_command(const bgcopy::notify_command &command, std::error_code &ec)
{
    const detail::text program(command.program), arguments(command.arguments);
    if (detail::check_text(program, ec) && detail::check_text(arguments, ec))
        detail::check(bg_job_set_notify_cmd_line(handle_.get(), program.c_str(),
                                                 command.arguments.empty() ? nullptr : arguments.c_str()),
                      ec);
}

inline void job::remove_notify_command(std::error_code &ec)
{
    detail::check(bg_job_set_notify_cmd_line(handle_.get(), nullptr, nullptr), ec);
}

inline bool job::replace_url_prefix(detail::text before, detail::text after, std::error_code &ec)
{
    const bg_result result = bg_job_replace_remote_prefix(handle_.get(), before.c_str(), after.c_str());
    return detail::check(result, ec) && result != BG_S_FALSE;
}

inline std::uint32_t job::owner(std::error_code &ec) const
{
    return number<std::uint32_t>(bg_job_get_owner_uid, ec);
}

inline void job::take_ownership(std::error_code &ec)
{
    detail::check(bg_job_take_ownership(handle_.get()), ec);
}

inline void job::set_directory(int directory, bool local, bool remote, std::error_code &ec)
{
    const std::uint32_t flags = (local ? BG_TOKEN_LOCAL_FILE : 0u) | (remote ? BG_TOKEN_NETWORK : 0u);
    if (detail::check(bg_job_set_helper_token(handle_.get(), directory), ec))
        detail::check(bg_job_set_helper_token_flags(handle_.get(), flags), ec);
}

inline void job::clear_directory(std::error_code &ec)
{
    if (detail::check(bg_job_set_helper_token_flags(handle_.get(), 0), ec))
        detail::check(bg_job_clear_helper_token(handle_.get()), ec);
}

} // namespace bgcopy

#endif
