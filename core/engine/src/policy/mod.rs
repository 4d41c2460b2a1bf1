//! What administrators and users lay down in files.
//!
//! A policy beats what a program asks for when it opens a queue, which beats the user's configuration, which
//! beats the defaults (`Rules`). Both kinds of file have the same keys, those of the group policies and
//! settings of BITS, with their units. What is set for a job stays: of all policies only those about
//! quotas, inactivity and bandwidth bind jobs that have settings of their own.
//!
//! The keys are in the section "Policies" of `include/bgcopy.h`.

mod file;
mod rules;
mod source;

use bgcopy_protocol::flags::CostFlags;

pub use self::file::Fault;
pub(crate) use self::rules::Rules;
pub(crate) use self::source::Sources;
use crate::limit::window::Bandwidth;
use crate::transfer::access::ProxyLists;
use crate::transfer::share::Shares;

/// What one or several files say; `None` where they say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Days after which a job that nobody touched is cancelled (`JobInactivityTimeout`).
    pub job_inactivity_timeout_days: Option<u32>,
    /// Seconds a job may spend in CONNECTING and TRANSFERRING (`MaxDownloadTime`).
    pub max_download_time_s: Option<u32>,
    /// Most unfinished jobs of all users (`MaxJobsPerMachine`).
    pub max_jobs_per_machine: Option<u32>,
    /// Most unfinished jobs of a user (`MaxJobsPerUser`).
    pub max_jobs_per_user: Option<u32>,
    /// Most files of a job (`MaxFilesPerJob`).
    pub max_files_per_job: Option<u32>,
    /// Most ranges of a file (`MaxRangesPerFile`).
    pub max_ranges_per_file: Option<u32>,
    /// Seconds of a turn in the background (`TimeQuantaLength`).
    pub time_slice_s: Option<u32>,
    /// Seconds before a retry (`JobMinimumRetryDelay`).
    pub minimum_retry_delay_s: Option<u32>,
    /// Seconds without progress before an error is final (`JobNoProgressTimeout`).
    pub no_progress_timeout_s: Option<u32>,
    /// Limits by the time of the day (`MaxInternetBandwidth` and the two schedules).
    pub bandwidth: Bandwidth,
    /// Connections that jobs may use (`SetTransferPolicyOnCostedNetwork`).
    pub cost: Cost,
    /// The proxies of jobs that name none.
    pub proxy: Option<ProxyLists>,
    /// Where Windows shares are.
    pub shares: Shares,
}

/// Cost flags for jobs that have none of their own, by priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of FOREGROUND jobs.
    pub foreground: Option<CostFlags>,
    /// Of HIGH jobs.
    pub high: Option<CostFlags>,
    /// Of NORMAL jobs.
    pub normal: Option<CostFlags>,
    /// Of LOW jobs.
    pub low: Option<CostFlags>,
    /// What the connection of this machine costs.
    pub network: Option<CostFlags>,
}

impl Policy {
    /// This policy; where it says nothing, the other one.
    #[must_use]
    pub fn over(self, other: Policy) -> Policy {
        let (bandwidth, cost) = (self.bandwidth, self.cost);
        Policy {
            job_inactivity_timeout_days: self
                .job_inactivity_timeout_days
                .or(other.job_inactivity_timeout_days),
            max_download_time_s: self.max_download_time_s.or(other.max_download_time_s),
            max_jobs_per_machine: self.max_jobs_per_machine.or(other.max_jobs_per_machine),
            max_jobs_per_user: self.max_jobs_per_user.or(other.max_jobs_per_user),
            max_files_per_job: self.max_files_per_job.or(other.max_files_per_job),
            max_ranges_per_file: self.max_ranges_per_file.or(other.max_ranges_per_file),
            time_slice_s: self.time_slice_s.or(other.time_slice_s),
            minimum_retry_delay_s: self.minimum_retry_delay_s.or(other.minimum_retry_delay_s),
            no_progress_timeout_s: self.no_progress_timeout_s.or(other.no_progress_timeout_s),
            // One value: a schedule of the other must not undo the limit of this one.
            proxy: self.proxy.or(other.proxy),
            shares: self.shares.over(other.shares),
            bandwidth: if bandwidth == Bandwidth::default() { other.bandwidth } else { bandwidth },
            cost: Cost {
                foreground: cost.foreground.or(other.cost.foreground),
                high: cost.high.or(other.cost.high),
                normal: cost.normal.or(other.cost.normal),
                low: cost.low.or(other.cost.low),
                network: cost.network.or(other.cost.network),
            },
        }
    }
}
