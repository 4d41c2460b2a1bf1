// Enumerators of jobs and files: a list that was taken once, and a place in it.
#ifndef BGCOPY_DETAIL_ENUMERATOR_H
#define BGCOPY_DETAIL_ENUMERATOR_H

#include "object.h"

namespace bgcopy::com {

/// The functions of the C interface for each kind.
struct JobList {
    using Interface = IEnumBackgroundCopyJobs;
    using Element = IBackgroundCopyJob;
    using Handle = bg_enum_jobs;
    using ElementHandle = bg_job;
    static constexpr auto next = bg_enum_jobs_next;
    static constexpr auto skip = bg_enum_jobs_skip;
    static constexpr auto reset = bg_enum_jobs_reset;
    static constexpr auto clone = bg_enum_jobs_clone;
    static constexpr auto get_count = bg_enum_jobs_get_count;
};
struct FileList {
    using Interface = IEnumBackgroundCopyFiles;
    using Element = IBackgroundCopyFile;
    using Handle = bg_enum_files;
    using ElementHandle = bg_file;
    static constexpr auto next = bg_enum_files_next;
    static constexpr auto skip = bg_enum_files_skip;
    static constexpr auto reset = bg_enum_files_reset;
    static constexpr auto clone = bg_enum_files_clone;
    static constexpr auto get_count = bg_enum_files_get_count;
};

/// An enumerator of a kind whose elements are objects of the class `Made`.
template <class List, class Made> class Enumerator final : public Object<typename List::Handle, typename List::Interface> {
public:
    explicit Enumerator(typename List::Handle *handle) noexcept
        : Object<typename List::Handle, typename List::Interface>(handle)
    {
    }

    /// Elements that are not there become NULL.
    HRESULT STDMETHODCALLTYPE Next(ULONG celt, typename List::Element **rgelt, ULONG *pceltFetched) override
    {
        if (pceltFetched != nullptr)
            *pceltFetched = 0;
        if (rgelt == nullptr)
            return celt != 0 ? E_POINTER : S_OK;
        for (ULONG i = 0; i < celt; ++i)
            rgelt[i] = nullptr;
        if (pceltFetched == nullptr && celt != 1)
            return E_INVALIDARG;
        HRESULT result = S_OK;
        ULONG given = 0;
        while (given < celt && result == S_OK) {
            typename List::ElementHandle *element = nullptr;
            result = List::next(this->handle(), 1, &element, nullptr);
            if (result == S_OK)
                result = give<Made>(result, element, &rgelt[given]);
            if (result == S_OK)
                ++given;
        }
        if (FAILED(result)) {
            while (given > 0) {
                rgelt[--given]->Release();
                rgelt[given] = nullptr;
            }
        }
        if (pceltFetched != nullptr)
            *pceltFetched = given;
        return result;
    }

    HRESULT STDMETHODCALLTYPE Skip(ULONG celt) override { return List::skip(this->handle(), celt); }

    HRESULT STDMETHODCALLTYPE Reset() override { return List::reset(this->handle()); }

    HRESULT STDMETHODCALLTYPE Clone(typename List::Interface **ppenum) override
    {
        typename List::Handle *clone = nullptr;
        const HRESULT result = List::clone(this->handle(), ppenum != nullptr ? &clone : nullptr);
        return give<Enumerator>(result, clone, ppenum);
    }

    HRESULT STDMETHODCALLTYPE GetCount(ULONG *puCount) override { return List::get_count(this->handle(), puCount); }

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, typename List::Interface>(riid) ? static_cast<typename List::Interface *>(this)
                                                                    : nullptr;
    }
};

} // namespace bgcopy::com

#endif
