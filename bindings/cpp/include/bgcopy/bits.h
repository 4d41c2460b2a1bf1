/* bits.h - the interfaces of BITS for C++ on Linux: programs written for <bits.h> of the Windows SDK compile with
 * this one.
 *
 * Interfaces, identifiers, the order of methods, enumerations, structures and codes are those of the SDK. Each
 * method does what the function of bgcopy.h does whose name is made from its own: `IBackgroundCopyJob::AddFile`
 * is `bg_job_add_file`. What that is, with limits and codes, stands there.
 *
 * Rules of COM: strings and arrays that a method gives are freed with CoTaskMemFree; interface pointers that it
 * gives are released; those that a callback is given are borrowed. Every object may be used on every thread.
 *
 * This header includes all of BITS, so do the others of its kind (bits1_5.h ... bits10_3.h). On Windows it is the
 * one of the SDK.
 */
#ifndef BGCOPY_BITS_H
#define BGCOPY_BITS_H

#ifdef _WIN32
#include <bits.h>
#else

#include "com.h"
#include "bitsmsg.h"

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A remote and a local name.
typedef struct _BG_FILE_INFO {
    LPWSTR RemoteName;
    LPWSTR LocalName;
} BG_FILE_INFO;

/// How far a file is.
typedef struct _BG_FILE_PROGRESS {
    /// Size, or BG_SIZE_UNKNOWN.
    UINT64 BytesTotal;
    UINT64 BytesTransferred;
    /// TRUE when it has its final name.
    BOOL Completed;
} BG_FILE_PROGRESS;

/// How far a job is.
typedef struct _BG_JOB_PROGRESS {
    /// Sum of the sizes, or BG_SIZE_UNKNOWN.
    UINT64 BytesTotal;
    UINT64 BytesTransferred;
    ULONG FilesTotal;
    ULONG FilesTransferred;
} BG_JOB_PROGRESS;

/// When things happened to a job; zero for not yet.
typedef struct _BG_JOB_TIMES {
    FILETIME CreationTime;
    FILETIME ModificationTime;
    FILETIME TransferCompletionTime;
} BG_JOB_TIMES;

struct IBackgroundCopyJob;
struct IEnumBackgroundCopyFiles;
struct IEnumBackgroundCopyJobs;

