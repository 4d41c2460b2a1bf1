// The job of a group: IBackgroundCopyJob1.
#ifndef BGCOPY_DETAIL_JOB1_H
#define BGCOPY_DETAIL_JOB1_H

#include "name_set.h"
#include "object.h"

namespace bgcopy::com {

class Job1 final : public Object<bg_job1, IBackgroundCopyJob1> {
public:
    explicit Job1(bg_job1 *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE CancelJob() override { return bg_job1_cancel_job(handle()); }

    HRESULT STDMETHODCALLTYPE GetProgress(DWORD dwFlags, DWORD *pdwProgress) override
    {
        return bg_job1_get_progress(handle(), dwFlags, pdwProgress);
    }

    HRESULT STDMETHODCALLTYPE GetStatus(DWORD *pdwStatus, DWORD *pdwWin32Result, DWORD *pdwTransportResult,
                                        DWORD *pdwNumOfRetries) override
    {
        return bg_job1_get_status(handle(), pdwStatus, pdwWin32Result, pdwTransportResult, pdwNumOfRetries);
    }

    HRESULT STDMETHODCALLTYPE AddFiles(ULONG cFileCount, FILESETINFO **ppFileSet) override
    {
        if (cFileCount == 0 || ppFileSet == nullptr)
            return bg_job1_add_files(handle(), cFileCount, nullptr);
        const NameSet names(cFileCount, [ppFileSet](ULONG i) {
            return ppFileSet[i] != nullptr ? Names{ppFileSet[i]->bstrRemoteFile, ppFileSet[i]->bstrLocalFile} : Names{};
        });
        if (FAILED(names.result()))
            return names.result();
        bg_fileset_info *const files = static_cast<bg_fileset_info *>(calloc(cFileCount, sizeof *files));
        if (files == nullptr)
            return E_OUTOFMEMORY;
        for (ULONG i = 0; i < cFileCount; ++i)
            files[i] = {names.remote(i), names.local(i), 0};
        const HRESULT result = bg_job1_add_files(handle(), cFileCount, files);
        free(files);
        return result;
    }

    HRESULT STDMETHODCALLTYPE GetFile(ULONG cFileIndex, FILESETINFO *pFileInfo) override
    {
        char *remote = nullptr, *local = nullptr;
        const HRESULT result = bg_job1_get_file(handle(), cFileIndex, pFileInfo != nullptr ? &remote : nullptr,
                                                pFileInfo != nullptr ? &local : nullptr);
        if (pFileInfo == nullptr)
            return result;
        *pFileInfo = {to_bstr(remote), to_bstr(local), 0};
        if (FAILED(result) || (pFileInfo->bstrRemoteFile != nullptr && pFileInfo->bstrLocalFile != nullptr))
            return result;
        SysFreeString(pFileInfo->bstrRemoteFile);
        SysFreeString(pFileInfo->bstrLocalFile);
        *pFileInfo = {nullptr, nullptr, 0};
        return E_OUTOFMEMORY;
    }

    HRESULT STDMETHODCALLTYPE GetFileCount(DWORD *pdwFileCount) override
    {
        return bg_job1_get_file_count(handle(), pdwFileCount);
    }

    HRESULT STDMETHODCALLTYPE SwitchToForeground() override { return bg_job1_switch_to_foreground(handle()); }

    HRESULT STDMETHODCALLTYPE get_JobID(GUID *pguidJobID) override
    {
        bg_guid id = {};
        const HRESULT result = bg_job1_get_job_id(handle(), pguidJobID != nullptr ? &id : nullptr);
        if (pguidJobID != nullptr)
            *pguidJobID = from_c(id);
        return result;
    }

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IBackgroundCopyJob1>(riid) ? static_cast<IBackgroundCopyJob1 *>(this) : nullptr;
    }
};

} // namespace bgcopy::com

#endif
