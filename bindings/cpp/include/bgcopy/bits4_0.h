/* bits4_0.h - what BITS 4.0 added: helper tokens, statistics of peers. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS4_0_H) && !defined(_WIN32)
#define BGCOPY_BITS4_0_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// Any of BG_TOKEN_LOCAL_FILE and BG_TOKEN_NETWORK.
typedef DWORD BG_TOKEN;

/// A job: a second identity for some of its accesses.
struct IBitsTokenOptions;
__CRT_UUID_DECL(IBitsTokenOptions, 0x9a2584c3, 0xf7d2, 0x457a, 0x9a, 0x5e, 0x22, 0xb6, 0x7b, 0xff, 0xc7, 0xd2);
struct IBitsTokenOptions : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE SetHelperTokenFlags(BG_TOKEN UsageFlags) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetHelperTokenFlags(BG_TOKEN *pFlags) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetHelperToken() = 0;
    virtual HRESULT STDMETHODCALLTYPE ClearHelperToken() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetHelperTokenSid(LPWSTR *pSid) = 0;
};
inline constexpr IID IID_IBitsTokenOptions = __uuidof(IBitsTokenOptions);

/// A file: where its bytes came from.
struct IBackgroundCopyFile4;
__CRT_UUID_DECL(IBackgroundCopyFile4, 0xef7e0655, 0x7888, 0x4960, 0xb0, 0xe5, 0x73, 0x08, 0x46, 0xe0, 0x34, 0x92);
struct IBackgroundCopyFile4 : IBackgroundCopyFile3 {
    virtual HRESULT STDMETHODCALLTYPE GetPeerDownloadStats(UINT64 *pFromOrigin, UINT64 *pFromPeers) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile4 = __uuidof(IBackgroundCopyFile4);

/// The class of the manager of BITS 4.0: the same manager.
class BackgroundCopyManager4_0;
__CRT_UUID_DECL(BackgroundCopyManager4_0, 0xbb6df56b, 0xcace, 0x11dc, 0x99, 0x92, 0x00, 0x19, 0xb9, 0x3a, 0x3a, 0x84);
inline constexpr CLSID CLSID_BackgroundCopyManager4_0 = __uuidof(BackgroundCopyManager4_0);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS4_0_H */
