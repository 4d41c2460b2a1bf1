/* The order of methods: C calls each one through its slot number in the table of the object, and sees by what
 * happened that it was that one. The numbers are those of the Windows SDK; slots.h sees that none is left out. */
#include <stdint.h>
#include <wchar.h>

#include "check.h"
#include "slots.h"
#include "vtable.h"

typedef struct { uint64_t total, transferred; uint32_t files_total, files_transferred; } job_progress;
typedef struct { uint64_t total, transferred; int32_t completed; } file_progress;
typedef struct { uint32_t low, high; } filetime;
typedef struct { filetime created, modified, transferred; } job_times;
typedef struct { wchar_t *remote, *local; } file_info;
typedef struct { int32_t target, scheme; wchar_t *user, *password; } credentials;
typedef union { uint32_t dword; bg_guid cls_id; int32_t enable; uint64_t uint64; int32_t target; } property;
typedef struct { uint16_t type, reserved[3]; union { int32_t number; wchar_t *text; void *size[2]; } value; } variant;
typedef struct { wchar_t *remote, *local; uint32_t hint; } fileset_info;

/* Signatures, by their parameters. */
typedef bg_result (*with_nothing)(void *);
typedef uint32_t (*count_references)(void *);
typedef bg_result (*with_number)(void *, uint32_t);
typedef bg_result (*with_long)(void *, uint64_t);
typedef bg_result (*with_pointer)(void *, void *);
typedef bg_result (*with_text)(void *, const wchar_t *);
typedef bg_result (*with_two_texts)(void *, const wchar_t *, const wchar_t *);
typedef bg_result (*with_two_pointers)(void *, void *, void *);
typedef bg_result (*with_three_pointers)(void *, void *, void *, void *);
typedef bg_result (*with_four_pointers)(void *, void *, void *, void *, void *);
typedef bg_result (*with_number_and_pointer)(void *, uint32_t, void *);
typedef bg_result (*with_number_text)(void *, uint32_t, const wchar_t *);
typedef bg_result (*with_number_and_two_texts)(void *, uint32_t, const wchar_t *, const wchar_t *);
typedef bg_result (*with_number_text_pointer)(void *, uint32_t, const wchar_t *, void *);
typedef bg_result (*with_number_pointer_pointer)(void *, uint32_t, void *, void *);
typedef bg_result (*with_property)(void *, int32_t, property);
typedef bg_result (*create_job)(void *, const wchar_t *, int32_t, bg_guid *, void **);
typedef bg_result (*with_text_and_pointer)(void *, const wchar_t *, void *);
typedef bg_result (*with_type_of_interface)(void *, uint32_t, uint32_t, void *);
typedef bg_result (*with_names)(void *, const void *, wchar_t **, uint32_t, uint32_t, int32_t *);
typedef bg_result (*with_call_by_name)(void *, int32_t, const void *, uint32_t, uint16_t, void *, void *, void *, void *);
typedef bg_result (*with_guid)(void *, bg_guid, void *);
typedef bg_result (*add_ranges)(void *, const wchar_t *, const wchar_t *, uint32_t, bg_file_range *);

#define CALL(type, number, object) ((type)slot_of(object, number))
#define RELEASE(object) CALL(count_references, 2, object)(object)

static wchar_t *wide(const char *narrow)
{
    static wchar_t texts[8][512];
    static unsigned next;
    wchar_t *text = texts[next++ % 8];
    size_t i = 0;
    do
        text[i] = (wchar_t)narrow[i];
    while (narrow[i++] != 0);
    return text;
}

/* The string that a slot gives is this one. */
static void gives_text(void *object, int number, const wchar_t *expected)
{
    wchar_t *text = NULL;
    OK(CALL(with_pointer, number, object)(object, &text));
    CHECK(text != NULL && wcscmp(text, expected) == 0);
    free(text);
}

static uint32_t gives_number(void *object, int number)
{
    uint32_t value = 0xABABABAB;
    OK(CALL(with_pointer, number, object)(object, &value));
    return value;
}

/* The object shows that interface, and has the slots of IUnknown. */
static void is_a(void *object, const char *interface_name)
{
    void *same = NULL;
    uint32_t references;
    name_table(object, interface_name);
    OK(CALL(with_two_pointers, 0, object)(object, (void *)(uintptr_t)iid_of(interface_name), &same));
    CHECK(same == object);
    references = CALL(count_references, 1, object)(object);
    CHECK(RELEASE(object) == references - 1);
    RELEASE(same);
}

static void *queried(void *object, const char *interface_name)
{
    void *other = NULL;
    OK(CALL(with_two_pointers, 0, object)(object, (void *)(uintptr_t)iid_of(interface_name), &other));
    if (strcmp(interface_name, "IUnknown") != 0)
        is_a(other, interface_name);
    return other;
}

static int32_t state_of(void *job)
{
    return (int32_t)gives_number(job, 14);
}

/* A callback object made in C. It notes which of its slots the library calls. */
typedef struct callback {
    slot *table;
    slot slots[8];
    watch seen;
    int references;
    uint32_t reserved;
    int ranges;
    uint32_t status;
} callback;

static int same_id(const void *left, const char *name)
{
    return memcmp(left, iid_of(name), 16) == 0;
}

