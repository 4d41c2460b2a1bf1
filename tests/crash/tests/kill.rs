//! Clients killed with SIGKILL, at random moments and at every named place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bgcopy_crash_tests::episode::Episode;
use bgcopy_crash_tests::parallel::in_parallel;
use bgcopy_crash_tests::plan::Ending;
use bgcopy_crash_tests::random::{Random, number, seed};
use bgcopy_engine::sys::crash;

const CLIENT: &str = env!("CARGO_BIN_EXE_crash-client");

/// Runs that end with a kill.
const RUNS: usize = 200;

const MIB: u64 = 1 << 20;
const RATE: u64 = 10_000_000;

/// Killed at random moments, every job ends as it should, also when the files change meanwhile. `BGCOPY_CRASH_RUNS` makes it longer, `BGCOPY_CRASH_SEED`
/// repeats one.
#[test]
fn jobs_survive_being_killed_at_random_moments() {
    let runs = number("BGCOPY_CRASH_RUNS").map_or(RUNS, |runs| runs as usize);
    let seed = seed();
    let (kills, episodes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let losses = parking_lot::Mutex::new(Vec::new());
    in_parallel(|| {
        while kills.load(Ordering::Relaxed) < runs {
            let number = episodes.fetch_add(1, Ordering::Relaxed) as u64;
            let mut random = Random::new(seed.wrapping_add(number));
            let mut episode = Episode::new(CLIENT, &format!("seed {seed}, episode {number}"));
            let big_first = random.below(2) == 0;
            let pace = format!("rate={RATE}");
            episode.add("big", big_first, Ending::Complete, 1, 20 * MIB, &pace);
            episode.add("many", !big_first, Ending::Complete, 50, 10 << 10, "delay_ms=10");
            episode.add("empty", random.below(2) == 0, Ending::Complete, 1, 0, "");
            episode.add("tiny", random.below(2) == 0, Ending::Complete, 1, 1, "");
            episode.add("unwanted", random.below(2) == 0, Ending::Cancel, 3, 2 * MIB, "rate=2000000");
            let change_at = if random.below(3) == 0 { 1 + random.below(5) as usize } else { usize::MAX };
            // On a slow machine a client may hardly ever come to a checkpoint: the last one is left alone.
            while episode.kills() < 25 && !episode.run_for(Duration::from_millis(random.below(1200))) {
                kills.fetch_add(1, Ordering::Relaxed);
                if episode.kills() == change_at {
                    episode.change();
                }
            }
            episode.finish();
            losses.lock().extend_from_slice(episode.losses());
        }
    });
    let losses = losses.into_inner();
    let seconds: f64 = losses.iter().map(|(lost, rate)| *lost as f64 / *rate as f64).sum();
    let mean = seconds / losses.len().max(1) as f64;
    println!(
        "{} kills in {} episodes; a kill of a slow transfer cost {mean:.2} s of traffic",
        kills.into_inner(),
        episodes.into_inner()
    );
    // 300 ms between checkpoints and 100 ms in the buffer at most, and what syncing takes.
    assert!(mean < 0.5, "BGCOPY_CRASH_SEED={seed}: a kill cost {mean:.2} s of traffic on average");
}

/// What happens to the clients of one case, one after the other.
#[derive(Clone, Copy)]
enum Step {
    Die(&'static str),
    /// The files change on the server; the client then dies here.
    Change(&'static str),
    /// Somebody removes the temporary files; the client then dies here.
    Remove(&'static str),
}

use Step::{Change, Die, Remove};

const CASES: &[&[Step]] = &[
    &[Die("queue-recovered:1")],
    &[Die("queue-recovered:2")],
    &[Die("before-commit:1")],
    &[Die("before-commit:2")],
    &[Die("before-commit:3")],
    &[Die("before-commit:5")],
    &[Die("before-commit:8")],
    &[Die("before-commit:13")],
    &[Die("before-commit:16"), Die("before-commit:1"), Die("before-commit:2")],
    &[Die("after-commit:1")],
    &[Die("after-commit:2")],
    &[Die("after-commit:3")],
    &[Die("after-commit:4")],
    &[Die("after-commit:6")],
    &[Die("after-commit:10")],
    &[Die("after-commit:16"), Die("after-commit:1"), Die("after-commit:2")],
    &[Die("temp-file-created:1")],
    &[Die("temp-file-created:7"), Die("temp-file-created:1")],
    &[Die("data-synced:1")],
    &[Die("data-synced:2"), Die("data-synced:1")],
    &[Die("checkpoint-recorded:1")],
    &[Die("checkpoint-recorded:2"), Die("checkpoint-recorded:1"), Die("queue-recovered:2")],
    &[Die("checkpoint-recorded:1"), Change("restart-recorded:1")],
    &[Die("checkpoint-recorded:2"), Change("restart-recorded:1"), Die("checkpoint-recorded:1")],
    &[Die("checkpoint-recorded:2"), Remove("loss-recorded:1")],
    &[Die("ending-recorded:1")],
    &[Die("ending-recorded:2"), Die("ending-recovered:1")],
    &[Die("ending-recorded:5"), Die("file-renamed:1"), Die("ending-recovered:1")],
    &[Die("file-renamed:1")],
    &[Die("file-renamed:2"), Die("ending-recovered:1"), Die("queue-recovered:1")],
    &[Die("file-renamed:5"), Die("names-synced:1"), Die("before-commit:1"), Die("after-commit:1")],
    &[Die("file-discarded:1"), Die("file-discarded:2")],
    &[Die("file-discarded:3"), Die("ending-recovered:1")],
    &[Die("names-synced:1"), Die("names-synced:1"), Die("ending-recovered:1")],
    &[Die("names-synced:4"), Die("before-commit:1")],
];

/// Killed between any two things that belong together, every job ends as it should, also when the recovery is killed.
#[test]
fn jobs_survive_being_killed_at_every_named_place() {
    let name = |step: &Step| match *step {
        Die(at) | Change(at) | Remove(at) => at.split(':').next().unwrap_or(at),
    };
    // Those of uploads are passed in `copies`.
    for point in crash::POINTS.iter().filter(|point| !point.starts_with("upload-")) {
        let tested = CASES.iter().flat_map(|case| case.iter()).any(|step| name(step) == *point);
        assert!(tested, "no case dies at {point}");
    }
    let next = AtomicUsize::new(0);
    in_parallel(|| {
        while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let told: Vec<&str> = case
                .iter()
                .map(|step| match *step {
                    Die(at) | Change(at) | Remove(at) => at,
                })
                .collect();
            let mut episode = Episode::new(CLIENT, &told.join(", then "));
            episode.add("big", true, Ending::Complete, 1, 6 * MIB, "rate=5000000");
            if case.iter().any(|step| !matches!(step, Die(_))) {
                // Alone, so that the first checkpoint is of it.
                run(&mut episode, case);
                continue;
            }
            episode.add("many", false, Ending::Complete, 8, 10 << 10, "");
            episode.add("empty", false, Ending::Complete, 1, 0, "");
            episode.add("tiny", true, Ending::Complete, 1, 1, "");
            episode.add("unwanted", true, Ending::Cancel, 3, 2 * MIB, "rate=2000000");
            episode.add("part", true, Ending::CompletePart, 3, MIB, "rate=4000000");
            run(&mut episode, case);
        }
    });
}

fn run(episode: &mut Episode, case: &[Step]) {
    for step in case {
        match step {
            Die(point) => episode.die_at(point),
            Change(point) => {
                episode.change();
                episode.die_at(point);
            }
            Remove(point) => {
                episode.remove_temporary_files();
                episode.die_at(point);
            }
        }
    }
    episode.finish();
}
