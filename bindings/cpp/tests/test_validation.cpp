// Who judges the certificates of servers, and helper tokens.
#include <fcntl.h>

#include <stdexcept>

#include "mirror.h"

/// Declines, throws or accepts.
class Inspector final : public IBackgroundCopyServerCertificateValidationCallback {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) override
    {
        const bool known =
            riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyServerCertificateValidationCallback);
        *ppvObject = known ? this : nullptr;
        if (known)
            AddRef();
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&count)); }
    ULONG STDMETHODCALLTYPE Release() override { return static_cast<ULONG>(InterlockedDecrement(&count)); }
    HRESULT STDMETHODCALLTYPE ValidateServerCertificate(IBackgroundCopyJob *job, IBackgroundCopyFile *file,
                                                        DWORD certLength, const BYTE certData[], DWORD certEncodingType,
                                                        DWORD certStoreLength, const BYTE certStoreData[]) override
    {
        LPWSTR name = nullptr;
        OK(job->GetDisplayName(&name));
        TEXT_IS(L"looked at", name);
        OK(file->GetLocalName(&name));
        CoTaskMemFree(name);
        CHECK(certEncodingType == 1 && certLength > 100 && certData[0] == 0x30 && certStoreLength >= certLength);
        CHECK(memcmp(certStoreData, certData, certLength) == 0);
        switch (InterlockedIncrement(&asked)) {
        case 1: return E_ACCESSDENIED;
        case 2: throw std::runtime_error("of the program");
        default: return S_OK;
        }
    }

    LONG volatile count = 1;
    LONG volatile asked = 0;
};

static void the_program_judges_certificates(IBackgroundCopyManager *queue)
{
    Listener listener;
    Inspector inspector;
    ComPtr<IBackgroundCopyJob> one = job(queue, "looked at");
    ComPtr<IBackgroundCopyJobHttpOptions3> http;
    ComPtr<IBackgroundCopyError> error;
    BG_ERROR_CONTEXT context;
    char ports[256], url[256];
    HRESULT code;
    OK(one.As(&http));
    GIVES(E_NOINTERFACE, http->SetServerCertificateValidationInterface(queue));
    OK(http->SetServerCertificateValidationInterface(&inspector));
    CHECK(inspector.count == 2);
    OK(http->SetServerCertificateValidationInterface(nullptr));
    CHECK(inspector.count == 1);
    // What is not there in some surroundings, such as under valgrind.
    if (getenv("BGCOPY_TEST_NO_HTTPS") != nullptr) {
        OK(one->Cancel());
        return;
    }
    ask("GET", "/ports", ports, sizeof ports);
    const char *port = strstr(ports, "https_untrusted=");
    CHECK(port != nullptr);
    snprintf(url, sizeof url, "https://localhost:%d/file/1000?seed=1", atoi(port + strlen("https_untrusted=")));
    OK(http->SetSecurityFlags(BG_SSL_IGNORE_UNKNOWN_CA));
    OK(one->SetPriority(BG_JOB_PRIORITY_FOREGROUND));
    OK(one->SetNoProgressTimeout(0));
    OK(one->AddFile(Wide(url), Wide(path_of("looked_at"))));
    OK(one->SetNotifyInterface(&listener));
    OK(http->SetServerCertificateValidationInterface(&inspector));
    OK(one->Resume());
    listener.wait(listener.seen.failed, 1);
    OK(one->GetError(&error));
    OK(error->GetError(&context, &code));
    CHECK(code == E_ACCESSDENIED && context == BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
    OK(one->Resume());
    listener.wait(listener.seen.failed, 2);
    CHECK(listener.seen.code == E_FAIL);
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    CHECK(inspector.asked == 3 && inspector.count == 1);
    listener.wait_until_released();
}

static void a_directory_is_a_helper_token(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=1", "with_token");
    ComPtr<IBitsTokenOptions> token;
    LPWSTR sid = nullptr;
    BG_TOKEN flags = 7;
    OK(one.As(&token));
    OK(token->GetHelperTokenFlags(&flags));
    CHECK(flags == 0);
    GIVES(E_NOTIMPL, token->SetHelperTokenFlags(0x80));
    OK(token->SetHelperTokenFlags(BG_TOKEN_LOCAL_FILE));
    OK(token->GetHelperTokenFlags(&flags));
    CHECK(flags == BG_TOKEN_LOCAL_FILE);
    GIVES(E_POINTER, token->GetHelperTokenFlags(nullptr));
    GIVES(E_POINTER, token->GetHelperTokenSid(nullptr));
    OK(token->GetHelperTokenSid(&sid));
    CHECK(sid == nullptr);

    GIVES(CO_E_FAILEDTOIMPERSONATE, token->SetHelperToken());
    const int directory = open(environment("BGCOPY_TEST_DIRECTORY"), O_RDONLY | O_DIRECTORY);
    CHECK(directory >= 0 && !ImpersonateLoggedOnUser(nullptr));
    CHECK(ImpersonateLoggedOnUser(TokenOfDirectory(directory)));
    OK(token->SetHelperToken());
    CHECK(RevertToSelf());
    close(directory);
    GIVES(CO_E_FAILEDTOIMPERSONATE, token->SetHelperToken());
    OK(token->GetHelperTokenSid(&sid));
    CHECK(sid != nullptr && sid[0] == 'S');
    CoTaskMemFree(sid);
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    CHECK(size_of_file(path_of("with_token")) == 1000);
    listener.wait_until_released();

    one = job(queue);
    OK(one.As(&token));
    OK(token->ClearHelperToken());
    OK(one->Cancel());
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    the_program_judges_certificates(queue.Get());
    a_directory_is_a_helper_token(queue.Get());
    return 0;
}
