// A job: its life and its properties through Job, Job2 to Job5 and HttpOptions to HttpOptions3.
#include "mirror.h"

static void a_job_downloads_and_is_completed(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/100000?seed=1", "whole");
    BG_JOB_PROGRESS progress;
    BG_JOB_TIMES times;
    BG_JOB_STATE state;
    BG_JOB_TYPE type;
    ULONG errors = 7;
    ComPtr<IBackgroundCopyError> error;
    OK(one->SetNotifyInterface(&listener));
    OK(one->GetProgress(&progress));
    CHECK(progress.BytesTotal == BG_SIZE_UNKNOWN && progress.FilesTotal == 1 && progress.FilesTransferred == 0);
    OK(one->GetState(&state));
    CHECK(state == BG_JOB_STATE_SUSPENDED);
    OK(one->GetType(&type));
    CHECK(type == BG_JOB_TYPE_DOWNLOAD);
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->GetState(&state));
    CHECK(state == BG_JOB_STATE_TRANSFERRED);
    OK(one->GetProgress(&progress));
    CHECK(progress.BytesTotal == 100000 && progress.BytesTransferred == 100000 && progress.FilesTransferred == 1);
    OK(one->GetTimes(&times));
    SYSTEMTIME created;
    CHECK(FileTimeToSystemTime(&times.CreationTime, &created) && created.wYear >= 2026);
    CHECK(CompareFileTime(&times.CreationTime, &times.TransferCompletionTime) <= 0);
    OK(one->GetErrorCount(&errors));
    CHECK(errors == 0);
    GIVES(BG_E_ERROR_INFORMATION_UNAVAILABLE, one->GetError(&error));
    CHECK(!error);
    OK(one->Suspend());
    OK(one->Resume());
    OK(one->Complete());
    OK(one->GetState(&state));
    CHECK(state == BG_JOB_STATE_ACKNOWLEDGED);
    GIVES(BG_E_INVALID_STATE, one->Complete());
    GIVES(BG_E_INVALID_STATE, one->Cancel());
    listener.wait_until_released();
}

static void files_are_added_all_or_none(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    BG_JOB_PROGRESS progress;
    Wide remote(url_of("/file/1")), first(path_of("first")), relative("relative"), second(path_of("second"));
    BG_FILE_INFO files[] = {{remote, first}, {remote, relative}};
    GIVES(E_INVALIDARG, one->AddFileSet(2, files));
    files[1].LocalName = nullptr;
    GIVES(E_INVALIDARG, one->AddFileSet(2, files));
    OK(one->GetProgress(&progress));
    CHECK(progress.FilesTotal == 0);
    files[1].LocalName = second;
    OK(one->AddFileSet(2, files));
    GIVES(E_INVALIDARG, one->AddFileSet(0, nullptr));
    GIVES(E_INVALIDARG, one->AddFileSet(1, nullptr));
    OK(one->GetProgress(&progress));
    CHECK(progress.FilesTotal == 2);
    OK(one->Cancel());
}

static void jobs_are_found_by_their_identifier(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> made, found;
    GUID id, same_id;
    OK(queue->CreateJob(L"found", BG_JOB_TYPE_DOWNLOAD, &id, &made));
    OK(made->GetId(&same_id));
    CHECK(id == same_id && id != GUID_NULL);
    OK(queue->GetJob(id, &found));
    OK(found->Cancel());
    GIVES(BG_E_NOT_FOUND, queue->GetJob(IID_IUnknown, &made));
    CHECK(!made);
    GIVES(BG_E_EMPTY, job(queue)->Resume());
}

static void texts_are_kept(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue, "a name");
    ComPtr<IBackgroundCopyJob2> two;
    LPWSTR text = nullptr, other = nullptr;
    OK(one->GetDisplayName(&text));
    TEXT_IS(L"a name", text);
    OK(one->SetDisplayName(L"another"));
    OK(one->GetDisplayName(&text));
    TEXT_IS(L"another", text);
    OK(one->GetDescription(&text));
    TEXT_IS(L"", text);
    OK(one->SetDescription(L"described"));
    OK(one->GetDescription(&text));
    TEXT_IS(L"described", text);
    OK(one->GetOwner(&text));
    CHECK(text[0] == 'S' && text[1] == '-' && text[2] == '1');
    CoTaskMemFree(text);
    OK(one.As(&two));
    OK(two->SetNotifyCmdLine(L"/bin/true", L"true \"of all\""));
    OK(two->GetNotifyCmdLine(&text, &other));
    TEXT_IS(L"/bin/true", text);
    TEXT_IS(L"true \"of all\"", other);
    OK(two->SetNotifyCmdLine(nullptr, nullptr));
    OK(two->GetNotifyCmdLine(&text, &other));
    TEXT_IS(L"", text);
    TEXT_IS(L"", other);
    OK(one->Cancel());
}

