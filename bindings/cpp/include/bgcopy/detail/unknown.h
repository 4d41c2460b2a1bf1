// IUnknown: what every interface begins with.
#ifndef BGCOPY_DETAIL_UNKNOWN_H
#define BGCOPY_DETAIL_UNKNOWN_H

#include "guid.h"

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

#ifndef __IUnknown_INTERFACE_DEFINED__
#define __IUnknown_INTERFACE_DEFINED__
struct IUnknown;
__CRT_UUID_DECL(IUnknown, 0x00000000, 0x0000, 0x0000, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);

/// Life of an object and the way to its other interfaces.
struct IUnknown {
    /// Gives another interface of the object with a reference for the caller; E_NOINTERFACE and NULL when it has
    /// none of that identifier, E_POINTER when `ppvObject` is NULL.
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) = 0;
    /// Takes another reference; the number is for tests only.
    virtual ULONG STDMETHODCALLTYPE AddRef() = 0;
    /// Returns a reference; with the last one the object is gone.
    virtual ULONG STDMETHODCALLTYPE Release() = 0;

    /// As above, for the interface that the pointer is of.
    template <class Interface> HRESULT STDMETHODCALLTYPE QueryInterface(Interface **pp)
    {
        return QueryInterface(__uuidof(Interface), reinterpret_cast<void **>(pp));
    }
};
inline constexpr IID IID_IUnknown = __uuidof(IUnknown);
#endif

typedef IUnknown *LPUNKNOWN;

#pragma GCC diagnostic pop

template <class Interface> void **IID_PPV_ARGS_Helper(Interface **pp) noexcept
{
    static_cast<void>(static_cast<IUnknown *>(*pp)); // a pointer to an interface, or it does not compile
    return reinterpret_cast<void **>(pp);
}

#ifndef IID_PPV_ARGS
/// The last two arguments of CoCreateInstance and QueryInterface for a pointer to an interface pointer.
#define IID_PPV_ARGS(pp) __uuidof(**(pp)), IID_PPV_ARGS_Helper(pp)
#endif

#endif
