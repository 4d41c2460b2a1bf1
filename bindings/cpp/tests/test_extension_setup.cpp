// Uploads to directories of a server, enabled and disabled.
#include <bgcopy/bitscfg.h>

#include "mirror.h"

/// A BSTR for the length of a call.
struct Bstr {
    explicit Bstr(const char *narrow) : text(SysAllocString(Wide(narrow))) {}
    Bstr(const Bstr &) = delete;
    Bstr &operator=(const Bstr &) = delete;
    ~Bstr() { SysFreeString(text); }
    BSTR text;
};

static void write_configuration()
{
    FILE *const file = fopen(path_of("server.toml"), "w");
    CHECK(file != nullptr);
    fprintf(file, "[[directory]]\nanonymous = true\nurl_prefix = \"/orders\"\npath = \"%s\"\n", path_of("."));
    CHECK(fclose(file) == 0 && setenv("BGCOPY_SERVER_CONFIGURATION", path_of("server.toml"), 1) == 0);
}

static ComPtr<IBITSExtensionSetupFactory> factory()
{
    ComPtr<IBITSExtensionSetupFactory> made;
    OK(CoCreateInstance(CLSID_BITSExtensionSetupFactory, nullptr, CLSCTX_INPROC_SERVER, IID_PPV_ARGS(&made)));
    return made;
}

static bool has_task(IBITSExtensionSetup *setup)
{
    BSTR name = nullptr;
    IUnknown *task = setup;
    const HRESULT result = setup->GetCleanupTaskName(&name);
    CHECK(result == S_OK ? same(name, Wide("bgcopy-server-clean-up.service")) : result == S_FALSE && name == nullptr);
    SysFreeString(name);
    GIVES(result == S_OK ? E_NOINTERFACE : S_FALSE, setup->GetCleanupTask(IID_IUnknown, &task));
    CHECK(task == nullptr);
    return result == S_OK;
}

static void uploads_are_enabled_and_disabled()
{
    ComPtr<IBITSExtensionSetup> setup;
    OK(factory()->GetObject(Bstr("IIS://localhost/W3SVC/1/ROOT/orders").text, &setup));
    CHECK(!has_task(setup.Get()));
    OK(setup->EnableBITSUploads());
    CHECK(has_task(setup.Get()));
    OK(setup->DisableBITSUploads());
    CHECK(!has_task(setup.Get()));
}

static void bad_input_is_refused()
{
    const ComPtr<IBITSExtensionSetupFactory> finds = factory();
    ComPtr<IBITSExtensionSetup> setup;
    IBITSExtensionSetup *none = reinterpret_cast<IBITSExtensionSetup *>(1);
    GIVES(E_INVALIDARG, finds->GetObject(nullptr, &none));
    CHECK(none == nullptr);
    GIVES(E_POINTER, finds->GetObject(Bstr("/orders").text, nullptr));
    GIVES(E_INVALIDARG, finds->GetObject(Bstr("orders").text, &setup));
    GIVES(E_INVALIDARG, finds->GetObject(Bstr("/or\nders").text, &setup));
    GIVES(HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), finds->GetObject(Bstr("/other").text, &setup));
    OK(finds->GetObject(Bstr("/orders").text, &setup));
    GIVES(E_POINTER, setup->GetCleanupTaskName(nullptr));
    GIVES(E_POINTER, setup->GetCleanupTask(IID_IUnknown, nullptr));
}

static void calls_by_name_know_no_name()
{
    ComPtr<IDispatch> dispatch;
    ComPtr<IUnknown> unknown, of_dispatch;
    const ComPtr<IBITSExtensionSetupFactory> finds = factory();
    UINT count = 7;
    DISPID number = 7;
    ITypeInfo *type = reinterpret_cast<ITypeInfo *>(1);
    Wide wide("GetObject");
    LPOLESTR name = wide;
    OK(finds.As(&dispatch));
    OK(finds.As(&unknown));
    OK(dispatch.As(&of_dispatch));
    CHECK(unknown.Get() == of_dispatch.Get());
    OK(dispatch->GetTypeInfoCount(&count));
    CHECK(count == 0);
    GIVES(E_POINTER, dispatch->GetTypeInfoCount(nullptr));
    GIVES(DISP_E_BADINDEX, dispatch->GetTypeInfo(0, 0, &type));
    CHECK(type == nullptr);
    GIVES(E_POINTER, dispatch->GetTypeInfo(0, 0, nullptr));
    GIVES(DISP_E_UNKNOWNNAME, dispatch->GetIDsOfNames(IID_IUnknown, &name, 1, 0, &number));
    CHECK(number == DISPID_UNKNOWN);
    GIVES(E_POINTER, dispatch->GetIDsOfNames(IID_IUnknown, nullptr, 1, 0, &number));
    GIVES(DISP_E_MEMBERNOTFOUND, dispatch->Invoke(1, IID_IUnknown, 0, 1, nullptr, nullptr, nullptr, nullptr));
}

/// No queue is opened for it.
static void the_queue_stays_closed()
{
    const ComPtr<IBITSExtensionSetupFactory> finds = factory();
    IUnknown *none = finds.Get();
    CHECK(size_of_file(path_of("queue")) == -1);
    {
        const ComPtr<IBackgroundCopyManager> queue = manager();
    }
    bg_manager *opened = open_queue(); // it was closed with its last object
    bg_manager_release(opened);
    GIVES(E_NOINTERFACE, finds->QueryInterface(IID_IBITSExtensionSetup, reinterpret_cast<void **>(&none)));
    CHECK(none == nullptr);
}

int main()
{
    write_configuration();
    uploads_are_enabled_and_disabled();
    bad_input_is_refused();
    calls_by_name_know_no_name();
    the_queue_stays_closed();
    return 0;
}
