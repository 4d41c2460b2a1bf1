/* bits1_5.h - what BITS 1.5 added: uploads, credentials, programs that are run. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS1_5_H) && !defined(_WIN32)
#define BGCOPY_BITS1_5_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A user name and a password.
typedef struct _BG_BASIC_CREDENTIALS {
    LPWSTR UserName;
    LPWSTR Password;
} BG_BASIC_CREDENTIALS;

/// Credentials of any scheme.
typedef union _BG_AUTH_CREDENTIALS_UNION {
    BG_BASIC_CREDENTIALS Basic;
} BG_AUTH_CREDENTIALS_UNION;

/// Credentials, for whom and how they are presented.
typedef struct _BG_AUTH_CREDENTIALS {
    BG_AUTH_TARGET Target;
    BG_AUTH_SCHEME Scheme;
    BG_AUTH_CREDENTIALS_UNION Credentials;
} BG_AUTH_CREDENTIALS;
typedef BG_AUTH_CREDENTIALS *PBG_AUTH_CREDENTIALS;

/// How far the reply of an upload is.
typedef struct _BG_JOB_REPLY_PROGRESS {
    /// Size, or BG_SIZE_UNKNOWN until the reply begins.
    UINT64 BytesTotal;
    UINT64 BytesTransferred;
} BG_JOB_REPLY_PROGRESS;
typedef BG_JOB_REPLY_PROGRESS *PBG_JOB_REPLY_PROGRESS;

/// A job: programs that are run for it, replies of uploads, credentials.
struct IBackgroundCopyJob2;
__CRT_UUID_DECL(IBackgroundCopyJob2, 0x54b50739, 0x686f, 0x45eb, 0x9d, 0xff, 0xd6, 0xa9, 0xa0, 0xfa, 0xa9, 0xaf);
struct IBackgroundCopyJob2 : IBackgroundCopyJob {
    virtual HRESULT STDMETHODCALLTYPE SetNotifyCmdLine(LPCWSTR Program, LPCWSTR Parameters) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetNotifyCmdLine(LPWSTR *pProgram, LPWSTR *pParameters) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetReplyProgress(BG_JOB_REPLY_PROGRESS *pProgress) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetReplyData(BYTE **ppBuffer, UINT64 *pLength) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetReplyFileName(LPCWSTR ReplyFileName) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetReplyFileName(LPWSTR *pReplyFileName) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetCredentials(BG_AUTH_CREDENTIALS *credentials) = 0;
    virtual HRESULT STDMETHODCALLTYPE RemoveCredentials(BG_AUTH_TARGET Target, BG_AUTH_SCHEME Scheme) = 0;
};
inline constexpr IID IID_IBackgroundCopyJob2 = __uuidof(IBackgroundCopyJob2);

/// The class of the manager of BITS 1.5: the same manager.
class BackgroundCopyManager1_5;
__CRT_UUID_DECL(BackgroundCopyManager1_5, 0xf087771f, 0xd74f, 0x4c1a, 0xbb, 0x8a, 0xe1, 0x6a, 0xca, 0x91, 0x24, 0xea);
inline constexpr CLSID CLSID_BackgroundCopyManager1_5 = __uuidof(BackgroundCopyManager1_5);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS1_5_H */
