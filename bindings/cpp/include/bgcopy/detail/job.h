// A job: IBackgroundCopyJob to IBackgroundCopyJob5, the options of HTTP, helper tokens.
#ifndef BGCOPY_DETAIL_JOB_H
#define BGCOPY_DETAIL_JOB_H

#include "enumerator.h"
#include "error.h"
#include "file.h"

namespace bgcopy::com {

/// Methods that are defined elsewhere are inline here already: a virtual method that is not would be the one that
/// lets a compiler emit the class in every file.
class Job final : public Object<bg_job, IBackgroundCopyJob5, IBackgroundCopyJobHttpOptions3, IBitsTokenOptions> {
public:
    explicit Job(bg_job *handle) noexcept : Object(handle) {}

    // Life: job_life.h
    inline HRESULT STDMETHODCALLTYPE AddFileSet(ULONG cFileCount, BG_FILE_INFO *pFileSet) override;
    inline HRESULT STDMETHODCALLTYPE AddFile(LPCWSTR RemoteUrl, LPCWSTR LocalName) override;
    inline HRESULT STDMETHODCALLTYPE AddFileWithRanges(LPCWSTR RemoteUrl, LPCWSTR LocalName, DWORD RangeCount,
                                                       BG_FILE_RANGE Ranges[]) override;
    inline HRESULT STDMETHODCALLTYPE ReplaceRemotePrefix(LPCWSTR OldPrefix, LPCWSTR NewPrefix) override;
    inline HRESULT STDMETHODCALLTYPE EnumFiles(IEnumBackgroundCopyFiles **pEnum) override;
    HRESULT STDMETHODCALLTYPE Suspend() override { return bg_job_suspend(handle()); }
    HRESULT STDMETHODCALLTYPE Resume() override { return bg_job_resume(handle()); }
    HRESULT STDMETHODCALLTYPE Cancel() override { return bg_job_cancel(handle()); }
    HRESULT STDMETHODCALLTYPE Complete() override { return bg_job_complete(handle()); }
    HRESULT STDMETHODCALLTYPE TakeOwnership() override { return bg_job_take_ownership(handle()); }
    inline HRESULT STDMETHODCALLTYPE GetId(GUID *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetType(BG_JOB_TYPE *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetProgress(BG_JOB_PROGRESS *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetTimes(BG_JOB_TIMES *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetState(BG_JOB_STATE *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetError(IBackgroundCopyError **ppError) override;
    HRESULT STDMETHODCALLTYPE GetErrorCount(ULONG *Errors) override { return bg_job_get_error_count(handle(), Errors); }
    inline HRESULT STDMETHODCALLTYPE GetOwner(LPWSTR *pVal) override;
    inline HRESULT STDMETHODCALLTYPE GetOwnerIntegrityLevel(ULONG *pLevel) override;
    inline HRESULT STDMETHODCALLTYPE GetOwnerElevationState(BOOL *pElevated) override;

    // Callbacks: callback.h, validation.h
    inline HRESULT STDMETHODCALLTYPE SetNotifyInterface(IUnknown *Val) override;
    inline HRESULT STDMETHODCALLTYPE GetNotifyInterface(IUnknown **pVal) override;
    inline HRESULT STDMETHODCALLTYPE SetServerCertificateValidationInterface(IUnknown *certValidationCallback) override;

    // Properties: job_properties.h
    inline HRESULT STDMETHODCALLTYPE SetDisplayName(LPCWSTR Val) override;
    inline HRESULT STDMETHODCALLTYPE GetDisplayName(LPWSTR *pVal) override;
    inline HRESULT STDMETHODCALLTYPE SetDescription(LPCWSTR Val) override;
    inline HRESULT STDMETHODCALLTYPE GetDescription(LPWSTR *pVal) override;
    inline HRESULT STDMETHODCALLTYPE SetPriority(BG_JOB_PRIORITY Val) override;
    inline HRESULT STDMETHODCALLTYPE GetPriority(BG_JOB_PRIORITY *pVal) override;
    inline HRESULT STDMETHODCALLTYPE SetNotifyFlags(ULONG Val) override;
    inline HRESULT STDMETHODCALLTYPE GetNotifyFlags(ULONG *pVal) override;
    inline HRESULT STDMETHODCALLTYPE SetMinimumRetryDelay(ULONG Seconds) override;
    inline HRESULT STDMETHODCALLTYPE GetMinimumRetryDelay(ULONG *Seconds) override;
    inline HRESULT STDMETHODCALLTYPE SetNoProgressTimeout(ULONG Seconds) override;
    inline HRESULT STDMETHODCALLTYPE GetNoProgressTimeout(ULONG *Seconds) override;
    inline HRESULT STDMETHODCALLTYPE SetMaximumDownloadTime(ULONG Timeout) override;
    inline HRESULT STDMETHODCALLTYPE GetMaximumDownloadTime(ULONG *pTimeout) override;
    inline HRESULT STDMETHODCALLTYPE SetNotifyCmdLine(LPCWSTR Program, LPCWSTR Parameters) override;
    inline HRESULT STDMETHODCALLTYPE GetNotifyCmdLine(LPWSTR *pProgram, LPWSTR *pParameters) override;
    inline HRESULT STDMETHODCALLTYPE SetPeerCachingFlags(DWORD Flags) override;
    inline HRESULT STDMETHODCALLTYPE GetPeerCachingFlags(DWORD *pFlags) override;
    inline HRESULT STDMETHODCALLTYPE SetFileACLFlags(DWORD Flags) override;
    inline HRESULT STDMETHODCALLTYPE GetFileACLFlags(DWORD *Flags) override;
    inline HRESULT STDMETHODCALLTYPE SetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                 BITS_JOB_PROPERTY_VALUE PropertyValue) override;
    inline HRESULT STDMETHODCALLTYPE GetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                 BITS_JOB_PROPERTY_VALUE *PropertyValue) override;

    // The reply of an upload: reply.h
    inline HRESULT STDMETHODCALLTYPE GetReplyProgress(BG_JOB_REPLY_PROGRESS *pProgress) override;
    inline HRESULT STDMETHODCALLTYPE GetReplyData(BYTE **ppBuffer, UINT64 *pLength) override;
    inline HRESULT STDMETHODCALLTYPE SetReplyFileName(LPCWSTR ReplyFileName) override;
    inline HRESULT STDMETHODCALLTYPE GetReplyFileName(LPWSTR *pReplyFileName) override;

    // Credentials and proxies: credentials.h
    inline HRESULT STDMETHODCALLTYPE SetCredentials(BG_AUTH_CREDENTIALS *credentials) override;
    inline HRESULT STDMETHODCALLTYPE RemoveCredentials(BG_AUTH_TARGET Target, BG_AUTH_SCHEME Scheme) override;
    inline HRESULT STDMETHODCALLTYPE SetProxySettings(BG_JOB_PROXY_USAGE ProxyUsage, const WCHAR *ProxyList,
                                                      const WCHAR *ProxyBypassList) override;
    inline HRESULT STDMETHODCALLTYPE GetProxySettings(BG_JOB_PROXY_USAGE *pProxyUsage, LPWSTR *pProxyList,
                                                      LPWSTR *pProxyBypassList) override;

    // Helper tokens: token.h
    inline HRESULT STDMETHODCALLTYPE SetHelperTokenFlags(BG_TOKEN UsageFlags) override;
    inline HRESULT STDMETHODCALLTYPE GetHelperTokenFlags(BG_TOKEN *pFlags) override;
    inline HRESULT STDMETHODCALLTYPE SetHelperToken() override;
    inline HRESULT STDMETHODCALLTYPE ClearHelperToken() override;
    inline HRESULT STDMETHODCALLTYPE GetHelperTokenSid(LPWSTR *pSid) override;

    // Options of HTTP: http_options.h
    inline HRESULT STDMETHODCALLTYPE SetClientCertificateByID(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                                              BYTE *pCertHashBlob) override;
    inline HRESULT STDMETHODCALLTYPE SetClientCertificateByName(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                                                LPCWSTR SubjectName) override;
    inline HRESULT STDMETHODCALLTYPE RemoveClientCertificate() override;
    inline HRESULT STDMETHODCALLTYPE GetClientCertificate(BG_CERT_STORE_LOCATION *pStoreLocation, LPWSTR *pStoreName,
                                                          BYTE **ppCertHashBlob, LPWSTR *pSubjectName) override;
    inline HRESULT STDMETHODCALLTYPE SetCustomHeaders(LPCWSTR RequestHeaders) override;
    inline HRESULT STDMETHODCALLTYPE GetCustomHeaders(LPWSTR *pRequestHeaders) override;
    inline HRESULT STDMETHODCALLTYPE MakeCustomHeadersWriteOnly() override;
    inline HRESULT STDMETHODCALLTYPE SetSecurityFlags(ULONG Flags) override;
    inline HRESULT STDMETHODCALLTYPE GetSecurityFlags(ULONG *pFlags) override;
    inline HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) override;
    inline HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR *method) override;

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
