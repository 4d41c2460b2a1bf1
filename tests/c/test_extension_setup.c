/* Uploads to directories of a server, enabled and disabled in its configuration. */
#include "check.h"

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static const char *read_text(const char *name)
{
    static char text[4096];
    size_t length = 0;
    FILE *file = fopen(path_of(name), "r");
    if (file == NULL)
        return NULL;
    length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    return text;
}

/* A server with the directories /orders and /a b/c, which are there, and /gone, which is not. */
static void write_configuration(const char *more)
{
    char text[4096];
    snprintf(text, sizeof text,
             "listen = [\"127.0.0.1:0\"]\n[defaults]\nanonymous = true\n"
             "[[directory]]\nurl_prefix = \"/orders\"\npath = \"%s\"\ncleanup_count = 2\nsession_timeout = 60\n"
             "[[directory]]\nurl_prefix = \"/a%%20b/c\"\npath = \"%s\"\nsession_limit_enable = false\n"
             "[[directory]]\nurl_prefix = \"/gone\"\npath = \"%s\"\n%s",
             path_of("orders"), path_of("orders"), path_of("no/such/place"), more);
    write_text("server.toml", text);
}

static bg_extension_setup *find(bg_extension_setup_factory *factory, const char *path)
{
    bg_extension_setup *setup = NULL;
    OK(bg_extension_setup_factory_get_object(factory, path, &setup));
    CHECK(setup != NULL);
    return setup;
}

static int has_task(bg_extension_setup *setup)
{
    bg_cleanup_task task = BG_CLEANUP_TASK_INIT;
    char *name = (char *)"unset";
    bg_result result = bg_extension_setup_get_cleanup_task_name(setup, &name);
    CHECK(result == (name != NULL ? BG_S_OK : BG_S_FALSE));
    GIVES(result, bg_extension_setup_get_cleanup_task(setup, &task));
    CHECK((task.interval_s != 0) == (name != NULL));
    if (name != NULL)
        CHECK(strcmp(name, "bgcopy-server-clean-up.service") == 0);
    bg_string_free(name);
    return result == BG_S_OK;
}

static void test_enable_and_disable(bg_extension_setup_factory *factory)
{
    bg_extension_setup *orders = find(factory, "/orders");
    bg_cleanup_task task = BG_CLEANUP_TASK_INIT;
    CHECK(!has_task(orders));
    OK(bg_extension_setup_disable_bits_uploads(orders)); /* as they are */
    CHECK(read_text("server.d/zz-uploads-orders.toml") == NULL);

    OK(bg_extension_setup_enable_bits_uploads(orders));
    CHECK(strstr(read_text("server.d/zz-uploads-orders.toml"), "upload_enabled = true") != NULL);
    CHECK(has_task(orders));
    OK(bg_extension_setup_get_cleanup_task(orders, &task));
    CHECK(task.interval_s == 2 * 60 * 60 && task.session_timeout_s == 60 && task.sessions_per_user == 50);
    OK(bg_extension_setup_enable_bits_uploads(orders));

    OK(bg_extension_setup_disable_bits_uploads(orders));
    CHECK(strstr(read_text("server.d/zz-uploads-orders.toml"), "upload_enabled = false") != NULL);
    CHECK(!has_task(orders));
    bg_extension_setup_release(orders);
}

static void test_names_of_iis(bg_extension_setup_factory *factory)
{
    static const char *const names[] = { "/a%20b/c", "/a%20b/c/", "/a b/c", "IIS://localhost/W3SVC/1/ROOT/a b/c",
                                         "iis://LocalHost/w3svc/1/a b/c", "IIS://localhost/w3svc/1/Root/a b/c/" };
    bg_cleanup_task task = BG_CLEANUP_TASK_INIT;
    bg_extension_setup *setup = find(factory, names[0]);
    size_t i;
    OK(bg_extension_setup_enable_bits_uploads(setup));
    bg_extension_setup_release(setup);
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        setup = find(factory, names[i]);
        CHECK(has_task(setup));
        OK(bg_extension_setup_get_cleanup_task(setup, &task));
        CHECK(task.sessions_per_user == 0);
        bg_extension_setup_release(setup);
    }
    setup = find(factory, "/orders");
    CHECK(!has_task(setup));
    bg_extension_setup_release(setup);
}

