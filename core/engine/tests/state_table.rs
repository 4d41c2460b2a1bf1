//! The state machine against a table written down independently of it, which is also the one people read.

use std::fmt::Write as _;
use std::path::Path;

use bgcopy_engine::model::state::{Failure, JobEvent, JobView, NotAllowed, Step, step};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobState, JobType};

/// The columns; ACKNOWLEDGED and CANCELLED share the last one.
const STATES: [(&str, JobState); 7] = [
    ("SUS", JobState::Suspended),
    ("QUE", JobState::Queued),
    ("CON", JobState::Connecting),
    ("XFR", JobState::Transferring),
    ("TER", JobState::TransientError),
    ("ERR", JobState::Error),
    ("XFD", JobState::Transferred),
];
const FINAL: [JobState; 2] = [JobState::Acknowledged, JobState::Cancelled];

/// Where each event leads from SUS, QUE, CON, XFR, TER, ERR, XFD, and a final state.
///
/// `=` the state stays; `-` the event comes too late and is dropped; `INV` is `BG_E_INVALID_STATE`.
/// A choice is decided by the job: `QUE/EMPTY` has it a file (else `BG_E_EMPTY`), `ACK/INV` is it a
/// download, `XFD/-` are all its files transferred, `TER/ERR` does it retry.
#[rustfmt::skip]
const TABLE: [(JobEvent, [&str; 8]); 26] = [
    (JobEvent::Resume,              ["QUE/EMPTY", "=", "=", "=", "QUE/EMPTY", "QUE/EMPTY", "QUE/EMPTY", "INV"]),
    (JobEvent::Suspend,             ["=", "SUS", "SUS", "SUS", "SUS", "SUS", "SUS", "INV"]),
    (JobEvent::Cancel,              ["CAN", "CAN", "CAN", "CAN", "CAN", "CAN", "CAN", "INV"]),
    (JobEvent::Complete,            ["ACK/INV", "ACK/INV", "ACK/INV", "ACK/INV", "ACK/INV", "ACK/INV", "ACK", "INV"]),
    (JobEvent::PublishFailed,       ["XFD", "XFD", "XFD", "XFD", "XFD", "XFD", "XFD", "-"]),
    (JobEvent::AddFiles,            ["=", "=", "=", "=", "=", "=", "=", "INV"]),
    (JobEvent::Set,                 ["=", "=", "=", "=", "=", "=", "=", "INV"]),
    (JobEvent::Turn,                ["-", "CON", "-", "-", "-", "-", "-", "-"]),
    (JobEvent::Connected,           ["-", "-", "XFR", "-", "-", "-", "-", "-"]),
    (JobEvent::AllTransferred,      ["-", "XFD/-", "XFD/-", "XFD/-", "-", "-", "-", "-"]),
    (JobEvent::TransientFailure,    ["-", "-", "TER/ERR", "TER/ERR", "-", "-", "-", "-"]),
    (JobEvent::FatalFailure,        ["-", "-", "ERR", "ERR", "-", "-", "-", "-"]),
    (JobEvent::Blocked,             ["-", "TER", "TER", "TER", "-", "-", "-", "-"]),
    (JobEvent::Unblocked,           ["-", "-", "-", "-", "QUE", "-", "-", "-"]),
    (JobEvent::Preempted,           ["-", "-", "QUE", "QUE", "-", "-", "-", "-"]),
    (JobEvent::NetworkLost,         ["-", "TER", "TER", "TER", "-", "-", "-", "-"]),
    (JobEvent::NetworkUp,           ["-", "-", "-", "-", "QUE", "-", "-", "-"]),
    (JobEvent::OwnerLoggedOff,      ["-", "-", "QUE", "QUE", "-", "-", "-", "-"]),
    (JobEvent::RetryDelayElapsed,   ["-", "-", "-", "-", "QUE", "-", "-", "-"]),
    (JobEvent::NoProgressElapsed,   ["-", "-", "-", "-", "ERR", "-", "-", "-"]),
    (JobEvent::DownloadTimeElapsed, ["-", "-", "ERR", "ERR", "-", "-", "-", "-"]),
    (JobEvent::InactivityElapsed,   ["CAN", "CAN", "CAN", "CAN", "CAN", "CAN", "CAN", "-"]),
    (JobEvent::ValidationFailed,    ["=", "ERR", "ERR", "ERR", "ERR", "ERR", "ERR", "INV"]),
    (JobEvent::TokenLost,           ["ERR", "ERR", "ERR", "ERR", "ERR", "-", "-", "-"]),
    (JobEvent::RangesSatisfied,     ["-", "SUS", "SUS", "SUS", "-", "-", "-", "-"]),
    (JobEvent::Reopened,            ["=", "=", "QUE", "QUE", "=", "=", "=", "-"]),
];

