// CoCreateInstance: makes the manager, whichever version of BITS is asked for.
//
// Only a file of a program that calls it gets the code of the objects: nothing else here leads to it.
#ifndef BGCOPY_DETAIL_SERVER_H
#define BGCOPY_DETAIL_SERVER_H

#include "manager.h"

namespace bgcopy::com {

inline HRESULT create_manager(REFCLSID clsid, REFIID riid, void **ppv) noexcept
{
    if (!is_one_of<BackgroundCopyManager, BackgroundCopyManager1_5, BackgroundCopyManager2_0, BackgroundCopyManager2_5,
                   BackgroundCopyManager3_0, BackgroundCopyManager4_0, BackgroundCopyManager5_0,
                   BackgroundCopyManager10_1, BackgroundCopyManager10_2, BackgroundCopyManager10_3>(clsid))
        return REGDB_E_CLASSNOTREG;
    bg_manager *handle = nullptr;
    HRESULT result = queue.open(&handle);
    if (FAILED(result))
        return result;
    IBackgroundCopyManager *manager = nullptr;
    result = give<Manager>(result, handle, &manager);
    // The object has a use of its own now.
    queue.leave();
    if (FAILED(result))
        return result;
    result = manager->QueryInterface(riid, ppv);
    manager->Release();
    return result;
}

} // namespace bgcopy::com

inline HRESULT CoCreateInstance(REFCLSID clsid, IUnknown *outer, DWORD context, REFIID riid, LPVOID *ppv) noexcept
{
    if (ppv == nullptr)
        return E_POINTER;
    *ppv = nullptr;
    if ((context & CLSCTX_ALL) == 0)
        return E_INVALIDARG;
    HRESULT result = bgcopy::com::create_manager(clsid, riid, ppv);
    if (result == REGDB_E_CLASSNOTREG && bgcopy::com::create_qmgr != nullptr)
        result = bgcopy::com::create_qmgr(clsid, riid, ppv);
    if (result == REGDB_E_CLASSNOTREG && bgcopy::com::create_setup != nullptr)
        result = bgcopy::com::create_setup(clsid, riid, ppv);
    if (outer == nullptr || FAILED(result))
        return result;
    static_cast<IUnknown *>(*ppv)->Release();
    *ppv = nullptr;
    return CLASS_E_NOAGGREGATION;
}

#endif
