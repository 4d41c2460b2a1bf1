//! Remote names that are files: copies on one machine.
//!
//! The queue's clock stands still: a background job with a rate gets one burst and then waits, which stops a
//! copy in its middle for as long as the test wants.

use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bgcopy_engine::client::{Credentials, Job};
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, ErrorContext, JobPriority, JobState};
use bgcopy_protocol::file_range::FileRange;
use bgcopy_protocol::flags::AclFlags;
use bgcopy_testserver::content;

use crate::stage::{Open, Stage, eventually};

const RATE: u64 = 10 << 20;
/// What a tenth of a second brings is granted at once.
const BURST: u64 = RATE / 10;
const SIZE: usize = 3_000_000;

fn bytes(seed: u64) -> Vec<u8> {
    content::bytes(seed, 0, 0, SIZE)
}

fn old(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(1_234_567_890_123_456_789) + Duration::from_secs(seconds)
}

fn set_times(path: &Path, modified: SystemTime) {
    let times = std::fs::FileTimes::new().set_modified(modified).set_accessed(old(100));
    std::fs::File::open(path).unwrap().set_times(times).unwrap();
}

/// A source, and a suspended background job that copies it to `copy`.
fn job_for(stage: &Stage, open: &Open, source: &str) -> Job {
    let job = stage.job(open, &[]);
    job.add_file(source, stage.path("copy").to_str().unwrap()).unwrap();
    job
}

fn source(stage: &Stage) -> String {
    std::fs::write(stage.path("source"), bytes(1)).unwrap();
    stage.path("source").to_str().unwrap().to_owned()
}

/// What the process takes away from the permissions of new files.
fn umask(stage: &Stage) -> u32 {
    let path = stage.path("umask");
    let mut new = std::fs::OpenOptions::new();
    let new = new.write(true).create_new(true).mode(0o777).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    0o777 & !new.metadata().unwrap().mode()
}

fn finish(open: &Open, job: &Job) {
    open.until_state(job, JobState::Transferred);
    job.complete().unwrap();
}

/// A job whose copy waits after the first burst, which is durable.
fn half_way(stage: &mut Stage) -> (Open, Job) {
    stage.settings.background_bytes_per_second = Some(RATE);
    let open = stage.open();
    stage.clock.advance(Duration::from_millis(100));
    let job = job_for(stage, &open, &source(stage));
    job.resume().unwrap();
    open.until("a burst is copied", || job.progress().unwrap().bytes_transferred >= BURST);
    (open, job)
}

/// The same, in a queue that is opened again without a rate. What `between` does happens while it is closed.
fn reopened(stage: &mut Stage, between: impl FnOnce(&Stage)) -> (Open, Job) {
    let (open, job) = half_way(stage);
    job.suspend().unwrap();
    drop(job);
    open.close().unwrap();
    between(stage);
    stage.settings.background_bytes_per_second = None;
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert!((BURST..SIZE as u64).contains(&job.progress().unwrap().bytes_transferred));
    (open, job)
}

/// Marks the beginning of the growing file: a copy that begins again overwrites it.
fn mark(stage: &Stage) {
    let temp = stage.names().into_iter().find(|name| name.ends_with(".part")).unwrap();
    let temp = std::fs::OpenOptions::new().write(true).open(stage.path(&temp)).unwrap();
    temp.write_all_at(b"MARK", 0).unwrap();
}

fn is_marked(stage: &Stage) -> bool {
    let mut copy = std::fs::read(stage.path("copy")).unwrap();
    let marked = &copy[..4] == b"MARK";
    copy[..4].copy_from_slice(&bytes(1)[..4]);
    assert!(copy == bytes(1), "the rest is what the source holds");
    marked
}

