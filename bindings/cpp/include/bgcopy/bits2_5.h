/* bits2_5.h - what BITS 2.5 added: options of HTTP. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS2_5_H) && !defined(_WIN32)
#define BGCOPY_BITS2_5_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A job: client certificates, headers, checks of servers, redirects.
struct IBackgroundCopyJobHttpOptions;
__CRT_UUID_DECL(IBackgroundCopyJobHttpOptions, 0xf1bd1079, 0x9f01, 0x4bdc, 0x80, 0x36, 0xf0, 0x9b, 0x70, 0x09, 0x50, 0x66);
struct IBackgroundCopyJobHttpOptions : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE SetClientCertificateByID(BG_CERT_STORE_LOCATION StoreLocation, LPCWSTR StoreName,
                                                               BYTE *pCertHashBlob) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetClientCertificateByName(BG_CERT_STORE_LOCATION StoreLocation,
                                                                 LPCWSTR StoreName, LPCWSTR SubjectName) = 0;
    virtual HRESULT STDMETHODCALLTYPE RemoveClientCertificate() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetClientCertificate(BG_CERT_STORE_LOCATION *pStoreLocation, LPWSTR *pStoreName,
                                                           BYTE **ppCertHashBlob, LPWSTR *pSubjectName) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetCustomHeaders(LPCWSTR RequestHeaders) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCustomHeaders(LPWSTR *pRequestHeaders) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetSecurityFlags(ULONG Flags) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetSecurityFlags(ULONG *pFlags) = 0;
};
inline constexpr IID IID_IBackgroundCopyJobHttpOptions = __uuidof(IBackgroundCopyJobHttpOptions);

/// The class of the manager of BITS 2.5: the same manager.
class BackgroundCopyManager2_5;
__CRT_UUID_DECL(BackgroundCopyManager2_5, 0x03ca98d6, 0xff5d, 0x49b8, 0xab, 0xc6, 0x03, 0xdd, 0x84, 0x12, 0x70, 0x20);
inline constexpr CLSID CLSID_BackgroundCopyManager2_5 = __uuidof(BackgroundCopyManager2_5);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS2_5_H */