static bg_result callback_query(void *self, void *iid, void **out)
{
    const int known = same_id(iid, "IUnknown") || same_id(iid, "IBackgroundCopyCallback") ||
                      same_id(iid, "IBackgroundCopyCallback2") || same_id(iid, "IBackgroundCopyCallback3") ||
                      same_id(iid, "IBackgroundCopyCallback1") ||
                      same_id(iid, "IBackgroundCopyServerCertificateValidationCallback");
    slot_of(self, 0);
    *out = known ? self : NULL;
    if (known)
        watch_count(&((callback *)self)->seen, &((callback *)self)->references);
    return known ? BG_S_OK : BG_E_NOINTERFACE;
}

static uint32_t callback_add(void *self)
{
    slot_of(self, 1);
    watch_count(&((callback *)self)->seen, &((callback *)self)->references);
    return 2;
}

static uint32_t callback_release(void *self)
{
    callback *me = (callback *)self;
    slot_of(self, 2);
    watch_count(&me->seen, &me->seen.destroyed);
    return 1;
}

static bg_result callback_transferred(void *self, void *job)
{
    callback *me = (callback *)self;
    slot_of(self, 3);
    CHECK(state_of(job) == BG_JOB_STATE_TRANSFERRED);
    watch_count(&me->seen, &me->seen.transferred);
    return BG_S_OK;
}

static bg_result callback_error(void *self, void *job, void *error)
{
    callback *me = (callback *)self;
    int32_t context = 0;
    slot_of(self, 4);
    CHECK(state_of(job) == BG_JOB_STATE_ERROR);
    OK(CALL(with_two_pointers, 3, error)(error, &context, &me->seen.code));
    watch_count(&me->seen, &me->seen.failed);
    return BG_S_OK;
}

static bg_result callback_modification(void *self, void *job, uint32_t reserved)
{
    callback *me = (callback *)self;
    slot_of(self, 5);
    CHECK(job != NULL && reserved == 0);
    watch_count(&me->seen, &me->seen.modified);
    return BG_S_OK;
}

static bg_result callback_file(void *self, void *job, void *file)
{
    callback *me = (callback *)self;
    slot_of(self, 6);
    CHECK(job != NULL);
    gives_text(file, 4, wide(path_of("life")));
    watch_count(&me->seen, &me->seen.files);
    return BG_S_OK;
}

static bg_result callback_ranges(void *self, void *job, void *file, uint32_t count, const bg_file_range *ranges)
{
    callback *me = (callback *)self;
    slot_of(self, 7);
    CHECK(job != NULL && file != NULL && count > 0 && ranges[0].length > 0);
    watch_count(&me->seen, &me->ranges);
    return BG_S_OK;
}

static bg_result callback_status(void *self, void *group, void *job, uint32_t file, uint32_t status, uint32_t retries,
                                 uint32_t win32, uint32_t transport)
{
    callback *me = (callback *)self;
    slot_of(self, 3);
    CHECK(group != NULL && job != NULL && file != 1 && retries != 77 && win32 != 77 && transport == 0);
    me->status = status;
    watch_count(&me->seen, &me->seen.transferred);
    return BG_S_OK;
}

static bg_result callback_arrived(void *self, void *job)
{
    callback *me = (callback *)self;
    slot_of(self, 3);
    CHECK(job != NULL);
    watch_count(&me->seen, &me->seen.transferred);
    return BG_S_OK;
}

/* Accepts the certificate. */
static bg_result callback_certificate(void *self, void *job, void *file, uint32_t length, const uint8_t *certificate,
                                      uint32_t encoding, uint32_t store_length, const uint8_t *store)
{
    slot_of(self, 3);
    gives_text(job, 18, L"certificate");
    gives_text(file, 4, wide(path_of("certificate")));
    CHECK(encoding == 1 && length > 100 && certificate[0] == 0x30 && store_length >= length && store[0] == 0x30);
    return BG_S_OK;
}

static void callback_init(callback *me, const char *interface_name)
{
    const slot slots[8] = {(slot)callback_query, (slot)callback_add, (slot)callback_release, (slot)callback_transferred,
                           (slot)callback_error, (slot)callback_modification, (slot)callback_file,
                           (slot)callback_ranges};
    memset(me, 0, sizeof *me);
    memcpy(me->slots, slots, sizeof slots);
    me->table = me->slots;
    name_table(me, interface_name);
    watch_init(&me->seen);
}

static void *new_job(void *manager, const char *name)
{
    bg_guid id;
    void *job = NULL;
    OK(CALL(create_job, 3, manager)(manager, wide(name), BG_JOB_TYPE_DOWNLOAD, &id, &job));
    return job;
}

static void unknown_has_slots_0_to_2(void *manager)
{
    void *other = queried(manager, "IUnknown");
    CHECK(other == manager);
    CHECK(CALL(count_references, 1, manager)(manager) == 3);
    CHECK(RELEASE(manager) == 2);
    CHECK(RELEASE(other) == 1);
    is_a(manager, "IBackgroundCopyManager");
}

