// job_access.hpp - how a job reaches servers; job.hpp includes it and says what its functions do.
#ifndef BGCOPY_JOB_ACCESS_HPP
#define BGCOPY_JOB_ACCESS_HPP

#include <bgcopy/job.hpp>

namespace bgcopy {

inline std::string job::headers(std::error_code &ec) const
{
    return string(bg_job_get_custom_headers, ec);
}

inline void job::set_headers(detail::text lines, std::error_code &ec)
{
    if (detail::check_text(lines, ec))
        detail::check(bg_job_set_custom_headers(handle_.get(), lines.c_str()), ec);
}

inline void job::hide_headers(std::error_code &ec)
{
    detail::check(bg_job_make_custom_headers_write_only(handle_.get()), ec);
}

inline std::string job::http_method(std::error_code &ec) const
{
    return string(bg_job_get_http_method, ec);
}

inline void job::set_http_method(detail::text method, std::error_code &ec)
{
    detail::check(bg_job_set_http_method(handle_.get(), method.c_str()), ec);
}

inline void job::set_credentials(auth_target target, auth_scheme scheme, detail::text user, detail::text password,
                                 std::error_code &ec)
{
    bg_auth_credentials credentials = BG_AUTH_CREDENTIALS_INIT;
    credentials.target = static_cast<std::int32_t>(target);
    credentials.scheme = static_cast<std::int32_t>(scheme);
    credentials.user_name = user.c_str();
    credentials.password = password.c_str();
    detail::check(bg_job_set_credentials(handle_.get(), &credentials), ec);
}

inline bool job::remove_credentials(auth_target target, auth_scheme scheme, std::error_code &ec)
{
    const bg_result result = bg_job_remove_credentials(handle_.get(), static_cast<std::int32_t>(target),
                                                       static_cast<std::int32_t>(scheme));
    return detail::check(result, ec) && result != BG_S_FALSE;
}

inline bool job::proxy_netrc(std::error_code &ec) const
{
    return property(BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, ec).target == BG_AUTH_TARGET_PROXY;
}

inline void job::set_proxy_netrc(bool use, std::error_code &ec)
{
    bg_job_property_value value{};
    value.target = use ? BG_AUTH_TARGET_PROXY : 0;
    set_property(BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value, ec);
}

inline proxy_settings job::proxy(std::error_code &ec) const
{
    std::int32_t usage = 0;
    char *proxies = nullptr, *bypass = nullptr;
    detail::check(bg_job_get_proxy_settings(handle_.get(), &usage, &proxies, &bypass), ec);
    const detail::owned<char> first(proxies), second(bypass);
    return {static_cast<proxy_settings::source>(usage), proxies ? proxies : "", bypass ? bypass : ""};
}

inline void job::set_proxy(const proxy_settings &settings, std::error_code &ec)
{
    const detail::text proxies(settings.proxies), bypass(settings.bypass);
    if (detail::check_text(proxies, ec) && detail::check_text(bypass, ec))
        detail::check(bg_job_set_proxy_settings(handle_.get(), static_cast<std::int32_t>(settings.from),
                                                settings.proxies.empty() ? nullptr : proxies.c_str(),
                                                settings.bypass.empty() ? nullptr : bypass.c_str()),
                      ec);
}

inline bgcopy::security job::security(std::error_code &ec) const
{
    return detail::security_of(number<std::uint32_t>(bg_job_get_security_flags, ec));
}

inline void job::set_security(const bgcopy::security &security, std::error_code &ec)
{
    detail::check(bg_job_set_security_flags(handle_.get(), detail::flags_of(security)), ec);
}

inline std::optional<bgcopy::client_certificate> job::client_certificate(std::error_code &ec) const
{
    std::int32_t location = 0;
    char *store = nullptr, *subject = nullptr;
    std::uint8_t *hash = nullptr;
    const bg_result result = bg_job_get_client_certificate(handle_.get(), &location, &store, &hash, &subject);
    const detail::owned<char> first(store), second(subject);
    const detail::owned<std::uint8_t> third(hash);
    if (!detail::check(result == BG_E_RPC_BAD_STUB_DATA ? BG_S_FALSE : result, ec) || !store || !hash || !subject)
        return std::nullopt;
    bgcopy::client_certificate certificate{static_cast<store_location>(location), store, {}, subject};
    std::memcpy(certificate.hash.data(), hash, certificate.hash.size());
    return certificate;
}

inline void job::set_client_certificate(store_location location, detail::text store, const certificate_hash &hash,
                                        std::error_code &ec)
{
    detail::check(bg_job_set_client_certificate_by_id(handle_.get(), static_cast<std::int32_t>(location),
                                                      store.c_str(), hash.data()),
                  ec);
}

inline void job::set_client_certificate(store_location location, detail::text store, detail::text subject,
                                        std::error_code &ec)
{
    detail::check(bg_job_set_client_certificate_by_name(handle_.get(), static_cast<std::int32_t>(location),
                                                        store.c_str(), subject.c_str()),
                  ec);
}

inline bool job::remove_client_certificate(std::error_code &ec)
{
    const bg_result result = bg_job_remove_client_certificate(handle_.get());
    return detail::check(result, ec) && result != BG_S_FALSE;
}

inline void job::set_certificate_check(certificate_check check, std::error_code &ec)
{
    if (!check) {
        detail::check(bg_job_set_server_certificate_validation_callback(handle_.get(), nullptr, nullptr), ec);
        return;
    }
    bg_server_certificate_validation_callback callback = BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT;
    callback.validate_server_certificate = [](void *data, bg_job *about, bg_file *which, std::uint32_t length,
                                              const std::uint8_t *bytes, std::uint32_t, std::uint32_t chain_length,
                                              const std::uint8_t *chain) -> bg_result {
        return guarded([&] {
            job one(bg_job_retain(about));
            file with(bg_file_retain(which));
            const server_certificate shown{{bytes, bytes + length}, {chain, chain + chain_length}};
            return (*static_cast<certificate_check *>(data))(one, with, shown) ? BG_S_OK : BG_E_ACCESSDENIED;
        });
    };
    callback.destroy = [](void *data) { delete static_cast<certificate_check *>(data); };
    auto kept = std::make_unique<certificate_check>(std::move(check));
    // On failure nothing is registered, and nothing is destroyed by the library.
    if (detail::check(bg_job_set_server_certificate_validation_callback(handle_.get(), &callback, kept.get()), ec))
        kept.release();
}

} // namespace bgcopy

#endif
