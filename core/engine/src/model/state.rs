//! The state machine of a job: one total, pure function from (job, event) to what follows.
//!
//! Live events and recovery go through the same [`step`], so that the two cannot disagree.

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobState, JobType};
use serde::{Deserialize, Serialize};

/// What [`step`] needs to know of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Download, upload or upload-reply.
    pub kind: JobType,
    /// The present state.
    pub state: JobState,
    /// The job has at least one file.
    pub has_files: bool,
    /// Every file is transferred.
    pub all_done: bool,
    /// A transient error is retried: the no-progress timeout is not 0 and not below the retry delay.
    pub retries: bool,
}

/// What happens to a job: calls of programs, reports of workers, timers and the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobEvent {
    /// `Resume`.
    Resume,
    /// `Suspend`.
    Suspend,
    /// `Cancel`.
    Cancel,
    /// `Complete`, before anything is renamed.
    Complete,
    /// A rename of `Complete` failed: the job stays.
    PublishFailed,
    /// `AddFile`, `AddFileSet`, `AddFileWithRanges`.
    AddFiles,
    /// Any setter that is allowed until the job ends.
    Set,
    /// The scheduler gives the job its turn.
    Turn,
    /// The server answered.
    Connected,
    /// The last file is transferred and durable.
    AllTransferred,
    /// An attempt failed in a way that may cure itself.
    TransientFailure,
    /// An attempt failed and somebody has to act.
    FatalFailure,
    /// The job may not run now (policy, cost, power, locked volume); no timer, no count.
    Blocked,
    /// What blocked the job is over.
    Unblocked,
    /// The time slice is over or a higher priority needs the place.
    Preempted,
    /// No network any more.
    NetworkLost,
    /// The network is back.
    NetworkUp,
    /// The owner has no session any more.
    OwnerLoggedOff,
    /// The retry delay is over.
    RetryDelayElapsed,
    /// Nothing moved for the no-progress timeout.
    NoProgressElapsed,
    /// The time allowed in CONNECTING and TRANSFERRING is used up.
    DownloadTimeElapsed,
    /// Nobody touched the job for the inactivity timeout.
    InactivityElapsed,
    /// The program found the content of an origin file invalid.
    ValidationFailed,
    /// The helper token of an unfinished job is gone.
    TokenLost,
    /// On-demand: every requested range is there, the file is not whole.
    RangesSatisfied,
    /// The queue was opened again after its process ended.
    Reopened,
}

impl JobEvent {
    /// Every event, for tables and tests.
    pub const ALL: [JobEvent; 26] = [
        JobEvent::Resume,
        JobEvent::Suspend,
        JobEvent::Cancel,
        JobEvent::Complete,
        JobEvent::PublishFailed,
        JobEvent::AddFiles,
        JobEvent::Set,
        JobEvent::Turn,
        JobEvent::Connected,
        JobEvent::AllTransferred,
        JobEvent::TransientFailure,
        JobEvent::FatalFailure,
        JobEvent::Blocked,
        JobEvent::Unblocked,
        JobEvent::Preempted,
        JobEvent::NetworkLost,
        JobEvent::NetworkUp,
        JobEvent::OwnerLoggedOff,
        JobEvent::RetryDelayElapsed,
        JobEvent::NoProgressElapsed,
        JobEvent::DownloadTimeElapsed,
        JobEvent::InactivityElapsed,
        JobEvent::ValidationFailed,
        JobEvent::TokenLost,
        JobEvent::RangesSatisfied,
        JobEvent::Reopened,
    ];
}

/// What to do about an event, as data; the queue carries it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// End running attempts; keep what arrived.
    pub stop: bool,
    /// Rename finished files to their final names, delete the rest, leave the queue.
    pub publish: bool,
    /// Delete temporary files and leave the queue.
    pub discard: bool,
    /// Store the error of the attempt with the job; `Some` names the code where the event implies it.
    pub error: Option<Failure>,
    /// Forget the stored error.
    pub clear_error: bool,
    /// The failure counts in `GetErrorCount`.
    pub count: bool,
    /// Retry after the retry delay.
    pub retry: bool,
    /// Elapsed download time starts again at 0.
    pub reset_download_time: bool,
    /// The no-progress clock stops.
    pub reset_no_progress: bool,
    /// Record the time the transfer was completed.
    pub completed: bool,
    /// Tell: job transferred.
    pub tell_transferred: bool,
    /// Tell: job error.
    pub tell_error: bool,
    /// Tell: job modification.
    pub tell_modification: bool,
}

/// Where the error of a step comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The attempt or the obstacle brings its own record.
    Reported,
    /// The event itself implies this code.
    Code(ResultCode),
}

/// The answer of [`step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The next state; the present one when nothing changes.
    pub next: JobState,
    /// What to do.
    pub effects: Effects,
}

/// The event is not allowed or not possible in this state; nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAllowed {
    /// What a call answers; [`ResultCode::BG_S_OK`] for an event that comes too late to matter.
    pub code: ResultCode,
}

const LATE: NotAllowed = NotAllowed { code: ResultCode::BG_S_OK };
const INVALID: NotAllowed = NotAllowed { code: ResultCode::BG_E_INVALID_STATE };

