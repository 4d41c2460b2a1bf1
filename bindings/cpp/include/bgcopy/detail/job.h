// A job: IBackgroundCopyJob to IBackgroundCopyJob5, the options of HTTP, helper tokens.
#ifndef BGCOPY_DETAIL_JOB_H
#define BGCOPY_DETAIL_JOB_H

#include "enumerator.h"
#include "error.h"
#include "file.h"

namespace bgcopy::com {

class Job final : public Object<bg_job, IBackgroundCopyJob5, IBackgroundCopyJobHttpOptions3, IBitsTokenOptions> {
public:
    explicit Job(bg_job *handle) noexcept : Object(handle) {}

    // Life: job_life.h
    HRESULT STDMETHODCALLTYPE AddFileSet(ULONG cFileCount, BG_FILE_INFO *pFileSet) override;
    HRESULT STDMETHODCALLTYPE AddFile(LPCWSTR RemoteUrl, LPCWSTR LocalName) override;
    HRESULT STDMETHODCALLTYPE AddFileWithRanges(LPCWSTR RemoteUrl, LPCWSTR LocalName, DWORD RangeCount,
                                                BG_FILE_RANGE Ranges[]) override;
    HRESULT STDMETHODCALLTYPE ReplaceRemotePrefix(LPCWSTR OldPrefix, LPCWSTR NewPrefix) override;
    HRESULT STDMETHODCALLTYPE EnumFiles(IEnumBackgroundCopyFiles **pEnum) override;
    HRESULT STDMETHODCALLTYPE Suspend() override { return bg_job_suspend(handle()); }
    HRESULT STDMETHODCALLTYPE Resume() override { return bg_job_resume(handle()); }
    HRESULT STDMETHODCALLTYPE Cancel() override { return bg_job_cancel(handle()); }
    HRESULT STDMETHODCALLTYPE Complete() override { return bg_job_complete(handle()); }
    HRESULT STDMETHODCALLTYPE TakeOwnership() override { return bg_job_take_ownership(handle()); }
    HRESULT STDMETHODCALLTYPE GetId(GUID *pVal) override;
    HRESULT STDMETHODCALLTYPE GetType(BG_JOB_TYPE *pVal) override;
    HRESULT STDMETHODCALLTYPE GetProgress(BG_JOB_PROGRESS *pVal) override;
    HRESULT STDMETHODCALLTYPE GetTimes(BG_JOB_TIMES *pVal) override;
    HRESULT STDMETHODCALLTYPE GetState(BG_JOB_STATE *pVal) override;
    HRESULT STDMETHODCALLTYPE GetError(IBackgroundCopyError **ppError) override;
    HRESULT STDMETHODCALLTYPE GetErrorCount(ULONG *Errors) override { return bg_job_get_error_count(handle(), Errors); }
    HRESULT STDMETHODCALLTYPE GetOwner(LPWSTR *pVal) override;
    HRESULT STDMETHODCALLTYPE GetOwnerIntegrityLevel(ULONG *pLevel) override;
    HRESULT STDMETHODCALLTYPE GetOwnerElevationState(BOOL *pElevated) override;

    // Callbacks: callback.h, validation.h
    HRESULT STDMETHODCALLTYPE SetNotifyInterface(IUnknown *Val) override;
    HRESULT STDMETHODCALLTYPE GetNotifyInterface(IUnknown **pVal) override;
    HRESULT STDMETHODCALLTYPE SetServerCertificateValidationInterface(IUnknown *certValidationCallback) override;

