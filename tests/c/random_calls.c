/* Calls every function of bgcopy.h with wrong arguments: each in turn, then random ones in random states.
 *
 * calls.h is written from the header: a table of the functions, what their parameters take, and the codes their
 * documentation names. BGCOPY_TEST_SEED and BGCOPY_TEST_STEPS choose another walk. */
#include "check.h"

enum { MOST = 8, POOL = 12, ELEMENTS_MOST = 4, PLACE = 2048 };

enum kind {
    END,
    HANDLE,
    TEXT,
    BYTES,
    IDENTIFIER,
    NUMBER,
    LENGTH,
    TIMEOUT,
    DESCRIPTOR,
    DATA,
    COUNT,
    ELEMENTS,
    STRUCTURE,
    BY_VALUE,
    PLACES,
    PLACES_OF_HANDLES,
    HANDLE_OUT,
    TEXT_OUT,
    MEMORY_OUT,
    DATA_OUT,
    DESCRIPTOR_OUT,
    VALUE_OUT,
    STRUCTURE_OUT
};

typedef struct value {
    void *p;
    int64_t n;
} value;

typedef struct parameter {
    enum kind kind;
    int handle;
    size_t size;
    void (*fill)(void *);
    const char *name;
} parameter;

typedef struct function {
    const char *name;
    bg_result (*call)(const value *);
    const parameter *parameters;
    const bg_result *codes;
    int code_count;
    int of_files;
} function;

static uint64_t state = 1;

static uint64_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t below(size_t end)
{
    return (size_t)(random_bits() >> 11) % end;
}

static int one_in(size_t chance)
{
    return below(chance) == 0;
}

/* Texts that are right somewhere, and texts that are right nowhere: URLs, paths, and others. */
enum { URLS, PATHS, QUEUES, OTHERS, SORTS };
static char *texts[SORTS][48];
static size_t text_count[SORTS];

static void add_text(int sort, const char *start, char letter, size_t length)
{
    char *text = (char *)malloc(length + 1);
    CHECK(text != NULL && text_count[sort] < sizeof texts[sort] / sizeof texts[sort][0]);
    memset(text, letter, length);
    memcpy(text, start, strlen(start));
    text[length] = 0;
    texts[sort][text_count[sort]++] = text;
}

static void make_texts(void)
{
    static const char *const others[] = {
        "", "x", "a name", "GET", "PUT", "HEAD", "no token", "caf\xC3\xA9", "caf\xE9", "\xF0\x9F\x98", "\x01\x02\x7F",
        "Name: value\r\n", "Name: value", "Name: value\r\nEvil\r\n", "A: b\r\n\r\nGET / HTTP/1.1\r\n", "Host: x\r\n",
        "\"quoted\\\" $(x) `y` ;", "{37668D37-507E-4160-9316-26306D150B12}", "127.0.0.1:1", "<local>", "MY",
        "*.example.com", "http://", "IIS://localhost/W3SVC/1/ROOT/drop", "IIS://localhost/W3SVC/1/ROOT/gone"
    };
    static const char *const urls[] = { "ftp://127.0.0.1/x", "http://127.0.0.1:0/x\r\nInjected: 1", "http://[::1",
                                        "file:///nowhere", "//server/share/file", "http://user:secret@127.0.0.1:1/" };
    static const char *const targets[] = { "/file/100?seed=1", "/file/100?status=404", "/file/100000?stall_after=10",
                                           "/file/9?seed=2", "/file/1000?seed=3", "/" };
    static const char *const names[] = { "one", "two", "three", ".", "queue", "missing/file", "caf\xC3\xA9", "a b" };
    size_t i;
    for (i = 0; i < sizeof others / sizeof others[0]; i++)
        add_text(OTHERS, others[i], 0, strlen(others[i]));
    for (i = 0; i < sizeof urls / sizeof urls[0]; i++)
        add_text(URLS, urls[i], 0, strlen(urls[i]));
    for (i = 0; i < sizeof targets / sizeof targets[0]; i++)
        add_text(URLS, url_of(targets[i]), 0, strlen(url_of(targets[i])));
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        add_text(PATHS, path_of(names[i]), 0, strlen(path_of(names[i])));
    add_text(QUEUES, path_of("queue"), 0, strlen(path_of("queue")));
    add_text(QUEUES, path_of("other queue"), 0, strlen(path_of("other queue")));
    add_text(QUEUES, path_of("no/such/place"), 0, strlen(path_of("no/such/place")));
    add_text(QUEUES, "/dev/null/queue", 0, strlen("/dev/null/queue"));
    add_text(OTHERS, path_of("server.toml"), 0, strlen(path_of("server.toml")));
    add_text(PATHS, "relative/path", 0, strlen("relative/path"));
    add_text(PATHS, "/", 'p', 4097);
    add_text(URLS, "http://127.0.0.1/", 'u', 2201);
    add_text(OTHERS, "", 'n', 256);
    add_text(OTHERS, "", 'n', 257);
    add_text(OTHERS, "", 'd', 1025);
    add_text(OTHERS, "X: ", 'h', 16390);
    add_text(OTHERS, "", 'w', 70000);
}

