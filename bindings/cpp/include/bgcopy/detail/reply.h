// The reply of an upload.
#ifndef BGCOPY_DETAIL_REPLY_H
#define BGCOPY_DETAIL_REPLY_H

#include "job.h"

namespace bgcopy::com {

inline HRESULT Job::GetReplyProgress(BG_JOB_REPLY_PROGRESS *pProgress)
{
    bg_job_reply_progress progress = sized<bg_job_reply_progress>();
    const HRESULT result = bg_job_get_reply_progress(handle(), pProgress != nullptr ? &progress : nullptr);
    if (pProgress != nullptr)
        *pProgress = {progress.bytes_total, progress.bytes_transferred};
    return result;
}

inline HRESULT Job::GetReplyData(BYTE **ppBuffer, UINT64 *pLength)
{
    uint8_t *data = nullptr;
    uint64_t length = 0;
    const HRESULT result = bg_job_get_reply_data(handle(), ppBuffer != nullptr ? &data : nullptr,
                                                 pLength != nullptr ? &length : nullptr);
    return give_array(result, data, length, ppBuffer, pLength);
}

inline HRESULT Job::SetReplyFileName(LPCWSTR ReplyFileName)
{
    const Utf8 name(ReplyFileName);
    return FAILED(name.result()) ? name.result() : bg_job_set_reply_file_name(handle(), name.get());
}

inline HRESULT Job::GetReplyFileName(LPWSTR *pReplyFileName)
{
    char *name = nullptr;
    const HRESULT result = bg_job_get_reply_file_name(handle(), pReplyFileName != nullptr ? &name : nullptr);
    return give(result, name, pReplyFileName);
}

} // namespace bgcopy::com

#endif