static void numbers_are_kept(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJob3> three;
    ComPtr<IBackgroundCopyJob4> four;
    ComPtr<IBackgroundCopyJob5> five;
    BG_JOB_PRIORITY priority;
    ULONG number = 0;
    BOOL elevated = 7;
    OK(one->GetPriority(&priority));
    CHECK(priority == BG_JOB_PRIORITY_NORMAL);
    OK(one->SetPriority(BG_JOB_PRIORITY_LOW));
    OK(one->GetPriority(&priority));
    CHECK(priority == BG_JOB_PRIORITY_LOW);
    OK(one->SetNotifyFlags(BG_NOTIFY_DISABLE));
    OK(one->GetNotifyFlags(&number));
    CHECK(number == BG_NOTIFY_DISABLE);
    GIVES(E_NOTIMPL, one->SetNotifyFlags(0x8000));
    OK(one->SetMinimumRetryDelay(61));
    OK(one->GetMinimumRetryDelay(&number));
    CHECK(number == 61);
    OK(one->SetNoProgressTimeout(62));
    OK(one->GetNoProgressTimeout(&number));
    CHECK(number == 62);
    OK(one.As(&three));
    OK(three->SetFileACLFlags(BG_COPY_FILE_DACL));
    OK(three->GetFileACLFlags(&number));
    CHECK(number == BG_COPY_FILE_DACL);
    OK(one.As(&four));
    OK(four->SetMaximumDownloadTime(63));
    OK(four->GetMaximumDownloadTime(&number));
    CHECK(number == 63);
    OK(four->SetPeerCachingFlags(BG_JOB_DISABLE_BRANCH_CACHE));
    OK(four->GetPeerCachingFlags(&number));
    CHECK(number == BG_JOB_DISABLE_BRANCH_CACHE);
    OK(four->GetOwnerElevationState(&elevated));
    OK(four->GetOwnerIntegrityLevel(&number));
    CHECK(elevated == (geteuid() == 0) && number == (elevated ? 0x3000u : 0x2000u));
    OK(one->TakeOwnership());
    OK(one.As(&five));
    BITS_JOB_PROPERTY_VALUE value;
    value.Dword = BITS_COST_STATE_TRANSFER_NOT_ROAMING;
    OK(five->SetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, value));
    value.Dword = 0;
    OK(five->GetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, &value));
    CHECK(value.Dword == BITS_COST_STATE_TRANSFER_NOT_ROAMING);
    value.ClsID = IID_IUnknown;
    OK(five->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value));
    value.ClsID = GUID_NULL;
    OK(five->GetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value));
    CHECK(value.ClsID == IID_IUnknown);
    value.Uint64 = UINT64_C(0x100000000);
    OK(five->SetProperty(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value));
    value.Uint64 = 0;
    OK(five->GetProperty(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value));
    CHECK(value.Uint64 == UINT64_C(0x100000000));
    OK(one->Cancel());
}

static void options_of_http_are_kept(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJobHttpOptions3> http;
    LPWSTR text = nullptr;
    ULONG flags = 7;
    OK(one.As(&http));
    GIVES(S_FALSE, http->GetCustomHeaders(&text));
    CHECK(text == nullptr);
    OK(http->SetCustomHeaders(L"X-One: 1\r\nX-Two: 2\r\n"));
    OK(http->GetCustomHeaders(&text));
    TEXT_IS(L"X-One: 1\r\nX-Two: 2\r\n", text);
    OK(http->MakeCustomHeadersWriteOnly());
    GIVES(E_ACCESSDENIED, http->GetCustomHeaders(&text));
    CHECK(text == nullptr);
    OK(http->SetSecurityFlags(BG_SSL_IGNORE_UNKNOWN_CA | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT));
    OK(http->GetSecurityFlags(&flags));
    CHECK(flags == (BG_SSL_IGNORE_UNKNOWN_CA | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT));
    OK(http->GetHttpMethod(&text));
    TEXT_IS(L"GET", text);
    OK(http->SetHttpMethod(L"POST"));
    OK(http->GetHttpMethod(&text));
    TEXT_IS(L"POST", text);
    OK(one->Cancel());
}