static void free_texts(void)
{
    int sort;
    for (sort = 0; sort < SORTS; sort++)
        while (text_count[sort] > 0)
            free(texts[sort][--text_count[sort]]);
}

/* Most often one that goes with the name of the parameter. */
static const char *any_text(const char *name)
{
    int sort = OTHERS;
    if (one_in(12))
        return NULL;
    if (one_in(4))
        sort = one_in(2) ? URLS : PATHS;
    else if (strstr(name, "remote") != NULL)
        sort = URLS;
    else if (strstr(name, "local") != NULL || strstr(name, "program") != NULL)
        sort = PATHS;
    /* Queues are made where no file is to be, and nothing else is. */
    if (strcmp(name, "directory") == 0)
        sort = QUEUES;
    return texts[sort][below(text_count[sort])];
}

static int64_t any_number(void)
{
    static const int64_t edges[] = { 0, 100, 0x200, 0x409, 4096, 2147483647, 4294967295, -1, INT64_MAX, INT64_MIN };
    switch (below(8)) {
    case 0:
        return (int64_t)random_bits();
    case 1:
    case 2:
        return edges[below(sizeof edges / sizeof edges[0])];
    case 3:
        return (int64_t)below(16);
    default:
        return (int64_t)below(6);
    }
}

static uint32_t any_size(uint32_t right)
{
    static const uint32_t wrong[] = { 0, 1, 4, 8 };
    return one_in(8) ? wrong[below(4)] : right;
}

static bg_guid any_guid(void)
{
    /* IID_IBackgroundCopyJob; the others are small. */
    bg_guid id = { 0x37668d37, 0x507e, 0x4160, { 0x93, 0x16, 0x26, 0x30, 0x6d, 0x15, 0x0b, 0x12 } };
    if (!one_in(6)) {
        memset(&id, 0, sizeof id);
        id.data1 = (uint32_t)below(40);
    }
    return id;
}

#include "calls.h"

#define FUNCTIONS (sizeof functions / sizeof functions[0])

/* Handles of each kind, the first of which stay: in use, and of a queue that is closed. */
static void *pool[KINDS][POOL];
static size_t used[KINDS];
static size_t kept[KINDS];

static void put(int kind, void *handle)
{
    CHECK(handle != NULL);
    if (used[kind] < POOL) {
        pool[kind][used[kind]++] = handle;
    } else if (kept[kind] < POOL) {
        size_t at = kept[kind] + below(POOL - kept[kind]);
        release_of[kind](pool[kind][at]);
        pool[kind][at] = handle;
    } else {
        release_of[kind](handle);
    }
}

