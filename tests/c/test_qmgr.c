/* The legacy queue manager: groups, their one job, their end. */
#include "check.h"

static const bg_guid NO_ID = { 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } };

static bg_guid id_of(uint32_t number)
{
    bg_guid id = { 0, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
    id.data1 = number;
    return id;
}

/* A suspended group with a job and one file. */
static bg_group *group_of(bg_qmgr *qmgr, uint32_t number, const char *target, const char *name, bg_job1 **job)
{
    bg_guid id = id_of(number), job_id = id_of(number + 1000);
    bg_group *group = NULL;
    bg_fileset_info file = { NULL, NULL, 0 };
    file.remote_file = url_of(target);
    file.local_file = path_of(name);
    OK(bg_qmgr_create_group(qmgr, &id, &group));
    OK(bg_group_create_job(group, &job_id, job));
    OK(bg_job1_add_files(*job, 1, &file));
    return group;
}

static void check_status(bg_group *group, uint32_t expected)
{
    uint32_t status = 0, index = 7;
    OK(bg_group_get_status(group, &status, &index));
    if (status != expected || index != 0) {
        fprintf(stderr, "the status is 0x%x (job %u), not 0x%x\n", (unsigned)status, (unsigned)index,
                (unsigned)expected);
        exit(1);
    }
}

/* What a group told. */
typedef struct told {
    watch seen;
    uint32_t file, status, win32, transport, retries;
    bg_guid group, job;
} told;

static bg_result on_status(void *data, bg_group *group, bg_job1 *job, uint32_t file_index, uint32_t status,
                           uint32_t retries, uint32_t win32_result, uint32_t transport_result)
{
    told *what = (told *)data;
    OK(bg_group_get_group_id(group, &what->group));
    OK(bg_job1_get_job_id(job, &what->job));
    what->file = file_index;
    what->status = status;
    what->win32 = win32_result;
    what->transport = transport_result;
    what->retries = retries;
    watch_count(&what->seen, &what->seen.transferred);
    return BG_S_OK;
}

static bg_result on_progress(void *data, uint32_t type, bg_group *group, bg_job1 *job, uint32_t file_index,
                             uint32_t value)
{
    (void)type, (void)group, (void)job, (void)file_index, (void)value;
    watch_count(&((told *)data)->seen, &((told *)data)->seen.modified);
    return BG_S_OK;
}

static bg_result on_progress_ex(void *data, uint32_t type, bg_group *group, bg_job1 *job, uint32_t file_index,
                                uint32_t value, uint32_t size, const uint8_t *bytes)
{
    (void)type, (void)group, (void)job, (void)file_index, (void)value, (void)size, (void)bytes;
    watch_count(&((told *)data)->seen, &((told *)data)->seen.modified);
    return BG_S_OK;
}

static void on_end(void *data)
{
    told *what = (told *)data;
    watch_count(&what->seen, &what->seen.destroyed);
}

static void listen_to(bg_group *group, told *what)
{
    bg_callbacks1 callbacks = BG_CALLBACKS1_INIT;
    memset(what, 0, sizeof *what);
    watch_init(&what->seen);
    callbacks.on_status = on_status;
    callbacks.on_progress = on_progress;
    callbacks.on_progress_ex = on_progress_ex;
    callbacks.destroy = on_end;
    OK(bg_group_set_notification_pointer(group, &callbacks, what));
}

static void a_group_downloads_and_cancelling_it_gives_the_files_their_names(bg_qmgr *qmgr)
{
    bg_job1 *job = NULL;
    bg_group *group = group_of(qmgr, 1, "/file/3000?seed=3", "legacy", &job);
    bg_guid id = id_of(1), job_id = id_of(1001);
    told what;
    uint32_t number = 7, win32 = 7, transport = 7, retries = 7;

    check_status(group, QM_STATUS_GROUP_INCOMPLETE | QM_STATUS_GROUP_SUSPENDED);
    OK(bg_group_get_size(group, &number));
    CHECK(number == 0);
    OK(bg_group_get_progress(group, QM_PROGRESS_PERCENT_DONE, &number));
    CHECK(number == 0);
    OK(bg_group_set_prop(group, GROUPPROP_NOTIFYFLAGS, QM_NOTIFY_GROUP_DONE, NULL));
    listen_to(group, &what);
    OK(bg_group_switch_to_foreground(group));
    OK(bg_group_resume_group(group));
    watch_until(&what.seen, &what.seen.transferred, 1);
    CHECK(bg_guid_equal(&what.group, &id) && bg_guid_equal(&what.job, &job_id));
    CHECK(what.status == QM_STATUS_GROUP_COMPLETE && what.file == BG_FILE_NONE && what.retries == 0);
    CHECK(watch_read(&what.seen, &what.seen.modified) == 0);

    check_status(group, QM_STATUS_GROUP_COMPLETE | QM_STATUS_GROUP_FOREGROUND);
    OK(bg_group_get_size(group, &number));
    CHECK(number == 3000);
    OK(bg_group_get_progress(group, QM_PROGRESS_SIZE_DONE, &number));
    CHECK(number == 3000);
    OK(bg_job1_get_progress(job, QM_PROGRESS_PERCENT_DONE, &number));
    CHECK(number == 100);
    OK(bg_job1_get_status(job, &number, &win32, &transport, &retries));
    CHECK(number == QM_STATUS_JOB_COMPLETE && win32 == 0 && transport == 0 && retries == 0);
    CHECK(size_of_file(path_of("legacy")) == -1);

    OK(bg_group_cancel_group(group));
    CHECK(size_of_file(path_of("legacy")) == 3000);
    check_status(group, QM_STATUS_GROUP_COMPLETE | QM_STATUS_GROUP_FOREGROUND);
    GIVES(BG_E_INVALID_STATE, bg_group_cancel_group(group));
    GIVES(BG_E_INVALID_STATE, bg_group_suspend_group(group));
    GIVES(BG_E_INVALID_STATE, bg_group_set_prop(group, GROUPPROP_PRIORITY, 1, NULL));
    watch_until(&what.seen, &what.seen.destroyed, 1);
    bg_job1_release(job);
    bg_group_release(group);
    GIVES(QM_E_ITEM_NOT_FOUND, bg_qmgr_get_group(qmgr, &id, &group));
    CHECK(group == NULL);
    watch_free(&what.seen);
}

static void an_error_is_told_without_asking_and_what_is_whole_is_kept(bg_qmgr *qmgr)
{
    bg_job1 *job = NULL;
    bg_group *group = group_of(qmgr, 2, "/file/100?seed=4", "whole", &job);
    bg_fileset_info bad = { NULL, NULL, 0 };
    told what;
    uint32_t status = 7, win32 = 7, transport = 7, retries = 7;

    bad.remote_file = url_of("/file/10?status=404");
    bad.local_file = path_of("missing");
    OK(bg_job1_add_files(job, 1, &bad));
    listen_to(group, &what);
    OK(bg_job1_switch_to_foreground(job));
    OK(bg_group_resume_group(group));
    watch_until(&what.seen, &what.seen.transferred, 1);
    CHECK(what.status == (QM_STATUS_GROUP_INCOMPLETE | QM_STATUS_GROUP_ERROR));
    CHECK(what.file == 1 && what.transport == 404 && what.win32 == 0 && what.retries >= 1);
    check_status(group, QM_STATUS_GROUP_INCOMPLETE | QM_STATUS_GROUP_ERROR | QM_STATUS_GROUP_FOREGROUND);
    OK(bg_job1_get_status(job, &status, &win32, &transport, &retries));
    CHECK(status == (QM_STATUS_JOB_INCOMPLETE | QM_STATUS_JOB_ERROR));
    CHECK(transport == 404 && win32 == 0 && retries >= 1);
    GIVES(BG_E_POINTER, bg_job1_get_status(job, &status, NULL, &transport, &retries));
    CHECK(status == 0 && transport == 0 && retries == 0);

    OK(bg_group_set_notification_pointer(group, NULL, NULL));
    CHECK(watch_read(&what.seen, &what.seen.destroyed) == 1);
    OK(bg_group_cancel_group(group));
    CHECK(size_of_file(path_of("missing")) == -1);
    check_status(group, QM_STATUS_GROUP_INCOMPLETE | QM_STATUS_GROUP_FOREGROUND);
    bg_job1_release(job);
    bg_group_release(group);
    watch_free(&what.seen);
}

static void a_group_is_a_job_of_the_queue(bg_manager *manager, bg_qmgr *qmgr)
{
    /* IID_IBackgroundCopyJob, and that of IBackgroundCopyManager, which no job has. */
    const bg_guid of_job = { 0x37668d37, 0x507e, 0x4160, { 0x93, 0x16, 0x26, 0x30, 0x6d, 0x15, 0x0b, 0x12 } };
    const bg_guid of_manager = { 0x5ce34c0d, 0x0dc9, 0x4c1f, { 0x89, 0x7c, 0xda, 0xa1, 0xb7, 0x8c, 0xee, 0x7c } };
    bg_job1 *job = NULL;
    bg_group *group = group_of(qmgr, 3, "/file/10", "seen", &job);
    bg_job *seen = NULL, *queried = NULL;
    bg_guid id = id_of(3), found = NO_ID;

    OK(bg_manager_get_job(manager, &id, &seen));
    check_state(seen, BG_JOB_STATE_SUSPENDED);
    OK(bg_group_query_new_job_interface(group, &of_job, &queried));
    OK(bg_job_get_id(queried, &found));
    CHECK(bg_guid_equal(&found, &id));
    bg_job_release(queried);
    GIVES(BG_E_NOINTERFACE, bg_group_query_new_job_interface(group, &of_manager, &queried));
    CHECK(queried == NULL);
    OK(bg_job_cancel(seen));
    check_status(group, QM_STATUS_GROUP_INCOMPLETE);
    bg_job_release(seen);
    bg_job1_release(job);
    bg_group_release(group);

    /* But not every job is a group. */
    OK(bg_manager_create_job(manager, "plain", BG_JOB_TYPE_DOWNLOAD, &id, &seen));
    GIVES(QM_E_ITEM_NOT_FOUND, bg_qmgr_get_group(qmgr, &id, &group));
    GIVES(BG_E_INVALIDARG, bg_qmgr_create_group(qmgr, &id, &group));
    CHECK(group == NULL);
    OK(bg_job_cancel(seen));
    bg_job_release(seen);
}

static void a_group_has_one_job(bg_qmgr *qmgr)
{
    bg_guid id = id_of(4), job_id = id_of(1004), other = id_of(2004), found = NO_ID;
    bg_group *group = NULL, *again = NULL;
    bg_job1 *job = NULL, *second = NULL;
    bg_enum_jobs1 *jobs = NULL;
    uint32_t count = 7, fetched = 7;
    char *remote = NULL, *local = NULL;
    bg_fileset_info files[2] = { { NULL, NULL, 0 }, { NULL, NULL, 0 } };

    OK(bg_qmgr_create_group(qmgr, &id, &group));
    GIVES(BG_E_INVALIDARG, bg_qmgr_create_group(qmgr, &id, &again));
    GIVES(BG_E_INVALIDARG, bg_qmgr_create_group(qmgr, &NO_ID, &again));
    GIVES(BG_E_EMPTY, bg_group_resume_group(group));
    OK(bg_group_enum_jobs(group, 0, &jobs));
    OK(bg_enum_jobs1_get_count(jobs, &count));
    CHECK(count == 0);
    bg_enum_jobs1_release(jobs);
    GIVES(QM_E_ITEM_NOT_FOUND, bg_group_get_job(group, &job_id, &job));

    GIVES(BG_E_INVALIDARG, bg_group_create_job(group, &NO_ID, &job));
    OK(bg_group_create_job(group, &job_id, &job));
    GIVES(BG_E_NOTIMPL, bg_group_create_job(group, &other, &second));
    CHECK(second == NULL);
    GIVES(QM_E_ITEM_NOT_FOUND, bg_group_get_job(group, &other, &second));
    OK(bg_group_get_job(group, &job_id, &second));
    OK(bg_job1_get_job_id(second, &found));
    CHECK(bg_guid_equal(&found, &job_id));
    bg_job1_release(second);
    GIVES(BG_E_NOTIMPL, bg_job1_cancel_job(job));

    OK(bg_group_enum_jobs(group, 0, &jobs));
    OK(bg_enum_jobs1_next(jobs, 1, &found, NULL));
    CHECK(bg_guid_equal(&found, &job_id));
    GIVES(BG_S_FALSE, bg_enum_jobs1_next(jobs, 1, &found, &fetched));
    CHECK(fetched == 0 && bg_guid_equal(&found, &NO_ID));
    OK(bg_enum_jobs1_reset(jobs));
    OK(bg_enum_jobs1_skip(jobs, 1));
    GIVES(BG_S_FALSE, bg_enum_jobs1_skip(jobs, 1));
    {
        bg_enum_jobs1 *copy = NULL;
        OK(bg_enum_jobs1_clone(jobs, &copy));
        bg_enum_jobs1_release(bg_enum_jobs1_retain(copy));
        bg_enum_jobs1_release(copy);
    }
    bg_enum_jobs1_release(jobs);
    GIVES(BG_E_NOTIMPL, bg_group_enum_jobs(group, 1, &jobs));

    files[0].remote_file = url_of("/file/1");
    files[0].local_file = path_of("one");
    files[1].remote_file = "file:///etc/hostname";
    files[1].local_file = path_of("two");
    GIVES(BG_E_INVALIDARG, bg_job1_add_files(job, 2, files));
    files[1].remote_file = NULL;
    GIVES(BG_E_INVALIDARG, bg_job1_add_files(job, 2, files));
    GIVES(BG_E_INVALIDARG, bg_job1_add_files(job, 2, NULL));
    OK(bg_job1_get_file_count(job, &count));
    CHECK(count == 0);
    files[1].remote_file = url_of("/file/2");
    OK(bg_job1_add_files(job, 2, files));
    OK(bg_job1_get_file_count(job, &count));
    CHECK(count == 2);
    OK(bg_job1_get_file(job, 1, &remote, &local));
    CHECK(strcmp(remote, files[1].remote_file) == 0 && strcmp(local, files[1].local_file) == 0);
    bg_string_free(remote);
    bg_string_free(local);
    GIVES(QM_E_ITEM_NOT_FOUND, bg_job1_get_file(job, 2, &remote, &local));
    CHECK(remote == NULL && local == NULL);

    OK(bg_group_resume_group(group));
    GIVES(QM_E_INVALID_STATE, bg_group_create_job(group, &other, &second));
    OK(bg_group_suspend_group(group));
    check_status(group, QM_STATUS_GROUP_INCOMPLETE | QM_STATUS_GROUP_SUSPENDED);
    OK(bg_group_cancel_group(group));
    bg_job1_release(bg_job1_retain(job));
    bg_job1_release(job);
    bg_group_release(bg_group_retain(group));
    bg_group_release(group);
}

static void check_number(bg_group *group, int32_t property, uint32_t expected)
{
    uint32_t number = 77;
    char untouched, *text = &untouched;
    OK(bg_group_get_prop(group, property, &number, &text));
    CHECK(number == expected && text == NULL);
    number = 77;
    OK(bg_group_get_prop(group, property, &number, NULL));
    CHECK(number == expected);
    GIVES(BG_E_POINTER, bg_group_get_prop(group, property, NULL, &text));
}

static void check_text(bg_group *group, int32_t property, const char *expected)
{
    uint32_t number = 77;
    char *text = NULL;
    OK(bg_group_get_prop(group, property, &number, &text));
    CHECK(number == 0 && text != NULL && strcmp(text, expected) == 0);
    bg_string_free(text);
    GIVES(BG_E_POINTER, bg_group_get_prop(group, property, &number, NULL));
}

static void properties_have_their_values_and_kinds(bg_qmgr *qmgr)
{
    const int32_t unsupported[] = { GROUPPROP_REMOTEUSERID, GROUPPROP_REMOTEUSERPWD, GROUPPROP_LOCALUSERID,
                                    GROUPPROP_LOCALUSERPWD, GROUPPROP_PROGRESSSIZE, GROUPPROP_PROGRESSPERCENT,
                                    GROUPPROP_PROGRESSTIME, 13, -1 };
    bg_guid id = id_of(5);
    bg_group *group = NULL;
    char *text = NULL, name[258];
    uint32_t number = 7;
    size_t i;

    OK(bg_qmgr_create_group(qmgr, &id, &group));
    for (i = 0; i < sizeof unsupported / sizeof unsupported[0]; i++) {
        GIVES(BG_E_NOTIMPL, bg_group_get_prop(group, unsupported[i], &number, &text));
        CHECK(number == 0 && text == NULL);
        GIVES(BG_E_NOTIMPL, bg_group_set_prop(group, unsupported[i], 0, NULL));
        GIVES(BG_E_NOTIMPL, bg_group_set_prop(group, unsupported[i], 0, "x"));
    }
    check_number(group, GROUPPROP_PRIORITY, 1);
    OK(bg_group_set_prop(group, GROUPPROP_PRIORITY, 1, NULL));
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_PRIORITY, 2, NULL));
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_PRIORITY, 1, "1"));
    check_number(group, GROUPPROP_PROTOCOLFLAGS, QM_PROTOCOL_HTTP);
    OK(bg_group_set_prop(group, GROUPPROP_PROTOCOLFLAGS, QM_PROTOCOL_HTTP, NULL));
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_PROTOCOLFLAGS, QM_PROTOCOL_FTP, NULL));
    check_number(group, GROUPPROP_NOTIFYFLAGS, 0);
    GIVES(BG_E_NOTIMPL, bg_group_set_prop(group, GROUPPROP_NOTIFYFLAGS, QM_NOTIFY_FILE_DONE, NULL));
    GIVES(BG_E_NOTIMPL, bg_group_set_prop(group, GROUPPROP_NOTIFYFLAGS, 0x100, NULL));
    check_number(group, GROUPPROP_NOTIFYFLAGS, 0);
    OK(bg_group_set_prop(group, GROUPPROP_NOTIFYFLAGS, QM_NOTIFY_GROUP_DONE | QM_NOTIFY_DISABLE_NOTIFY, NULL));
    check_number(group, GROUPPROP_NOTIFYFLAGS, QM_NOTIFY_GROUP_DONE | QM_NOTIFY_DISABLE_NOTIFY);
    OK(bg_group_set_prop(group, GROUPPROP_NOTIFYCLSID, 0, "{37668D37-507E-4160-9316-26306D150B12}"));
    OK(bg_group_get_prop(group, GROUPPROP_NOTIFYCLSID, NULL, &text));
    CHECK(strstr(text, "507") != NULL || strstr(text, "507E") != NULL);
    OK(bg_group_set_prop(group, GROUPPROP_NOTIFYCLSID, 0, text));
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_NOTIFYCLSID, 0, "no class"));
    check_text(group, GROUPPROP_DISPLAYNAME, "");
    memset(name, 'n', 257);
    name[257] = 0;
    GIVES(BG_E_STRING_TOO_LONG, bg_group_set_prop(group, GROUPPROP_DISPLAYNAME, 0, name));
    OK(bg_group_set_prop(group, GROUPPROP_DISPLAYNAME, 0, name + 1));
    check_text(group, GROUPPROP_DISPLAYNAME, name + 1);
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_DISPLAYNAME, 5, NULL));
    OK(bg_group_set_prop(group, GROUPPROP_DESCRIPTION, 0, "for people"));
    check_text(group, GROUPPROP_DESCRIPTION, "for people");
    GIVES(BG_E_INVALIDARG, bg_group_set_prop(group, GROUPPROP_DESCRIPTION, 0, "\xff"));

    GIVES(BG_E_NOTIMPL, bg_group_get_progress(group, QM_PROGRESS_TIME_DONE, &number));
    GIVES(BG_E_NOTIMPL, bg_group_get_progress(group, 4, &number));
    OK(bg_group_cancel_group(group));
    bg_group_release(group);
}

