// What com.h has around the interfaces: codes, identifiers, memory, times, activation, smart pointers.
#include "mirror.h"

static void codes_are_those_of_the_sdk()
{
    static_assert(E_INVALIDARG == BG_E_INVALIDARG && E_NOTIMPL == BG_E_NOTIMPL && E_POINTER == BG_E_POINTER, "");
    static_assert(HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) == BG_E_WIN32_FILE_NOT_FOUND, "");
    static_assert(HRESULT_FROM_WIN32(0) == S_OK && HRESULT_FROM_WIN32(ULONG(E_FAIL)) == E_FAIL, "");
    static_assert(HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER) == BG_E_RPC_NULL_REF_POINTER, "");
    static_assert(MAKE_HRESULT(1, FACILITY_BACKGROUNDCOPY, 1) == BG_E_NOT_FOUND, "");
    static_assert(HRESULT_CODE(BG_E_NOT_FOUND) == 1 && HRESULT_FACILITY(BG_E_NOT_FOUND) == 0x20, "");
    static_assert(HRESULT_SEVERITY(BG_E_NOT_FOUND) == 1 && HRESULT_SEVERITY(BG_S_PARTIAL_COMPLETE) == 0, "");
    static_assert(SUCCEEDED(S_FALSE) && FAILED(BG_E_EMPTY) && !FAILED(S_OK), "");
}

/// Declared as in the SDK: what the compiler does not know there is nothing here.
struct DECLSPEC_UUID("00000000-1111-2222-3333-444444444444") IMine : IUnknown {
    STDMETHOD(First)(LPCWSTR text) PURE;
    STDMETHOD_(ULONG, Second)(void) PURE;
};
__CRT_UUID_DECL(IMine, 0x00000000, 0x1111, 0x2222, 0x33, 0x33, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44);

class Mine final : public IMine {
public:
    STDMETHODIMP QueryInterface(REFIID, void **) override { return E_NOINTERFACE; }
    STDMETHODIMP_(ULONG) AddRef() override { return 1; }
    STDMETHODIMP_(ULONG) Release() override { return 1; }
    HRESULT WINAPI First(LPCWSTR text) override { return text != nullptr ? S_OK : E_POINTER; }
    ULONG __stdcall Second() override { return 2; }
};

static void programs_declare_interfaces_of_their_own()
{
    Mine mine;
    IMine *const one = &mine;
    CHECK(one->First(L"") == NOERROR && one->Second() == 2 && __uuidof(one).Data2 == 0x1111);
}

static void types_have_the_width_of_windows()
{
    static_assert(sizeof(LONG) == 4 && sizeof(ULONG) == 4 && sizeof(DWORD) == 4 && sizeof(BOOL) == 4, "");
    static_assert(sizeof(WORD) == 2 && sizeof(BYTE) == 1 && sizeof(UINT64) == 8 && sizeof(GUID) == 16, "");
    static_assert(sizeof(FILETIME) == 8 && alignof(FILETIME) == 4 && sizeof(LARGE_INTEGER) == 8, "");
    static_assert(sizeof(BG_JOB_TIMES) == 24 && sizeof(BG_JOB_PROGRESS) == 24 && sizeof(BG_FILE_PROGRESS) == 24, "");
    static_assert(sizeof(BG_AUTH_CREDENTIALS) == 24 && sizeof(BITS_JOB_PROPERTY_VALUE) == 16, "");
    static_assert(sizeof(BG_FILE_INFO) == 16 && sizeof(BG_FILE_RANGE) == 16, "");
    LARGE_INTEGER number;
    number.QuadPart = 0x100000002;
    CHECK(number.LowPart == 2 && number.HighPart == 1 && number.u.HighPart == 1);
}

