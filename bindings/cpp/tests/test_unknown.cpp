// The rules of IUnknown, for each kind of object.
#include "mirror.h"

/// QueryInterface is reflexive, symmetric and transitive, IUnknown is one, and references are counted.
template <class... Interfaces> static void obeys_com(IUnknown *object)
{
    const IID *const iids[] = {&__uuidof(IUnknown), &__uuidof(Interfaces)...};
    const ULONG before = references(object);
    void *identity = nullptr;
    OK(object->QueryInterface(IID_IUnknown, &identity));
    for (const IID *from : iids) {
        void *first = nullptr;
        OK(object->QueryInterface(*from, &first));
        CHECK(references(object) == before + 2);
        for (const IID *to : iids) {
            void *second = nullptr, *back = nullptr, *unknown = nullptr;
            OK(static_cast<IUnknown *>(first)->QueryInterface(*to, &second));
            OK(static_cast<IUnknown *>(second)->QueryInterface(*from, &back));
            OK(static_cast<IUnknown *>(second)->QueryInterface(IID_IUnknown, &unknown));
            CHECK(back == first && unknown == identity);
            for (void *pointer : {second, back, unknown})
                static_cast<IUnknown *>(pointer)->Release();
        }
        void *none = identity;
        GIVES(E_NOINTERFACE, static_cast<IUnknown *>(first)->QueryInterface(IID_IBackgroundCopyCallback, &none));
        CHECK(none == nullptr);
        GIVES(E_POINTER, static_cast<IUnknown *>(first)->QueryInterface(IID_IUnknown, nullptr));
        static_cast<IUnknown *>(first)->Release();
    }
    static_cast<IUnknown *>(identity)->Release();
    CHECK(references(object) == before);
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    ComPtr<IBackgroundCopyJob> broken = download_job(queue.Get(), "/file/1?status=404", "broken");
    ComPtr<IEnumBackgroundCopyJobs> jobs;
    ComPtr<IEnumBackgroundCopyFiles> files;
    ComPtr<IBackgroundCopyError> error;
    Listener listener;
    OK(queue->EnumJobs(0, &jobs));
    OK(broken->EnumFiles(&files));
    OK(broken->SetNotifyInterface(&listener));
    OK(broken->Resume());
    listener.wait(listener.seen.failed, 1);
    OK(broken->GetError(&error));

    obeys_com<IBackgroundCopyManager, IBitsPeerCacheAdministration>(queue.Get());
    obeys_com<IBackgroundCopyJob, IBackgroundCopyJob2, IBackgroundCopyJob3, IBackgroundCopyJob4, IBackgroundCopyJob5,
              IBackgroundCopyJobHttpOptions, IBackgroundCopyJobHttpOptions2, IBackgroundCopyJobHttpOptions3,
              IBitsTokenOptions>(broken.Get());
    obeys_com<IBackgroundCopyFile, IBackgroundCopyFile2, IBackgroundCopyFile3, IBackgroundCopyFile4,
              IBackgroundCopyFile5, IBackgroundCopyFile6>(first_file(broken.Get()).Get());
    obeys_com<IBackgroundCopyError>(error.Get());
    obeys_com<IEnumBackgroundCopyJobs>(jobs.Get());
    obeys_com<IEnumBackgroundCopyFiles>(files.Get());

    // What is given carries a reference of the caller's own.
    ComPtr<IBackgroundCopyFile> file;
    ComPtr<IEnumBackgroundCopyJobs> clone;
    OK(error->GetFile(&file));
    OK(jobs->Clone(&clone));
    for (IUnknown *given : {static_cast<IUnknown *>(file.Get()), static_cast<IUnknown *>(clone.Get())})
        CHECK(references(given) == 1);

    // As with BITS 4.0 and later, peer caching answers S_FALSE and nothing.
    ComPtr<IBitsPeerCacheAdministration> cache;
    IEnumBitsPeers *peers = reinterpret_cast<IEnumBitsPeers *>(&listener);
    DWORD flags = 7;
    OK(queue.As(&cache));
    GIVES(S_FALSE, cache->EnumPeers(&peers));
    GIVES(S_FALSE, cache->GetConfigurationFlags(&flags));
    GIVES(S_FALSE, cache->GetConfigurationFlags(nullptr));
    CHECK(peers == nullptr && flags == 0);

    OK(broken->Cancel());
    listener.wait_until_released();
    return 0;
}
