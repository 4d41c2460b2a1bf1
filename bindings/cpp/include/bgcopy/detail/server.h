// Makes the manager for CoCreateInstance, whichever version of BITS is asked for.
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

inline Server bits_server = {create_manager, nullptr};
inline const bool bits_server_registered = register_server(bits_server);

} // namespace bgcopy::com

#endif
