// The helper token of a job.
#ifndef BGCOPY_DETAIL_TOKEN_H
#define BGCOPY_DETAIL_TOKEN_H

#include "impersonation.h"
#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::SetHelperTokenFlags(BG_TOKEN UsageFlags)
{
    return bg_job_set_helper_token_flags(handle(), UsageFlags);
}

inline HRESULT Job::GetHelperTokenFlags(BG_TOKEN *pFlags)
{
    return bg_job_get_helper_token_flags(handle(), pFlags);
}

/// Takes what the calling thread acts for: see impersonation.h.
inline HRESULT Job::SetHelperToken()
{
    return impersonated != nullptr ? bg_job_set_helper_token(handle(), descriptor_of(impersonated))
                                   : CO_E_FAILEDTOIMPERSONATE;
}

inline HRESULT Job::ClearHelperToken()
{
    return bg_job_clear_helper_token(handle());
}

inline HRESULT Job::GetHelperTokenSid(LPWSTR *pSid)
{
    char *sid = nullptr;
    const HRESULT result = bg_job_get_helper_token_sid(handle(), pSid != nullptr ? &sid : nullptr);
    return give(result, sid, pSid);
}

} // namespace bgcopy::com

#endif
