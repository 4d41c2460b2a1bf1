// Credentials, proxies and helper tokens of a job.
#ifndef BGCOPY_DETAIL_CREDENTIALS_H
#define BGCOPY_DETAIL_CREDENTIALS_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetCredentials(BG_AUTH_CREDENTIALS *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::RemoveCredentials(BG_AUTH_TARGET, BG_AUTH_SCHEME)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetProxySettings(BG_JOB_PROXY_USAGE, const WCHAR *, const WCHAR *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetProxySettings(BG_JOB_PROXY_USAGE *, LPWSTR *, LPWSTR *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetHelperTokenFlags(BG_TOKEN)
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetHelperTokenFlags(BG_TOKEN *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetHelperToken()
{
    return E_NOTIMPL;
}

inline HRESULT Job::ClearHelperToken()
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetHelperTokenSid(LPWSTR *)
{
    return E_NOTIMPL;
}

} // namespace bgcopy::com

#endif
