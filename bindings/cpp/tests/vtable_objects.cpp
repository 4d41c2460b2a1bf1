// The C++ side of vtable.c.
#include "vtable.h"

#include <bgcopy/bitscfg.h>
#include <bgcopy/qmgr.h>

#include "mirror.h"

extern "C" void *new_manager(void)
{
    return manager().Detach();
}

extern "C" void *new_qmgr(void)
{
    void *made = nullptr;
    setenv("BGCOPY_DIRECTORY", path_of("queue"), 1);
    OK(CoCreateInstance(CLSID_BackgroundCopyQMgr, nullptr, CLSCTX_ALL, __uuidof(IBackgroundCopyQMgr), &made));
    return made;
}

extern "C" void *new_setup_factory(void)
{
    void *made = nullptr;
    OK(CoCreateInstance(CLSID_BITSExtensionSetupFactory, nullptr, CLSCTX_INPROC_SERVER,
                        __uuidof(IBITSExtensionSetupFactory), &made));
    return made;
}

extern "C" void hold(void *object)
{
    ComPtr<IUnknown> held(static_cast<IUnknown *>(object));
}

extern "C" const void *iid_of(const char *name)
{
#define KNOWN(type)                                                                                         \
    if (strcmp(name, #type) == 0)                                                                           \
    return &__uuidof(type)
    KNOWN(IUnknown);
    KNOWN(IBackgroundCopyManager);
    KNOWN(IEnumBackgroundCopyJobs);
    KNOWN(IEnumBackgroundCopyFiles);
    KNOWN(IBackgroundCopyError);
    KNOWN(IBackgroundCopyJob5);
    KNOWN(IBackgroundCopyJobHttpOptions3);
    KNOWN(IBitsTokenOptions);
    KNOWN(IBackgroundCopyFile6);
    KNOWN(IBitsPeerCacheAdministration);
    KNOWN(IBackgroundCopyCallback);
    KNOWN(IBackgroundCopyCallback2);
    KNOWN(IBackgroundCopyCallback3);
    KNOWN(IBackgroundCopyCallback1);
    KNOWN(IBackgroundCopyServerCertificateValidationCallback);
    KNOWN(IBackgroundCopyQMgr);
    KNOWN(IBackgroundCopyGroup);
    KNOWN(IBackgroundCopyJob1);
    KNOWN(IEnumBackgroundCopyGroups);
    KNOWN(IEnumBackgroundCopyJobs1);
    KNOWN(IBITSExtensionSetup);
    KNOWN(IBITSExtensionSetupFactory);
#undef KNOWN
    fprintf(stderr, "no identifier for %s\n", name);
    exit(1);
}

namespace {

// A method that answers the number of its slot; its arguments have no names.
#define ANSWER(number, ...)                                                                                 \
    HRESULT STDMETHODCALLTYPE __VA_ARGS__ override { return 100 + (number); }

template <class Interface> struct Declared : Interface {
    ANSWER(0, QueryInterface(REFIID, void **))
    ULONG STDMETHODCALLTYPE AddRef() override { return 101; }
    ULONG STDMETHODCALLTYPE Release() override { return 102; }
};

template <class Interface, class Element> struct DeclaredList final : Declared<Interface> {
    ANSWER(3, Next(ULONG, Element **, ULONG *))
    ANSWER(4, Skip(ULONG))
    ANSWER(5, Reset())
    ANSWER(6, Clone(Interface **))
    ANSWER(7, GetCount(ULONG *))
};

template <class Interface> struct DeclaredDispatch : Declared<Interface> {
    ANSWER(3, GetTypeInfoCount(UINT *))
    ANSWER(4, GetTypeInfo(UINT, LCID, ITypeInfo **))
    ANSWER(5, GetIDsOfNames(REFIID, LPOLESTR *, UINT, LCID, DISPID *))
    ANSWER(6, Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *))
};

struct Peer final : Declared<IBitsPeer> {
    ANSWER(3, GetPeerName(LPWSTR *))
    ANSWER(4, IsAuthenticated(BOOL *))
    ANSWER(5, IsAvailable(BOOL *))
};

struct Record final : Declared<IBitsPeerCacheRecord> {
    ANSWER(3, GetId(GUID *))
    ANSWER(4, GetOriginUrl(LPWSTR *))
    ANSWER(5, GetFileSize(UINT64 *))
    ANSWER(6, GetFileModificationTime(FILETIME *))
    ANSWER(7, GetLastAccessTime(FILETIME *))
    ANSWER(8, IsFileValidated())
    ANSWER(9, GetFileRanges(DWORD *, BG_FILE_RANGE **))
};

struct Callback1 final : Declared<IBackgroundCopyCallback1> {
    ANSWER(3, OnStatus(IBackgroundCopyGroup *, IBackgroundCopyJob1 *, DWORD, DWORD, DWORD, DWORD, DWORD))
    ANSWER(4, OnProgress(DWORD, IBackgroundCopyGroup *, IBackgroundCopyJob1 *, DWORD, DWORD))
    ANSWER(5, OnProgressEx(DWORD, IBackgroundCopyGroup *, IBackgroundCopyJob1 *, DWORD, DWORD, DWORD, BYTE *))
};

#undef ANSWER

/// As the pointer to the interface, which is what C has.
template <class Interface, class Object> void *only()
{
    static Object object;
    return static_cast<Interface *>(&object);
}

} // namespace

extern "C" void *declared(const char *name)
{
    const struct {
        const char *name;
        void *(*object)();
    } all[] = {
        {"IBitsPeer", only<IBitsPeer, Peer>},
        {"IBitsPeerCacheRecord", only<IBitsPeerCacheRecord, Record>},
        {"IEnumBitsPeers", only<IEnumBitsPeers, DeclaredList<IEnumBitsPeers, IBitsPeer>>},
        {"IEnumBitsPeerCacheRecords",
         only<IEnumBitsPeerCacheRecords, DeclaredList<IEnumBitsPeerCacheRecords, IBitsPeerCacheRecord>>},
        {"IDispatch", only<IDispatch, DeclaredDispatch<IDispatch>>},
        {"IBackgroundCopyCallback1", only<IBackgroundCopyCallback1, Callback1>},
    };
    for (const auto &one : all)
        if (strcmp(one.name, name) == 0)
            return one.object();
    fprintf(stderr, "no declared object of %s\n", name);
    exit(1);
}
