//! Settings of an open queue.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::job::Defaults;

/// How a queue works; [`Settings::default`] is right for most programs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Directory of the queue.
    pub directory: PathBuf,
    /// Files of a foreground job under way at once; 1 is the strictly serial order of Windows.
    pub foreground_files_in_flight: usize,
    /// Files of a background job under way at once.
    pub background_files_in_flight: usize,
    /// Most files under way at once in the whole queue.
    pub workers: usize,
    /// How long a background job runs before others of its priority have their turn.
    pub time_slice: Duration,
    /// Most bytes per second of all background jobs together; `None` for no limit.
    pub background_bytes_per_second: Option<u64>,
    /// How often progress becomes durable.
    pub checkpoint: Duration,
    /// Most unfinished jobs of one user other than root; `None` for no limit.
    pub max_jobs_per_user: Option<u32>,
    /// Most unfinished jobs of all users but root; `None` for no limit.
    pub max_jobs_per_machine: Option<u32>,
    /// Most files of a job of a user other than root; `None` for no limit.
    pub max_files_per_job: Option<u32>,
    /// A job nobody touched for so long is cancelled.
    pub job_inactivity_timeout: Duration,
    /// How often the modifications of a new job are told at most.
    pub notification_interval: Duration,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a server that sends nothing.
    pub response_timeout: Duration,
    /// What new jobs start with.
    pub defaults: Defaults,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            directory: default_directory(),
            foreground_files_in_flight: 8,
            background_files_in_flight: 4,
            workers: 64,
            time_slice: Duration::from_secs(300),
            background_bytes_per_second: None,
            checkpoint: Duration::from_millis(300),
            max_jobs_per_user: None,
            max_jobs_per_machine: None,
            max_files_per_job: None,
            job_inactivity_timeout: Duration::from_secs(90 * 24 * 3600),
            notification_interval: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(60),
            response_timeout: Duration::from_secs(300),
            defaults: Defaults::default(),
        }
    }
}

/// `$BGCOPY_DIRECTORY`, else `$XDG_STATE_HOME/bgcopy`, else `~/.local/state/bgcopy`.
fn default_directory() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("BGCOPY_DIRECTORY")
        .or_else(|| Some(variable("XDG_STATE_HOME").filter(|path| path.is_absolute())?.join("bgcopy")))
        .or_else(|| Some(variable("HOME")?.join(".local/state/bgcopy")))
        .unwrap_or_else(|| PathBuf::from("/var/lib/bgcopy"))
}