/// Decides what an event does to a job.
///
/// # Errors
/// [`NotAllowed`] when the state does not take the event: calls answer its code, reports of workers
/// and timers are dropped.
pub fn step(job: &JobView, event: JobEvent) -> Result<Step, NotAllowed> {
    use JobEvent as E;
    use JobState as S;

    let by_program = matches!(
        event,
        E::Resume | E::Suspend | E::Cancel | E::Complete | E::AddFiles | E::Set | E::ValidationFailed
    );
    match job.state {
        S::Acknowledged | S::Cancelled => return Err(if by_program { INVALID } else { LATE }),
        S::Queued
        | S::Connecting
        | S::Transferring
        | S::Suspended
        | S::Error
        | S::TransientError
        | S::Transferred => {}
    }
    let moving = matches!(job.state, S::Connecting | S::Transferring);
    let runnable = moving || job.state == S::Queued;
    let modification = Effects { tell_modification: true, ..Effects::default() };

    match event {
        E::Resume => match job.state {
            S::Queued | S::Connecting | S::Transferring => stay(job, Effects::default()),
            _ if !job.has_files => Err(NotAllowed { code: ResultCode::BG_E_EMPTY }),
            // Also a TRANSFERRED job without new files: it passes through QUEUED and is told again.
            _ => {
                to(S::Queued, Effects { reset_download_time: true, reset_no_progress: true, ..modification })
            }
        },
        E::Suspend => match job.state {
            S::Suspended => stay(job, Effects::default()),
            _ => to(S::Suspended, Effects { stop: true, ..modification }),
        },
        E::Cancel | E::InactivityElapsed => to(
            S::Cancelled,
            Effects { stop: true, discard: true, tell_modification: false, ..Effects::default() },
        ),
        E::Complete => {
            if job.kind != JobType::Download && job.state != S::Transferred {
                return Err(INVALID);
            }
            to(S::Acknowledged, Effects { stop: true, publish: true, ..Effects::default() })
        }
        E::PublishFailed => to(S::Transferred, modification),
        E::AddFiles | E::Set => stay(job, modification),
        E::Turn if job.state == S::Queued => to(S::Connecting, modification),
        E::Connected if job.state == S::Connecting => {
            to(S::Transferring, Effects { clear_error: true, ..modification })
        }
        E::AllTransferred if runnable && job.all_done => to(
            S::Transferred,
            Effects {
                completed: true,
                clear_error: true,
                tell_transferred: true,
                reset_no_progress: true,
                ..Effects::default()
            },
        ),
        E::TransientFailure if moving && job.retries => to(
            S::TransientError,
            Effects { stop: true, error: Some(Failure::Reported), count: true, retry: true, ..modification },
        ),
        E::TransientFailure | E::FatalFailure if moving => failed(Failure::Reported),
        E::Blocked if runnable => {
            to(S::TransientError, Effects { stop: true, error: Some(Failure::Reported), ..modification })
        }
        E::NetworkLost if runnable => to(
            S::TransientError,
            Effects {
                stop: true,
                error: Some(Failure::Code(ResultCode::BG_E_NETWORK_DISCONNECTED)),
                ..modification
            },
        ),
        E::Unblocked | E::NetworkUp | E::RetryDelayElapsed if job.state == S::TransientError => {
            to(S::Queued, modification)
        }
        E::NoProgressElapsed if job.state == S::TransientError => {
            let mut step = failed(Failure::Code(ResultCode::BG_E_NO_PROGRESS))?;
            // The job was counted when it failed; the timeout is no failure of its own.
            step.effects.count = false;
            Ok(step)
        }
        E::Preempted | E::OwnerLoggedOff if moving => to(S::Queued, Effects { stop: true, ..modification }),
        E::DownloadTimeElapsed if moving => failed(Failure::Code(ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT)),
        E::ValidationFailed if job.state != S::Suspended => failed(Failure::Reported),
        E::TokenLost if job.state != S::Transferred && job.state != S::Error => {
            failed(Failure::Code(ResultCode::BG_E_TOKEN_REQUIRED))
        }
        E::RangesSatisfied if runnable => to(S::Suspended, Effects { stop: true, ..modification }),
        E::Reopened if moving => to(S::Queued, Effects::default()),
        E::Reopened => stay(job, Effects::default()),
        E::ValidationFailed => stay(job, modification),
        E::Turn
        | E::Connected
        | E::AllTransferred
        | E::TransientFailure
        | E::FatalFailure
        | E::Blocked
        | E::Unblocked
        | E::Preempted
        | E::NetworkLost
        | E::NetworkUp
        | E::OwnerLoggedOff
        | E::RetryDelayElapsed
        | E::NoProgressElapsed
        | E::DownloadTimeElapsed
        | E::TokenLost
        | E::RangesSatisfied => Err(LATE),
    }
}

fn to(next: JobState, effects: Effects) -> Result<Step, NotAllowed> {
    Ok(Step { next, effects })
}

fn stay(job: &JobView, effects: Effects) -> Result<Step, NotAllowed> {
    Ok(Step { next: job.state, effects })
}

fn failed(error: Failure) -> Result<Step, NotAllowed> {
    to(
        JobState::Error,
        Effects { stop: true, error: Some(error), count: true, tell_error: true, ..Effects::default() },
    )
}
