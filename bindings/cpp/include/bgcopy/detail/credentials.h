// Credentials and proxies of a job.
#ifndef BGCOPY_DETAIL_CREDENTIALS_H
#define BGCOPY_DETAIL_CREDENTIALS_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetCredentials(BG_AUTH_CREDENTIALS *credentials)
{
    if (credentials == nullptr)
        return bg_job_set_credentials(handle(), nullptr);
    Utf8 user(credentials->Credentials.Basic.UserName), password(credentials->Credentials.Basic.Password);
    HRESULT result = FAILED(user.result()) ? user.result() : password.result();
    if (SUCCEEDED(result)) {
        bg_auth_credentials given = sized<bg_auth_credentials>();
        given.target = static_cast<int32_t>(credentials->Target);
        given.scheme = static_cast<int32_t>(credentials->Scheme);
        given.user_name = user.get();
        given.password = password.get();
        result = bg_job_set_credentials(handle(), &given);
    }
    user.wipe();
    password.wipe();
    return result;
}

inline HRESULT Job::RemoveCredentials(BG_AUTH_TARGET Target, BG_AUTH_SCHEME Scheme)
{
    return bg_job_remove_credentials(handle(), static_cast<int32_t>(Target), static_cast<int32_t>(Scheme));
}

inline HRESULT Job::SetProxySettings(BG_JOB_PROXY_USAGE ProxyUsage, const WCHAR *ProxyList,
                                     const WCHAR *ProxyBypassList)
{
    const Utf8 proxies(ProxyList), bypass(ProxyBypassList);
    if (FAILED(proxies.result()))
        return proxies.result();
    return FAILED(bypass.result()) ? bypass.result()
                                   : bg_job_set_proxy_settings(handle(), static_cast<int32_t>(ProxyUsage),
                                                               proxies.get(), bypass.get());
}

inline HRESULT Job::GetProxySettings(BG_JOB_PROXY_USAGE *pProxyUsage, LPWSTR *pProxyList, LPWSTR *pProxyBypassList)
{
    int32_t usage = 0;
    char *proxies = nullptr, *bypass = nullptr;
    HRESULT result = E_INVALIDARG; // for any NULL, as the page of BITS says
    if (pProxyUsage != nullptr && pProxyList != nullptr && pProxyBypassList != nullptr)
        result = bg_job_get_proxy_settings(handle(), &usage, &proxies, &bypass);
    if (pProxyUsage != nullptr)
        *pProxyUsage = static_cast<BG_JOB_PROXY_USAGE>(usage);
    return give_both(result, proxies, pProxyList, bypass, pProxyBypassList);
}

} // namespace bgcopy::com

#endif