/// A file of a job.
struct IBackgroundCopyFile;
__CRT_UUID_DECL(IBackgroundCopyFile, 0x01b7bd23, 0xfb88, 0x4a77, 0x84, 0x90, 0x58, 0x91, 0xd3, 0xe4, 0x65, 0x3a);
struct IBackgroundCopyFile : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetRemoteName(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetLocalName(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProgress(BG_FILE_PROGRESS *pVal) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile = __uuidof(IBackgroundCopyFile);

/// The files of a job as they were at one moment.
struct IEnumBackgroundCopyFiles;
__CRT_UUID_DECL(IEnumBackgroundCopyFiles, 0xca51e165, 0xc365, 0x424c, 0x8d, 0x41, 0x24, 0xaa, 0xa4, 0xff, 0x3c, 0x40);
struct IEnumBackgroundCopyFiles : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBackgroundCopyFile **rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyFiles **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBackgroundCopyFiles = __uuidof(IEnumBackgroundCopyFiles);

/// What went wrong with a job.
struct IBackgroundCopyError;
__CRT_UUID_DECL(IBackgroundCopyError, 0x19c613a0, 0xfcb8, 0x4f28, 0x81, 0xae, 0x89, 0x7c, 0x3d, 0x07, 0x8f, 0x81);
struct IBackgroundCopyError : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetError(BG_ERROR_CONTEXT *pContext, HRESULT *pCode) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFile(IBackgroundCopyFile **pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetErrorDescription(DWORD LanguageId, LPWSTR *pErrorDescription) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetErrorContextDescription(DWORD LanguageId, LPWSTR *pContextDescription) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProtocol(LPWSTR *pProtocol) = 0;
};
inline constexpr IID IID_IBackgroundCopyError = __uuidof(IBackgroundCopyError);

/// A job: files that are transferred together.
struct IBackgroundCopyJob;
__CRT_UUID_DECL(IBackgroundCopyJob, 0x37668d37, 0x507e, 0x4160, 0x93, 0x16, 0x26, 0x30, 0x6d, 0x15, 0x0b, 0x12);
struct IBackgroundCopyJob : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE AddFileSet(ULONG cFileCount, BG_FILE_INFO *pFileSet) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddFile(LPCWSTR RemoteUrl, LPCWSTR LocalName) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumFiles(IEnumBackgroundCopyFiles **pEnum) = 0;
    virtual HRESULT STDMETHODCALLTYPE Suspend() = 0;
    virtual HRESULT STDMETHODCALLTYPE Resume() = 0;
    virtual HRESULT STDMETHODCALLTYPE Cancel() = 0;
    virtual HRESULT STDMETHODCALLTYPE Complete() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetId(GUID *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetType(BG_JOB_TYPE *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProgress(BG_JOB_PROGRESS *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetTimes(BG_JOB_TIMES *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetState(BG_JOB_STATE *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetError(IBackgroundCopyError **ppError) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetOwner(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetDisplayName(LPCWSTR Val) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetDisplayName(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetDescription(LPCWSTR Val) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetDescription(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetPriority(BG_JOB_PRIORITY Val) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetPriority(BG_JOB_PRIORITY *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetNotifyFlags(ULONG Val) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetNotifyFlags(ULONG *pVal) = 0;
    /// Registers the callback object of the program, in place of the one before; NULL clears. It holds references
    /// to `Val` until another one is set, the job ends or the queue is closed. E_NOINTERFACE for an object
    /// without IBackgroundCopyCallback. An exception that leaves a callback counts as E_FAIL.
    virtual HRESULT STDMETHODCALLTYPE SetNotifyInterface(IUnknown *Val) = 0;
    /// Gives the pointer that SetNotifyInterface was given; NULL when there is none.
    virtual HRESULT STDMETHODCALLTYPE GetNotifyInterface(IUnknown **pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetMinimumRetryDelay(ULONG Seconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetMinimumRetryDelay(ULONG *Seconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetNoProgressTimeout(ULONG Seconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetNoProgressTimeout(ULONG *Seconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetErrorCount(ULONG *Errors) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetProxySettings(BG_JOB_PROXY_USAGE ProxyUsage, const WCHAR *ProxyList,
                                                       const WCHAR *ProxyBypassList) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProxySettings(BG_JOB_PROXY_USAGE *pProxyUsage, LPWSTR *pProxyList,
                                                       LPWSTR *pProxyBypassList) = 0;
    virtual HRESULT STDMETHODCALLTYPE TakeOwnership() = 0;
};
inline constexpr IID IID_IBackgroundCopyJob = __uuidof(IBackgroundCopyJob);

/// The jobs of the queue as they were at one moment.
struct IEnumBackgroundCopyJobs;
__CRT_UUID_DECL(IEnumBackgroundCopyJobs, 0x1af4f612, 0x3b71, 0x466f, 0x8f, 0x58, 0x7b, 0x6f, 0x73, 0xac, 0x57, 0xad);
struct IEnumBackgroundCopyJobs : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBackgroundCopyJob **rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyJobs **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBackgroundCopyJobs = __uuidof(IEnumBackgroundCopyJobs);

/// What a program implements to hear of its jobs. Methods are called on threads of the library; the pointers are
/// borrowed.
struct IBackgroundCopyCallback;
__CRT_UUID_DECL(IBackgroundCopyCallback, 0x97ea99c7, 0x0186, 0x4ad4, 0x8d, 0xf9, 0xc5, 0xb4, 0xe0, 0xed, 0x6b, 0x22);
struct IBackgroundCopyCallback : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob *pJob) = 0;
    virtual HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob *pJob, IBackgroundCopyError *pError) = 0;
    virtual HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob *pJob, DWORD dwReserved) = 0;
};
inline constexpr IID IID_IBackgroundCopyCallback = __uuidof(IBackgroundCopyCallback);

/// The queue. CoCreateInstance makes it from CLSID_BackgroundCopyManager.
struct IBackgroundCopyManager;
__CRT_UUID_DECL(IBackgroundCopyManager, 0x5ce34c0d, 0x0dc9, 0x4c1f, 0x89, 0x7c, 0xda, 0xa1, 0xb7, 0x8c, 0xee, 0x7c);
struct IBackgroundCopyManager : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE CreateJob(LPCWSTR DisplayName, BG_JOB_TYPE Type, GUID *pJobId,
                                                IBackgroundCopyJob **ppJob) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetJob(REFGUID jobID, IBackgroundCopyJob **ppJob) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumJobs(DWORD dwFlags, IEnumBackgroundCopyJobs **ppEnum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetErrorDescription(HRESULT hResult, DWORD LanguageId,
                                                          LPWSTR *pErrorDescription) = 0;
};
inline constexpr IID IID_IBackgroundCopyManager = __uuidof(IBackgroundCopyManager);

/// The class of the manager.
class BackgroundCopyManager;
__CRT_UUID_DECL(BackgroundCopyManager, 0x4991d34b, 0x80a1, 0x4291, 0x83, 0xb6, 0x33, 0x28, 0x36, 0x6b, 0x90, 0x97);
inline constexpr CLSID CLSID_BackgroundCopyManager = __uuidof(BackgroundCopyManager);

#pragma GCC diagnostic pop

#include "bits1_5.h"
#include "bits2_0.h"
#include "bits2_5.h"
#include "bits3_0.h"
#include "bits4_0.h"
#include "bits5_0.h"
#include "bits10_1.h"
#include "bits10_2.h"
#include "bits10_3.h"

#include "detail/server.h"

#endif /* _WIN32 */
#endif /* BGCOPY_BITS_H */
