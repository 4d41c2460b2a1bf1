// Parts of files: files made of them, and parts on demand.
#include "mirror.h"

static void check_ranges(HRESULT result, DWORD count, BG_FILE_RANGE *ranges, DWORD expected_count,
                         const BG_FILE_RANGE *expected)
{
    OK(result);
    CHECK(count == expected_count && (ranges == nullptr) == (count == 0));
    for (DWORD i = 0; i < count; ++i)
        CHECK(ranges[i].InitialOffset == expected[i].InitialOffset && ranges[i].Length == expected[i].Length);
    CoTaskMemFree(ranges);
}

static void a_file_is_made_of_ranges(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = job(queue), whole;
    ComPtr<IBackgroundCopyJob3> three;
    ComPtr<IBackgroundCopyFile2> file;
    BG_FILE_RANGE parts[] = {{100, 100}, {900, 100}, {400, 100}}, twice[] = {{0, 10}, {9, 1}}, none = {5, 0};
    BG_FILE_RANGE *ranges = parts;
    DWORD count = 7;
    Wide url(url_of("/file/1000?seed=3")), path(path_of("joined"));
    OK(one.As(&three));
    OK(one->SetPriority(BG_JOB_PRIORITY_FOREGROUND));
    GIVES(E_INVALIDARG, three->AddFileWithRanges(url, path, 0, parts));
    GIVES(E_INVALIDARG, three->AddFileWithRanges(url, path, 3, nullptr));
    GIVES(E_INVALIDARG, three->AddFileWithRanges(nullptr, path, 3, parts));
    GIVES(E_INVALIDARG, three->AddFileWithRanges(url, nullptr, 3, parts));
    GIVES(BG_E_INVALID_RANGE, three->AddFileWithRanges(url, path, 1, &none));
    GIVES(BG_E_OVERLAPPING_RANGES, three->AddFileWithRanges(url, path, 2, twice));
    OK(three->AddFileWithRanges(url, path, 3, parts));
    OK(first_file(one.Get()).As(&file));
    const HRESULT result = file->GetFileRanges(&count, &ranges);
    check_ranges(result, count, ranges, 3, parts);
    GIVES(E_POINTER, file->GetFileRanges(nullptr, &ranges));
    CHECK(ranges == nullptr);
    GIVES(E_POINTER, file->GetFileRanges(&count, nullptr));
    CHECK(count == 0);
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    CHECK(size_of_file(path_of("joined")) == 300);
    listener.wait_until_released();

    whole = download_job(queue, "/file/1", "whole");
    OK(first_file(whole.Get()).As(&file));
    count = 7;
    GIVES(S_FALSE, file->GetFileRanges(&count, &ranges));
    CHECK(count == 0 && ranges == nullptr);
    OK(whole->Cancel());
}

static void parts_come_on_demand(IBackgroundCopyManager *queue)
{
    Listener listener;
    ComPtr<IBackgroundCopyJob> one = download_job(queue, "/file/1000?seed=4", "demanded");
    ComPtr<IBackgroundCopyJob5> five;
    ComPtr<IBackgroundCopyFile6> file;
    const BG_FILE_RANGE wanted[] = {{500, 100}, {0, 10}}, outside = {1000, 1}, sorted[] = {{0, 10}, {500, 100}};
    const BG_FILE_RANGE rest = {0, BG_LENGTH_TO_EOF};
    BG_FILE_RANGE *ranges = nullptr;
    DWORD count = 7;
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;
    BITS_JOB_PROPERTY_VALUE value;
    OK(one.As(&five));
    value.Enable = TRUE;
    OK(five->SetProperty(BITS_JOB_PROPERTY_ON_DEMAND_MODE, value));
    OK(first_file(one.Get()).As(&file));
    HRESULT result = file->GetFilledFileRanges(&count, &ranges);
    check_ranges(result, count, ranges, 0, nullptr);
    OK(file->UpdateDownloadPosition(500));
    OK(file->RequestFileRanges(2, wanted));
    GIVES(E_INVALIDARG, file->RequestFileRanges(0, wanted));
    GIVES(E_INVALIDARG, file->RequestFileRanges(2, nullptr));
    GIVES(E_POINTER, file->GetFilledFileRanges(nullptr, &ranges));
    GIVES(E_POINTER, file->GetFilledFileRanges(&count, nullptr));
    OK(one->SetNotifyFlags(BG_NOTIFY_FILE_RANGES_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION | BG_NOTIFY_JOB_TRANSFERRED));
    OK(one->SetNotifyInterface(&listener));
    OK(one->Resume());
    listener.wait(listener.ranges_seen, 1);
    for (int changes = 0; state != BG_JOB_STATE_SUSPENDED; ++changes) {
        OK(one->GetState(&state));
        if (state != BG_JOB_STATE_SUSPENDED)
            listener.wait(listener.seen.modified, changes + 1);
    }
    result = file->GetFilledFileRanges(&count, &ranges);
    check_ranges(result, count, ranges, 2, sorted);
    GIVES(BG_E_INVALID_RANGE, file->RequestFileRanges(1, &outside));
    OK(file->RequestFileRanges(1, &rest));
    OK(one->Resume());
    listener.wait(listener.seen.transferred, 1);
    OK(one->Complete());
    CHECK(size_of_file(path_of("demanded")) == 1000);
    listener.wait_until_released();
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    a_file_is_made_of_ranges(queue.Get());
    parts_come_on_demand(queue.Get());
    return 0;
}
