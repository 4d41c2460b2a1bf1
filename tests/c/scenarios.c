/* Runs one scenario of tests/scenarios through the C interface: scenarios FILE
 *
 * What the steps mean is said in tests/scenarios/README.md. */
#include "check.h"

#include <dirent.h>

static const char *file;
static int line_number;

static bg_manager *manager;
static bg_job *job;
static bg_guid id;
static watch seen;

/* One relay is enough for the scenarios: name and port. */
static char relay_name[32];
static int relay_port;

static void fail(const char *what, const char *value)
{
    fprintf(stderr, "%s:%d: %s %s\n", file, line_number, what, value);
    exit(1);
}

/* The value of `key=value` among the words of a step, or `otherwise`. */
static const char *value_of(char *const *words, const char *key, const char *otherwise)
{
    size_t length = strlen(key);
    for (; *words != NULL; words++)
        if (strncmp(*words, key, length) == 0 && (*words)[length] == '=')
            return *words + length + 1;
    return otherwise;
}

static void open_for_events(void)
{
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    options.directory = path_of("queue");
    /* Modifications wake the driver: pacing would only make it wait. */
    options.notification_interval_ms = 1;
    OK(bg_manager_open(&options, &manager));
}

/* Every event counts as a modification; each wakes `until`. */
static bg_result on_event(void *data, bg_job *source)
{
    return on_modification(data, source);
}

static bg_result on_error_event(void *data, bg_job *source, bg_error *error)
{
    CHECK(error != NULL);
    return on_modification(data, source);
}

static void listen_to_job(void)
{
    bg_callbacks callbacks = BG_CALLBACKS_INIT;
    callbacks.job_transferred = on_event;
    callbacks.job_error = on_error_event;
    callbacks.job_modification = on_event;
    OK(bg_job_set_notify_flags(job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION));
    OK(bg_job_set_callbacks(job, &callbacks, &seen));
}

static void step_server(char *const *words)
{
    char answer[1024];
    const char *port;
    ask(words[0], words[1], answer, sizeof answer);
    port = strstr(answer, "port=");
    if (strncmp(words[1], "/relay/", 7) == 0 && port != NULL) {
        snprintf(relay_name, sizeof relay_name, "%.*s", (int)strcspn(words[1] + 7, "?"), words[1] + 7);
        relay_port = atoi(port + 5);
    }
}

static void step_download(char *const *words)
{
    const char *path = value_of(words, "path", "");
    const char *relay = value_of(words, "relay", NULL), *mode = value_of(words, "mode", "");
    bg_job_property_value yes;
    char url[512];
    snprintf(url, sizeof url, "%s", url_of(path));
    if (relay != NULL) {
        if (strcmp(relay, relay_name) != 0)
            fail("no such relay:", relay);
        snprintf(url, sizeof url, "http://127.0.0.1:%d%s", relay_port, path);
    }
    OK(bg_manager_create_job(manager, "scenario", BG_JOB_TYPE_DOWNLOAD, &id, &job));
    yes.enable = 1;
    if (strcmp(mode, "dynamic") == 0)
        OK(bg_job_set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, yes));
    else if (strcmp(mode, "high_performance") == 0)
        OK(bg_job_set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, yes));
    else if (*mode != 0)
        fail("no such mode:", mode);
    OK(bg_job_add_file(job, url, path_of("files/a")));
    if (strcmp(value_of(words, "priority", "normal"), "foreground") == 0)
        OK(bg_job_set_priority(job, BG_JOB_PRIORITY_FOREGROUND));
    listen_to_job();
    OK(bg_job_resume(job));
}

static void step_until(const char *wanted)
{
    static const char *const names[] = { "QUEUED", "CONNECTING", "TRANSFERRING", "SUSPENDED", "ERROR",
                                         "TRANSIENT_ERROR", "TRANSFERRED", "ACKNOWLEDGED", "CANCELLED" };
    for (;;) {
        int events = watch_read(&seen, &seen.modified);
        bg_job_state state = -1;
        OK(bg_job_get_state(job, &state));
        CHECK(state >= 0 && state <= BG_JOB_STATE_CANCELLED);
        if (strcmp(names[state], wanted) == 0)
            return;
        watch_until(&seen, &seen.modified, events + 1);
    }
}

