//! What calls answer: bad arguments, states, limits, owners of a directory.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bgcopy_engine::client::{
    CertificateName, CertificateStores, CommandLine, Credentials, FileInfo, Job, Manager, ProxySettings,
    Result, SIZE_UNKNOWN, Settings,
};
use bgcopy_engine::sys::clock::{Clock, SystemClock};
use bgcopy_engine::sys::user;
use bgcopy_protocol::enums::{
    AuthScheme, AuthTarget, CertStoreLocation, ErrorContext, JobPriority, JobState, JobType, ProxyUsage,
};
use bgcopy_protocol::flags::{AclFlags, CostFlags, JobPeerCachingFlags, TokenFlags};
use bgcopy_protocol::{Guid, ResultCode};

use crate::stage::{Open, Recorder, Stage};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// Runs this test alone in a process of its own, with `key` set.
pub fn in_a_process_of_its_own(test: &str, key: &str, value: &str, configure: impl FnOnce(&mut Command)) {
    // A user other than root may not be able to reach the build directory.
    let place = tempfile::tempdir().unwrap();
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = place.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", test, "--test-threads=1", "--nocapture"]).env(key, value).current_dir("/");
    configure(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{complaint}");
}

#[test]
fn a_new_job_is_suspended_empty_and_the_callers() {
    let stage = Stage::new();
    let open = stage.open();
    let job = open.create_job("", JobType::Download).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    assert_eq!(job.job_type().unwrap(), JobType::Download);
    assert_eq!(job.priority().unwrap(), JobPriority::Normal);
    assert_eq!(job.owner().unwrap(), user::effective());
    assert_eq!((job.display_name().unwrap(), job.description().unwrap()), (String::new(), String::new()));
    assert_eq!(job.progress().unwrap(), bgcopy_engine::client::JobProgress::default());
    assert_eq!(job.error_count().unwrap(), 0);
    let times = job.times().unwrap();
    assert_eq!((times.creation, times.modification, times.transfer_completion), {
        let now = stage.clock.wall();
        (now, now, 0)
    });
    stage.add(&job, "a");
    let progress = job.files().unwrap()[0].progress().unwrap();
    assert_eq!((progress.bytes_total, progress.bytes_transferred), (SIZE_UNKNOWN, 0));
    assert!(!progress.completed);
    assert_eq!(job.progress().unwrap().bytes_total, SIZE_UNKNOWN);
}

#[test]
fn the_times_say_when_the_job_was_transferred() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 10, "");
    let job = stage.job(&open, &["a"]);
    let created = stage.clock.wall();
    stage.clock.advance(Duration::from_secs(7));
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    let times = job.times().unwrap();
    let later = stage.clock.wall();
    assert_eq!((times.creation, times.modification, times.transfer_completion), (created, later, later));
}

#[test]
fn create_refuses_a_name_of_more_than_256_characters_and_creates_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let limit = "ü".repeat(256);
    let job = open.create_job(&limit, JobType::Download).unwrap();
    assert_eq!(job.display_name().unwrap(), limit);
    let refused = open.create_job(&(limit + "x"), JobType::Download);
    assert_eq!(code(refused), ResultCode::BG_E_INVALIDARG);
    assert_eq!(open.jobs(false).unwrap().len(), 1);
}

