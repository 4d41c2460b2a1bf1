// Downloads a file over several runs of the program: resume URL /absolute/path
//
// Kill it and start it again: the job is in the queue, and goes on where it was.
//
//     g++ -std=c++17 resume.cpp -lbgcopy -o resume
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

static bool HasFile(IBackgroundCopyJob *pJob, const std::wstring &path)
{
    ComPtr<IEnumBackgroundCopyFiles> files;
    ComPtr<IBackgroundCopyFile> file;
    bool found = false;

    if (FAILED(pJob->EnumFiles(&files)))
        return false;
    while (!found && files->Next(1, &file, NULL) == S_OK) {
        WCHAR *pszLocalName = NULL;
        if (SUCCEEDED(file->GetLocalName(&pszLocalName))) {
            found = path == pszLocalName;
            CoTaskMemFree(pszLocalName);
        }
    }
    return found;
}

// S_FALSE and no job when no earlier run has left one for this file.
static HRESULT FindJob(IBackgroundCopyManager *pManager, const std::wstring &path, ComPtr<IBackgroundCopyJob> &found)
{
    ComPtr<IEnumBackgroundCopyJobs> jobs;

    HRESULT hr = pManager->EnumJobs(0, &jobs);
    while (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyJob> job;
        hr = jobs->Next(1, &job, NULL);
        if (hr != S_OK)
            return hr;
        if (HasFile(job.Get(), path)) {
            found = job;
            return S_OK;
        }
    }
    return hr;
}

static HRESULT Run(IBackgroundCopyManager *pManager, const std::wstring &url, const std::wstring &path)
{
    ComPtr<IBackgroundCopyJob> job;
    BG_JOB_PROGRESS progress;
    BG_JOB_STATE state;
    GUID id;

    HRESULT hr = FindJob(pManager, path, job);
    if (hr == S_OK) {
        hr = job->GetProgress(&progress);
        if (SUCCEEDED(hr))
            wprintf(L"continuing at %llu bytes\n", static_cast<unsigned long long>(progress.BytesTransferred));
    } else if (hr == S_FALSE) {
        hr = pManager->CreateJob(L"MyDownload", BG_JOB_TYPE_DOWNLOAD, &id, &job);
        if (SUCCEEDED(hr))
            hr = job->SetPriority(BG_JOB_PRIORITY_FOREGROUND);
        if (SUCCEEDED(hr))
            hr = job->AddFile(url.c_str(), path.c_str());
    }
    if (SUCCEEDED(hr))
        hr = job->Resume(); // also after an error of an earlier run
    while (SUCCEEDED(hr)) {
        hr = job->GetState(&state);
        if (SUCCEEDED(hr) && state == BG_JOB_STATE_TRANSFERRED)
            return job->Complete();
        if (SUCCEEDED(hr) && state == BG_JOB_STATE_ERROR) {
            fwprintf(stderr, L"The job is in error; run this again after the repair.\n");
            return E_FAIL;
        }
        Sleep(100);
    }
    return hr;
}

int main(int argc, char *argv[])
{
    std::setlocale(LC_ALL, "");
    if (argc != 3) {
        fwprintf(stderr, L"usage: resume URL /absolute/path\n");
        return 2;
    }
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyManager> manager;
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
        if (SUCCEEDED(hr))
            hr = Run(manager.Get(), Widen(argv[1]), Widen(argv[2]));
        manager.Reset();
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"resume failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
