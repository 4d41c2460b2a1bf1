// Downloads a file with BITS and shows its progress: download URL /absolute/path
//
//     g++ -std=c++17 download.cpp -lbgcopy -o download
#include <bgcopy/bits.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string>

static std::wstring Widen(const char *text)
{
    std::wstring wide(std::mbstowcs(nullptr, text, 0), L'\0');
    std::mbstowcs(&wide[0], text, wide.size());
    return wide;
}

static void ShowError(IBackgroundCopyJob *pJob)
{
    IBackgroundCopyError *pError = NULL;
    BG_ERROR_CONTEXT context;
    HRESULT code;
    WCHAR *pszDescription = NULL;

    if (FAILED(pJob->GetError(&pError)))
        return;
    pError->GetError(&context, &code);
    if (SUCCEEDED(pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &pszDescription))) {
        fwprintf(stderr, L"Error 0x%08X: %ls\n", static_cast<unsigned>(code), pszDescription);
        CoTaskMemFree(pszDescription);
    }
    pError->Release();
}

// Returns when the job is done, in one way or the other.
static HRESULT Download(IBackgroundCopyManager *pManager, const wchar_t *url, const wchar_t *path)
{
    IBackgroundCopyJob *pJob = NULL;
    GUID JobId;
    BG_JOB_STATE state = BG_JOB_STATE_SUSPENDED;
    BG_JOB_PROGRESS progress;

    HRESULT hr = pManager->CreateJob(L"MyDownload", BG_JOB_TYPE_DOWNLOAD, &JobId, &pJob);
    if (FAILED(hr))
        return hr;
    hr = pJob->SetPriority(BG_JOB_PRIORITY_FOREGROUND);
    if (SUCCEEDED(hr))
        hr = pJob->AddFile(url, path);
    if (SUCCEEDED(hr))
        hr = pJob->Resume();
    while (SUCCEEDED(hr)) {
        hr = pJob->GetState(&state);
        if (SUCCEEDED(hr))
            hr = pJob->GetProgress(&progress);
        if (FAILED(hr))
            break;
        if (progress.BytesTotal != BG_SIZE_UNKNOWN)
            wprintf(L"%llu of %llu bytes\n", static_cast<unsigned long long>(progress.BytesTransferred),
                    static_cast<unsigned long long>(progress.BytesTotal));
        if (state == BG_JOB_STATE_TRANSFERRED) {
            hr = pJob->Complete(); // gives the file its name
            break;
        }
        if (state == BG_JOB_STATE_ERROR) {
            ShowError(pJob);
            pJob->Cancel();
            hr = E_FAIL;
            break;
        }
        Sleep(200);
    }
    if (FAILED(hr) && state == BG_JOB_STATE_SUSPENDED)
        pJob->Cancel(); // it never began
    pJob->Release();
    return hr;
}

int main(int argc, char *argv[])
{
    IBackgroundCopyManager *pManager = NULL;

    std::setlocale(LC_ALL, "");
    if (argc != 3) {
        fwprintf(stderr, L"usage: download URL /absolute/path\n");
        return 2;
    }
    HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (SUCCEEDED(hr)) {
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER,
                              __uuidof(IBackgroundCopyManager), reinterpret_cast<void **>(&pManager));
        if (SUCCEEDED(hr)) {
            hr = Download(pManager, Widen(argv[1]).c_str(), Widen(argv[2]).c_str());
            pManager->Release();
        }
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"download failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
