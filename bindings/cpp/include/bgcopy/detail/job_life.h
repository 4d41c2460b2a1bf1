// The life of a job: its files, its state, its progress.
#ifndef BGCOPY_DETAIL_JOB_LIFE_H
#define BGCOPY_DETAIL_JOB_LIFE_H

#include "job.h"
#include "name_set.h"

namespace bgcopy::com {

inline HRESULT Job::AddFileSet(ULONG cFileCount, BG_FILE_INFO *pFileSet)
{
    if (cFileCount == 0 || pFileSet == nullptr)
        return bg_job_add_file_set(handle(), cFileCount, nullptr);
    const NameSet names(cFileCount, [pFileSet](ULONG i) { return Names{pFileSet[i].RemoteName, pFileSet[i].LocalName}; });
    if (FAILED(names.result()))
        return names.result();
    bg_file_info *const files = static_cast<bg_file_info *>(calloc(cFileCount, sizeof *files));
    if (files == nullptr)
        return E_OUTOFMEMORY;
    for (ULONG i = 0; i < cFileCount; ++i)
        files[i] = {names.remote(i), names.local(i)};
    const HRESULT result = bg_job_add_file_set(handle(), cFileCount, files);
    free(files);
    return result;
}

inline HRESULT Job::AddFile(LPCWSTR RemoteUrl, LPCWSTR LocalName)
{
    const Utf8 remote(RemoteUrl), local(LocalName);
    if (FAILED(remote.result()))
        return remote.result();
    return FAILED(local.result()) ? local.result() : bg_job_add_file(handle(), remote.get(), local.get());
}

inline HRESULT Job::AddFileWithRanges(LPCWSTR RemoteUrl, LPCWSTR LocalName, DWORD RangeCount, BG_FILE_RANGE Ranges[])
{
    const Utf8 remote(RemoteUrl), local(LocalName);
    if (FAILED(remote.result()))
        return remote.result();
    return FAILED(local.result())
               ? local.result()
               : bg_job_add_file_with_ranges(handle(), remote.get(), local.get(), RangeCount, to_c(Ranges));
}

inline HRESULT Job::ReplaceRemotePrefix(LPCWSTR OldPrefix, LPCWSTR NewPrefix)
{
    const Utf8 before(OldPrefix), after(NewPrefix);
    if (FAILED(before.result()))
        return before.result();
    return FAILED(after.result()) ? after.result()
                                  : bg_job_replace_remote_prefix(handle(), before.get(), after.get());
}

inline HRESULT Job::EnumFiles(IEnumBackgroundCopyFiles **pEnum)
{
    bg_enum_files *files = nullptr;
    const HRESULT result = bg_job_enum_files(handle(), pEnum != nullptr ? &files : nullptr);
    return give<Enumerator<FileList, File>>(result, files, pEnum);
}

inline HRESULT Job::GetId(GUID *pVal)
{
    bg_guid id = {};
    const HRESULT result = bg_job_get_id(handle(), pVal != nullptr ? &id : nullptr);
    if (pVal != nullptr)
        *pVal = from_c(id);
    return result;
}

inline HRESULT Job::GetType(BG_JOB_TYPE *pVal)
{
    bg_job_type type = 0;
    const HRESULT result = bg_job_get_type(handle(), pVal != nullptr ? &type : nullptr);
    if (pVal != nullptr)
        *pVal = static_cast<BG_JOB_TYPE>(type);
    return result;
}

inline HRESULT Job::GetProgress(BG_JOB_PROGRESS *pVal)
{
    bg_job_progress progress = sized<bg_job_progress>();
    const HRESULT result = bg_job_get_progress(handle(), pVal != nullptr ? &progress : nullptr);
    if (pVal != nullptr)
        *pVal = {progress.bytes_total, progress.bytes_transferred, progress.files_total, progress.files_transferred};
    return result;
}

inline HRESULT Job::GetTimes(BG_JOB_TIMES *pVal)
{
    bg_job_times times = sized<bg_job_times>();
    const HRESULT result = bg_job_get_times(handle(), pVal != nullptr ? &times : nullptr);
    if (pVal != nullptr)
        *pVal = {filetime_of_unix(times.creation_time), filetime_of_unix(times.modification_time),
                 filetime_of_unix(times.transfer_completion_time)};
    return result;
}

inline HRESULT Job::GetState(BG_JOB_STATE *pVal)
{
    bg_job_state state = 0;
    const HRESULT result = bg_job_get_state(handle(), pVal != nullptr ? &state : nullptr);
    if (pVal != nullptr)
        *pVal = static_cast<BG_JOB_STATE>(state);
    return result;
}

inline HRESULT Job::GetError(IBackgroundCopyError **ppError)
{
    bg_error *error = nullptr;
    const HRESULT result = bg_job_get_error(handle(), ppError != nullptr ? &error : nullptr);
    return give<Error>(result, error, ppError);
}

inline HRESULT Job::GetOwner(LPWSTR *pVal)
{
    char *owner = nullptr;
    const HRESULT result = bg_job_get_owner(handle(), pVal != nullptr ? &owner : nullptr);
    return give(result, owner, pVal);
}

inline HRESULT Job::GetOwnerIntegrityLevel(ULONG *pLevel)
{
    return bg_job_get_owner_integrity_level(handle(), pLevel);
}

inline HRESULT Job::GetOwnerElevationState(BOOL *pElevated)
{
    return bg_job_get_owner_elevation_state(handle(), pElevated);
}

} // namespace bgcopy::com

#endif
