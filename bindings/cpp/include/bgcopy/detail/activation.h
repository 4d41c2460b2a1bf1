// CoInitialize, CoCreateInstance and their company.
#ifndef BGCOPY_DETAIL_ACTIVATION_H
#define BGCOPY_DETAIL_ACTIVATION_H

#include "queue.h"
#include "unknown.h"

/// How the threads of a program use its objects. It makes no difference here: all objects may be used by all
/// threads, and callbacks come on threads of the library.
typedef enum tagCOINIT {
    COINIT_MULTITHREADED = 0x0,
    COINIT_APARTMENTTHREADED = 0x2,
    COINIT_DISABLE_OLE1DDE = 0x4,
    COINIT_SPEED_OVER_MEMORY = 0x8
} COINIT;

/// Where objects are made. All are in this process here.
typedef enum tagCLSCTX {
    CLSCTX_INPROC_SERVER = 0x1,
    CLSCTX_INPROC_HANDLER = 0x2,
    CLSCTX_LOCAL_SERVER = 0x4,
    CLSCTX_REMOTE_SERVER = 0x10
} CLSCTX;

#ifndef CLSCTX_INPROC
#define CLSCTX_INPROC (CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER)
#define CLSCTX_SERVER (CLSCTX_INPROC_SERVER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER)
#define CLSCTX_ALL (CLSCTX_INPROC_HANDLER | CLSCTX_SERVER)
#endif

// Arguments of CoInitializeSecurity and CoSetProxyBlanket.
#ifndef RPC_C_AUTHN_LEVEL_DEFAULT
#define RPC_C_AUTHN_LEVEL_DEFAULT 0
#define RPC_C_AUTHN_LEVEL_NONE 1
#define RPC_C_AUTHN_LEVEL_CONNECT 2
#define RPC_C_AUTHN_LEVEL_CALL 3
#define RPC_C_AUTHN_LEVEL_PKT 4
#define RPC_C_AUTHN_LEVEL_PKT_INTEGRITY 5
#define RPC_C_AUTHN_LEVEL_PKT_PRIVACY 6
#define RPC_C_IMP_LEVEL_DEFAULT 0
#define RPC_C_IMP_LEVEL_ANONYMOUS 1
#define RPC_C_IMP_LEVEL_IDENTIFY 2
#define RPC_C_IMP_LEVEL_IMPERSONATE 3
#define RPC_C_IMP_LEVEL_DELEGATE 4
#define RPC_C_AUTHN_WINNT 10
#define RPC_C_AUTHN_DEFAULT 0xFFFFFFFFu
#define RPC_C_AUTHZ_NONE 0
#define RPC_C_AUTHZ_DEFAULT 0xFFFFFFFFu
#endif
typedef enum tagEOLE_AUTHENTICATION_CAPABILITIES {
    EOAC_NONE = 0x0,
    EOAC_STATIC_CLOAKING = 0x20,
    EOAC_DYNAMIC_CLOAKING = 0x40
} EOLE_AUTHENTICATION_CAPABILITIES;

namespace bgcopy::com {

/// How often this thread has called CoInitializeEx, and with which COINIT.
struct Apartment {
    size_t count = 0;
    DWORD model = 0;
};
[[gnu::visibility("default")]] inline thread_local Apartment apartment;

/// Makes the legacy queue manager; REGDB_E_CLASSNOTREG for other classes. NULL in a program of which no file includes
/// qmgr.h, which defines it.
[[gnu::weak, gnu::visibility("default")]] HRESULT create_qmgr(REFCLSID clsid, REFIID riid, void **ppv) noexcept;

/// As above for the set-up of a server, which bitscfg.h defines.
[[gnu::weak, gnu::visibility("default")]] HRESULT create_setup(REFCLSID clsid, REFIID riid, void **ppv) noexcept;

} // namespace bgcopy::com

/// Begins the use of COM on this thread; each success is answered by one CoUninitialize.
///
/// S_FALSE when this thread has begun already; RPC_E_CHANGED_MODE when it has with another threading model.
inline HRESULT CoInitializeEx(LPVOID reserved, DWORD coinit) noexcept
{
    bgcopy::com::Apartment &apartment = bgcopy::com::apartment;
    const DWORD model = coinit & COINIT_APARTMENTTHREADED;
    if (reserved != nullptr || (coinit & ~DWORD(0xE)) != 0)
        return E_INVALIDARG;
    if (apartment.count != 0 && apartment.model != model)
        return RPC_E_CHANGED_MODE;
    apartment.model = model;
    bgcopy::com::queue.enter_apartment();
    return ++apartment.count == 1 ? S_OK : S_FALSE;
}

/// CoInitializeEx for an apartment of one thread.
inline HRESULT CoInitialize(LPVOID reserved) noexcept
{
    return CoInitializeEx(reserved, COINIT_APARTMENTTHREADED);
}

/// Ends the use of COM on this thread. With the last thread the queue is closed as soon as no object is left:
/// transfers stop, and go on at the place they were when it is opened again.
inline void CoUninitialize() noexcept
{
    if (bgcopy::com::apartment.count == 0)
        return;
    --bgcopy::com::apartment.count;
    bgcopy::com::queue.leave_apartment();
}

/// Checks that COM is in use on this thread. There is nothing to secure: the queue is in this process, and its
/// jobs belong to the user who runs it.
///
/// RPC_E_TOO_LATE of Windows does not exist here: it may be called again.
inline HRESULT CoInitializeSecurity(void *, LONG, void *, void *, DWORD, DWORD, void *, DWORD, void *) noexcept
{
    return S_OK;
}

/// Accepts any settings: calls do not leave this process.
inline HRESULT CoSetProxyBlanket(IUnknown *proxy, DWORD, DWORD, OLECHAR *, DWORD, DWORD, void *, DWORD) noexcept
{
    return proxy != nullptr ? S_OK : E_INVALIDARG;
}

/// Makes an object of a class and gives the interface `riid` of it.
///
/// For the manager of BITS it opens the queue (see queue.h). REGDB_E_CLASSNOTREG for a class that no included
/// header has, CLASS_E_NOAGGREGATION when `outer` is given, E_NOINTERFACE, E_POINTER, E_INVALIDARG when `context`
/// asks for no place, and what bg_manager_open answers, such as ERROR_SHARING_VIOLATION while another process
/// has the queue open.
inline HRESULT CoCreateInstance(REFCLSID clsid, IUnknown *outer, DWORD context, REFIID riid, LPVOID *ppv) noexcept;

#endif
