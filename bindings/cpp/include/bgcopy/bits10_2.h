/* bits10_2.h - what BITS 10.2 added: methods of HTTP. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS10_2_H) && !defined(_WIN32)
#define BGCOPY_BITS10_2_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A job: the method that fetches its files.
struct IBackgroundCopyJobHttpOptions2;
__CRT_UUID_DECL(IBackgroundCopyJobHttpOptions2, 0xb591a192, 0xa405, 0x4fc3, 0x83, 0x23, 0x4c, 0x5c, 0x54, 0x25, 0x78, 0xfc);
struct IBackgroundCopyJobHttpOptions2 : IBackgroundCopyJobHttpOptions {
    virtual HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR *method) = 0;
};
inline constexpr IID IID_IBackgroundCopyJobHttpOptions2 = __uuidof(IBackgroundCopyJobHttpOptions2);

/// The class of the manager of BITS 10.2: the same manager.
class BackgroundCopyManager10_2;
__CRT_UUID_DECL(BackgroundCopyManager10_2, 0x4575438f, 0xa6c8, 0x4976, 0xb0, 0xfe, 0x2f, 0x26, 0xb8, 0x0d, 0x95, 0x9e);
inline constexpr CLSID CLSID_BackgroundCopyManager10_2 = __uuidof(BackgroundCopyManager10_2);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS10_2_H */
