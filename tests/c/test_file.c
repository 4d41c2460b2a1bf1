/* A file of a job: names, index, progress, temporary file. */
#include "check.h"

int main(void)
{
    watch seen;
    bg_manager *manager = open_queue();
    bg_job *job = download(manager, "/file/5000?seed=2", "file");
    bg_job *same = NULL;
    bg_enum_files *files = NULL;
    bg_file *file = NULL;
    bg_file_progress progress = BG_FILE_PROGRESS_INIT;
    bg_guid id, id_of_same;
    uint32_t index = 7;
    char *text = NULL;
    watch_init(&seen);
    watch_job(&seen, job);
    OK(bg_job_enum_files(job, &files));
    OK(bg_enum_files_next(files, 1, &file, NULL));
    bg_enum_files_release(files);

    OK(bg_file_get_remote_name(file, &text));
    CHECK(strcmp(text, url_of("/file/5000?seed=2")) == 0);
    bg_string_free(text);
    OK(bg_file_get_local_name(file, &text));
    CHECK(strcmp(text, path_of("file")) == 0);
    bg_string_free(text);
    OK(bg_file_get_index(file, &index));
    CHECK(index == 0);
    OK(bg_file_get_job(file, &same));
    OK(bg_job_get_id(job, &id));
    OK(bg_job_get_id(same, &id_of_same));
    CHECK(bg_guid_equal(&id, &id_of_same) == 1);
    bg_job_release(same);

    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.bytes_total == BG_SIZE_UNKNOWN && progress.bytes_transferred == 0 && progress.completed == 0);
    OK(bg_job_resume(job));
    watch_until(&seen, &seen.transferred, 1);
    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.bytes_total == 5000 && progress.bytes_transferred == 5000);
    /* Whole, but not under its name yet. */
    CHECK(progress.completed == 0);
    OK(bg_file_get_temporary_name(file, &text));
    CHECK(size_of_file(text) == 5000);
    OK(bg_job_complete(job));
    CHECK(size_of_file(text) == -1);
    bg_string_free(text);
    CHECK(size_of_file(path_of("file")) == 5000);

    /* The file handle keeps the job's answers alive. */
    bg_job_release(job);
    OK(bg_file_get_progress(file, &progress));
    CHECK(progress.completed == 1);
    CHECK(bg_file_retain(file) == file);
    bg_file_release(file);
    bg_file_release(file);
    bg_manager_release(manager);
    watch_until(&seen, &seen.destroyed, 1);
    watch_free(&seen);
    return 0;
}