static void *any_handle(int kind)
{
    if (one_in(20))
        return NULL;
    if (one_in(20))
        kind = (int)below(KINDS);
    return used[kind] == 0 ? NULL : pool[kind][below(used[kind])];
}

static int complaints;

static void complain(const function *f, bg_result result, const char *what)
{
    fprintf(stderr, "%s gave %s (0x%08X: %.300s): %s\n", f->name, bg_result_name(result), (unsigned)result,
            bg_last_error_detail(), what);
    if (++complaints >= 40) {
        fprintf(stderr, "and more\n");
        exit(1);
    }
}

static int is_documented(const function *f, bg_result result)
{
    int i;
    /* What the opening of the header says of all functions. */
    if (result == BG_E_INVALIDARG || result == BG_E_POINTER || result == BG_E_DISCONNECTED)
        return 1;
    for (i = 0; i < f->code_count; i++)
        if (f->codes[i] == result)
            return 1;
    return f->of_files && ((uint32_t)result >> 16) == 0x8007u;
}

/* The places that arguments point to. */
static union place {
    unsigned char bytes[PLACE];
    void *pointer;
    uint64_t number;
    uint32_t size;
    int descriptor;
} places[MOST];

static uint32_t count_of;

static value argument(const parameter *p, int at)
{
    value v = { NULL, 0 };
    union place *place = &places[at];
    size_t i;
    memset(place, 0x5A, sizeof *place);
    switch (p->kind) {
    case HANDLE:
        v.p = any_handle(p->handle);
        return v;
    case TEXT:
        v.p = (void *)(uintptr_t)any_text(p->name);
        return v;
    case NUMBER:
        v.n = any_number();
        return v;
    case LENGTH:
        v.n = (int64_t)below(65);
        return v;
    case TIMEOUT:
        v.n = (int64_t)below(3);
        return v;
    case DESCRIPTOR:
        v.n = one_in(2) ? -1 : 99999;
        return v;
    case DATA:
        return v;
    case COUNT:
        v.n = count_of = one_in(2) ? 1 : (uint32_t)below(ELEMENTS_MOST + 1);
        return v;
    case IDENTIFIER: {
        bg_guid id = any_guid();
        if (one_in(3))
            bg_job_get_id((bg_job *)pool[KIND_bg_job][below(used[KIND_bg_job])], &id);
        else if (one_in(2))
            bg_group_get_group_id((bg_group *)pool[KIND_bg_group][below(used[KIND_bg_group])], &id);
        memcpy(place, &id, sizeof id);
        break;
    }
    case BYTES:
        break;
    case ELEMENTS:
        for (i = 0; i < ELEMENTS_MOST; i++)
            p->fill(place->bytes + i * p->size);
        break;
    case STRUCTURE:
        p->fill(place);
        break;
    case BY_VALUE:
        p->fill(place);
        v.p = place;
        return v;
    case STRUCTURE_OUT:
        place->size = any_size((uint32_t)p->size);
        break;
    case END:
    case PLACES:
    case PLACES_OF_HANDLES:
    case HANDLE_OUT:
    case TEXT_OUT:
    case MEMORY_OUT:
    case DATA_OUT:
    case DESCRIPTOR_OUT:
    case VALUE_OUT:
        break;
    }
    v.p = one_in(12) ? NULL : (void *)place;
    return v;
}

static int is_zero(const unsigned char *bytes, size_t size)
{
    while (size > 0)
        if (bytes[--size] != 0)
            return 0;
    return 1;
}

