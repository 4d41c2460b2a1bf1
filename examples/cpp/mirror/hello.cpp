// Downloads one file with BITS: hello
#include <bgcopy/bits.h> // <bits.h> on Windows
#include <cstdio>

int main()
{
    IBackgroundCopyManager *pManager = NULL;
    IBackgroundCopyJob *pJob = NULL;
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;
    GUID id;

    HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (SUCCEEDED(hr))
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&pManager));
    if (SUCCEEDED(hr))
        hr = pManager->CreateJob(L"MyDownload", BG_JOB_TYPE_DOWNLOAD, &id, &pJob);
    if (SUCCEEDED(hr))
        hr = pJob->AddFile(L"http://example.org/", L"/tmp/example.html");
    if (SUCCEEDED(hr))
        hr = pJob->Resume();
    while (SUCCEEDED(hr) && state != BG_JOB_STATE_TRANSFERRED && state != BG_JOB_STATE_ERROR) {
        Sleep(100);
        hr = pJob->GetState(&state);
    }
    if (SUCCEEDED(hr))
        hr = state == BG_JOB_STATE_TRANSFERRED ? pJob->Complete() : pJob->Cancel();
    std::printf("0x%08X\n", static_cast<unsigned>(hr));
    if (pJob)
        pJob->Release();
    if (pManager)
        pManager->Release();
    CoUninitialize();
    return FAILED(hr);
}
