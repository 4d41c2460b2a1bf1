// The properties of a job.
#ifndef BGCOPY_DETAIL_JOB_PROPERTIES_H
#define BGCOPY_DETAIL_JOB_PROPERTIES_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetDisplayName(LPCWSTR Val)
{
    const Utf8 name(Val);
    return FAILED(name.result()) ? name.result() : bg_job_set_display_name(handle(), name.get());
}

inline HRESULT Job::GetDisplayName(LPWSTR *pVal)
{
    char *name = nullptr;
    const HRESULT result = bg_job_get_display_name(handle(), pVal != nullptr ? &name : nullptr);
    return give(result, name, pVal);
}

inline HRESULT Job::SetDescription(LPCWSTR Val)
{
    const Utf8 description(Val);
    return FAILED(description.result()) ? description.result()
                                        : bg_job_set_description(handle(), description.get());
}

inline HRESULT Job::GetDescription(LPWSTR *pVal)
{
    char *description = nullptr;
    const HRESULT result = bg_job_get_description(handle(), pVal != nullptr ? &description : nullptr);
    return give(result, description, pVal);
}

inline HRESULT Job::SetPriority(BG_JOB_PRIORITY Val)
{
    return bg_job_set_priority(handle(), static_cast<bg_job_priority>(Val));
}

inline HRESULT Job::GetPriority(BG_JOB_PRIORITY *pVal)
{
    bg_job_priority priority = 0;
    const HRESULT result = bg_job_get_priority(handle(), pVal != nullptr ? &priority : nullptr);
    if (pVal != nullptr)
        *pVal = static_cast<BG_JOB_PRIORITY>(priority);
    return result;
}

inline HRESULT Job::SetNotifyFlags(ULONG Val)
{
    return bg_job_set_notify_flags(handle(), Val);
}

inline HRESULT Job::GetNotifyFlags(ULONG *pVal)
{
    return bg_job_get_notify_flags(handle(), pVal);
}

inline HRESULT Job::SetMinimumRetryDelay(ULONG Seconds)
{
    return bg_job_set_minimum_retry_delay(handle(), Seconds);
}

inline HRESULT Job::GetMinimumRetryDelay(ULONG *Seconds)
{
    return bg_job_get_minimum_retry_delay(handle(), Seconds);
}

inline HRESULT Job::SetNoProgressTimeout(ULONG Seconds)
{
    return bg_job_set_no_progress_timeout(handle(), Seconds);
}

inline HRESULT Job::GetNoProgressTimeout(ULONG *Seconds)
{
    return bg_job_get_no_progress_timeout(handle(), Seconds);
}

inline HRESULT Job::SetMaximumDownloadTime(ULONG Timeout)
{
    return bg_job_set_maximum_download_time(handle(), Timeout);
}

inline HRESULT Job::GetMaximumDownloadTime(ULONG *pTimeout)
{
    return bg_job_get_maximum_download_time(handle(), pTimeout);
}

inline HRESULT Job::SetNotifyCmdLine(LPCWSTR Program, LPCWSTR Parameters)
{
    const Utf8 program(Program), parameters(Parameters);
    if (FAILED(program.result()))
        return program.result();
    return FAILED(parameters.result()) ? parameters.result()
                                       : bg_job_set_notify_cmd_line(handle(), program.get(), parameters.get());
}

inline HRESULT Job::GetNotifyCmdLine(LPWSTR *pProgram, LPWSTR *pParameters)
{
    char *program = nullptr, *parameters = nullptr;
    const HRESULT result = bg_job_get_notify_cmd_line(handle(), pProgram != nullptr ? &program : nullptr,
                                                      pParameters != nullptr ? &parameters : nullptr);
    return give_both(result, program, pProgram, parameters, pParameters);
}

inline HRESULT Job::SetPeerCachingFlags(DWORD Flags)
{
    return bg_job_set_peer_caching_flags(handle(), Flags);
}

inline HRESULT Job::GetPeerCachingFlags(DWORD *pFlags)
{
    return bg_job_get_peer_caching_flags(handle(), pFlags);
}

inline HRESULT Job::SetFileACLFlags(DWORD Flags)
{
    return bg_job_set_file_acl_flags(handle(), Flags);
}

inline HRESULT Job::GetFileACLFlags(DWORD *Flags)
{
    return bg_job_get_file_acl_flags(handle(), Flags);
}

static_assert(sizeof(BITS_JOB_PROPERTY_VALUE) == sizeof(bg_job_property_value), "one layout");

inline HRESULT Job::SetProperty(BITS_JOB_PROPERTY_ID PropertyId, BITS_JOB_PROPERTY_VALUE PropertyValue)
{
    bg_job_property_value value;
    memcpy(&value, &PropertyValue, sizeof value);
    return bg_job_set_property(handle(), static_cast<int32_t>(PropertyId), value);
}

inline HRESULT Job::GetProperty(BITS_JOB_PROPERTY_ID PropertyId, BITS_JOB_PROPERTY_VALUE *PropertyValue)
{
    bg_job_property_value value;
    memset(&value, 0, sizeof value);
    const HRESULT result =
        bg_job_get_property(handle(), static_cast<int32_t>(PropertyId), PropertyValue != nullptr ? &value : nullptr);
    if (PropertyValue != nullptr)
        memcpy(PropertyValue, &value, sizeof value);
    return result;
}

} // namespace bgcopy::com

#endif