static void groups_are_listed_and_found_again_by_their_identifiers(bg_manager *manager, bg_qmgr *qmgr)
{
    bg_guid first = id_of(6), last = id_of(7), found[3] = { { 9, 9, 9, { 9 } }, { 9, 9, 9, { 9 } }, { 9, 9, 9, { 9 } } };
    bg_job1 *job = NULL;
    bg_group *one = group_of(qmgr, 6, "/file/10", "six", &job), *two = NULL;
    bg_enum_groups *groups = NULL, *copy = NULL;
    bg_job *plain = NULL;
    uint32_t count = 0, fetched = 0;

    OK(bg_manager_create_job(manager, "plain", BG_JOB_TYPE_DOWNLOAD, NULL, &plain));
    OK(bg_qmgr_create_group(qmgr, &last, &two));
    OK(bg_qmgr_enum_groups(qmgr, 0, &groups));
    OK(bg_enum_groups_get_count(groups, &count));
    CHECK(count == 2);
    GIVES(BG_S_FALSE, bg_enum_groups_next(groups, 3, found, &fetched));
    CHECK(fetched == 2 && bg_guid_equal(&found[0], &first) && bg_guid_equal(&found[1], &last));
    CHECK(bg_guid_equal(&found[2], &NO_ID));
    OK(bg_enum_groups_reset(groups));
    OK(bg_enum_groups_skip(groups, 1));
    OK(bg_enum_groups_clone(groups, &copy));
    OK(bg_enum_groups_next(copy, 1, found, NULL));
    CHECK(bg_guid_equal(&found[0], &last));
    GIVES(BG_S_FALSE, bg_enum_groups_skip(copy, 1));
    GIVES(BG_E_INVALIDARG, bg_enum_groups_next(copy, 2, found, NULL));
    bg_enum_groups_release(bg_enum_groups_retain(copy));
    bg_enum_groups_release(copy);
    bg_enum_groups_release(groups);
    GIVES(BG_E_NOTIMPL, bg_qmgr_enum_groups(qmgr, 1, &groups));
    OK(bg_group_cancel_group(two));
    bg_group_release(two);
    bg_job1_release(job);
    bg_group_release(one);
    OK(bg_job_cancel(plain));
    bg_job_release(plain);
}

