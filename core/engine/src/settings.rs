//! Settings of an open queue.

use std::path::PathBuf;
use std::time::Duration;

use crate::transfer::access::CertificateStores;

/// How a queue works; [`Settings::default`] is right for most programs.
///
/// A value that is `None` is what the user's configuration says, and if that says nothing the default; a policy of
/// the administrator beats both (`crate::policy`).
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
    /// How long a background job runs before others of its priority have their turn; 300 s.
    pub time_slice: Option<Duration>,
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
    /// Most ranges of a file of a job of a user other than root; `None` for no limit.
    pub max_ranges_per_file: Option<u32>,
    /// A job nobody touched for so long is cancelled; 90 days.
    pub job_inactivity_timeout: Option<Duration>,
    /// How often the modifications of a new job are told at most.
    pub notification_interval: Duration,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a server that sends nothing.
    pub response_timeout: Duration,
    /// Seconds before a retry, of new jobs; 600.
    pub minimum_retry_delay: Option<u32>,
    /// Seconds without progress after which an error is final, of new jobs; 14 days.
    pub no_progress_timeout: Option<u32>,
    /// Seconds in CONNECTING and TRANSFERRING, of jobs that have no time of their own; 90 days.
    pub maximum_download_time: Option<u32>,
    /// Directories of policy files; the first that says something wins.
    pub policy_directories: Vec<PathBuf>,
    /// The user's configuration.
    pub config_file: Option<PathBuf>,
    /// Where client certificates and revocation lists are.
    pub certificates: CertificateStores,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            directory: default_directory(),
            foreground_files_in_flight: 8,
            background_files_in_flight: 4,
            workers: 64,
            time_slice: None,
            background_bytes_per_second: None,
            checkpoint: Duration::from_millis(300),
            max_jobs_per_user: None,
            max_jobs_per_machine: None,
            max_files_per_job: None,
            max_ranges_per_file: None,
            job_inactivity_timeout: None,
            notification_interval: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(60),
            response_timeout: Duration::from_secs(300),
            minimum_retry_delay: None,
            no_progress_timeout: None,
            maximum_download_time: None,
            policy_directories: default_policy_directories(),
            config_file: default_config_file(),
            certificates: CertificateStores::of_process(),
        }
    }
}

/// `$BGCOPY_DIRECTORY`, else `$XDG_STATE_HOME/bgcopy`, else `~/.local/state/bgcopy`.
fn default_directory() -> PathBuf {
    variable("BGCOPY_DIRECTORY")
        .or_else(|| in_home("XDG_STATE_HOME", ".local/state"))
        .unwrap_or_else(|| PathBuf::from("/var/lib/bgcopy"))
}

/// `/etc/bgcopy/policy.d`, and behind it, so that no user undoes what it says, `$BGCOPY_POLICY_DIRECTORY`.
fn default_policy_directories() -> Vec<PathBuf> {
    let mut directories = vec![PathBuf::from("/etc/bgcopy/policy.d")];
    directories.extend(variable("BGCOPY_POLICY_DIRECTORY"));
    directories
}

/// `$XDG_CONFIG_HOME/bgcopy/config.toml`, else `~/.config/bgcopy/config.toml`.
fn default_config_file() -> Option<PathBuf> {
    in_home("XDG_CONFIG_HOME", ".config").map(|directory| directory.join("config.toml"))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Our part of a directory of the user: where the variable says, else below the home directory.
fn in_home(name: &str, place: &str) -> Option<PathBuf> {
    let named = variable(name).filter(|path| path.is_absolute());
    Some(named.or_else(|| Some(variable("HOME")?.join(place)))?.join("bgcopy"))
}
