// Fetches BYTES at both ends of a file of SIZE bytes: ranges URL /absolute/path BYTES SIZE
//
// The two parts lie one behind the other in the local file.
//
//     g++ -std=c++17 ranges.cpp -lbgcopy -o ranges
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

static HRESULT ShowRanges(IBackgroundCopyJob *pJob)
{
    ComPtr<IEnumBackgroundCopyFiles> files;
    ComPtr<IBackgroundCopyFile> file;
    ComPtr<IBackgroundCopyFile2> file2;
    BG_FILE_RANGE *pRanges = NULL;
    DWORD cRanges = 0;

    HRESULT hr = pJob->EnumFiles(&files);
    if (SUCCEEDED(hr))
        hr = files->Next(1, &file, NULL);
    if (hr == S_OK)
        hr = file.As(&file2);
    if (SUCCEEDED(hr))
        hr = file2->GetFileRanges(&cRanges, &pRanges);
    for (DWORD i = 0; SUCCEEDED(hr) && i < cRanges; ++i)
        wprintf(L"%llu bytes from %llu\n", static_cast<unsigned long long>(pRanges[i].Length),
                static_cast<unsigned long long>(pRanges[i].InitialOffset));
    CoTaskMemFree(pRanges);
    return hr;
}

static HRESULT Fetch(IBackgroundCopyManager *pManager, const std::wstring &url, const std::wstring &path, UINT64 cBytes,
                     UINT64 cSize)
{
    ComPtr<IBackgroundCopyJob> job;
    ComPtr<IBackgroundCopyJob3> job3;
    BG_JOB_STATE state = BG_JOB_STATE_SUSPENDED;
    GUID id;
    BG_FILE_RANGE ranges[2] = {{0, cBytes}, {cSize - cBytes, BG_LENGTH_TO_EOF}};

    HRESULT hr = pManager->CreateJob(L"MyRanges", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    if (FAILED(hr))
        return hr;
    hr = job.As(&job3); // ranges came with BITS 2.0
    if (SUCCEEDED(hr))
        hr = job3->SetPriority(BG_JOB_PRIORITY_FOREGROUND);
    if (SUCCEEDED(hr))
        hr = job3->AddFileWithRanges(url.c_str(), path.c_str(), 2, ranges);
    if (SUCCEEDED(hr))
        hr = ShowRanges(job3.Get());
    if (SUCCEEDED(hr))
        hr = job3->Resume();
    while (SUCCEEDED(hr) && state != BG_JOB_STATE_TRANSFERRED && state != BG_JOB_STATE_ERROR) {
        Sleep(100);
        hr = job3->GetState(&state);
    }
    if (SUCCEEDED(hr) && state == BG_JOB_STATE_TRANSFERRED)
        return job3->Complete();
    if (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyError> error;
        BG_ERROR_CONTEXT context;
        HRESULT code = E_FAIL;
        if (SUCCEEDED(job3->GetError(&error)))
            error->GetError(&context, &code);
        hr = code;
    }
    job3->Cancel();
    return hr;
}

int main(int argc, char *argv[])
{
    std::setlocale(LC_ALL, "");
    if (argc != 5) {
        fwprintf(stderr, L"usage: ranges URL /absolute/path BYTES SIZE\n");
        return 2;
    }
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyManager> manager;
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager2_0), NULL, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
        if (SUCCEEDED(hr))
            hr = Fetch(manager.Get(), Widen(argv[1]), Widen(argv[2]), std::strtoull(argv[3], NULL, 10),
                       std::strtoull(argv[4], NULL, 10));
        manager.Reset();
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"ranges failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