static void proxies_and_credentials_are_kept(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJob2> two;
    BG_JOB_PROXY_USAGE usage;
    LPWSTR proxies = nullptr, bypass = nullptr;
    OK(one->GetProxySettings(&usage, &proxies, &bypass));
    CHECK(usage == BG_JOB_PROXY_USAGE_PRECONFIG && proxies == nullptr && bypass == nullptr);
    OK(one->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"proxy.example:8080", L"<local>"));
    OK(one->GetProxySettings(&usage, &proxies, &bypass));
    CHECK(usage == BG_JOB_PROXY_USAGE_OVERRIDE);
    TEXT_IS(L"proxy.example:8080", proxies);
    TEXT_IS(L"<local>", bypass);
    GIVES(E_INVALIDARG, one->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, nullptr, nullptr));
    GIVES(E_INVALIDARG, one->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, L"proxy.example", nullptr));

    OK(one.As(&two));
    wchar_t user[] = L"user", password[] = L"pass\u00F6rd";
    BG_AUTH_CREDENTIALS credentials = {BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, {{user, password}}};
    GIVES(S_FALSE, two->RemoveCredentials(BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC));
    OK(two->SetCredentials(&credentials));
    OK(two->RemoveCredentials(BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC));
    OK(one->Cancel());
}

static void credentials_open_a_server_that_asks(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one =
        download_job(queue, "/file/1000?seed=1&auth=basic&user=user&password=pass", "behind_a_password");
    ComPtr<IBackgroundCopyJob2> two;
    wchar_t user[] = L"user", password[] = L"pass";
    BG_AUTH_CREDENTIALS credentials = {BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, {{user, password}}};
    OK(one.As(&two));
    OK(two->SetCredentials(&credentials));
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    listener.wait_until_released();
}

static void only_uploads_have_replies(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJob2> two;
    BG_JOB_REPLY_PROGRESS progress;
    BYTE *data = nullptr;
    UINT64 length = 7;
    LPWSTR name = nullptr;
    OK(one.As(&two));
    GIVES(E_NOTIMPL, two->GetReplyProgress(&progress));
    GIVES(E_NOTIMPL, two->GetReplyData(&data, &length));
    CHECK(data == nullptr && length == 0);
    GIVES(E_NOTIMPL, two->SetReplyFileName(L"/a"));
    GIVES(E_NOTIMPL, two->GetReplyFileName(&name));
    CHECK(name == nullptr);
    OK(one->Cancel());
}

