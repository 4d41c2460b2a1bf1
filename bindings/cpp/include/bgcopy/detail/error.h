// What went wrong with a job: IBackgroundCopyError.
#ifndef BGCOPY_DETAIL_ERROR_H
#define BGCOPY_DETAIL_ERROR_H

#include "file.h"

namespace bgcopy::com {

class Error final : public Object<bg_error, IBackgroundCopyError> {
public:
    explicit Error(bg_error *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE GetError(BG_ERROR_CONTEXT *pContext, HRESULT *pCode) override
    {
        bg_error_context context = 0;
        const HRESULT result = bg_error_get_error(handle(), pContext != nullptr ? &context : nullptr, pCode);
        if (pContext != nullptr)
            *pContext = static_cast<BG_ERROR_CONTEXT>(context);
        return result;
    }

    HRESULT STDMETHODCALLTYPE GetFile(IBackgroundCopyFile **pVal) override
    {
        bg_file *file = nullptr;
        const HRESULT result = bg_error_get_file(handle(), pVal != nullptr ? &file : nullptr);
        return give<File>(result, file, pVal);
    }

    HRESULT STDMETHODCALLTYPE GetErrorDescription(DWORD LanguageId, LPWSTR *pErrorDescription) override
    {
        char *text = nullptr;
        const HRESULT result =
            bg_error_get_error_description(handle(), LanguageId, pErrorDescription != nullptr ? &text : nullptr);
        return give(result, text, pErrorDescription);
    }

    HRESULT STDMETHODCALLTYPE GetErrorContextDescription(DWORD LanguageId, LPWSTR *pContextDescription) override
    {
        char *text = nullptr;
        const HRESULT result = bg_error_get_error_context_description(
            handle(), LanguageId, pContextDescription != nullptr ? &text : nullptr);
        return give(result, text, pContextDescription);
    }

    HRESULT STDMETHODCALLTYPE GetProtocol(LPWSTR *pProtocol) override
    {
        char *protocol = nullptr;
        const HRESULT result = bg_error_get_protocol(handle(), pProtocol != nullptr ? &protocol : nullptr);
        return give(result, protocol, pProtocol);
    }

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IBackgroundCopyError>(riid) ? static_cast<IBackgroundCopyError *>(this) : nullptr;
    }
};

} // namespace bgcopy::com

#endif
