// The queue: IBackgroundCopyManager, and the cache for peers that is not there.
#ifndef BGCOPY_DETAIL_MANAGER_H
#define BGCOPY_DETAIL_MANAGER_H

#include "job.h"

namespace bgcopy::com {

class Manager final : public Object<bg_manager, IBackgroundCopyManager, IBitsPeerCacheAdministration> {
public:
    explicit Manager(bg_manager *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE CreateJob(LPCWSTR DisplayName, BG_JOB_TYPE Type, GUID *pJobId,
                                        IBackgroundCopyJob **ppJob) override
    {
        if (ppJob != nullptr)
            *ppJob = nullptr;
        // bg_manager_create_job makes a job without it; CreateJob of BITS does not.
        if (pJobId == nullptr)
            return E_POINTER;
        *pJobId = GUID_NULL;
        const Utf8 name(DisplayName);
        if (FAILED(name.result()))
            return name.result();
        bg_guid id = {};
        bg_job *job = nullptr;
        const HRESULT result = bg_manager_create_job(handle(), name.get(), static_cast<bg_job_type>(Type), &id,
                                                     ppJob != nullptr ? &job : nullptr);
        *pJobId = from_c(id);
        return give<Job>(result, job, ppJob);
    }

    HRESULT STDMETHODCALLTYPE GetJob(REFGUID jobID, IBackgroundCopyJob **ppJob) override
    {
        const bg_guid id = to_c(jobID);
        bg_job *job = nullptr;
        const HRESULT result = bg_manager_get_job(handle(), &id, ppJob != nullptr ? &job : nullptr);
        return give<Job>(result, job, ppJob);
    }

    HRESULT STDMETHODCALLTYPE EnumJobs(DWORD dwFlags, IEnumBackgroundCopyJobs **ppEnum) override
    {
        bg_enum_jobs *jobs = nullptr;
        const HRESULT result = bg_manager_enum_jobs(handle(), dwFlags, ppEnum != nullptr ? &jobs : nullptr);
        return give<Enumerator<JobList, Job>>(result, jobs, ppEnum);
    }

    HRESULT STDMETHODCALLTYPE GetErrorDescription(HRESULT hResult, DWORD LanguageId, LPWSTR *pErrorDescription) override
    {
        char *text = nullptr;
        const HRESULT result = bg_manager_get_error_description(handle(), hResult, LanguageId,
                                                                pErrorDescription != nullptr ? &text : nullptr);
        return give(result, text, pErrorDescription);
    }

    // What BITS 4.0 and later answer: S_FALSE to everything.
    HRESULT STDMETHODCALLTYPE GetMaximumCacheSize(DWORD *pBytes) override { return nothing(pBytes); }
    HRESULT STDMETHODCALLTYPE SetMaximumCacheSize(DWORD) override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE GetMaximumContentAge(ULONG *pSeconds) override { return nothing(pSeconds); }
    HRESULT STDMETHODCALLTYPE SetMaximumContentAge(ULONG) override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE GetConfigurationFlags(DWORD *pFlags) override { return nothing(pFlags); }
    HRESULT STDMETHODCALLTYPE SetConfigurationFlags(DWORD) override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE EnumRecords(IEnumBitsPeerCacheRecords **ppEnum) override { return nothing(ppEnum); }
    HRESULT STDMETHODCALLTYPE GetRecord(REFGUID, IBitsPeerCacheRecord **ppRecord) override { return nothing(ppRecord); }
    HRESULT STDMETHODCALLTYPE ClearRecords() override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE DeleteRecord(REFGUID) override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE DeleteUrl(LPCWSTR) override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE EnumPeers(IEnumBitsPeers **ppEnum) override { return nothing(ppEnum); }
    HRESULT STDMETHODCALLTYPE ClearPeers() override { return S_FALSE; }
    HRESULT STDMETHODCALLTYPE DiscoverPeers() override { return S_FALSE; }

private:
    template <class Value> static HRESULT nothing(Value *out) noexcept
    {
        if (out != nullptr)
            *out = Value();
        return S_FALSE;
    }

    void *find(REFIID riid) noexcept override
    {
        if (is_one_of<IUnknown, IBackgroundCopyManager>(riid))
            return static_cast<IBackgroundCopyManager *>(this);
        return riid == __uuidof(IBitsPeerCacheAdministration) ? static_cast<IBitsPeerCacheAdministration *>(this)
                                                              : nullptr;
    }
};

} // namespace bgcopy::com

#endif
