//! What holds in a queue, all sources taken together.

use std::time::Duration;

use bgcopy_protocol::enums::JobPriority;
use bgcopy_protocol::flags::CostFlags;
use bgcopy_protocol::limits;

use super::source::Found;
use super::{Cost, Policy};
use crate::limit::window::Bandwidth;
use crate::settings::Settings;
use crate::transfer::access::ConfiguredProxies;
use crate::transfer::share::Shares;

const DAY: u64 = 24 * 3600;

/// The rules of a queue: policy over the program's settings over the user's configuration over the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Most unfinished jobs of all users.
    pub max_jobs_per_machine: Option<u32>,
    /// Most unfinished jobs of a user.
    pub max_jobs_per_user: Option<u32>,
    /// Most files of a job.
    pub max_files_per_job: Option<u32>,
    /// Most ranges of a file.
    pub max_ranges_per_file: Option<u32>,
    /// A job nobody touched for so long is cancelled.
    pub job_inactivity_timeout: Duration,
    /// How long a background job runs before others have their turn.
    pub time_slice: Duration,
    /// Seconds before a retry, of new jobs.
    pub minimum_retry_delay: u32,
    /// Seconds without progress, of new jobs.
    pub no_progress_timeout: u32,
    /// Seconds in CONNECTING and TRANSFERRING, of jobs that have no time of their own.
    pub maximum_download_time: u32,
    /// Limits by the time of the day.
    pub bandwidth: Bandwidth,
    /// A policy has another value than the program asked for.
    pub overridden: bool,
    cost: Cost,
    /// The proxies of jobs that name none.
    pub proxies: ConfiguredProxies,
    /// Where Windows shares are.
    pub shares: Shares,
}

/// Picks the value that holds, and notes when a policy overrules the program.
struct Pick {
    overridden: bool,
}

impl Pick {
    fn one<T: Copy + PartialEq>(
        &mut self,
        policy: Option<T>,
        program: Option<T>,
        config: Option<T>,
    ) -> Option<T> {
        self.overridden |= program.is_some() && policy.is_some() && policy != program;
        policy.or(program).or(config)
    }
}

impl Rules {
    /// Takes all sources together.
    pub fn new(settings: &Settings, Found { policy, config }: &Found) -> Rules {
        let mut pick = Pick { overridden: false };
        let days = |days: Option<u32>| days.map(|days| Duration::from_secs(u64::from(days) * DAY));
        let seconds = |seconds: Option<u32>| seconds.map(|seconds| Duration::from_secs(seconds.into()));
        let mut quota = |of: fn(&Policy) -> Option<u32>, program| pick.one(of(policy), program, of(config));
        let max_jobs_per_machine = quota(|from| from.max_jobs_per_machine, settings.max_jobs_per_machine);
        let max_jobs_per_user = quota(|from| from.max_jobs_per_user, settings.max_jobs_per_user);
        let max_files_per_job = quota(|from| from.max_files_per_job, settings.max_files_per_job);
        let max_ranges_per_file = quota(|from| from.max_ranges_per_file, settings.max_ranges_per_file);
        let minimum_retry_delay = quota(|from| from.minimum_retry_delay_s, settings.minimum_retry_delay);
        let no_progress_timeout = quota(|from| from.no_progress_timeout_s, settings.no_progress_timeout);
        let maximum_download_time = quota(|from| from.max_download_time_s, settings.maximum_download_time);
        let job_inactivity_timeout = pick.one(
            days(policy.job_inactivity_timeout_days),
            settings.job_inactivity_timeout,
            days(config.job_inactivity_timeout_days),
        );
        let time_slice =
            pick.one(seconds(policy.time_slice_s), settings.time_slice, seconds(config.time_slice_s));
        let files = policy.clone().over(config.clone());
        Rules {
            max_jobs_per_machine,
            max_jobs_per_user,
            max_files_per_job,
            max_ranges_per_file,
            job_inactivity_timeout: job_inactivity_timeout
                .unwrap_or(Duration::from_secs(u64::from(limits::DEFAULT_JOB_INACTIVITY_TIMEOUT_DAYS) * DAY)),
            time_slice: time_slice.unwrap_or(DEFAULT_TIME_SLICE),
            minimum_retry_delay: minimum_retry_delay.unwrap_or(limits::DEFAULT_MINIMUM_RETRY_DELAY_S),
            no_progress_timeout: no_progress_timeout.unwrap_or(limits::DEFAULT_NO_PROGRESS_TIMEOUT_S),
            maximum_download_time: maximum_download_time.unwrap_or(limits::DEFAULT_MAXIMUM_DOWNLOAD_TIME_S),
            bandwidth: files.bandwidth,
            overridden: pick.overridden,
            cost: files.cost,
            proxies: ConfiguredProxies { policy: policy.proxy.clone(), config: config.proxy.clone() },
            shares: files.shares,
        }
    }

