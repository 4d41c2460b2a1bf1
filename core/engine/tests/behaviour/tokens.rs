//! Helper tokens: files of a job reached through an open directory.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, symlink};

use bgcopy_engine::client::Job;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_protocol::flags::TokenFlags;

use crate::stage::{Open, Stage};

const SIZE: usize = 100_000;

/// A suspended job for `place/a`, and the directory `place`.
fn job_for(stage: &Stage, open: &Open) -> (Job, File) {
    let _ = std::fs::create_dir(stage.path("place"));
    let job = stage.job(open, &[]);
    // No HEAD before it: the first request is the one that stalls.
    job.set_priority(JobPriority::Foreground).unwrap();
    let url = stage.offer("a", SIZE as u64, "");
    job.add_file(&url, stage.path("place/a").to_str().unwrap()).unwrap();
    (job, File::open(stage.path("place")).unwrap())
}

/// Puts another directory in the place of `place`, which is `moved` from now on.
fn swap(stage: &Stage) {
    std::fs::rename(stage.path("place"), stage.path("moved")).unwrap();
    std::fs::create_dir(stage.path("place")).unwrap();
}

fn error_of(open: &Open, job: &Job) -> ResultCode {
    open.until_state(job, JobState::Error);
    job.error().unwrap().code()
}

fn finish(open: &Open, job: &Job) {
    job.resume().unwrap();
    open.until_state(job, JobState::Transferred);
    job.complete().unwrap();
}

#[test]
fn local_files_are_made_in_the_directory_of_the_token_wherever_its_path_leads() {
    for (flags, expected) in [(TokenFlags::LOCAL_FILE, "moved/a"), (TokenFlags::NETWORK, "place/a")] {
        let stage = Stage::new();
        let open = stage.open();
        let (job, place) = job_for(&stage, &open);
        job.set_helper_token(&place).unwrap();
        job.set_helper_token_flags(flags).unwrap();
        assert_eq!(job.helper_token_flags().unwrap(), flags);
        assert_eq!(job.helper_token_owner().unwrap(), Some(place.metadata().unwrap().uid()));
        drop(place);
        swap(&stage);
        finish(&open, &job);
        stage.assert_file_at("a", expected, SIZE);
    }
}

#[test]
fn remote_files_are_read_in_the_directory_of_the_token() {
    let stage = Stage::new();
    let open = stage.open();
    std::fs::create_dir(stage.path("place")).unwrap();
    std::fs::write(stage.path("place/source"), "the right one").unwrap();
    let job = stage.job(&open, &[]);
    job.add_file(stage.path("place/source").to_str().unwrap(), stage.path("copy").to_str().unwrap()).unwrap();
    job.set_helper_token(File::open(stage.path("place")).unwrap()).unwrap();
    job.set_helper_token_flags(TokenFlags::NETWORK).unwrap();
    swap(&stage);
    std::fs::write(stage.path("place/source"), "a planted one").unwrap();
    finish(&open, &job);
    assert_eq!(std::fs::read(stage.path("copy")).unwrap(), b"the right one");
}

