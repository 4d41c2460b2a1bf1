//! Uploads to files: copies from here to a place of this machine or of a share.
//!
//! The queue's clock stands still, as in `copies`: a rate stops a background copy in its middle.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::time::{Duration, SystemTime};

use bgcopy_engine::client::Job;
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{ErrorContext, JobPriority, JobState, JobType};
use bgcopy_protocol::flags::{AclFlags, TokenFlags};
use bgcopy_testserver::content;
use bgcopy_testserver::upload::UploadServer;

use crate::stage::{ALL_EVENTS, Open, Recorder, Stage, Told, eventually};

const RATE: u64 = 10 << 20;
/// What a tenth of a second brings is granted at once.
const BURST: u64 = RATE / 10;
const SIZE: usize = 3_000_000;

fn bytes(seed: u64) -> Vec<u8> {
    content::bytes(seed, 0, 0, SIZE)
}

/// A directory to upload to.
fn new_stage() -> Stage {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("there")).unwrap();
    stage
}

fn text(stage: &Stage, name: &str) -> String {
    stage.path(name).to_str().unwrap().to_owned()
}

fn there(stage: &Stage) -> Vec<String> {
    let names = std::fs::read_dir(stage.path("there")).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A suspended job without a file, which tells everything.
fn new_job(open: &Open) -> Job {
    let job = open.create_job("delivery", JobType::Upload).unwrap();
    job.set_notify_flags(ALL_EVENTS).unwrap();
    job
}

/// A suspended background job that uploads `source` to `remote`.
fn job_to(stage: &Stage, open: &Open, remote: &str) -> Job {
    if !stage.path("source").exists() {
        std::fs::write(stage.path("source"), bytes(1)).unwrap();
    }
    let job = new_job(open);
    job.add_file(remote, &text(stage, "source")).unwrap();
    job
}

fn job_for(stage: &Stage, open: &Open) -> Job {
    job_to(stage, open, &text(stage, "there/copy"))
}

fn finish(open: &Open, job: &Job) {
    open.until_state(job, JobState::Transferred);
    job.complete().unwrap();
}

/// A job whose copy waits after the first burst.
fn half_way() -> (Stage, Open, Job) {
    let mut stage = new_stage();
    stage.settings.background_bytes_per_second = Some(RATE);
    let open = stage.open();
    stage.clock.advance(Duration::from_millis(100));
    let job = job_for(&stage, &open);
    job.resume().unwrap();
    open.until("a burst is copied", || job.progress().unwrap().bytes_transferred >= BURST);
    (stage, open, job)
}

/// The same, in a queue that is opened again without a rate. What `between` does happens while it is closed.
fn reopened(between: impl FnOnce(&Stage)) -> (Stage, Open, Job) {
    let (mut stage, open, job) = half_way();
    job.suspend().unwrap();
    drop(job);
    open.close().unwrap();
    between(&stage);
    stage.settings.background_bytes_per_second = None;
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert!((BURST..SIZE as u64).contains(&job.progress().unwrap().bytes_transferred));
    (stage, open, job)
}

/// Marks the beginning of the growing file: a copy that begins again overwrites it.
fn mark(stage: &Stage) {
    let temp = there(stage).into_iter().find(|name| name.ends_with(".part")).unwrap();
    let temp = File::options().write(true).open(stage.path("there").join(temp)).unwrap();
    temp.write_all_at(b"MARK", 0).unwrap();
}

fn assert_marked(stage: &Stage) {
    let mut copy = std::fs::read(stage.path("there/copy")).unwrap();
    assert_eq!(&copy[..4], b"MARK", "the beginning was copied again");
    copy[..4].copy_from_slice(&bytes(1)[..4]);
    assert!(copy == bytes(1), "the rest is what the source holds");
}

#[test]
fn a_file_is_uploaded_to_a_path_with_its_times_and_permissions() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        for scheme in ["", "file://", "FILE://localhost"] {
            let stage = new_stage();
            let open = stage.open();
            let job = job_to(&stage, &open, &format!("{scheme}{}", text(&stage, "there/copy")));
            let modified = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_234_567_890_123_456_789);
            let source = File::options().write(true).open(stage.path("source")).unwrap();
            source.set_modified(modified).unwrap();
            source.set_permissions(PermissionsExt::from_mode(0o400)).unwrap();
            std::fs::write(stage.path("there/copy"), "old").unwrap();
            job.set_priority(priority).unwrap();
            let recorder = Recorder::new();
            job.set_callback(Some(recorder.clone())).unwrap();
            job.resume().unwrap();
            open.until_state(&job, JobState::Transferred);
            // As with a server: it is there when it is transferred.
            let copy = std::fs::metadata(stage.path("there/copy")).unwrap();
            assert_eq!((copy.modified().unwrap(), copy.mode() & 0o777), (modified, 0o400));
            assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(1));
            let progress = job.progress().unwrap();
            assert_eq!((progress.bytes_transferred, progress.bytes_total), (SIZE as u64, SIZE as u64));
            assert!(job.files().unwrap()[0].progress().unwrap().completed);
            recorder.wait_for(&Told::Transferred);
            assert!(!recorder.told().iter().any(|told| matches!(told, Told::File(_))));
            assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
            assert_eq!((there(&stage), stage.path("source").exists()), (vec!["copy".to_owned()], true));
        }
    }
}

