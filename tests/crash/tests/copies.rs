//! Clients killed with SIGKILL in the middle of copies of files on this machine.

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use bgcopy_crash_tests::client::Client;
use bgcopy_crash_tests::content::{check, temporary_files};
use bgcopy_crash_tests::event::Event;
use bgcopy_crash_tests::plan::{Ending, Job, Plan};
use bgcopy_testserver::content;

const CLIENT: &str = env!("CARGO_BIN_EXE_crash-client");
const SIZE: u64 = 100 << 20;

/// A new file of one version.
fn write(path: &Path, version: u64) {
    let new = path.with_extension("new");
    let file = std::fs::File::create(&new).unwrap();
    let mut bytes = vec![0; 1 << 20];
    for at in (0..SIZE).step_by(1 << 20) {
        content::fill(1, version, at, &mut bytes);
        file.write_all_at(&bytes, at).unwrap();
    }
    std::fs::rename(new, path).unwrap();
}

/// Lets clients die, changes the file after the `change`-th death, and checks the copy that the last client makes.
fn copied_in_spite_of(deaths: &[Death], change: usize) {
    let directory = tempfile::tempdir().unwrap();
    let (source, copy) = (directory.path().join("source"), directory.path().join("copy"));
    write(&source, 0);
    let mut job = Job::new("copy", true, Ending::Complete);
    job.files.push((source.to_str().unwrap().to_owned(), copy.clone()));
    let mut plan = Plan { queue: directory.path().join("queue"), jobs: vec![job] };
    let mut versions = vec![0];
    for (number, death) in deaths.iter().enumerate() {
        let ended = match death {
            Death::At(point) => Client::start(CLIENT, &plan, Some(point), &[]).finish(point),
            Death::After(time) => Client::start(CLIENT, &plan, None, &[]).run(*time),
        };
        for event in &ended.events {
            plan.jobs[0].made |= matches!(event, Event::Made { .. });
            plan.jobs[0].ended |= matches!(event, Event::Ending { .. });
        }
        if number == change && !plan.jobs[0].ended {
            write(&source, 1);
            versions.push(1);
        }
    }
    let ended = Client::start(CLIENT, &plan, None, &[]).finish("the last client");
    assert_eq!(ended.events.last(), Some(&Event::Done));
    // What was whole before the change may stay what it was.
    let right = versions.iter().any(|version| check(&copy, 1, *version, SIZE).is_ok());
    assert!(right, "the copy is a mix: {:?}", check(&copy, 1, 0, SIZE));
    assert!(temporary_files(directory.path()).is_empty());
}

enum Death {
    At(&'static str),
    After(Duration),
}

#[test]
fn a_copy_survives_kills_and_never_joins_two_versions() {
    use Death::At;
    for change in [0, usize::MAX] {
        copied_in_spite_of(&[At("temp-file-created:1"), At("data-synced:1")], change);
        copied_in_spite_of(&[At("checkpoint-recorded:1"), At("before-commit:1")], change);
        copied_in_spite_of(&[At("ending-recorded:1"), At("ending-recovered:1")], change);
        copied_in_spite_of(&[At("file-renamed:1")], change);
        for time in [5, 20, 40, 80, 160] {
            let time = Duration::from_millis(time);
            copied_in_spite_of(&[Death::After(time), Death::After(time)], change);
        }
    }
}
