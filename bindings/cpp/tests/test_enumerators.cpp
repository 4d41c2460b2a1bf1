// Enumerators: Next, Skip, Reset, Clone, GetCount, by the rules of COM.
#include "mirror.h"

template <class Enumerator, class Element> static void walks(Enumerator *list, ULONG total)
{
    Element *elements[8] = {};
    Element *const junk = reinterpret_cast<Element *>(elements);
    ULONG fetched = 99, count = 0;
    OK(list->GetCount(&count));
    CHECK(count == total && total == 5);
    GIVES(E_POINTER, list->GetCount(nullptr));

    OK(list->Next(2, elements, &fetched));
    CHECK(fetched == 2 && elements[0] != nullptr && elements[1] != nullptr && references(elements[0]) == 1);
    elements[0]->Release();
    elements[1]->Release();

    // A clone begins at the same place and goes its own way.
    ComPtr<Enumerator> clone;
    OK(list->Clone(&clone));
    GIVES(E_POINTER, list->Clone(nullptr));
    OK(clone->Skip(3));
    GIVES(S_FALSE, clone->Next(1, elements, nullptr));
    CHECK(elements[0] == nullptr);

    // More than there are: those that are there, and S_FALSE.
    elements[3] = elements[4] = junk;
    GIVES(S_FALSE, list->Next(5, elements, &fetched));
    CHECK(fetched == 3 && elements[2] != nullptr && elements[3] == nullptr && elements[4] == nullptr);
    for (int i = 0; i < 3; ++i)
        elements[i]->Release();
    GIVES(S_FALSE, list->Next(1, elements, &fetched));
    CHECK(fetched == 0 && elements[0] == nullptr);
    GIVES(S_FALSE, list->Skip(1));

    OK(list->Reset());
    OK(list->Skip(5));
    OK(list->Reset());
    GIVES(S_FALSE, list->Skip(6));
    OK(list->Reset());
    OK(list->Next(1, elements, nullptr));
    elements[0]->Release();
    OK(list->Next(0, elements, &fetched));
    CHECK(fetched == 0);
    OK(list->Next(0, nullptr, &fetched));

    elements[0] = elements[1] = junk;
    GIVES(E_INVALIDARG, list->Next(2, elements, nullptr));
    CHECK(elements[0] == nullptr && elements[1] == nullptr);
    fetched = 99;
    GIVES(E_POINTER, list->Next(1, nullptr, &fetched));
    CHECK(fetched == 0);
    // Failing calls have not moved it.
    GIVES(S_FALSE, list->Next(8, elements, &fetched));
    CHECK(fetched == 4);
    for (int i = 0; i < 4; ++i)
        elements[i]->Release();
    OK(list->GetCount(&count));
    CHECK(count == 5);
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    ComPtr<IBackgroundCopyJob> made[5];
    for (ComPtr<IBackgroundCopyJob> &one : made)
        one = job(queue.Get());
    for (const char *name : {"a", "b", "c", "d", "e"})
        OK(made[0]->AddFile(Wide(url_of("/file/1")), Wide(path_of(name))));
    ComPtr<IEnumBackgroundCopyJobs> jobs;
    ComPtr<IEnumBackgroundCopyFiles> files;
    OK(queue->EnumJobs(0, &jobs));
    OK(made[0]->EnumFiles(&files));
    walks<IEnumBackgroundCopyJobs, IBackgroundCopyJob>(jobs.Get(), 5);
    walks<IEnumBackgroundCopyFiles, IBackgroundCopyFile>(files.Get(), 5);

    // A snapshot of live objects, in the order of creation.
    OK(made[1]->SetDisplayName(L"renamed"));
    ComPtr<IBackgroundCopyJob> sixth = job(queue.Get()), second;
    ULONG count = 0;
    OK(jobs->GetCount(&count));
    CHECK(count == 5);
    OK(jobs->Reset());
    OK(jobs->Skip(1));
    OK(jobs->Next(1, &second, nullptr));
    LPWSTR name = nullptr;
    OK(second->GetDisplayName(&name));
    TEXT_IS(L"renamed", name);
    for (ComPtr<IBackgroundCopyJob> &one : made)
        OK(one->Cancel());
    OK(sixth->Cancel());
    return 0;
}
