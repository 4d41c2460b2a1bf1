// The options of HTTP of a job.
#ifndef BGCOPY_DETAIL_HTTP_OPTIONS_H
#define BGCOPY_DETAIL_HTTP_OPTIONS_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetClientCertificateByID(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                             BYTE *pCertHashBlob)
{
    const Utf8 store(StoreName);
    return FAILED(store.result()) ? store.result()
                                  : bg_job_set_client_certificate_by_id(handle(), static_cast<int32_t>(StoreLocation),
                                                                        store.get(), pCertHashBlob);
}

inline HRESULT Job::SetClientCertificateByName(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                               LPCWSTR SubjectName)
{
    const Utf8 store(StoreName), subject(SubjectName);
    if (FAILED(store.result()))
        return store.result();
    return FAILED(subject.result())
               ? subject.result()
               : bg_job_set_client_certificate_by_name(handle(), static_cast<int32_t>(StoreLocation), store.get(),
                                                       subject.get());
}

inline HRESULT Job::RemoveClientCertificate()
{
    return bg_job_remove_client_certificate(handle());
}

inline HRESULT Job::GetClientCertificate(BG_CERT_STORE_LOCATION *pStoreLocation, LPWSTR *pStoreName,
                                         BYTE **ppCertHashBlob, LPWSTR *pSubjectName)
{
    constexpr size_t hash_length = 20;
    int32_t location = 0;
    char *store = nullptr, *subject = nullptr;
    uint8_t *hash = nullptr;
    HRESULT result = bg_job_get_client_certificate(
        handle(), pStoreLocation != nullptr ? &location : nullptr, pStoreName != nullptr ? &store : nullptr,
        ppCertHashBlob != nullptr ? &hash : nullptr, pSubjectName != nullptr ? &subject : nullptr);
    if (pStoreLocation != nullptr)
        *pStoreLocation = static_cast<BG_CERT_STORE_LOCATION>(location);
    result = give_array(result, hash, hash_length, ppCertHashBlob, static_cast<ULONG *>(nullptr));
    result = give_both(result, store, pStoreName, subject, pSubjectName);
    if (FAILED(result) && ppCertHashBlob != nullptr) {
        CoTaskMemFree(*ppCertHashBlob);
        *ppCertHashBlob = nullptr;
    }
    return result;
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
