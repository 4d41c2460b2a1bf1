// The legacy queue manager: groups, their job, its files, the callback object.
#include <bgcopy/qmgr.h>

#include "mirror.h"

static ComPtr<IBackgroundCopyQMgr> legacy()
{
    ComPtr<IBackgroundCopyQMgr> made;
    setenv("BGCOPY_DIRECTORY", path_of("queue"), 1);
    OK(CoCreateInstance(CLSID_BackgroundCopyQMgr, nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&made)));
    return made;
}

static GUID new_id()
{
    GUID id;
    OK(CoCreateGuid(&id));
    return id;
}

/// Counts how groups end.
class GroupListener final : public IBackgroundCopyCallback1 {
public:
    GroupListener() { watch_init(&seen); }
    virtual ~GroupListener() { watch_free(&seen); }
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) override
    {
        const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(IBackgroundCopyCallback1);
        *ppvObject = known ? this : nullptr;
        if (known)
            AddRef();
        return known ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&count)); }
    ULONG STDMETHODCALLTYPE Release() override
    {
        watch_count(&seen, &seen.destroyed);
        return static_cast<ULONG>(InterlockedDecrement(&count));
    }
    HRESULT STDMETHODCALLTYPE OnStatus(IBackgroundCopyGroup *pGroup, IBackgroundCopyJob1 *pJob, DWORD, DWORD dwStatus,
                                       DWORD, DWORD, DWORD dwTransportResult) override
    {
        CHECK(pGroup != nullptr && pJob != nullptr);
        transport = dwTransportResult;
        watch_count(&seen, dwStatus & QM_STATUS_GROUP_ERROR ? &seen.failed : &seen.transferred);
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE OnProgress(DWORD, IBackgroundCopyGroup *, IBackgroundCopyJob1 *, DWORD, DWORD) override
    {
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE OnProgressEx(DWORD, IBackgroundCopyGroup *, IBackgroundCopyJob1 *, DWORD, DWORD, DWORD,
                                           BYTE *) override
    {
        return S_OK;
    }

    LONG volatile count = 1;
    DWORD transport = 0;
    watch seen;
};

static ComPtr<IBackgroundCopyGroup> group_with(IBackgroundCopyQMgr *queue, const char *target, const char *name)
{
    ComPtr<IBackgroundCopyGroup> group;
    ComPtr<IBackgroundCopyJob1> one;
    OK(queue->CreateGroup(new_id(), &group));
    OK(group->CreateJob(new_id(), &one));
    FILESETINFO file = {SysAllocString(Wide(url_of(target))), SysAllocString(Wide(path_of(name))), 0};
    FILESETINFO *files[] = {&file};
    OK(one->AddFiles(1, files));
    SysFreeString(file.bstrRemoteFile);
    SysFreeString(file.bstrLocalFile);
    OK(group->SwitchToForeground());
    return group;
}

static void a_group_downloads_and_gives_its_files_their_names(IBackgroundCopyQMgr *queue)
{
    GroupListener listener;
    ComPtr<IBackgroundCopyGroup> group = group_with(queue, "/file/1000?seed=1", "whole");
    DWORD number = 7, index = 7;
    VARIANT value;
    VariantInit(&value);
    value.vt = VT_I4;
    value.lVal = QM_NOTIFY_GROUP_DONE;
    OK(group->SetProp(GROUPPROP_NOTIFYFLAGS, &value));
    OK(group->SetNotificationPointer(__uuidof(IBackgroundCopyCallback1), &listener));
    CHECK(listener.count == 2);
    OK(group->GetStatus(&number, &index));
    CHECK((number & QM_STATUS_GROUP_SUSPENDED) != 0 && index == 0);
    OK(group->ResumeGroup());
    watch_until(&listener.seen, &listener.seen.transferred, 1);
    OK(group->GetStatus(&number, &index));
    CHECK((number & QM_STATUS_GROUP_COMPLETE) != 0);
    OK(group->GetProgress(QM_PROGRESS_PERCENT_DONE, &number));
    CHECK(number == 100);
    OK(group->GetProgress(QM_PROGRESS_SIZE_DONE, &number));
    CHECK(number == 1000);
    GIVES(E_NOTIMPL, group->GetProgress(QM_PROGRESS_TIME_DONE, &number));
    OK(group->get_Size(&number));
    CHECK(number == 1000);
    OK(group->CancelGroup());
    CHECK(size_of_file(path_of("whole")) == 1000);
    watch_until(&listener.seen, &listener.seen.destroyed, 1);
    CHECK(listener.count == 1);
}

static void errors_are_told(IBackgroundCopyQMgr *queue)
{
    GroupListener listener;
    ComPtr<IBackgroundCopyGroup> group = group_with(queue, "/file/1?status=404", "missing");
    ComPtr<IEnumBackgroundCopyJobs1> jobs;
    ComPtr<IBackgroundCopyJob1> one;
    GUID id;
    DWORD status = 0, win32 = 0, transport = 0, retries = 0;
    OK(group->SetNotificationPointer(__uuidof(IUnknown), &listener));
    OK(group->ResumeGroup());
    watch_until(&listener.seen, &listener.seen.failed, 1);
    CHECK(listener.transport == 404);
    OK(group->EnumJobs(0, &jobs));
    OK(jobs->Next(1, &id, nullptr));
    OK(group->GetJob(id, &one));
    OK(one->GetStatus(&status, &win32, &transport, &retries));
    CHECK((status & QM_STATUS_JOB_ERROR) != 0 && transport == 404);
    OK(group->SetNotificationPointer(__uuidof(IBackgroundCopyCallback1), nullptr));
    CHECK(listener.count == 1);
    OK(group->CancelGroup());
}

static void properties_are_variants(IBackgroundCopyQMgr *queue)
{
    ComPtr<IBackgroundCopyGroup> group;
    VARIANT value;
    OK(queue->CreateGroup(new_id(), &group));
    VariantInit(&value);
    OK(group->GetProp(GROUPPROP_PRIORITY, &value));
    CHECK(value.vt == VT_I4 && value.lVal == 1);
    value.vt = VT_UI2;
    value.uiVal = 1;
    OK(group->SetProp(GROUPPROP_PRIORITY, &value));
    value.vt = VT_EMPTY;
    GIVES(E_INVALIDARG, group->SetProp(GROUPPROP_PRIORITY, &value));
    value.vt = VT_BSTR;
    value.bstrVal = SysAllocString(L"caf\u00E9 \U0001F600");
    GIVES(E_INVALIDARG, group->SetProp(GROUPPROP_PRIORITY, &value));
    OK(group->SetProp(GROUPPROP_DISPLAYNAME, &value));
    OK(VariantClear(&value));
    CHECK(value.vt == VT_EMPTY);
    OK(group->GetProp(GROUPPROP_DISPLAYNAME, &value));
    CHECK(value.vt == VT_BSTR && same(value.bstrVal, L"caf\u00E9 \U0001F600"));
    OK(VariantClear(&value));
    value.vt = VT_BSTR;
    OK(group->SetProp(GROUPPROP_DESCRIPTION, &value));
    GIVES(E_NOTIMPL, group->GetProp(GROUPPROP_REMOTEUSERID, &value));
    CHECK(value.vt == VT_EMPTY);
    GIVES(E_POINTER, group->GetProp(GROUPPROP_PRIORITY, nullptr));
    GIVES(E_POINTER, group->SetProp(GROUPPROP_PRIORITY, nullptr));
    GIVES(E_INVALIDARG, VariantClear(nullptr));
    OK(group->CancelGroup());
}

static void groups_jobs_and_files_are_found(IBackgroundCopyQMgr *queue)
{
    ComPtr<IBackgroundCopyGroup> group, found;
    ComPtr<IBackgroundCopyJob1> one;
    ComPtr<IEnumBackgroundCopyGroups> groups, clone;
    ComPtr<IEnumBackgroundCopyJobs1> jobs, jobs_clone;
    const GUID id = new_id(), id_of_job = new_id();
    GUID ids[3], given;
    ULONG fetched = 0, count = 0;
    DWORD files = 7;
    OK(queue->CreateGroup(id, &group));
    GIVES(E_INVALIDARG, queue->CreateGroup(id, &found));
    OK(queue->GetGroup(id, &found));
    OK(found->get_GroupID(&given));
    CHECK(given == id);
    GIVES(QM_E_ITEM_NOT_FOUND, queue->GetGroup(id_of_job, &found));
    CHECK(!found);

    GIVES(E_NOTIMPL, queue->EnumGroups(1, &groups));
    OK(queue->EnumGroups(0, &groups));
    OK(groups->GetCount(&count));
    CHECK(count == 1);
    OK(groups->Clone(&clone));
    GIVES(S_FALSE, groups->Next(3, ids, &fetched));
    CHECK(fetched == 1 && ids[0] == id && ids[1] == GUID_NULL && ids[2] == GUID_NULL);
    GIVES(S_FALSE, groups->Skip(1));
    OK(groups->Reset());
    OK(clone->Next(1, ids, nullptr));
    GIVES(E_INVALIDARG, clone->Next(2, ids, nullptr));
    GIVES(E_POINTER, clone->Next(1, nullptr, &fetched));

    OK(group->CreateJob(id_of_job, &one));
    GIVES(E_NOTIMPL, group->CreateJob(new_id(), &one));
    OK(group->GetJob(id_of_job, &one));
    OK(one->get_JobID(&given));
    CHECK(given == id_of_job);
    GIVES(E_NOTIMPL, one->CancelJob());
    OK(one->SwitchToForeground());
    OK(group->EnumJobs(0, &jobs));
    OK(jobs->Clone(&jobs_clone));
    OK(jobs->Skip(1));
    OK(jobs->Reset());
    OK(jobs_clone->Next(1, ids, nullptr));
    OK(jobs_clone->GetCount(&count));
    CHECK(ids[0] == id_of_job && count == 1);

    FILESETINFO file = {SysAllocString(Wide(url_of("/file/1"))), SysAllocString(Wide(path_of("one"))), 0}, got;
    FILESETINFO *several[] = {&file, nullptr};
    GIVES(E_INVALIDARG, one->AddFiles(2, several));
    OK(one->GetFileCount(&files));
    CHECK(files == 0);
    OK(one->AddFiles(1, several));
    SysFreeString(file.bstrRemoteFile);
    SysFreeString(file.bstrLocalFile);
    OK(one->GetFileCount(&files));
    CHECK(files == 1);
    OK(one->GetFile(0, &got));
    CHECK(same(got.bstrRemoteFile, Wide(url_of("/file/1"))) && same(got.bstrLocalFile, Wide(path_of("one"))));
    SysFreeString(got.bstrRemoteFile);
    SysFreeString(got.bstrLocalFile);
    GIVES(QM_E_ITEM_NOT_FOUND, one->GetFile(1, &got));
    CHECK(got.bstrRemoteFile == nullptr && got.bstrLocalFile == nullptr);
    GIVES(E_POINTER, one->GetFile(0, nullptr));
    OK(one->GetProgress(QM_PROGRESS_SIZE_DONE, &files));
    CHECK(files == 0);

    ComPtr<IUnknown> modern;
    ComPtr<IBackgroundCopyJob5> five;
    BG_JOB_STATE state;
    OK(group->QueryNewJobInterface(__uuidof(IBackgroundCopyJob3), &modern));
    OK(modern.As(&five));
    OK(five->GetState(&state));
    CHECK(state == BG_JOB_STATE_SUSPENDED);
    GIVES(E_NOINTERFACE, group->QueryNewJobInterface(__uuidof(IBackgroundCopyFile), &modern));
    CHECK(!modern);
    GIVES(E_POINTER, group->QueryNewJobInterface(__uuidof(IBackgroundCopyJob), nullptr));
    GIVES(E_NOINTERFACE, group->SetNotificationPointer(__uuidof(IBackgroundCopyCallback), nullptr));
    GIVES(E_NOINTERFACE, group->SetNotificationPointer(__uuidof(IBackgroundCopyCallback1), queue));
    OK(group->SuspendGroup());
    OK(group->CancelGroup());
}

static void null_has_its_code(IBackgroundCopyQMgr *queue)
{
    ComPtr<IBackgroundCopyGroup> group;
    ComPtr<IBackgroundCopyJob1> one;
    DWORD first = 7, second = 7, third = 7;
    VARIANT value;
    const GUID id = new_id(), of_job = new_id();
    GIVES(E_POINTER, queue->CreateGroup(new_id(), nullptr));
    GIVES(E_POINTER, queue->GetGroup(id, nullptr));
    GIVES(E_POINTER, queue->EnumGroups(0, nullptr));
    OK(queue->CreateGroup(id, &group));
    GIVES(E_POINTER, group->GetProp(GROUPPROP_PRIORITY, nullptr));
    GIVES(E_POINTER, group->SetProp(GROUPPROP_PRIORITY, nullptr));
    VariantInit(&value);
    GIVES(E_INVALIDARG, group->SetProp(GROUPPROP_PRIORITY, &value));
    GIVES(E_POINTER, group->GetProgress(QM_PROGRESS_SIZE_DONE, nullptr));
    GIVES(E_POINTER, group->GetStatus(nullptr, &first));
    GIVES(E_POINTER, group->GetStatus(&first, nullptr));
    CHECK(first == 0);
    GIVES(E_POINTER, group->GetJob(of_job, nullptr));
    GIVES(E_POINTER, group->get_Size(nullptr));
    GIVES(E_POINTER, group->get_GroupID(nullptr));
    GIVES(E_POINTER, group->CreateJob(of_job, nullptr));
    GIVES(E_POINTER, group->EnumJobs(0, nullptr));
    OK(group->CreateJob(of_job, &one));
    GIVES(E_POINTER, one->GetProgress(QM_PROGRESS_SIZE_DONE, nullptr));
    first = 7;
    GIVES(E_POINTER, one->GetStatus(nullptr, &first, &second, &third));
    CHECK(first == 0 && second == 0 && third == 0);
    GIVES(E_POINTER, one->GetStatus(&first, nullptr, &second, &third));
    GIVES(E_POINTER, one->GetStatus(&first, &second, nullptr, &third));
    GIVES(E_POINTER, one->GetStatus(&first, &second, &third, nullptr));
    GIVES(E_INVALIDARG, one->AddFiles(1, nullptr));
    FILESETINFO *none = nullptr;
    GIVES(E_INVALIDARG, one->AddFiles(1, &none));
    FILESETINFO nameless = {nullptr, nullptr, 0};
    none = &nameless;
    GIVES(E_INVALIDARG, one->AddFiles(1, &none));
    GIVES(E_POINTER, one->GetFile(0, nullptr));
    GIVES(E_POINTER, one->GetFileCount(nullptr));
    GIVES(E_POINTER, one->get_JobID(nullptr));
    OK(one->GetFileCount(&first));
    CHECK(first == 0);
    OK(group->CancelGroup());
}

int main()
{
    ComPtr<IBackgroundCopyQMgr> queue = legacy();
    properties_are_variants(queue.Get());
    groups_jobs_and_files_are_found(queue.Get());
    a_group_downloads_and_gives_its_files_their_names(queue.Get());
    errors_are_told(queue.Get());
    null_has_its_code(queue.Get());
    return 0;
}
