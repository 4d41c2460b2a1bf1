/* bitscfg.h - set-up of upload servers: the interfaces alone. There is no server to set up in this version, and
 * CoCreateInstance answers REGDB_E_CLASSNOTREG for CLSID_BITSExtensionSetupFactory, as on a Windows without it. */
#ifndef BGCOPY_BITSCFG_H
#define BGCOPY_BITSCFG_H

#ifdef _WIN32
#include <bitscfg.h>
#else

#include "com.h"
#include "detail/dispatch.h"

#pragma GCC diagnostic push
// Interfaces have no destructor: Release ends an object.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// Uploads to one directory of a server.
struct IBITSExtensionSetup;
__CRT_UUID_DECL(IBITSExtensionSetup, 0x29cfbbf7, 0x09e4, 0x4b97, 0xb0, 0xbc, 0xf2, 0x28, 0x7e, 0x3d, 0x8e, 0xb3);
struct IBITSExtensionSetup : IDispatch {
    virtual HRESULT STDMETHODCALLTYPE EnableBITSUploads() = 0;
    virtual HRESULT STDMETHODCALLTYPE DisableBITSUploads() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCleanupTaskName(BSTR *pTaskName) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCleanupTask(REFIID riid, IUnknown **ppUnk) = 0;
};
inline constexpr IID IID_IBITSExtensionSetup = __uuidof(IBITSExtensionSetup);

/// Finds the directory of a server.
struct IBITSExtensionSetupFactory;
__CRT_UUID_DECL(IBITSExtensionSetupFactory, 0xd5d2d542, 0x5503, 0x4e64, 0x8b, 0x48, 0x72, 0xef, 0x91, 0xa3, 0x2e, 0xe1);
struct IBITSExtensionSetupFactory : IDispatch {
    virtual HRESULT STDMETHODCALLTYPE GetObject(BSTR Path, IBITSExtensionSetup **ppExtensionSetup) = 0;
};
inline constexpr IID IID_IBITSExtensionSetupFactory = __uuidof(IBITSExtensionSetupFactory);

/// The class of the factory.
class BITSExtensionSetupFactory;
__CRT_UUID_DECL(BITSExtensionSetupFactory, 0xefbbab68, 0x7286, 0x4783, 0x94, 0xbf, 0x94, 0x61, 0xd8, 0xb7, 0xe7, 0xe9);
inline constexpr CLSID CLSID_BITSExtensionSetupFactory = __uuidof(BITSExtensionSetupFactory);

#pragma GCC diagnostic pop

#endif /* _WIN32 */
#endif /* BGCOPY_BITSCFG_H */
