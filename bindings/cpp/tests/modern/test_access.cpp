// How jobs reach servers: passwords, proxies, headers, certificates, redirects.
#include "modern.hpp"

#include <stdexcept>

static void credentials_open_a_server_that_asks(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/1000?seed=1&auth=basic&user=user&password=pass", "behind a password");
    using bgcopy::auth_scheme;
    using bgcopy::auth_target;
    CHECK(!job.remove_credentials(auth_target::server, auth_scheme::basic));
    job.set_credentials(auth_target::server, auth_scheme::basic, "user", std::string("wrong"));
    job.resume();
    CHECK(job.wait() == bgcopy::state::failed && job.failure()->code.value() == BG_E_HTTP_ERROR_401);
    job.set_credentials(auth_target::server, auth_scheme::basic, "user", std::string_view("passage").substr(0, 4));
    job.set_credentials(auth_target::server, auth_scheme::digest, "user", "pass");
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred);
    CHECK(job.remove_credentials(auth_target::server, auth_scheme::digest));
    CHECK(job.complete());
    THROWS(bgcopy::errc::invalid_argument,
           queue.create_job("a").set_credentials(auth_target::proxy, auth_scheme::basic, "user", std::string("a\0b", 3)));
}

static void proxies_are_kept_and_used(bgcopy::queue &queue)
{
    using source = bgcopy::proxy_settings::source;
    bgcopy::job job = make(queue, "/file/1000?seed=1", "through a proxy");
    CHECK(job.proxy().from == source::environment && job.proxy().proxies.empty());
    // The server is a proxy, too; nothing else is found under this name.
    const std::string own = std::string(environment("BGCOPY_TEST_HTTP")).substr(std::strlen("http://"));
    job.files()[0].set_url("http://host.invalid/file/1000?seed=1");
    job.set_proxy({source::list, own, "*.example.org"});
    CHECK(job.proxy().from == source::list && job.proxy().proxies == own && job.proxy().bypass == "*.example.org");
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete());

    job = queue.create_job("no proxy");
    job.set_proxy({source::none, "", ""});
    CHECK(job.proxy().from == source::none);
    THROWS(bgcopy::errc::invalid_argument, job.set_proxy({source::none, "proxy.example", ""}));
    THROWS(bgcopy::errc::invalid_argument, job.set_proxy({source::list, std::string("a\0b", 3), ""}));
    CHECK(!job.proxy_netrc());
    job.set_proxy_netrc(true);
    CHECK(job.proxy_netrc());
    job.set_proxy_netrc(false);
    CHECK(!job.proxy_netrc());
}

static void headers_are_sent_and_can_be_hidden(bgcopy::queue &queue)
{
    bgcopy::job job = make(queue, "/file/10", "headers");
    CHECK(job.headers().empty());
    job.set_headers("X-Test: yes\r\n");
    CHECK(job.headers() == "X-Test: yes\r\n");
    // A text that is none does not take them away.
    THROWS(bgcopy::errc::invalid_argument, job.set_headers(std::string("X: a\0\r\n", 7)));
    CHECK(job.headers() == "X-Test: yes\r\n");
    job.hide_headers();
    THROWS(bgcopy::errc::access_denied, job.headers());
    char log[4096];
    ask("POST", "/log/clear", log, sizeof log);
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred);
    ask("GET", "/log", log, sizeof log);
    CHECK(std::strstr(log, "x-test") != nullptr || std::strstr(log, "X-Test") != nullptr);
    job.cancel();

    job = queue.create_job("method");
    CHECK(job.http_method() == "GET");
    job.set_http_method("POST");
    CHECK(job.http_method() == "POST" && job.priority() == bgcopy::priority::foreground);
    THROWS(bgcopy::errc::invalid_argument, job.set_http_method("HEAD"));
}

