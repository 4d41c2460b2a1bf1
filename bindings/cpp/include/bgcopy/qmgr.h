/* qmgr.h - the legacy queue manager, from before BITS: groups, each with one job that holds the files.
 *
 * It shows the same queue as bits.h. Each method does what the function of bgcopy.h does that is named after it:
 * `IBackgroundCopyGroup::SuspendGroup` is `bg_group_suspend_group`. New programs use bits.h.
 */
#ifndef BGCOPY_QMGR_H
#define BGCOPY_QMGR_H

#ifdef _WIN32
#include <qmgr.h>
#else

#include "bits.h"
#include "detail/variant.h"

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// A file to add.
typedef struct _FILESETINFO {
    BSTR bstrRemoteFile;
    BSTR bstrLocalFile;
    /// Not used.
    DWORD dwSizeHint;
} FILESETINFO;

struct IBackgroundCopyGroup;

/// The job of a group.
struct IBackgroundCopyJob1;
__CRT_UUID_DECL(IBackgroundCopyJob1, 0x59f5553c, 0x2031, 0x4629, 0xbb, 0x18, 0x26, 0x45, 0xa6, 0x97, 0x09, 0x47);
struct IBackgroundCopyJob1 : IUnknown {
    /// E_NOTIMPL: a job is cancelled with its group.
    virtual HRESULT STDMETHODCALLTYPE CancelJob() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProgress(DWORD dwFlags, DWORD *pdwProgress) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetStatus(DWORD *pdwStatus, DWORD *pdwWin32Result, DWORD *pdwTransportResult,
                                                DWORD *pdwNumOfRetries) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddFiles(ULONG cFileCount, FILESETINFO **ppFileSet) = 0;
    /// The strings of `pFileInfo` are freed with SysFreeString.
    virtual HRESULT STDMETHODCALLTYPE GetFile(ULONG cFileIndex, FILESETINFO *pFileInfo) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetFileCount(DWORD *pdwFileCount) = 0;
    virtual HRESULT STDMETHODCALLTYPE SwitchToForeground() = 0;
    virtual HRESULT STDMETHODCALLTYPE get_JobID(GUID *pguidJobID) = 0;
};
inline constexpr IID IID_IBackgroundCopyJob1 = __uuidof(IBackgroundCopyJob1);

/// The identifiers of the jobs of a group.
struct IEnumBackgroundCopyJobs1;
__CRT_UUID_DECL(IEnumBackgroundCopyJobs1, 0x8baeba9d, 0x8f1c, 0x42c4, 0xb8, 0x2c, 0x09, 0xae, 0x79, 0x98, 0x0d, 0x25);
struct IEnumBackgroundCopyJobs1 : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, GUID *rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyJobs1 **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBackgroundCopyJobs1 = __uuidof(IEnumBackgroundCopyJobs1);

/// A group: what is suspended, resumed and cancelled as one.
struct IBackgroundCopyGroup;
__CRT_UUID_DECL(IBackgroundCopyGroup, 0x1ded80a7, 0x53ea, 0x424f, 0x8a, 0x04, 0x17, 0xfe, 0xa9, 0xad, 0xc4, 0xf5);
struct IBackgroundCopyGroup : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetProp(GROUPPROP propID, VARIANT *pvarVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetProp(GROUPPROP propID, VARIANT *pvarVal) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetProgress(DWORD dwFlags, DWORD *pdwProgress) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetStatus(DWORD *pdwStatus, DWORD *pdwJobIndex) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetJob(GUID jobID, IBackgroundCopyJob1 **ppJob) = 0;
    virtual HRESULT STDMETHODCALLTYPE SuspendGroup() = 0;
    virtual HRESULT STDMETHODCALLTYPE ResumeGroup() = 0;
    virtual HRESULT STDMETHODCALLTYPE CancelGroup() = 0;
    virtual HRESULT STDMETHODCALLTYPE get_Size(DWORD *pdwSize) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_GroupID(GUID *pguidGroupID) = 0;
    virtual HRESULT STDMETHODCALLTYPE CreateJob(GUID guidJobID, IBackgroundCopyJob1 **ppJob) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumJobs(DWORD dwFlags, IEnumBackgroundCopyJobs1 **ppEnumJobs) = 0;
    virtual HRESULT STDMETHODCALLTYPE SwitchToForeground() = 0;
    /// Gives the job of BITS that the group is, as IBackgroundCopyJob or one of its successors.
    virtual HRESULT STDMETHODCALLTYPE QueryNewJobInterface(REFIID iid, IUnknown **pUnk) = 0;
    /// Registers the IBackgroundCopyCallback1 of the program, in place of the one before; NULL clears.
    /// E_NOINTERFACE for an object without it and for another `iid`.
    virtual HRESULT STDMETHODCALLTYPE SetNotificationPointer(REFIID iid, IUnknown *pUnk) = 0;
};
inline constexpr IID IID_IBackgroundCopyGroup = __uuidof(IBackgroundCopyGroup);