/// Every view of a job that [`step`] can see.
fn views() -> impl Iterator<Item = JobView> {
    let flags = |bits: usize, bit: usize| bits & bit != 0;
    let states = STATES.map(|(_, state)| state).into_iter().chain(FINAL);
    states.flat_map(move |state| {
        [JobType::Download, JobType::Upload, JobType::UploadReply].into_iter().flat_map(move |kind| {
            (0..8).map(move |bits| JobView {
                kind,
                state,
                has_files: flags(bits, 1),
                all_done: flags(bits, 2),
                retries: flags(bits, 4),
            })
        })
    })
}

/// What the table says: the next state, or the code of the refusal.
fn expected(view: &JobView, event: JobEvent) -> Result<JobState, ResultCode> {
    let (_, cells) = TABLE.iter().find(|(of, _)| *of == event).expect("every event has a row");
    let column = STATES.iter().position(|(_, state)| *state == view.state).unwrap_or(STATES.len());
    let cell = cells[column];
    let (yes, no) = cell.split_once('/').unwrap_or((cell, cell));
    let decided = match cell {
        "QUE/EMPTY" => view.has_files,
        "ACK/INV" => view.kind == JobType::Download,
        "XFD/-" => view.all_done,
        "TER/ERR" => view.retries,
        _ => true,
    };
    match if decided { yes } else { no } {
        "=" => Ok(view.state),
        "-" => Err(ResultCode::BG_S_OK),
        "INV" => Err(ResultCode::BG_E_INVALID_STATE),
        "EMPTY" => Err(ResultCode::BG_E_EMPTY),
        "ACK" => Ok(JobState::Acknowledged),
        "CAN" => Ok(JobState::Cancelled),
        name => Ok(STATES.iter().find(|(short, _)| *short == name).expect("a state of the table").1),
    }
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    assert!(JobEvent::ALL.iter().all(|event| TABLE.iter().filter(|(of, _)| of == event).count() == 1));
    for view in views() {
        for event in JobEvent::ALL {
            let found = step(&view, event).map(|step| step.next).map_err(|NotAllowed { code }| code);
            assert_eq!(found, expected(&view, event), "{event:?} for {view:?}");
        }
    }
}

/// All steps that are possible: (view, event, step).
fn steps() -> impl Iterator<Item = (JobView, JobEvent, Step)> {
    views().flat_map(|view| {
        JobEvent::ALL.into_iter().filter_map(move |event| Some((view, event, step(&view, event).ok()?)))
    })
}

#[test]
fn entering_error_and_transferred_has_events_of_its_own_and_everything_else_is_a_modification() {
    for (view, event, Step { next, effects }) in steps() {
        let what = format!("{event:?} for {view:?}");
        let into_error = next == JobState::Error && effects.error.is_some();
        assert_eq!(effects.tell_error, into_error, "{what}");
        assert_eq!(effects.tell_transferred, event == JobEvent::AllTransferred, "{what}");
        if view.state != next && !FINAL.contains(&next) && event != JobEvent::Reopened {
            let own = effects.tell_error || effects.tell_transferred;
            assert_eq!(effects.tell_modification, !own, "{what}");
        }
    }
}

