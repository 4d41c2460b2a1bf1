//! Clients killed with SIGKILL in the middle of copies of files on this machine.

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use bgcopy_crash_tests::client::Client;
use bgcopy_crash_tests::content::{check, temporary_files};
use bgcopy_crash_tests::event::Event;
use bgcopy_crash_tests::plan::{Ending, Job, Plan};
use bgcopy_protocol::enums::JobType;
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
    copied(deaths, change, false);
}

fn copied(deaths: &[Death], change: usize, high_performance: bool) {
    let directory = tempfile::tempdir().unwrap();
    let (source, copy) = (directory.path().join("source"), directory.path().join("copy"));
    write(&source, 0);
    let mut job = Job::new("copy", true, Ending::Complete);
    job.high_performance = high_performance;
    job.files.push((source.to_str().unwrap().to_owned(), copy.clone()));
    let mut plan = Plan { queue: directory.path().join("queue"), jobs: vec![job], rate: None };
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

/// Lets clients die that upload a file to a path. In between it is there whole, or what was there before is; in the end
/// it is there, and nothing else is.
fn uploaded_in_spite_of(deaths: &[Death], ending: Ending) {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("there");
    std::fs::create_dir(&there).unwrap();
    let (source, copy) = (directory.path().join("source"), there.join("copy"));
    write(&source, 0);
    std::fs::write(&copy, "old").unwrap();
    let mut job = Job::new("upload", true, ending);
    job.kind = JobType::Upload;
    job.files.push((copy.to_str().unwrap().to_owned(), source.clone()));
    let mut plan = Plan { queue: directory.path().join("queue"), jobs: vec![job], rate: None };
    for death in deaths {
        let ended = match death {
            Death::At(point) => {
                let ended = Client::start(CLIENT, &plan, Some(point), &[]).finish(point);
                // A cancel may come too late, and find nothing left to do.
                let passed = ended.killed || ending == Ending::Cancel;
                assert!(passed, "{point} was not passed: {:#?}", ended.events);
                ended
            }
            Death::After(time) => Client::start(CLIENT, &plan, None, &[]).run(*time),
        };
        let job = &mut plan.jobs[0];
        for event in &ended.events {
            job.made |= matches!(event, Event::Made { .. });
            job.ended |= matches!(event, Event::Ending { .. });
        }
        if std::fs::metadata(&copy).unwrap().len() != 3 {
            assert_eq!(check(&copy, 1, 0, SIZE), Ok(()));
        }
    }
    let ended = Client::start(CLIENT, &plan, None, &[]).finish("the last client");
    assert_eq!(ended.events.last(), Some(&Event::Done));
    if ending == Ending::Complete {
        assert_eq!(check(&copy, 1, 0, SIZE), Ok(()));
    }
    assert!(temporary_files(&there).is_empty());
    assert_eq!(check(&source, 1, 0, SIZE), Ok(()), "the source is left alone");
}

#[test]
fn an_upload_survives_kills_and_is_there_whole_or_not_at_all() {
    use Death::At;
    uploaded_in_spite_of(&[At("temp-file-created:1"), At("checkpoint-recorded:1")], Ending::Complete);
    uploaded_in_spite_of(
        &[At("data-synced:1"), At("upload-recorded:1"), At("after-commit:1")],
        Ending::Complete,
    );
    uploaded_in_spite_of(&[At("upload-recorded:1"), At("upload-renamed:1")], Ending::Complete);
    uploaded_in_spite_of(&[At("upload-renamed:1"), At("upload-renamed:1")], Ending::Complete);
    uploaded_in_spite_of(&[At("ending-recorded:1"), At("ending-recovered:1")], Ending::Complete);
    uploaded_in_spite_of(&[At("checkpoint-recorded:1"), At("file-discarded:1")], Ending::Cancel);
    uploaded_in_spite_of(&[At("ending-recorded:1"), At("ending-recovered:1")], Ending::Cancel);
    for time in [10, 40, 160] {
        let time = Duration::from_millis(time);
        for ending in [Ending::Complete, Ending::Cancel] {
            uploaded_in_spite_of(&[Death::After(time), Death::After(time)], ending);
        }
    }
}

/// The final name is there from the beginning: what it holds in the end is one version, whole.
#[test]
fn in_high_performance_mode_a_copy_is_whole_after_kills() {
    use Death::At;
    for change in [0, usize::MAX] {
        copied(&[At("temp-file-created:1"), At("data-synced:1")], change, true);
        copied(
            &[At("checkpoint-recorded:1"), At("ending-recorded:1"), At("ending-recovered:1")],
            change,
            true,
        );
        for time in [20, 80] {
            let time = Duration::from_millis(time);
            copied(&[Death::After(time), Death::After(time)], change, true);
        }
    }
}