static void identifiers_are_written_and_read()
{
    const GUID &iid = __uuidof(IBackgroundCopyJob);
    wchar_t text[39];
    GUID read;
    CHECK(StringFromGUID2(iid, text, 39) == 39);
    CHECK(same(text, L"{37668D37-507E-4160-9316-26306D150B12}"));
    CHECK(StringFromGUID2(iid, text, 38) == 0 && StringFromGUID2(iid, nullptr, 39) == 0);
    OK(CLSIDFromString(text, &read));
    CHECK(read == iid && IsEqualGUID(read, iid) && IsEqualIID(read, IID_IBackgroundCopyJob));
    OK(IIDFromString(L"{37668d37-507e-4160-9316-26306d150b12}", &read));
    CHECK(!(read != iid));
    GIVES(CO_E_CLASSSTRING, CLSIDFromString(L"37668D37-507E-4160-9316-26306D150B12", &read));
    CHECK(read == GUID_NULL);
    GIVES(CO_E_CLASSSTRING, CLSIDFromString(L"{37668D37-507E-4160-9316-26306D150B12}}", &read));
    GIVES(CO_E_CLASSSTRING, CLSIDFromString(L"{37668D37-507E-4160-9316-26306D150B1\u0132}", &read));
    GIVES(CO_E_CLASSSTRING, CLSIDFromString(L"", &read));
    GIVES(E_INVALIDARG, IIDFromString(nullptr, &read));
    GIVES(E_INVALIDARG, CLSIDFromString(text, nullptr));
    OK(CLSIDFromString(nullptr, &read));
    LPOLESTR copy;
    OK(StringFromCLSID(CLSID_BackgroundCopyManager, &copy));
    TEXT_IS(L"{4991D34B-80A1-4291-83B6-3328366B9097}", copy);
    GIVES(E_INVALIDARG, StringFromIID(iid, nullptr));

    GUID first, second;
    OK(CoCreateGuid(&first));
    OK(CoCreateGuid(&second));
    CHECK(first != second && first != GUID_NULL);
    CHECK((first.Data3 & 0xF000) == 0x4000 && (first.Data4[0] & 0xC0) == 0x80);
    GIVES(E_INVALIDARG, CoCreateGuid(nullptr));

    // Of types, of expressions, of pointers.
    IBackgroundCopyJob *none = nullptr;
    IBackgroundCopyJob **place = &none;
    CHECK(__uuidof(none) == iid && __uuidof(**place) == iid && __uuidof(const IBackgroundCopyJob) == iid);
}

static void memory_is_allocated_and_freed()
{
    char *memory = static_cast<char *>(CoTaskMemAlloc(0));
    CHECK(memory != nullptr);
    memory = static_cast<char *>(CoTaskMemRealloc(memory, 100));
    memory[99] = 1;
    ZeroMemory(memory, 100);
    CHECK(memory[99] == 0);
    memory[99] = 1;
    CHECK(SecureZeroMemory(memory, 100) == memory && memory[99] == 0);
    CHECK(CoTaskMemRealloc(memory, 0) == nullptr);
    CoTaskMemFree(nullptr);

    BSTR string = SysAllocString(L"three");
    CHECK(SysStringLen(string) == 5 && SysStringByteLen(string) == 5 * sizeof(wchar_t) && same(string, L"three"));
    SysFreeString(string);
    string = SysAllocStringLen(L"with\0nul", 8);
    CHECK(SysStringLen(string) == 8 && string[5] == 'n' && string[8] == 0);
    SysFreeString(string);
    string = SysAllocStringLen(nullptr, 3);
    CHECK(SysStringLen(string) == 3 && string[0] == 0);
    SysFreeString(string);
    CHECK(SysAllocString(nullptr) == nullptr && SysStringLen(nullptr) == 0);
    SysFreeString(nullptr);
}