/// The identifiers of the groups of a queue.
struct IEnumBackgroundCopyGroups;
__CRT_UUID_DECL(IEnumBackgroundCopyGroups, 0xd993e603, 0x4aa4, 0x47c5, 0x86, 0x65, 0xc2, 0x0d, 0x39, 0xc2, 0xba, 0x4f);
struct IEnumBackgroundCopyGroups : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, GUID *rgelt, ULONG *pceltFetched) = 0;
    virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
    virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
    virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyGroups **ppenum) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) = 0;
};
inline constexpr IID IID_IEnumBackgroundCopyGroups = __uuidof(IEnumBackgroundCopyGroups);

/// What a program implements to hear how its groups end. Only OnStatus is ever called.
struct IBackgroundCopyCallback1;
__CRT_UUID_DECL(IBackgroundCopyCallback1, 0x084f6593, 0x3800, 0x4e08, 0x9b, 0x59, 0x99, 0xfa, 0x59, 0xad, 0xdf, 0x82);
struct IBackgroundCopyCallback1 : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE OnStatus(IBackgroundCopyGroup *pGroup, IBackgroundCopyJob1 *pJob,
                                               DWORD dwFileIndex, DWORD dwStatus, DWORD dwNumOfRetries,
                                               DWORD dwWin32Result, DWORD dwTransportResult) = 0;
    virtual HRESULT STDMETHODCALLTYPE OnProgress(DWORD ProgressType, IBackgroundCopyGroup *pGroup,
                                                 IBackgroundCopyJob1 *pJob, DWORD dwFileIndex,
                                                 DWORD dwProgressValue) = 0;
    virtual HRESULT STDMETHODCALLTYPE OnProgressEx(DWORD ProgressType, IBackgroundCopyGroup *pGroup,
                                                   IBackgroundCopyJob1 *pJob, DWORD dwFileIndex,
                                                   DWORD dwProgressValue, DWORD dwByteArraySize, BYTE *pByte) = 0;
};
inline constexpr IID IID_IBackgroundCopyCallback1 = __uuidof(IBackgroundCopyCallback1);

/// The queue as groups.
struct IBackgroundCopyQMgr;
__CRT_UUID_DECL(IBackgroundCopyQMgr, 0x16f41c69, 0x09f5, 0x41d2, 0x8c, 0xd8, 0x3c, 0x08, 0xc4, 0x7b, 0xc8, 0xa8);
struct IBackgroundCopyQMgr : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE CreateGroup(GUID guidGroupID, IBackgroundCopyGroup **ppGroup) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetGroup(GUID groupID, IBackgroundCopyGroup **ppGroup) = 0;
    virtual HRESULT STDMETHODCALLTYPE EnumGroups(DWORD dwFlags, IEnumBackgroundCopyGroups **ppEnumGroups) = 0;
};
inline constexpr IID IID_IBackgroundCopyQMgr = __uuidof(IBackgroundCopyQMgr);

/// The class of the legacy queue manager.
class BackgroundCopyQMgr;
__CRT_UUID_DECL(BackgroundCopyQMgr, 0x69ad4aee, 0x51be, 0x439b, 0xa9, 0x2c, 0x86, 0xae, 0x49, 0x0e, 0x8b, 0x30);
inline constexpr CLSID CLSID_BackgroundCopyQMgr = __uuidof(BackgroundCopyQMgr);

#pragma GCC diagnostic pop

#include "detail/qmgr.h"

#endif /* _WIN32 */
#endif /* BGCOPY_QMGR_H */