#[test]
fn add_file_refuses_bad_names_with_their_codes_and_adds_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let good_path = stage.path("a").to_str().unwrap().to_owned();
    let good_url = "http://host/file";
    let invalid = ResultCode::BG_E_INVALIDARG;
    let in_dir = |name: &str| stage.path(name).to_str().unwrap().to_owned();
    std::fs::create_dir(stage.path("directory")).unwrap();
    let cases = [
        ("", good_path.clone(), invalid),
        ("ftp://host/file", good_path.clone(), invalid),
        ("host/file", good_path.clone(), invalid),
        ("http://*/file", good_path.clone(), invalid),
        ("http:///file", good_path.clone(), invalid),
        ("http://host/a file", good_path.clone(), invalid),
        (&format!("http://host/{}", "x".repeat(2200)), good_path.clone(), invalid),
        (good_url, String::new(), invalid),
        (good_url, "relative/name".into(), invalid),
        (good_url, in_dir("a\0b"), invalid),
        (good_url, in_dir("directory/"), invalid),
        (good_url, in_dir("directory"), ResultCode::BG_E_WIN32_DIRECTORY),
        (good_url, in_dir("missing/a"), ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        (good_url, in_dir(&"x".repeat(256)), ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE),
    ];
    for (url, path, expected) in cases {
        assert_eq!(code(job.add_file(url, &path)), expected, "{url} {path:?}");
    }
    // One bad entry spoils the set.
    let entry = |url: &str, path: &str| FileInfo { remote_name: url.into(), local_name: path.into() };
    let set = vec![entry(good_url, &good_path), entry(good_url, "relative")];
    assert_eq!(code(job.add_file_set(set)), invalid);
    assert_eq!(code(job.add_file_set(Vec::new())), invalid);
    assert!(job.files().unwrap().is_empty());
    let longest = format!("http://host/{}", "x".repeat(2200 - "http://host/".len()));
    job.add_file(&longest, &good_path).unwrap();
    assert_eq!(job.files().unwrap()[0].remote_name().unwrap(), longest);
}

#[test]
fn setters_refuse_bad_values_and_change_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let before = (job.display_name(), job.description(), job.notify_flags(), job.times());
    let too_long = ResultCode::BG_E_STRING_TOO_LONG;
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(code(job.set_display_name("x".repeat(257))), too_long);
    assert_eq!(code(job.set_description("x".repeat(1025))), too_long);
    assert_eq!(code(job.set_notify_flags(0x40)), ResultCode::BG_E_NOTIMPL);
    assert_eq!(before, (job.display_name(), job.description(), job.notify_flags(), job.times()));
}

#[test]
fn resume_without_files_answers_empty() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    assert_eq!(code(job.resume()), ResultCode::BG_E_EMPTY);
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    assert_eq!(code(job.error()), ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE);
}

/// All setters; each keeps the state.
fn set_everything(job: &Job) -> Vec<Result<()>> {
    vec![
        job.set_display_name("name".into()),
        job.set_description("description".into()),
        job.set_priority(job.priority().unwrap()),
        job.set_notify_flags(job.notify_flags().unwrap()),
        job.set_minimum_retry_delay(600),
        job.set_no_progress_timeout(1_209_600),
        job.set_maximum_download_time(7_776_000),
        job.set_peer_caching_flags(JobPeerCachingFlags::ENABLE_CLIENT),
        job.set_cost_flags(CostFlags::TRANSFER_ALWAYS),
        job.set_minimum_notification_interval(0),
        job.set_notification_clsid(Guid::default()),
        job.set_security_flags(job.security_flags().unwrap()),
        job.set_notify_cmd_line(None),
        job.take_ownership(),
        job.set_callback(Some(Recorder::new())),
        job.set_callback(None),
    ]
}

/// A job in this state.
fn in_state(stage: &Stage, open: &Open, state: JobState) -> Job {
    let name = format!("{state:?}");
    let script = match state {
        JobState::Transferring => "stall_after=10",
        JobState::TransientError => "status=503",
        JobState::Error => "status=404",
        _ => "",
    };
    stage.offer(&name, 1000, script);
    let job = stage.job(open, &[&name]);
    match state {
        JobState::Suspended => {}
        JobState::Acknowledged => drop(job.complete().unwrap()),
        JobState::Cancelled => drop(job.cancel().unwrap()),
        _ => {
            job.set_priority(JobPriority::Foreground).unwrap();
            job.resume().unwrap();
            open.until_state(&job, state);
        }
    }
    job
}

const LIVING: [JobState; 5] = [
    JobState::Suspended,
    JobState::Transferring,
    JobState::TransientError,
    JobState::Error,
    JobState::Transferred,
];

#[test]
fn setters_and_add_file_work_in_every_state_that_is_not_final_and_keep_it() {
    let stage = Stage::new();
    let open = stage.open();
    for state in LIVING {
        let job = in_state(&stage, &open, state);
        for (number, result) in set_everything(&job).into_iter().enumerate() {
            assert_eq!(result, Ok(()), "setter {number} in {state:?}");
        }
        stage.offer("more", 10, "stall_headers");
        stage.add(&job, "more");
        assert_eq!(job.state().unwrap(), state);
        job.cancel().unwrap();
    }
}