static void the_manager_has_slots_3_to_6(void *manager)
{
    void *job = NULL, *found = NULL, *list = NULL;
    wchar_t *text = NULL;
    bg_guid id, same;
    OK(CALL(create_job, 3, manager)(manager, L"by slot", BG_JOB_TYPE_DOWNLOAD, &id, &job));
    gives_text(job, 18, L"by slot");
    OK(CALL(with_two_pointers, 4, manager)(manager, &id, &found));
    OK(CALL(with_pointer, 10, found)(found, &same));
    CHECK(bg_guid_equal(&id, &same));
    OK(CALL(with_number_and_pointer, 5, manager)(manager, 0, &list));
    is_a(list, "IEnumBackgroundCopyJobs");
    CHECK(gives_number(list, 7) == 1);
    OK(CALL(with_number_pointer_pointer, 6, manager)(manager, (uint32_t)BG_E_NOT_FOUND, (void *)(uintptr_t)0x0409, &text));
    CHECK(text != NULL && text[0] != 0);
    free(text);

    /* IEnumBackgroundCopyJobs: Next, Skip, Reset, Clone, GetCount. */
    void *clone = NULL, *element = NULL;
    uint32_t fetched = 7;
    GIVES(BG_S_FALSE, CALL(with_number, 4, list)(list, 2));
    OK(CALL(with_nothing, 5, list)(list));
    OK(CALL(with_pointer, 6, list)(list, &clone));
    OK(CALL(with_number_pointer_pointer, 3, clone)(clone, 1, &element, &fetched));
    CHECK(fetched == 1);
    RELEASE(element);
    RELEASE(clone);
    RELEASE(list);
    OK(CALL(with_nothing, 8, job)(job));
    CHECK(state_of(job) == BG_JOB_STATE_CANCELLED);
    RELEASE(found);
    RELEASE(job);
}

static void the_life_of_a_job_has_its_slots(void *manager)
{
    void *job = new_job(manager, "life"), *files = NULL, *file = NULL, *clone = NULL, *error = NULL, *given = NULL;
    static callback heard;
    job_progress progress;
    file_progress of_file;
    job_times times;
    uint32_t fetched = 7;
    file_info set[1];
    callback_init(&heard, "IBackgroundCopyCallback3");
    set[0].remote = wide(url_of("/file/2000?seed=1"));
    set[0].local = wide(path_of("life"));
    OK(CALL(with_number_and_pointer, 3, job)(job, 1, set));
    OK(CALL(with_number, 21, job)(job, BG_JOB_PRIORITY_FOREGROUND));
    CHECK(gives_number(job, 22) == BG_JOB_PRIORITY_FOREGROUND);
    CHECK(gives_number(job, 11) == BG_JOB_TYPE_DOWNLOAD);
    OK(CALL(with_number, 23, job)(job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION));
    CHECK(gives_number(job, 24) == (BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION));
    OK(CALL(with_pointer, 25, job)(job, &heard));
    OK(CALL(with_pointer, 26, job)(job, &given));
    CHECK(given == &heard);

    /* EnumFiles, and IEnumBackgroundCopyFiles. */
    OK(CALL(with_pointer, 5, job)(job, &files));
    is_a(files, "IEnumBackgroundCopyFiles");
    CHECK(gives_number(files, 7) == 1);
    GIVES(BG_S_FALSE, CALL(with_number, 4, files)(files, 2));
    OK(CALL(with_nothing, 5, files)(files));
    OK(CALL(with_pointer, 6, files)(files, &clone));
    OK(CALL(with_number_pointer_pointer, 3, clone)(clone, 1, &file, &fetched));
    CHECK(fetched == 1);
    gives_text(file, 3, wide(url_of("/file/2000?seed=1")));
    gives_text(file, 4, wide(path_of("life")));

    OK(CALL(with_pointer, 12, job)(job, &progress));
    CHECK(progress.files_total == 1 && progress.total == BG_SIZE_UNKNOWN);
    OK(CALL(with_nothing, 7, job)(job));
    watch_until(&heard.seen, &heard.seen.transferred, 1);
    CHECK(heard.seen.files == 1);
    OK(CALL(with_pointer, 12, job)(job, &progress));
    CHECK(progress.files_transferred == 1 && progress.total == 2000);
    OK(CALL(with_pointer, 5, file)(file, &of_file));
    CHECK(of_file.total == 2000 && of_file.transferred == 2000 && !of_file.completed);
    OK(CALL(with_pointer, 13, job)(job, &times));
    CHECK(times.created.high > 0x01D00000 && times.transferred.high > 0x01D00000);
    GIVES(BG_E_ERROR_INFORMATION_UNAVAILABLE, CALL(with_pointer, 15, job)(job, &error));
    CHECK(gives_number(job, 31) == 0);
    OK(CALL(with_nothing, 6, job)(job));
    CHECK(state_of(job) == BG_JOB_STATE_SUSPENDED || state_of(job) == BG_JOB_STATE_TRANSFERRED);
    OK(CALL(with_nothing, 9, job)(job));
    CHECK(state_of(job) == BG_JOB_STATE_ACKNOWLEDGED && size_of_file(path_of("life")) == 2000);
    watch_until(&heard.seen, &heard.seen.modified, 1);
    RELEASE(file);
    RELEASE(clone);
    RELEASE(files);
    RELEASE(job);
    /* As many references are returned as were taken; the last is the one of GetNotifyInterface, ours. */
    watch_until(&heard.seen, &heard.seen.destroyed, watch_read(&heard.seen, &heard.references) - 1);
}