#[test]
fn empty_files_and_holes_arrive_as_they_are() {
    let stage = new_stage();
    let open = stage.open();
    std::fs::write(stage.path("source"), "").unwrap();
    let job = job_for(&stage, &open);
    job.resume().unwrap();
    finish(&open, &job);
    assert_eq!(std::fs::metadata(stage.path("there/copy")).unwrap().len(), 0);

    let source = File::create(stage.path("source")).unwrap();
    source.write_all_at(b"one", 10 << 20).unwrap();
    source.set_len(64 << 20).unwrap();
    let job = job_for(&stage, &open);
    job.resume().unwrap();
    finish(&open, &job);
    let (copy, source) = (stage.path("there/copy"), stage.path("source"));
    assert!(std::fs::read(&copy).unwrap() == std::fs::read(&source).unwrap());
    let room = |path| std::fs::metadata(path).unwrap().blocks() * 512;
    assert!(room(copy) <= room(source) + (1 << 20));
}

#[test]
fn a_share_is_uploaded_to_where_the_configuration_says() {
    let stage = new_stage();
    let directory = stage.path("server");
    std::fs::create_dir(&directory).unwrap();
    let server = UploadServer::start(&directory);
    let open = stage.open();
    std::fs::write(stage.path("source"), bytes(1)).unwrap();
    let job = new_job(&open);
    let add = |job: &Job, name: &str| job.add_file(name, &text(&stage, "source"));
    assert_eq!(add(&job, r"\\srv\data\a b").unwrap_err().code, ResultCode::BG_E_INVALIDARG);
    stage.config(&format!(
        "[shares]\n'\\\\srv\\data' = '{}'\n'\\\\srv\\web' = '{}'\n",
        text(&stage, "there"),
        server.url("/")
    ));
    eventually("the configuration", || add(&job, r"\\srv\data\a b").is_ok());
    let reply = open.create_job("reply", JobType::UploadReply).unwrap();
    assert_eq!(add(&reply, r"\\srv\data\c").unwrap_err().code, ResultCode::BG_E_INVALIDARG);
    assert_eq!(add(&reply, &text(&stage, "there/c")).unwrap_err().code, ResultCode::BG_E_INVALIDARG);
    add(&reply, r"\\srv\web\d").unwrap();
    let web = new_job(&open);
    add(&web, r"\\SRV\web\b").unwrap();
    for job in [&job, &web] {
        job.set_priority(JobPriority::Foreground).unwrap();
        job.resume().unwrap();
        finish(&open, job);
    }
    assert!(std::fs::read(stage.path("there/a b")).unwrap() == bytes(1));
    assert!(server.file("b").unwrap() == bytes(1));
    assert_eq!(job.files().unwrap()[0].remote_name().unwrap(), r"\\srv\data\a b");
}

/// Also when all of the file was there, and only its name was missing.
#[test]
fn a_share_that_moves_to_a_server_gets_the_file_there() {
    let stage = new_stage();
    let directory = stage.path("server");
    std::fs::create_dir(&directory).unwrap();
    let server = UploadServer::start(&directory);
    std::fs::write(stage.path("source"), bytes(1)).unwrap();
    let faults = Faults::fail_call(Call::Rename, 1, libc::EIO);
    let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
    stage.config(&format!("[shares]\n'\\\\srv\\data' = '{}'\n", text(&stage, "there")));
    let job = new_job(&open);
    eventually("the configuration", || job.add_file(r"\\srv\data\a", &text(&stage, "source")).is_ok());
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    open.until("it fails", || matches!(job.state().unwrap(), JobState::TransientError | JobState::Error));
    let other = new_job(&open);
    stage.config(&format!("[shares]\n'\\\\srv\\data' = '{}'\n'\\\\srv\\new' = '/'\n", server.url("/")));
    eventually("the change", || other.add_file(r"\\srv\new\a", &text(&stage, "source")).is_ok());
    job.resume().unwrap();
    finish(&open, &job);
    assert!(server.file("a").unwrap() == bytes(1));
}