#[test]
fn suspend_and_cancel_work_in_every_state_that_is_not_final() {
    let stage = Stage::new();
    let open = stage.open();
    for state in LIVING {
        let job = in_state(&stage, &open, state);
        job.suspend().unwrap();
        assert_eq!(job.state().unwrap(), JobState::Suspended, "from {state:?}");
        job.suspend().unwrap();
        assert_eq!(job.cancel().unwrap(), ResultCode::BG_S_OK);
        assert!(stage.names().is_empty(), "from {state:?}: {:?}", stage.names());
    }
}

#[test]
fn complete_works_in_every_state_that_is_not_final_and_says_what_is_missing() {
    let stage = Stage::new();
    let open = stage.open();
    for state in LIVING {
        let job = in_state(&stage, &open, state);
        let whole = state == JobState::Transferred;
        let expected = if whole { ResultCode::BG_S_OK } else { ResultCode::BG_S_PARTIAL_COMPLETE };
        assert_eq!(job.complete().unwrap(), expected, "in {state:?}");
        assert_eq!(job.state().unwrap(), JobState::Acknowledged);
        let names = if whole { vec![format!("{state:?}")] } else { vec![] };
        assert_eq!(stage.names(), names, "in {state:?}");
    }
    assert_eq!(stage.job(&open, &[]).complete().unwrap(), ResultCode::BG_S_OK);
}

#[test]
fn a_job_that_ended_refuses_every_change_and_answers_its_getters() {
    let stage = Stage::new();
    let open = stage.open();
    for state in [JobState::Acknowledged, JobState::Cancelled] {
        let job = in_state(&stage, &open, state);
        let path = stage.path("new").to_str().unwrap().to_owned();
        let mut results = set_everything(&job);
        results.extend([
            job.suspend(),
            job.resume(),
            job.cancel().map(drop),
            job.complete().map(drop),
            job.add_file("http://host/file", &path),
        ]);
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(code(result), ResultCode::BG_E_INVALID_STATE, "call {number} in {state:?}");
        }
        assert_eq!(job.state().unwrap(), state);
        assert_eq!(job.files().unwrap().len(), 1);
        assert_eq!(job.display_name().unwrap(), "test");
        assert_eq!(code(job.error()), ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE);
        assert!(job.times().is_ok() && job.progress().is_ok() && job.owner().is_ok());
        assert!(open.jobs(false).unwrap().is_empty());
        let id = job.id();
        drop(job);
        assert_eq!(code(open.job(id)), ResultCode::BG_E_NOT_FOUND);
    }
}

#[test]
fn a_job_that_never_was_is_not_found() {
    let stage = Stage::new();
    let open = stage.open();
    let error = open.job(Guid { data1: 7, ..Guid::default() }).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_NOT_FOUND);
    assert!(error.detail.contains("00000007"), "{error}");
}

#[test]
fn the_error_says_what_failed_on_which_file_with_which_code() {
    let stage = Stage::new();
    let open = stage.open();
    for (state, expected) in [
        (JobState::TransientError, ResultCode::BG_E_HTTP_ERROR_503),
        (JobState::Error, ResultCode::BG_E_HTTP_ERROR_404),
    ] {
        let job = in_state(&stage, &open, state);
        let error = job.error().unwrap();
        let url = stage.server.url(&format!("/r/{state:?}"));
        assert_eq!((error.code(), error.context()), (expected, ErrorContext::RemoteFile));
        assert!(error.text().contains(&url), "{error}");
        assert_eq!(error.file().unwrap().remote_name().unwrap(), url);
        assert_eq!(error.protocol().unwrap(), "http");
        assert_eq!(error.description(0x409).unwrap(), expected.text());
        assert_eq!(code(error.description(0)), ResultCode::BG_E_INVALIDARG);
        assert_eq!(job.error_count().unwrap(), 1);
    }
    for state in [JobState::Suspended, JobState::Transferring, JobState::Transferred] {
        let job = in_state(&stage, &open, state);
        assert_eq!(code(job.error()), ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE, "{state:?}");
    }
}

