/* The queue: opening, creating and finding jobs, closing, reopening; version, identifiers, names of codes. */
#include "check.h"

static void version_of_header_and_library_agree(void)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", BG_VERSION_MAJOR, BG_VERSION_MINOR, BG_VERSION_PATCH);
    CHECK(bg_version_number() == BG_VERSION_NUMBER);
    CHECK(strcmp(bg_version(), text) == 0);
}

static void codes_have_names(void)
{
    CHECK(strcmp(bg_result_name(BG_E_NOT_FOUND), "BG_E_NOT_FOUND") == 0);
    CHECK(strcmp(bg_result_name(BG_S_OK), "BG_S_OK") == 0);
    CHECK(strcmp(bg_result_name(0x12345678), "unnamed code") == 0);
    CHECK(BG_E_NOT_FOUND == (bg_result)0x80200001u);
}

static void identifiers_are_written_and_read(void)
{
    const char *expected = "{01234567-89AB-CDEF-0123-456789ABCDEF}";
    bg_guid guid = { 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } }, other = guid;
    char *text = NULL;
    OK(bg_guid_from_string("01234567-89ab-cdef-0123-456789abcdef", &guid));
    CHECK(guid.data1 == 0x01234567u && guid.data2 == 0x89AB && guid.data4[7] == 0xEF);
    OK(bg_guid_to_string(&guid, &text));
    CHECK(strcmp(text, expected) == 0);
    bg_string_free(text);
    OK(bg_guid_from_string(expected, &other));
    CHECK(bg_guid_equal(&guid, &other) == 1);
    other.data4[7] ^= 1;
    CHECK(bg_guid_equal(&guid, &other) == 0);
    CHECK(bg_guid_equal(&guid, NULL) == 0);
    GIVES(BG_E_INVALIDARG, bg_guid_from_string("{no identifier}", &guid));
    CHECK(guid.data1 == 0);
}

static void a_queue_has_one_owner(void)
{
    bg_manager *manager = open_queue();
    bg_manager_options options = BG_MANAGER_OPTIONS_INIT;
    bg_manager *second = manager;
    char pid[32];
    options.directory = path_of("queue");
    GIVES(BG_E_WIN32_SHARING_VIOLATION, bg_manager_open(&options, &second));
    CHECK(second == NULL);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    CHECK(strstr(bg_last_error_detail(), pid) != NULL);
    options.directory = "relative";
    GIVES(BG_E_INVALIDARG, bg_manager_open(&options, &second));
    bg_manager_release(manager);
}

static void jobs_are_created_and_found(void)
{
    bg_manager *manager = open_queue();
    bg_guid id, same, unknown;
    bg_job *job = NULL, *found = NULL;
    char name[2 * 257 + 1] = "";
    int i;
    OK(bg_manager_create_job(manager, "one", BG_JOB_TYPE_DOWNLOAD, &id, &job));
    check_state(job, BG_JOB_STATE_SUSPENDED);
    OK(bg_job_get_id(job, &same));
    CHECK(bg_guid_equal(&id, &same) == 1);
    OK(bg_manager_get_job(manager, &id, &found));
    OK(bg_job_get_id(found, &same));
    CHECK(bg_guid_equal(&id, &same) == 1);
    bg_job_release(found);

    unknown = id;
    unknown.data1 ^= 1;
    GIVES(BG_E_NOT_FOUND, bg_manager_get_job(manager, &unknown, &found));
    CHECK(found == NULL);

    GIVES(BG_E_NOTIMPL, bg_manager_create_job(manager, "x", 3, NULL, &found));
    GIVES(BG_E_NOTIMPL, bg_manager_create_job(manager, "x", -1, NULL, &found));
    /* The limit counts characters: these have two bytes each. */
    for (i = 0; i < 256; i++)
        memcpy(name + 2 * i, "\xC3\xA9", 3);
    OK(bg_manager_create_job(manager, name, BG_JOB_TYPE_DOWNLOAD, NULL, &found));
    OK(bg_job_cancel(found));
    bg_job_release(found);
    memcpy(name + 2 * 256, "\xC3\xA9", 3);
    GIVES(BG_E_INVALIDARG, bg_manager_create_job(manager, name, BG_JOB_TYPE_DOWNLOAD, &same, &found));
    CHECK(found == NULL && same.data1 == 0);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);
}

static void codes_are_described(void)
{
    bg_manager *manager = open_queue();
    char *text = NULL;
    OK(bg_manager_get_error_description(manager, BG_E_NOT_FOUND, 0x0409, &text));
    CHECK(strlen(text) > 10);
    bg_string_free(text);
    OK(bg_manager_get_error_description(manager, BG_E_HTTP_ERROR_404, 0x0407, &text));
    CHECK(strlen(text) > 10);
    bg_string_free(text);
    GIVES(BG_E_INVALIDARG, bg_manager_get_error_description(manager, BG_E_NOT_FOUND, 0, &text));
    CHECK(text == NULL);
    bg_manager_release(manager);
}

static void a_closed_queue_says_so_and_can_be_opened_again(void)
{
    bg_manager *manager = open_queue();
    bg_guid id;
    bg_job *job = NULL, *found = NULL;
    bg_job_state state = 7;
    char *name = NULL;
    OK(bg_manager_create_job(manager, "kept", BG_JOB_TYPE_DOWNLOAD, &id, &job));
    OK(bg_manager_close(manager));
    OK(bg_manager_close(manager));
    GIVES(BG_E_DISCONNECTED, bg_job_get_state(job, &state));
    CHECK(state == 0);
    GIVES(BG_E_DISCONNECTED, bg_manager_get_job(manager, &id, &found));
    bg_manager_release(manager);

    /* The handle of the closed queue does not disturb the new one. */
    manager = open_queue();
    GIVES(BG_E_DISCONNECTED, bg_job_resume(job));
    bg_job_release(job);
    OK(bg_manager_get_job(manager, &id, &job));
    OK(bg_job_get_display_name(job, &name));
    CHECK(strcmp(name, "kept") == 0);
    bg_string_free(name);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);
}

static void the_last_release_closes(void)
{
    bg_manager *manager = open_queue();
    CHECK(bg_manager_retain(manager) == manager);
    bg_manager_release(manager);
    {
        bg_job *job = NULL;
        OK(bg_manager_create_job(manager, "still open", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        bg_manager_release(manager);
        GIVES(BG_E_DISCONNECTED, bg_job_cancel(job));
        bg_job_release(job);
    }
    bg_manager_release(open_queue());
}

int main(void)
{
    version_of_header_and_library_agree();
    codes_have_names();
    identifiers_are_written_and_read();
    a_queue_has_one_owner();
    jobs_are_created_and_found();
    codes_are_described();
    a_closed_queue_says_so_and_can_be_opened_again();
    the_last_release_closes();
    return 0;
}
