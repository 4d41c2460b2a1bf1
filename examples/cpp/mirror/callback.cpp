// Downloads a file and hears of its end from BITS, in place of asking: callback URL /absolute/path
//
//     g++ -std=c++17 callback.cpp -lbgcopy -o callback
#include <bgcopy/bits.h>

#include <clocale>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <mutex>
#include <string>

static std::wstring Widen(const char *text)
{
    std::wstring wide(std::mbstowcs(nullptr, text, 0), L'\0');
    std::mbstowcs(&wide[0], text, wide.size());
    return wide;
}

// BITS calls it on threads of its own. It lives as long as somebody holds a reference.
class CNotifyInterface final : public IBackgroundCopyCallback {
public:
    // IUnknown
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, LPVOID *ppvObj) override
    {
        if (riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback)) {
            *ppvObj = this;
            AddRef();
            return S_OK;
        }
        *ppvObj = NULL;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&m_lRefCount)); }
    ULONG STDMETHODCALLTYPE Release() override
    {
        LONG lCount = InterlockedDecrement(&m_lRefCount);
        if (lCount == 0)
            delete this;
        return static_cast<ULONG>(lCount);
    }

    // IBackgroundCopyCallback
    HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob *pJob) override
    {
        HRESULT hr = pJob->Complete(); // if it fails, BITS calls again
        if (SUCCEEDED(hr))
            Finish(S_OK);
        return hr;
    }
    HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob *pJob, IBackgroundCopyError *pError) override
    {
        BG_ERROR_CONTEXT context;
        HRESULT code = E_FAIL;
        WCHAR *pszDescription = NULL;

        pError->GetError(&context, &code);
        if (SUCCEEDED(pError->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &pszDescription))) {
            fwprintf(stderr, L"%ls\n", pszDescription);
            CoTaskMemFree(pszDescription);
        }
        pJob->Cancel();
        Finish(code);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob *pJob, DWORD) override
    {
        BG_JOB_PROGRESS progress;
        if (SUCCEEDED(pJob->GetProgress(&progress)))
            wprintf(L"%llu bytes\n", static_cast<unsigned long long>(progress.BytesTransferred));
        return S_OK;
    }

    // For main: waits for the end of the job.
    HRESULT Wait()
    {
        std::unique_lock<std::mutex> lock(m_mutex);
        m_finished.wait(lock, [this] { return m_isFinished; });
        return m_result;
    }

private:
    void Finish(HRESULT result)
    {
        std::lock_guard<std::mutex> lock(m_mutex);
        m_isFinished = true;
        m_result = result;
        m_finished.notify_all();
    }

    LONG m_lRefCount = 1;
    std::mutex m_mutex;
    std::condition_variable m_finished;
    bool m_isFinished = false;
    HRESULT m_result = S_OK;
};

int main(int argc, char *argv[])
{
    using Microsoft::WRL::ComPtr;

    std::setlocale(LC_ALL, "");
    if (argc != 3) {
        fwprintf(stderr, L"usage: callback URL /absolute/path\n");
        return 2;
    }
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        ComPtr<IBackgroundCopyManager> manager;
        ComPtr<IBackgroundCopyJob> job;
        GUID id;
        hr = CoCreateInstance(__uuidof(BackgroundCopyManager), NULL, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&manager));
        if (SUCCEEDED(hr))
            hr = manager->CreateJob(L"MyDownload", BG_JOB_TYPE_DOWNLOAD, &id, &job);
        if (SUCCEEDED(hr)) {
            CNotifyInterface *pNotify = new CNotifyInterface();
            hr = job->SetNotifyInterface(pNotify);
            if (SUCCEEDED(hr))
                hr = job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION);
            if (SUCCEEDED(hr))
                hr = job->AddFile(Widen(argv[1]).c_str(), Widen(argv[2]).c_str());
            if (SUCCEEDED(hr))
                hr = job->Resume();
            if (SUCCEEDED(hr))
                hr = pNotify->Wait();
            else
                job->Cancel();
            pNotify->Release();
        }
        job.Reset();
        manager.Reset();
        CoUninitialize();
    }
    if (FAILED(hr))
        fwprintf(stderr, L"callback failed: 0x%08X\n", static_cast<unsigned>(hr));
    return FAILED(hr);
}
