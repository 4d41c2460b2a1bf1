//! bgcopy.h - downloads and uploads that survive crashes and reboots, in the manner of the Background
//! Intelligent Transfer Service of Windows.
//!
//! This header is the manual. The interfaces of BITS map to it by rule: `IBackgroundCopyJob::AddFile` is
//! `bg_job_add_file`. Constants keep the names and numbers of the Windows SDK.
//!
//! ## A first program
//!
//! A queue holds jobs, a job holds files. Jobs run in the background of the process that has the
//! queue open, go on when it is opened again, and wait to be completed.
//!
//! ```c
//! static bg_result fetch(const char *url, const char *path)
//! {
//!     bg_manager *queue = NULL;
//!     bg_job *job = NULL;
//!     bg_job_state state = BG_JOB_STATE_ERROR;
//!     bg_result result = bg_manager_open(NULL, &queue);
//!     if (result >= 0)
//!         result = bg_manager_create_job(queue, "a file", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
//!     if (result >= 0)
//!         result = bg_job_add_file(job, url, path);
//!     if (result >= 0)
//!         result = bg_job_resume(job);
//!     if (result >= 0)
//!         result = bg_job_wait(job, -1, -1, &state); // a callback tells it too
//!     if (result >= 0)
//!         result = state == BG_JOB_STATE_TRANSFERRED ? bg_job_complete(job) : bg_job_cancel(job);
//!     bg_job_release(job);
//!     bg_manager_release(queue);
//!     return result;
//! }
//! ```
//!
//! ## Results
//!
//! Every function that can fail returns a `bg_result`: 0 is success, above 0 success with a remark,
//! below 0 failure. A call that failed has changed nothing, unless its text says otherwise. What a call
//! has changed when it returns survives a crash of the process or the machine.
//!
//! Out parameters come last and are always written: the value, or NULL or 0 on failure (-1 for a
//! descriptor).
//!
//! ```c
//! static void explain(bg_result result)
//! {
//!     fprintf(stderr, "%s (0x%08X): %s\n", bg_result_name(result), (unsigned)result,
//!             bg_last_error_detail());
//! }
//! ```
//!
//! A defect inside the library that would end a Rust program becomes `BG_E_UNEXPECTED`.
//!
//! ## Pointers
//!
//! A pointer is NULL or points to memory that is valid for the call. NULL where it is not allowed gives
//! `BG_E_INVALIDARG`, or `BG_E_POINTER` for the place of a result; a handle of another kind gives
//! `BG_E_INVALIDARG`. A handle must not be used after its last `_release`.
//!
//! ## Handles
//!
//! A handle is a reference to an object of the queue. What a call gives belongs to the program, which returns it with
//! the `_release` of its type; `_retain` makes one more reference, and releasing NULL is fine. Handles that a callback
//! gets are borrowed. The last release of a job or file lets go of the handle only: the job stays in its queue.
//!
//! ```c
//! static bg_job *remember(bg_job *job)
//! {
//!     static bg_job *kept;
//!     bg_job_release(kept);
//!     kept = bg_job_retain(job);
//!     return kept;
//! }
//! ```
//!
//! ## Strings
//!
//! Strings are UTF-8 and end with a NUL. `const char *` in: borrowed for the call; other encodings
//! give `BG_E_INVALIDARG`. `char **` out: the program's, freed with `bg_string_free`. Limits count
//! characters, not bytes.
//!
//! ```c
//! static void print_name(bg_job *job)
//! {
//!     char *name = NULL;
//!     if (bg_job_get_display_name(job, &name) >= 0)
//!         printf("%s\n", name);
//!     bg_string_free(name);
//! }
//! ```
//!
//! ## Structures
//!
//! Structures that may grow begin with `struct_size` and have an `_INIT` macro; always start with it.
//! A program built with an older header goes on working with a newer library, and the other way round.
//!
//! ```c
//! static uint64_t bytes_so_far(bg_job *job)
//! {
//!     bg_job_progress progress = BG_JOB_PROGRESS_INIT;
//!     return bg_job_get_progress(job, &progress) >= 0 ? progress.bytes_transferred : 0;
//! }
//! ```
//!
//! Enumerations are passed as `int32_t`; a number that is not defined gives `BG_E_NOTIMPL`.
//!
//! ## Threads
//!
//! Every function may be called from any thread at any time, also from inside callbacks of a job, but not
//! from a log callback. Calls that change something wait for the disk; getters of state and progress
//! never do. `bg_last_error_detail` is per thread.
//!
//! ```c
//! static void *watch(void *data) // the body of a thread, which owns a reference
//! {
//!     bg_job *job = (bg_job *)data;
//!     bg_job_state state = BG_JOB_STATE_QUEUED;
//!     if (bg_job_wait(job, 60000, -1, &state) == BG_S_OK)
//!         printf("state %d\n", (int)state);
//!     bg_job_release(job);
//!     return NULL;
//! }
//! ```
//!
//! ## Callbacks
//!
//! A function, its data and the function that frees the data are registered together. `destroy` runs
//! exactly once, after the last callback.
//!
//! ```c
//! static bg_result on_transferred(void *user_data, bg_job *job)
//! {
//!     (void)user_data;
//!     return bg_job_complete(job);
//! }
//!
//! static bg_result complete_when_done(bg_job *job)
//! {
//!     bg_callbacks callbacks = BG_CALLBACKS_INIT;
//!     callbacks.job_transferred = on_transferred;
//!     return bg_job_set_callbacks(job, &callbacks, NULL);
//! }
//! ```
//!
//! Programs with a `poll` loop use `bg_manager_get_event_fd` in place of callbacks, those that have nothing else to do
//! `bg_job_wait`.
//!
//! ## Processes
//!
//! A queue has one owner process. After `fork`, calls in the child answer `BG_E_DISCONNECTED` and transfers
//! go on in the parent; a child may release the handles it inherited, and `exec` is always safe.
//!
//! ## Policies
//!
//! The administrator lays down policies in the files `*.toml` of `/etc/bgcopy/policy.d`, the user a configuration in
//! `$XDG_CONFIG_HOME/bgcopy/config.toml`. Both have the same keys, with the names and units of BITS. A policy
//! goes before the options of `bg_manager_open`, these before the configuration, that before the defaults; what
//! a program sets for a job stays, but for quotas, bandwidth and inactivity. Changes hold at once. Unknown keys and
//! bad values are named in the log, with file and line, and left out.
//!
//! ```toml
//! job_inactivity_timeout_days = 90      # 1 to 999
//! max_download_time_s = 7776000         # of jobs that have no time of their own
//! max_jobs_per_machine = 300            # quotas: none by default, and none for root and service accounts
//! max_jobs_per_user = 60
//! max_files_per_job = 200
//! max_ranges_per_file = 500
//! time_slice_s = 300
//! minimum_retry_delay_s = 600           # of new jobs
//! no_progress_timeout_s = 1209600       # of new jobs
//!
//! [bandwidth]                           # of background jobs, each day; hours in local time
//! limit_kbps = 1000                     # kilobits per second, or "unlimited"; 0 blocks
//! from_hour = 8
//! to_hour = 17
//! outside_kbps = "unlimited"
//!
//! [bandwidth.work]                      # instead of the daily limit
//! days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
//! from_hour = 8
//! to_hour = 17
//! high_kbps = 1000                      # for each priority; "unlimited" by default
//! normal_kbps = 500
//! low_kbps = 0
//!
//! [bandwidth.non_work]                  # all other hours
//! normal_kbps = 5000
//!
//! [bandwidth.maintenance]               # goes before both
//! from_hour = 2
//! to_hour = 4
//!
//! [cost]                                # for jobs without cost flags of their own
//! foreground = "always"                 # or not_roaming, no_surcharge, standard, unrestricted, a mask
//! high = "always"
//! normal = "standard"
//! low = "unrestricted"
//! network = "unrestricted"              # or capped, below_cap, near_cap, overcap_charged, overcap_throttled,
//!                                       # usage_based, roaming, a mask: the connection of this machine
//!
//! [proxy]                               # of jobs with BG_JOB_PROXY_USAGE_PRECONFIG: those of a policy go before the
//! list = "http=px1:8080 px2:8080"       # variables of the environment, these before the configuration;
//! bypass = "<local> *.example.org"      # written as for bg_job_set_proxy_settings, an empty list for none
//!
//! [shares]                              # where the names of Windows shares lead: a directory or a URL
//! '\\server\share' = "/mnt/share"
//! ```
//!
//! `$BGCOPY_POLICY_DIRECTORY` names a further directory of policies, behind the first one.
//!
//! ## Secrets
//!
//! Custom headers and credentials are encrypted on disk, with the first key that there is of:
//!
//! 1. the key `bgcopy:queue` of the type `user` in the kernel's keyrings of the thread, the process, the session, the
//!    user's sessions or the user, see keyctl(1),
//! 2. the credential `bgcopy.key`, which systemd gives a service (`LoadCredential=`) in `$CREDENTIALS_DIRECTORY`,
//! 3. the file `queue.key` in the directory of the queue, mode 0600, which is made when there is no other.
//!
//! The log says which one it is. The first two are made by whoever wants them, of 32 bytes or more, and are only read:
//!
//! ```sh
//! keyctl padd user bgcopy:queue @u < /media/stick/key    # the same bytes after each restart of the machine
//! ```
//!
//! What is encrypted needs its own key, wherever that is by then, until it is set again: another key, or another place,
//! holds for what is set from then on. A job whose key was in the keyring waits in `BG_JOB_STATE_TRANSIENT_ERROR` until
//! it is back; one whose key is missing elsewhere is in error. The code of both is `BG_E_WIN32_READ_FAULT`, and the text
//! names the place.
//!
//! ## Stability
//!
//! Functions, constants and members of structures are never removed and keep their meaning; new ones may
//! come, members at the end of structures. While the major version is 0, a new minor version may break this and
//! says so in the change log. Codes that are not in this header may be returned: treat them by their sign.
#![allow(non_camel_case_types)]

pub mod access;
mod boundary;
pub mod callback;
pub mod callback1;
pub mod certificate;
pub mod enum_files;
pub mod enum_groups;
pub mod enum_jobs;
pub mod enum_jobs1;
mod enumerator;
pub mod enums;
pub mod error;
pub mod extension_setup;
pub mod extension_setup_factory;
pub mod file;
pub mod file_range;
pub mod group;
pub mod guid;
pub mod handle;
pub mod http_options;
pub mod job;
pub mod job1;
pub mod job_property;
pub mod log;
pub mod manager;
pub mod memory;
pub mod property;
pub mod qmgr;
pub mod reply;
pub mod result;
pub mod string;
pub mod token;
pub mod version;
