/* bits2_0.h - what BITS 2.0 added: ranges, other remote names. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS2_0_H) && !defined(_WIN32)
#define BGCOPY_BITS2_0_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A part of a file.
typedef struct _BG_FILE_RANGE {
    UINT64 InitialOffset;
    /// Number of bytes, or BG_LENGTH_TO_EOF.
    UINT64 Length;
} BG_FILE_RANGE;

/// A job: other remote names, files of which parts are fetched.
struct IBackgroundCopyJob3;
__CRT_UUID_DECL(IBackgroundCopyJob3, 0x443c8934, 0x90ff, 0x48ed, 0xbc, 0xde, 0x26, 0xf5, 0xc7, 0x45, 0x00, 0x42);
struct IBackgroundCopyJob3 : IBackgroundCopyJob2 {
    virtual HRESULT STDMETHODCALLTYPE ReplaceRemotePrefix(LPCWSTR OldPrefix, LPCWSTR NewPrefix) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddFileWithRanges(LPCWSTR RemoteUrl, LPCWSTR LocalName, DWORD RangeCount,
                                                        BG_FILE_RANGE Ranges[]) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetFileACLFlags(DWORD Flags) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFileACLFlags(DWORD *Flags) = 0;
};
inline constexpr IID IID_IBackgroundCopyJob3 = __uuidof(IBackgroundCopyJob3);

/// A file: its ranges, another remote name.
struct IBackgroundCopyFile2;
__CRT_UUID_DECL(IBackgroundCopyFile2, 0x83e81b93, 0x0873, 0x474d, 0x8a, 0x8c, 0xf2, 0x01, 0x8b, 0x1a, 0x93, 0x9c);
struct IBackgroundCopyFile2 : IBackgroundCopyFile {
    virtual HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD *RangeCount, BG_FILE_RANGE **Ranges) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetRemoteName(LPCWSTR Val) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile2 = __uuidof(IBackgroundCopyFile2);

/// The class of the manager of BITS 2.0: the same manager.
class BackgroundCopyManager2_0;
__CRT_UUID_DECL(BackgroundCopyManager2_0, 0x6d18ad12, 0xbde3, 0x4393, 0xb3, 0x11, 0x09, 0x9c, 0x34, 0x6e, 0x6d, 0xf9);
inline constexpr CLSID CLSID_BackgroundCopyManager2_0 = __uuidof(BackgroundCopyManager2_0);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS2_0_H */