#[test]
fn what_is_not_below_the_directory_of_the_token_is_refused() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, place) = job_for(&stage, &open);
    std::fs::create_dir(stage.path("place/sub")).unwrap();
    symlink("sub", stage.path("place/link")).unwrap();
    let url = stage.server.url("/r/a");
    // Added while nothing is used through the token yet.
    let early = stage.job(&open, &[]);
    early.add_file(&url, stage.path("elsewhere").to_str().unwrap()).unwrap();
    for job in [&job, &early] {
        job.set_helper_token(&place).unwrap();
        job.set_helper_token_flags(TokenFlags::LOCAL_FILE).unwrap();
    }
    for (name, code) in [
        ("elsewhere", ResultCode::BG_E_ACCESSDENIED),
        ("place/../b", ResultCode::BG_E_ACCESSDENIED),
        ("place/link/b", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        ("place/missing/b", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        ("place/sub", ResultCode::BG_E_WIN32_DIRECTORY),
    ] {
        let error = job.add_file(&url, stage.path(name).to_str().unwrap()).unwrap_err();
        assert_eq!(error.code, code, "{name}: {error}");
    }
    job.add_file(&url, stage.path("place/sub/b").to_str().unwrap()).unwrap();
    finish(&open, &job);
    stage.assert_file_at("a", "place/sub/b", SIZE);
    early.resume().unwrap();
    assert_eq!(error_of(&open, &early), ResultCode::BG_E_ACCESSDENIED);
    assert!(early.error().unwrap().text().contains("helper token"));
    assert!(!stage.path("elsewhere").exists());
}

#[test]
fn a_job_with_flags_and_no_token_is_in_error_until_it_gets_a_token_or_no_flags() {
    for token in [true, false] {
        let stage = Stage::new();
        let open = stage.open();
        let (job, place) = job_for(&stage, &open);
        job.set_helper_token_flags(TokenFlags::LOCAL_FILE).unwrap();
        assert_eq!(job.helper_token_owner().unwrap(), None);
        job.resume().unwrap();
        assert_eq!(error_of(&open, &job), ResultCode::BG_E_TOKEN_REQUIRED);
        match token {
            true => job.set_helper_token(&place).unwrap(),
            false => job.set_helper_token_flags(TokenFlags::NONE).unwrap(),
        }
        finish(&open, &job);
        stage.assert_file_at("a", "place/a", SIZE);
    }
}

#[test]
fn a_token_ends_with_the_process_and_its_flags_do_not() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, place) = job_for(&stage, &open);
    stage.change("a", "stall_after=50000&fail_first=1");
    job.set_helper_token(&place).unwrap();
    job.set_helper_token_flags(TokenFlags::LOCAL_FILE).unwrap();
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(error_of(&open, &job), ResultCode::BG_E_TOKEN_REQUIRED);
    assert_eq!(
        (job.helper_token_flags().unwrap(), job.helper_token_owner().unwrap()),
        (TokenFlags::LOCAL_FILE, None)
    );
    job.set_helper_token(&place).unwrap();
    finish(&open, &job);
    stage.assert_file_at("a", "place/a", SIZE);
}

#[test]
fn a_running_job_that_loses_its_token_is_in_error_and_a_suspended_one_stays() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, place) = job_for(&stage, &open);
    stage.change("a", "stall_after=50000&fail_first=1");
    job.set_helper_token(&place).unwrap();
    job.set_helper_token_flags(TokenFlags::LOCAL_FILE).unwrap();
    job.clear_helper_token().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    assert_eq!(job.helper_token_flags().unwrap(), TokenFlags::LOCAL_FILE);
    job.set_helper_token(&place).unwrap();
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.clear_helper_token().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Error);
    assert_eq!(error_of(&open, &job), ResultCode::BG_E_TOKEN_REQUIRED);
    job.set_helper_token(&place).unwrap();
    finish(&open, &job);
    stage.assert_file_at("a", "place/a", SIZE);
}

#[test]
fn a_transferred_job_is_completed_with_its_token_only() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, place) = job_for(&stage, &open);
    job.set_helper_token(&place).unwrap();
    job.set_helper_token_flags(TokenFlags::LOCAL_FILE).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.clear_helper_token().unwrap();
    assert_eq!(job.complete().unwrap_err().code, ResultCode::BG_E_TOKEN_REQUIRED);
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    job.set_helper_token(&place).unwrap();
    job.complete().unwrap();
    stage.assert_file_at("a", "place/a", SIZE);
}

#[test]
fn only_an_open_directory_is_a_token_and_only_for_a_job_that_has_not_ended() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, place) = job_for(&stage, &open);
    std::fs::write(stage.path("file"), "").unwrap();
    let file = File::open(stage.path("file")).unwrap();
    assert_eq!(job.set_helper_token(&file).unwrap_err().code, ResultCode::BG_E_INVALIDARG);
    let removed = stage.path("removed");
    std::fs::create_dir(&removed).unwrap();
    let directory = File::open(&removed).unwrap();
    std::fs::remove_dir(&removed).unwrap();
    assert_eq!(job.set_helper_token(&directory).unwrap_err().code, ResultCode::BG_E_INVALIDARG);
    assert_eq!(job.helper_token_owner().unwrap(), None);
    job.cancel().unwrap();
    let ended = [
        job.set_helper_token(&place),
        job.clear_helper_token(),
        job.set_helper_token_flags(TokenFlags::NONE),
    ];
    for result in ended {
        assert_eq!(result.unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
    }
}
