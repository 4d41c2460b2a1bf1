// Acting for somebody else: what IBitsTokenOptions::SetHelperToken takes from the calling thread.
//
// On Windows that is the identity of another user, from LogonUser. Here it is an open directory, which may come from
// another user or process, and stands for the right to reach files through it: see bg_job_set_helper_token.
#ifndef BGCOPY_DETAIL_IMPERSONATION_H
#define BGCOPY_DETAIL_IMPERSONATION_H

#include "types.h"

namespace bgcopy::com {

/// What this thread acts for; NULL for itself.
[[gnu::visibility("default")]] inline thread_local HANDLE impersonated = nullptr;

inline int descriptor_of(HANDLE handle) noexcept
{
    return static_cast<int>(reinterpret_cast<intptr_t>(handle) - 1);
}

} // namespace bgcopy::com

/// The token that an open directory is, for ImpersonateLoggedOnUser. Not of Windows.
inline HANDLE TokenOfDirectory(int descriptor) noexcept
{
    return reinterpret_cast<HANDLE>(intptr_t(descriptor) + 1);
}

/// Lets this thread act for a token of TokenOfDirectory until RevertToSelf; the directory stays open that long.
inline BOOL ImpersonateLoggedOnUser(HANDLE token) noexcept
{
    if (token == nullptr)
        return FALSE;
    bgcopy::com::impersonated = token;
    return TRUE;
}

/// Ends ImpersonateLoggedOnUser.
inline BOOL RevertToSelf() noexcept
{
    bgcopy::com::impersonated = nullptr;
    return TRUE;
}

#endif