#[test]
fn a_file_is_copied_with_its_times_and_permissions() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        for scheme in ["", "file://", "FILE://localhost"] {
            let stage = Stage::new();
            let source = format!("{scheme}{}", source(&stage));
            std::fs::set_permissions(stage.path("source"), PermissionsExt::from_mode(0o450)).unwrap();
            set_times(&stage.path("source"), old(0));
            let open = stage.open();
            let job = job_for(&stage, &open, &source);
            job.set_priority(priority).unwrap();
            job.resume().unwrap();
            open.until_state(&job, JobState::Transferred);
            assert!(!stage.path("copy").exists(), "not before it is completed");
            assert_eq!(job.progress().unwrap().bytes_total, SIZE as u64);
            job.complete().unwrap();
            let copy = std::fs::metadata(stage.path("copy")).unwrap();
            assert_eq!((copy.modified().unwrap(), copy.accessed().unwrap()), (old(0), old(100)));
            assert_eq!(copy.mode() & 0o777, 0o450 & !umask(&stage));
            assert_eq!(std::fs::read(stage.path("copy")).unwrap(), bytes(1));
            assert_eq!(stage.names(), ["copy", "source"]);
        }
    }
}

#[test]
fn empty_and_small_files_are_copied_too() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    for size in [0, 1, 4096, 300_000] {
        let (from, to) = (stage.path(&format!("from{size}")), stage.path(&format!("to{size}")));
        std::fs::write(&from, content::bytes(7, 0, 0, size)).unwrap();
        job.add_file(from.to_str().unwrap(), to.to_str().unwrap()).unwrap();
    }
    job.resume().unwrap();
    finish(&open, &job);
    for size in [0, 1, 4096, 300_000] {
        let copy = std::fs::read(stage.path(&format!("to{size}"))).unwrap();
        assert!(copy == content::bytes(7, 0, 0, size), "{size}");
    }
}

#[test]
fn holes_stay_holes() {
    let stage = Stage::new();
    let file = std::fs::File::create(stage.path("source")).unwrap();
    file.write_all_at(b"one", 10 << 20).unwrap();
    file.write_all_at(b"two", 30 << 20).unwrap();
    file.set_len(64 << 20).unwrap();
    if file.metadata().unwrap().blocks() * 512 > 16 << 20 {
        eprintln!("skipped: this file system has no holes");
        return;
    }
    let open = stage.open();
    let job = job_for(&stage, &open, stage.path("source").to_str().unwrap());
    job.resume().unwrap();
    finish(&open, &job);
    let copy = std::fs::metadata(stage.path("copy")).unwrap();
    assert!(copy.len() == 64 << 20 && copy.blocks() * 512 <= 1 << 20, "{} blocks", copy.blocks());
    assert!(std::fs::read(stage.path("copy")).unwrap() == std::fs::read(stage.path("source")).unwrap());
}

#[test]
fn what_cannot_be_copied_is_a_final_error_that_says_why() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("directory")).unwrap();
    let pipe = stage.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (name, code) in [
        ("missing", ResultCode::BG_E_WIN32_FILE_NOT_FOUND),
        ("missing/file", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        ("directory", ResultCode::BG_E_WIN32_DIRECTORY),
        ("pipe", ResultCode::BG_E_WIN32_NOT_SUPPORTED),
        ("pipe/file", ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
    ] {
        let open = stage.open();
        let path = stage.path(name);
        let job = job_for(&stage, &open, path.to_str().unwrap());
        job.resume().unwrap();
        open.until_state(&job, JobState::Error);
        let error = job.error().unwrap();
        assert_eq!((error.code(), error.context()), (code, ErrorContext::RemoteFile), "{error}");
        assert_eq!(error.protocol().unwrap(), "file");
        assert!(error.text().contains(path.to_str().unwrap()), "{error}");
        job.cancel().unwrap();
        assert!(!stage.names().iter().any(|name| name.starts_with('.')), "nothing is left behind");
    }
    let open = stage.open();
    let job = job_for(&stage, &open, "/proc/self/status");
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MISSING_FILE_SIZE);
}

#[test]
fn names_that_are_no_files_are_refused_and_add_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let to = stage.path("copy");
    for name in [
        "file://server/share/a",
        r"\\server\share\a",
        "smb://s/a",
        "file:///a b",
        "relative",
        "/a/",
        "ftp://h/a",
    ] {
        let error = job.add_file(name, to.to_str().unwrap()).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_INVALIDARG, "{name}");
        assert!(!error.detail.is_empty());
    }
    assert!(job.files().unwrap().is_empty());
}