static void times_are_converted()
{
    FILETIME time = bgcopy::com::filetime_of_unix(INT64_C(1000000000) * 951827696); // 2000-02-29 12:34:56
    SYSTEMTIME calendar;
    CHECK(time.dwHighDateTime == 0x01BF82B1 && FileTimeToSystemTime(&time, &calendar));
    CHECK(calendar.wYear == 2000 && calendar.wMonth == 2 && calendar.wDay == 29 && calendar.wDayOfWeek == 2);
    CHECK(calendar.wHour == 12 && calendar.wMinute == 34 && calendar.wSecond == 56 && calendar.wMilliseconds == 0);
    FILETIME never = bgcopy::com::filetime_of_unix(0), now, local, back;
    CHECK(SystemTimeToFileTime(&calendar, &back) && CompareFileTime(&back, &time) == 0);
    SYSTEMTIME first = {1601, 1, 0, 1, 0, 0, 0, 1}, wrong = {2001, 2, 0, 29, 0, 0, 0, 0};
    CHECK(SystemTimeToFileTime(&first, &back) && back.dwLowDateTime == 10000 && back.dwHighDateTime == 0);
    CHECK(!SystemTimeToFileTime(&wrong, &back) && !SystemTimeToFileTime(nullptr, &back));
    wrong.wMonth = 13;
    CHECK(!SystemTimeToFileTime(&wrong, &back) && !SystemTimeToFileTime(&first, nullptr));
    CHECK(never.dwLowDateTime == 0 && never.dwHighDateTime == 0);
    GetSystemTimeAsFileTime(&now);
    CHECK(CompareFileTime(&never, &time) == -1 && CompareFileTime(&now, &time) == 1 && CompareFileTime(&time, &time) == 0);
    setenv("TZ", "XYZ-2", 1);
    tzset();
    CHECK(FileTimeToLocalFileTime(&time, &local) && FileTimeToSystemTime(&local, &calendar) && calendar.wHour == 14);
    const FILETIME too_late = {0, 0x80000000u};
    CHECK(!FileTimeToSystemTime(&too_late, &calendar) && !FileTimeToSystemTime(nullptr, &calendar));
    CHECK(!FileTimeToLocalFileTime(&too_late, &local));
    Sleep(0);
    Sleep(1);
}

static void numbers_are_counted_atomically()
{
    LONG number = 5;
    ULONG other = 1;
    CHECK(InterlockedIncrement(&number) == 6 && InterlockedDecrement(&number) == 5);
    CHECK(InterlockedIncrement(&other) == 2 && InterlockedDecrement(&other) == 1);
    CHECK(InterlockedExchange(&number, 7) == 5 && number == 7);
    CHECK(InterlockedCompareExchange(&number, 8, 1) == 7 && number == 7);
    CHECK(InterlockedCompareExchange(&number, 8, 7) == 7 && number == 8);
}

static void threads_begin_and_end_the_use_of_com()
{
    OK(CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    GIVES(S_FALSE, CoInitializeEx(nullptr, COINIT_MULTITHREADED | COINIT_DISABLE_OLE1DDE));
    GIVES(RPC_E_CHANGED_MODE, CoInitialize(nullptr));
    GIVES(E_INVALIDARG, CoInitializeEx(&errno, COINIT_MULTITHREADED));
    GIVES(E_INVALIDARG, CoInitializeEx(nullptr, 1));
    CoUninitialize();
    CoUninitialize();
    OK(CoInitialize(nullptr));
    CoUninitialize();
    CoUninitialize();
    OK(CoInitializeSecurity(nullptr, -1, nullptr, nullptr, RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_IMP_LEVEL_IMPERSONATE,
                            nullptr, EOAC_NONE, nullptr));
}

static void classes_are_found_and_refused()
{
    ComPtr<IBackgroundCopyManager> made;
    GUID id;
    void *nothing = &id;
    setenv("BGCOPY_DIRECTORY", path_of("queue"), 1);
    GIVES(REGDB_E_CLASSNOTREG, CoCreateInstance(IID_IUnknown, nullptr, CLSCTX_ALL, IID_IUnknown, &nothing));
    CHECK(nothing == nullptr);
    nothing = &id;
    GIVES(E_NOINTERFACE,
          CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_ALL, IID_IBackgroundCopyJob, &nothing));
    CHECK(nothing == nullptr);
    GIVES(E_POINTER, CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_ALL, IID_IUnknown, nullptr));
    GIVES(E_INVALIDARG, CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, 0, IID_PPV_ARGS(&made)));
    const CLSID *const all[] = {&CLSID_BackgroundCopyManager,     &CLSID_BackgroundCopyManager1_5,
                                &CLSID_BackgroundCopyManager2_0,  &CLSID_BackgroundCopyManager2_5,
                                &CLSID_BackgroundCopyManager3_0,  &CLSID_BackgroundCopyManager4_0,
                                &CLSID_BackgroundCopyManager5_0,  &CLSID_BackgroundCopyManager10_1,
                                &CLSID_BackgroundCopyManager10_2, &CLSID_BackgroundCopyManager10_3};
    for (const CLSID *clsid : all)
        OK(CoCreateInstance(*clsid, nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&made)));
    ComPtr<IUnknown> outer(made.Get());
    GIVES(CLASS_E_NOAGGREGATION,
          CoCreateInstance(CLSID_BackgroundCopyManager, outer.Get(), CLSCTX_ALL, IID_IUnknown, &nothing));
    CHECK(nothing == nullptr);
    OK(CoSetProxyBlanket(made.Get(), RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, nullptr, RPC_C_AUTHN_LEVEL_CONNECT,
                         RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_DYNAMIC_CLOAKING));
}