    // Properties: job_properties.h
    HRESULT STDMETHODCALLTYPE SetDisplayName(LPCWSTR Val) override;
    HRESULT STDMETHODCALLTYPE GetDisplayName(LPWSTR *pVal) override;
    HRESULT STDMETHODCALLTYPE SetDescription(LPCWSTR Val) override;
    HRESULT STDMETHODCALLTYPE GetDescription(LPWSTR *pVal) override;
    HRESULT STDMETHODCALLTYPE SetPriority(BG_JOB_PRIORITY Val) override;
    HRESULT STDMETHODCALLTYPE GetPriority(BG_JOB_PRIORITY *pVal) override;
    HRESULT STDMETHODCALLTYPE SetNotifyFlags(ULONG Val) override;
    HRESULT STDMETHODCALLTYPE GetNotifyFlags(ULONG *pVal) override;
    HRESULT STDMETHODCALLTYPE SetMinimumRetryDelay(ULONG Seconds) override;
    HRESULT STDMETHODCALLTYPE GetMinimumRetryDelay(ULONG *Seconds) override;
    HRESULT STDMETHODCALLTYPE SetNoProgressTimeout(ULONG Seconds) override;
    HRESULT STDMETHODCALLTYPE GetNoProgressTimeout(ULONG *Seconds) override;
    HRESULT STDMETHODCALLTYPE SetMaximumDownloadTime(ULONG Timeout) override;
    HRESULT STDMETHODCALLTYPE GetMaximumDownloadTime(ULONG *pTimeout) override;
    HRESULT STDMETHODCALLTYPE SetNotifyCmdLine(LPCWSTR Program, LPCWSTR Parameters) override;
    HRESULT STDMETHODCALLTYPE GetNotifyCmdLine(LPWSTR *pProgram, LPWSTR *pParameters) override;
    HRESULT STDMETHODCALLTYPE SetPeerCachingFlags(DWORD Flags) override;
    HRESULT STDMETHODCALLTYPE GetPeerCachingFlags(DWORD *pFlags) override;
    HRESULT STDMETHODCALLTYPE SetFileACLFlags(DWORD Flags) override;
    HRESULT STDMETHODCALLTYPE GetFileACLFlags(DWORD *Flags) override;
    HRESULT STDMETHODCALLTYPE SetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                          BITS_JOB_PROPERTY_VALUE PropertyValue) override;
    HRESULT STDMETHODCALLTYPE GetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                          BITS_JOB_PROPERTY_VALUE *PropertyValue) override;

    // The reply of an upload: reply.h
    HRESULT STDMETHODCALLTYPE GetReplyProgress(BG_JOB_REPLY_PROGRESS *pProgress) override;
    HRESULT STDMETHODCALLTYPE GetReplyData(BYTE **ppBuffer, UINT64 *pLength) override;
    HRESULT STDMETHODCALLTYPE SetReplyFileName(LPCWSTR ReplyFileName) override;
    HRESULT STDMETHODCALLTYPE GetReplyFileName(LPWSTR *pReplyFileName) override;

    // Credentials and proxies: credentials.h
    HRESULT STDMETHODCALLTYPE SetCredentials(BG_AUTH_CREDENTIALS *credentials) override;
    HRESULT STDMETHODCALLTYPE RemoveCredentials(BG_AUTH_TARGET Target, BG_AUTH_SCHEME Scheme) override;
    HRESULT STDMETHODCALLTYPE SetProxySettings(BG_JOB_PROXY_USAGE ProxyUsage, const WCHAR *ProxyList,
                                               const WCHAR *ProxyBypassList) override;
    HRESULT STDMETHODCALLTYPE GetProxySettings(BG_JOB_PROXY_USAGE *pProxyUsage, LPWSTR *pProxyList,
                                               LPWSTR *pProxyBypassList) override;

    // Helper tokens: token.h
    HRESULT STDMETHODCALLTYPE SetHelperTokenFlags(BG_TOKEN UsageFlags) override;
    HRESULT STDMETHODCALLTYPE GetHelperTokenFlags(BG_TOKEN *pFlags) override;
    HRESULT STDMETHODCALLTYPE SetHelperToken() override;
    HRESULT STDMETHODCALLTYPE ClearHelperToken() override;
    HRESULT STDMETHODCALLTYPE GetHelperTokenSid(LPWSTR *pSid) override;

    // Options of HTTP: http_options.h
    HRESULT STDMETHODCALLTYPE SetClientCertificateByID(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                                       BYTE *pCertHashBlob) override;
    HRESULT STDMETHODCALLTYPE SetClientCertificateByName(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                                         LPCWSTR SubjectName) override;
    HRESULT STDMETHODCALLTYPE RemoveClientCertificate() override;
    HRESULT STDMETHODCALLTYPE GetClientCertificate(BG_CERT_STORE_LOCATION *pStoreLocation, LPWSTR *pStoreName,
                                                   BYTE **ppCertHashBlob, LPWSTR *pSubjectName) override;
    HRESULT STDMETHODCALLTYPE SetCustomHeaders(LPCWSTR RequestHeaders) override;
    HRESULT STDMETHODCALLTYPE GetCustomHeaders(LPWSTR *pRequestHeaders) override;
    HRESULT STDMETHODCALLTYPE MakeCustomHeadersWriteOnly() override;
    HRESULT STDMETHODCALLTYPE SetSecurityFlags(ULONG Flags) override;
    HRESULT STDMETHODCALLTYPE GetSecurityFlags(ULONG *pFlags) override;
    HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) override;
    HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR *method) override;

private:
    void *find(REFIID riid) noexcept override
    {
        if (is_one_of<IUnknown, IBackgroundCopyJob, IBackgroundCopyJob2, IBackgroundCopyJob3, IBackgroundCopyJob4,
                      IBackgroundCopyJob5>(riid))
            return static_cast<IBackgroundCopyJob5 *>(this);
        if (is_one_of<IBackgroundCopyJobHttpOptions, IBackgroundCopyJobHttpOptions2, IBackgroundCopyJobHttpOptions3>(
                riid))
            return static_cast<IBackgroundCopyJobHttpOptions3 *>(this);
        return riid == __uuidof(IBitsTokenOptions) ? static_cast<IBitsTokenOptions *>(this) : nullptr;
    }
};

} // namespace bgcopy::com

#include "callback.h"
#include "credentials.h"
#include "http_options.h"
#include "job_life.h"
#include "job_properties.h"
#include "reply.h"
#include "token.h"
#include "validation.h"

#endif
