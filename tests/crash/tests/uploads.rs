//! Uploads whose clients and servers are killed with SIGKILL, at random moments and at every named place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bgcopy_crash_tests::parallel::in_parallel;
use bgcopy_crash_tests::plan::Ending;
use bgcopy_crash_tests::random::{Random, number, seed};
use bgcopy_crash_tests::upload::{Programs, Uploads, Victim};
use bgcopy_engine::sys::crash;
use bgcopy_protocol::enums::JobType;

const PROGRAMS: Programs =
    Programs { client: env!("CARGO_BIN_EXE_crash-client"), server: env!("CARGO_BIN_EXE_crash-server") };

/// Kills.
const RUNS: usize = 200;

const MIB: u64 = 1 << 20;
const RATE: u64 = 8_000_000;

/// Client and server killed at random moments, every upload arrives once, with every byte. `BGCOPY_CRASH_RUNS` makes it longer, `BGCOPY_CRASH_SEED`
/// repeats one.
#[test]
fn uploads_survive_that_client_and_server_are_killed_at_random_moments() {
    let runs = number("BGCOPY_CRASH_RUNS").map_or(RUNS, |runs| runs as usize);
    let seed = seed();
    let (kills, episodes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    in_parallel(|| {
        while kills.load(Ordering::Relaxed) < runs {
            let number = episodes.fetch_add(1, Ordering::Relaxed) as u64;
            let mut random = Random::new(seed.wrapping_add(number));
            let mut uploads = Uploads::new(PROGRAMS, &format!("seed {seed}, episode {number}"), RATE);
            uploads.add("big", JobType::Upload, false, Ending::Complete, 3 * MIB);
            uploads.add("order", JobType::UploadReply, random.below(2) == 0, Ending::Complete, 300_000);
            uploads.add("unwanted", JobType::Upload, random.below(2) == 0, Ending::Cancel, 3 * MIB);
            uploads.add("refused", JobType::UploadReply, random.below(2) == 0, Ending::Cancel, MIB);
            uploads.add("empty", JobType::Upload, random.below(2) == 0, Ending::Complete, 0);
            for name in ["a", "b", "c", "d"] {
                uploads.add(name, JobType::Upload, random.below(2) == 0, Ending::Complete, 10 << 10);
            }
            uploads.add("last", JobType::UploadReply, false, Ending::Complete, MIB);
            // On a slow machine a client may hardly ever get on: the last one is left alone.
            while uploads.kills() < 25 {
                let mut time = || Duration::from_millis(random.below(500));
                let (first, then) = (time(), time());
                let victim = [Victim::Client, Victim::Server, Victim::Both][random.below(3) as usize];
                let before = uploads.kills();
                let done = uploads.run_for(first, victim, then);
                kills.fetch_add(uploads.kills() - before, Ordering::Relaxed);
                if done {
                    break;
                }
            }
            uploads.finish();
        }
    });
    println!("{} kills in {} episodes", kills.into_inner(), episodes.into_inner());
}

const CASES: &[&[&str]] = &[
    &["session-created:1", "session-created:2"],
    &["session-recorded:1", "session-recorded:3"],
    &["session-recorded:4"],
    &["upload-delivered:1", "upload-delivered:1"],
    &["upload-delivered:4"],
    &["delivery-recorded:1", "delivery-recorded:2"],
    &["session-closed:1", "session-closed:1"],
    &["session-closed:3"],
    &["session-cancelled:1"],
    &["ending-recorded:1", "session-cancelled:1"],
    &["before-commit:4", "before-commit:5"],
    &["before-commit:10", "after-commit:3"],
    &["after-commit:7", "after-commit:4"],
    &["after-commit:12"],
    &["data-synced:1"],
    &["names-synced:1", "ending-recovered:1", "queue-recovered:2"],
];

/// Killed between any two things that belong together, every upload arrives once, with every byte.
#[test]
fn uploads_survive_that_the_client_is_killed_at_every_named_place() {
    for point in crash::UPLOAD_POINTS {
        let tested = CASES.iter().flat_map(|case| case.iter()).any(|at| at.split(':').next() == Some(point));
        assert!(tested, "no case dies at {point}");
    }
    let next = AtomicUsize::new(0);
    in_parallel(|| {
        while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut uploads = Uploads::new(PROGRAMS, &case.join(", then "), RATE / 2);
            uploads.add("unwanted", JobType::Upload, false, Ending::Cancel, 40 * MIB);
            uploads.add("big", JobType::Upload, false, Ending::Complete, 4 * MIB);
            uploads.add("order", JobType::UploadReply, true, Ending::Complete, 300_000);
            uploads.add("empty", JobType::Upload, false, Ending::Complete, 0);
            uploads.add("small", JobType::Upload, true, Ending::Complete, 10 << 10);
            uploads.add("last", JobType::UploadReply, false, Ending::Complete, MIB);
            for point in *case {
                uploads.die_at(point);
            }
            uploads.finish();
        }
    });
}
