// The names of many files, as UTF-8 for the length of a call.
#ifndef BGCOPY_DETAIL_NAME_SET_H
#define BGCOPY_DETAIL_NAME_SET_H

#include <new>

#include "string.h"

namespace bgcopy::com {

/// A remote and a local name.
struct Names {
    LPCWSTR remote;
    LPCWSTR local;
};

/// Copies of as many names as there are files.
class NameSet {
public:
    /// `names` gives those of the file of an index.
    template <class Get> NameSet(ULONG count, Get names) noexcept
    {
        texts_ = static_cast<Utf8 *>(calloc(count, 2 * sizeof *texts_));
        if (texts_ == nullptr && count != 0)
            result_ = E_OUTOFMEMORY;
        for (ULONG i = 0; i < count && SUCCEEDED(result_); ++i) {
            const Names of = names(i);
            copy(of.remote);
            copy(of.local);
        }
    }
    NameSet(const NameSet &) = delete;
    NameSet &operator=(const NameSet &) = delete;
    ~NameSet()
    {
        while (copied_ > 0)
            texts_[--copied_].~Utf8();
        free(texts_);
    }

    /// E_INVALIDARG when one is no text, E_OUTOFMEMORY.
    HRESULT result() const noexcept { return result_; }
    const char *remote(ULONG index) const noexcept { return texts_[2 * size_t(index)].get(); }
    const char *local(ULONG index) const noexcept { return texts_[2 * size_t(index) + 1].get(); }

private:
    void copy(LPCWSTR name) noexcept
    {
        const Utf8 *const text = new (&texts_[copied_++]) Utf8(name);
        if (FAILED(text->result()))
            result_ = text->result();
    }

    HRESULT result_ = S_OK;
    Utf8 *texts_ = nullptr;
    size_t copied_ = 0;
};

} // namespace bgcopy::com

#endif
