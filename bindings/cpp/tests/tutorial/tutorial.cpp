// A program as one learns to write them for BITS on Windows; there the first include is <bits.h>, with <windows.h>.
#include <bgcopy/bits.h>

#include <cstdio>
#include <cwchar>
#include <filesystem>
#include <new>
#include <string>

#define SAFE_RELEASE(p)                                                                                     \
    if (p) {                                                                                                \
        (p)->Release();                                                                                     \
        (p) = NULL;                                                                                         \
    }

class CNotifyInterface final : public IBackgroundCopyCallback2 {
    LONG m_lRefCount;
    LONG volatile *m_plDone;

    ~CNotifyInterface() { InterlockedIncrement(m_plDone); }

public:
    explicit CNotifyInterface(LONG volatile *plDone) : m_lRefCount(1), m_plDone(plDone) {}

    // IUnknown
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, LPVOID *ppvObj) override
    {
        if (riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback) ||
            riid == __uuidof(IBackgroundCopyCallback2)) {
            *ppvObj = this;
        } else {
            *ppvObj = NULL;
            return E_NOINTERFACE;
        }
        AddRef();
        return NOERROR;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&m_lRefCount)); }
    ULONG STDMETHODCALLTYPE Release() override
    {
        ULONG ulCount = static_cast<ULONG>(InterlockedDecrement(&m_lRefCount));
        if (0 == ulCount)
            delete this;
        return ulCount;
    }

    // IBackgroundCopyCallback2
    HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob *pJob) override
    {
        HRESULT hr = pJob->Complete();
        if (FAILED(hr) || BG_S_PARTIAL_COMPLETE == hr)
            std::printf("Complete failed with 0x%x.\n", static_cast<unsigned>(hr));
        else
            std::printf("The job is complete.\n");
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob *pJob, IBackgroundCopyError *pError) override
    {
        BG_ERROR_CONTEXT Context;
        HRESULT hrError = S_OK;
        WCHAR *pszDescription = NULL;
        if (SUCCEEDED(pError->GetError(&Context, &hrError)))
            std::printf("Error 0x%x in context %d.\n", static_cast<unsigned>(hrError), static_cast<int>(Context));
        if (SUCCEEDED(pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &pszDescription))) {
            std::printf("%ls\n", pszDescription);
            CoTaskMemFree(pszDescription);
        }
        pJob->Cancel();
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob *pJob, DWORD dwReserved) override
    {
        UNREFERENCED_PARAMETER(dwReserved);
        BG_JOB_PROGRESS Progress;
        if (SUCCEEDED(pJob->GetProgress(&Progress)))
            std::printf("%u of %u files.\n", Progress.FilesTransferred, Progress.FilesTotal);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob *pJob, IBackgroundCopyFile *pFile) override
    {
        UNREFERENCED_PARAMETER(pJob);
        LPWSTR pszName = NULL;
        if (SUCCEEDED(pFile->GetLocalName(&pszName))) {
            std::printf("%ls has arrived.\n", pszName);
            CoTaskMemFree(pszName);
        }
        return S_OK;
    }
};

// Everything that later versions of BITS added to a job.
static HRESULT SetOptions(IBackgroundCopyJob *pJob)
{
    IBackgroundCopyJob2 *pJob2 = NULL;
    IBackgroundCopyJob3 *pJob3 = NULL;
    IBackgroundCopyJob4 *pJob4 = NULL;
    IBackgroundCopyJob5 *pJob5 = NULL;
    IBackgroundCopyJobHttpOptions *pHttp = NULL;
    WCHAR szUser[] = L"domain\\user", szPassword[] = L"password";
    BG_AUTH_CREDENTIALS ac;
    BITS_JOB_PROPERTY_VALUE Value;

    HRESULT hr = pJob->QueryInterface(__uuidof(IBackgroundCopyJob2), reinterpret_cast<void **>(&pJob2));
    if (SUCCEEDED(hr)) {
        ZeroMemory(&ac, sizeof(ac));
        ac.Target = BG_AUTH_TARGET_PROXY;
        ac.Scheme = BG_AUTH_SCHEME_BASIC;
        ac.Credentials.Basic.UserName = szUser;
        ac.Credentials.Basic.Password = szPassword;
        hr = pJob2->SetCredentials(&ac);
        SecureZeroMemory(szPassword, sizeof(szPassword));
    }
    if (SUCCEEDED(hr))
        hr = pJob->QueryInterface(__uuidof(IBackgroundCopyJob3), reinterpret_cast<void **>(&pJob3));
    if (SUCCEEDED(hr))
        hr = pJob3->SetFileACLFlags(BG_COPY_FILE_DACL);
    if (SUCCEEDED(hr))
        hr = pJob->QueryInterface(IID_PPV_ARGS(&pJob4));
    if (SUCCEEDED(hr))
        hr = pJob4->SetMaximumDownloadTime(3600);
    if (SUCCEEDED(hr))
        hr = pJob->QueryInterface(IID_PPV_ARGS(&pJob5));
    if (SUCCEEDED(hr)) {
        Value.Dword = BITS_COST_STATE_TRANSFER_ALWAYS;
        hr = pJob5->SetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, Value);
    }
    if (SUCCEEDED(hr))
        hr = pJob->QueryInterface(&pHttp);
    if (SUCCEEDED(hr))
        hr = pHttp->SetCustomHeaders(L"X-Tutorial: yes\r\n");
    if (SUCCEEDED(hr))
        hr = pHttp->SetSecurityFlags(BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT);
    SAFE_RELEASE(pHttp);
    SAFE_RELEASE(pJob5);
    SAFE_RELEASE(pJob4);
    SAFE_RELEASE(pJob3);
    SAFE_RELEASE(pJob2);
    return hr;
}