#[test]
fn jobs_are_listed_in_order_of_creation_also_after_a_restart() {
    let stage = Stage::new();
    let open = stage.open();
    let mut ids: Vec<_> = (0..5).map(|_| stage.job(&open, &[]).id()).collect();
    open.job(ids.remove(2)).unwrap().cancel().unwrap();
    let listed = |open: &Open| open.jobs(false).unwrap().iter().map(Job::id).collect::<Vec<_>>();
    assert_eq!(listed(&open), ids);
    open.close().unwrap();
    let open = stage.open();
    ids.push(stage.job(&open, &[]).id());
    assert_eq!(listed(&open), ids);
}

const AS_USER: &str = "BGCOPY_TEST_AS_USER";

#[test]
fn limits_bind_every_user_but_root() {
    const NOBODY: u32 = 65534;
    let mut stage = Stage::new();
    stage.settings.max_jobs_per_user = Some(2);
    stage.settings.max_files_per_job = Some(3);
    let open = stage.open();
    let job = stage.job(&open, &["a", "b", "c"]);
    stage.job(&open, &[]);
    let third = open.create_job("third", JobType::Download);
    let path = stage.path("d").to_str().unwrap().to_owned();
    let fourth = job.add_file("http://host/d", &path);
    if user::effective() == 0 {
        third.unwrap();
        fourth.unwrap();
        in_a_process_of_its_own("rules::limits_bind_every_user_but_root", AS_USER, "1", |command| {
            command.uid(NOBODY).gid(NOBODY).env("TMPDIR", "/tmp");
        });
        return;
    }
    assert_eq!(code(third), ResultCode::BG_E_TOO_MANY_JOBS_PER_USER);
    assert_eq!(code(fourth), ResultCode::BG_E_TOO_MANY_FILES_IN_JOB);
    assert_eq!(code(open.jobs(true)), ResultCode::BG_E_ACCESSDENIED);
    assert_eq!((open.jobs(false).unwrap().len(), job.files().unwrap().len()), (2, 3));
    // A job that ends makes room.
    job.cancel().unwrap();
    open.create_job("third", JobType::Download).unwrap();
    open.close().unwrap();

    stage.settings.max_jobs_per_user = None;
    stage.settings.max_jobs_per_machine = Some(2);
    let open = stage.open();
    let refused = open.create_job("fourth", JobType::Download);
    assert_eq!(code(refused), ResultCode::BG_E_TOO_MANY_JOBS_PER_MACHINE);
}

pub fn settings(stage: &Stage) -> Settings {
    Settings { directory: stage.path("real"), ..stage.settings.clone() }
}

const OWNER: &str = "BGCOPY_TEST_OWNER";

#[test]
fn a_second_open_is_refused_and_names_the_process_that_has_the_queue() {
    if let Ok(owner) = std::env::var(OWNER) {
        let (pid, directory) = owner.split_once(' ').unwrap();
        let error = Manager::open(Settings { directory: directory.into(), ..Settings::default() })
            .map(drop)
            .unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_WIN32_SHARING_VIOLATION, "{error}");
        assert!(error.detail.contains(pid) && error.detail.contains(directory), "{error}");
        return;
    }
    let stage = Stage::new();
    let manager = Manager::open(settings(&stage)).unwrap();
    let pid = std::process::id().to_string();
    let error = Manager::open(settings(&stage)).map(drop).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_WIN32_SHARING_VIOLATION);
    assert!(error.detail.contains(&pid), "{error}");
    let value = format!("{pid} {}", settings(&stage).directory.display());
    let test = "rules::a_second_open_is_refused_and_names_the_process_that_has_the_queue";
    in_a_process_of_its_own(test, OWNER, &value, |_| {});
    manager.close().unwrap();
    Manager::open(settings(&stage)).unwrap();
}

