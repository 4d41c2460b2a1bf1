// A group of the legacy queue manager: IBackgroundCopyGroup.
#ifndef BGCOPY_DETAIL_GROUP_H
#define BGCOPY_DETAIL_GROUP_H

#include "identifiers.h"
#include "job1.h"
#include "variant.h"

namespace bgcopy::com {

class Group final : public Object<bg_group, IBackgroundCopyGroup> {
public:
    explicit Group(bg_group *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE GetProp(GROUPPROP propID, VARIANT *pvarVal) override
    {
        uint32_t number = 0;
        char *text = nullptr;
        const bool given = pvarVal != nullptr;
        const HRESULT result = bg_group_get_prop(handle(), static_cast<bg_group_property>(propID),
                                                 given ? &number : nullptr, given ? &text : nullptr);
        if (!given)
            return result;
        VariantInit(pvarVal);
        if (FAILED(result))
            return result;
        if (text == nullptr) {
            pvarVal->vt = VT_I4;
            pvarVal->lVal = static_cast<LONG>(number);
            return result;
        }
        pvarVal->bstrVal = to_bstr(text);
        pvarVal->vt = pvarVal->bstrVal != nullptr ? VT_BSTR : VT_EMPTY;
        return pvarVal->bstrVal != nullptr ? result : E_OUTOFMEMORY;
    }

    HRESULT STDMETHODCALLTYPE SetProp(GROUPPROP propID, VARIANT *pvarVal) override
    {
        if (pvarVal == nullptr)
            return E_POINTER;
        uint32_t number = 0;
        LPCWSTR wide = nullptr;
        switch (pvarVal->vt) {
        case VT_I2: number = static_cast<uint32_t>(pvarVal->iVal); break;
        case VT_UI2: number = pvarVal->uiVal; break;
        case VT_I4: case VT_INT: number = static_cast<uint32_t>(pvarVal->lVal); break;
        case VT_UI4: case VT_UINT: number = pvarVal->ulVal; break;
        case VT_BSTR: wide = pvarVal->bstrVal != nullptr ? pvarVal->bstrVal : L""; break;
        default: return E_INVALIDARG;
        }
        const Utf8 text(wide);
        return FAILED(text.result()) ? text.result()
                                     : bg_group_set_prop(handle(), static_cast<bg_group_property>(propID), number,
                                                         text.get());
    }

    HRESULT STDMETHODCALLTYPE GetProgress(DWORD dwFlags, DWORD *pdwProgress) override
    {
        return bg_group_get_progress(handle(), dwFlags, pdwProgress);
    }

    HRESULT STDMETHODCALLTYPE GetStatus(DWORD *pdwStatus, DWORD *pdwJobIndex) override
    {
        return bg_group_get_status(handle(), pdwStatus, pdwJobIndex);
    }

    HRESULT STDMETHODCALLTYPE GetJob(GUID jobID, IBackgroundCopyJob1 **ppJob) override
    {
        const bg_guid id = to_c(jobID);
        bg_job1 *job = nullptr;
        const HRESULT result = bg_group_get_job(handle(), &id, ppJob != nullptr ? &job : nullptr);
        return give<Job1>(result, job, ppJob);
    }

    HRESULT STDMETHODCALLTYPE SuspendGroup() override { return bg_group_suspend_group(handle()); }
    HRESULT STDMETHODCALLTYPE ResumeGroup() override { return bg_group_resume_group(handle()); }
    HRESULT STDMETHODCALLTYPE CancelGroup() override { return bg_group_cancel_group(handle()); }
    HRESULT STDMETHODCALLTYPE get_Size(DWORD *pdwSize) override { return bg_group_get_size(handle(), pdwSize); }

    HRESULT STDMETHODCALLTYPE get_GroupID(GUID *pguidGroupID) override
    {
        bg_guid id = {};
        const HRESULT result = bg_group_get_group_id(handle(), pguidGroupID != nullptr ? &id : nullptr);
        if (pguidGroupID != nullptr)
            *pguidGroupID = from_c(id);
        return result;
    }

    HRESULT STDMETHODCALLTYPE CreateJob(GUID guidJobID, IBackgroundCopyJob1 **ppJob) override
    {
        const bg_guid id = to_c(guidJobID);
        bg_job1 *job = nullptr;
        const HRESULT result = bg_group_create_job(handle(), &id, ppJob != nullptr ? &job : nullptr);
        return give<Job1>(result, job, ppJob);
    }

    HRESULT STDMETHODCALLTYPE EnumJobs(DWORD dwFlags, IEnumBackgroundCopyJobs1 **ppEnumJobs) override
    {
        bg_enum_jobs1 *jobs = nullptr;
        const HRESULT result = bg_group_enum_jobs(handle(), dwFlags, ppEnumJobs != nullptr ? &jobs : nullptr);
        return give<Identifiers<Job1List>>(result, jobs, ppEnumJobs);
    }

    HRESULT STDMETHODCALLTYPE SwitchToForeground() override { return bg_group_switch_to_foreground(handle()); }

    HRESULT STDMETHODCALLTYPE QueryNewJobInterface(REFIID iid, IUnknown **pUnk) override
    {
        if (pUnk != nullptr)
            *pUnk = nullptr;
        const bg_guid wanted = to_c(iid);
        bg_job *handle_of_job = nullptr;
        IBackgroundCopyJob *job = nullptr;
        HRESULT result =
            bg_group_query_new_job_interface(handle(), &wanted, pUnk != nullptr ? &handle_of_job : nullptr);
        result = give<Job>(result, handle_of_job, &job);
        if (FAILED(result))
            return result;
        result = job->QueryInterface(iid, reinterpret_cast<void **>(pUnk));
        job->Release();
        return result;
    }

    // Inline here already, as in job.h.
    inline HRESULT STDMETHODCALLTYPE SetNotificationPointer(REFIID iid, IUnknown *pUnk) override;

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IBackgroundCopyGroup>(riid) ? static_cast<IBackgroundCopyGroup *>(this) : nullptr;
    }
};

} // namespace bgcopy::com

#include "callback1.h"

#endif