static HRESULT ListFiles(IBackgroundCopyJob *pJob)
{
    IEnumBackgroundCopyFiles *pFiles = NULL;
    IBackgroundCopyFile *pFile = NULL;
    ULONG cFileCount = 0;
    HRESULT hr = pJob->EnumFiles(&pFiles);
    if (FAILED(hr))
        return hr;
    hr = pFiles->GetCount(&cFileCount);
    for (ULONG idx = 0; SUCCEEDED(hr) && idx < cFileCount; ++idx) {
        hr = pFiles->Next(1, &pFile, NULL);
        if (S_OK == hr) {
            LPWSTR pszRemoteName = NULL;
            if (SUCCEEDED(pFile->GetRemoteName(&pszRemoteName))) {
                std::printf("  %ls\n", pszRemoteName);
                CoTaskMemFree(pszRemoteName);
            }
            SAFE_RELEASE(pFile);
        }
    }
    SAFE_RELEASE(pFiles);
    return hr;
}

static HRESULT ListJobs(IBackgroundCopyManager *pbcm)
{
    IEnumBackgroundCopyJobs *pJobs = NULL;
    IBackgroundCopyJob *pJob = NULL;
    HRESULT hr = pbcm->EnumJobs(0, &pJobs);
    if (FAILED(hr))
        return hr;
    while (S_OK == (hr = pJobs->Next(1, &pJob, NULL))) {
        LPWSTR pszName = NULL;
        GUID JobId;
        WCHAR szJobId[64];
        SYSTEMTIME st;
        BG_JOB_TIMES Times;
        if (SUCCEEDED(pJob->GetDisplayName(&pszName)) && SUCCEEDED(pJob->GetId(&JobId)) &&
            SUCCEEDED(pJob->GetTimes(&Times)) && FileTimeToSystemTime(&Times.CreationTime, &st) &&
            StringFromGUID2(JobId, szJobId, 64))
            std::printf("%ls %ls of %d\n", szJobId, pszName, st.wYear);
        CoTaskMemFree(pszName);
        hr = ListFiles(pJob);
        SAFE_RELEASE(pJob);
        if (FAILED(hr))
            break;
    }
    SAFE_RELEASE(pJobs);
    return FAILED(hr) ? hr : S_OK;
}

int main(int argc, char *argv[])
{
    IBackgroundCopyManager *pbcm = NULL;
    IBackgroundCopyJob *pJob = NULL;
    GUID JobId = GUID_NULL;
    LONG volatile lDone = 0;
    BG_JOB_STATE State = BG_JOB_STATE_QUEUED;

    if (argc < 3)
        return 2;
    const std::wstring strUrl = std::filesystem::path(argv[1]).wstring();
    HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (FAILED(hr))
        return 1;
    hr = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_IMP_LEVEL_IMPERSONATE, NULL,
                              EOAC_NONE, 0);
    if (SUCCEEDED(hr))
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                              __uuidof(IBackgroundCopyManager), reinterpret_cast<void **>(&pbcm));
    if (SUCCEEDED(hr))
        hr = pbcm->CreateJob(L"Tutorial", BG_JOB_TYPE_DOWNLOAD, &JobId, &pJob);
    for (int i = 2; SUCCEEDED(hr) && i < argc; ++i)
        hr = pJob->AddFile(strUrl.c_str(), std::filesystem::path(argv[i]).wstring().c_str());
    if (SUCCEEDED(hr))
        hr = pJob->SetPriority(BG_JOB_PRIORITY_FOREGROUND);
    if (SUCCEEDED(hr))
        hr = SetOptions(pJob);
    if (SUCCEEDED(hr)) {
        CNotifyInterface *pNotify = new (std::nothrow) CNotifyInterface(&lDone);
        hr = pNotify ? pJob->SetNotifyInterface(pNotify) : E_OUTOFMEMORY;
        if (pNotify)
            pNotify->Release();
    }
    if (SUCCEEDED(hr))
        hr = pJob->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION |
                                  BG_NOTIFY_FILE_TRANSFERRED);
    if (SUCCEEDED(hr))
        hr = ListJobs(pbcm);
    if (SUCCEEDED(hr))
        hr = pJob->Resume();
    // The callback object is gone when the job has ended.
    while (SUCCEEDED(hr) && InterlockedCompareExchange(&lDone, 0, 0) == 0)
        Sleep(10);
    if (SUCCEEDED(hr))
        hr = pJob->GetState(&State);
    if (FAILED(hr)) {
        LPWSTR pszText = NULL;
        if (pbcm && SUCCEEDED(pbcm->GetErrorDescription(hr, GetUserDefaultLangID(), &pszText)))
            std::printf("%ls\n", pszText);
        CoTaskMemFree(pszText);
        std::printf("0x%x\n", static_cast<unsigned>(hr));
        if (HRESULT_FACILITY(hr) == FACILITY_WIN32)
            std::printf("Win32 error %d\n", HRESULT_CODE(hr));
    }
    SAFE_RELEASE(pJob);
    SAFE_RELEASE(pbcm);
    CoUninitialize();
    return SUCCEEDED(hr) && State == BG_JOB_STATE_ACKNOWLEDGED ? 0 : 1;
}
