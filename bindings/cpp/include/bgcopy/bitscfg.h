/* bitscfg.h - set-up of upload servers: uploads to the directories of bgcopy-server on this machine.
 *
 * Each method does what the function of bgcopy.h does that is named after it: `IBITSExtensionSetup::EnableBITSUploads` is
 * `bg_extension_setup_enable_bits_uploads`. The configuration is the one that BGCOPY_SERVER_CONFIGURATION names, else
 * /etc/bgcopy/server.toml.
 */
#ifndef BGCOPY_BITSCFG_H
#define BGCOPY_BITSCFG_H

#ifdef _WIN32
#include <bitscfg.h>
#else

#include "bits.h"
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
    /// The name is freed with SysFreeString; S_FALSE and NULL where uploads are disabled.
    virtual HRESULT STDMETHODCALLTYPE GetCleanupTaskName(BSTR *pTaskName) = 0;
    /// S_FALSE and NULL where uploads are disabled, else E_NOINTERFACE: the server cleans up, and no Task Scheduler.
    virtual HRESULT STDMETHODCALLTYPE GetCleanupTask(REFIID riid, IUnknown **ppUnk) = 0;
};
inline constexpr IID IID_IBITSExtensionSetup = __uuidof(IBITSExtensionSetup);

/// Finds the directory of a server.
struct IBITSExtensionSetupFactory;
__CRT_UUID_DECL(IBITSExtensionSetupFactory, 0xd5d2d542, 0x5503, 0x4e64, 0x8b, 0x48, 0x72, 0xef, 0x91, 0xa3, 0x2e, 0xe1);
struct IBITSExtensionSetupFactory : IDispatch {
    /// `Path` is like "IIS://localhost/W3SVC/1/ROOT/orders", or "/orders".
    virtual HRESULT STDMETHODCALLTYPE GetObject(BSTR Path, IBITSExtensionSetup **ppExtensionSetup) = 0;
};
inline constexpr IID IID_IBITSExtensionSetupFactory = __uuidof(IBITSExtensionSetupFactory);

/// The class of the factory.
class BITSExtensionSetupFactory;
__CRT_UUID_DECL(BITSExtensionSetupFactory, 0xefbbab68, 0x7286, 0x4783, 0x94, 0xbf, 0x94, 0x61, 0xd8, 0xb7, 0xe7, 0xe9);
inline constexpr CLSID CLSID_BITSExtensionSetupFactory = __uuidof(BITSExtensionSetupFactory);

#pragma GCC diagnostic pop

#include "detail/extension_setup.h"

#endif /* _WIN32 */
#endif /* BGCOPY_BITSCFG_H */