static void test_wrong_paths(bg_extension_setup_factory *factory)
{
    static const char *const wrong[] = { "", "orders", "./orders", "/../orders", "/orders/%2e%2e", "//orders", "/or\nders",
                                         "/or%0ders", "C:\\orders", "\\\\server\\orders", "http://localhost/orders", "IIS://",
                                         "IIS://localhost", "IIS://localhost/W3SVC", "IIS://localhost/W3SVC/one/ROOT/orders",
                                         "IIS://localhost/MSFTPSVC/1/ROOT/orders", "IIS://localhost/W3SVC/1/ROOT/../orders",
                                         "IIS://localhost/W3SVC/1/ROOT//orders", "IIS://other.example/W3SVC/1/ROOT/orders",
                                         "IIS://localhost/W3SVC/1/ROOT/or\001ders" };
    static const char *const missing[] = { "/", "/order", "/orders/below", "/ORDERS", "/a%2520b/c", "IIS://localhost/W3SVC/1",
                                           "IIS://localhost/W3SVC/2/ROOT/orders", "IIS://localhost/W3SVC/1/ROOT/a%20b/c" };
    bg_extension_setup *setup = (bg_extension_setup *)"unset";
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_get_object(factory, wrong[i], &setup));
        CHECK(setup == NULL && *bg_last_error_detail() != 0);
    }
    for (i = 0; i < sizeof missing / sizeof missing[0]; i++)
        GIVES(BG_E_WIN32_PATH_NOT_FOUND, bg_extension_setup_factory_get_object(factory, missing[i], &setup));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_get_object(factory, NULL, &setup));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_get_object(factory, "/caf\xE9", &setup));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_get_object(NULL, "/orders", &setup));
    GIVES(BG_E_POINTER, bg_extension_setup_factory_get_object(factory, "/orders", NULL));
}

/* A directory that is not on disk gets no uploads, and nothing is written. */
static void test_missing_directory(bg_extension_setup_factory *factory)
{
    bg_extension_setup *gone = find(factory, "/gone");
    GIVES(BG_E_WIN32_PATH_NOT_FOUND, bg_extension_setup_enable_bits_uploads(gone));
    CHECK(strstr(bg_last_error_detail(), "no/such/place") != NULL);
    CHECK(!has_task(gone) && read_text("server.d/zz-uploads-gone.toml") == NULL);
    bg_extension_setup_release(gone);
}

/* A mistake of the administrator is said with its line, and nothing is changed. */
static void test_wrong_configuration(bg_extension_setup_factory *factory)
{
    bg_extension_setup *orders = find(factory, "/orders"), *other = NULL;
    char *name = NULL;
    write_configuration("wrong = 1\n");
    GIVES(BG_E_WIN32_INVALID_DATA, bg_extension_setup_enable_bits_uploads(orders));
    CHECK(strstr(bg_last_error_detail(), "server.toml") != NULL && strstr(bg_last_error_detail(), "line 16") != NULL);
    GIVES(BG_E_WIN32_INVALID_DATA, bg_extension_setup_factory_get_object(factory, "/orders", &other));
    GIVES(BG_E_WIN32_INVALID_DATA, bg_extension_setup_get_cleanup_task_name(orders, &name));
    CHECK(name == NULL && strstr(read_text("server.d/zz-uploads-orders.toml"), "false") != NULL);
    CHECK(unlink(path_of("server.toml")) == 0);
    GIVES(BG_E_WIN32_FILE_NOT_FOUND, bg_extension_setup_enable_bits_uploads(orders));
    write_text("server.toml", "listen = [\"127.0.0.1:0\"]\n");
    CHECK(rename(path_of("server.d"), path_of("server.d.kept")) == 0);
    GIVES(BG_E_WIN32_PATH_NOT_FOUND, bg_extension_setup_disable_bits_uploads(orders));
    CHECK(rename(path_of("server.d.kept"), path_of("server.d")) == 0);
    write_configuration("");

    /* Somebody else's file has the last word. */
    write_text("server.d/zzz.toml", "[[directory]]\nurl_prefix = \"/orders\"\nupload_enabled = false\n");
    GIVES(BG_E_WIN32_ALREADY_EXISTS, bg_extension_setup_enable_bits_uploads(orders));
    CHECK(strstr(read_text("server.d/zz-uploads-orders.toml"), "false") != NULL);
    CHECK(unlink(path_of("server.d/zzz.toml")) == 0);
    OK(bg_extension_setup_enable_bits_uploads(orders));
    bg_extension_setup_release(orders);
}

