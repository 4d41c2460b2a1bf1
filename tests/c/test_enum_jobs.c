/* The enumerator of jobs: a snapshot with a place in it. */
#include "check.h"

enum { COUNT = 5 };

static bg_guid ids[COUNT];

static int is(bg_job *job, int number)
{
    bg_guid id;
    OK(bg_job_get_id(job, &id));
    return bg_guid_equal(&id, &ids[number]);
}

int main(void)
{
    bg_manager *manager = open_queue();
    bg_enum_jobs *all = NULL, *clone = NULL;
    bg_job *found[COUNT + 2];
    uint32_t fetched = 99, count = 0;
    int i;
    for (i = 0; i < COUNT; i++) {
        bg_job *job = NULL;
        OK(bg_manager_create_job(manager, "one of many", BG_JOB_TYPE_DOWNLOAD, &ids[i], &job));
        bg_job_release(job);
    }
    GIVES(BG_E_NOTIMPL, bg_manager_enum_jobs(manager, 2, &all));
    CHECK(all == NULL);
    OK(bg_manager_enum_jobs(manager, 0, &all));
    OK(bg_enum_jobs_get_count(all, &count));
    CHECK(count == COUNT);

    /* In order, as many as asked for. */
    OK(bg_enum_jobs_next(all, 2, found, &fetched));
    CHECK(fetched == 2 && is(found[0], 0) && is(found[1], 1));
    bg_job_release(found[0]);
    bg_job_release(found[1]);

    /* A clone starts at the same place and goes its own way. */
    OK(bg_enum_jobs_clone(all, &clone));
    OK(bg_enum_jobs_skip(all, 1));
    OK(bg_enum_jobs_next(all, 1, found, NULL));
    CHECK(is(found[0], 3));
    bg_job_release(found[0]);
    OK(bg_enum_jobs_next(clone, 1, found, &fetched));
    CHECK(fetched == 1 && is(found[0], 2));
    bg_job_release(found[0]);
    bg_enum_jobs_release(clone);

    /* Fewer than asked for: BG_S_FALSE, and the rest of the array is NULL. */
    for (i = 0; i < COUNT + 2; i++)
        found[i] = (bg_job *)&fetched;
    GIVES(BG_S_FALSE, bg_enum_jobs_next(all, 3, found, &fetched));
    CHECK(fetched == 1 && is(found[0], 4) && found[1] == NULL && found[2] == NULL);
    bg_job_release(found[0]);
    GIVES(BG_S_FALSE, bg_enum_jobs_next(all, 1, found, &fetched));
    CHECK(fetched == 0 && found[0] == NULL);
    OK(bg_enum_jobs_next(all, 0, NULL, &fetched));
    CHECK(fetched == 0);
    OK(bg_enum_jobs_reset(all));
    GIVES(BG_S_FALSE, bg_enum_jobs_skip(all, COUNT + 1));

    GIVES(BG_E_INVALIDARG, bg_enum_jobs_next(all, 2, found, NULL));
    GIVES(BG_E_POINTER, bg_enum_jobs_next(all, 2, NULL, &fetched));
    CHECK(fetched == 0);

    /* A snapshot: what is added later is not in it, what it holds is live. */
    {
        bg_job *job = NULL;
        OK(bg_manager_create_job(manager, "late", BG_JOB_TYPE_DOWNLOAD, NULL, &job));
        OK(bg_job_cancel(job));
        bg_job_release(job);
    }
    OK(bg_enum_jobs_reset(all));
    OK(bg_enum_jobs_get_count(all, &count));
    CHECK(count == COUNT);
    OK(bg_enum_jobs_next(all, COUNT, found, &fetched));
    CHECK(fetched == COUNT);
    for (i = 0; i < COUNT; i++) {
        OK(bg_job_cancel(found[i]));
        check_state(found[i], BG_JOB_STATE_CANCELLED);
    }
    for (i = 0; i < COUNT; i++)
        bg_job_release(found[i]);
    CHECK(bg_enum_jobs_retain(all) == all);
    bg_enum_jobs_release(all);
    bg_enum_jobs_release(all);
    /* Jobs that ended are in no new list; only root sees those of everybody. */
    OK(bg_manager_enum_jobs(manager, 0, &all));
    OK(bg_enum_jobs_get_count(all, &count));
    CHECK(count == 0);
    bg_enum_jobs_release(all);
    GIVES(geteuid() == 0 ? BG_S_OK : BG_E_ACCESSDENIED,
          bg_manager_enum_jobs(manager, BG_JOB_ENUM_ALL_USERS, &all));
    bg_enum_jobs_release(all);
    bg_manager_release(manager);
    return 0;
}
