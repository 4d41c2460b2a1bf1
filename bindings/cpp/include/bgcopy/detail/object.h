// What all objects of the library have in common: references, QueryInterface, a handle of the C interface.
#ifndef BGCOPY_DETAIL_OBJECT_H
#define BGCOPY_DETAIL_OBJECT_H

#include <new>

#include "queue.h"
#include "string.h"
#include "unknown.h"

namespace bgcopy::com {

inline void release(bg_manager *handle) noexcept { bg_manager_release(handle); }
inline void release(bg_job *handle) noexcept { bg_job_release(handle); }
inline void release(bg_file *handle) noexcept { bg_file_release(handle); }
inline void release(bg_error *handle) noexcept { bg_error_release(handle); }
inline void release(bg_enum_jobs *handle) noexcept { bg_enum_jobs_release(handle); }
inline void release(bg_enum_files *handle) noexcept { bg_enum_files_release(handle); }
inline void release(bg_qmgr *handle) noexcept { bg_qmgr_release(handle); }
inline void release(bg_group *handle) noexcept { bg_group_release(handle); }
inline void release(bg_job1 *handle) noexcept { bg_job1_release(handle); }
inline void release(bg_enum_groups *handle) noexcept { bg_enum_groups_release(handle); }
inline void release(bg_enum_jobs1 *handle) noexcept { bg_enum_jobs1_release(handle); }
inline void release(bg_extension_setup_factory *handle) noexcept { bg_extension_setup_factory_release(handle); }
inline void release(bg_extension_setup *handle) noexcept { bg_extension_setup_release(handle); }

/// A structure of the C interface, empty but for its size.
template <class Structure> Structure sized() noexcept
{
    Structure empty = {};
    empty.struct_size = static_cast<uint32_t>(sizeof empty);
    return empty;
}

/// Whether an identifier is that of one of the interfaces.
template <class... Interfaces> bool is_one_of(REFIID riid) noexcept
{
    return ((riid == __uuidof(Interfaces)) || ...);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// An object with these interfaces over a handle, which it owns.
///
/// The first interface leads to its IUnknown, which is the same whichever interface one asks.
template <class Handle, class... Interfaces> class Owner : public Interfaces... {
public:
    Owner(const Owner &) = delete;
    Owner &operator=(const Owner &) = delete;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) override
    {
        if (ppvObject == nullptr)
            return E_POINTER;
        *ppvObject = find(riid);
        if (*ppvObject == nullptr)
            return E_NOINTERFACE;
        AddRef();
        return S_OK;
    }

    ULONG STDMETHODCALLTYPE AddRef() override
    {
        return __atomic_add_fetch(&references_, 1u, __ATOMIC_RELAXED);
    }

    ULONG STDMETHODCALLTYPE Release() override
    {
        const ULONG left = __atomic_sub_fetch(&references_, 1u, __ATOMIC_ACQ_REL);
        if (left == 0)
            delete this;
        return left;
    }

protected:
    explicit Owner(Handle *handle) noexcept : handle_(handle) {}

    virtual ~Owner() { release(handle_); }

    /// The interface of that identifier; NULL when the object does not have it.
    virtual void *find(REFIID riid) noexcept = 0;

    Handle *handle() const noexcept { return handle_; }

    /// Returns the handle before the end of the object.
    void let_go() noexcept
    {
        release(handle_);
        handle_ = nullptr;
    }

private:
    Handle *handle_;
    ULONG references_ = 1;
};

/// Such an object of the queue: it owns a use of the queue, too.
template <class Handle, class... Interfaces> class Object : public Owner<Handle, Interfaces...> {
protected:
    explicit Object(Handle *handle) noexcept : Owner<Handle, Interfaces...>(handle)
    {
        queue.join();
    }

    ~Object() override
    {
        this->let_go();
        queue.leave();
    }
};

#pragma GCC diagnostic pop

/// Gives a caller a copy of an array of the library, which is freed: `count` stays also where there is no array.
template <class Element, class Given, class Count, class Number>
HRESULT give_array(HRESULT result, Element *array, Count count, Given **out, Number *count_out) noexcept
{
    static_assert(sizeof(Element) == sizeof(Given), "one layout");
    Given *copy = nullptr;
    if (array != nullptr && out != nullptr) {
        copy = static_cast<Given *>(CoTaskMemAlloc(count * sizeof(Given)));
        if (copy != nullptr)
            memcpy(copy, array, count * sizeof(Given));
        else
            result = E_OUTOFMEMORY;
    }
    bg_memory_free(array);
    if (out != nullptr)
        *out = copy;
    if (count_out != nullptr)
        *count_out = result == E_OUTOFMEMORY ? 0 : static_cast<Number>(count);
    return result;
}

/// Gives a caller an object around a handle of the library; `result` is what the call that made it answered.
template <class Made, class Interface, class Handle>
HRESULT give(HRESULT result, Handle *handle, Interface **out) noexcept
{
    if (out == nullptr)
        return result;
    *out = nullptr;
    if (handle == nullptr)
        return result;
    *out = new (std::nothrow) Made(handle);
    if (*out == nullptr) {
        release(handle);
        return E_OUTOFMEMORY;
    }
    return result;
}

} // namespace bgcopy::com

#endif
