// file.hpp - a file of a job.
#ifndef BGCOPY_FILE_HPP
#define BGCOPY_FILE_HPP

#include <bgcopy/types.hpp>

namespace bgcopy {

/// A file of a job. Moves, does not copy; usable on any thread.
class file {
public:
    /// Takes over a reference of the C interface.
    explicit file(bg_file *adopted) noexcept : handle_(adopted) {}

    /// The URL it comes from.
    std::string url(std::error_code &ec = throws()) const
    {
        return detail::take_string(ec, [&](char **out) { return bg_file_get_remote_name(handle_.get(), out); });
    }

    /// Lets it come from another URL; what is on disk is kept where both have the same file.
    void set_url(detail::text url, std::error_code &ec = throws())
    {
        detail::check(bg_file_set_remote_name(handle_.get(), url.c_str()), ec);
    }

    /// The path it has when its job is completed.
    std::filesystem::path path(std::error_code &ec = throws()) const
    {
        return detail::take_string(ec, [&](char **out) { return bg_file_get_local_name(handle_.get(), out); });
    }

    /// The path of what has arrived, beside the final one.
    std::filesystem::path temporary_path(std::error_code &ec = throws()) const
    {
        return detail::take_string(ec, [&](char **out) { return bg_file_get_temporary_name(handle_.get(), out); });
    }

    /// How far it is.
    file_progress progress(std::error_code &ec = throws()) const
    {
        bg_file_progress value = BG_FILE_PROGRESS_INIT;
        if (!detail::check(bg_file_get_progress(handle_.get(), &value), ec))
            return {};
        return {value.bytes_transferred, detail::known(value.bytes_total), value.completed != 0};
    }

    /// The headers of the last answer to a request for it: the status line and the header lines, each ended by CR LF.
    /// Empty before there was one, and for copies.
    std::string response_headers(std::error_code &ec = throws()) const
    {
        return detail::take_string(ec, [&](char **out) {
            bg_file_property_value value{};
            const bg_result result =
                bg_file_get_property(handle_.get(), BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value);
            *out = value.string;
            return result;
        });
    }

    /// Its place in the job, from 0.
    std::uint32_t index(std::error_code &ec = throws()) const
    {
        return detail::take_value<std::uint32_t>(
            ec, [&](std::uint32_t *out) { return bg_file_get_index(handle_.get(), out); });
    }

    /// Says whether what was transferred is right; a file that is not is fetched again after the job's resume().
    void set_valid(bool valid, std::error_code &ec = throws())
    {
        detail::check(bg_file_set_validation_state(handle_.get(), valid), ec);
    }

    /// Whether the program found it right.
    bool valid(std::error_code &ec = throws()) const
    {
        return detail::take_value<std::int32_t>(ec, [&](std::int32_t *out) {
                   return bg_file_get_validation_state(handle_.get(), out);
               }) != 0;
    }

    /// The parts of the remote file that it is made of; empty for a whole one.
    std::vector<range> ranges(std::error_code &ec = throws()) const
    {
        return detail::take_ranges(ec, [&](std::uint32_t *count, bg_file_range **out) {
            return bg_file_get_file_ranges(handle_.get(), count, out);
        });
    }

    /// Asks for parts of it before everything else. They may be read from temporary_path() once filled() has them.
    void request(const std::vector<range> &ranges, std::error_code &ec = throws())
    {
        const std::vector<bg_file_range> plain = detail::plain(ranges);
        detail::check(
            bg_file_request_file_ranges(handle_.get(), static_cast<std::uint32_t>(plain.size()), plain.data()), ec);
    }

    /// What is here of it, sorted and merged.
    std::vector<range> filled(std::error_code &ec = throws()) const
    {
        return detail::take_ranges(ec, [&](std::uint32_t *count, bg_file_range **out) {
            return bg_file_get_filled_file_ranges(handle_.get(), count, out);
        });
    }

    /// Lets what is missing come from this byte on, and what lies before it afterwards.
    void go_on_at(std::uint64_t offset, std::error_code &ec = throws())
    {
        detail::check(bg_file_update_download_position(handle_.get(), offset), ec);
    }

    /// The handle of the C interface; borrowed.
    bg_file *get() const noexcept { return handle_.get(); }

private:
    detail::owned<bg_file> handle_;
};

} // namespace bgcopy

#endif