#[test]
fn faults_of_the_destination_are_remote_and_those_of_the_source_local() {
    let stage = new_stage();
    std::fs::create_dir(stage.path("there/directory")).unwrap();
    std::fs::write(stage.path("file"), "").unwrap();
    for (name, code) in [
        ("missing/copy", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        ("file/copy", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        ("there/directory", ResultCode::BG_E_WIN32_DIRECTORY),
    ] {
        let open = stage.open();
        let job = job_to(&stage, &open, &text(&stage, name));
        job.resume().unwrap();
        open.until_state(&job, JobState::Error);
        let error = job.error().unwrap();
        assert_eq!((error.code(), error.context()), (code, ErrorContext::RemoteFile), "{error}");
        assert_eq!(error.protocol().unwrap(), "file");
        assert!(error.text().contains(name), "{error}");
        assert_eq!(job.cancel().unwrap(), ResultCode::BG_S_OK);
        open.close().unwrap();
    }
    for call in [Call::Write, Call::Reserve] {
        let faults = Faults::fail_call(call, 1, libc::ENOSPC);
        let mut stage = new_stage();
        // Through the buffer, not by the kernel.
        stage.settings.background_bytes_per_second = Some(1 << 30);
        let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
        stage.clock.advance(Duration::from_millis(100));
        let job = job_for(&stage, &open);
        job.resume().unwrap();
        open.until_state(&job, JobState::TransientError);
        let error = job.error().unwrap();
        assert_eq!(
            (error.code(), error.context()),
            (ResultCode::BG_E_WIN32_DISK_FULL, ErrorContext::RemoteFile),
            "{error}"
        );
        job.cancel().unwrap();
        assert!(there(&stage).is_empty());
    }
    let open = stage.open();
    let job = job_for(&stage, &open);
    std::fs::remove_file(stage.path("source")).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    let missing = ResultCode::BG_E_WIN32_FILE_NOT_FOUND;
    assert_eq!((error.code(), error.context()), (missing, ErrorContext::LocalFile), "{error}");
}

#[test]
fn an_upload_goes_on_where_it_was_in_another_process_too() {
    let (stage, open, job) = reopened(mark);
    job.resume().unwrap();
    finish(&open, &job);
    assert_marked(&stage);
}

#[test]
fn what_was_put_in_the_place_of_the_growing_file_is_left_alone() {
    let (stage, open, job) = reopened(|stage| {
        let name = there(stage).remove(0);
        std::fs::remove_file(stage.path("there").join(&name)).unwrap();
        std::fs::write(stage.path("precious"), bytes(9)).unwrap();
        std::os::unix::fs::symlink(stage.path("precious"), stage.path("there").join(name)).unwrap();
    });
    job.resume().unwrap();
    finish(&open, &job);
    assert!(std::fs::read(stage.path("precious")).unwrap() == bytes(9));
    assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(1));
}

#[test]
fn a_source_that_changes_is_an_error_until_resume_sends_it_as_it_is_now() {
    let changed = |open: &Open, job: &Job| {
        open.until_state(job, JobState::Error);
        let error = job.error().unwrap();
        let expected = (ResultCode::BG_E_LOCAL_FILE_CHANGED, ErrorContext::LocalFile);
        assert_eq!((error.code(), error.context()), expected, "{error}");
    };
    let arrives = |stage: &Stage, open: &Open, job: &Job| {
        assert!(!stage.path("there/copy").exists(), "no mix has the name");
        job.set_priority(JobPriority::Foreground).unwrap();
        job.resume().unwrap();
        finish(open, job);
        assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(2));
        assert_eq!(there(stage), ["copy"]);
    };
    // Between two processes.
    let (stage, open, job) = reopened(|stage| std::fs::write(stage.path("source"), bytes(2)).unwrap());
    job.resume().unwrap();
    changed(&open, &job);
    arrives(&stage, &open, &job);
    // While it is sent.
    let (stage, open, job) = half_way();
    std::fs::write(stage.path("source"), bytes(2)).unwrap();
    open.until("the change is seen", || {
        stage.clock.advance(Duration::from_secs(1));
        job.state().unwrap() == JobState::Error
    });
    changed(&open, &job);
    arrives(&stage, &open, &job);
}

#[test]
fn a_background_upload_keeps_to_the_rate_and_is_stopped_at_once() {
    let (stage, open, job) = half_way();
    assert_eq!(job.progress().unwrap().bytes_transferred, BURST, "no more while the clock stands still");
    job.suspend().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    finish(&open, &job);
    assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(1));
}

#[test]
fn cancel_leaves_nothing_at_the_destination_and_the_source_alone() {
    let (stage, _open, job) = half_way();
    std::fs::write(stage.path("there/copy"), "old").unwrap();
    assert_eq!(there(&stage).len(), 2);
    assert_eq!(job.cancel().unwrap(), ResultCode::BG_S_OK);
    assert_eq!(there(&stage), ["copy"]);
    assert_eq!(std::fs::read(stage.path("there/copy")).unwrap(), b"old");
    assert!(std::fs::read(stage.path("source")).unwrap() == bytes(1));
}