static void step_error(char *const *words)
{
    static const char *const names[] = { "NONE", "UNKNOWN", "GENERAL_QUEUE_MANAGER",
                                         "QUEUE_MANAGER_NOTIFICATION", "LOCAL_FILE", "REMOTE_FILE",
                                         "GENERAL_TRANSPORT", "REMOTE_APPLICATION",
                                         "SERVER_CERTIFICATE_CALLBACK" };
    bg_error *error = NULL;
    bg_error_context context = 0;
    bg_result code = 0;
    OK(bg_job_get_error(job, &error));
    OK(bg_error_get_error(error, &context, &code));
    bg_error_release(error);
    CHECK(context >= 0 && context <= BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
    if (strcmp(value_of(words, "code", bg_result_name(code)), bg_result_name(code)) != 0)
        fail("the code is", bg_result_name(code));
    if (strcmp(value_of(words, "context", names[context]), names[context]) != 0)
        fail("the context is", names[context]);
}

static void step_reopen(void)
{
    bg_job_release(job);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    open_for_events();
    OK(bg_manager_get_job(manager, &id, &job));
    listen_to_job();
}

static void step_content(char *const *words)
{
    char target[256], wanted[128], command[640], found[128] = "";
    FILE *sum;
    snprintf(target, sizeof target, "/sha256/%s?seed=%s&version=%s", value_of(words, "size", ""),
             value_of(words, "seed", "0"), value_of(words, "version", "0"));
    ask("GET", target, wanted, sizeof wanted);
    snprintf(command, sizeof command, "sha256sum < '%s'", path_of("files/a"));
    sum = popen(command, "r");
    CHECK(sum != NULL && fgets(found, sizeof found, sum) != NULL && pclose(sum) == 0);
    found[strcspn(found, " \n")] = 0;
    if (strcmp(found, wanted) != 0)
        fail("the content has another sum than", wanted);
}

static void step_absent(void)
{
    DIR *directory = opendir(path_of("files"));
    struct dirent *entry;
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fail("left over:", entry->d_name);
    closedir(directory);
}

static void at_most(const char *what, char *const *words)
{
    char target[512], number[64];
    snprintf(target, sizeof target, "/%s?path=%s", what, value_of(words, "path", ""));
    ask("GET", target, number, sizeof number);
    if (atoll(number) > atoll(value_of(words, "most", "0")))
        fail("too many:", number);
}

static void step(const char *verb, char *const *words)
{
    if (strcmp(verb, "server") == 0)
        step_server(words);
    else if (strcmp(verb, "download") == 0)
        step_download(words);
    else if (strcmp(verb, "until") == 0)
        step_until(value_of(words, "state", ""));
    else if (strcmp(verb, "error") == 0)
        step_error(words);
    else if (strcmp(verb, "suspend") == 0)
        OK(bg_job_suspend(job));
    else if (strcmp(verb, "resume") == 0)
        OK(bg_job_resume(job));
    else if (strcmp(verb, "cancel") == 0)
        OK(bg_job_cancel(job));
    else if (strcmp(verb, "complete") == 0)
        OK(bg_job_complete(job));
    else if (strcmp(verb, "reopen") == 0)
        step_reopen();
    else if (strcmp(verb, "content") == 0)
        step_content(words);
    else if (strcmp(verb, "absent") == 0)
        step_absent();
    else if (strcmp(verb, "sent") == 0)
        at_most("bytes", words);
    else if (strcmp(verb, "requests") == 0)
        at_most("requests", words);
    else
        fail("the driver does not know", verb);
}

int main(int argc, char **argv)
{
    char line[1024];
    FILE *scenario;
    CHECK(argc == 2);
    file = argv[1];
    scenario = fopen(file, "r");
    CHECK(scenario != NULL);
    CHECK(mkdir(path_of("files"), 0700) == 0);
    watch_init(&seen);
    open_for_events();
    while (fgets(line, sizeof line, scenario) != NULL) {
        char *words[16] = { NULL };
        int count = 0;
        char *word = strtok(line, " \n");
        line_number++;
        for (; word != NULL && count < 15; word = strtok(NULL, " \n"))
            words[count++] = word;
        if (count > 0 && words[0][0] != '#') {
            /* Named before it is done, for a check that ends the program. */
            fprintf(stderr, "%s:%d\n", file, line_number);
            step(words[0], words + 1);
        }
    }
    fclose(scenario);
    bg_job_release(job);
    OK(bg_manager_close(manager));
    bg_manager_release(manager);
    watch_free(&seen);
    return 0;
}