/* Every result is written: with nothing when the call failed. */
static void check_result(const function *f, const parameter *p, const value *v, bg_result result)
{
    const union place *place = (const union place *)v->p;
    size_t size = p->size;
    if (place == NULL || result >= 0)
        return;
    switch (p->kind) {
    case PLACES:
    case PLACES_OF_HANDLES:
        size *= count_of;
        break;
    case DESCRIPTOR_OUT:
        if (place->descriptor != -1)
            complain(f, result, "a descriptor is not -1");
        return;
    case STRUCTURE_OUT:
        if (place->size != p->size)
            return;
        if (!is_zero(place->bytes + 4, size - 4))
            complain(f, result, p->name);
        return;
    case HANDLE_OUT:
    case TEXT_OUT:
    case MEMORY_OUT:
    case DATA_OUT:
    case VALUE_OUT:
        break;
    default:
        return;
    }
    if (!is_zero(place->bytes, size))
        complain(f, result, p->name);
}

/* Takes what a call gave. */
static void take(const parameter *p, const value *v, bg_result result)
{
    union place *place = (union place *)v->p;
    size_t i;
    if (place == NULL || result < 0)
        return;
    switch (p->kind) {
    case HANDLE_OUT:
        if (place->pointer != NULL) {
            /* Other queues are closed again at once. */
            if (p->handle == KIND_bg_manager)
                release_of[p->handle](place->pointer);
            else
                put(p->handle, place->pointer);
        }
        break;
    case PLACES_OF_HANDLES:
        for (i = 0; i < count_of; i++) {
            void *handle;
            memcpy(&handle, place->bytes + i * sizeof handle, sizeof handle);
            if (handle != NULL)
                put(p->handle, handle);
        }
        break;
    case TEXT_OUT:
        bg_string_free((char *)place->pointer);
        break;
    case MEMORY_OUT:
        bg_memory_free(place->pointer);
        break;
    case DESCRIPTOR_OUT:
        close(place->descriptor);
        break;
    default:
        break;
    }
}

/* What can be read of a job and does not change by itself, as text; the state, where it stays. */
static bg_job_state describe(bg_job *job, char *text, size_t size)
{
    char *names[3] = { NULL, NULL, NULL }, *program = NULL, *parameters = NULL;
    bg_job_state at = -1;
    bg_job_priority priority = -1;
    bg_job_progress progress = BG_JOB_PROGRESS_INIT;
    uint32_t numbers[8] = { 0, 0, 0, 0, 0, 0, 0, 0 };
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    int length;
    bg_job_get_state(job, &at);
    if (at == BG_JOB_STATE_QUEUED || at == BG_JOB_STATE_CONNECTING || at == BG_JOB_STATE_TRANSFERRING ||
        at == BG_JOB_STATE_TRANSIENT_ERROR)
        at = -1;
    bg_job_get_priority(job, &priority);
    bg_job_get_progress(job, &progress);
    bg_job_get_display_name(job, &names[0]);
    bg_job_get_description(job, &names[1]);
    bg_job_get_http_method(job, &names[2]);
    bg_job_get_notify_cmd_line(job, &program, &parameters);
    bg_job_get_notify_flags(job, &numbers[0]);
    bg_job_get_minimum_retry_delay(job, &numbers[1]);
    bg_job_get_no_progress_timeout(job, &numbers[2]);
    bg_job_get_maximum_download_time(job, &numbers[3]);
    bg_job_get_security_flags(job, &numbers[4]);
    bg_job_get_peer_caching_flags(job, &numbers[5]);
    bg_job_get_file_acl_flags(job, &numbers[6]);
    bg_job_get_owner_uid(job, &numbers[7]);
    length = snprintf(text, size, "%d %u %.80s %.80s %.80s %.80s %.80s %u %u %u %u %x %x %x %u", (int)priority,
                      (unsigned)progress.files_total, names[0] ? names[0] : "",
                      names[1] ? names[1] : "", names[2] ? names[2] : "", program ? program : "",
                      parameters ? parameters : "", (unsigned)numbers[0], (unsigned)numbers[1], (unsigned)numbers[2],
                      (unsigned)numbers[3], (unsigned)numbers[4], (unsigned)numbers[5], (unsigned)numbers[6],
                      (unsigned)numbers[7]);
    bg_string_free(names[0]);
    bg_string_free(names[1]);
    bg_string_free(names[2]);
    bg_string_free(program);
    bg_string_free(parameters);
    if (bg_job_enum_files(job, &files) < 0)
        return at;
    while (length > 0 && (size_t)length < size - 300 && bg_enum_files_next(files, 1, &file, NULL) == BG_S_OK) {
        char *remote = NULL, *local = NULL;
        int32_t valid = 0;
        bg_file_get_remote_name(file, &remote);
        bg_file_get_local_name(file, &local);
        bg_file_get_validation_state(file, &valid);
        length += snprintf(text + length, size - (size_t)length, " %.100s %.100s %d", remote ? remote : "",
                           local ? local : "", (int)valid);
        bg_string_free(remote);
        bg_string_free(local);
        bg_file_release(file);
    }
    bg_enum_files_release(files);
    return at;
}