#[test]
fn a_file_on_a_windows_share_is_found_where_the_configuration_says() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("mounted")).unwrap();
    std::fs::write(stage.path("mounted/a b"), bytes(1)).unwrap();
    let open = stage.open();
    let name = r"\\Server\Data\a b";
    let job = stage.job(&open, &[]);
    let copy = stage.path("copy");
    let refused = job.add_file(name, copy.to_str().unwrap()).unwrap_err();
    assert_eq!(refused.code, ResultCode::BG_E_INVALIDARG);
    assert!(refused.detail.contains("[shares]"), "{}", refused.detail);
    stage.config(&format!("[shares]\n'\\\\server\\data' = '{}'\n", stage.path("mounted").display()));
    eventually("the configuration", || job.add_file(name, copy.to_str().unwrap()).is_ok());
    assert_eq!(job.files().unwrap()[0].remote_name().unwrap(), name);
    // They are for servers.
    let (user, password) = (Some("ann".to_owned()), Some("geheim".to_owned()));
    let (target, scheme) = (AuthTarget::Server, AuthScheme::Basic);
    job.set_credentials(Credentials { target, scheme, user, password }).unwrap();
    let ranges = [FileRange { initial_offset: 0, length: 1 }];
    let refused = job.add_file_with_ranges(name, copy.to_str().unwrap(), &ranges).unwrap_err();
    assert_eq!(refused.code, ResultCode::BG_E_INVALIDARG);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    assert!(std::fs::read(&copy).unwrap() == bytes(1));
}

#[test]
fn a_share_may_be_on_a_web_server_and_one_without_a_place_is_an_error_until_it_has_one() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let web = format!("[shares]\n'\\\\server\\data' = '{}'\n", stage.server.url("/r"));
    stage.config(&web);
    let copy = stage.path("a");
    eventually("the configuration", || job.add_file(r"\\server\data\a", copy.to_str().unwrap()).is_ok());
    stage.config("time_slice_s = 77\n");
    let other = stage.job(&open, &[]);
    eventually("the share is gone", || {
        other.add_file(r"\\server\data\b", stage.path("b").to_str().unwrap()).is_err()
    });
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!((error.code(), error.context()), (ResultCode::BG_E_INVALIDARG, ErrorContext::RemoteFile));
    stage.config(&web);
    eventually("the share is back", || {
        other.add_file(r"\\server\data\b", stage.path("b").to_str().unwrap()).is_ok()
    });
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}

#[test]
fn a_copy_goes_on_where_it_was_when_the_file_is_the_same() {
    let mut stage = Stage::new();
    let (open, job) = reopened(&mut stage, mark);
    job.resume().unwrap();
    finish(&open, &job);
    assert!(is_marked(&stage), "the beginning was not copied again");
}

