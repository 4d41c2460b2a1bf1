/* bits10_3.h - what BITS 10.3 added: checks of certificates by the program. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS10_3_H) && !defined(_WIN32)
#define BGCOPY_BITS10_3_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// What a program implements to judge the certificates of servers: S_OK accepts, a failure declines.
struct IBackgroundCopyServerCertificateValidationCallback;
__CRT_UUID_DECL(IBackgroundCopyServerCertificateValidationCallback, 0x4cec0d02, 0xdef7, 0x4158, 0x81, 0x3a, 0xc3, 0x2a, 0x46, 0x94, 0x5f, 0xf7);
struct IBackgroundCopyServerCertificateValidationCallback : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE ValidateServerCertificate(IBackgroundCopyJob *job, IBackgroundCopyFile *file,
                                                                DWORD certLength, const BYTE certData[],
                                                                DWORD certEncodingType, DWORD certStoreLength,
                                                                const BYTE certStoreData[]) = 0;
};
inline constexpr IID IID_IBackgroundCopyServerCertificateValidationCallback = __uuidof(IBackgroundCopyServerCertificateValidationCallback);

/// A job: who judges certificates, headers that nobody may read.
struct IBackgroundCopyJobHttpOptions3;
__CRT_UUID_DECL(IBackgroundCopyJobHttpOptions3, 0x8a9263d3, 0xfd4c, 0x4eda, 0x9b, 0x28, 0x30, 0x13, 0x2a, 0x4d, 0x4e, 0x3c);
struct IBackgroundCopyJobHttpOptions3 : IBackgroundCopyJobHttpOptions2 {
    virtual HRESULT STDMETHODCALLTYPE SetServerCertificateValidationInterface(IUnknown *certValidationCallback) = 0;
    virtual HRESULT STDMETHODCALLTYPE MakeCustomHeadersWriteOnly() = 0;
};
inline constexpr IID IID_IBackgroundCopyJobHttpOptions3 = __uuidof(IBackgroundCopyJobHttpOptions3);

/// The class of the manager of BITS 10.3: the same manager.
class BackgroundCopyManager10_3;
__CRT_UUID_DECL(BackgroundCopyManager10_3, 0x5fd42ad5, 0xc04e, 0x4d36, 0xad, 0xc7, 0xe0, 0x8f, 0xf1, 0x57, 0x37, 0xad);
inline constexpr CLSID CLSID_BackgroundCopyManager10_3 = __uuidof(BackgroundCopyManager10_3);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS10_3_H */