/* The job that the first argument is about; NULL when there is none, else a reference. */
static bg_job *job_of(const function *f, const value *arguments)
{
    const parameter *p = &f->parameters[0];
    bg_job *job = NULL;
    if (p->kind != HANDLE || arguments[0].p == NULL)
        return NULL;
    if (p->handle == KIND_bg_job) {
        bg_guid id;
        if (bg_job_get_id((bg_job *)arguments[0].p, &id) >= 0)
            return bg_job_retain((bg_job *)arguments[0].p);
    } else if (p->handle == KIND_bg_file) {
        bg_file_get_job((bg_file *)arguments[0].p, &job);
    }
    return job;
}

static bg_result run(const function *f, const value *arguments)
{
    static char before[8192], after[8192];
    bg_job *job = job_of(f, arguments);
    bg_job_state was = -1, is;
    bg_result result;
    int i;
    if (job != NULL)
        was = describe(job, before, sizeof before);
    result = f->call(arguments);
    if (!is_documented(f, result))
        complain(f, result, "its documentation does not name that");
    for (i = 0; f->parameters[i].kind != END; i++)
        check_result(f, &f->parameters[i], &arguments[i], result);
    if (job != NULL) {
        if (result < 0) {
            is = describe(job, after, sizeof after);
            if ((was >= 0 && was != is) || strcmp(before, after) != 0) {
                complain(f, result, "it failed and changed the job");
                fprintf(stderr, "  from %d %s\n    to %d %s\n", (int)was, before, (int)is, after);
            }
        }
        bg_job_release(job);
    }
    for (i = 0; f->parameters[i].kind != END; i++)
        take(&f->parameters[i], &arguments[i], result);
    return result;
}

static int arguments_of(const function *f, value *arguments)
{
    int i;
    for (i = 0; f->parameters[i].kind != END; i++) {
        CHECK(i < MOST);
        arguments[i] = argument(&f->parameters[i], i);
    }
    return i;
}

/* A handle that is NULL, of another kind, or of a closed queue, with the other arguments as they come. */
static void wrong_handles(const function *f)
{
    value arguments[MOST];
    const parameter *p = &f->parameters[0];
    int kind;
    size_t i;
    if (p->kind != HANDLE)
        return;
    for (kind = -1; kind < KINDS; kind++) {
        if (kind == p->handle)
            continue;
        arguments_of(f, arguments);
        arguments[0].p = kind < 0 || used[kind] == 0 ? NULL : pool[kind][0];
        if (run(f, arguments) >= 0)
            complain(f, 0, kind < 0 ? "NULL is not refused" : "a handle of another kind is not refused");
    }
    for (i = 0; i < kept[p->handle]; i++) {
        arguments_of(f, arguments);
        arguments[0].p = pool[p->handle][i];
        run(f, arguments);
    }
}

