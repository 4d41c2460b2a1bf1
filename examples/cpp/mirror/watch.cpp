// Shows the jobs of the queue with their files until none of them runs any more: watch
//
//     g++ -std=c++17 watch.cpp -lbgcopy -o watch
#include <bgcopy/bits.h>

#include <clocale>
#include <cstdio>
#include <cwchar>

static const wchar_t *const StateNames[] = {L"queued",          L"connecting",  L"transferring",
                                            L"suspended",       L"error",       L"transient error",
                                            L"transferred",     L"acknowledged", L"cancelled"};

static void ShowFiles(IBackgroundCopyJob *pJob)
{
    CComPtr<IEnumBackgroundCopyFiles> pFiles;
    IBackgroundCopyFile *pFile = NULL;

    if (FAILED(pJob->EnumFiles(&pFiles)))
        return;
    while (pFiles->Next(1, &pFile, NULL) == S_OK) {
        WCHAR *pszRemoteName = NULL;
        BG_FILE_PROGRESS progress;
        if (SUCCEEDED(pFile->GetRemoteName(&pszRemoteName)) && SUCCEEDED(pFile->GetProgress(&progress))) {
            wprintf(L"    %ls: %llu bytes\n", pszRemoteName, static_cast<unsigned long long>(progress.BytesTransferred));
            CoTaskMemFree(pszRemoteName);
        }
        pFile->Release();
    }
}

// Shows all jobs; TRUE when one of them runs.
static BOOL ShowJobs(IBackgroundCopyManager *pManager)
{
    CComPtr<IEnumBackgroundCopyJobs> pJobs;
    ULONG cJobs = 0;
    BOOL fRunning = FALSE;

    if (FAILED(pManager->EnumJobs(0, &pJobs)) || FAILED(pJobs->GetCount(&cJobs)))
        return FALSE;
    wprintf(L"%u jobs\n", static_cast<unsigned>(cJobs));
    for (ULONG i = 0; i < cJobs; ++i) {
        CComPtr<IBackgroundCopyJob> pJob;
        WCHAR *pszName = NULL;
        BG_JOB_STATE state;
        if (pJobs->Next(1, &pJob, NULL) != S_OK || FAILED(pJob->GetDisplayName(&pszName)))
            break;
        if (SUCCEEDED(pJob->GetState(&state))) {
            wprintf(L"%ls: %ls\n", pszName, StateNames[state]);
            fRunning = fRunning || state == BG_JOB_STATE_QUEUED || state == BG_JOB_STATE_CONNECTING ||
                       state == BG_JOB_STATE_TRANSFERRING || state == BG_JOB_STATE_TRANSIENT_ERROR;
        }
        CoTaskMemFree(pszName);
        ShowFiles(pJob);
    }
    return fRunning;
}

int main()
{
    std::setlocale(LC_ALL, "");
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        CComPtr<IBackgroundCopyManager> pManager;
        hr = pManager.CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER);
        if (SUCCEEDED(hr))
            while (ShowJobs(pManager))
                Sleep(500);
        pManager.Release();
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"watch failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