static void test_wrong_arguments(bg_extension_setup_factory *factory)
{
    bg_extension_setup_factory *none = (bg_extension_setup_factory *)"unset";
    bg_extension_setup *orders = find(factory, "/orders");
    bg_cleanup_task task = BG_CLEANUP_TASK_INIT;
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_open("server.toml", &none));
    CHECK(none == NULL);
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_open("", &none));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_open("/", &none));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_open("/caf\xE9", &none));
    GIVES(BG_E_POINTER, bg_extension_setup_factory_open(NULL, NULL));
    CHECK(setenv("BGCOPY_SERVER_CONFIGURATION", "server.toml", 1) == 0);
    GIVES(BG_E_INVALIDARG, bg_extension_setup_factory_open(NULL, &none));

    GIVES(BG_E_INVALIDARG, bg_extension_setup_enable_bits_uploads(NULL));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_enable_bits_uploads((bg_extension_setup *)(void *)factory));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_disable_bits_uploads(NULL));
    GIVES(BG_E_INVALIDARG, bg_extension_setup_get_cleanup_task(NULL, &task));
    GIVES(BG_E_POINTER, bg_extension_setup_get_cleanup_task(orders, NULL));
    task.struct_size = 4;
    GIVES(BG_E_INVALIDARG, bg_extension_setup_get_cleanup_task(orders, &task));
    GIVES(BG_E_POINTER, bg_extension_setup_get_cleanup_task_name(orders, NULL));
    bg_extension_setup_release(orders);
}

static void test_references(bg_extension_setup_factory *factory)
{
    bg_extension_setup *orders = find(factory, "/orders");
    CHECK(bg_extension_setup_factory_retain(factory) == factory && bg_extension_setup_retain(orders) == orders);
    bg_extension_setup_factory_release(factory);
    bg_extension_setup_release(orders);
    bg_extension_setup_factory_release(NULL);
    bg_extension_setup_release(NULL);
    CHECK(bg_extension_setup_retain(NULL) == NULL && bg_extension_setup_factory_retain(NULL) == NULL);
    OK(bg_extension_setup_disable_bits_uploads(orders));
    bg_extension_setup_release(orders);
}

int main(void)
{
    bg_extension_setup_factory *factory = NULL;
    CHECK(mkdir(path_of("orders"), 0700) == 0);
    write_configuration("");
    CHECK(setenv("BGCOPY_SERVER_CONFIGURATION", path_of("server.toml"), 1) == 0);
    OK(bg_extension_setup_factory_open(NULL, &factory));
    test_enable_and_disable(factory);
    test_names_of_iis(factory);
    test_wrong_paths(factory);
    test_missing_directory(factory);
    test_wrong_configuration(factory);
    bg_extension_setup_factory_release(factory);
    OK(bg_extension_setup_factory_open(path_of("server.toml"), &factory));
    test_wrong_arguments(factory);
    test_references(factory);
    bg_extension_setup_factory_release(factory);
    return 0;
}
