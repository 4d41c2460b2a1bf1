//! Limits, defaults and special numbers.
//!
//! Lengths of texts are in characters and do not count a terminating NUL unless it says so.

use crate::constants::{Constant, Group, Kind};

/// Size of a file or job that is not known yet (`BG_SIZE_UNKNOWN`).
pub const SIZE_UNKNOWN: u64 = u64::MAX;
/// Length of a range that goes to the end of the file (`BG_LENGTH_TO_EOF`).
pub const LENGTH_TO_EOF: u64 = u64::MAX;
/// File index of a legacy notification that belongs to no file.
pub const QM_NO_FILE: u32 = u32::MAX;

/// The sizes and lengths that stand for something else than a number of bytes.
pub const SIZES: Group = Group {
    name: "BG_SIZE",
    kind: Kind::Sizes,
    doc: "Sizes and lengths that stand for something else than a number of bytes.",
    constants: &[
        Constant {
            name: "BG_SIZE_UNKNOWN",
            value: SIZE_UNKNOWN as i64,
            group: "BG_SIZE",
            doc: "The size is not known yet.",
        },
        Constant {
            name: "BG_LENGTH_TO_EOF",
            value: LENGTH_TO_EOF as i64,
            group: "BG_SIZE",
            doc: "To the end of the file.",
        },
    ],
};

/// Most characters of a URL.
pub const MAX_URL: usize = 2_200;
/// Most bytes of a local path: what Linux allows, in place of the 260 characters of Windows.
pub const MAX_PATH: usize = 4_095;
/// Most bytes of one component of a local path.
pub const MAX_NAME: usize = 255;
/// Most characters of the display name of a job or a legacy group.
pub const MAX_DISPLAY_NAME: usize = 256;
/// Most characters of the description of a job or a legacy group.
pub const MAX_DESCRIPTION: usize = 1_024;
/// Most characters of the parameters of a notification command.
pub const MAX_NOTIFY_PARAMETERS: usize = 4_000;
/// Characters of a proxy list or bypass list that are always accepted.
pub const MAX_PROXY_LIST: usize = 4_000;
/// Most characters of the custom headers of a job, terminating NUL included.
pub const MAX_CUSTOM_HEADERS: usize = 16_384;
/// Most characters of a certificate store name, terminating NUL included.
pub const MAX_CERT_STORE_NAME: usize = 256;
/// Bytes of the hash (SHA-1) that names a client certificate.
pub const CERT_HASH_LENGTH: usize = 20;
/// Most characters of a user name.
pub const MAX_USER_NAME: usize = 300;
/// Most characters of a password.
pub const MAX_PASSWORD: usize = 65_535;
/// Most bytes of reply data that a call returns.
pub const MAX_REPLY_DATA: u64 = 1_048_576;
/// Most characters of an upload session identifier.
pub const MAX_SESSION_ID: usize = 100;
/// Most characters of a host identifier of an upload server.
pub const MAX_HOST_ID: usize = 300;

/// Seconds before a transient error is tried again.
pub const DEFAULT_MINIMUM_RETRY_DELAY_S: u32 = 600;
/// Least seconds before a transient error is tried again; smaller settings are raised to it.
pub const LEAST_MINIMUM_RETRY_DELAY_S: u32 = 5;
/// Seconds without progress after which a transient error becomes fatal: 14 days.
pub const DEFAULT_NO_PROGRESS_TIMEOUT_S: u32 = 1_209_600;
/// Seconds a download may take while connecting or transferring: 90 days.
pub const DEFAULT_MAXIMUM_DOWNLOAD_TIME_S: u32 = 7_776_000;
/// Days after which a job that nobody touches is cancelled.
pub const DEFAULT_JOB_INACTIVITY_TIMEOUT_DAYS: u32 = 90;
/// Least milliseconds between two notifications of modification.
pub const DEFAULT_NOTIFICATION_INTERVAL_MS: u32 = 500;

/// Jobs of all users together in a system-wide queue.
pub const DEFAULT_MAX_JOBS_PER_MACHINE: u32 = 300;
/// Jobs of one user in a system-wide queue.
pub const DEFAULT_MAX_JOBS_PER_USER: u32 = 60;
/// Files of one job in a system-wide queue.
pub const DEFAULT_MAX_FILES_PER_JOB: u32 = 200;
/// Ranges of one file in a system-wide queue.
pub const DEFAULT_MAX_RANGES_PER_FILE: u32 = 500;

/// Part of the disk that the peer cache may use, in per cent.
pub const DEFAULT_PEER_CACHE_SIZE_PERCENT: u32 = 1;
/// Greatest part of the disk that the peer cache can be given, in per cent.
pub const MAX_PEER_CACHE_SIZE_PERCENT: u32 = 80;
/// Seconds after its last use that a cached file is kept: 90 days.
pub const DEFAULT_PEER_CACHE_AGE_S: u32 = 7_776_000;
/// Least seconds that a cached file can be kept: 1 day.
pub const MIN_PEER_CACHE_AGE_S: u32 = 86_400;
/// Most seconds that a cached file can be kept: 120 days.
pub const MAX_PEER_CACHE_AGE_S: u32 = 10_368_000;
