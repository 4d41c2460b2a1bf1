/* bits5_0.h - what BITS 5.0 added: properties by number. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS5_0_H) && !defined(_WIN32)
#define BGCOPY_BITS5_0_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// The value of a property of a job; which member, its number says.
typedef union _BITS_JOB_PROPERTY_VALUE {
    DWORD Dword;
    GUID ClsID;
    BOOL Enable;
    UINT64 Uint64;
    BG_AUTH_TARGET Target;
} BITS_JOB_PROPERTY_VALUE;

/// The value of a property of a file.
typedef union _BITS_FILE_PROPERTY_VALUE {
    LPWSTR String;
} BITS_FILE_PROPERTY_VALUE;

/// A job: properties by number.
struct IBackgroundCopyJob5;
__CRT_UUID_DECL(IBackgroundCopyJob5, 0xe847030c, 0xbbba, 0x4657, 0xaf, 0x6d, 0x48, 0x4a, 0xa4, 0x2b, 0xf1, 0xfe);
struct IBackgroundCopyJob5 : IBackgroundCopyJob4 {
    virtual HRESULT STDMETHODCALLTYPE SetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                  BITS_JOB_PROPERTY_VALUE PropertyValue) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                  BITS_JOB_PROPERTY_VALUE *PropertyValue) = 0;
};
inline constexpr IID IID_IBackgroundCopyJob5 = __uuidof(IBackgroundCopyJob5);

/// A file: properties by number.
struct IBackgroundCopyFile5;
__CRT_UUID_DECL(IBackgroundCopyFile5, 0x85c1657f, 0xdafc, 0x40e8, 0x88, 0x34, 0xdf, 0x18, 0xea, 0x25, 0x71, 0x7e);
struct IBackgroundCopyFile5 : IBackgroundCopyFile4 {
    virtual HRESULT STDMETHODCALLTYPE SetProperty(BITS_FILE_PROPERTY_ID PropertyId,
                                                  BITS_FILE_PROPERTY_VALUE PropertyValue) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProperty(BITS_FILE_PROPERTY_ID PropertyId,
                                                  BITS_FILE_PROPERTY_VALUE *PropertyValue) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile5 = __uuidof(IBackgroundCopyFile5);

/// The class of the manager of BITS 5.0: the same manager.
class BackgroundCopyManager5_0;
__CRT_UUID_DECL(BackgroundCopyManager5_0, 0x1ecca34c, 0xe88a, 0x44e3, 0x8d, 0x6a, 0x89, 0x21, 0xbd, 0xe9, 0xe4, 0x52);
inline constexpr CLSID CLSID_BackgroundCopyManager5_0 = __uuidof(BackgroundCopyManager5_0);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS5_0_H */