#[test]
fn a_copy_begins_again_when_the_file_was_changed_or_replaced() {
    type Change = fn(&Stage);
    let changes: [(&str, Change); 4] = [
        ("time", |stage| set_times(&stage.path("source"), old(1))),
        ("size", |stage| {
            let source = std::fs::OpenOptions::new().append(true).open(stage.path("source")).unwrap();
            let modified = source.metadata().unwrap().modified().unwrap();
            source.set_len(SIZE as u64 - 1).unwrap();
            set_times(&stage.path("source"), modified);
        }),
        ("replaced", |stage| {
            let modified = std::fs::metadata(stage.path("source")).unwrap().modified().unwrap();
            std::fs::write(stage.path("other"), bytes(2)).unwrap();
            std::fs::rename(stage.path("other"), stage.path("source")).unwrap();
            set_times(&stage.path("source"), modified);
        }),
        ("content", |stage| std::fs::write(stage.path("source"), bytes(2)).unwrap()),
    ];
    for (what, change) in changes {
        let mut stage = Stage::new();
        let (open, job) = reopened(&mut stage, |stage| {
            mark(stage);
            change(stage);
        });
        job.resume().unwrap();
        finish(&open, &job);
        let copy = std::fs::read(stage.path("copy")).unwrap();
        assert!(copy == std::fs::read(stage.path("source")).unwrap(), "{what}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_copied_is_never_mixed() {
    let mut stage = Stage::new();
    let (open, job) = half_way(&mut stage);
    std::fs::write(stage.path("source"), bytes(2)).unwrap();
    // Far more than the copy needs, again and again.
    open.until("it is copied", || {
        stage.clock.advance(Duration::from_secs(1));
        job.state().unwrap() == JobState::Transferred
    });
    job.complete().unwrap();
    assert!(std::fs::read(stage.path("copy")).unwrap() == bytes(2));
}

#[test]
fn a_background_copy_keeps_to_the_rate_and_a_foreground_copy_does_not() {
    let mut stage = Stage::new();
    let (open, job) = half_way(&mut stage);
    assert_eq!(job.progress().unwrap().bytes_transferred, BURST, "no more while the clock stands still");
    job.set_priority(JobPriority::Foreground).unwrap();
    finish(&open, &job);
    assert!(std::fs::read(stage.path("copy")).unwrap() == bytes(1));
}

#[test]
fn a_waiting_copy_is_stopped_at_once() {
    let mut stage = Stage::new();
    let (open, job) = half_way(&mut stage);
    job.suspend().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferring);
    job.cancel().unwrap();
    assert_eq!(stage.names(), ["source"]);
}

#[test]
fn another_name_of_the_same_content_continues_and_one_of_another_begins_again() {
    for (seed, date, goes_on) in [(1, 0, true), (1, 1, false), (2, 0, false)] {
        let mut stage = Stage::new();
        let (open, job) = reopened(&mut stage, |stage| {
            mark(stage);
            std::fs::write(stage.path("other"), bytes(seed)).unwrap();
            let modified = std::fs::metadata(stage.path("source")).unwrap().modified().unwrap();
            set_times(&stage.path("other"), modified + Duration::from_secs(date));
            std::fs::remove_file(stage.path("source")).unwrap();
        });
        let url = format!("file://{}", stage.path("other").display());
        job.files().unwrap()[0].set_remote_name(&url).unwrap();
        job.resume().unwrap();
        finish(&open, &job);
        match goes_on {
            true => assert!(is_marked(&stage)),
            false => assert!(std::fs::read(stage.path("copy")).unwrap() == bytes(seed)),
        }
    }
}

#[test]
fn a_file_and_a_server_may_stand_in_for_each_other() {
    let mut stage = Stage::new();
    let (open, job) = reopened(&mut stage, |stage| {
        stage.offer("a", SIZE as u64, "");
    });
    job.files().unwrap()[0].set_remote_name(&stage.server.url("/r/a")).unwrap();
    job.resume().unwrap();
    finish(&open, &job);
    assert!(
        std::fs::read(stage.path("copy")).unwrap() == content::bytes(crate::stage::seed("a"), 0, 0, SIZE)
    );
}

#[test]
fn a_job_may_not_copy_more_than_its_largest_size() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &source(&stage));
    job.set_max_download_size(SIZE as u64 - 1).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
}

#[test]
fn owner_group_and_permissions_go_along_when_they_are_asked_for() {
    const NOBODY: u32 = 65533;
    let stage = Stage::new();
    let source = source(&stage);
    let path = stage.path("source");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o467)).unwrap();
    if std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY)).is_err() {
        eprintln!("skipped: only root gives files away");
        return;
    }
    let me = std::fs::metadata(stage.dir.path()).unwrap();
    let mine = (me.uid(), me.gid(), 0o467 & !umask(&stage));
    for (flags, expected) in [
        (AclFlags::NONE, mine),
        (AclFlags::OWNER, (NOBODY, mine.1, mine.2)),
        (AclFlags::GROUP_OWNER, (mine.0, NOBODY, mine.2)),
        (AclFlags::DACL, (mine.0, mine.1, 0o467)),
        (AclFlags::ALL, (NOBODY, NOBODY, 0o467)),
    ] {
        let open = stage.open();
        let job = job_for(&stage, &open, &source);
        job.set_file_acl_flags(flags).unwrap();
        job.resume().unwrap();
        finish(&open, &job);
        let copy = std::fs::metadata(stage.path("copy")).unwrap();
        assert_eq!((copy.uid(), copy.gid(), copy.mode() & 0o7777), expected, "{flags:?}");
        std::fs::remove_file(stage.path("copy")).unwrap();
        open.close().unwrap();
    }
}