static void the_properties_of_a_job_have_their_slots(void *manager)
{
    void *first = new_job(manager, "properties"), *job = queried(first, "IBackgroundCopyJob5"), *found = NULL;
    wchar_t *text = NULL, *other = NULL;
    int32_t usage = 7;
    property value;
    credentials secret = {BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, NULL, NULL};
    bg_job_reply_progress reply;
    uint8_t *data = NULL;
    uint64_t length = 0;
    CHECK(job == first);
    OK(CALL(with_two_texts, 4, job)(job, wide(url_of("/file/1")), wide(path_of("one"))));
    OK(CALL(with_pointer, 16, job)(job, &text));
    CHECK(text[0] == L'S' && text[1] == L'-');
    free(text);
    OK(CALL(with_text, 17, job)(job, L"a name"));
    gives_text(job, 18, L"a name");
    OK(CALL(with_text, 19, job)(job, L"a description"));
    gives_text(job, 20, L"a description");
    OK(CALL(with_number, 27, job)(job, 101));
    OK(CALL(with_number, 29, job)(job, 102));
    CHECK(gives_number(job, 28) == 101 && gives_number(job, 30) == 102);
    OK(CALL(with_number_and_two_texts, 32, job)(job, BG_JOB_PROXY_USAGE_OVERRIDE, L"proxy.example", L"<local>"));
    OK(CALL(with_three_pointers, 33, job)(job, &usage, &text, &other));
    CHECK(usage == BG_JOB_PROXY_USAGE_OVERRIDE && wcscmp(text, L"proxy.example") == 0 && wcscmp(other, L"<local>") == 0);
    free(text);
    free(other);

    /* IBackgroundCopyJob2 */
    OK(CALL(with_two_texts, 35, job)(job, L"/bin/true", L"true"));
    OK(CALL(with_two_pointers, 36, job)(job, &text, &other));
    CHECK(wcscmp(text, L"/bin/true") == 0 && wcscmp(other, L"true") == 0);
    free(text);
    free(other);
    GIVES(BG_E_NOTIMPL, CALL(with_pointer, 37, job)(job, &reply));
    GIVES(BG_E_NOTIMPL, CALL(with_two_pointers, 38, job)(job, &data, &length));
    GIVES(BG_E_NOTIMPL, CALL(with_text, 39, job)(job, L"/a"));
    GIVES(BG_E_NOTIMPL, CALL(with_pointer, 40, job)(job, &text));
    secret.user = wide("user");
    secret.password = wide("password");
    OK(CALL(with_pointer, 41, job)(job, &secret));
    OK(CALL(with_number_and_pointer, 42, job)(job, BG_AUTH_TARGET_SERVER, (void *)(uintptr_t)BG_AUTH_SCHEME_BASIC));
    GIVES(BG_S_FALSE, CALL(with_number_and_pointer, 42, job)(job, BG_AUTH_TARGET_SERVER, (void *)(uintptr_t)BG_AUTH_SCHEME_BASIC));

    /* IBackgroundCopyJob3 and 4 */
    GIVES(BG_S_FALSE, CALL(with_two_texts, 43, job)(job, L"ftp://", L"http://"));
    OK(CALL(with_number, 45, job)(job, BG_COPY_FILE_GROUP));
    CHECK(gives_number(job, 46) == BG_COPY_FILE_GROUP);
    OK(CALL(with_number, 47, job)(job, BG_JOB_ENABLE_PEERCACHING_SERVER));
    CHECK(gives_number(job, 48) == BG_JOB_ENABLE_PEERCACHING_SERVER);
    CHECK(gives_number(job, 49) == (geteuid() == 0 ? 0x3000u : 0x2000u));
    CHECK(gives_number(job, 50) == (geteuid() == 0));
    OK(CALL(with_number, 51, job)(job, 103));
    CHECK(gives_number(job, 52) == 103);

    /* IBackgroundCopyJob5: the value is passed by value. */
    memset(&value, 0, sizeof value);
    value.uint64 = UINT64_C(0x123456789);
    OK(CALL(with_property, 53, job)(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value));
    value.uint64 = 0;
    OK(CALL(with_number_and_pointer, 54, job)(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value));
    CHECK(value.uint64 == UINT64_C(0x123456789));
    OK(CALL(with_nothing, 34, job)(job));
    CHECK(found == NULL);
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(job);
    RELEASE(first);
}