#[test]
fn a_damaged_store_is_moved_aside_and_the_queue_starts_empty() {
    let stage = Stage::new();
    let manager = Manager::open(settings(&stage)).unwrap();
    manager.create_job("lost", JobType::Download).unwrap();
    manager.close().unwrap();
    let directory = settings(&stage).directory;
    let stored = |prefix: &str| {
        let entries = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect()
    };
    let store: Vec<_> = stored("queue.redb");
    std::fs::write(&store[0], b"no store at all").unwrap();
    let manager = Manager::open(settings(&stage)).unwrap();
    assert!(manager.jobs(false).unwrap().is_empty());
    let aside: Vec<std::path::PathBuf> = stored("queue.redb.corrupt-");
    assert_eq!(std::fs::read(&aside[0]).unwrap(), b"no store at all");
}

#[test]
fn a_closed_queue_refuses_calls_and_can_be_closed_again() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    open.close().unwrap();
    let gone = ResultCode::BG_E_DISCONNECTED;
    assert_eq!(code(job.state()), gone);
    assert_eq!(code(job.resume()), gone);
    assert_eq!(code(open.create_job("late", JobType::Download)), gone);
    assert_eq!(code(open.jobs(false)), gone);
    open.close().unwrap();
}

#[test]
fn a_job_closed_while_it_transfers_goes_on_where_it_was() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 3 << 20, "stall_after=2097152");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    open.until("bytes", || job.progress().unwrap().bytes_transferred >= 1 << 20);
    open.close().unwrap();
    stage.change("a", "-stall_after=");
    let open = stage.open();
    let job = open.job(job.id()).unwrap();
    open.until_state(&job, JobState::Transferred);
    let last = stage.server.log().into_iter().rfind(|entry| entry.method == "GET").unwrap();
    assert!(last.header("Range").is_some_and(|range| !range.starts_with("bytes=0-")), "{last:?}");
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    stage.assert_file("a", 3 << 20);
}

const IDLE: &str = "BGCOPY_TEST_IDLE";

/// The /proc status of each thread of this process but the caller's.
fn other_threads() -> Vec<String> {
    let own = std::fs::read_link("/proc/thread-self").unwrap();
    let own = own.file_name().unwrap().to_owned();
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap());
    let others = tasks.filter(|task| task.file_name() != own);
    // A thread may end between being listed and being read.
    others.filter_map(|task| std::fs::read_to_string(task.path().join("status")).ok()).collect()
}

fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim()
}

/// How often they gave up the processor.
fn switches() -> u64 {
    other_threads()
        .iter()
        .map(|status| field(status, "voluntary_ctxt_switches").parse::<u64>().unwrap())
        .sum()
}

#[test]
fn an_idle_queue_with_a_thousand_jobs_wakes_nobody() {
    if std::env::var_os(IDLE).is_none() {
        let test = "rules::an_idle_queue_with_a_thousand_jobs_wakes_nobody";
        in_a_process_of_its_own(test, IDLE, "1", |_| {});
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let world = bgcopy_engine::client::World {
        store: Box::new(bgcopy_engine::store::memory::MemoryStore::new()),
        clock: Arc::new(SystemClock),
        random: Arc::new(bgcopy_engine::sys::random::SystemRandom),
        directories: bgcopy_engine::sys::fs::Directories::default(),
    };
    let settings = Settings { directory: directory.path().into(), ..Settings::default() };
    let manager = Manager::open_in(settings, world).unwrap();
    for number in 0..1000 {
        let job = manager.create_job("idle", JobType::Download).unwrap();
        let path = directory.path().join(number.to_string());
        job.add_file("http://127.0.0.1:9/file", path.to_str().unwrap()).unwrap();
    }
    // Policies are watched from a moment after the opening on.
    let is_watch = |entry: std::io::Result<std::fs::DirEntry>| {
        let target = std::fs::read_link(entry.unwrap().path());
        target.is_ok_and(|target| target.to_string_lossy().contains("inotify"))
    };
    while !std::fs::read_dir("/proc/self/fd").unwrap().any(is_watch) {
        std::thread::yield_now();
    }
    // The timer thread goes to sleep for good after the last call.
    while !other_threads().iter().all(|status| field(status, "State").starts_with('S')) {
        std::thread::yield_now();
    }
    let before = switches();
    // Nothing is waited for: that nothing happens in this time is what is measured.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(switches() - before, 0, "threads of the queue woke up");
}

#[test]
fn file_acl_flags_are_kept_and_come_too_late_when_the_job_is_transferred() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    job.set_file_acl_flags(AclFlags::OWNER | AclFlags::DACL).unwrap();
    job.set_peer_caching_flags(JobPeerCachingFlags::ENABLE_SERVER).unwrap();
    let id = job.id();
    open.close().unwrap();
    let open = stage.open();
    let job = open.job(id).unwrap();
    assert_eq!(job.file_acl_flags().unwrap(), AclFlags::OWNER | AclFlags::DACL);
    assert_eq!(job.peer_caching_flags().unwrap(), JobPeerCachingFlags::ENABLE_SERVER);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(code(job.set_file_acl_flags(AclFlags::NONE)), ResultCode::BG_E_INVALID_STATE);
    job.complete().unwrap();
    stage.assert_file("a", 1000);
}

