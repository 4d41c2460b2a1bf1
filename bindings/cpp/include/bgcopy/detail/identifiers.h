// Enumerators of identifiers: of groups and of their jobs.
#ifndef BGCOPY_DETAIL_IDENTIFIERS_H
#define BGCOPY_DETAIL_IDENTIFIERS_H

#include "object.h"

namespace bgcopy::com {

/// The functions of the C interface for each kind.
struct GroupList {
    using Interface = IEnumBackgroundCopyGroups;
    using Handle = bg_enum_groups;
    static constexpr auto next = bg_enum_groups_next;
    static constexpr auto skip = bg_enum_groups_skip;
    static constexpr auto reset = bg_enum_groups_reset;
    static constexpr auto clone = bg_enum_groups_clone;
    static constexpr auto get_count = bg_enum_groups_get_count;
};
struct Job1List {
    using Interface = IEnumBackgroundCopyJobs1;
    using Handle = bg_enum_jobs1;
    static constexpr auto next = bg_enum_jobs1_next;
    static constexpr auto skip = bg_enum_jobs1_skip;
    static constexpr auto reset = bg_enum_jobs1_reset;
    static constexpr auto clone = bg_enum_jobs1_clone;
    static constexpr auto get_count = bg_enum_jobs1_get_count;
};

/// An enumerator of a kind.
template <class List> class Identifiers final : public Object<typename List::Handle, typename List::Interface> {
public:
    explicit Identifiers(typename List::Handle *handle) noexcept
        : Object<typename List::Handle, typename List::Interface>(handle)
    {
    }

    /// Identifiers that are not there become GUID_NULL.
    HRESULT STDMETHODCALLTYPE Next(ULONG celt, GUID *rgelt, ULONG *pceltFetched) override
    {
        if (pceltFetched != nullptr)
            *pceltFetched = 0;
        if (rgelt == nullptr)
            return celt != 0 ? E_POINTER : S_OK;
        for (ULONG i = 0; i < celt; ++i)
            rgelt[i] = GUID_NULL;
        if (pceltFetched == nullptr && celt != 1)
            return E_INVALIDARG;
        HRESULT result = S_OK;
        ULONG given = 0;
        while (given < celt && result == S_OK) {
            bg_guid id = {};
            result = List::next(this->handle(), 1, &id, nullptr);
            if (result == S_OK)
                rgelt[given++] = from_c(id);
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
        return give<Identifiers>(result, clone, ppenum);
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
