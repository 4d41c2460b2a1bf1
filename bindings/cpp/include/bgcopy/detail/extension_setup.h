// The set-up of an upload server: uploads to its directories.
#ifndef BGCOPY_DETAIL_EXTENSION_SETUP_H
#define BGCOPY_DETAIL_EXTENSION_SETUP_H

#include "object.h"

namespace bgcopy::com {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// Calls by name, for which there is no engine of scripts here: no name is known.
template <class Handle, class Interface> class Dispatch : public Owner<Handle, Interface> {
public:
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT *pctinfo) override
    {
        if (pctinfo == nullptr)
            return E_POINTER;
        *pctinfo = 0;
        return S_OK;
    }

    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT, LCID, ITypeInfo **ppTInfo) override
    {
        if (ppTInfo == nullptr)
            return E_POINTER;
        *ppTInfo = nullptr;
        return DISP_E_BADINDEX;
    }

    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, LPOLESTR *rgszNames, UINT cNames, LCID, DISPID *rgDispId) override
    {
        if (rgszNames == nullptr || rgDispId == nullptr)
            return E_POINTER;
        for (UINT i = 0; i < cNames; ++i)
            rgDispId[i] = DISPID_UNKNOWN;
        return DISP_E_UNKNOWNNAME;
    }

    HRESULT STDMETHODCALLTYPE Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *) override
    {
        return DISP_E_MEMBERNOTFOUND;
    }

protected:
    explicit Dispatch(Handle *handle) noexcept : Owner<Handle, Interface>(handle) {}

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IDispatch, Interface>(riid) ? static_cast<Interface *>(this) : nullptr;
    }
};

#pragma GCC diagnostic pop

class ExtensionSetup final : public Dispatch<bg_extension_setup, IBITSExtensionSetup> {
public:
    explicit ExtensionSetup(bg_extension_setup *handle) noexcept : Dispatch(handle) {}

    HRESULT STDMETHODCALLTYPE EnableBITSUploads() override { return bg_extension_setup_enable_bits_uploads(handle()); }

    HRESULT STDMETHODCALLTYPE DisableBITSUploads() override { return bg_extension_setup_disable_bits_uploads(handle()); }

    HRESULT STDMETHODCALLTYPE GetCleanupTaskName(BSTR *pTaskName) override
    {
        char *name = nullptr;
        const HRESULT result = bg_extension_setup_get_cleanup_task_name(handle(), pTaskName != nullptr ? &name : nullptr);
        if (pTaskName == nullptr)
            return result;
        const bool given = name != nullptr;
        *pTaskName = to_bstr(name);
        return given && *pTaskName == nullptr ? E_OUTOFMEMORY : result;
    }

    HRESULT STDMETHODCALLTYPE GetCleanupTask(REFIID, IUnknown **ppUnk) override
    {
        if (ppUnk == nullptr)
            return E_POINTER;
        *ppUnk = nullptr;
        bg_cleanup_task task = BG_CLEANUP_TASK_INIT;
        const HRESULT result = bg_extension_setup_get_cleanup_task(handle(), &task);
        return result == S_OK ? E_NOINTERFACE : result;
    }
};

class ExtensionSetupFactory final : public Dispatch<bg_extension_setup_factory, IBITSExtensionSetupFactory> {
public:
    explicit ExtensionSetupFactory(bg_extension_setup_factory *handle) noexcept : Dispatch(handle) {}

    HRESULT STDMETHODCALLTYPE GetObject(BSTR Path, IBITSExtensionSetup **ppExtensionSetup) override
    {
        if (ppExtensionSetup != nullptr)
            *ppExtensionSetup = nullptr;
        const Utf8 path(Path);
        if (FAILED(path.result()))
            return path.result();
        bg_extension_setup *setup = nullptr;
        const HRESULT result = bg_extension_setup_factory_get_object(handle(), path.get(),
                                                                     ppExtensionSetup != nullptr ? &setup : nullptr);
        return give<ExtensionSetup>(result, setup, ppExtensionSetup);
    }
};

// As create_qmgr: not inline, and weak.
HRESULT create_setup(REFCLSID clsid, REFIID riid, void **ppv) noexcept
{
    if (clsid != __uuidof(BITSExtensionSetupFactory))
        return REGDB_E_CLASSNOTREG;
    bg_extension_setup_factory *handle = nullptr;
    IBITSExtensionSetupFactory *made = nullptr;
    HRESULT result = bg_extension_setup_factory_open(nullptr, &handle);
    result = give<ExtensionSetupFactory>(result, handle, &made);
    if (FAILED(result))
        return result;
    result = made->QueryInterface(riid, ppv);
    made->Release();
    return result;
}

} // namespace bgcopy::com

#endif