static void a_group_is_kept_in_the_queue(bg_qmgr *qmgr)
{
    bg_guid id = id_of(6), job_id = id_of(1006);
    bg_group *group = NULL;
    bg_job1 *job = NULL;
    OK(bg_qmgr_get_group(qmgr, &id, &group));
    OK(bg_group_get_job(group, &job_id, &job));
    check_number(group, GROUPPROP_NOTIFYFLAGS, 0);
    OK(bg_group_cancel_group(group));
    bg_job1_release(job);
    bg_group_release(group);
}

static void nothing_is_taken_from_nobody(bg_manager *manager, bg_qmgr *qmgr)
{
    bg_guid id = id_of(8);
    bg_group *group = NULL;
    bg_job1 *job = NULL;
    bg_qmgr *other = NULL;
    bg_enum_groups *groups = NULL;
    uint32_t number = 7;
    bg_callbacks1 callbacks = BG_CALLBACKS1_INIT;

    GIVES(BG_E_INVALIDARG, bg_qmgr_open(NULL, &other));
    GIVES(BG_E_POINTER, bg_qmgr_open(manager, NULL));
    GIVES(BG_E_INVALIDARG, bg_qmgr_open((bg_manager *)qmgr, &other));
    GIVES(BG_E_INVALIDARG, bg_qmgr_create_group(qmgr, NULL, &group));
    GIVES(BG_E_POINTER, bg_qmgr_create_group(qmgr, &id, NULL));
    GIVES(BG_E_INVALIDARG, bg_qmgr_create_group(NULL, &id, &group));
    GIVES(BG_E_INVALIDARG, bg_qmgr_get_group(qmgr, NULL, &group));
    GIVES(BG_E_INVALIDARG, bg_qmgr_enum_groups(NULL, 0, &groups));
    GIVES(BG_E_INVALIDARG, bg_group_suspend_group(NULL));
    GIVES(BG_E_INVALIDARG, bg_group_get_size((bg_group *)manager, &number));
    CHECK(number == 0);
    GIVES(BG_E_INVALIDARG, bg_group_set_notification_pointer(NULL, &callbacks, NULL));
    GIVES(BG_E_INVALIDARG, bg_job1_get_file_count(NULL, &number));
    GIVES(BG_E_INVALIDARG, bg_enum_jobs1_get_count(NULL, &number));
    GIVES(BG_E_INVALIDARG, bg_enum_groups_get_count(NULL, &number));
    OK(bg_qmgr_create_group(qmgr, &id, &group));
    GIVES(BG_E_INVALIDARG, bg_group_create_job(group, NULL, &job));
    callbacks.struct_size = 8;
    GIVES(BG_E_INVALIDARG, bg_group_set_notification_pointer(group, &callbacks, NULL));
    OK(bg_group_cancel_group(group));
    bg_group_release(group);
    bg_qmgr_release(NULL);
    bg_group_release(NULL);
    bg_job1_release(NULL);
    CHECK(bg_qmgr_retain(NULL) == NULL && bg_group_retain(NULL) == NULL && bg_job1_retain(NULL) == NULL);
}

static bg_qmgr *open_qmgr(bg_manager *manager)
{
    bg_qmgr *qmgr = NULL;
    OK(bg_qmgr_open(manager, &qmgr));
    return qmgr;
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_qmgr *qmgr = open_qmgr(manager);
    a_group_downloads_and_cancelling_it_gives_the_files_their_names(qmgr);
    an_error_is_told_without_asking_and_what_is_whole_is_kept(qmgr);
    a_group_is_a_job_of_the_queue(manager, qmgr);
    a_group_has_one_job(qmgr);
    properties_have_their_values_and_kinds(qmgr);
    nothing_is_taken_from_nobody(manager, qmgr);
    groups_are_listed_and_found_again_by_their_identifiers(manager, qmgr);
    /* The queue stays open while its legacy view is held. */
    bg_manager_release(manager);
    bg_qmgr_release(bg_qmgr_retain(qmgr));
    bg_qmgr_release(qmgr);

    manager = open_queue();
    qmgr = open_qmgr(manager);
    bg_manager_release(manager);
    a_group_is_kept_in_the_queue(qmgr);
    bg_qmgr_release(qmgr);
    return 0;
}
