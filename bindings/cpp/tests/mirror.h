// For the tests of the interfaces of BITS: tests/c/check.h, with wide strings.
#ifndef MIRROR_H
#define MIRROR_H

#include <bgcopy/bits.h>

#include <initializer_list>

#include "check.h"

using Microsoft::WRL::ComPtr;

/// ASCII as wide characters; not std::wstring, which does not know -fshort-wchar.
struct Wide {
    explicit Wide(const char *narrow)
    {
        size_t at = 0;
        for (; narrow[at] != 0; ++at)
            text[at] = static_cast<wchar_t>(narrow[at]);
        text[at] = 0;
    }
    operator wchar_t *() { return text; }
    wchar_t text[2048];
};

inline bool same(const wchar_t *left, const wchar_t *right)
{
    while (*left == *right && *left != 0) {
        ++left;
        ++right;
    }
    return *left == *right;
}

/// A string that a call gave is this one; it is freed.
#define TEXT_IS(expected, text) check_text(__FILE__, __LINE__, expected, text)
inline void check_text(const char *file, int line, const wchar_t *expected, wchar_t *text)
{
    if (text == nullptr || !same(expected, text)) {
        fprintf(stderr, "%s:%d: another text was given\n", file, line);
        exit(1);
    }
    CoTaskMemFree(text);
}

/// The queue of the test, which BGCOPY_DIRECTORY names.
inline ComPtr<IBackgroundCopyManager> manager()
{
    ComPtr<IBackgroundCopyManager> made;
    setenv("BGCOPY_DIRECTORY", path_of("queue"), 1);
    OK(CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&made)));
    return made;
}

inline ComPtr<IBackgroundCopyJob> job(IBackgroundCopyManager *from, const char *name = "a job")
{
    ComPtr<IBackgroundCopyJob> made;
    GUID id;
    OK(from->CreateJob(Wide(name), BG_JOB_TYPE_DOWNLOAD, &id, &made));
    return made;
}

/// A job in the foreground that downloads `target` to `name`.
inline ComPtr<IBackgroundCopyJob> download_job(IBackgroundCopyManager *from, const char *target, const char *name)
{
    ComPtr<IBackgroundCopyJob> made = job(from, name);
    OK(made->SetPriority(BG_JOB_PRIORITY_FOREGROUND));
    OK(made->AddFile(Wide(url_of(target)), Wide(path_of(name))));
    return made;
}

inline ComPtr<IBackgroundCopyFile> first_file(IBackgroundCopyJob *of)
{
    ComPtr<IEnumBackgroundCopyFiles> files;
    ComPtr<IBackgroundCopyFile> file;
    OK(of->EnumFiles(&files));
    OK(files->Next(1, &file, nullptr));
    return file;
}

/// How many references an object has.
inline ULONG references(IUnknown *object)
{
    object->AddRef();
    return object->Release();
}

/// A callback object that counts what it hears.
class Listener : public IBackgroundCopyCallback3 {
public:
    Listener() { watch_init(&seen); }
    virtual ~Listener() { watch_free(&seen); }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) override
    {
        *ppvObject = nullptr;
        if (riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback) ||
            (level >= 2 && riid == __uuidof(IBackgroundCopyCallback2)) ||
            (level >= 3 && riid == __uuidof(IBackgroundCopyCallback3))) {
            *ppvObject = static_cast<IBackgroundCopyCallback3 *>(this);
            AddRef();
            return S_OK;
        }
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&count)); }
    ULONG STDMETHODCALLTYPE Release() override
    {
        // The test owns the object: it asks how many references are left.
        pthread_mutex_lock(&seen.lock);
        const LONG left = InterlockedDecrement(&count);
        pthread_cond_broadcast(&seen.changed);
        pthread_mutex_unlock(&seen.lock);
        return static_cast<ULONG>(left);
    }
    HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob *pJob) override
    {
        const HRESULT result = transferred(pJob);
        watch_count(&seen, &seen.transferred);
        return result;
    }
    HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob *pJob, IBackgroundCopyError *pError) override
    {
        BG_ERROR_CONTEXT context;
        CHECK(pJob != nullptr);
        OK(pError->GetError(&context, &seen.code));
        watch_count(&seen, &seen.failed);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob *pJob, DWORD dwReserved) override
    {
        CHECK(pJob != nullptr && dwReserved == 0);
        watch_count(&seen, &seen.modified);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob *pJob, IBackgroundCopyFile *pFile) override
    {
        CHECK(pJob != nullptr && pFile != nullptr);
        watch_count(&seen, &seen.files);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE FileRangesTransferred(IBackgroundCopyJob *pJob, IBackgroundCopyFile *pFile, DWORD count_,
                                                    const BG_FILE_RANGE ranges[]) override
    {
        CHECK(pJob != nullptr && pFile != nullptr && count_ > 0 && ranges != nullptr);
        watch_count(&seen, &ranges_seen);
        return S_OK;
    }

    void wait(const int &counter, int least) { watch_until(&seen, &counter, least); }
    /// Waits until nobody but the test holds it.
    void wait_until_released()
    {
        struct timespec deadline;
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += DEADLINE_SECONDS;
        pthread_mutex_lock(&seen.lock);
        while (count != 1)
            if (pthread_cond_timedwait(&seen.changed, &seen.lock, &deadline) != 0)
                break;
        const LONG left = count;
        pthread_mutex_unlock(&seen.lock);
        CHECK(left == 1);
    }

    LONG volatile count = 1;
    int level = 3;
    watch seen;
    int ranges_seen = 0;

protected:
    virtual HRESULT transferred(IBackgroundCopyJob *) { return S_OK; }
};

#endif
