// The reply of an upload.
#ifndef BGCOPY_DETAIL_REPLY_H
#define BGCOPY_DETAIL_REPLY_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::GetReplyProgress(BG_JOB_REPLY_PROGRESS *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetReplyData(BYTE **, UINT64 *)
{
    return E_NOTIMPL;
}

inline HRESULT Job::SetReplyFileName(LPCWSTR)
{
    return E_NOTIMPL;
}

inline HRESULT Job::GetReplyFileName(LPWSTR *)
{
    return E_NOTIMPL;
}

} // namespace bgcopy::com

#endif