static void a_queue_that_cannot_be_opened_says_why()
{
    ComPtr<IBackgroundCopyManager> made;
    setenv("BGCOPY_DIRECTORY", "/dev/null/queue", 1);
    CHECK(FAILED(CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_ALL, IID_PPV_ARGS(&made))));
    CHECK(!made);
    // The library's text for people is there, too.
    CHECK(strstr(bg_last_error_detail(), "/dev/null") != nullptr);
}

static bool is_open()
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *second = nullptr;
    options.directory = getenv("BGCOPY_DIRECTORY");
    const bg_result result = bg_manager_open(&options, &second);
    bg_manager_release(second);
    CHECK(result == BG_S_OK || result == BG_E_WIN32_SHARING_VIOLATION);
    return result != BG_S_OK;
}

static void the_queue_is_open_while_an_object_lives()
{
    ComPtr<IBackgroundCopyJob> last;
    {
        ComPtr<IBackgroundCopyManager> first = manager(), second = manager();
        last = job(first.Get());
    }
    CHECK(is_open());
    OK(last->SetDescription(L"the manager is gone"));
    OK(last->Cancel());
    last.Reset();
    CHECK(!is_open());
}

static void the_queue_is_open_until_the_last_thread_ends_com()
{
    GUID id;
    OK(CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    {
        ComPtr<IBackgroundCopyJob> kept;
        OK(manager()->CreateJob(L"kept", BG_JOB_TYPE_DOWNLOAD, &id, &kept));
    }
    CHECK(is_open());
    CoUninitialize();
    CHECK(!is_open());
    ComPtr<IBackgroundCopyJob> found;
    OK(manager()->GetJob(id, &found));
    OK(found->Cancel());
}

static void smart_pointers_count_references()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    IBackgroundCopyManager *const plain = queue.Get();
    CHECK(references(plain) == 1);
    {
        ComPtr<IBackgroundCopyManager> copy(queue), moved(static_cast<ComPtr<IBackgroundCopyManager> &&>(copy));
        ComPtr<IUnknown> base = moved, again;
        CHECK(references(plain) == 3 && !copy && moved == queue && base == queue && again == nullptr);
        again = base;
        again.Swap(base);
        OK(base.As(&again));
        OK(again.CopyTo(copy.GetAddressOf()));
        CHECK(references(plain) == 5 && copy.Get() == plain);
        copy = nullptr;
        copy.Attach(moved.Detach());
        copy = plain;
        CHECK(references(plain) == 4);
        CHECK(moved != copy && moved.Reset() == 0);
        OK(copy.CopyTo(&moved));
        GIVES(E_POINTER, copy.CopyTo(static_cast<IBackgroundCopyManager **>(nullptr)));
    }
    CHECK(references(plain) == 1);
    {
        CComPtr<IBackgroundCopyManager> copy(plain), other;
        CComPtr<IUnknown> base;
        CHECK(!other && references(plain) == 2);
        OK(copy.QueryInterface(&base));
        OK(copy.CopyTo(&other));
        CHECK(copy.IsEqualObject(base) && !copy.IsEqualObject(nullptr) && references(plain) == 4);
        other = copy;
        other = nullptr;
        other.Attach(copy.Detach());
        CHECK(copy == nullptr && other->Release() == 2);
        CHECK(other.Detach() == plain);
        OK(copy.CoCreateInstance(__uuidof(BackgroundCopyManager)));
    }
    CHECK(references(plain) == 1);
}

int main()
{
    codes_are_those_of_the_sdk();
    types_have_the_width_of_windows();
    programs_declare_interfaces_of_their_own();
    identifiers_are_written_and_read();
    memory_is_allocated_and_freed();
    times_are_converted();
    numbers_are_counted_atomically();
    threads_begin_and_end_the_use_of_com();
    classes_are_found_and_refused();
    a_queue_that_cannot_be_opened_says_why();
    the_queue_is_open_while_an_object_lives();
    the_queue_is_open_until_the_last_thread_ends_com();
    smart_pointers_count_references();
    return 0;
}