#[test]
fn only_failed_attempts_count_as_errors() {
    for (view, event, Step { effects, .. }) in steps() {
        let counts = matches!(
            event,
            JobEvent::TransientFailure | JobEvent::FatalFailure | JobEvent::DownloadTimeElapsed
        );
        let uncounted = !matches!(event, JobEvent::ValidationFailed | JobEvent::TokenLost);
        if counts || uncounted {
            assert_eq!(effects.count, counts, "{event:?} for {view:?}");
        }
    }
}

#[test]
fn an_event_that_implies_an_error_names_its_code() {
    for (view, event, Step { effects, .. }) in steps() {
        let code = match event {
            JobEvent::NetworkLost => Some(ResultCode::BG_E_NETWORK_DISCONNECTED),
            JobEvent::NoProgressElapsed => Some(ResultCode::BG_E_NO_PROGRESS),
            JobEvent::DownloadTimeElapsed => Some(ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT),
            JobEvent::TokenLost => Some(ResultCode::BG_E_TOKEN_REQUIRED),
            _ => None,
        };
        let reported =
            matches!(event, JobEvent::TransientFailure | JobEvent::FatalFailure | JobEvent::Blocked)
                || (event == JobEvent::ValidationFailed && view.state != JobState::Suspended);
        let wanted = if reported { Some(Failure::Reported) } else { code.map(Failure::Code) };
        assert_eq!(effects.error, wanted, "{event:?} for {view:?}");
    }
}

#[test]
fn whatever_leaves_the_moving_states_stops_the_attempts() {
    let moving = [JobState::Connecting, JobState::Transferring];
    for (view, event, Step { next, effects }) in steps() {
        let leaves = moving.contains(&view.state) && !moving.contains(&next);
        // Nothing runs any more when all is transferred, when files were renamed, and after a restart.
        let nothing_runs =
            matches!(event, JobEvent::AllTransferred | JobEvent::PublishFailed | JobEvent::Reopened);
        if leaves && !nothing_runs {
            assert!(effects.stop, "{event:?} for {view:?}");
        }
    }
}

#[test]
fn only_a_retried_transient_failure_waits_for_the_retry_delay() {
    for (view, event, Step { next, effects }) in steps() {
        let retries = event == JobEvent::TransientFailure && next == JobState::TransientError;
        assert_eq!(effects.retry, retries, "{event:?} for {view:?}");
    }
}

#[test]
fn resume_lets_the_download_time_and_the_no_progress_clock_begin_anew() {
    for (view, event, Step { next, effects }) in steps() {
        if event == JobEvent::Resume && view.state != next {
            assert!(effects.reset_download_time && effects.reset_no_progress, "{view:?}");
        } else {
            assert!(!effects.reset_download_time, "{event:?} for {view:?}");
        }
    }
}

fn markdown() -> String {
    let mut text = String::from("| Event |");
    for (name, _) in STATES {
        let _ = write!(text, " {name} |");
    }
    text += " ACK, CAN |\n|---|---|---|---|---|---|---|---|---|\n";
    for (event, cells) in TABLE {
        let _ = writeln!(text, "| {event:?} | {} |", cells.join(" | "));
    }
    text
}

const BEGIN: &str = "<!-- state table -->\n";
const END: &str = "<!-- /state table -->";

/// The document that has the table between its markers.
const DOCUMENT: &str = "../../ARCHITECTURE.md";

#[test]
fn the_documented_table_is_this_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the opening marker");
    let (found, after) = rest.split_once(END).expect("the closing marker");
    if std::env::var_os("BGCOPY_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", markdown())).unwrap();
        return;
    }
    assert_eq!(found, markdown(), "{} is out of date: run this test with BGCOPY_BLESS=1", path.display());
}