#[test]
fn an_owner_that_may_not_be_copied_is_a_transient_error_and_nothing_is_copied_twice() {
    let stage = Stage::new();
    let store = Box::new(stage.store.clone());
    let open = stage.open_with(store, Faults::fail_call(Call::Permissions, 1, libc::EPERM)).unwrap();
    let job = job_for(&stage, &open, &source(&stage));
    job.set_file_acl_flags(AclFlags::OWNER).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    let error = job.error().unwrap();
    assert_eq!((error.code(), error.context()), (ResultCode::BG_E_ACCESSDENIED, ErrorContext::LocalFile));
    assert_eq!(job.progress().unwrap().bytes_transferred, SIZE as u64);
    mark(&stage);
    job.resume().unwrap();
    finish(&open, &job);
    assert!(is_marked(&stage));
}

/// A directory on the way that somebody else replaced by a link.
#[test]
fn a_link_of_another_user_leads_no_file_astray() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("victim")).unwrap();
    symlink("victim", stage.path("planted")).unwrap();
    if std::os::unix::fs::lchown(stage.path("planted"), Some(65533), None).is_err() {
        eprintln!("skipped: only root can make another user's link");
        return;
    }
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let error = job.add_file(&source(&stage), stage.path("planted/copy").to_str().unwrap()).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_ACCESSDENIED);
    assert!(error.detail.contains("planted"), "{error}");
    // Planted after the file was added.
    std::fs::remove_file(stage.path("planted")).unwrap();
    std::fs::create_dir(stage.path("planted")).unwrap();
    job.add_file(&source(&stage), stage.path("planted/copy").to_str().unwrap()).unwrap();
    std::fs::remove_dir(stage.path("planted")).unwrap();
    symlink("victim", stage.path("planted")).unwrap();
    std::os::unix::fs::lchown(stage.path("planted"), Some(65533), None).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!((error.code(), error.context()), (ResultCode::BG_E_ACCESSDENIED, ErrorContext::LocalFile));
    assert_eq!(std::fs::read_dir(stage.path("victim")).unwrap().count(), 0);
}

#[test]
fn what_was_put_in_the_place_of_a_growing_file_is_never_written_to() {
    type Plant = fn(&Path, &Path);
    let plants: [(&str, Plant); 3] = [
        ("symbolic link", |precious, temp| symlink(precious, temp).unwrap()),
        ("hard link", |precious, temp| std::fs::hard_link(precious, temp).unwrap()),
        ("file of another user", |precious, temp| {
            std::fs::rename(precious, temp).unwrap();
            let _ = std::os::unix::fs::chown(temp, Some(65533), None);
            symlink(temp, precious).unwrap();
        }),
    ];
    for (what, plant) in plants {
        let mut stage = Stage::new();
        let (open, job) = reopened(&mut stage, |stage| {
            let temp = stage.names().into_iter().find(|name| name.ends_with(".part")).unwrap();
            let (precious, temp) = (stage.path("precious"), stage.path(&temp));
            std::fs::rename(&temp, stage.path("kept")).unwrap();
            std::fs::write(&precious, vec![7; SIZE]).unwrap();
            plant(&precious, &temp);
        });
        if what == "file of another user" && std::fs::metadata(stage.path("precious")).unwrap().uid() != 65533
        {
            eprintln!("skipped: only root can give files away");
            continue;
        }
        let file = std::fs::File::open(stage.path("precious")).unwrap();
        job.resume().unwrap();
        finish(&open, &job);
        let mut precious = vec![0; SIZE];
        file.read_exact_at(&mut precious, 0).unwrap();
        assert!(precious == vec![7; SIZE], "{what}");
        assert!(std::fs::read(stage.path("copy")).unwrap() == bytes(1), "{what}");
    }
}