#[test]
fn a_name_that_cannot_be_given_is_given_later_without_copying_again() {
    let stage = new_stage();
    let faults = Faults::fail_call(Call::Rename, 1, libc::EIO);
    let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
    let job = job_for(&stage, &open);
    job.resume().unwrap();
    open.until("it fails", || matches!(job.state().unwrap(), JobState::TransientError | JobState::Error));
    let error = job.error().unwrap();
    assert_eq!(error.context(), ErrorContext::RemoteFile, "{error}");
    mark(&stage);
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    job.resume().unwrap();
    finish(&open, &job);
    assert_marked(&stage);
}

#[test]
fn a_file_that_is_neither_growing_nor_there_is_sent_again() {
    for before in [None, Some("old")] {
        let stage = new_stage();
        let faults = Faults::fail_call(Call::Rename, 1, libc::EIO);
        let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
        let job = job_for(&stage, &open);
        job.resume().unwrap();
        open.until("it fails", || matches!(job.state().unwrap(), JobState::TransientError | JobState::Error));
        std::fs::remove_file(stage.path("there").join(there(&stage).remove(0))).unwrap();
        if let Some(text) = before {
            std::fs::write(stage.path("there/copy"), text).unwrap();
        }
        job.resume().unwrap();
        finish(&open, &job);
        assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(1));
    }
}

#[test]
fn after_any_failed_file_call_an_upload_can_be_finished() {
    for errno in [libc::EIO, libc::ENOSPC] {
        for rate in [None, Some(1 << 30)] {
            for nth in 1.. {
                let mut stage = new_stage();
                stage.settings.background_bytes_per_second = rate;
                let faults = Faults::fail_any(nth, errno);
                let what = format!("file call {nth} fails with {errno}");
                let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
                stage.clock.advance(Duration::from_millis(100));
                let job = job_for(&stage, &open);
                job.resume().unwrap();
                let mut resumes = 0;
                open.until(&what, || match job.state().unwrap() {
                    JobState::Transferred => true,
                    JobState::TransientError | JobState::Error if resumes < 3 => {
                        resumes += 1;
                        let error = job.error().unwrap();
                        assert_eq!(error.code(), ResultCode::from_errno(errno), "{what}: {error}");
                        assert!(error.text().contains(stage.dir.path().to_str().unwrap()), "{what}: {error}");
                        job.resume().unwrap();
                        false
                    }
                    state => {
                        assert!(resumes < 3, "{what}: {state:?} {:?}", job.error());
                        false
                    }
                });
                assert!(std::fs::read(stage.path("there/copy")).unwrap() == bytes(1), "{what}");
                assert_eq!(there(&stage), ["copy"], "{what}");
                if faults.total() < nth {
                    assert!(nth > 8, "an upload makes more calls than that");
                    break;
                }
            }
        }
    }
}

#[test]
fn owner_group_and_permissions_go_along_when_they_are_asked_for() {
    const NOBODY: u32 = 65533;
    let stage = new_stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    std::fs::set_permissions(stage.path("source"), PermissionsExt::from_mode(0o467)).unwrap();
    if std::os::unix::fs::chown(stage.path("source"), Some(NOBODY), Some(NOBODY)).is_err() {
        eprintln!("skipped: only root gives files away");
        return;
    }
    job.set_file_acl_flags(AclFlags::ALL).unwrap();
    job.resume().unwrap();
    finish(&open, &job);
    let copy = std::fs::metadata(stage.path("there/copy")).unwrap();
    assert_eq!((copy.uid(), copy.gid(), copy.mode() & 0o7777), (NOBODY, NOBODY, 0o467));
}

/// The source is found through the token for local files, the destination through the one for the network.
#[test]
fn a_helper_token_opens_the_side_it_is_for() {
    for (flags, seed, expected) in [(TokenFlags::LOCAL_FILE, 1, "there"), (TokenFlags::NETWORK, 2, "moved")] {
        let stage = Stage::new();
        std::fs::create_dir(stage.path("there")).unwrap();
        std::fs::write(stage.path("there/source"), bytes(1)).unwrap();
        let open = stage.open();
        let job = new_job(&open);
        job.add_file(&text(&stage, "there/copy"), &text(&stage, "there/source")).unwrap();
        job.set_helper_token(File::open(stage.path("there")).unwrap()).unwrap();
        job.set_helper_token_flags(flags).unwrap();
        std::fs::rename(stage.path("there"), stage.path("moved")).unwrap();
        std::fs::create_dir(stage.path("there")).unwrap();
        std::fs::write(stage.path("there/source"), bytes(2)).unwrap();
        job.resume().unwrap();
        finish(&open, &job);
        assert!(std::fs::read(stage.path(expected).join("copy")).unwrap() == bytes(seed), "{flags:?}");
    }
}