#[test]
fn root_takes_a_job_over_and_keeps_it_after_a_restart() {
    const NOBODY: u32 = 65534;
    const DIRECTORY: &str = "BGCOPY_TEST_QUEUE_OF_NOBODY";
    let program = || Some(CommandLine { program: "/bin/true".into(), parameters: None });
    let stage = Stage::new();
    let open_in = |directory: &std::path::Path| {
        let certificates =
            CertificateStores { user: directory.join("certs"), machine: directory.join("none") };
        Manager::open(Settings { directory: directory.into(), certificates, ..Settings::default() }).unwrap()
    };
    let direct = || ProxySettings { usage: ProxyUsage::NoProxy, ..ProxySettings::default() };
    let ann = || Credentials {
        target: AuthTarget::Server,
        scheme: AuthScheme::Basic,
        user: Some("ann".to_owned()),
        password: Some("geheim".to_owned()),
    };
    let client = || CertificateName::Subject("bgcopy-client".to_owned());
    const USER: CertStoreLocation = CertStoreLocation::CurrentUser;
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let queue = Open::new(open_in(directory.as_ref())).unwrap();
        let job = queue.create_job("of nobody", JobType::Download).unwrap();
        assert!(!job.owner_is_elevated().unwrap());
        assert_eq!(job.owner_integrity_level().unwrap(), 0x2000);
        job.set_custom_headers(Some("X-Secret: 1\r\n")).unwrap();
        job.set_notify_cmd_line(program()).unwrap();
        job.set_notify_flags(crate::stage::ALL_EVENTS).unwrap();
        job.set_credentials(ann()).unwrap();
        job.set_stored_credentials(true).unwrap();
        job.set_proxy_settings(direct()).unwrap();
        let store = std::path::Path::new(&directory).join("certs/MY");
        std::fs::create_dir_all(&store).unwrap();
        let (certificate, key) = stage.server.client_identity();
        std::fs::write(store.join("client.pem"), format!("{certificate}{key}")).unwrap();
        job.set_client_certificate(USER, "MY", client()).unwrap();
        let url = stage.offer("a", 1_000_000, "stall_after=600000");
        std::fs::create_dir(std::path::Path::new(&directory).join("files")).unwrap();
        job.add_file(&url, &format!("{}/files/a", directory.to_str().unwrap())).unwrap();
        job.resume().unwrap();
        queue.until("a part", || job.progress().unwrap().bytes_transferred > 0);
        job.suspend().unwrap();
        job.set_helper_token_flags(TokenFlags::NETWORK).unwrap();
        queue.close().unwrap();
        return;
    }
    if user::effective() != 0 {
        // Another user's job cannot be made: the rule for the owner is tested with the other setters.
        return;
    }
    let directory = stage.path("of-nobody");
    std::fs::create_dir(&directory).unwrap();
    std::os::unix::fs::chown(&directory, Some(NOBODY), Some(NOBODY)).unwrap();
    std::fs::set_permissions(stage.dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let test = "rules::root_takes_a_job_over_and_keeps_it_after_a_restart";
    in_a_process_of_its_own(test, DIRECTORY, directory.to_str().unwrap(), |command| {
        command.uid(NOBODY).gid(NOBODY).env("TMPDIR", "/tmp");
    });

    let queue = Open::new(open_in(&directory)).unwrap();
    let job = queue.jobs(true).unwrap().remove(0);
    assert!(queue.jobs(false).unwrap().is_empty());
    assert_eq!(job.owner().unwrap(), NOBODY);
    // An administrator changes what is no secret without taking the job over.
    job.set_description("looked at".to_owned()).unwrap();
    job.set_priority(JobPriority::Foreground).unwrap();
    assert_eq!(job.owner().unwrap(), NOBODY);
    let standing = || (job.state().unwrap(), job.progress().unwrap());
    let before = standing();
    assert!(before.1.bytes_transferred > 0);
    let refused = [
        job.custom_headers().map(drop),
        job.set_custom_headers(None),
        job.make_custom_headers_write_only(),
        job.set_credentials(ann()),
        job.remove_credentials(AuthTarget::Server, AuthScheme::Basic).map(drop),
        job.set_client_certificate(USER, "MY", client()),
        job.remove_client_certificate().map(drop),
        // It would be run by root, from a queue that somebody else can write to.
        job.set_notify_cmd_line(program()),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().code, ResultCode::BG_E_ACCESSDENIED);
    }
    let temp = job.files().unwrap()[0].temporary_name().unwrap();
    assert_eq!(std::fs::metadata(&temp).unwrap().uid(), NOBODY);

    // A link of the former owner on the way to the growing file is not followed: it leads where he likes.
    let (files, elsewhere) = (directory.join("files"), directory.join("elsewhere"));
    std::fs::rename(&files, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &files).unwrap();
    std::os::unix::fs::lchown(&files, Some(NOBODY), Some(NOBODY)).unwrap();
    let refused = job.take_ownership().unwrap_err();
    assert_eq!(refused.code, ResultCode::BG_E_NEW_OWNER_NO_FILE_ACCESS);
    assert!(refused.detail.contains("files"), "{}", refused.detail);
    assert_eq!(job.owner().unwrap(), NOBODY);
    assert!(job.stored_credentials().unwrap(), "nothing is taken away");
    std::fs::remove_file(&files).unwrap();
    std::fs::rename(&elsewhere, &files).unwrap();
    assert_eq!(std::fs::metadata(&temp).unwrap().uid(), NOBODY);

    job.take_ownership().unwrap();
    assert_eq!(std::fs::metadata(&temp).unwrap().uid(), 0, "the new owner can go on with the file");
    assert_eq!(job.custom_headers().unwrap(), None, "the former owner's secrets are gone");
    assert_eq!(job.notify_cmd_line().unwrap(), None, "and so is the program");
    assert_eq!(job.helper_token_flags().unwrap(), TokenFlags::NONE, "and his token");
    assert_eq!(job.client_certificate().unwrap_err().code, ResultCode::BG_E_RPC_BAD_STUB_DATA);
    assert!(!job.stored_credentials().unwrap());
    assert_eq!(job.proxy_settings().unwrap(), direct(), "proxies are no secret");
    assert_eq!(
        job.remove_credentials(AuthTarget::Server, AuthScheme::Basic).unwrap(),
        ResultCode::BG_S_FALSE
    );
    assert_eq!(standing(), before);
    assert_eq!(job.description().unwrap(), "looked at");
    drop(job);
    queue.close().unwrap();
    let queue = Open::new(open_in(&directory)).unwrap();
    let job = queue.jobs(false).unwrap().remove(0);
    assert_eq!((job.owner().unwrap(), job.owner_integrity_level().unwrap()), (0, 0x3000));

    // The passwords of the former owner are not sent in the name of the new one.
    let url = stage.offer("a", 1_000_000, "auth=basic&user=ann&password=geheim");
    job.files().unwrap()[0].set_remote_name(&url).unwrap();
    job.resume().unwrap();
    queue.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_HTTP_ERROR_401);
    assert!(stage.server.log().iter().all(|request| request.header("authorization").is_none()));
    job.set_credentials(ann()).unwrap();
    job.resume().unwrap();
    queue.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    assert_eq!(std::fs::metadata(files.join("a")).unwrap().uid(), 0, "the file belongs to who completed it");
}
