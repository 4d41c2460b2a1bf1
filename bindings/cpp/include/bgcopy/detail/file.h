// A file of a job: IBackgroundCopyFile to IBackgroundCopyFile6.
#ifndef BGCOPY_DETAIL_FILE_H
#define BGCOPY_DETAIL_FILE_H

#include "object.h"

namespace bgcopy::com {

class File final : public Object<bg_file, IBackgroundCopyFile6> {
public:
    explicit File(bg_file *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE GetRemoteName(LPWSTR *pVal) override
    {
        char *name = nullptr;
        const HRESULT result = bg_file_get_remote_name(handle(), pVal != nullptr ? &name : nullptr);
        return give(result, name, pVal);
    }

    HRESULT STDMETHODCALLTYPE GetLocalName(LPWSTR *pVal) override
    {
        char *name = nullptr;
        const HRESULT result = bg_file_get_local_name(handle(), pVal != nullptr ? &name : nullptr);
        return give(result, name, pVal);
    }

    HRESULT STDMETHODCALLTYPE GetProgress(BG_FILE_PROGRESS *pVal) override
    {
        bg_file_progress progress = sized<bg_file_progress>();
        const HRESULT result = bg_file_get_progress(handle(), pVal != nullptr ? &progress : nullptr);
        if (pVal != nullptr)
            *pVal = {progress.bytes_total, progress.bytes_transferred, progress.completed};
        return result;
    }

    HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD *RangeCount, BG_FILE_RANGE **Ranges) override
    {
        if (RangeCount != nullptr)
            *RangeCount = 0;
        if (Ranges != nullptr)
            *Ranges = nullptr;
        return E_NOTIMPL;
    }

    HRESULT STDMETHODCALLTYPE SetRemoteName(LPCWSTR Val) override
    {
        const Utf8 name(Val);
        return FAILED(name.result()) ? name.result() : bg_file_set_remote_name(handle(), name.get());
    }

    HRESULT STDMETHODCALLTYPE GetTemporaryName(LPWSTR *pFilename) override
    {
        char *name = nullptr;
        const HRESULT result = bg_file_get_temporary_name(handle(), pFilename != nullptr ? &name : nullptr);
        return give(result, name, pFilename);
    }

    HRESULT STDMETHODCALLTYPE SetValidationState(BOOL state) override
    {
        return bg_file_set_validation_state(handle(), state);
    }

    HRESULT STDMETHODCALLTYPE GetValidationState(BOOL *pState) override
    {
        return bg_file_get_validation_state(handle(), pState);
    }

    HRESULT STDMETHODCALLTYPE IsDownloadedFromPeer(BOOL *pVal) override
    {
        return bg_file_is_downloaded_from_peer(handle(), pVal);
    }

    HRESULT STDMETHODCALLTYPE GetPeerDownloadStats(UINT64 *pFromOrigin, UINT64 *pFromPeers) override
    {
        return bg_file_get_peer_download_stats(handle(), pFromOrigin, pFromPeers);
    }

    HRESULT STDMETHODCALLTYPE SetProperty(BITS_FILE_PROPERTY_ID, BITS_FILE_PROPERTY_VALUE) override
    {
        return E_NOTIMPL;
    }

    HRESULT STDMETHODCALLTYPE GetProperty(BITS_FILE_PROPERTY_ID, BITS_FILE_PROPERTY_VALUE *PropertyValue) override
    {
        if (PropertyValue != nullptr)
            PropertyValue->String = nullptr;
        return E_NOTIMPL;
    }

    HRESULT STDMETHODCALLTYPE UpdateDownloadPosition(UINT64) override { return E_NOTIMPL; }

    HRESULT STDMETHODCALLTYPE RequestFileRanges(DWORD, const BG_FILE_RANGE[]) override { return E_NOTIMPL; }

    HRESULT STDMETHODCALLTYPE GetFilledFileRanges(DWORD *rangeCount, BG_FILE_RANGE **ranges) override
    {
        return GetFileRanges(rangeCount, ranges);
    }

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IBackgroundCopyFile, IBackgroundCopyFile2, IBackgroundCopyFile3,
                         IBackgroundCopyFile4, IBackgroundCopyFile5, IBackgroundCopyFile6>(riid)
                   ? static_cast<IBackgroundCopyFile6 *>(this)
                   : nullptr;
    }
};

} // namespace bgcopy::com

#endif
