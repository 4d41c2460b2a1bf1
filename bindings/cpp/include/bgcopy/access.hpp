// access.hpp - how a job reaches servers: passwords, proxies, certificates, redirects.
#ifndef BGCOPY_ACCESS_HPP
#define BGCOPY_ACCESS_HPP

#include <bgcopy/types.hpp>

#include <array>
#include <vector>

namespace bgcopy {

/// Who asks for a password.
enum class auth_target : int32_t {
    server = BG_AUTH_TARGET_SERVER,
    proxy = BG_AUTH_TARGET_PROXY,
};

/// How a password is presented.
enum class auth_scheme : int32_t {
    basic = BG_AUTH_SCHEME_BASIC,   ///< As it is: everybody on the way can read it without https.
    digest = BG_AUTH_SCHEME_DIGEST, ///< A digest of it (SHA-256, then MD5). Goes before basic where both are set.
};

/// Which proxies a job uses.
struct proxy_settings {
    /// Where they come from.
    enum class source : int32_t {
        environment = BG_JOB_PROXY_USAGE_PRECONFIG, ///< `http_proxy` and the like, as they are when the queue is opened.
        none = BG_JOB_PROXY_USAGE_NO_PROXY,         ///< No proxy.
        list = BG_JOB_PROXY_USAGE_OVERRIDE,         ///< The lists below.
        detect = BG_JOB_PROXY_USAGE_AUTODETECT,     ///< None, with a warning: proxies are not detected in this version.
    };

    source from = source::environment;
    /// `[protocol=][http://]server[:port]`, separated by blanks; several for a protocol are tried in turn.
    std::string proxies;
    /// Hosts that are reached directly, separated by blanks; `*.example.org`, `<local>` for names without a dot.
    std::string bypass;
};

/// What is done when a server sends a job elsewhere.
enum class redirects : std::uint32_t {
    follow = BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT,          ///< Go there; the file keeps its URL.
    follow_and_keep = BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT, ///< Go there; the new URL becomes that of the file.
    refuse = BG_HTTP_REDIRECT_POLICY_DISALLOW,              ///< Fail; resume() fetches from there.
};

/// What of servers is checked, and whom to follow. What a job begins with is the strictest but for revocation.
struct security {
    bool check_revocation = false;         ///< A certificate must be on no list of revoked ones.
    bool ignore_unknown_authority = false; ///< Accept a certificate of an unknown authority.
    bool ignore_wrong_name = false;        ///< Accept a certificate of another host name.
    bool ignore_dates = false;             ///< Accept a certificate outside its dates.
    bool ignore_wrong_usage = false;       ///< Accept a certificate that is not meant for servers.
    bool https_to_http = false;            ///< Follow redirects from https to http, too.
    bgcopy::redirects redirects = bgcopy::redirects::follow;
};

/// Whose certificate stores: `certs/` in the user's configuration, or in `/etc/bgcopy`.
enum class store_location : int32_t {
    user = BG_CERT_STORE_LOCATION_CURRENT_USER,
    machine = BG_CERT_STORE_LOCATION_LOCAL_MACHINE,
};

/// The SHA-1 of a certificate.
using certificate_hash = std::array<std::uint8_t, 20>;

/// The certificate that a job shows to servers that ask for one.
struct client_certificate {
    store_location location = store_location::user;
    std::string store;       ///< A directory in that location.
    certificate_hash hash{};
    std::string subject;     ///< The values of its names, in the order of the certificate.
};

/// What a server sent to say who it is, in DER.
struct server_certificate {
    std::vector<std::uint8_t> certificate; ///< Its own.
    std::vector<std::uint8_t> chain;       ///< All, its own first, one after the other.
};

namespace detail {

inline std::uint32_t flags_of(const security &value) noexcept
{
    return (value.check_revocation ? BG_SSL_ENABLE_CRL_CHECK : 0u) |
           (value.ignore_unknown_authority ? BG_SSL_IGNORE_UNKNOWN_CA : 0u) |
           (value.ignore_wrong_name ? BG_SSL_IGNORE_CERT_CN_INVALID : 0u) |
           (value.ignore_dates ? BG_SSL_IGNORE_CERT_DATE_INVALID : 0u) |
           (value.ignore_wrong_usage ? BG_SSL_IGNORE_CERT_WRONG_USAGE : 0u) |
           (value.https_to_http ? BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP : 0u) |
           static_cast<std::uint32_t>(value.redirects);
}

inline security security_of(std::uint32_t flags) noexcept
{
    security value;
    value.check_revocation = (flags & BG_SSL_ENABLE_CRL_CHECK) != 0;
    value.ignore_unknown_authority = (flags & BG_SSL_IGNORE_UNKNOWN_CA) != 0;
    value.ignore_wrong_name = (flags & BG_SSL_IGNORE_CERT_CN_INVALID) != 0;
    value.ignore_dates = (flags & BG_SSL_IGNORE_CERT_DATE_INVALID) != 0;
    value.ignore_wrong_usage = (flags & BG_SSL_IGNORE_CERT_WRONG_USAGE) != 0;
    value.https_to_http = (flags & BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP) != 0;
    value.redirects = static_cast<redirects>(flags & BG_HTTP_REDIRECT_POLICY_MASK);
    return value;
}

} // namespace detail
} // namespace bgcopy

#endif
