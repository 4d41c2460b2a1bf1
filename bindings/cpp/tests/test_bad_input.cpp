// NULL for every pointer, undefined numbers, the wrong state: the documented code, and nothing changes.
#include "mirror.h"

template <class Number> static Number undefined(int32_t value)
{
    Number number;
    static_assert(sizeof number == sizeof value, "an enumeration");
    memcpy(&number, &value, sizeof number);
    return number;
}

static void the_manager(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one;
    GUID id;
    GIVES(E_INVALIDARG, queue->CreateJob(nullptr, BG_JOB_TYPE_DOWNLOAD, &id, &one));
    CHECK(!one && id == GUID_NULL);
    GIVES(E_POINTER, queue->CreateJob(L"a", BG_JOB_TYPE_DOWNLOAD, nullptr, &one));
    GIVES(E_POINTER, queue->CreateJob(L"a", BG_JOB_TYPE_DOWNLOAD, &id, nullptr));
    GIVES(E_NOTIMPL, queue->CreateJob(L"a", undefined<BG_JOB_TYPE>(3), &id, &one));
    GIVES(E_POINTER, queue->GetJob(IID_IUnknown, nullptr));
    GIVES(E_POINTER, queue->EnumJobs(0, nullptr));
    GIVES(E_POINTER, queue->GetErrorDescription(E_FAIL, 0x0409, nullptr));
    ComPtr<IEnumBackgroundCopyJobs> jobs;
    GIVES(E_NOTIMPL, queue->EnumJobs(0x80, &jobs));
    CHECK(!jobs);
    OK(queue->EnumJobs(0, &jobs));
    ULONG count = 7;
    OK(jobs->GetCount(&count));
    CHECK(count == 0);
}

static void a_job(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJob5> five;
    ComPtr<IBackgroundCopyJobHttpOptions3> http;
    BITS_JOB_PROPERTY_VALUE value = {};
    LPWSTR text = nullptr;
    OK(one.As(&five));
    OK(one.As(&http));
    GIVES(E_INVALIDARG, one->AddFile(nullptr, L"/a"));
    GIVES(E_INVALIDARG, one->AddFile(L"http://a/", nullptr));
    GIVES(E_POINTER, one->EnumFiles(nullptr));
    GIVES(E_POINTER, one->GetId(nullptr));
    GIVES(E_INVALIDARG, one->GetType(nullptr));
    GIVES(E_INVALIDARG, one->GetProgress(nullptr));
    GIVES(E_INVALIDARG, one->GetTimes(nullptr));
    GIVES(E_INVALIDARG, one->GetState(nullptr));
    GIVES(E_POINTER, one->GetError(nullptr));
    GIVES(E_INVALIDARG, one->GetOwner(nullptr));
    GIVES(E_INVALIDARG, one->SetDisplayName(nullptr));
    GIVES(E_INVALIDARG, one->GetDisplayName(nullptr));
    GIVES(E_INVALIDARG, one->SetDescription(nullptr));
    GIVES(E_INVALIDARG, one->GetDescription(nullptr));
    GIVES(E_NOTIMPL, one->SetPriority(undefined<BG_JOB_PRIORITY>(4)));
    GIVES(E_INVALIDARG, one->GetPriority(nullptr));
    GIVES(E_INVALIDARG, one->GetNotifyFlags(nullptr));
    GIVES(E_INVALIDARG, one->GetNotifyInterface(nullptr));
    GIVES(E_POINTER, one->GetMinimumRetryDelay(nullptr));
    GIVES(E_INVALIDARG, one->GetNoProgressTimeout(nullptr));
    GIVES(E_POINTER, one->GetErrorCount(nullptr));
    BG_JOB_PROXY_USAGE usage;
    wchar_t name[] = L"name";
    GIVES(E_INVALIDARG, one->GetProxySettings(nullptr, &text, &text));
    GIVES(E_INVALIDARG, one->GetProxySettings(&usage, nullptr, &text));
    GIVES(E_INVALIDARG, one->GetProxySettings(&usage, &text, nullptr));
    GIVES(E_NOTIMPL, one->SetProxySettings(undefined<BG_JOB_PROXY_USAGE>(4), nullptr, nullptr));
    GIVES(E_INVALIDARG, five->SetCredentials(nullptr));
    BG_AUTH_CREDENTIALS credentials = {BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, {{name, nullptr}}};
    GIVES(E_INVALIDARG, five->SetCredentials(&credentials));
    credentials.Credentials.Basic.Password = name;
    credentials.Target = undefined<BG_AUTH_TARGET>(3);
    GIVES(BG_E_INVALID_AUTH_TARGET, five->SetCredentials(&credentials));
    GIVES(BG_E_INVALID_AUTH_SCHEME, five->RemoveCredentials(BG_AUTH_TARGET_PROXY, undefined<BG_AUTH_SCHEME>(6)));
    GIVES(E_INVALIDARG, five->SetNotifyCmdLine(nullptr, L"parameters"));
    GIVES(E_POINTER, five->GetNotifyCmdLine(nullptr, &text));
    CHECK(text == nullptr);
    GIVES(E_POINTER, five->GetNotifyCmdLine(&text, nullptr));
    CHECK(text == nullptr);
    GIVES(E_INVALIDARG, five->ReplaceRemotePrefix(nullptr, L"a"));
    GIVES(E_INVALIDARG, five->ReplaceRemotePrefix(L"a", nullptr));
    GIVES(E_INVALIDARG, five->SetFileACLFlags(0x10));
    GIVES(E_POINTER, five->GetFileACLFlags(nullptr));
    GIVES(E_NOTIMPL, five->SetPeerCachingFlags(0x10));
    GIVES(E_POINTER, five->GetPeerCachingFlags(nullptr));
    GIVES(E_POINTER, five->GetOwnerIntegrityLevel(nullptr));
    GIVES(E_POINTER, five->GetOwnerElevationState(nullptr));
    GIVES(E_POINTER, five->GetMaximumDownloadTime(nullptr));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, five->SetProperty(undefined<BITS_JOB_PROPERTY_ID>(6), value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, five->GetProperty(undefined<BITS_JOB_PROPERTY_ID>(0), &value));
    GIVES(E_POINTER, five->GetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, nullptr));
    GIVES(HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER), http->GetCustomHeaders(nullptr));
    OK(http->SetCustomHeaders(nullptr));
    GIVES(E_NOTIMPL, http->SetSecurityFlags(0x4000));
    GIVES(E_POINTER, http->GetSecurityFlags(nullptr));
    GIVES(E_INVALIDARG, http->SetHttpMethod(nullptr));
    GIVES(E_POINTER, http->GetHttpMethod(nullptr));
    OK(one->Cancel());
}