/// The harness puts a certificate for "bgcopy-client" into the store MY of the user.
static void client_certificates_are_kept(IBackgroundCopyManager *queue)
{
    constexpr HRESULT null_pointer = HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER);
    ComPtr<IBackgroundCopyJob> one = job(queue);
    ComPtr<IBackgroundCopyJobHttpOptions> http;
    BG_CERT_STORE_LOCATION location;
    LPWSTR store = nullptr, subject = nullptr;
    BYTE *hash = nullptr;
    OK(one.As(&http));
    GIVES(HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA), http->GetClientCertificate(&location, &store, &hash, &subject));
    CHECK(store == nullptr && hash == nullptr && subject == nullptr);
    GIVES(S_FALSE, http->RemoveClientCertificate());
    OK(http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", L"bgcopy-client"));
    OK(http->GetClientCertificate(&location, &store, &hash, &subject));
    CHECK(location == BG_CERT_STORE_LOCATION_CURRENT_USER);
    TEXT_IS(L"MY", store);
    TEXT_IS(L"bgcopy-client", subject);
    OK(http->RemoveClientCertificate());
    OK(http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", hash));
    hash[0] = static_cast<BYTE>(~hash[0]);
    GIVES(CRYPT_E_NOT_FOUND, http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", hash));
    GIVES(null_pointer, http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", nullptr));
    GIVES(null_pointer, http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, nullptr, hash));
    GIVES(null_pointer, http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", nullptr));
    GIVES(null_pointer, http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, nullptr, L"a"));
    CoTaskMemFree(hash);
    GIVES(null_pointer, http->GetClientCertificate(nullptr, &store, &hash, &subject));
    GIVES(null_pointer, http->GetClientCertificate(&location, nullptr, &hash, &subject));
    GIVES(null_pointer, http->GetClientCertificate(&location, &store, nullptr, &subject));
    GIVES(null_pointer, http->GetClientCertificate(&location, &store, &hash, nullptr));
    CHECK(store == nullptr && hash == nullptr && subject == nullptr);
    OK(one->Cancel());
}

static void files_have_names_progress_and_a_state(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/5000?seed=1", "file");
    ComPtr<IBackgroundCopyJob3> three;
    ComPtr<IBackgroundCopyFile> file = first_file(one.Get());
    ComPtr<IBackgroundCopyFile2> second;
    ComPtr<IBackgroundCopyFile3> third;
    ComPtr<IBackgroundCopyFile4> fourth;
    BG_FILE_PROGRESS progress;
    LPWSTR text = nullptr;
    BOOL flag = 7;
    UINT64 origin = 7, peers = 7;
    OK(file.As(&second));
    OK(file.As(&third));
    OK(file.As(&fourth));
    OK(file->GetRemoteName(&text));
    TEXT_IS(Wide(url_of("/file/5000?seed=1")), text);
    OK(file->GetLocalName(&text));
    TEXT_IS(Wide(path_of("file")), text);
    OK(file->GetProgress(&progress));
    CHECK(progress.BytesTotal == BG_SIZE_UNKNOWN && progress.BytesTransferred == 0 && !progress.Completed);
    OK(second->SetRemoteName(Wide(url_of("/file/6000?seed=1"))));
    OK(one.As(&three));
    OK(three->ReplaceRemotePrefix(Wide(url_of("/file/6")), Wide(url_of("/file/7"))));
    GIVES(S_FALSE, three->ReplaceRemotePrefix(L"ftp:", L"http:"));
    GIVES(E_PENDING, third->SetValidationState(TRUE));
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(file->GetProgress(&progress));
    CHECK(progress.BytesTotal == 7000 && progress.BytesTransferred == 7000 && !progress.Completed);
    OK(third->GetTemporaryName(&text));
    char narrow[2048];
    size_t length = 0;
    while ((narrow[length] = static_cast<char>(text[length])) != 0)
        ++length;
    CHECK(size_of_file(narrow) == 7000);
    CoTaskMemFree(text);
    OK(third->SetValidationState(TRUE));
    OK(third->GetValidationState(&flag));
    CHECK(flag == TRUE);
    OK(third->IsDownloadedFromPeer(&flag));
    OK(fourth->GetPeerDownloadStats(&origin, &peers));
    CHECK(flag == FALSE && peers == 0);
    OK(one->Complete());
    OK(file->GetProgress(&progress));
    CHECK(progress.Completed);
    listener.wait_until_released();
}

static void codes_are_described(IBackgroundCopyManager *queue)
{
    LPWSTR text = nullptr;
    OK(queue->GetErrorDescription(BG_E_HTTP_ERROR_404, GetUserDefaultLangID(), &text));
    CHECK(text[0] != 0);
    CoTaskMemFree(text);
    GIVES(E_INVALIDARG, queue->GetErrorDescription(BG_E_NOT_FOUND, 0, &text));
    CHECK(text == nullptr);
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    a_job_downloads_and_is_completed(queue.Get());
    files_are_added_all_or_none(queue.Get());
    jobs_are_found_by_their_identifier(queue.Get());
    texts_are_kept(queue.Get());
    numbers_are_kept(queue.Get());
    options_of_http_are_kept(queue.Get());
    proxies_and_credentials_are_kept(queue.Get());
    credentials_open_a_server_that_asks(queue.Get());
    only_uploads_have_replies(queue.Get());
    client_certificates_are_kept(queue.Get());
    files_have_names_progress_and_a_state(queue.Get());
    codes_are_described(queue.Get());
    return 0;
}