    /// The cost flags of a job that has none of its own.
    pub fn cost_flags(&self, priority: JobPriority) -> CostFlags {
        let flags = match priority {
            JobPriority::Foreground => self.cost.foreground,
            JobPriority::High => self.cost.high,
            JobPriority::Normal => self.cost.normal,
            JobPriority::Low => self.cost.low,
        };
        flags.unwrap_or(CostFlags::TRANSFER_ALWAYS)
    }

    /// What the connection costs, as far as anybody said.
    pub fn network(&self) -> CostFlags {
        self.cost.network.unwrap_or(CostFlags::UNRESTRICTED)
    }
}

const DEFAULT_TIME_SLICE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    fn found(policy: &str, config: &str) -> Found {
        let mut found = Found::default();
        assert_eq!(found.policy.read(policy), []);
        assert_eq!(found.config.read(config), []);
        found
    }

    #[test]
    fn without_files_the_defaults_of_bits_hold_and_no_quota() {
        let rules = Rules::new(&Settings::default(), &Found::default());
        assert_eq!((rules.max_jobs_per_user, rules.max_files_per_job), (None, None));
        assert_eq!(rules.job_inactivity_timeout, Duration::from_secs(90 * DAY));
        assert_eq!((rules.minimum_retry_delay, rules.no_progress_timeout), (600, 1_209_600));
        assert_eq!((rules.maximum_download_time, rules.time_slice), (7_776_000, Duration::from_secs(300)));
        assert_eq!(rules.cost_flags(JobPriority::Low), CostFlags::TRANSFER_ALWAYS);
        assert_eq!(rules.network(), CostFlags::UNRESTRICTED);
        assert!(!rules.overridden);
    }

    #[test]
    fn policy_beats_program_beats_configuration_beats_default() {
        let config = "max_jobs_per_user = 3\ntime_slice_s = 3\nminimum_retry_delay_s = 33";
        let settings = Settings {
            max_jobs_per_user: Some(2),
            time_slice: Some(Duration::from_secs(2)),
            ..Settings::default()
        };
        let rules = Rules::new(&settings, &found("max_jobs_per_user = 1", config));
        assert_eq!((rules.max_jobs_per_user, rules.time_slice), (Some(1), Duration::from_secs(2)));
        assert_eq!((rules.minimum_retry_delay, rules.no_progress_timeout), (33, 1_209_600));
        assert!(rules.overridden);
        let rules = Rules::new(&settings, &found("max_jobs_per_user = 2\nmax_files_per_job = 1", config));
        assert!(!rules.overridden, "the same value, and one the program did not ask for");
    }

    #[test]
    fn a_bandwidth_policy_replaces_that_of_the_user_as_a_whole() {
        let user = "[bandwidth.work]\nfrom_hour = 0\nto_hour = 0\n";
        let rules = Rules::new(&Settings::default(), &found("[bandwidth]\nlimit_kbps = 9\n", user));
        assert!(rules.bandwidth.daily.is_some() && rules.bandwidth.work.is_none());
        let rules = Rules::new(&Settings::default(), &found("", user));
        assert!(rules.bandwidth.work.is_some());
    }

    #[test]
    fn cost_policies_hold_by_priority() {
        let policy = "[cost]\nlow = \"standard\"\nnetwork = \"roaming\"";
        let rules = Rules::new(
            &Settings::default(),
            &found(policy, "[cost]\nlow = \"always\"\nhigh = \"unrestricted\""),
        );
        assert_eq!(rules.cost_flags(JobPriority::Low), CostFlags::TRANSFER_STANDARD);
        assert_eq!(rules.cost_flags(JobPriority::High), CostFlags::TRANSFER_UNRESTRICTED);
        assert_eq!(rules.cost_flags(JobPriority::Normal), CostFlags::TRANSFER_ALWAYS);
        assert_eq!(rules.network(), CostFlags::ROAMING);
    }
}