/* Each pointer in turn is NULL. */
static void wrong_pointers(const function *f)
{
    value arguments[MOST];
    int i, count = arguments_of(f, arguments);
    for (i = 0; i < count; i++) {
        if (f->parameters[i].kind == BY_VALUE)
            continue;
        arguments_of(f, arguments);
        arguments[i].p = NULL;
        run(f, arguments);
    }
}

static bg_manager *manager;
static watch seen;

static bg_job *job_with(const char *target, const char *name, int foreground)
{
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, name, BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    OK(bg_job_set_priority(job, foreground ? BG_JOB_PRIORITY_FOREGROUND : BG_JOB_PRIORITY_NORMAL));
    OK(bg_job_add_file(job, url_of(target), path_of(name)));
    return job;
}

/* A new job in one of the states that jobs have. */
static bg_job *any_job(void)
{
    bg_job *job = NULL;
    switch (below(8)) {
    case 0:
        OK(bg_manager_create_job(manager, "empty", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        return job;
    case 1:
        return job_with("/file/1000?seed=1", "suspended", 0);
    case 2:
        job = job_with("/file/1000?seed=1&stall_after=10", "running", 1);
        break;
    case 3:
        job = job_with("/file/1000?seed=1&stall_after=10", "queued", 0);
        break;
    case 4:
        job = job_with("/file/10?status=404", "failing", 1);
        break;
    case 5:
        job = job_with("/file/1000?seed=1", "transferred", 1);
        break;
    case 6:
        job = job_with("/file/1000?seed=1", "cancelled", 0);
        OK(bg_job_cancel(job));
        return job;
    default:
        job = job_with("/file/1000?seed=1", "completed", 0);
        CHECK(bg_job_complete(job) >= 0);
        return job;
    }
    OK(bg_job_resume(job));
    return job;
}

/* New things in the pool, for those that have ended. */
static void refresh(void)
{
    static uint32_t groups;
    bg_guid id = { 0, 0, 0, { 1, 0, 0, 0, 0, 0, 0, 0 } };
    bg_job *job = any_job();
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    bg_group *group = NULL;
    bg_job1 *job1 = NULL;
    bg_fileset_info info = { NULL, NULL, 0 };
    info.remote_file = url_of("/file/100?seed=1");
    info.local_file = path_of("of a group");
    OK(bg_job_enum_files(job, &files));
    if (bg_enum_files_next(files, 1, &file, NULL) == BG_S_OK)
        put(KIND_bg_file, file);
    bg_enum_files_release(files);
    put(KIND_bg_job, job);
    id.data1 = ++groups;
    OK(bg_qmgr_create_group((bg_qmgr *)pool[KIND_bg_qmgr][kept[KIND_bg_qmgr] - 1], &id, &group));
    if (!one_in(4)) {
        OK(bg_group_create_job(group, &id, &job1));
        OK(bg_job1_add_files(job1, 1, &info));
        put(KIND_bg_job1, job1);
    }
    put(KIND_bg_group, group);
}

/* A server with one directory to set up. */
static void write_configuration(void)
{
    FILE *file = fopen(path_of("server.toml"), "w");
    CHECK(file != NULL);
    fprintf(file, "[[directory]]\nanonymous = true\nurl_prefix = \"/drop\"\npath = \"%s\"\n", path_of("."));
    CHECK(fclose(file) == 0 && setenv("BGCOPY_SERVER_CONFIGURATION", path_of("server.toml"), 1) == 0);
}

/* Something of every kind: of a queue that is closed, and of the one in use. */
static void fill_pool(int closed)
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_job *job, *failed;
    bg_job1 *job1 = NULL;
    bg_file *file = NULL;
    bg_error *error = NULL;
    bg_enum_jobs *jobs = NULL;
    bg_enum_files *files = NULL;
    bg_enum_groups *groups = NULL;
    bg_enum_jobs1 *jobs1 = NULL;
    bg_qmgr *qmgr = NULL;
    bg_group *group = NULL;
    bg_extension_setup_factory *factory = NULL;
    bg_extension_setup *setup = NULL;
    bg_guid id = { 77, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } };
    int kind;
    options.directory = path_of(closed ? "closed queue" : "queue");
    OK(bg_manager_open(&options, &manager));
    job = job_with("/file/100?seed=1", "first", 0);
    failed = job_with("/file/100?status=404", "failed", 1);
    watch_job(&seen, failed);
    OK(bg_job_resume(failed));
    watch_until(&seen, &seen.failed, closed ? 1 : 2);
    OK(bg_job_get_error(failed, &error));
    OK(bg_manager_enum_jobs(manager, 0, &jobs));
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));
    OK(bg_qmgr_open(manager, &qmgr));
    OK(bg_qmgr_create_group(qmgr, &id, &group));
    OK(bg_group_create_job(group, &id, &job1));
    OK(bg_group_enum_jobs(group, 0, &jobs1));
    OK(bg_qmgr_enum_groups(qmgr, 0, &groups));
    OK(bg_extension_setup_factory_open(NULL, &factory));
    OK(bg_extension_setup_factory_get_object(factory, "/drop", &setup));
    put(KIND_bg_manager, manager);
    put(KIND_bg_job, job);
    put(KIND_bg_job, failed);
    put(KIND_bg_file, file);
    put(KIND_bg_error, error);
    put(KIND_bg_enum_jobs, jobs);
    put(KIND_bg_enum_files, files);
    put(KIND_bg_qmgr, qmgr);
    put(KIND_bg_group, group);
    put(KIND_bg_job1, job1);
    put(KIND_bg_enum_jobs1, jobs1);
    put(KIND_bg_enum_groups, groups);
    put(KIND_bg_extension_setup_factory, factory);
    put(KIND_bg_extension_setup, setup);
    if (closed)
        OK(bg_manager_close(manager));
    for (kind = 0; kind < KINDS; kind++)
        CHECK((kept[kind] = used[kind]) > 0);
}

