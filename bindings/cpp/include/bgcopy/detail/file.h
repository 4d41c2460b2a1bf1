// A file of a job: IBackgroundCopyFile to IBackgroundCopyFile6.
#ifndef BGCOPY_DETAIL_FILE_H
#define BGCOPY_DETAIL_FILE_H

#include "object.h"

namespace bgcopy::com {

static_assert(sizeof(BG_FILE_RANGE) == sizeof(bg_file_range) && alignof(BG_FILE_RANGE) == alignof(bg_file_range) &&
                  offsetof(BG_FILE_RANGE, Length) == offsetof(bg_file_range, length),
              "one layout");

/// The same ranges: both structures are two numbers of 64 bits.
inline const bg_file_range *to_c(const BG_FILE_RANGE *ranges) noexcept
{
    return reinterpret_cast<const bg_file_range *>(ranges);
}
inline const BG_FILE_RANGE *from_c(const bg_file_range *ranges) noexcept
{
    return reinterpret_cast<const BG_FILE_RANGE *>(ranges);
}

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
        bg_file_range *ranges = nullptr;
        uint32_t count = 0;
        const HRESULT result = bg_file_get_file_ranges(handle(), RangeCount != nullptr ? &count : nullptr,
                                                       Ranges != nullptr ? &ranges : nullptr);
        return give_array(result, ranges, count, Ranges, RangeCount);
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

    HRESULT STDMETHODCALLTYPE SetProperty(BITS_FILE_PROPERTY_ID PropertyId, BITS_FILE_PROPERTY_VALUE) override
    {
        // No property can be set: the value is not looked at.
        return bg_file_set_property(handle(), PropertyId, bg_file_property_value());
    }

    HRESULT STDMETHODCALLTYPE GetProperty(BITS_FILE_PROPERTY_ID PropertyId,
                                          BITS_FILE_PROPERTY_VALUE *PropertyValue) override
    {
        bg_file_property_value value = {nullptr};
        const HRESULT result = bg_file_get_property(handle(), PropertyId, PropertyValue != nullptr ? &value : nullptr);
        return give(result, value.string, PropertyValue != nullptr ? &PropertyValue->String : nullptr);
    }

    HRESULT STDMETHODCALLTYPE UpdateDownloadPosition(UINT64 offset) override
    {
        return bg_file_update_download_position(handle(), offset);
    }

    HRESULT STDMETHODCALLTYPE RequestFileRanges(DWORD rangeCount, const BG_FILE_RANGE ranges[]) override
    {
        return bg_file_request_file_ranges(handle(), rangeCount, to_c(ranges));
    }

    HRESULT STDMETHODCALLTYPE GetFilledFileRanges(DWORD *rangeCount, BG_FILE_RANGE **ranges) override
    {
        bg_file_range *filled = nullptr;
        uint32_t count = 0;
        const HRESULT result = bg_file_get_filled_file_ranges(handle(), rangeCount != nullptr ? &count : nullptr,
                                                              ranges != nullptr ? &filled : nullptr);
        return give_array(result, filled, count, ranges, rangeCount);
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
