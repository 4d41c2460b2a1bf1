// The options of HTTP of a job.
#ifndef BGCOPY_DETAIL_HTTP_OPTIONS_H
#define BGCOPY_DETAIL_HTTP_OPTIONS_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetClientCertificateByID(BG_CERT_STORE_LOCATION, LPCWSTR, BYTE *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetClientCertificateByName(BG_CERT_STORE_LOCATION, LPCWSTR, LPCWSTR)
{
    return E_NOTIMPL;
}

inline HRESULT Job::RemoveClientCertificate()
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetClientCertificate(BG_CERT_STORE_LOCATION *, LPWSTR *, BYTE **, LPWSTR *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetCustomHeaders(LPCWSTR RequestHeaders)
{
    Utf8 headers(RequestHeaders);
    if (FAILED(headers.result()))
        return headers.result();
    const HRESULT result = bg_job_set_custom_headers(handle(), headers.get());
    headers.wipe();
    return result;
}

inline HRESULT Job::GetCustomHeaders(LPWSTR *pRequestHeaders)
{
    if (pRequestHeaders == nullptr)
        return HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER);
    char *headers = nullptr;
    const HRESULT result = bg_job_get_custom_headers(handle(), &headers);
    return give(result, headers, pRequestHeaders);
}

inline HRESULT Job::MakeCustomHeadersWriteOnly()
{
    return bg_job_make_custom_headers_write_only(handle());
}

inline HRESULT Job::SetSecurityFlags(ULONG Flags)
{
    return bg_job_set_security_flags(handle(), Flags);
}

inline HRESULT Job::GetSecurityFlags(ULONG *pFlags)
{
    return bg_job_get_security_flags(handle(), pFlags);
}

inline HRESULT Job::SetHttpMethod(LPCWSTR method)
{
    const Utf8 name(method);
    return FAILED(name.result()) ? name.result() : bg_job_set_http_method(handle(), name.get());
}

inline HRESULT Job::GetHttpMethod(LPWSTR *method)
{
    char *name = nullptr;
    const HRESULT result = bg_job_get_http_method(handle(), method != nullptr ? &name : nullptr);
    return give(result, name, method);
}

} // namespace bgcopy::com

#endif