static void end_jobs(void)
{
    bg_enum_jobs *jobs = NULL;
    bg_job *job = NULL;
    OK(bg_manager_enum_jobs(manager, 0, &jobs));
    while (bg_enum_jobs_next(jobs, 1, &job, NULL) == BG_S_OK) {
        CHECK(bg_job_cancel(job) >= 0);
        bg_job_release(job);
    }
    bg_enum_jobs_release(jobs);
}

int main(void)
{
    const char *steps_text = getenv("BGCOPY_TEST_STEPS"), *seed_text = getenv("BGCOPY_TEST_SEED");
    long steps = steps_text != NULL ? atol(steps_text) : 10000, step;
    unsigned long seed = seed_text != NULL ? strtoul(seed_text, NULL, 10) : 1;
    value arguments[MOST];
    size_t i;
    int kind;
    /* A call that hangs ends the program. */
    alarm(270);
    state = 0x9E3779B97F4A7C15u * (seed + 1);
    watch_init(&seen);
    make_texts();
    write_configuration();
    fill_pool(1);
    fill_pool(0);
    for (i = 0; i < FUNCTIONS; i++) {
        wrong_handles(&functions[i]);
        wrong_pointers(&functions[i]);
    }
    for (step = 0; step < steps; step++) {
        const function *f = &functions[below(FUNCTIONS)];
        if (step % 500 == 499)
            end_jobs();
        if (step % 20 == 0)
            refresh();
        arguments_of(f, arguments);
        run(f, arguments);
    }
    end_jobs();
    OK(bg_manager_close(manager));
    for (kind = 0; kind < KINDS; kind++)
        while (used[kind] > 0)
            release_of[kind](pool[kind][--used[kind]]);
    free_texts();
    watch_free(&seen);
    if (complaints > 0)
        fprintf(stderr, "seed %lu, %ld steps, %u functions\n", seed, steps, (unsigned)FUNCTIONS);
    return complaints > 0;
}