/// Only uploads have replies: which of two mistakes is named is not said.
static void a_reply(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJob2> two;
    BYTE junk = 7, *data = &junk;
    UINT64 length = 7;
    OK(one.As(&two));
    CHECK(FAILED(two->GetReplyProgress(nullptr)));
    CHECK(FAILED(two->GetReplyData(nullptr, &length)) && length == 0);
    CHECK(FAILED(two->GetReplyData(&data, nullptr)) && data == nullptr);
    CHECK(FAILED(two->SetReplyFileName(nullptr)));
    CHECK(FAILED(two->GetReplyFileName(nullptr)));
    OK(one->Cancel());
}

static void a_cache_for_peers(IBackgroundCopyManager *queue)
{
    ComPtr<IBitsPeerCacheAdministration> cache;
    OK(queue->QueryInterface(IID_PPV_ARGS(&cache)));
    GIVES(S_FALSE, cache->GetMaximumCacheSize(nullptr));
    GIVES(S_FALSE, cache->GetMaximumContentAge(nullptr));
    GIVES(S_FALSE, cache->GetConfigurationFlags(nullptr));
    GIVES(S_FALSE, cache->EnumRecords(nullptr));
    GIVES(S_FALSE, cache->GetRecord(IID_IUnknown, nullptr));
    GIVES(S_FALSE, cache->DeleteUrl(nullptr));
    GIVES(S_FALSE, cache->EnumPeers(nullptr));
}

static void a_file(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1", "file");
    ComPtr<IBackgroundCopyFile6> file;
    UINT64 bytes = 0;
    OK(first_file(one.Get()).As(&file));
    GIVES(E_POINTER, file->GetRemoteName(nullptr));
    GIVES(E_POINTER, file->GetLocalName(nullptr));
    GIVES(E_POINTER, file->GetProgress(nullptr));
    GIVES(E_INVALIDARG, file->SetRemoteName(nullptr));
    GIVES(E_POINTER, file->GetTemporaryName(nullptr));
    GIVES(E_POINTER, file->GetValidationState(nullptr));
    GIVES(E_POINTER, file->IsDownloadedFromPeer(nullptr));
    GIVES(E_POINTER, file->GetPeerDownloadStats(nullptr, &bytes));
    GIVES(E_POINTER, file->GetPeerDownloadStats(&bytes, nullptr));
    BITS_FILE_PROPERTY_VALUE value = {nullptr};
    GIVES(E_POINTER, file->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, nullptr));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, file->GetProperty(undefined<BITS_FILE_PROPERTY_ID>(2), &value));
    GIVES(BG_E_UNKNOWN_PROPERTY_ID, file->SetProperty(undefined<BITS_FILE_PROPERTY_ID>(0), value));
    GIVES(BG_E_READ_ONLY_PROPERTY, file->SetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, value));
    OK(one->Cancel());
}

static void an_error(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1?status=404", "missing");
    ComPtr<IBackgroundCopyError> error;
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_LOCAL_FILE;
    HRESULT code = 7;
    LPWSTR text = nullptr;
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.failed, 1);
    OK(one->GetError(&error));
    GIVES(E_POINTER, error->GetError(nullptr, &code));
    GIVES(E_POINTER, error->GetError(&context, nullptr));
    CHECK(code == 0 && context == BG_ERROR_CONTEXT_NONE);
    GIVES(E_POINTER, error->GetFile(nullptr));
    GIVES(E_POINTER, error->GetErrorDescription(0x0409, nullptr));
    GIVES(E_INVALIDARG, error->GetErrorDescription(0, &text));
    GIVES(E_POINTER, error->GetErrorContextDescription(0x0409, nullptr));
    GIVES(E_INVALIDARG, error->GetErrorContextDescription(0, &text));
    GIVES(E_POINTER, error->GetProtocol(nullptr));
    CHECK(text == nullptr);
    OK(one->Cancel());
    listener.wait_until_released();
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    the_manager(queue.Get());
    a_job(queue.Get());
    a_reply(queue.Get());
    a_cache_for_peers(queue.Get());
    a_file(queue.Get());
    an_error(queue.Get());
    return 0;
}