static void redirects_are_followed_or_refused(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("security");
    const bgcopy::security strict = job.security();
    CHECK(!strict.check_revocation && !strict.ignore_unknown_authority && !strict.https_to_http);
    CHECK(strict.redirects == bgcopy::redirects::follow);
    bgcopy::security all;
    all.check_revocation = all.ignore_unknown_authority = all.ignore_wrong_name = true;
    all.ignore_dates = all.ignore_wrong_usage = all.https_to_http = true;
    all.redirects = bgcopy::redirects::follow_and_keep;
    job.set_security(all);
    const bgcopy::security back = job.security();
    CHECK(back.check_revocation && back.ignore_unknown_authority && back.ignore_wrong_name && back.ignore_dates);
    CHECK(back.ignore_wrong_usage && back.https_to_http && back.redirects == bgcopy::redirects::follow_and_keep);
    CHECK(bgcopy::detail::flags_of(all) ==
          (BG_SSL_ENABLE_CRL_CHECK | BG_SSL_IGNORE_UNKNOWN_CA | BG_SSL_IGNORE_CERT_CN_INVALID |
           BG_SSL_IGNORE_CERT_DATE_INVALID | BG_SSL_IGNORE_CERT_WRONG_USAGE | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT |
           BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP));
    bgcopy::security refuse;
    refuse.redirects = bgcopy::redirects::refuse;
    job.set_security(refuse);
    CHECK(job.security().redirects == bgcopy::redirects::refuse && !job.security().ignore_dates);
}

/// The harness puts a certificate for "bgcopy-client" into the store MY of the user.
static void client_certificates_are_kept(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("client certificate");
    using bgcopy::store_location;
    CHECK(!job.client_certificate() && !job.remove_client_certificate());
    job.set_client_certificate(store_location::user, "MY", "bgcopy-client");
    const auto found = job.client_certificate();
    CHECK(found && found->location == store_location::user && found->store == "MY" && found->subject == "bgcopy-client");
    CHECK(job.remove_client_certificate() && !job.client_certificate());
    job.set_client_certificate(store_location::user, "MY", found->hash);
    CHECK(job.client_certificate()->hash == found->hash);
    std::error_code ec;
    job.set_client_certificate(store_location::user, "MY", bgcopy::certificate_hash{}, ec);
    CHECK(ec == std::error_code(BG_E_CRYPT_NOT_FOUND, bgcopy::category()));
}

static void the_program_looks_at_certificates(bgcopy::queue &queue)
{
    bgcopy::job job = queue.create_job("looked at");
    auto token = std::make_shared<int>(0);
    int asked = 0;
    job.set_certificate_check([token](bgcopy::job &, bgcopy::file &, const bgcopy::server_certificate &) { return true; });
    CHECK(token.use_count() == 2);
    job.set_certificate_check(nullptr);
    CHECK(token.use_count() == 1);
    // What is not there in some surroundings, such as under valgrind.
    if (std::getenv("BGCOPY_TEST_NO_HTTPS") != nullptr)
        return;
    char ports[256];
    ask("GET", "/ports", ports, sizeof ports);
    const char *port = std::strstr(ports, "https_untrusted=");
    CHECK(port != nullptr);
    bgcopy::security security;
    security.ignore_unknown_authority = true;
    job.set_security(security);
    job.set_priority(bgcopy::priority::foreground);
    job.set_patience(0s);
    job.add_file("https://localhost:" + std::to_string(std::atoi(port + std::strlen("https_untrusted="))) + "/file/100",
                 path_of("looked at"));
    job.set_certificate_check([&](bgcopy::job &it, bgcopy::file &file, const bgcopy::server_certificate &shown) {
        CHECK(it.name() == "looked at" && file.index() == 0);
        CHECK(shown.certificate.size() > 100 && shown.certificate[0] == 0x30);
        CHECK(std::equal(shown.certificate.begin(), shown.certificate.end(), shown.chain.begin()));
        if (++asked == 2)
            throw std::runtime_error("of the program");
        return asked == 3;
    });
    job.resume();
    CHECK(job.wait() == bgcopy::state::failed);
    CHECK(job.failure()->code == bgcopy::errc::access_denied);
    CHECK(job.failure()->context == bgcopy::error_context::certificate);
    job.resume();
    CHECK(job.wait() == bgcopy::state::failed && job.failure()->code.value() == BG_E_FAIL);
    job.resume();
    CHECK(job.wait() == bgcopy::state::transferred && job.complete() && asked == 3);
}

int main()
{
    bgcopy::queue queue = open_test_queue();
    credentials_open_a_server_that_asks(queue);
    proxies_are_kept_and_used(queue);
    headers_are_sent_and_can_be_hidden(queue);
    redirects_are_followed_or_refused(queue);
    client_certificates_are_kept(queue);
    the_program_looks_at_certificates(queue);
    return 0;
}
