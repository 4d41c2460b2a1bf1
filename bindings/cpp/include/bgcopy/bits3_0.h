/* bits3_0.h - what BITS 3.0 added: notification of files, validation, peer caching. */
#include "bits.h" /* what this builds on; it includes this header, too */

#if !defined(BGCOPY_BITS3_0_H) && !defined(_WIN32)
#define BGCOPY_BITS3_0_H

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A job: peer caching, its owner, the longest time it may take.
struct IBackgroundCopyJob4;
__CRT_UUID_DECL(IBackgroundCopyJob4, 0x659cdeae, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBackgroundCopyJob4 : IBackgroundCopyJob3 {
    virtual HRESULT STDMETHODCALLTYPE SetPeerCachingFlags(DWORD Flags) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetPeerCachingFlags(DWORD *pFlags) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetOwnerIntegrityLevel(ULONG *pLevel) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetOwnerElevationState(BOOL *pElevated) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetMaximumDownloadTime(ULONG Timeout) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetMaximumDownloadTime(ULONG *pTimeout) = 0;
};
inline constexpr IID IID_IBackgroundCopyJob4 = __uuidof(IBackgroundCopyJob4);

/// A file: its temporary name, whether its content is right.
struct IBackgroundCopyFile3;
__CRT_UUID_DECL(IBackgroundCopyFile3, 0x659cdeaa, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBackgroundCopyFile3 : IBackgroundCopyFile2 {
    virtual HRESULT STDMETHODCALLTYPE GetTemporaryName(LPWSTR *pFilename) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetValidationState(BOOL state) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetValidationState(BOOL *pState) = 0;
    virtual HRESULT STDMETHODCALLTYPE IsDownloadedFromPeer(BOOL *pVal) = 0;
};
inline constexpr IID IID_IBackgroundCopyFile3 = __uuidof(IBackgroundCopyFile3);

/// What a program implements to hear of each file, too.
struct IBackgroundCopyCallback2;
__CRT_UUID_DECL(IBackgroundCopyCallback2, 0x659cdeac, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBackgroundCopyCallback2 : IBackgroundCopyCallback {
    virtual HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob *pJob, IBackgroundCopyFile *pFile) = 0;
};
inline constexpr IID IID_IBackgroundCopyCallback2 = __uuidof(IBackgroundCopyCallback2);

/// A part of a file in the cache for peers.
struct IBitsPeerCacheRecord;
__CRT_UUID_DECL(IBitsPeerCacheRecord, 0x659cdeaf, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBitsPeerCacheRecord : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetId(GUID *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetOriginUrl(LPWSTR *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFileSize(UINT64 *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFileModificationTime(FILETIME *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetLastAccessTime(FILETIME *pVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE IsFileValidated() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD *pRangeCount, BG_FILE_RANGE **ppRanges) = 0;
};
inline constexpr IID IID_IBitsPeerCacheRecord = __uuidof(IBitsPeerCacheRecord);

/// The records of the cache for peers.
struct IEnumBitsPeerCacheRecords;
__CRT_UUID_DECL(IEnumBitsPeerCacheRecords, 0x659cdea4, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IEnumBitsPeerCacheRecords : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBitsPeerCacheRecord **rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBitsPeerCacheRecords **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBitsPeerCacheRecords = __uuidof(IEnumBitsPeerCacheRecords);

/// Another computer that files may come from.
struct IBitsPeer;
__CRT_UUID_DECL(IBitsPeer, 0x659cdea2, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBitsPeer : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetPeerName(LPWSTR *pName) = 0;
    virtual HRESULT STDMETHODCALLTYPE IsAuthenticated(BOOL *pAuth) = 0;
    virtual HRESULT STDMETHODCALLTYPE IsAvailable(BOOL *pOnline) = 0;
};
inline constexpr IID IID_IBitsPeer = __uuidof(IBitsPeer);

/// The computers that files may come from.
struct IEnumBitsPeers;
__CRT_UUID_DECL(IEnumBitsPeers, 0x659cdea5, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IEnumBitsPeers : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBitsPeer **rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBitsPeers **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBitsPeers = __uuidof(IEnumBitsPeers);

/// The cache for peers; the manager has this interface. There is no cache here: as with BITS 4.0 and later every
/// method answers S_FALSE, and gives 0 and NULL.
struct IBitsPeerCacheAdministration;
__CRT_UUID_DECL(IBitsPeerCacheAdministration, 0x659cdead, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
struct IBitsPeerCacheAdministration : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetMaximumCacheSize(DWORD *pBytes) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetMaximumCacheSize(DWORD Bytes) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetMaximumContentAge(ULONG *pSeconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetMaximumContentAge(ULONG Seconds) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetConfigurationFlags(DWORD *pFlags) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetConfigurationFlags(DWORD Flags) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumRecords(IEnumBitsPeerCacheRecords **ppEnum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetRecord(REFGUID id, IBitsPeerCacheRecord **ppRecord) = 0;
    virtual HRESULT STDMETHODCALLTYPE ClearRecords() = 0;
    virtual HRESULT STDMETHODCALLTYPE DeleteRecord(REFGUID id) = 0;
    virtual HRESULT STDMETHODCALLTYPE DeleteUrl(LPCWSTR url) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumPeers(IEnumBitsPeers **ppEnum) = 0;
    virtual HRESULT STDMETHODCALLTYPE ClearPeers() = 0;
    virtual HRESULT STDMETHODCALLTYPE DiscoverPeers() = 0;
};
inline constexpr IID IID_IBitsPeerCacheAdministration = __uuidof(IBitsPeerCacheAdministration);

/// The class of the manager of BITS 3.0: the same manager.
class BackgroundCopyManager3_0;
__CRT_UUID_DECL(BackgroundCopyManager3_0, 0x659cdea7, 0x489e, 0x11d9, 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51);
inline constexpr CLSID CLSID_BackgroundCopyManager3_0 = __uuidof(BackgroundCopyManager3_0);

#pragma GCC diagnostic pop

#endif /* BGCOPY_BITS3_0_H */
