/* The enumerator of files: a snapshot with a place in it. */
#include "check.h"

enum { COUNT = 5 };

static int is(bg_file *file, int number)
{
    uint32_t index = 99;
    OK(bg_file_get_index(file, &index));
    return index == (uint32_t)number;
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_enum_files *all = NULL, *clone = NULL;
    bg_file *found[COUNT + 2];
    uint32_t fetched = 99, count = 0;
    int i;
    bg_job *job = NULL;
    OK(bg_manager_create_job(manager, "files", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
    for (i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "file%d", i);
        OK(bg_job_add_file(job, url_of("/file/1"), path_of(name)));
    }
    OK(bg_job_enum_files(job, &all));
    OK(bg_enum_files_get_count(all, &count));
    CHECK(count == COUNT);

    /* In order, as many as asked for. */
    OK(bg_enum_files_next(all, 2, found, &fetched));
    CHECK(fetched == 2 && is(found[0], 0) && is(found[1], 1));
    bg_file_release(found[0]);
    bg_file_release(found[1]);

    /* A clone starts at the same place and goes its own way. */
    OK(bg_enum_files_clone(all, &clone));
    OK(bg_enum_files_skip(all, 1));
    OK(bg_enum_files_next(all, 1, found, NULL));
    CHECK(is(found[0], 3));
    bg_file_release(found[0]);
    OK(bg_enum_files_next(clone, 1, found, &fetched));
    CHECK(fetched == 1 && is(found[0], 2));
    bg_file_release(found[0]);
    bg_enum_files_release(clone);

    /* Fewer than asked for: BG_S_FALSE, and the rest of the array is NULL. */
    for (i = 0; i < COUNT + 2; i++)
        found[i] = (bg_file *)&fetched;
    GIVES(BG_S_FALSE, bg_enum_files_next(all, 3, found, &fetched));
    CHECK(fetched == 1 && is(found[0], 4) && found[1] == NULL && found[2] == NULL);
    bg_file_release(found[0]);
    GIVES(BG_S_FALSE, bg_enum_files_next(all, 1, found, &fetched));
    CHECK(fetched == 0 && found[0] == NULL);
    OK(bg_enum_files_next(all, 0, NULL, &fetched));
    CHECK(fetched == 0);
    OK(bg_enum_files_reset(all));
    GIVES(BG_S_FALSE, bg_enum_files_skip(all, COUNT + 1));

    GIVES(BG_E_INVALIDARG, bg_enum_files_next(all, 2, found, NULL));
    GIVES(BG_E_POINTER, bg_enum_files_next(all, 2, NULL, &fetched));
    CHECK(fetched == 0);

    /* A snapshot: what is added later is not in it, what it holds is live. */
    OK(bg_job_add_file(job, url_of("/file/1"), path_of("late")));
    OK(bg_enum_files_reset(all));
    OK(bg_enum_files_get_count(all, &count));
    CHECK(count == COUNT);
    OK(bg_enum_files_next(all, COUNT, found, &fetched));
    CHECK(fetched == COUNT);
    for (i = 0; i < COUNT; i++) {
        bg_file_progress progress = BG_FILE_PROGRESS_INIT;
        CHECK(is(found[i], i));
        OK(bg_file_get_progress(found[i], &progress));
        CHECK(progress.bytes_total == BG_SIZE_UNKNOWN);
    }
    for (i = 0; i < COUNT; i++)
        bg_file_release(found[i]);
    CHECK(bg_enum_files_retain(all) == all);
    bg_enum_files_release(all);
    bg_enum_files_release(all);
    OK(bg_job_cancel(job));
    bg_job_release(job);
    bg_manager_release(manager);
    return 0;
}
