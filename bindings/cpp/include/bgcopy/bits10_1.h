/* bits10_1.h - what BITS 10.1 added: parts of files on demand. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS10_1_H) && !defined(_WIN32)
#define BGCOPY_BITS10_1_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A file: parts of it are fetched when the program asks for them.
struct IBackgroundCopyFile6;
__CRT_UUID_DECL(IBackgroundCopyFile6, 0xcf6784f7, 0xd677, 0x49fd, 0x93, 0x68, 0xcb, 0x47, 0xae, 0xe9, 0xd1, 0xad);
struct IBackgroundCopyFile6 : IBackgroundCopyFile5 {
    virtual HRESULT STDMETHODCALLTYPE UpdateDownloadPosition(UINT64 offset) = 0;
    virtual HRESULT STDMETHODCALLTYPE RequestFileRanges(DWORD rangeCount, const BG_FILE_RANGE ranges[]) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFilledFileRanges(DWORD *rangeCount, BG_FILE_RANGE **ranges) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile6 = __uuidof(IBackgroundCopyFile6);

/// What a program implements to hear of parts of files, too.
struct IBackgroundCopyCallback3;
__CRT_UUID_DECL(IBackgroundCopyCallback3, 0x98c97bd2, 0xe32b, 0x4ad8, 0xa5, 0x28, 0x95, 0xfd, 0x8b, 0x16, 0xbd, 0x42);
struct IBackgroundCopyCallback3 : IBackgroundCopyCallback2 {
    virtual HRESULT STDMETHODCALLTYPE FileRangesTransferred(IBackgroundCopyJob *job, IBackgroundCopyFile *file,
                                                            DWORD rangeCount, const BG_FILE_RANGE ranges[]) = 0;
};
inline constexpr IID IID_IBackgroundCopyCallback3 = __uuidof(IBackgroundCopyCallback3);

/// The class of the manager of BITS 10.1: the same manager.
class BackgroundCopyManager10_1;
__CRT_UUID_DECL(BackgroundCopyManager10_1, 0x4bd3e4e1, 0x7bd4, 0x4a2b, 0x99, 0x64, 0x49, 0x64, 0x00, 0xde, 0x51, 0x93);
inline constexpr CLSID CLSID_BackgroundCopyManager10_1 = __uuidof(BackgroundCopyManager10_1);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS10_1_H */