static void the_options_of_http_have_slots_3_to_14(void *manager)
{
    void *job = new_job(manager, "http"), *http = queried(job, "IBackgroundCopyJobHttpOptions3");
    wchar_t *text = NULL;
    CHECK(http != job);
    int32_t location = 7;
    wchar_t *store = NULL, *subject = NULL;
    uint8_t *hash = NULL;
    OK(CALL(with_number_and_two_texts, 4, http)(http, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", L"bgcopy-client"));
    OK(CALL(with_four_pointers, 6, http)(http, &location, &store, &hash, &subject));
    CHECK(location == BG_CERT_STORE_LOCATION_CURRENT_USER && wcscmp(store, L"MY") == 0);
    OK(CALL(with_nothing, 5, http)(http));
    OK(CALL(with_number_text_pointer, 3, http)(http, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", hash));
    free(store);
    free(subject);
    free(hash);
    OK(CALL(with_text, 7, http)(http, L"X-Slot: 7\r\n"));
    gives_text(http, 8, L"X-Slot: 7\r\n");
    OK(CALL(with_number, 9, http)(http, BG_SSL_IGNORE_UNKNOWN_CA));
    CHECK(gives_number(http, 10) == BG_SSL_IGNORE_UNKNOWN_CA);
    OK(CALL(with_text, 11, http)(http, L"POST"));
    gives_text(http, 12, L"POST");
    OK(CALL(with_nothing, 14, http)(http));
    GIVES(BG_E_ACCESSDENIED, CALL(with_pointer, 8, http)(http, &text));
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(http);
    RELEASE(job);
}

static void a_file_and_an_error_have_their_slots(void *manager)
{
    void *job = new_job(manager, "error"), *files = NULL, *first = NULL, *file = NULL, *error = NULL, *of = NULL;
    static callback heard;
    wchar_t *text = NULL;
    int32_t context = 7;
    bg_result code = 0;
    uint64_t origin = 7, peers = 7;
    uint32_t fetched = 0;
    callback_init(&heard, "IBackgroundCopyCallback3");
    OK(CALL(with_number, 21, job)(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(CALL(with_two_texts, 4, job)(job, wide(url_of("/file/1")), wide(path_of("error"))));
    OK(CALL(with_pointer, 5, job)(job, &files));
    OK(CALL(with_number_pointer_pointer, 3, files)(files, 1, &first, &fetched));
    file = queried(first, "IBackgroundCopyFile6");
    OK(CALL(with_text, 7, file)(file, wide(url_of("/file/1?status=404"))));
    gives_text(file, 3, wide(url_of("/file/1?status=404")));
    OK(CALL(with_pointer, 8, file)(file, &text));
    CHECK(text != NULL);
    free(text);
    GIVES(BG_E_PENDING, CALL(with_number, 9, file)(file, 1));
    CHECK(gives_number(file, 10) == 0 && gives_number(file, 11) == 0);
    OK(CALL(with_two_pointers, 12, file)(file, &origin, &peers));
    CHECK(peers == 0);
    GIVES(BG_E_READ_ONLY_PROPERTY, CALL(with_number_text, 13, file)(file, 1, L"a"));
    OK(CALL(with_number_and_pointer, 14, file)(file, 1, &text));
    CHECK(text == NULL);

    OK(CALL(with_pointer, 25, job)(job, &heard));
    OK(CALL(with_nothing, 7, job)(job));
    watch_until(&heard.seen, &heard.seen.failed, 1);
    CHECK(heard.seen.code == BG_E_HTTP_ERROR_404);
    OK(CALL(with_number_and_pointer, 14, file)(file, 1, &text));
    CHECK(wcsncmp(text, L"HTTP/1.1 404 ", 13) == 0);
    free(text);
    OK(CALL(with_pointer, 15, job)(job, &error));
    is_a(error, "IBackgroundCopyError");
    OK(CALL(with_two_pointers, 3, error)(error, &context, &code));
    CHECK(context == BG_ERROR_CONTEXT_REMOTE_FILE && code == BG_E_HTTP_ERROR_404);
    OK(CALL(with_pointer, 4, error)(error, &of));
    gives_text(of, 4, wide(path_of("error")));
    OK(CALL(with_number_and_pointer, 5, error)(error, 0x0409, &text));
    CHECK(text[0] != 0);
    free(text);
    OK(CALL(with_number_and_pointer, 6, error)(error, 0x0409, &text));
    CHECK(text[0] != 0);
    free(text);
    gives_text(error, 7, L"http");
    CHECK(gives_number(job, 31) == 1);
    OK(CALL(with_pointer, 25, job)(job, NULL));
    CHECK(watch_read(&heard.seen, &heard.seen.destroyed) == watch_read(&heard.seen, &heard.references));
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(of);
    RELEASE(error);
    RELEASE(file);
    RELEASE(first);
    RELEASE(files);
    RELEASE(job);
}

static void ranges_of_files_have_slots_6_and_15_to_17(void *manager)
{
    void *first = new_job(manager, "ranges"), *job = queried(first, "IBackgroundCopyJob5"), *files = NULL, *any = NULL;
    void *file = NULL;
    static callback heard;
    bg_file_range parts[2] = {{100, 50}, {10, 20}}, *given = NULL;
    property on = {0};
    uint32_t count = 7, fetched = 0;
    callback_init(&heard, "IBackgroundCopyCallback3");
    OK(CALL(with_number, 21, job)(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(CALL(add_ranges, 44, job)(job, wide(url_of("/file/1000?seed=1")), wide(path_of("parts")), 2, parts));
    OK(CALL(with_pointer, 5, job)(job, &files));
    OK(CALL(with_number_pointer_pointer, 3, files)(files, 1, &any, &fetched));
    file = queried(any, "IBackgroundCopyFile6");
    OK(CALL(with_two_pointers, 6, file)(file, &count, &given));
    CHECK(count == 2 && given[0].initial_offset == 100 && given[1].length == 20);
    free(given);
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(file);
    RELEASE(any);
    RELEASE(files);
    RELEASE(job);
    RELEASE(first);

    first = new_job(manager, "on demand");
    job = queried(first, "IBackgroundCopyJob5");
    on.enable = 1;
    OK(CALL(with_number, 21, job)(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(CALL(with_two_texts, 4, job)(job, wide(url_of("/file/1000?seed=1")), wide(path_of("parts"))));
    OK(CALL(with_property, 53, job)(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, on));
    OK(CALL(with_number, 23, job)(job, BG_NOTIFY_FILE_RANGES_TRANSFERRED));
    OK(CALL(with_pointer, 25, job)(job, &heard));
    OK(CALL(with_pointer, 5, job)(job, &files));
    OK(CALL(with_number_pointer_pointer, 3, files)(files, 1, &any, &fetched));
    file = queried(any, "IBackgroundCopyFile6");
    GIVES(BG_E_INVALID_RANGE, CALL(with_long, 15, file)(file, UINT64_C(0xFFFFFFFFFFFFFFFF)));
    OK(CALL(with_long, 15, file)(file, 100));
    OK(CALL(with_number_and_pointer, 16, file)(file, 2, parts));
    OK(CALL(with_nothing, 7, job)(job));
    watch_until(&heard.seen, &heard.ranges, 1);
    OK(CALL(with_two_pointers, 17, file)(file, &count, &given));
    CHECK(count >= 1 && given[0].length > 0);
    free(given);
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(file);
    RELEASE(any);
    RELEASE(files);
    RELEASE(job);
    RELEASE(first);
}

static void certificates_are_judged_in_slot_3(void *manager)
{
    void *job = new_job(manager, "certificate"), *http = queried(job, "IBackgroundCopyJobHttpOptions3");
    static callback inspector, heard;
    char ports[256], url[256];
    const char *port;
    callback_init(&inspector, "IBackgroundCopyServerCertificateValidationCallback");
    inspector.slots[3] = (slot)callback_certificate;
    callback_init(&heard, "IBackgroundCopyCallback3");
    heard.slots[3] = (slot)callback_arrived;
    ask("GET", "/ports", ports, sizeof ports);
    port = strstr(ports, "https_untrusted=");
    CHECK(port != NULL);
    snprintf(url, sizeof url, "https://localhost:%d/file/1000?seed=1", atoi(port + strlen("https_untrusted=")));
    OK(CALL(with_number, 21, job)(job, BG_JOB_PRIORITY_FOREGROUND));
    OK(CALL(with_two_texts, 4, job)(job, wide(url), wide(path_of("certificate"))));
    OK(CALL(with_number, 9, http)(http, BG_SSL_IGNORE_UNKNOWN_CA));
    OK(CALL(with_pointer, 13, http)(http, &inspector));
    hold(&inspector);
    OK(CALL(with_pointer, 25, job)(job, &heard));
    OK(CALL(with_nothing, 7, job)(job));
    watch_until(&heard.seen, &heard.seen.transferred, 1);
    OK(CALL(with_nothing, 9, job)(job));
    CHECK(inspector.seen.destroyed == inspector.references);
    RELEASE(http);
    RELEASE(job);
}

static void helper_tokens_have_slots_3_to_7(void *manager)
{
    void *job = new_job(manager, "token"), *token = queried(job, "IBitsTokenOptions");
    wchar_t *sid = wide("not touched");
    OK(CALL(with_number, 3, token)(token, BG_TOKEN_LOCAL_FILE));
    CHECK(gives_number(token, 4) == BG_TOKEN_LOCAL_FILE);
    /* The thread acts for nobody else. */
    GIVES(BG_E_FAILEDTOIMPERSONATE, CALL(with_nothing, 5, token)(token));
    OK(CALL(with_nothing, 6, token)(token));
    OK(CALL(with_pointer, 7, token)(token, &sid));
    CHECK(sid == NULL);
    OK(CALL(with_nothing, 8, job)(job));
    RELEASE(token);
    RELEASE(job);
}

/* The library has no objects of these; C++ made some of the declarations, each method of which answers 100 and the number
 * of its place in the documentation. */
static void interfaces_without_objects_have_their_slots(void)
{
    static const struct {
        const char *name;
        int slots;
    } all[] = {{"IBitsPeer", 6},           {"IBitsPeerCacheRecord", 10},      {"IEnumBitsPeers", 8},
               {"IDispatch", 7},           {"IEnumBitsPeerCacheRecords", 8},  {"IBackgroundCopyCallback1", 6}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i) {
        void *object = declared(all[i].name);
        name_table(object, all[i].name);
        for (int number = 0; number < all[i].slots; ++number)
            CHECK(CALL(with_four_pointers, number, object)(object, NULL, NULL, NULL, NULL) == 100 + number);
    }
}

static void the_cache_for_peers_has_slots_3_to_16(void *manager)
{
    void *cache = queried(manager, "IBitsPeerCacheAdministration"), *given = &cache;
    const int numbers[] = {3, 5, 7}, pointers[] = {9, 14}, setters[] = {4, 6, 8}, actions[] = {11, 15, 16};
    bg_guid id = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}};
    for (int i = 0; i < 3; ++i) {
        uint32_t value = 7;
        GIVES(BG_S_FALSE, CALL(with_pointer, numbers[i], cache)(cache, &value));
        CHECK(value == 0);
        GIVES(BG_S_FALSE, CALL(with_number, setters[i], cache)(cache, 1));
        GIVES(BG_S_FALSE, CALL(with_nothing, actions[i], cache)(cache));
    }
    for (int i = 0; i < 2; ++i) {
        given = &cache;
        GIVES(BG_S_FALSE, CALL(with_pointer, pointers[i], cache)(cache, &given));
        CHECK(given == NULL);
    }
    given = &cache;
    GIVES(BG_S_FALSE, CALL(with_two_pointers, 10, cache)(cache, &id, &given));
    CHECK(given == NULL);
    GIVES(BG_S_FALSE, CALL(with_pointer, 12, cache)(cache, &id));
    GIVES(BG_S_FALSE, CALL(with_text, 13, cache)(cache, L"http://a/"));
    RELEASE(cache);
}

static void the_legacy_queue_manager_has_its_slots(void)
{
    void *queue = new_qmgr(), *group = NULL, *found = NULL, *list = NULL, *clone = NULL, *job = NULL, *jobs = NULL;
    void *modern = NULL;
    static callback heard;
    bg_guid id = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}}, of_job = {2, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}}, got;
    uint32_t status = 0, index = 7, number = 7, win32 = 7, transport = 7, retries = 7, fetched = 0;
    variant value;
    fileset_info file, *set[1], back;
    callback_init(&heard, "IBackgroundCopyCallback1");
    heard.slots[3] = (slot)callback_status;
    is_a(queue, "IBackgroundCopyQMgr");
    OK(CALL(with_guid, 3, queue)(queue, id, &group));
    is_a(group, "IBackgroundCopyGroup");
    OK(CALL(with_guid, 4, queue)(queue, id, &found));
    OK(CALL(with_number_and_pointer, 5, queue)(queue, 0, &list));
    is_a(list, "IEnumBackgroundCopyGroups");
    CHECK(gives_number(list, 7) == 1);
    OK(CALL(with_number, 4, list)(list, 1));
    OK(CALL(with_nothing, 5, list)(list));
    OK(CALL(with_pointer, 6, list)(list, &clone));
    OK(CALL(with_number_pointer_pointer, 3, clone)(clone, 1, &got, &fetched));
    CHECK(bg_guid_equal(&got, &id) && fetched == 1);

    /* IBackgroundCopyGroup */
    memset(&value, 0, sizeof value);
    value.type = 3;
    value.value.number = QM_NOTIFY_GROUP_DONE;
    OK(CALL(with_number_and_pointer, 4, group)(group, GROUPPROP_NOTIFYFLAGS, &value));
    value.value.number = 0;
    OK(CALL(with_number_and_pointer, 3, group)(group, GROUPPROP_NOTIFYFLAGS, &value));
    CHECK(value.type == 3 && value.value.number == QM_NOTIFY_GROUP_DONE);
    OK(CALL(with_guid, 13, group)(group, of_job, &job));
    is_a(job, "IBackgroundCopyJob1");
    RELEASE(job);
    OK(CALL(with_guid, 7, group)(group, of_job, &job));
    OK(CALL(with_number_and_pointer, 14, group)(group, 0, &jobs));
    is_a(jobs, "IEnumBackgroundCopyJobs1");
    OK(CALL(with_number_pointer_pointer, 3, jobs)(jobs, 1, &got, &fetched));
    CHECK(bg_guid_equal(&got, &of_job));
    GIVES(BG_S_FALSE, CALL(with_number, 4, jobs)(jobs, 1));
    OK(CALL(with_nothing, 5, jobs)(jobs));
    CHECK(gives_number(jobs, 7) == 1);
    RELEASE(clone);
    OK(CALL(with_pointer, 6, jobs)(jobs, &clone));
    OK(CALL(with_pointer, 12, group)(group, &got));
    CHECK(bg_guid_equal(&got, &id));
    OK(CALL(with_two_pointers, 16, group)(group, (void *)(uintptr_t)iid_of("IBackgroundCopyJob5"), &modern));
    CHECK(state_of(modern) == BG_JOB_STATE_SUSPENDED);
    OK(CALL(with_two_pointers, 17, group)(group, (void *)(uintptr_t)iid_of("IBackgroundCopyCallback1"), &heard));

    /* IBackgroundCopyJob1 */
    GIVES(BG_E_NOTIMPL, CALL(with_nothing, 3, job)(job));
    file.remote = wide(url_of("/file/3000?seed=1"));
    file.local = wide(path_of("group"));
    file.hint = 0;
    set[0] = &file;
    OK(CALL(with_number_and_pointer, 6, job)(job, 1, set));
    CHECK(gives_number(job, 8) == 1);
    OK(CALL(with_number_and_pointer, 7, job)(job, 0, &back));
    CHECK(wcscmp(back.local, wide(path_of("group"))) == 0);
    free((char *)back.remote - 16);
    free((char *)back.local - 16);
    OK(CALL(with_pointer, 10, job)(job, &got));
    CHECK(bg_guid_equal(&got, &of_job));
    OK(CALL(with_nothing, 9, job)(job));
    OK(CALL(with_two_pointers, 6, group)(group, &status, &index));
    CHECK((status & QM_STATUS_GROUP_FOREGROUND) != 0 && index == 0);
    OK(CALL(with_nothing, 15, group)(group));

    OK(CALL(with_nothing, 9, group)(group));
    watch_until(&heard.seen, &heard.seen.transferred, 1);
    CHECK((heard.status & QM_STATUS_GROUP_ERROR) == 0);
    OK(CALL(with_number_and_pointer, 5, group)(group, QM_PROGRESS_SIZE_DONE, &number));
    CHECK(number == 3000 && gives_number(group, 11) == 3000);
    OK(CALL(with_number_and_pointer, 4, job)(job, QM_PROGRESS_PERCENT_DONE, &number));
    CHECK(number == 100);
    OK(CALL(with_four_pointers, 5, job)(job, &status, &win32, &transport, &retries));
    CHECK((status & QM_STATUS_JOB_COMPLETE) != 0 && win32 == 0 && transport == 0 && retries == 0);
    OK(CALL(with_nothing, 8, group)(group));
    OK(CALL(with_nothing, 10, group)(group));
    CHECK(size_of_file(path_of("group")) == 3000);
    RELEASE(modern);
    RELEASE(job);
    RELEASE(clone);
    RELEASE(jobs);
    RELEASE(list);
    RELEASE(found);
    RELEASE(group);
    RELEASE(queue);
}

/* Slots 3 to 6 are those of IDispatch. */
static void calls_by_name_have_their_slots(void *object)
{
    uint32_t count = 7;
    int32_t number = 7;
    wchar_t *name = wide("EnableBITSUploads");
    void *type = &count;
    OK(CALL(with_pointer, 3, object)(object, &count));
    CHECK(count == 0);
    GIVES((bg_result)0x8002000B, CALL(with_type_of_interface, 4, object)(object, 0, 0x409, &type));
    CHECK(type == NULL);
    GIVES((bg_result)0x80020006, CALL(with_names, 5, object)(object, iid_of("IUnknown"), &name, 1, 0x409, &number));
    CHECK(number == -1);
    GIVES((bg_result)0x80020003,
          CALL(with_call_by_name, 6, object)(object, 1, iid_of("IUnknown"), 0x409, 1, NULL, NULL, NULL, NULL));
}

static void the_set_up_of_a_server_has_its_slots(void)
{
    char configuration[1024];
    void *factory, *setup = NULL, *task = &setup;
    wchar_t *name = NULL;
    FILE *file = fopen(path_of("server.toml"), "w");
    CHECK(file != NULL && setenv("BGCOPY_SERVER_CONFIGURATION", path_of("server.toml"), 1) == 0);
    snprintf(configuration, sizeof configuration,
             "[[directory]]\nurl_prefix = \"/orders\"\npath = \"%s\"\nanonymous = true\n", path_of("."));
    CHECK(fputs(configuration, file) >= 0 && fclose(file) == 0);
    factory = new_setup_factory();
    is_a(factory, "IBITSExtensionSetupFactory");
    calls_by_name_have_their_slots(factory);
    OK(CALL(with_text_and_pointer, 7, factory)(factory, wide("/orders"), &setup));
    is_a(setup, "IBITSExtensionSetup");
    calls_by_name_have_their_slots(setup);
    GIVES(BG_S_FALSE, CALL(with_pointer, 9, setup)(setup, &name));
    CHECK(name == NULL);
    OK(CALL(with_nothing, 7, setup)(setup));
    OK(CALL(with_pointer, 9, setup)(setup, &name));
    CHECK(wcscmp(name, L"bgcopy-server-clean-up.service") == 0);
    free((char *)name - 16);
    GIVES(BG_E_NOINTERFACE, CALL(with_two_pointers, 10, setup)(setup, (void *)(uintptr_t)iid_of("IUnknown"), &task));
    CHECK(task == NULL);
    OK(CALL(with_nothing, 8, setup)(setup));
    GIVES(BG_S_FALSE, CALL(with_two_pointers, 10, setup)(setup, (void *)(uintptr_t)iid_of("IUnknown"), &task));
    RELEASE(setup);
    RELEASE(factory);
}

int main(void)
{
    void *manager = new_manager();
    unknown_has_slots_0_to_2(manager);
    the_manager_has_slots_3_to_6(manager);
    the_life_of_a_job_has_its_slots(manager);
    the_properties_of_a_job_have_their_slots(manager);
    the_options_of_http_have_slots_3_to_14(manager);
    a_file_and_an_error_have_their_slots(manager);
    ranges_of_files_have_slots_6_and_15_to_17(manager);
    certificates_are_judged_in_slot_3(manager);
    helper_tokens_have_slots_3_to_7(manager);
    interfaces_without_objects_have_their_slots();
    the_cache_for_peers_has_slots_3_to_16(manager);
    the_legacy_queue_manager_has_its_slots();
    the_set_up_of_a_server_has_its_slots();
    RELEASE(manager);
    no_slot_was_left_out();
    return 0;
}
