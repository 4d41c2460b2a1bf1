// Uploads a file with BITS and prints what the server's application replies:
// upload /absolute/path URL /absolute/path/of/the/reply
//
//     g++ -std=c++17 upload.cpp -lbgcopy -o upload
#include <bgcopy/bits.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string>

using Microsoft::WRL::ComPtr;

static std::wstring Widen(const char *text)
{
    std::wstring wide(std::mbstowcs(nullptr, text, 0), L'\0');
    std::mbstowcs(&wide[0], text, wide.size());
    return wide;
}

static void ShowError(IBackgroundCopyJob *pJob)
{
    ComPtr<IBackgroundCopyError> error;
    BG_ERROR_CONTEXT context;
    HRESULT code;
    WCHAR *pszDescription = NULL;

    if (FAILED(pJob->GetError(&error)))
        return;
    error->GetError(&context, &code);
    if (SUCCEEDED(error->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &pszDescription))) {
        fwprintf(stderr, L"Error 0x%08X: %ls\n", static_cast<unsigned>(code), pszDescription);
        CoTaskMemFree(pszDescription);
    }
}

static HRESULT PrintReply(IBackgroundCopyJob2 *pJob)
{
    BYTE *pReply = NULL;
    UINT64 length = 0;

    HRESULT hr = pJob->GetReplyData(&pReply, &length);
    if (hr == BG_E_TOO_LARGE)
        return S_OK; // more than 1 MiB is in the file only
    if (SUCCEEDED(hr))
        wprintf(L"%.*s\n", static_cast<int>(length), reinterpret_cast<const char *>(pReply));
    CoTaskMemFree(pReply);
    return hr;
}

// Returns when the job is done, in one way or the other.
static HRESULT Upload(IBackgroundCopyManager *pManager, const wchar_t *path, const wchar_t *url, const wchar_t *reply)
{
    ComPtr<IBackgroundCopyJob> job;
    ComPtr<IBackgroundCopyJob2> job2;
    GUID id;
    BG_JOB_STATE state = BG_JOB_STATE_SUSPENDED;

    HRESULT hr = pManager->CreateJob(L"MyUpload", BG_JOB_TYPE_UPLOAD_REPLY, &id, &job);
    if (SUCCEEDED(hr))
        hr = job.As(&job2);
    if (SUCCEEDED(hr))
        hr = job->SetPriority(BG_JOB_PRIORITY_FOREGROUND);
    if (SUCCEEDED(hr))
        hr = job->AddFile(url, path);
    if (SUCCEEDED(hr))
        hr = job2->SetReplyFileName(reply);
    if (SUCCEEDED(hr))
        hr = job->Resume();
    while (SUCCEEDED(hr) && state != BG_JOB_STATE_TRANSFERRED && state != BG_JOB_STATE_ERROR) {
        Sleep(200);
        hr = job->GetState(&state);
    }
    if (SUCCEEDED(hr) && state == BG_JOB_STATE_ERROR) {
        ShowError(job.Get());
        hr = E_FAIL;
    }
    if (SUCCEEDED(hr))
        hr = PrintReply(job2.Get());
    if (SUCCEEDED(hr))
        hr = job->Complete(); // gives the reply its name
    else if (job)
        job->Cancel();
    return hr;
}

int main(int argc, char *argv[])
{
    std::setlocale(LC_ALL, "");
    if (argc != 4) {
        fwprintf(stderr, L"usage: upload /absolute/path URL /absolute/path/of/the/reply\n");
        return 2;
    }
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyManager> manager;
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
        if (SUCCEEDED(hr))
            hr = Upload(manager.Get(), Widen(argv[1]).c_str(), Widen(argv[2]).c_str(), Widen(argv[3]).c_str());
        manager.Reset();
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"upload failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
