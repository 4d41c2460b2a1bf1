// The shared object of program.cpp; it hides all symbols but these.
#include "shared.h"

#include <bgcopy/qmgr.h>

using Microsoft::WRL::ComPtr;

extern "C" HRESULT find_in_shared_object(const GUID *id, IUnknown **job, IUnknown **callback)
{
    ComPtr<IBackgroundCopyManager> manager;
    ComPtr<IBackgroundCopyJob> found;
    HRESULT result =
        CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
    if (SUCCEEDED(result))
        result = manager->GetJob(*id, &found);
    if (SUCCEEDED(result))
        result = found->GetNotifyInterface(callback);
    *job = found.Detach();
    return result;
}

extern "C" HRESULT begin_in_shared_object()
{
    return CoInitializeEx(nullptr, COINIT_MULTITHREADED);
}

extern "C" void end_in_shared_object()
{
    CoUninitialize();
}
