/* bgcopy.h - downloads and uploads that survive crashes and reboots, in the manner of the Background
 * Intelligent Transfer Service of Windows.
 *
 * This header is the manual. The interfaces of BITS map to it by rule: `IBackgroundCopyJob::AddFile` is
 * `bg_job_add_file`. Constants keep the names and numbers of the Windows SDK.
 *
 * A first program
 * ===============
 *
 * A queue holds jobs, a job holds files. Jobs run in the background of the process that has the
 * queue open, go on when it is opened again, and wait to be completed.
 *
 *     static bg_result fetch(const char *url, const char *path)
 *     {
 *         bg_manager *queue = NULL;
 *         bg_job *job = NULL;
 *         bg_job_state state = BG_JOB_STATE_ERROR;
 *         bg_result result = bg_manager_open(NULL, &queue);
 *         if (result >= 0)
 *             result = bg_manager_create_job(queue, "a file", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
 *         if (result >= 0)
 *             result = bg_job_add_file(job, url, path);
 *         if (result >= 0)
 *             result = bg_job_resume(job);
 *         if (result >= 0)
 *             result = bg_job_wait(job, -1, -1, &state); // a callback tells it too
 *         if (result >= 0)
 *             result = state == BG_JOB_STATE_TRANSFERRED ? bg_job_complete(job) : bg_job_cancel(job);
 *         bg_job_release(job);
 *         bg_manager_release(queue);
 *         return result;
 *     }
 *
 * Results
 * =======
 *
 * Every function that can fail returns a `bg_result`: 0 is success, above 0 success with a remark,
 * below 0 failure. A call that failed has changed nothing, unless its text says otherwise. What a call
 * has changed when it returns survives a crash of the process or the machine.
 *
 * Out parameters come last and are always written: the value, or NULL or 0 on failure (-1 for a
 * descriptor).
 *
 *     static void explain(bg_result result)
 *     {
 *         fprintf(stderr, "%s (0x%08X): %s\n", bg_result_name(result), (unsigned)result,
 *                 bg_last_error_detail());
 *     }
 *
 * A defect inside the library that would end a Rust program becomes `BG_E_UNEXPECTED`.
 *
 * Pointers
 * ========
 *
 * A pointer is NULL or points to memory that is valid for the call. NULL where it is not allowed gives
 * `BG_E_INVALIDARG`, or `BG_E_POINTER` for the place of a result; a handle of another kind gives
 * `BG_E_INVALIDARG`. A handle must not be used after its last `_release`.
 *
 * Handles
 * =======
 *
 * A handle is a reference to an object of the queue. What a call gives belongs to the program, which returns it with
 * the `_release` of its type; `_retain` makes one more reference, and releasing NULL is fine. Handles that a callback
 * gets are borrowed. The last release of a job or file lets go of the handle only: the job stays in its queue.
 *
 *     static bg_job *remember(bg_job *job)
 *     {
 *         static bg_job *kept;
 *         bg_job_release(kept);
 *         kept = bg_job_retain(job);
 *         return kept;
 *     }
 *
 * Strings
 * =======
 *
 * Strings are UTF-8 and end with a NUL. `const char *` in: borrowed for the call; other encodings
 * give `BG_E_INVALIDARG`. `char **` out: the program's, freed with `bg_string_free`. Limits count
 * characters, not bytes.
 *
 *     static void print_name(bg_job *job)
 *     {
 *         char *name = NULL;
 *         if (bg_job_get_display_name(job, &name) >= 0)
 *             printf("%s\n", name);
 *         bg_string_free(name);
 *     }
 *
 * Structures
 * ==========
 *
 * Structures that may grow begin with `struct_size` and have an `_INIT` macro; always start with it.
 * A program built with an older header goes on working with a newer library, and the other way round.
 *
 *     static uint64_t bytes_so_far(bg_job *job)
 *     {
 *         bg_job_progress progress = BG_JOB_PROGRESS_INIT;
 *         return bg_job_get_progress(job, &progress) >= 0 ? progress.bytes_transferred : 0;
 *     }
 *
 * Enumerations are passed as `int32_t`; a number that is not defined gives `BG_E_NOTIMPL`.
 *
 * Threads
 * =======
 *
 * Every function may be called from any thread at any time, also from inside callbacks of a job, but not
 * from a log callback. Calls that change something wait for the disk; getters of state and progress
 * never do. `bg_last_error_detail` is per thread.
 *
 *     static void *watch(void *data) // the body of a thread, which owns a reference
 *     {
 *         bg_job *job = (bg_job *)data;
 *         bg_job_state state = BG_JOB_STATE_QUEUED;
 *         if (bg_job_wait(job, 60000, -1, &state) == BG_S_OK)
 *             printf("state %d\n", (int)state);
 *         bg_job_release(job);
 *         return NULL;
 *     }
 *
 * Callbacks
 * =========
 *
 * A function, its data and the function that frees the data are registered together. `destroy` runs
 * exactly once, after the last callback.
 *
 *     static bg_result on_transferred(void *user_data, bg_job *job)
 *     {
 *         (void)user_data;
 *         return bg_job_complete(job);
 *     }
 *
 *     static bg_result complete_when_done(bg_job *job)
 *     {
 *         bg_callbacks callbacks = BG_CALLBACKS_INIT;
 *         callbacks.job_transferred = on_transferred;
 *         return bg_job_set_callbacks(job, &callbacks, NULL);
 *     }
 *
 * Programs with a `poll` loop use `bg_manager_get_event_fd` in place of callbacks, those that have nothing else to do
 * `bg_job_wait`.
 *
 * Processes
 * =========
 *
 * A queue has one owner process. After `fork`, calls in the child answer `BG_E_DISCONNECTED` and transfers
 * go on in the parent; a child may release the handles it inherited, and `exec` is always safe.
 *
 * Policies
 * ========
 *
 * The administrator lays down policies in the files `*.toml` of `/etc/bgcopy/policy.d`, the user a configuration in
 * `$XDG_CONFIG_HOME/bgcopy/config.toml`. Both have the same keys, with the names and units of BITS. A policy
 * goes before the options of `bg_manager_open`, these before the configuration, that before the defaults; what
 * a program sets for a job stays, but for quotas, bandwidth and inactivity. Changes hold at once. Unknown keys and
 * bad values are named in the log, with file and line, and left out.
 *
 *     job_inactivity_timeout_days = 90      # 1 to 999
 *     max_download_time_s = 7776000         # of jobs that have no time of their own
 *     max_jobs_per_machine = 300            # quotas: none by default, and none for root and service accounts
 *     max_jobs_per_user = 60
 *     max_files_per_job = 200
 *     max_ranges_per_file = 500
 *     time_slice_s = 300
 *     minimum_retry_delay_s = 600           # of new jobs
 *     no_progress_timeout_s = 1209600       # of new jobs
 *
 *     [bandwidth]                           # of background jobs, each day; hours in local time
 *     limit_kbps = 1000                     # kilobits per second, or "unlimited"; 0 blocks
 *     from_hour = 8
 *     to_hour = 17
 *     outside_kbps = "unlimited"
 *
 *     [bandwidth.work]                      # instead of the daily limit
 *     days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
 *     from_hour = 8
 *     to_hour = 17
 *     high_kbps = 1000                      # for each priority; "unlimited" by default
 *     normal_kbps = 500
 *     low_kbps = 0
 *
 *     [bandwidth.non_work]                  # all other hours
 *     normal_kbps = 5000
 *
 *     [bandwidth.maintenance]               # goes before both
 *     from_hour = 2
 *     to_hour = 4
 *
 *     [cost]                                # for jobs without cost flags of their own
 *     foreground = "always"                 # or not_roaming, no_surcharge, standard, unrestricted, a mask
 *     high = "always"
 *     normal = "standard"
 *     low = "unrestricted"
 *     network = "unrestricted"              # or capped, below_cap, near_cap, overcap_charged, overcap_throttled,
 *                                           # usage_based, roaming, a mask: the connection of this machine
 *
 *     [proxy]                               # of jobs with BG_JOB_PROXY_USAGE_PRECONFIG: those of a policy go before the
 *     list = "http=px1:8080 px2:8080"       # variables of the environment, these before the configuration;
 *     bypass = "<local> *.example.org"      # written as for bg_job_set_proxy_settings, an empty list for none
 *
 *     [shares]                              # where the names of Windows shares lead: a directory or a URL
 *     '\\server\share' = "/mnt/share"
 *
 * `$BGCOPY_POLICY_DIRECTORY` names a further directory of policies, behind the first one.
 *
 * Secrets
 * =======
 *
 * Custom headers and credentials are encrypted on disk, with the first key that there is of:
 *
 * 1. the key `bgcopy:queue` of the type `user` in the kernel's keyrings of the thread, the process, the session, the
 *    user's sessions or the user, see keyctl(1),
 * 2. the credential `bgcopy.key`, which systemd gives a service (`LoadCredential=`) in `$CREDENTIALS_DIRECTORY`,
 * 3. the file `queue.key` in the directory of the queue, mode 0600, which is made when there is no other.
 *
 * The log says which one it is. The first two are made by whoever wants them, of 32 bytes or more, and are only read:
 *
 *     keyctl padd user bgcopy:queue @u < /media/stick/key    # the same bytes after each restart of the machine
 *
 * What is encrypted needs its own key, wherever that is by then, until it is set again: another key, or another place,
 * holds for what is set from then on. A job whose key was in the keyring waits in `BG_JOB_STATE_TRANSIENT_ERROR` until
 * it is back; one whose key is missing elsewhere is in error. The code of both is `BG_E_WIN32_READ_FAULT`, and the text
 * names the place.
 *
 * Stability
 * =========
 *
 * Functions, constants and members of structures are never removed and keep their meaning; new ones may
 * come, members at the end of structures. While the major version is 0, a new minor version may break this and
 * says so in the change log. Codes that are not in this header may be returned: treat them by their sign.
 */

/* Generated from the sources of bgcopy-ffi: edit those, then run
 * BGCOPY_BLESS=1 cargo test -p bgcopy-ffi --test header */

#ifndef BGCOPY_H
#define BGCOPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif


/* Results and errors
 * ==================
 *
 * The numbers are those of Windows on every platform. `BG_E_HTTP_ERROR_404` and its like are made of
 * an HTTP status. Codes starting with `BG_E_WIN32_` and `BG_E_WINHTTP_` carry the numbers of system
 * and network errors. Every code is a plain `int` constant and works in `switch` and `#if`.
 */

/** 0x00000000: The call succeeded. */
#define BG_S_OK 0x00000000

/** 0x00000001: The call succeeded and the answer is no, or there is nothing more to return. */
#define BG_S_FALSE 0x00000001

/** 0x00200006: No error has occurred. */
#define BG_S_ERROR_CONTEXT_NONE 0x00200006

/** 0x00200017: The finished files of the job were kept; those that were not finished were deleted. */
#define BG_S_PARTIAL_COMPLETE 0x00200017

/** 0x0020001A: The job ended, but some of its temporary files could not be removed; delete them by hand. */
#define BG_S_UNABLE_TO_DELETE_FILES 0x0020001A

/** 0x0020002A: The proxy server in use has changed. */
#define BG_S_PROXY_CHANGED 0x0020002A

/** 0x00200055: The setting was stored, but a policy of this computer with another value is in force. */
#define BG_S_OVERRIDDEN_BY_POLICY 0x00200055

/** 0x80200001: There is no job with this identifier; it may have been completed or cancelled. */
#define BG_E_NOT_FOUND (-0x7FDFFFFF)

/** 0x80200002: The state of the job does not allow this action; look at the state first. */
#define BG_E_INVALID_STATE (-0x7FDFFFFE)

/** 0x80200003: The job has no files; add one before resuming it. */
#define BG_E_EMPTY (-0x7FDFFFFD)

/** 0x80200004: The error does not belong to a particular file of the job. */
#define BG_E_FILE_NOT_AVAILABLE (-0x7FDFFFFC)

/** 0x80200005: The error does not belong to a particular transfer protocol. */
#define BG_E_PROTOCOL_NOT_AVAILABLE (-0x7FDFFFFB)

/** 0x80200007: The error arose in a place that is not known. */
#define BG_E_ERROR_CONTEXT_UNKNOWN (-0x7FDFFFF9)

/** 0x80200008: The error arose in the queue of jobs. */
#define BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER (-0x7FDFFFF8)

/** 0x80200009: The error arose while working on the local file. */
#define BG_E_ERROR_CONTEXT_LOCAL_FILE (-0x7FDFFFF7)

/** 0x8020000A: The error arose while working on the remote file. */
#define BG_E_ERROR_CONTEXT_REMOTE_FILE (-0x7FDFFFF6)

/** 0x8020000B: The error arose in the network connection, not in one particular file. */
#define BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT (-0x7FDFFFF5)

/** 0x8020000C: The error arose while notifying the program that owns the job. */
#define BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION (-0x7FDFFFF4)

/** 0x8020000D: The volume of the local file cannot be used now; the job goes on when it is writable again. */
#define BG_E_DESTINATION_LOCKED (-0x7FDFFFF3)

/**
 * 0x8020000E: Another volume is mounted where the local file was begun; mount the former one and resume the
 * job.
 */
#define BG_E_VOLUME_CHANGED (-0x7FDFFFF2)

/** 0x8020000F: The job has no error now; details exist only in the states ERROR and TRANSIENT_ERROR. */
#define BG_E_ERROR_INFORMATION_UNAVAILABLE (-0x7FDFFFF1)

/** 0x80200010: This computer has no network; the job goes on when it is connected again. */
#define BG_E_NETWORK_DISCONNECTED (-0x7FDFFFF0)

/**
 * 0x80200011: The server does not tell the size of the file; use static content, or allow dynamic content for
 * the job.
 */
#define BG_E_MISSING_FILE_SIZE (-0x7FDFFFEF)

/** 0x80200012: The server does not support what is needed of HTTP/1.1; fetch the file from another server. */
#define BG_E_INSUFFICIENT_HTTP_SUPPORT (-0x7FDFFFEE)

/**
 * 0x80200013: The server, or a proxy before it, does not serve parts of files; repair it, or use foreground
 * priority.
 */
#define BG_E_INSUFFICIENT_RANGE_SUPPORT (-0x7FDFFFED)

/** 0x80200014: The queue cannot be used from another computer; run the program on this one. */
#define BG_E_REMOTE_NOT_SUPPORTED (-0x7FDFFFEC)

/** 0x80200015: The local path leads the new owner to another place; ownership was not changed. */
#define BG_E_NEW_OWNER_DIFF_MAPPING (-0x7FDFFFEB)

/** 0x80200016: The new owner may not use the temporary files of the job; grant access and try again. */
#define BG_E_NEW_OWNER_NO_FILE_ACCESS (-0x7FDFFFEA)

/** 0x80200018: The list of proxies is too long; shorten it to 4,000 characters. */
#define BG_E_PROXY_LIST_TOO_LARGE (-0x7FDFFFE8)

/** 0x80200019: The list of hosts that bypass the proxy is too long; shorten it to 4,000 characters. */
#define BG_E_PROXY_BYPASS_LIST_TOO_LARGE (-0x7FDFFFE7)

/**
 * 0x8020001B: The answer of the server breaks the protocol; resume to try again, or ask its administrator.
 */
#define BG_E_INVALID_SERVER_RESPONSE (-0x7FDFFFE5)

/** 0x8020001C: An upload job carries one file only; create a job for each further file. */
#define BG_E_TOO_MANY_FILES (-0x7FDFFFE4)

/**
 * 0x8020001D: The local file was modified during its upload; resume the job to send it from the beginning.
 */
#define BG_E_LOCAL_FILE_CHANGED (-0x7FDFFFE3)

/** 0x8020001E: The error arose in the server application that receives the upload. */
#define BG_E_ERROR_CONTEXT_REMOTE_APPLICATION (-0x7FDFFFE2)

/** 0x8020001F: The server does not know the upload session any more; the upload starts again in a new one. */
#define BG_E_SESSION_NOT_FOUND (-0x7FDFFFE1)

/** 0x80200020: The data is larger than allowed: the upload for its server, or the reply for this call. */
#define BG_E_TOO_LARGE (-0x7FDFFFE0)

/** 0x80200021: A text argument is longer than its limit; shorten it. */
#define BG_E_STRING_TOO_LONG (-0x7FDFFFDF)

/** 0x80200022: Client and server have no version of the upload protocol in common; update the older one. */
#define BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH (-0x7FDFFFDE)

/** 0x80200023: The upload directory of the server allows programs to run; take that permission away there. */
#define BG_E_SERVER_EXECUTE_ENABLE (-0x7FDFFFDD)

/**
 * 0x80200024: Nothing was transferred for too long; the server may be set up wrongly. The job is tried again
 * later.
 */
#define BG_E_NO_PROGRESS (-0x7FDFFFDC)

/** 0x80200025: The user name is longer than 300 characters; shorten it. */
#define BG_E_USERNAME_TOO_LARGE (-0x7FDFFFDB)

/** 0x80200026: The password is longer than allowed; shorten it. */
#define BG_E_PASSWORD_TOO_LARGE (-0x7FDFFFDA)

/** 0x80200027: The target of the credentials is unknown; use the server or the proxy. */
#define BG_E_INVALID_AUTH_TARGET (-0x7FDFFFD9)

/** 0x80200028: The authentication scheme is unknown; use one of the BG_AUTH_SCHEME values. */
#define BG_E_INVALID_AUTH_SCHEME (-0x7FDFFFD8)

/** 0x80200029: The job has no file of that name. */
#define BG_E_FILE_NOT_FOUND (-0x7FDFFFD7)

/** 0x8020002B: A byte range is malformed or lies outside the file; correct the ranges. */
#define BG_E_INVALID_RANGE (-0x7FDFFFD5)

/** 0x8020002C: Two byte ranges of the file overlap; name each byte once. */
#define BG_E_OVERLAPPING_RANGES (-0x7FDFFFD4)

/** 0x8020002D: No connection to the server could be made; the transfer is tried again later. */
#define BG_E_CONNECT_FAILURE (-0x7FDFFFD3)

/** 0x8020002E: The connection ended before all bytes had arrived; the transfer goes on from there later. */
#define BG_E_CONNECTION_CLOSED (-0x7FDFFFD2)

/** 0x8020002F: The server closed a connection that was to stay open; the transfer is tried again later. */
#define BG_E_KEEP_ALIVE_FAILURE (-0x7FDFFFD1)

/** 0x80200030: A message of the server is longer than the limit; ask its administrator. */
#define BG_E_MESSAGE_LENGTH_LIMIT_EXCEEDED (-0x7FDFFFD0)

/** 0x80200031: The host name of the server was not found; check the URL and the name service. */
#define BG_E_NAME_RESOLUTION_FAILURE (-0x7FDFFFCF)

/** 0x80200032: The request is still under way; wait for its result. */
#define BG_E_REQUEST_PENDING (-0x7FDFFFCE)

/** 0x80200033: Several requests on one connection failed together; the transfer is tried again later. */
#define BG_E_PIPELINE_FAILURE (-0x7FDFFFCD)

/** 0x80200034: The server answered outside the protocol; the transfer is tried again later. */
#define BG_E_PROTOCOL_ERROR (-0x7FDFFFCC)

/** 0x80200035: The host name of the proxy was not found; check the proxy settings and the name service. */
#define BG_E_PROXY_NAME_RESOLUTION_FAILURE (-0x7FDFFFCB)

/** 0x80200036: Receiving from the server failed; the transfer is tried again later. */
#define BG_E_RECEIVE_FAILURE (-0x7FDFFFCA)

/** 0x80200037: The request was given up before it was answered; the transfer is tried again later. */
#define BG_E_REQUEST_CANCELED (-0x7FDFFFC9)

/** 0x80200038: The encrypted connection could not be set up; the transfer is tried again later. */
#define BG_E_SECURE_CHANNEL_FAILURE (-0x7FDFFFC8)

/** 0x80200039: Sending to the server failed; the transfer is tried again later. */
#define BG_E_SEND_FAILURE (-0x7FDFFFC7)

/** 0x8020003A: The server violated the HTTP protocol; the transfer is tried again later. */
#define BG_E_SERVER_PROTOCOL_VIOLATION (-0x7FDFFFC6)

/** 0x8020003B: The server did not answer in time; the transfer is tried again later. */
#define BG_E_TIMEOUT (-0x7FDFFFC5)

/**
 * 0x8020003C: The certificate of the server is not trusted; install the certificate of its authority, or use
 * another server.
 */
#define BG_E_TRUST_FAILURE (-0x7FDFFFC4)

/** 0x8020003D: The network failed in an unknown way; the transfer is tried again later. */
#define BG_E_UNKNOWN_ERROR (-0x7FDFFFC3)

/** 0x8020003E: The bandwidth policy allows no background transfers now; the job goes on when it does. */
#define BG_E_BLOCKED_BY_POLICY (-0x7FDFFFC2)

/** 0x8020003F: The proxy list or the bypass list of the job is malformed; correct it and resume the job. */
#define BG_E_INVALID_PROXY_INFO (-0x7FDFFFC1)

/** 0x80200040: The credentials are malformed; set them again and resume the job. */
#define BG_E_INVALID_CREDENTIALS (-0x7FDFFFC0)

/** 0x80200041: The hash algorithm is not supported; choose another. */
#define BG_E_INVALID_HASH_ALGORITHM (-0x7FDFFFBF)

/** 0x80200042: The record is not in the peer cache any more. */
#define BG_E_RECORD_DELETED (-0x7FDFFFBE)

/** 0x80200043: Another thread is updating this record of the peer cache; try again shortly. */
#define BG_E_COMMIT_IN_PROGRESS (-0x7FDFFFBD)

/** 0x80200044: A search for peers is running already; try again in a few seconds. */
#define BG_E_DISCOVERY_IN_PROGRESS (-0x7FDFFFBC)

/** 0x80200045: The gateway of this network gave no usable information about its traffic. */
#define BG_E_UPNP_ERROR (-0x7FDFFFBB)

/** 0x80200046: A test setting stopped the download after the search for peers; remove the setting. */
#define BG_E_TEST_OPTION_BLOCKED_DOWNLOAD (-0x7FDFFFBA)

/** 0x80200047: Peer caching is turned off; enable it for this computer first. */
#define BG_E_PEERCACHING_DISABLED (-0x7FDFFFB9)

/** 0x80200048: The record of the peer cache is in use; try again in a few seconds. */
#define BG_E_BUSYCACHERECORD (-0x7FDFFFB8)

/** 0x80200049: This user has as many jobs as the policy allows; complete or cancel some. */
#define BG_E_TOO_MANY_JOBS_PER_USER (-0x7FDFFFB7)

/** 0x80200050: This computer has as many jobs as the policy allows; complete or cancel some. */
#define BG_E_TOO_MANY_JOBS_PER_MACHINE (-0x7FDFFFB0)

/** 0x80200051: The job has as many files as the policy allows; put further files into another job. */
#define BG_E_TOO_MANY_FILES_IN_JOB (-0x7FDFFFAF)

/** 0x80200052: The file has as many byte ranges as the policy allows; join ranges or fetch the whole file. */
#define BG_E_TOO_MANY_RANGES_IN_FILE (-0x7FDFFFAE)

/** 0x80200053: The program rejected the content of the file; resume the job to download it again. */
#define BG_E_VALIDATION_FAILED (-0x7FDFFFAD)

/** 0x80200054: The download took longer than its time limit; resume the job to grant the time again. */
#define BG_E_MAXDOWNLOAD_TIMEOUT (-0x7FDFFFAC)

/**
 * 0x80200056: The job is to use a helper token and has none; set the token or clear its flags, then resume
 * the job.
 */
#define BG_E_TOKEN_REQUIRED (-0x7FDFFFAA)

/** 0x80200057: There is no property with this identifier. */
#define BG_E_UNKNOWN_PROPERTY_ID (-0x7FDFFFA9)

/** 0x80200058: The property can be read only. */
#define BG_E_READ_ONLY_PROPERTY (-0x7FDFFFA8)

/**
 * 0x80200059: The cost settings of the job exclude the present network; the job goes on when a cheaper one is
 * connected.
 */
#define BG_E_BLOCKED_BY_COST_TRANSFER_POLICY (-0x7FDFFFA7)

/** 0x80200060: Only download jobs have this property. */
#define BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY (-0x7FDFFFA0)

/** 0x80200061: The property is fixed once the job has a file; set it on a new job first. */
#define BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE (-0x7FDFFF9F)

/** 0x80200062: The property is fixed once the job was resumed; set it before that. */
#define BG_E_READ_ONLY_PROPERTY_AFTER_RESUME (-0x7FDFFF9E)

/** 0x80200063: The limit for the size of a download must be at least 1 byte. */
#define BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE (-0x7FDFFF9D)

/**
 * 0x80200064: The job would download more than its size limit allows; create it again with a higher limit.
 */
#define BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED (-0x7FDFFF9C)

/** 0x80200065: The computer is in standby; the job goes on when it wakes. */
#define BG_E_STANDBY_MODE (-0x7FDFFF9B)

/** 0x80200066: Stored credentials can be used towards a proxy only. */
#define BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED (-0x7FDFFF9A)

/** 0x80200067: The computer runs on battery; the job goes on when it is connected to power. */
#define BG_E_BLOCKED_BY_BATTERY_POLICY (-0x7FDFFF99)

/** 0x80200068: The computer saves battery power; the job goes on when it stops doing so. */
#define BG_E_BLOCKED_BY_BATTERY_SAVER (-0x7FDFFF98)

/** 0x80200069: An internal step took too long and was given up; the transfer is tried again later. */
#define BG_E_WATCHDOG_TIMEOUT (-0x7FDFFF97)

/** 0x8020006A: The owner of the job, or the caller, does not belong to an application package. */
#define BG_E_APP_PACKAGE_NOT_FOUND (-0x7FDFFF96)

/** 0x8020006B: Application packages cannot be used here: something they depend on is missing. */
#define BG_E_APP_PACKAGE_SCENARIO_NOT_SUPPORTED (-0x7FDFFF95)

/** 0x8020006C: The stored queue is damaged; reopen the queue to have it set aside and replaced. */
#define BG_E_DATABASE_CORRUPT (-0x7FDFFF94)

/**
 * 0x8020006D: Single ranges of this file cannot be requested: the job or its server does not support that.
 */
#define BG_E_RANDOM_ACCESS_NOT_SUPPORTED (-0x7FDFFF93)

/** 0x8020006E: The application may not work in the background now; the job goes on when it may. */
#define BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY (-0x7FDFFF92)

/** 0x8020006F: A game has asked for all resources; the job goes on when it ends. */
#define BG_E_BLOCKED_BY_GAME_MODE (-0x7FDFFF91)

/** 0x80200070: The system is short of resources; the job goes on by itself. */
#define BG_E_BLOCKED_BY_SYSTEM_POLICY (-0x7FDFFF90)

/** 0x80200071: A job with its own HTTP method does not allow this action. */
#define BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD (-0x7FDFFF8F)

/** 0x80200072: The action contradicts other settings of the job; change those first. */
#define BG_E_UNSUPPORTED_JOB_CONFIGURATION (-0x7FDFFF8E)

/** 0x80200073: The remote file changed during the transfer; resume the job to fetch the new version. */
#define BG_E_REMOTE_FILE_CHANGED (-0x7FDFFF8D)

/**
 * 0x80200074: The job checks certificates by a callback that is not there; set the callback again and resume
 * the job.
 */
#define BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED (-0x7FDFFF8C)

/** 0x80200075: The setting cannot change while the job is active; suspend it first. */
#define BG_E_READ_ONLY_WHEN_JOB_ACTIVE (-0x7FDFFF8B)

/** 0x80200076: The error arose in the certificate check of the program. */
#define BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK (-0x7FDFFF8A)

/** 0x80190064: The server asked for the rest of the request and then sent no result (100). */
#define BG_E_HTTP_ERROR_100 (-0x7FE6FF9C)

/** 0x80190065: The server switched to another protocol without being asked (101). */
#define BG_E_HTTP_ERROR_101 (-0x7FE6FF9B)

/** 0x801900C8: The server reported plain success where something else was needed (200). */
#define BG_E_HTTP_ERROR_200 (-0x7FE6FF38)

/** 0x801900C9: The server created a resource instead of answering the request (201). */
#define BG_E_HTTP_ERROR_201 (-0x7FE6FF37)

/** 0x801900CA: The server took the request but has no result yet (202). */
#define BG_E_HTTP_ERROR_202 (-0x7FE6FF36)

/** 0x801900CB: The answer was changed by somebody between server and client (203). */
#define BG_E_HTTP_ERROR_203 (-0x7FE6FF35)

/** 0x801900CC: The server has no content at this URL (204). */
#define BG_E_HTTP_ERROR_204 (-0x7FE6FF34)

/** 0x801900CD: The server asked to reset the view, which is no answer to a transfer (205). */
#define BG_E_HTTP_ERROR_205 (-0x7FE6FF33)

/** 0x801900CE: The server sent a part of the file where that was not expected (206). */
#define BG_E_HTTP_ERROR_206 (-0x7FE6FF32)

/** 0x8019012C: The server offers several versions of the file; give the job the URL of one of them (300). */
#define BG_E_HTTP_ERROR_300 (-0x7FE6FED4)

/** 0x8019012D: The file moved for good; give the job the new URL (301). */
#define BG_E_HTTP_ERROR_301 (-0x7FE6FED3)

/** 0x8019012E: The file is at another URL for now; allow redirects, or give the job that URL (302). */
#define BG_E_HTTP_ERROR_302 (-0x7FE6FED2)

/** 0x8019012F: The server points to another resource; give the job that URL (303). */
#define BG_E_HTTP_ERROR_303 (-0x7FE6FED1)

/** 0x80190130: The server says the file is unchanged, though nothing like that was asked (304). */
#define BG_E_HTTP_ERROR_304 (-0x7FE6FED0)

/** 0x80190131: The file can be reached through a certain proxy only; set that proxy for the job (305). */
#define BG_E_HTTP_ERROR_305 (-0x7FE6FECF)

/** 0x80190133: The file is at another URL for now; allow redirects, or give the job that URL (307). */
#define BG_E_HTTP_ERROR_307 (-0x7FE6FECD)

/** 0x80190190: The server does not understand the request; check the URL and the headers of the job (400). */
#define BG_E_HTTP_ERROR_400 (-0x7FE6FE70)

/**
 * 0x80190191: The server wants credentials, or refused those of the job; set them and resume the job (401).
 */
#define BG_E_HTTP_ERROR_401 (-0x7FE6FE6F)

/** 0x80190192: The server wants a payment for this file (402). */
#define BG_E_HTTP_ERROR_402 (-0x7FE6FE6E)

/** 0x80190193: The server forbids access to this file; ask its administrator (403). */
#define BG_E_HTTP_ERROR_403 (-0x7FE6FE6D)

/** 0x80190194: The server has no file at this URL; correct the URL and resume the job (404). */
#define BG_E_HTTP_ERROR_404 (-0x7FE6FE6C)

/** 0x80190195: The server does not allow this HTTP method at this URL (405). */
#define BG_E_HTTP_ERROR_405 (-0x7FE6FE6B)

/**
 * 0x80190196: The server has no form of the file that the request accepts; check the headers of the job
 * (406).
 */
#define BG_E_HTTP_ERROR_406 (-0x7FE6FE6A)

/**
 * 0x80190197: The proxy wants credentials, or refused those of the job; set them and resume the job (407).
 */
#define BG_E_HTTP_ERROR_407 (-0x7FE6FE69)

/** 0x80190198: The server waited too long for the request; the transfer is tried again later (408). */
#define BG_E_HTTP_ERROR_408 (-0x7FE6FE68)

/**
 * 0x80190199: The request conflicts with the present state of the file on the server; it is tried again later
 * (409).
 */
#define BG_E_HTTP_ERROR_409 (-0x7FE6FE67)

/** 0x8019019A: The file was removed from the server for good; use another source (410). */
#define BG_E_HTTP_ERROR_410 (-0x7FE6FE66)

/** 0x8019019B: The server wants to know the length of the request beforehand (411). */
#define BG_E_HTTP_ERROR_411 (-0x7FE6FE65)

/**
 * 0x8019019C: A condition in the headers of the job does not hold on the server; check those headers (412).
 */
#define BG_E_HTTP_ERROR_412 (-0x7FE6FE64)

/**
 * 0x8019019D: The request is larger than the server accepts; send a smaller file, or have its limit raised
 * (413).
 */
#define BG_E_HTTP_ERROR_413 (-0x7FE6FE63)

/** 0x8019019E: The URL is longer than the server accepts; shorten it (414). */
#define BG_E_HTTP_ERROR_414 (-0x7FE6FE62)

/** 0x8019019F: The server does not accept data of this type at this URL (415). */
#define BG_E_HTTP_ERROR_415 (-0x7FE6FE61)

/** 0x801901A0: The requested bytes lie outside the file on the server; it may have changed (416). */
#define BG_E_HTTP_ERROR_416 (-0x7FE6FE60)

/** 0x801901A1: The server cannot meet an expectation in the headers of the job; check those headers (417). */
#define BG_E_HTTP_ERROR_417 (-0x7FE6FE5F)

/** 0x801901C1: The server wants the request again after some action that only a user can take (449). */
#define BG_E_HTTP_ERROR_449 (-0x7FE6FE3F)

/** 0x801901F4: The server failed while answering; the transfer is tried again later (500). */
#define BG_E_HTTP_ERROR_500 (-0x7FE6FE0C)

/** 0x801901F5: The server does not support what was requested; uploads may be turned off there (501). */
#define BG_E_HTTP_ERROR_501 (-0x7FE6FE0B)

/**
 * 0x801901F6: A gateway got no valid answer from the server behind it; the transfer is tried again later
 * (502).
 */
#define BG_E_HTTP_ERROR_502 (-0x7FE6FE0A)

/** 0x801901F7: The server is overloaded or under maintenance; the transfer is tried again later (503). */
#define BG_E_HTTP_ERROR_503 (-0x7FE6FE09)

/**
 * 0x801901F8: A gateway waited too long for the server behind it; the transfer is tried again later (504).
 */
#define BG_E_HTTP_ERROR_504 (-0x7FE6FE08)

/** 0x801901F9: The server does not support HTTP/1.1; fetch the file from another server (505). */
#define BG_E_HTTP_ERROR_505 (-0x7FE6FE07)

/** 0x80194000: An administrator cancelled the job of another user. */
#define BITS_MC_JOB_CANCELLED (-0x7FE6C000)

/**
 * 0x80194001: The job was cancelled, but the listed temporary files could not be removed; delete them by
 * hand.
 */
#define BITS_MC_FILE_DELETION_FAILED (-0x7FE6BFFF)

/**
 * 0x80194002: The job was cancelled, but temporary files, of which only some are listed, could not be
 * removed.
 */
#define BITS_MC_FILE_DELETION_FAILED_MORE (-0x7FE6BFFE)

/** 0x80194003: An administrator changed a property of the job of another user. */
#define BITS_MC_JOB_PROPERTY_CHANGE (-0x7FE6BFFD)

/** 0x80194004: An administrator took over the job of another user. */
#define BITS_MC_JOB_TAKE_OWNERSHIP (-0x7FE6BFFC)

/** 0x80194005: The job was cancelled because nobody had touched it for too many days. */
#define BITS_MC_JOB_SCAVENGED (-0x7FE6BFFB)

/** 0x80194006: The program of the job could not be notified; it is notified again later. */
#define BITS_MC_JOB_NOTIFICATION_FAILURE (-0x7FE6BFFA)

/** 0x80194007: The stored queue could not be read and was replaced by an empty one. */
#define BITS_MC_STATE_FILE_CORRUPT (-0x7FE6BFF9)

/** 0x80194008: The transfer service could not start. */
#define BITS_MC_FAILED_TO_START (-0x7FE6BFF8)

/** 0x80194009: The gateway of the network misbehaves and is not asked again until the next start. */
#define BITS_MC_FATAL_IGD_ERROR (-0x7FE6BFF7)

/** 0x8019400A: Port for content served to peers. */
#define BITS_MC_PEERCACHING_PORT (-0x7FE6BFF6)

/** 0x8019400B: Port for the discovery of peers. */
#define BITS_MC_WSD_PORT (-0x7FE6BFF5)

/** 0x8000000A: The data is not complete yet; call again when the transfer is done. */
#define BG_E_PENDING (-0x7FFFFFF6)

/** 0x8000FFFF: Something went wrong inside the library; please report it with the detail text. */
#define BG_E_UNEXPECTED (-0x7FFF0001)

/** 0x80004001: This object does not support the call, or does not know one of the values given. */
#define BG_E_NOTIMPL (-0x7FFFBFFF)

/** 0x80004002: The object does not have this interface. */
#define BG_E_NOINTERFACE (-0x7FFFBFFE)

/** 0x80004003: A pointer that must not be NULL is NULL. */
#define BG_E_POINTER (-0x7FFFBFFD)

/** 0x80004005: The operation failed and no code says why; see the detail text. */
#define BG_E_FAIL (-0x7FFFBFFB)

/** 0x80010108: The queue behind this object was closed; open it again. */
#define BG_E_DISCONNECTED (-0x7FFEFEF8)

/** 0x80010123: The identity of the caller could not be taken over; the caller must allow impersonation. */
#define BG_E_FAILEDTOIMPERSONATE (-0x7FFEFEDD)

/** 0x80040154: This version does not have the requested class. */
#define BG_E_CLASSNOTREG (-0x7FFBFEAC)

/** 0x80092004: The client certificate is not in the certificate store; check its hash or name. */
#define BG_E_CRYPT_NOT_FOUND (-0x7FF6DFFC)

/** 0x80070005: Access is denied; check the permissions of the file, the directory or the caller. */
#define BG_E_ACCESSDENIED (-0x7FF8FFFB)

/** 0x8007000E: There is not enough memory; close other programs and try again. */
#define BG_E_OUTOFMEMORY (-0x7FF8FFF2)

/** 0x80070057: An argument or a setting is not valid; see the detail text for which. */
#define BG_E_INVALIDARG (-0x7FF8FFA9)

/** 0x80070002: The file does not exist; check its name. */
#define BG_E_WIN32_FILE_NOT_FOUND (-0x7FF8FFFE)

/** 0x80070003: A directory of the path does not exist; create it and resume the job. */
#define BG_E_WIN32_PATH_NOT_FOUND (-0x7FF8FFFD)

/**
 * 0x80070004: Too many files are open; the transfer is tried again later. Raise the limit if this persists.
 */
#define BG_E_WIN32_TOO_MANY_OPEN_FILES (-0x7FF8FFFC)

/** 0x80070006: A handle does not refer to an open object. */
#define BG_E_WIN32_INVALID_HANDLE (-0x7FF8FFFA)

/** 0x8007000D: A file says what cannot be; the detail text names the file and the line. */
#define BG_E_WIN32_INVALID_DATA (-0x7FF8FFF3)

/** 0x80070011: The file cannot be moved to another file system; choose a destination on the same one. */
#define BG_E_WIN32_NOT_SAME_DEVICE (-0x7FF8FFEF)

/** 0x8007001D: Writing the file failed; check the disk and resume the job. */
#define BG_E_WIN32_WRITE_FAULT (-0x7FF8FFE3)

/** 0x8007001E: Reading the file failed; check the disk and resume the job. */
#define BG_E_WIN32_READ_FAULT (-0x7FF8FFE2)

/** 0x80070020: Another program is using the file; the transfer is tried again later. */
#define BG_E_WIN32_SHARING_VIOLATION (-0x7FF8FFE0)

/** 0x80070026: The file is shorter than it should be. */
#define BG_E_WIN32_HANDLE_EOF (-0x7FF8FFDA)

/** 0x80070032: The file system or the device does not support the operation. */
#define BG_E_WIN32_NOT_SUPPORTED (-0x7FF8FFCE)

/** 0x80070050: The file exists already; remove it or choose another name. */
#define BG_E_WIN32_FILE_EXISTS (-0x7FF8FFB0)

/** 0x8007006F: The file name is too long; shorten it. */
#define BG_E_WIN32_BUFFER_OVERFLOW (-0x7FF8FF91)

/** 0x80070070: The disk or the quota is full; free some space. The transfer is tried again later. */
#define BG_E_WIN32_DISK_FULL (-0x7FF8FF90)

/** 0x8007007B: The file name is not valid; correct it. */
#define BG_E_WIN32_INVALID_NAME (-0x7FF8FF85)

/** 0x80070091: The directory is not empty. */
#define BG_E_WIN32_DIR_NOT_EMPTY (-0x7FF8FF6F)

/** 0x800700AA: The object is in use; try again later. */
#define BG_E_WIN32_BUSY (-0x7FF8FF56)

/** 0x800700B7: An object of this name exists already. */
#define BG_E_WIN32_ALREADY_EXISTS (-0x7FF8FF49)

/** 0x800700CE: The file name is too long or has characters the file system refuses; choose another. */
#define BG_E_WIN32_FILENAME_EXCED_RANGE (-0x7FF8FF32)

/** 0x800700DF: The file is larger than the file system or the user's limit allows. */
#define BG_E_WIN32_FILE_TOO_LARGE (-0x7FF8FF21)

/** 0x8007010B: There is a directory where a file is needed, or the directory name is not valid. */
#define BG_E_WIN32_DIRECTORY (-0x7FF8FEF5)

/** 0x800703E3: The operation was interrupted; the transfer is tried again later. */
#define BG_E_WIN32_OPERATION_ABORTED (-0x7FF8FC1D)

/** 0x800703EB: No network interface leads to the server; check the default gateway. */
#define BG_E_WIN32_CAN_NOT_COMPLETE (-0x7FF8FC15)

/** 0x8007045D: The disk reported an input or output error; check it and resume the job. */
#define BG_E_WIN32_IO_DEVICE (-0x7FF8FBA3)

/** 0x80070476: The file has as many links as the file system allows. */
#define BG_E_WIN32_TOO_MANY_LINKS (-0x7FF8FB8A)

/** 0x8007048F: The device of the file is not connected; connect it and resume the job. */
#define BG_E_WIN32_DEVICE_NOT_CONNECTED (-0x7FF8FB71)

/** 0x800704C7: The operation was cancelled. */
#define BG_E_WIN32_CANCELLED (-0x7FF8FB39)

/** 0x800704D5: The operation could not be completed now; it is tried again later. */
#define BG_E_WIN32_RETRY (-0x7FF8FB2B)

/** 0x800705B4: The operation took longer than its time limit; it is tried again later. */
#define BG_E_WIN32_TIMEOUT (-0x7FF8FA4C)

/** 0x800706F4: A required argument is NULL. */
#define BG_E_RPC_NULL_REF_POINTER (-0x7FF8F90C)

/** 0x800706F7: An argument has the wrong length; a certificate hash has 20 bytes. */
#define BG_E_RPC_BAD_STUB_DATA (-0x7FF8F909)

/** 0x80070717: The description does not exist in that language. */
#define BG_E_WIN32_RESOURCE_LANG_NOT_FOUND (-0x7FF8F8E9)

/** 0x80070781: The path goes through a symbolic link that is not followed, or through too many of them. */
#define BG_E_WIN32_CANT_RESOLVE_FILENAME (-0x7FF8F87F)

/** 0x8007012C: The server offers several versions of the file and the job does not allow redirects (300). */
#define BG_E_REDIRECT_REFUSED_300 (-0x7FF8FED4)

/**
 * 0x8007012D: The file moved for good and the job does not allow redirects; resume to use the new URL (301).
 */
#define BG_E_REDIRECT_REFUSED_301 (-0x7FF8FED3)

/**
 * 0x8007012E: The file is at another URL for now and the job does not allow redirects; resume to use it
 * (302).
 */
#define BG_E_REDIRECT_REFUSED_302 (-0x7FF8FED2)

/**
 * 0x8007012F: The server points to another resource and the job does not allow redirects; resume to use it
 * (303).
 */
#define BG_E_REDIRECT_REFUSED_303 (-0x7FF8FED1)

/**
 * 0x80070133: The file is at another URL for now and the job does not allow redirects; resume to use it
 * (307).
 */
#define BG_E_REDIRECT_REFUSED_307 (-0x7FF8FECD)

/**
 * 0x80070134: The file moved for good and the job does not allow redirects; resume to use the new URL (308).
 */
#define BG_E_REDIRECT_REFUSED_308 (-0x7FF8FECC)

/** 0x80072EE4: The HTTP stack failed inside; the transfer is tried again later. */
#define BG_E_WINHTTP_INTERNAL_ERROR (-0x7FF8D11C)

/** 0x80072EE2: The server did not answer in time; the transfer is tried again later. */
#define BG_E_WINHTTP_TIMEOUT (-0x7FF8D11E)

/** 0x80072EE5: The URL is not valid; correct it and resume the job. */
#define BG_E_WINHTTP_INVALID_URL (-0x7FF8D11B)

/** 0x80072EE6: The URL does not begin with http or https; correct it and resume the job. */
#define BG_E_WINHTTP_UNRECOGNIZED_SCHEME (-0x7FF8D11A)

/** 0x80072EE7: The host name of the server or proxy was not found; check the URL and the name service. */
#define BG_E_WINHTTP_NAME_NOT_RESOLVED (-0x7FF8D119)

/** 0x80072EEF: The server refused the credentials; set others and resume the job. */
#define BG_E_WINHTTP_LOGIN_FAILURE (-0x7FF8D111)

/** 0x80072EF1: The request was given up before it was answered; the transfer is tried again later. */
#define BG_E_WINHTTP_OPERATION_CANCELLED (-0x7FF8D10F)

/** 0x80072EFD: No connection to the server could be made; the transfer is tried again later. */
#define BG_E_WINHTTP_CANNOT_CONNECT (-0x7FF8D103)

/** 0x80072EFE: The connection to the server broke; the transfer goes on later. */
#define BG_E_WINHTTP_CONNECTION_ERROR (-0x7FF8D102)

/**
 * 0x80072F05: The certificate of the server has expired or is not valid yet; check the clock, then ask its
 * administrator.
 */
#define BG_E_WINHTTP_SECURE_CERT_DATE_INVALID (-0x7FF8D0FB)

/** 0x80072F06: The certificate of the server belongs to another host name; check the URL. */
#define BG_E_WINHTTP_SECURE_CERT_CN_INVALID (-0x7FF8D0FA)

/** 0x80072F0C: The server wants a client certificate; set one for the job and resume it. */
#define BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED (-0x7FF8D0F4)

/**
 * 0x80072F0D: The certificate of the server is not signed by a trusted authority; install that authority's
 * certificate.
 */
#define BG_E_WINHTTP_SECURE_INVALID_CA (-0x7FF8D0F3)

/**
 * 0x80072F19: Whether the certificate of the server was revoked could not be checked; resume to try again.
 */
#define BG_E_WINHTTP_SECURE_CERT_REV_FAILED (-0x7FF8D0E7)

/** 0x80072F76: The answer of the server lacks a header; the transfer is tried again later. */
#define BG_E_WINHTTP_HEADER_NOT_FOUND (-0x7FF8D08A)

/** 0x80072F78: The answer of the server is not HTTP; the transfer is tried again later. */
#define BG_E_WINHTTP_INVALID_SERVER_RESPONSE (-0x7FF8D088)

/** 0x80072F7C: The server redirects in a circle, too often, or from https to http; check the URL. */
#define BG_E_WINHTTP_REDIRECT_FAILED (-0x7FF8D084)

/** 0x80072F7D: The encrypted connection could not be set up; the transfer is tried again later. */
#define BG_E_WINHTTP_SECURE_CHANNEL_ERROR (-0x7FF8D083)

/** 0x80072F86: The script that finds the proxy is faulty; correct it or set the proxy by hand. */
#define BG_E_WINHTTP_BAD_AUTO_PROXY_SCRIPT (-0x7FF8D07A)

/** 0x80072F87: The script that finds the proxy could not be fetched; the transfer is tried again later. */
#define BG_E_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT (-0x7FF8D079)

/** 0x80072F89: The certificate of the server is malformed or misused; ask its administrator. */
#define BG_E_WINHTTP_SECURE_INVALID_CERT (-0x7FF8D077)

/** 0x80072F8A: The certificate of the server was revoked; do not trust this server. */
#define BG_E_WINHTTP_SECURE_CERT_REVOKED (-0x7FF8D076)

/** 0x80072F8F: The certificate of the server was refused; see the detail text for the reason. */
#define BG_E_WINHTTP_SECURE_FAILURE (-0x7FF8D071)

/** 0x80072F92: The service that finds the proxy failed; the transfer is tried again later. */
#define BG_E_WINHTTP_AUTO_PROXY_SERVICE_ERROR (-0x7FF8D06E)

/** 0x80072F93: The certificate of the server is not meant for servers; ask its administrator. */
#define BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE (-0x7FF8D06D)

/** 0x80072F94: No proxy could be detected; set one by hand or connect directly. */
#define BG_E_WINHTTP_AUTODETECTION_FAILED (-0x7FF8D06C)

/** 0x80072F95: The server sent more headers than are accepted; the transfer is tried again later. */
#define BG_E_WINHTTP_HEADER_COUNT_EXCEEDED (-0x7FF8D06B)

/** 0x80072F96: The server sent larger headers than are accepted; the transfer is tried again later. */
#define BG_E_WINHTTP_HEADER_SIZE_OVERFLOW (-0x7FF8D06A)

/** 0x80072F99: The client certificate has no private key; install the key and resume the job. */
#define BG_E_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY (-0x7FF8D067)

/**
 * 0x80072F9A: The private key of the client certificate cannot be used; grant access to it and resume the
 * job.
 */
#define BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY (-0x7FF8D066)

/** 0x81001001: The state of the group does not allow this action. */
#define QM_E_INVALID_STATE (-0x7EFFEFFF)

/** 0x81001002: The queue is not available; open it again. */
#define QM_E_SERVICE_UNAVAILABLE (-0x7EFFEFFE)

/** 0x81001003: The transfer engine is not available; open the queue again. */
#define QM_E_DOWNLOADER_UNAVAILABLE (-0x7EFFEFFD)

/** 0x81001004: There is no such group, job or file. */
#define QM_E_ITEM_NOT_FOUND (-0x7EFFEFFC)

/**
 * What a call answers: 0 success, above 0 success with a remark, below 0 failure.
 * Layout and numbers of an `HRESULT`.
 */
typedef int32_t bg_result;

/**
 * Says why the last failed call on this thread failed, in one English sentence for people.
 *
 * More precise than the text of the code: it names the argument, file or URL. Empty after a call
 * that succeeded. Never NULL. The text belongs to the library and holds until the next call on this
 * thread that returns a `bg_result`; releasing handles and freeing strings leave it alone.
 */
const char *bg_last_error_detail(void);

/**
 * Gives the name of a code, such as "BG_E_NOT_FOUND"; "unnamed code" for a code without one.
 *
 * The text is constant and not to be freed.
 */
const char *bg_result_name(bg_result code);


/* Version
 * =======
 *
 * `BG_VERSION_NUMBER` is the version of this header, `bg_version_number` that of the library in use.
 */

/** Major version of this header. */
#define BG_VERSION_MAJOR 0
/** Minor version of this header. */
#define BG_VERSION_MINOR 1
/** Patch level of this header. */
#define BG_VERSION_PATCH 0
/** Version of this header as `bg_version_number` gives that of the library. */
#define BG_VERSION_NUMBER ((BG_VERSION_MAJOR << 16) | (BG_VERSION_MINOR << 8) | BG_VERSION_PATCH)

/** The version as text, such as "0.1.0". Constant, not to be freed. */
const char *bg_version(void);

/**
 * The version as a number that can be compared: 0x00MMmmpp (major, minor, patch).
 *
 * A program built with this header runs with a library of the same major number and this or a
 * later number; while the major number is 0, of the same minor number.
 */
uint32_t bg_version_number(void);


/* Strings
 * =======
 */

/**
 * Frees a string that a function of this library gave. NULL is fine.
 *
 * Strings passed in are never freed by the library, and the texts of `bg_version`, `bg_result_name`
 * and `bg_last_error_detail` are not to be freed.
 */
void bg_string_free(char *string);


/* Arrays
 * ======
 */

/** Frees an array that a function of this library gave. NULL is fine. */
void bg_memory_free(void *memory);


/* Identifiers
 * ===========
 */

/** An identifier of 16 bytes, laid out like the `GUID` of the Windows SDK. Never changes. */
typedef struct bg_guid {
    /** First 32 bits, in the order of this machine. */
    uint32_t data1;
    /** Next 16 bits, in the order of this machine. */
    uint16_t data2;
    /** Next 16 bits, in the order of this machine. */
    uint16_t data3;
    /** Last 64 bits, in the order of the text. */
    uint8_t data4[8];
} bg_guid;

/**
 * Writes an identifier as text: "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}", upper case.
 *
 * `text_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` when `guid` is NULL, `BG_E_POINTER` when `text_out` is.
 */
bg_result bg_guid_to_string(const bg_guid *guid, char **text_out);

/**
 * Reads an identifier from text, with or without braces, in upper or lower case.
 *
 * Errors: `BG_E_INVALIDARG` when `text` is NULL or no identifier, `BG_E_POINTER` when `guid_out` is
 * NULL.
 */
bg_result bg_guid_from_string(const char *text, bg_guid *guid_out);

/** Compares two identifiers: 1 when they are equal, 0 when they differ or one is NULL. */
int32_t bg_guid_equal(const bg_guid *a, const bg_guid *b);


/* Enumerations and flags
 * ======================
 *
 * Names and numbers of the Windows SDK. Functions take and give enumerations as `int32_t` and flags
 * as `uint32_t`, so that the size of a C `enum` is no part of the interface.
 */

/** The direction of a job. */
typedef enum BG_JOB_TYPE {
    /** From the server to local files. */
    BG_JOB_TYPE_DOWNLOAD = 0,
    /** One local file to the server. */
    BG_JOB_TYPE_UPLOAD = 1,
    /** One local file to the server, then the reply of the server application back. */
    BG_JOB_TYPE_UPLOAD_REPLY = 2
} BG_JOB_TYPE;

/** Where a job is in its life. */
typedef enum BG_JOB_STATE {
    /** Waits for its turn. */
    BG_JOB_STATE_QUEUED = 0,
    /** Connects to the server. */
    BG_JOB_STATE_CONNECTING = 1,
    /** Moves data. */
    BG_JOB_STATE_TRANSFERRING = 2,
    /** Paused; every job begins here. */
    BG_JOB_STATE_SUSPENDED = 3,
    /** Stopped by an error that needs somebody; resume it after the repair. */
    BG_JOB_STATE_ERROR = 4,
    /** Stopped by an error that may cure itself; goes on by itself. */
    BG_JOB_STATE_TRANSIENT_ERROR = 5,
    /** All data was moved; the program must complete the job. */
    BG_JOB_STATE_TRANSFERRED = 6,
    /** Completed: final. */
    BG_JOB_STATE_ACKNOWLEDGED = 7,
    /** Cancelled: final. */
    BG_JOB_STATE_CANCELLED = 8
} BG_JOB_STATE;

/** How urgent a job is; a lower number goes first. */
typedef enum BG_JOB_PRIORITY {
    /** At once and at full speed, beside other foreground jobs. */
    BG_JOB_PRIORITY_FOREGROUND = 0,
    /** The first of the background levels. */
    BG_JOB_PRIORITY_HIGH = 1,
    /** The background level of new jobs. */
    BG_JOB_PRIORITY_NORMAL = 2,
    /** The last of the background levels. */
    BG_JOB_PRIORITY_LOW = 3
} BG_JOB_PRIORITY;

/** Which part of the system an error belongs to. */
typedef enum BG_ERROR_CONTEXT {
    /** There is no error. */
    BG_ERROR_CONTEXT_NONE = 0,
    /** Not known. */
    BG_ERROR_CONTEXT_UNKNOWN = 1,
    /** The queue itself. */
    BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER = 2,
    /** Notifying the program. */
    BG_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION = 3,
    /** The local file or its volume. */
    BG_ERROR_CONTEXT_LOCAL_FILE = 4,
    /** The remote file or its URL. */
    BG_ERROR_CONTEXT_REMOTE_FILE = 5,
    /** The transport, not tied to one file. */
    BG_ERROR_CONTEXT_GENERAL_TRANSPORT = 6,
    /** The server application behind an upload. */
    BG_ERROR_CONTEXT_REMOTE_APPLICATION = 7,
    /** The certificate check of the program. */
    BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK = 8
} BG_ERROR_CONTEXT;

/** Ready-made sets of cost flags: on which connections a job may transfer. */
typedef enum BITS_JOB_TRANSFER_POLICY {
    /** On any. */
    BITS_JOB_TRANSFER_POLICY_ALWAYS = -2147483393,
    /** On any but while roaming. */
    BITS_JOB_TRANSFER_POLICY_NOT_ROAMING = -2147483521,
    /** Where no surcharge applies. */
    BITS_JOB_TRANSFER_POLICY_NO_SURCHARGE = -2147483537,
    /** Where no surcharge applies and the cap of the plan is not near. */
    BITS_JOB_TRANSFER_POLICY_STANDARD = -2147483545,
    /** On those without restriction, or slowed down past the cap. */
    BITS_JOB_TRANSFER_POLICY_UNRESTRICTED = -2147483615
} BITS_JOB_TRANSFER_POLICY;

/** Properties of a file; the value's member of the C union stands behind each. */
typedef enum BITS_FILE_PROPERTY_ID {
    /** The headers of the last HTTP answer for the file (`String`). */
    BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS = 1
} BITS_FILE_PROPERTY_ID;

/** The whole job was transferred. */
#define BG_NOTIFY_JOB_TRANSFERRED 0x0001u

/** The job entered the state ERROR. */
#define BG_NOTIFY_JOB_ERROR 0x0002u

/** No notifications, whatever the other bits say. */
#define BG_NOTIFY_DISABLE 0x0004u

/** The state, the progress or a property of the job changed. */
#define BG_NOTIFY_JOB_MODIFICATION 0x0008u

/** One file was transferred. */
#define BG_NOTIFY_FILE_TRANSFERRED 0x0010u

/** Requested ranges of a file were transferred. */
#define BG_NOTIFY_FILE_RANGES_TRANSFERRED 0x0020u

/** Check before each file whether the certificate was revoked. */
#define BG_SSL_ENABLE_CRL_CHECK 0x0001u

/** Accept a certificate of another host name. */
#define BG_SSL_IGNORE_CERT_CN_INVALID 0x0002u

/** Accept a certificate outside its dates. */
#define BG_SSL_IGNORE_CERT_DATE_INVALID 0x0004u

/** Accept a certificate of an unknown authority. */
#define BG_SSL_IGNORE_UNKNOWN_CA 0x0008u

/** Accept a certificate that is not meant for servers. */
#define BG_SSL_IGNORE_CERT_WRONG_USAGE 0x0010u

/** Follow redirects and keep the remote name; the policy of new jobs. */
#define BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT 0x0000u

/** Follow redirects and store the final URL as the remote name. */
#define BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT 0x0100u

/** Stop with an error at a redirect and store its URL as the remote name. */
#define BG_HTTP_REDIRECT_POLICY_DISALLOW 0x0200u

/** The bits that hold the redirect policy. */
#define BG_HTTP_REDIRECT_POLICY_MASK 0x0700u

/** Follow redirects from https to http too. */
#define BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP 0x0800u

/** The local file. */
#define BG_TOKEN_LOCAL_FILE 0x0001u

/** The remote file, and challenges answered with implicit credentials. */
#define BG_TOKEN_NETWORK 0x0002u

/** The computer may download from peers. */
#define BG_ENABLE_PEERCACHING_CLIENT 0x0001u

/** The computer may cache files and serve them to peers. */
#define BG_ENABLE_PEERCACHING_SERVER 0x0002u

/** The computer does not use BranchCache. */
#define BG_DISABLE_BRANCH_CACHE 0x0004u

/** The jobs of all users; for administrators. */
#define BG_JOB_ENUM_ALL_USERS 0x0001u

/** The size is not known yet. */
#define BG_SIZE_UNKNOWN UINT64_C(0xFFFFFFFFFFFFFFFF)

/** To the end of the file. */
#define BG_LENGTH_TO_EOF UINT64_C(0xFFFFFFFFFFFFFFFF)

/** One of the values of `BG_JOB_TYPE`. */
typedef int32_t bg_job_type;

/** One of the values of `BG_JOB_STATE`. */
typedef int32_t bg_job_state;

/** One of the values of `BG_JOB_PRIORITY`. */
typedef int32_t bg_job_priority;

/** One of the values of `BG_ERROR_CONTEXT`. */
typedef int32_t bg_error_context;


/* Handles
 * =======
 *
 * The objects of this interface. A program only ever holds pointers to them.
 *
 * A function that gives a handle gives one reference, which the program returns with the matching
 * `_release`. `_retain` takes another reference and returns its argument. Both take NULL and do
 * nothing then. Handles passed to a callback are borrowed: they hold until it returns, unless it
 * retains them.
 *
 * A handle may be used on any thread and by several at once. It never dangles while it is held:
 * after its job has ended or its queue was closed, calls answer with a code.
 */

/** The files of a job as they were at one moment. `IEnumBackgroundCopyFiles` */
typedef struct bg_enum_files bg_enum_files;

/** The groups of a queue as they were at one moment. `IEnumBackgroundCopyGroups` */
typedef struct bg_enum_groups bg_enum_groups;

/** The jobs of a queue as they were at one moment. `IEnumBackgroundCopyJobs` */
typedef struct bg_enum_jobs bg_enum_jobs;

/** The jobs of a group as they were at one moment. `IEnumBackgroundCopyJobs1` */
typedef struct bg_enum_jobs1 bg_enum_jobs1;

/** What went wrong with a job: a copy that stays as it is. `IBackgroundCopyError` */
typedef struct bg_error bg_error;

/** A directory of a server. `IBITSExtensionSetup` */
typedef struct bg_extension_setup bg_extension_setup;

/** What finds the directories of a server. `IBITSExtensionSetupFactory` */
typedef struct bg_extension_setup_factory bg_extension_setup_factory;

/** A file of a job. `IBackgroundCopyFile` and its successors */
typedef struct bg_file bg_file;

/** A group of the legacy queue manager. `IBackgroundCopyGroup` */
typedef struct bg_group bg_group;

/** A job: files that are transferred together. `IBackgroundCopyJob` and its successors */
typedef struct bg_job bg_job;

/** The job of a group. `IBackgroundCopyJob1` */
typedef struct bg_job1 bg_job1;

/** An open queue: where jobs live. `IBackgroundCopyManager` */
typedef struct bg_manager bg_manager;

/** A queue as the legacy queue manager shows it. `IBackgroundCopyQMgr` */
typedef struct bg_qmgr bg_qmgr;


/* Manager: the queue
 * ==================
 *
 * A queue lives in a directory and belongs to one process at a time. Jobs that were under way when
 * the former owner ended go on as soon as the queue is open.
 */

/** `bg_event.file` of an event that is about no particular file. */
#define BG_FILE_NONE UINT32_MAX

/**
 * How a queue works. Start with `BG_MANAGER_OPTIONS_INIT`; 0 and NULL stand for the default.
 *
 * For what the section "Policies" names, the default is what the user's configuration says, and a policy of
 * the administrator goes before the option.
 */
typedef struct bg_manager_options {
    /** Size of this structure in the program; set by `BG_MANAGER_OPTIONS_INIT`. */
    uint32_t struct_size;
    /** Files of a foreground job under way at once (8). 1 is the strictly serial order of Windows. */
    uint32_t foreground_files_in_flight;
    /**
     * Directory of the queue. Default: `$BGCOPY_DIRECTORY`, else `$XDG_STATE_HOME/bgcopy`, else
     * `~/.local/state/bgcopy`. Made when it is missing.
     */
    const char *directory;
    /** Files of a background job under way at once (4). */
    uint32_t background_files_in_flight;
    /** Most files under way at once in the whole queue (64). */
    uint32_t workers;
    /** Seconds a background job runs before others of its priority have their turn (300). */
    uint32_t time_slice_s;
    /** Milliseconds between two times at which progress becomes durable (300). */
    uint32_t checkpoint_ms;
    /** Most unfinished jobs of one user other than root (no limit). */
    uint32_t max_jobs_per_user;
    /** Most unfinished jobs of all users but root (no limit). */
    uint32_t max_jobs_per_machine;
    /** Most files of a job of a user other than root (no limit). */
    uint32_t max_files_per_job;
    /** Days after which a job that nobody touched is cancelled (90). */
    uint32_t job_inactivity_timeout_days;
    /** Least milliseconds between two `job_modification` callbacks of a new job (500). */
    uint32_t notification_interval_ms;
    /** Longest wait for a connection, in milliseconds (60000). */
    uint32_t connect_timeout_ms;
    /** Longest wait for a server that sends nothing, in milliseconds (300000). */
    uint32_t response_timeout_ms;
    /** What `bg_job_get_minimum_retry_delay` gives for a new job, in seconds (600). */
    uint32_t minimum_retry_delay_s;
    /** What `bg_job_get_no_progress_timeout` gives for a new job, in seconds (1209600: 14 days). */
    uint32_t no_progress_timeout_s;
    /**
     * What `bg_job_get_maximum_download_time` gives for a job that has no time of its own, in seconds
     * (7776000: 90 days).
     */
    uint32_t maximum_download_time_s;
    /** Most ranges of a file of a job of a user other than root (no limit). */
    uint32_t max_ranges_per_file;
} bg_manager_options;

/** What a `bg_manager_options` starts with. */
#define BG_MANAGER_OPTIONS_INIT \
    { sizeof(bg_manager_options), 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** Something that happened to a job. Start with `BG_EVENT_INIT`. */
typedef struct bg_event {
    /** Size of this structure in the program; set by `BG_EVENT_INIT`. */
    uint32_t struct_size;
    /**
     * What happened: one of the flags `BG_NOTIFY_JOB_TRANSFERRED`, `BG_NOTIFY_JOB_ERROR`,
     * `BG_NOTIFY_JOB_MODIFICATION`, `BG_NOTIFY_FILE_TRANSFERRED`,
     * `BG_NOTIFY_FILE_RANGES_TRANSFERRED`.
     */
    uint32_t kind;
    /** The job. */
    bg_guid job;
    /** Index of the file, or `BG_FILE_NONE`. */
    uint32_t file;
    /** The error of `BG_NOTIFY_JOB_ERROR`, otherwise `BG_S_OK`. */
    bg_result code;
} bg_event;

/** What a `bg_event` starts with. */
#define BG_EVENT_INIT \
    { sizeof(bg_event), 0, { 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } }, 0, 0 }

/**
 * Opens a queue. Blocks until its jobs are read; transfers that were under way go on by themselves.
 *
 * `options` may be NULL. `manager_out` is returned with `bg_manager_release`. `BG_S_OVERRIDDEN_BY_POLICY`
 * says that the queue is open, but a policy of the administrator has another value than one of the options.
 *
 * Errors: `BG_E_WIN32_SHARING_VIOLATION` when another process has the queue open (the detail text
 * names it), `BG_E_INVALIDARG` for options that are too small or a directory that is not absolute,
 * `BG_E_ACCESSDENIED` and other codes of the file system, `BG_E_POINTER` when `manager_out` is NULL.
 * BITS: `CoCreateInstance` of `BackgroundCopyManager`.
 */
bg_result bg_manager_open(const bg_manager_options *options, bg_manager **manager_out);

/**
 * Closes the queue: stops all transfers, makes their progress durable and lets other processes
 * open it.
 *
 * Handles stay valid and answer `BG_E_DISCONNECTED` from then on. Closing again does nothing. The
 * last `bg_manager_release` closes too; call this to hear whether the last progress was stored. No
 * callback runs after it has returned, unless it is called from inside one.
 *
 * Errors: `BG_E_INVALIDARG`, or the code of a write that failed.
 */
bg_result bg_manager_close(bg_manager *manager);

/** Takes another reference to a manager and returns it. NULL gives NULL. */
bg_manager *bg_manager_retain(bg_manager *manager);

/** Returns a reference to a manager; the last one closes the queue. NULL is fine. */
void bg_manager_release(bg_manager *manager);

/**
 * Creates a job without files, in `BG_JOB_STATE_SUSPENDED`: add files, then `bg_job_resume`.
 *
 * `display_name` is for people, has at most 256 characters and need not be unique. `type` is a
 * `BG_JOB_TYPE`. `id_out` may be NULL; `bg_job_get_id` gives the identifier too. `job_out` is
 * returned with `bg_job_release`; the job stays in the queue without it.
 *
 * Errors: `BG_E_INVALIDARG` for a name that is NULL, not UTF-8 or too long, `BG_E_NOTIMPL` for a
 * type that is not defined or not available in this version, `BG_E_TOO_MANY_JOBS_PER_USER` and
 * `BG_E_TOO_MANY_JOBS_PER_MACHINE` where such a limit is set, `BG_E_POINTER` when `job_out` is NULL.
 * BITS: `IBackgroundCopyManager::CreateJob`.
 */
bg_result bg_manager_create_job(bg_manager *manager,
                                const char *display_name,
                                bg_job_type type,
                                bg_guid *id_out,
                                bg_job **job_out);

/**
 * Finds a job of the queue by its identifier.
 *
 * `job_out` is returned with `bg_job_release`.
 *
 * Errors: `BG_E_NOT_FOUND` when no such job is in the queue (it was completed or cancelled, or never
 * was), `BG_E_ACCESSDENIED` when it belongs to somebody else, `BG_E_INVALIDARG` when `id` is NULL,
 * `BG_E_POINTER` when `job_out` is. BITS: `IBackgroundCopyManager::GetJob`.
 */
bg_result bg_manager_get_job(bg_manager *manager, const bg_guid *id, bg_job **job_out);

/**
 * Lists the jobs that have not ended, in order of creation, as they are at this moment.
 *
 * `flags` is 0 for the jobs of the caller or `BG_JOB_ENUM_ALL_USERS`. The list is a snapshot, its
 * job handles are live. `jobs_out` is returned with `bg_enum_jobs_release`.
 *
 * Errors: `BG_E_ACCESSDENIED` for all users' jobs without being root, `BG_E_NOTIMPL` for undefined
 * flags, `BG_E_POINTER` when `jobs_out` is NULL. BITS: `IBackgroundCopyManager::EnumJobs`.
 */
bg_result bg_manager_enum_jobs(bg_manager *manager, uint32_t flags, bg_enum_jobs **jobs_out);

/**
 * Describes a result code in one sentence for people: what is wrong and what to do.
 *
 * `language` is a Windows language identifier such as 0x0409; every language gets the English text.
 * `text_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `text_out` is NULL.
 * BITS: `IBackgroundCopyManager::GetErrorDescription`.
 */
bg_result bg_manager_get_error_description(bg_manager *manager,
                                           bg_result code,
                                           uint32_t language,
                                           char **text_out);

/**
 * Gives a descriptor that is readable while `bg_manager_next_event` has something, for `poll` loops.
 *
 * From the first call on, the events of all jobs are kept for it, as their notify flags say. The
 * descriptor is the program's own, closed with `close(2)`; reading from it is not needed. A job with
 * callbacks tells both.
 *
 * Errors: `BG_E_DISCONNECTED`, `BG_E_WIN32_TOO_MANY_OPEN_FILES`, `BG_E_POINTER` when `fd_out` is NULL.
 * On failure `*fd_out` is -1.
 */
bg_result bg_manager_get_event_fd(bg_manager *manager, int *fd_out);

/**
 * Takes the oldest kept event. Does not wait.
 *
 * `event_out->struct_size` is set by the program. Returns `BG_S_FALSE` and clears the other members
 * when there is none. Nothing is kept before the first `bg_manager_get_event_fd`.
 *
 * Errors: `BG_E_DISCONNECTED`, `BG_E_POINTER` when `event_out` is NULL, `BG_E_INVALIDARG` when it is
 * too small.
 */
bg_result bg_manager_next_event(bg_manager *manager, bg_event *event_out);


/* Job: life
 * =========
 *
 * A job is created suspended, gets files, is resumed, transfers in the background, and must be
 * completed when it is transferred: only then do its files have their names.
 *
 * Every function of a job also fails with `BG_E_INVALIDARG` when `job` is NULL or no `bg_job`, with
 * `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with `BG_E_ACCESSDENIED`
 * when the job belongs to somebody else. While a handle is held, a job that was completed or cancelled
 * still answers its getters; functions that change it answer `BG_E_INVALID_STATE`.
 */

/** A remote and a local name. Never changes. `BG_FILE_INFO` */
typedef struct bg_file_info {
    /** URL, at most 2,200 characters. */
    const char *remote_name;
    /** Absolute path in a directory that exists. */
    const char *local_name;
} bg_file_info;

/** How far a job is. Start with `BG_JOB_PROGRESS_INIT`. `BG_JOB_PROGRESS` */
typedef struct bg_job_progress {
    /** Size of this structure in the program; set by `BG_JOB_PROGRESS_INIT`. */
    uint32_t struct_size;
    /** Number of files. */
    uint32_t files_total;
    /** Files transferred so far. */
    uint32_t files_transferred;
    /** Always 0. */
    uint32_t reserved;
    /** Sum of the sizes of the files in bytes; `BG_SIZE_UNKNOWN` while one of them is unknown. */
    uint64_t bytes_total;
    /** Bytes transferred so far. */
    uint64_t bytes_transferred;
} bg_job_progress;

/** What a `bg_job_progress` starts with. */
#define BG_JOB_PROGRESS_INIT \
    { sizeof(bg_job_progress), 0, 0, 0, 0, 0 }

/**
 * When things happened to a job, in nanoseconds since 1970-01-01 00:00 UTC; 0 for not yet. Start
 * with `BG_JOB_TIMES_INIT`. `BG_JOB_TIMES`
 */
typedef struct bg_job_times {
    /** Size of this structure in the program; set by `BG_JOB_TIMES_INIT`. */
    uint32_t struct_size;
    /** Always 0. */
    uint32_t reserved;
    /** The job was created. */
    int64_t creation_time;
    /** Bytes were transferred, or the state or a property changed. */
    int64_t modification_time;
    /** The job became `BG_JOB_STATE_TRANSFERRED`. */
    int64_t transfer_completion_time;
} bg_job_times;

/** What a `bg_job_times` starts with. */
#define BG_JOB_TIMES_INIT \
    { sizeof(bg_job_times), 0, 0, 0, 0 }

/** Takes another reference to a job and returns it. NULL gives NULL. */
bg_job *bg_job_retain(bg_job *job);

/** Returns a reference to a job. The job stays in the queue. NULL is fine. */
void bg_job_release(bg_job *job);

/**
 * Adds one file.
 *
 * `remote_name` is an http or https URL of at most 2,200 characters, used as it is, without escaping, or a
 * file of this computer or of a share that is mounted on it: an absolute path, or a file URL, in which
 * percent-encoded characters are decoded. The name of a Windows share, `\\server\share\file`, leads where `[shares]`
 * says (section "Policies" of the header). A file is copied with its times and permissions, in the direction of the
 * job; see `bg_job_set_file_acl_flags`. An upload has its name when the job is transferred, in place of a file that had
 * it. Of a download `local_name` is an absolute path in an existing directory that the caller may
 * write to. Files may be added until the job ends; a job that is already transferred or in
 * error transfers them after the next `bg_job_resume`. A file cannot be removed.
 *
 * Errors: `BG_E_INVALIDARG` for a name that is NULL or not allowed, `BG_E_ACCESSDENIED` for a directory
 * that the caller may not write to, `BG_E_WIN32_PATH_NOT_FOUND` for one that does not exist,
 * `BG_E_WIN32_DIRECTORY` when the local name is one, `BG_E_WIN32_FILENAME_EXCED_RANGE` when it is too long,
 * `BG_E_TOO_MANY_FILES_IN_JOB` where such a limit is set, `BG_E_TOO_MANY_FILES` for a second file of an upload,
 * `BG_E_INVALID_STATE` after the job ended.
 * BITS: `IBackgroundCopyJob::AddFile`.
 */
bg_result bg_job_add_file(bg_job *job,
                          const char *remote_name,
                          const char *local_name);

/**
 * Adds files, all or none. Faster than one call for each.
 *
 * `files` points to `count` elements, which are copied.
 *
 * Errors: as `bg_job_add_file`; the detail text names the file. `BG_E_INVALIDARG` when `files` is NULL
 * and `count` is not 0. BITS: `IBackgroundCopyJob::AddFileSet`.
 */
bg_result bg_job_add_file_set(bg_job *job, uint32_t count, const bg_file_info *files);

/**
 * Replaces the beginning of the URL of every file whose URL begins with `old_prefix`, all or none.
 *
 * Letters of different case differ, and nothing is put between the parts. What follows for each file is
 * described at `bg_file_set_remote_name`. Returns `BG_S_FALSE` when no URL begins with `old_prefix`.
 *
 * Errors: `BG_E_INVALIDARG` for a prefix that is NULL or empty, or when a URL would not be
 * allowed, `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after the job ended. BITS:
 * `IBackgroundCopyJob3::ReplaceRemotePrefix`.
 */
bg_result bg_job_replace_remote_prefix(bg_job *job, const char *old_prefix, const char *new_prefix);

/**
 * Lists the files of the job, in order of addition, as they are at this moment.
 *
 * The list is a snapshot, its file handles are live. `files_out` is returned with
 * `bg_enum_files_release`.
 *
 * Errors: `BG_E_POINTER` when `files_out` is NULL. BITS: `IBackgroundCopyJob::EnumFiles`.
 */
bg_result bg_job_enum_files(bg_job *job, bg_enum_files **files_out);

/**
 * Stops the job until `bg_job_resume`; what arrived is kept. Does nothing to a suspended job.
 *
 * Errors: `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob::Suspend`.
 */
bg_result bg_job_suspend(bg_job *job);

/**
 * Puts the job into the queue, or retries it at once after an error.
 *
 * What was transferred is not transferred again. Does nothing to a job that is queued or running.
 *
 * Errors: `BG_E_EMPTY` for a job without files, `BG_E_INVALID_STATE` after the job ended.
 * BITS: `IBackgroundCopyJob::Resume`.
 */
bg_result bg_job_resume(bg_job *job);

/**
 * Ends the job and deletes everything it fetched; it leaves the queue for good.
 *
 * What was uploaded stays. The session of an upload that is not over is cancelled at the server afterwards: after the
 * retry delay of the job again while nobody answers, for 24 hours or the no-progress timeout if that is shorter, also by
 * the next process that opens the queue.
 *
 * Returns `BG_S_UNABLE_TO_DELETE_FILES` when the job ended and a temporary file is left.
 *
 * Errors: `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob::Cancel`.
 */
bg_result bg_job_cancel(bg_job *job);

/**
 * Gives the transferred files their names and ends the job; it leaves the queue.
 *
 * Allowed in every state but the final ones. Files that are not yet transferred are given up. The files
 * have their names durably when it returns; a file of that name is replaced.
 *
 * Returns `BG_S_OK` when every file was transferred, `BG_S_PARTIAL_COMPLETE` when only some were, and
 * `BG_S_UNABLE_TO_DELETE_FILES` when a temporary file is left.
 *
 * Errors: `BG_E_INVALID_STATE` after the job ended, and for an upload that is not transferred; `BG_E_TOKEN_REQUIRED`
 * when the files are to be renamed with a helper token that is not there; or the code of a rename that failed: the job
 * stays then, transferred, for another `bg_job_complete` or `bg_job_cancel`.
 * BITS: `IBackgroundCopyJob::Complete`.
 */
bg_result bg_job_complete(bg_job *job);

/**
 * Gives the identifier of the job: the same in every process and after every restart.
 *
 * Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyJob::GetId`.
 */
bg_result bg_job_get_id(bg_job *job, bg_guid *id_out);

/**
 * Gives the type of the job, a `BG_JOB_TYPE`.
 *
 * Errors: `BG_E_INVALIDARG` when `type_out` is NULL. BITS: `IBackgroundCopyJob::GetType`.
 */
bg_result bg_job_get_type(bg_job *job, bg_job_type *type_out);

/**
 * Gives the state of the job, a `BG_JOB_STATE`. Never waits for a disk or the network.
 *
 * Errors: `BG_E_INVALIDARG` when `state_out` is NULL. BITS: `IBackgroundCopyJob::GetState`.
 */
bg_result bg_job_get_state(bg_job *job, bg_job_state *state_out);

/**
 * Waits until the job rests: until it is transferred, in error, suspended, completed or cancelled.
 *
 * `timeout_ms` is the longest wait in milliseconds, negative for no limit. `cancel_fd` is a descriptor, such as a
 * pipe or an eventfd, that ends the wait when it becomes readable, or -1. `state_out` gets the state of the job, a
 * `BG_JOB_STATE`. Any number of threads may wait for a job.
 *
 * Returns `BG_S_OK` when the job rests and `BG_S_FALSE` when the time was over first.
 *
 * Errors: `BG_E_REQUEST_CANCELED` when `cancel_fd` became readable; the job goes on. `BG_E_INVALIDARG` for a
 * descriptor that is not open, or when `state_out` is NULL, `BG_E_DISCONNECTED` also when the queue is closed
 * meanwhile. BITS has no such method.
 */
bg_result bg_job_wait(bg_job *job,
                      int64_t timeout_ms,
                      int cancel_fd,
                      bg_job_state *state_out);

/**
 * Gives the bytes and files transferred so far. Never waits for a disk or the network.
 *
 * `progress_out->struct_size` is set by the program.
 *
 * Errors: `BG_E_INVALIDARG` when `progress_out` is NULL or too small.
 * BITS: `IBackgroundCopyJob::GetProgress`.
 */
bg_result bg_job_get_progress(bg_job *job, bg_job_progress *progress_out);

/**
 * Gives the times of creation, last change and completed transfer, in nanoseconds since 1970.
 *
 * `times_out->struct_size` is set by the program.
 *
 * Errors: `BG_E_INVALIDARG` when `times_out` is NULL or too small.
 * BITS: `IBackgroundCopyJob::GetTimes`.
 */
bg_result bg_job_get_times(bg_job *job, bg_job_times *times_out);

/**
 * Gives what went wrong, in `BG_JOB_STATE_ERROR` and `BG_JOB_STATE_TRANSIENT_ERROR` and until the job
 * transfers again.
 *
 * `error_out` is returned with `bg_error_release`.
 *
 * Errors: `BG_E_ERROR_INFORMATION_UNAVAILABLE` when the job has no error, `BG_E_POINTER` when
 * `error_out` is NULL. BITS: `IBackgroundCopyJob::GetError`.
 */
bg_result bg_job_get_error(bg_job *job, bg_error **error_out);

/**
 * Gives the number of failures so far, those that were retried included. Never reset.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IBackgroundCopyJob::GetErrorCount`.
 */
bg_result bg_job_get_error_count(bg_job *job, uint32_t *count_out);

/**
 * Gives the owner in the text form of a Windows security identifier: "S-1-22-1-" and the user id.
 *
 * `owner_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` when `owner_out` is NULL. BITS: `IBackgroundCopyJob::GetOwner`.
 */
bg_result bg_job_get_owner(bg_job *job, char **owner_out);

/**
 * Gives the user id of the owner.
 *
 * Errors: `BG_E_POINTER` when `uid_out` is NULL. BITS has no such method.
 */
bg_result bg_job_get_owner_uid(bg_job *job, uint32_t *uid_out);

/**
 * Gives the integrity level of the owner in the numbers of Windows: 0x3000, high, for root, and 0x2000,
 * medium, for everybody else.
 *
 * Errors: `BG_E_POINTER` when `level_out` is NULL. BITS: `IBackgroundCopyJob4::GetOwnerIntegrityLevel`.
 */
bg_result bg_job_get_owner_integrity_level(bg_job *job, uint32_t *level_out);

/**
 * Gives 1 when the owner is root, else 0.
 *
 * Errors: `BG_E_POINTER` when `elevated_out` is NULL. BITS: `IBackgroundCopyJob4::GetOwnerElevationState`.
 */
bg_result bg_job_get_owner_elevation_state(bg_job *job, int32_t *elevated_out);

/**
 * Makes the caller the owner of the job; files, progress, properties and callbacks stay. What may hold passwords
 * or acts with the former owner's rights is taken away: credentials, client certificate, custom headers, the
 * program of the job, the helper token with its flags. Growing files become the caller's, where the system lets
 * them.
 *
 * Only root may take a job from somebody else; for the owner it changes nothing.
 *
 * Errors: `BG_E_ACCESSDENIED` when the caller is neither the owner nor root, `BG_E_NEW_OWNER_NO_FILE_ACCESS` when
 * the caller may not use a growing file, `BG_E_INVALID_STATE` after the job ended.
 * BITS: `IBackgroundCopyJob::TakeOwnership`.
 */
bg_result bg_job_take_ownership(bg_job *job);


/* Job: properties
 * ===============
 *
 * A setter takes effect at once, also on a running job, and lasts with the job. Setters fail with
 * `BG_E_INVALID_STATE` after the job ended. The errors common to all functions of a job are listed under
 * "Job: life".
 */

/** The job may download from peers. */
#define BG_JOB_ENABLE_PEERCACHING_CLIENT 0x0001u

/** The files of the job may be served to peers. */
#define BG_JOB_ENABLE_PEERCACHING_SERVER 0x0002u

/** The job does not use BranchCache. */
#define BG_JOB_DISABLE_BRANCH_CACHE 0x0004u

/** The owner. */
#define BG_COPY_FILE_OWNER 0x0001u

/** The group. */
#define BG_COPY_FILE_GROUP 0x0002u

/** The access rights. */
#define BG_COPY_FILE_DACL 0x0004u

/** The audit rules. */
#define BG_COPY_FILE_SACL 0x0008u

/** All four. */
#define BG_COPY_FILE_ALL 0x000Fu

/**
 * Sets the name for people, at most 256 characters.
 *
 * Errors: `BG_E_INVALIDARG` when it is NULL or not UTF-8, `BG_E_STRING_TOO_LONG`.
 * BITS: `IBackgroundCopyJob::SetDisplayName`.
 */
bg_result bg_job_set_display_name(bg_job *job, const char *display_name);

/**
 * Gives the name for people.
 *
 * `display_name_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` when `display_name_out` is NULL. BITS: `IBackgroundCopyJob::GetDisplayName`.
 */
bg_result bg_job_get_display_name(bg_job *job, char **display_name_out);

/**
 * Sets the description for people, at most 1,024 characters.
 *
 * Errors: `BG_E_INVALIDARG` when it is NULL or not UTF-8, `BG_E_STRING_TOO_LONG`.
 * BITS: `IBackgroundCopyJob::SetDescription`.
 */
bg_result bg_job_set_description(bg_job *job, const char *description);

/**
 * Gives the description for people; empty when none was set.
 *
 * `description_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` when `description_out` is NULL. BITS: `IBackgroundCopyJob::GetDescription`.
 */
bg_result bg_job_get_description(bg_job *job, char **description_out);

/**
 * Sets the priority, a `BG_JOB_PRIORITY`; a new job has `BG_JOB_PRIORITY_NORMAL`.
 *
 * Foreground jobs run at once and at full speed. Background jobs use what is left of the network, higher
 * levels before lower ones; jobs of the same level take turns.
 *
 * Errors: `BG_E_NOTIMPL` for a value that is not defined, `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD` when
 * `bg_job_set_http_method` put the job into the foreground. BITS: `IBackgroundCopyJob::SetPriority`.
 */
bg_result bg_job_set_priority(bg_job *job, bg_job_priority priority);

/**
 * Gives the priority, a `BG_JOB_PRIORITY`.
 *
 * Errors: `BG_E_INVALIDARG` when `priority_out` is NULL. BITS: `IBackgroundCopyJob::GetPriority`.
 */
bg_result bg_job_get_priority(bg_job *job, bg_job_priority *priority_out);

/**
 * Says which events are told: any of the `BG_NOTIFY` flags. They replace the former ones.
 *
 * A new job has `BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR`. `BG_NOTIFY_DISABLE` silences the others.
 *
 * Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBackgroundCopyJob::SetNotifyFlags`.
 */
bg_result bg_job_set_notify_flags(bg_job *job, uint32_t flags);

/**
 * Gives which events are told.
 *
 * Errors: `BG_E_INVALIDARG` when `flags_out` is NULL. BITS: `IBackgroundCopyJob::GetNotifyFlags`.
 */
bg_result bg_job_get_notify_flags(bg_job *job, uint32_t *flags_out);

/**
 * Sets how many seconds pass before a transient error is tried again; less than 5 is raised to 5.
 *
 * When it is longer than the no-progress timeout, the first transient error is final. `bg_job_resume` does
 * not wait for it. BITS: `IBackgroundCopyJob::SetMinimumRetryDelay`.
 */
bg_result bg_job_set_minimum_retry_delay(bg_job *job, uint32_t seconds);

/**
 * Gives how many seconds pass before a transient error is tried again; 600 in a new job.
 *
 * Errors: `BG_E_POINTER` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob::GetMinimumRetryDelay`.
 */
bg_result bg_job_get_minimum_retry_delay(bg_job *job, uint32_t *seconds_out);

/**
 * Sets after how many seconds without progress a transient error becomes final; 0 makes every error final.
 *
 * BITS: `IBackgroundCopyJob::SetNoProgressTimeout`.
 */
bg_result bg_job_set_no_progress_timeout(bg_job *job, uint32_t seconds);

/**
 * Gives after how many seconds without progress a transient error becomes final; 14 days in a new job.
 *
 * Errors: `BG_E_INVALIDARG` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob::GetNoProgressTimeout`.
 */
bg_result bg_job_get_no_progress_timeout(bg_job *job, uint32_t *seconds_out);

/**
 * Sets how many seconds the job may spend connecting and transferring; then it fails with
 * `BG_E_MAXDOWNLOAD_TIMEOUT`. `bg_job_resume` starts again from 0.
 *
 * BITS: `IBackgroundCopyJob4::SetMaximumDownloadTime`.
 */
bg_result bg_job_set_maximum_download_time(bg_job *job, uint32_t seconds);

/**
 * Gives how many seconds the job may spend connecting and transferring; 90 days in a new job.
 *
 * Errors: `BG_E_POINTER` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob4::GetMaximumDownloadTime`.
 */
bg_result bg_job_get_maximum_download_time(bg_job *job, uint32_t *seconds_out);

/**
 * Sets the program that is run when the job is transferred or in error, as its notify flags say.
 *
 * It is run without a shell, by the user who has the queue open, when no callback is there or the callback did
 * not return `BG_S_OK`; also when the event was before. `program` is an absolute path. `parameters` are all
 * arguments, the name of the program first, split by the rules of Windows: blanks separate, double quotes hold
 * together, `\"` is a quote; NULL for no arguments. Nothing is expanded or added: a program that needs the
 * identifier of the job is given it here. It has no input and output, and starts in the root directory. Four run at
 * once for a queue; further ones wait for one of them to end.
 *
 * Exit code 0: done. Another one, or a program that cannot be run: again after the minimum retry delay, as long
 * as the job is in that state. NULL for both takes the program away.
 *
 * Errors: `BG_E_INVALIDARG` for parameters without a program and for a program without an absolute path,
 * `BG_E_STRING_TOO_LONG` for a path over 4,095 bytes or parameters over 4,000 characters,
 * `BG_E_ACCESSDENIED` when the directory of the queue belongs to another user.
 * BITS: `IBackgroundCopyJob2::SetNotifyCmdLine`.
 */
bg_result bg_job_set_notify_cmd_line(bg_job *job,
                                     const char *program,
                                     const char *parameters);

/**
 * Gives the program that is run for the job and its parameters; both empty when there is none.
 *
 * `program_out` and `parameters_out` are freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob2::GetNotifyCmdLine`.
 */
bg_result bg_job_get_notify_cmd_line(bg_job *job, char **program_out, char **parameters_out);

/**
 * Says what the job allows peers: any of the `BG_JOB_PEERCACHING` flags; 0 in a new job.
 *
 * Kept with the job. They add to what the machine allows, and this version has no peer cache: no file comes from
 * a peer, and none is given away.
 *
 * Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBackgroundCopyJob4::SetPeerCachingFlags`.
 */
bg_result bg_job_set_peer_caching_flags(bg_job *job,
                                        uint32_t flags);

/**
 * Gives what the job allows peers.
 *
 * Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJob4::GetPeerCachingFlags`.
 */
bg_result bg_job_get_peer_caching_flags(bg_job *job, uint32_t *flags_out);

/**
 * Says what of owner and access lists is copied with the files: any of the `BG_COPY_FILE` flags; 0 in a new job.
 *
 * They are for remote names that are files; HTTP carries no owner and no access list. A file gets, when its
 * copy ends: the owner, the group, exactly the permissions and the POSIX or NFS access list
 * (`BG_COPY_FILE_DACL`), and the `security` attributes, as labels and capabilities (`BG_COPY_FILE_SACL`). Without
 * flags it belongs to the caller and has the permissions of its source as far as the umask lets them. The bits that
 * set a user or group are never copied. Where the right to one of them is missing the job goes to
 * `BG_JOB_STATE_TRANSIENT_ERROR` with `BG_E_ACCESSDENIED`; file systems that have no such thing lose it silently.
 *
 * Errors: `BG_E_INVALIDARG` for undefined flags, `BG_E_INVALID_STATE` also when the job is transferred.
 * BITS: `IBackgroundCopyJob3::SetFileACLFlags`.
 */
bg_result bg_job_set_file_acl_flags(bg_job *job,
                                    uint32_t flags);

/**
 * Gives what of owner and access lists is copied with the files.
 *
 * Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJob3::GetFileACLFlags`.
 */
bg_result bg_job_get_file_acl_flags(bg_job *job, uint32_t *flags_out);


/* Job: HTTP options
 * =================
 *
 * What a job asks of servers besides the file. As with other properties, a setter takes effect at once and
 * lasts with the job, and fails with `BG_E_INVALID_STATE` after the job ended.
 */

/**
 * Says how a server's certificate is checked, and what is done about redirects: any of the
 * `BG_SSL` flags and one of the `BG_HTTP_REDIRECT_POLICY` values. They replace the former ones.
 *
 * A new job has 0: certificates must be valid, redirects are followed and the remote name is kept. Each
 * `BG_SSL_IGNORE` flag switches off the check it names and no other.
 *
 * - `BG_SSL_ENABLE_CRL_CHECK`: before each https file the certificates between the server and the root must be
 *   on no list of revoked ones. A list is a `.crl` file, PEM or DER, in the directory `CA` of the user's or the
 *   machine's certificates (`~/.config/bgcopy/certs/CA`, `/etc/bgcopy/certs/CA`), or comes over http from where the
 *   certificate says, within 15 s and with at most 16 MiB, and is kept until it expires. `GetError` then gives
 *   `BG_E_WINHTTP_SECURE_CERT_REVOKED`, or `BG_E_WINHTTP_SECURE_CERT_REV_FAILED` where no fresh list that the
 *   authority signed can be had. What came of an unfinished https file before the flag was set is fetched anew.
 * - `BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT`: the remote name of the file becomes the URL that redirects lead to,
 *   unless that is at another host and the job has custom headers that must not go there.
 * - `BG_HTTP_REDIRECT_POLICY_DISALLOW`: a redirect is an error, `BG_E_REDIRECT_REFUSED_301` and the like, and
 *   the remote name becomes its target; `bg_job_resume` fetches from there, with the custom headers of the job.
 * - `BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP`: redirects from https to http are followed, too; without it
 *   they are `BG_E_WINHTTP_REDIRECT_FAILED`. It has no meaning beside `BG_HTTP_REDIRECT_POLICY_DISALLOW`.
 *
 * Errors: `BG_E_NOTIMPL` for undefined flags.
 * BITS: `IBackgroundCopyJobHttpOptions::SetSecurityFlags`.
 */
bg_result bg_job_set_security_flags(bg_job *job,
                                    uint32_t flags);

/**
 * Gives which faults of a server's certificate are ignored, and what is done about redirects.
 *
 * Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJobHttpOptions::GetSecurityFlags`.
 */
bg_result bg_job_get_security_flags(bg_job *job, uint32_t *flags_out);

/**
 * Sets headers that are sent with every request of the job: lines that each end with CR LF, at most 16,384
 * characters with the NUL. NULL or an empty text takes them away.
 *
 * They are encrypted on disk and never appear in errors and logs. Those whose names contain auth, cookie,
 * credential, key, passw, secret, session, signature or token stay with the host of the remote name when a
 * redirect leads to another one. While the key to them is missing the job fails with `BG_E_WIN32_READ_FAULT`:
 * section "Secrets" of the header.
 *
 * Errors: `BG_E_STRING_TOO_LONG`, `BG_E_INVALIDARG` for what is no header line and for headers that the
 * transfer itself sets, as Host and Range, `BG_E_ACCESSDENIED` to anybody but the owner of the job,
 * `BG_E_WIN32_WRITE_FAULT` when there is no key to encrypt them with.
 * BITS: `IBackgroundCopyJobHttpOptions::SetCustomHeaders`.
 */
bg_result bg_job_set_custom_headers(bg_job *job, const char *headers);

/**
 * Gives the headers that were set; `BG_S_FALSE` and NULL when there are none.
 *
 * `headers_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `headers_out` is NULL, `BG_E_ACCESSDENIED` to anybody but the owner of the job
 * and after `bg_job_make_custom_headers_write_only`, `BG_E_WIN32_READ_FAULT` when the key to them is lost.
 * BITS: `IBackgroundCopyJobHttpOptions::GetCustomHeaders`.
 */
bg_result bg_job_get_custom_headers(bg_job *job, char **headers_out);

/**
 * Lets nobody read the custom headers of the job any more, those set later included; they are still sent.
 * Cannot be taken back.
 *
 * Errors: `BG_E_ACCESSDENIED` to anybody but the owner of the job.
 * BITS: `IBackgroundCopyJobHttpOptions3::MakeCustomHeadersWriteOnly`.
 */
bg_result bg_job_make_custom_headers_write_only(bg_job *job);

/**
 * Sets the HTTP method that fetches the files of the job, before its first `bg_job_resume`.
 *
 * A method other than `GET` puts the job into the foreground for good. Each file is one request without a
 * body, for all of it, on a connection of its own; no request is repeated by itself: every error is final, and
 * `bg_job_resume` fetches unfinished files from the beginning. `GET` leaves everything as it is.
 *
 * Errors: `BG_E_INVALIDARG` when it is NULL, no token of HTTP, or a method that brings no file (HEAD, CONNECT),
 * `BG_E_STRING_TOO_LONG` for more than 256 characters, `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`,
 * `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD` when ranges of its files are fetched,
 * `BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY` for another method of an upload than its own.
 * BITS: `IBackgroundCopyJobHttpOptions2::SetHttpMethod`.
 */
bg_result bg_job_set_http_method(bg_job *job,
                                 const char *method);

/**
 * Gives the HTTP method that fetches the files of the job; `GET` in a new one.
 *
 * `method_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `method_out` is NULL. BITS: `IBackgroundCopyJobHttpOptions2::GetHttpMethod`.
 */
bg_result bg_job_get_http_method(bg_job *job, char **method_out);


/* Job: proxies and credentials
 * ============================
 *
 * How a job reaches servers, and who asks. As with other properties, a setter takes effect at once and lasts
 * with the job, and fails with `BG_E_INVALID_STATE` after the job ended. Connections are shared only by jobs
 * with the same proxies and the same credentials.
 */

/** Where a job takes its proxy from. */
typedef enum BG_JOB_PROXY_USAGE {
    /** The settings of the user; the choice of new jobs. */
    BG_JOB_PROXY_USAGE_PRECONFIG = 0,
    /** No proxy. */
    BG_JOB_PROXY_USAGE_NO_PROXY = 1,
    /** The lists given with the setting. */
    BG_JOB_PROXY_USAGE_OVERRIDE = 2,
    /** Detected for each file. */
    BG_JOB_PROXY_USAGE_AUTODETECT = 3
} BG_JOB_PROXY_USAGE;

/** Who asks for credentials. */
typedef enum BG_AUTH_TARGET {
    /** The server. */
    BG_AUTH_TARGET_SERVER = 1,
    /** The proxy. */
    BG_AUTH_TARGET_PROXY = 2
} BG_AUTH_TARGET;

/** How credentials are presented. */
typedef enum BG_AUTH_SCHEME {
    /** Name and password in clear text. */
    BG_AUTH_SCHEME_BASIC = 1,
    /** A digest of the password and a string of the server. */
    BG_AUTH_SCHEME_DIGEST = 2,
    /** NTLM challenge and response. */
    BG_AUTH_SCHEME_NTLM = 3,
    /** Kerberos or NTLM, whichever both sides have. */
    BG_AUTH_SCHEME_NEGOTIATE = 4,
    /** Passport. */
    BG_AUTH_SCHEME_PASSPORT = 5
} BG_AUTH_SCHEME;

/**
 * A user name and a password for one kind of challenge. Start with `BG_AUTH_CREDENTIALS_INIT`.
 * `BG_AUTH_CREDENTIALS` with the `BG_BASIC_CREDENTIALS` in it
 */
typedef struct bg_auth_credentials {
    /** Size of this structure in the program; set by `BG_AUTH_CREDENTIALS_INIT`. */
    uint32_t struct_size;
    /** Whose challenge, a `BG_AUTH_TARGET`. */
    int32_t target;
    /** Which scheme of HTTP, a `BG_AUTH_SCHEME`. */
    int32_t scheme;
    /** Always 0. */
    uint32_t reserved;
    /** At most 300 characters. */
    const char *user_name;
    /** At most 65,535 characters. */
    const char *password;
} bg_auth_credentials;

/** What a `bg_auth_credentials` starts with. */
#define BG_AUTH_CREDENTIALS_INIT \
    { sizeof(bg_auth_credentials), 0, 0, 0, NULL, NULL }

/**
 * Sets the user name and the password for one kind of challenge, in place of those of the same target and
 * scheme. The strings are copied.
 *
 * They are encrypted on disk (section "Secrets" of the header) and never appear in errors and logs; there is no function
 * that gives them.
 * Nothing is sent before a server or proxy asks. Of the schemes it offers, the strongest is answered for which the
 * job has credentials and which is implemented: Digest (SHA-256, then MD5), then Basic, which everybody on
 * the way can read without https. NTLM, Negotiate and Passport are kept and never match. Credentials for servers
 * are for the host of the remote name, not for others that redirects lead to.
 *
 * A job without credentials for any scheme that is asked for, or whose credentials are refused, fails with
 * `BG_E_HTTP_ERROR_401`, for a proxy `BG_E_HTTP_ERROR_407`; set others and resume it. A user name that the scheme
 * cannot carry gives `BG_E_INVALID_CREDENTIALS` then; a missing key to them `BG_E_WIN32_READ_FAULT`.
 *
 * Both strings may be NULL with `BG_AUTH_SCHEME_NTLM` and `BG_AUTH_SCHEME_NEGOTIATE`, meaning whoever owns the job.
 *
 * Errors: `BG_E_INVALIDARG` when a string is NULL otherwise or not UTF-8, `BG_E_INVALID_AUTH_TARGET`,
 * `BG_E_INVALID_AUTH_SCHEME`, `BG_E_USERNAME_TOO_LARGE`, `BG_E_PASSWORD_TOO_LARGE`, `BG_E_ACCESSDENIED` to anybody but
 * the owner of the job, `BG_E_WIN32_WRITE_FAULT` when there is no key to encrypt them with.
 * BITS: `IBackgroundCopyJob2::SetCredentials`.
 */
bg_result bg_job_set_credentials(bg_job *job,
                                 const bg_auth_credentials *credentials);

/**
 * Takes away the credentials for a `BG_AUTH_TARGET` and a `BG_AUTH_SCHEME`; `BG_S_FALSE` when there are none.
 *
 * Errors: `BG_E_INVALID_AUTH_TARGET`, `BG_E_INVALID_AUTH_SCHEME`, `BG_E_ACCESSDENIED` to anybody but the owner of
 * the job. BITS: `IBackgroundCopyJob2::RemoveCredentials`.
 */
bg_result bg_job_remove_credentials(bg_job *job,
                                    int32_t target,
                                    int32_t scheme);

/**
 * Says which proxies the job uses, a `BG_JOB_PROXY_USAGE`:
 *
 * - `BG_JOB_PROXY_USAGE_PRECONFIG`, as in a new job: those of `[proxy]` in a policy; else those that the environment
 *   of the process names when the queue is opened, with `http_proxy`, `https_proxy` and `all_proxy`, but for the
 *   hosts of `no_proxy`; else those of `[proxy]` in the configuration. This machine is reached without.
 * - `BG_JOB_PROXY_USAGE_NO_PROXY`: none.
 * - `BG_JOB_PROXY_USAGE_OVERRIDE`: those of the lists.
 * - `BG_JOB_PROXY_USAGE_AUTODETECT`: none, with a warning in the log; proxies are not detected in this version.
 *
 * `proxy_list` has `[protocol=][http://]server[:port]`, separated by blanks; the protocol is http or https,
 * without it the proxy is for the protocols that are not named; the port is 80 if it is not given. A proxy that
 * speaks SOCKS 5 is `[protocol=]socks5://server[:port]`, by itself on port 1080, and gets `BG_AUTH_SCHEME_BASIC`
 * credentials. Several for a
 * protocol are tried in turn until one can be reached. `bypass_list` has host names and addresses that are
 * reached directly, separated by blanks: with an asterisk as the first character for any beginning, with `:port` for
 * one port; `<local>` is every name without a dot. Upper and lower case are the same.
 *
 * https goes through proxies unread (CONNECT). Proxies are spoken to in plain HTTP. A malformed list is an error of
 * the job, `BG_E_INVALID_PROXY_INFO`.
 *
 * Errors: `BG_E_NOTIMPL` for a usage that is not defined, `BG_E_INVALIDARG` for lists with another usage than
 * OVERRIDE and for OVERRIDE without a proxy list, `BG_E_PROXY_LIST_TOO_LARGE` and
 * `BG_E_PROXY_BYPASS_LIST_TOO_LARGE` beyond 32 KiB. BITS: `IBackgroundCopyJob::SetProxySettings`.
 */
bg_result bg_job_set_proxy_settings(bg_job *job,
                                    int32_t proxy_usage,
                                    const char *proxy_list,
                                    const char *bypass_list);

/**
 * Gives which proxies the job uses, as it was set; lists that were not set are NULL.
 *
 * `proxy_list_out` and `bypass_list_out` are freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob::GetProxySettings`.
 */
bg_result bg_job_get_proxy_settings(bg_job *job,
                                    int32_t *proxy_usage_out,
                                    char **proxy_list_out,
                                    char **bypass_list_out);


/* Job: certificates
 * =================
 *
 * Client certificates are in stores, which are directories: `$XDG_CONFIG_HOME/bgcopy/certs/<store>` (else below
 * `~/.config`) of `BG_CERT_STORE_LOCATION_CURRENT_USER` and `/etc/bgcopy/certs/<store>` of
 * `BG_CERT_STORE_LOCATION_LOCAL_MACHINE`. An entry is
 *
 * - a PEM file (`.pem`, `.crt`, `.cer`): the certificate, the authorities between it and the root, and its key, which
 *   may be in a file of the same name that ends in `.key` instead; or
 * - a PKCS#12 file (`.p12`, `.pfx`), whose password, if it is not empty, is the first line of a file of the same name
 *   that ends in `.password`.
 */

/** Where a certificate store is. */
typedef enum BG_CERT_STORE_LOCATION {
    /** Of the user. */
    BG_CERT_STORE_LOCATION_CURRENT_USER = 0,
    /** Of this computer. */
    BG_CERT_STORE_LOCATION_LOCAL_MACHINE = 1,
    /** Of the running service. */
    BG_CERT_STORE_LOCATION_CURRENT_SERVICE = 2,
    /** Of a named service. */
    BG_CERT_STORE_LOCATION_SERVICES = 3,
    /** Of a named user. */
    BG_CERT_STORE_LOCATION_USERS = 4,
    /** Of the user, set by group policy. */
    BG_CERT_STORE_LOCATION_CURRENT_USER_GROUP_POLICY = 5,
    /** Of this computer, set by group policy. */
    BG_CERT_STORE_LOCATION_LOCAL_MACHINE_GROUP_POLICY = 6,
    /** Of this computer, set by the enterprise. */
    BG_CERT_STORE_LOCATION_LOCAL_MACHINE_ENTERPRISE = 7
} BG_CERT_STORE_LOCATION;

/**
 * Who looks at the certificates of servers. Start with `BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT`.
 * `IBackgroundCopyServerCertificateValidationCallback`
 */
typedef struct bg_server_certificate_validation_callback {
    /** Size of this structure in the program; set by `BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT`. */
    uint32_t struct_size;
    /** Always 0. */
    uint32_t reserved;
    /**
     * Whether a server is the right one: `BG_S_OK`, or a failure that declines it. `cert_data` is its certificate, in DER
     * (`cert_encoding_type` is 1, X.509); `cert_store_data` has all certificates that it sent, its own first, in DER, one
     * after the other. The handles and the data hold until it returns. Needed.
     */
    bg_result (*validate_server_certificate)(void *user_data,
                                             bg_job *job,
                                             bg_file *file,
                                             uint32_t cert_length,
                                             const uint8_t *cert_data,
                                             uint32_t cert_encoding_type,
                                             uint32_t cert_store_length,
                                             const uint8_t *cert_store_data);
    /** The last call for this `user_data`: free it here. Runs exactly once, on any thread. */
    void (*destroy)(void *user_data);
} bg_server_certificate_validation_callback;

/** What a `bg_server_certificate_validation_callback` starts with. */
#define BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT \
    { sizeof(bg_server_certificate_validation_callback), 0, NULL, NULL }

/**
 * Sets the certificate that servers are shown when they ask for one: the one with this SHA-1, 20 bytes.
 *
 * `store_location` is a `BG_CERT_STORE_LOCATION`, `store_name` has less than 256 characters. The certificate must be
 * there with its key; it is read again when a server is connected to, and the job fails when it is gone
 * (`BG_E_CRYPT_NOT_FOUND`) or its key does not fit (`BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY`). Connections made
 * with it are used by jobs with the same certificate only. A server that asks for a certificate, but does not need
 * one, serves a job without.
 *
 * Errors: `BG_E_RPC_NULL_REF_POINTER` when the name or the hash is NULL, `BG_E_NOTIMPL` for other locations than those
 * two, `BG_E_WIN32_FILE_NOT_FOUND` for a store that is not there, `BG_E_CRYPT_NOT_FOUND` for a certificate,
 * `BG_E_STRING_TOO_LONG`, `BG_E_ACCESSDENIED` for a store that cannot be read and to anybody but the owner of the job.
 * BITS: `IBackgroundCopyJobHttpOptions::SetClientCertificateByID`.
 */
bg_result bg_job_set_client_certificate_by_id(bg_job *job,
                                              int32_t store_location,
                                              const char *store_name,
                                              const uint8_t *cert_hash);

/**
 * Sets the certificate that servers are shown when they ask for one: the first of the store, by the names of its
 * files, that is for clients and has `subject_name` in its subject, whatever the case of letters.
 *
 * The subject are the values of its names in the order of the certificate, which is the reverse of the usual display:
 * `CN=name1, OU=name2, O=name3` is `name3, name2, name1`. At most 255 characters. All else as
 * `bg_job_set_client_certificate_by_id`.
 *
 * Errors: as there, and `BG_E_INVALIDARG` when the subject name is empty.
 * BITS: `IBackgroundCopyJobHttpOptions::SetClientCertificateByName`.
 */
bg_result bg_job_set_client_certificate_by_name(bg_job *job,
                                                int32_t store_location,
                                                const char *store_name,
                                                const char *subject_name);

/**
 * Takes the client certificate away; `BG_S_FALSE` when there is none.
 *
 * Errors: `BG_E_ACCESSDENIED` to anybody but the owner of the job.
 * BITS: `IBackgroundCopyJobHttpOptions::RemoveClientCertificate`.
 */
bg_result bg_job_remove_client_certificate(bg_job *job);

/**
 * Gives the client certificate: its location, a `BG_CERT_STORE_LOCATION`, its store, its SHA-1 of 20 bytes, and its
 * subject as in `bg_job_set_client_certificate_by_name`.
 *
 * `store_name_out` and `subject_name_out` are freed with `bg_string_free`, `cert_hash_out` with `bg_memory_free`.
 *
 * Errors: `BG_E_RPC_NULL_REF_POINTER` when a place for a result is NULL, `BG_E_RPC_BAD_STUB_DATA` when the job has none,
 * `BG_E_ACCESSDENIED` to anybody but the owner of the job.
 * BITS: `IBackgroundCopyJobHttpOptions::GetClientCertificate`.
 */
bg_result bg_job_get_client_certificate(bg_job *job,
                                        int32_t *store_location_out,
                                        char **store_name_out,
                                        uint8_t **cert_hash_out,
                                        char **subject_name_out);

/**
 * Registers who looks at the certificates of https servers, in place of the one before; NULL clears.
 *
 * It is called for each new connection, on the thread of the transfer and without a lock, after the usual checks
 * succeeded and before the first request. A certificate that it accepted for a server and port is not asked about again
 * until the next registration. Its failure is the error of the job, transient, in the context
 * `BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK`. Connections made for a registration are used by its job only.
 *
 * The transfer waits for it, and whoever stops the transfer, too: to complete or cancel a job or to close the queue from
 * inside is `BG_E_INVALID_STATE`. The structure is copied; `destroy` runs once after the call succeeded, when another one
 * is registered, the job ended or the queue was closed. When the call fails, `user_data` stays with the caller.
 *
 * A registration ends with the process. A job that had one then fails with
 * `BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED` until there is one again, or it is cleared.
 *
 * Errors: `BG_E_READ_ONLY_WHEN_JOB_ACTIVE` unless the job is suspended, in error or transferred, `BG_E_NOINTERFACE`
 * without `validate_server_certificate`, `BG_E_INVALIDARG` when `struct_size` is too small, `BG_E_ACCESSDENIED` to anybody
 * but the owner of the job. BITS: `IBackgroundCopyJobHttpOptions3::SetServerCertificateValidationInterface`.
 */
bg_result bg_job_set_server_certificate_validation_callback(bg_job *job,
                                                            const bg_server_certificate_validation_callback *callback,
                                                            void *user_data);


/* Job: helper token
 * =================
 *
 * A second right to files beside that of the caller. On Windows it is the identity of another user; here it is
 * an open directory, which may come from another process or user. Files of the job are reached through it by
 * their paths as before, whatever has become of the path since, and whether or not the caller can reach it.
 */

/**
 * Gives the job a helper token: the directory that `directory_fd` is, in place of an earlier one. The descriptor is
 * duplicated; the program closes its own when it likes.
 *
 * `bg_job_set_helper_token_flags` says what it is used for, before or after. Files are then opened below that
 * directory, without following symbolic links there; one that is not below its path of now is
 * `BG_E_ACCESSDENIED`. The token ends with the process. A job that has flags and no token goes to
 * `BG_JOB_STATE_ERROR` with `BG_E_TOKEN_REQUIRED`, when it runs or when the queue is opened again, until it gets
 * a token, or no flags, and `bg_job_resume`.
 *
 * Errors: `BG_E_INVALIDARG` for what is no open directory. BITS: `IBitsTokenOptions::SetHelperToken`, which takes
 * the identity of the calling thread instead.
 */
bg_result bg_job_set_helper_token(bg_job *job,
                                  int32_t directory_fd);

/**
 * Takes the helper token of the job away; the flags stay. A job that runs or waits and has flags goes to
 * `BG_JOB_STATE_ERROR` with `BG_E_TOKEN_REQUIRED`.
 *
 * BITS: `IBitsTokenOptions::ClearHelperToken`.
 */
bg_result bg_job_clear_helper_token(bg_job *job);

/**
 * Says what the helper token is used for: any of the `BG_TOKEN` flags, in place of the former ones; 0 in a new
 * job. They last with the job, the token does not.
 *
 * - `BG_TOKEN_LOCAL_FILE`: the local files of a download, growing and final, and `bg_job_complete`.
 * - `BG_TOKEN_NETWORK`: remote names that are files. Requests over HTTP do not need it.
 *
 * Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBitsTokenOptions::SetHelperTokenFlags`.
 */
bg_result bg_job_set_helper_token_flags(bg_job *job,
                                        uint32_t flags);

/**
 * Gives what the helper token is used for.
 *
 * Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBitsTokenOptions::GetHelperTokenFlags`.
 */
bg_result bg_job_get_helper_token_flags(bg_job *job, uint32_t *flags_out);

/**
 * Gives the owner of the directory that is the helper token in the text form of a Windows security identifier,
 * "S-1-22-1-" and the user id; NULL when the job has no token.
 *
 * `sid_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `sid_out` is NULL. BITS: `IBitsTokenOptions::GetHelperTokenSid`.
 */
bg_result bg_job_get_helper_token_sid(bg_job *job,
                                      char **sid_out);


/* Job: properties by number
 * =========================
 *
 * The properties of `IBackgroundCopyJob5`. The errors common to all functions of a job are listed under
 * "Job: life".
 */

/** Properties of a job; the value's member of the C union stands behind each. */
typedef enum BITS_JOB_PROPERTY_ID {
    /** Cost flags (`Dword`). */
    BITS_JOB_PROPERTY_ID_COST_FLAGS = 1,
    /** Class to activate for notifications (`ClsID`). */
    BITS_JOB_PROPERTY_NOTIFICATION_CLSID = 2,
    /** Accept servers that tell no size and serve no ranges (`Enable`). */
    BITS_JOB_PROPERTY_DYNAMIC_CONTENT = 3,
    /** Do not keep progress and write straight to the destination (`Enable`). */
    BITS_JOB_PROPERTY_HIGH_PERFORMANCE = 4,
    /** Most bytes the job may download (`Uint64`). */
    BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE = 5,
    /** Use the user's own credentials towards this target (`Target`). */
    BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS = 7,
    /** Least milliseconds between notifications of modification (`Dword`). */
    BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS = 9,
    /** Transfer only the ranges that are asked for (`Enable`). */
    BITS_JOB_PROPERTY_ON_DEMAND_MODE = 10
} BITS_JOB_PROPERTY_ID;

/** Flat rate. */
#define BITS_COST_STATE_UNRESTRICTED 0x0001u

/** Capped plan of unknown usage. */
#define BITS_COST_STATE_CAPPED_USAGE_UNKNOWN 0x0002u

/** Capped plan, below the cap. */
#define BITS_COST_STATE_BELOW_CAP 0x0004u

/** Capped plan, near the cap. */
#define BITS_COST_STATE_NEAR_CAP 0x0008u

/** Past the cap, at extra charge. */
#define BITS_COST_STATE_OVERCAP_CHARGED 0x0010u

/** Past the cap, slowed down. */
#define BITS_COST_STATE_OVERCAP_THROTTLED 0x0020u

/** Paid by use. */
#define BITS_COST_STATE_USAGE_BASED 0x0040u

/** Roaming. */
#define BITS_COST_STATE_ROAMING 0x0080u

/** Reserved. */
#define BITS_COST_STATE_RESERVED 0x40000000u

/** Transfer even when the network is said to be congested. */
#define BITS_COST_OPTION_IGNORE_CONGESTION 0x80000000u

/** Any connection but while roaming. */
#define BITS_COST_STATE_TRANSFER_NOT_ROAMING 0x8000007Fu

/** Connections without surcharge. */
#define BITS_COST_STATE_TRANSFER_NO_SURCHARGE 0x8000006Fu

/** Connections without surcharge whose cap is not near. */
#define BITS_COST_STATE_TRANSFER_STANDARD 0x80000067u

/** Connections without restriction, or slowed down past the cap. */
#define BITS_COST_STATE_TRANSFER_UNRESTRICTED 0x80000021u

/** Any connection. */
#define BITS_COST_STATE_TRANSFER_ALWAYS 0x800000FFu

/** The value of a property of a job. Never changes. `BITS_JOB_PROPERTY_VALUE` */
typedef union bg_job_property_value {
    /** A number or flags. */
    uint32_t dword;
    /** A class. */
    bg_guid cls_id;
    /** 0 for no, anything else for yes. */
    int32_t enable;
    /** A large number. */
    uint64_t uint64;
    /** A `BG_AUTH_TARGET`. */
    int32_t target;
} bg_job_property_value;

/**
 * Sets a property, a `BITS_JOB_PROPERTY_ID`, from the member of the value that belongs to it:
 *
 * - `BITS_JOB_PROPERTY_ID_COST_FLAGS` (`dword`): connections of which costs the job may use, at once and also while
 *   it runs. What a connection costs is not known here, each counts as unrestricted: without
 *   `BITS_COST_STATE_UNRESTRICTED` the job waits in `BG_JOB_STATE_TRANSIENT_ERROR` with
 *   `BG_E_BLOCKED_BY_COST_TRANSFER_POLICY`. A new job has `BITS_COST_STATE_TRANSFER_ALWAYS`.
 * - `BITS_JOB_PROPERTY_NOTIFICATION_CLSID` (`cls_id`): kept with the job for programs that read it; this system
 *   has no classes that could be activated.
 * - `BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE` (`uint64`): the most bytes of all files together; `BG_SIZE_UNKNOWN`, as
 *   in a new job, for no limit. A job with more goes to `BG_JOB_STATE_ERROR` with
 *   `BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED` before the file that is too much. Fixed by the first `bg_job_resume`.
 * - `BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS` (`target`): with `BG_AUTH_TARGET_PROXY` the entry of a proxy in
 *   `$NETRC`, else `~/.netrc`, answers it where the job has no credentials for it. That file must be readable by its
 *   owner only. 0, as in a new job, for no; servers are never answered with it.
 * - `BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS` (`dword`): the least milliseconds between two
 *   `job_modification`; 500 in a new job.
 * - `BITS_JOB_PROPERTY_DYNAMIC_CONTENT` (`enable`): servers may make the content while they send it: neither a size
 *   nor ranges are needed. The end of the answer is the end of the file, whose size is `BG_SIZE_UNKNOWN` until then; an
 *   interrupted file begins again at 0. Such a job moves in the foreground only, and waits in `BG_JOB_STATE_QUEUED`
 *   otherwise. Fixed by the first `bg_job_resume`; not with ranges, on-demand mode or another HTTP method.
 * - `BITS_JOB_PROPERTY_HIGH_PERFORMANCE` (`enable`): the bytes go to the final names at once, in place of what is there,
 *   and no progress is stored: after the end of the process an unfinished file begins again at 0. Cancelling leaves
 *   all files as they are, completing a part the unfinished ones: they are the program's. Fixed by the first file.
 * - `BITS_JOB_PROPERTY_ON_DEMAND_MODE` (`enable`): only what `bg_file_request_file_ranges` asks for is fetched; may change
 *   at any time.
 *
 * Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_INVALIDARG` for undefined flags, `BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE`
 * for 0, `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`, `BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE`,
 * `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`, `BG_E_UNSUPPORTED_JOB_CONFIGURATION` for dynamic content together with
 * ranges or on-demand mode, `BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY` for these modes and the largest size of an
 * upload, `BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED` for another target than the proxy,
 * `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob5::SetProperty`.
 */
bg_result bg_job_set_property(bg_job *job,
                              int32_t property_id,
                              bg_job_property_value value);

/**
 * Gives a property, a `BITS_JOB_PROPERTY_ID`, in the member of the value that belongs to it; see
 * `bg_job_set_property`.
 *
 * Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_POINTER` when `value_out` is NULL.
 * BITS: `IBackgroundCopyJob5::GetProperty`.
 */
bg_result bg_job_get_property(bg_job *job, int32_t property_id, bg_job_property_value *value_out);


/* Job: the reply to an upload
 * ===========================
 *
 * Only jobs of the type `BG_JOB_TYPE_UPLOAD_REPLY` have a reply; for the others these functions answer
 * `BG_E_NOTIMPL`. The reply gets its name when the job is completed; an upload that was not replied to has an empty one.
 */

/** How far a reply is. Start with `BG_JOB_REPLY_PROGRESS_INIT`. `BG_JOB_REPLY_PROGRESS` */
typedef struct bg_job_reply_progress {
    /** Size of this structure in the program; set by `BG_JOB_REPLY_PROGRESS_INIT`. */
    uint32_t struct_size;
    /** Always 0. */
    uint32_t reserved;
    /** Size in bytes; `BG_SIZE_UNKNOWN` before the reply begins. */
    uint64_t bytes_total;
    /** Bytes transferred so far. */
    uint64_t bytes_transferred;
} bg_job_reply_progress;

/** What a `bg_job_reply_progress` starts with. */
#define BG_JOB_REPLY_PROGRESS_INIT \
    { sizeof(bg_job_reply_progress), 0, 0, 0 }

/**
 * Gives the bytes of the reply transferred so far.
 *
 * `progress_out->struct_size` is set by the program.
 *
 * Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALIDARG` when `progress_out` is NULL or
 * too small. BITS: `IBackgroundCopyJob2::GetReplyProgress`.
 */
bg_result bg_job_get_reply_progress(bg_job *job, bg_job_reply_progress *progress_out);

/**
 * Gives a copy of the reply, at most 1 MiB, when the job is transferred; NULL and 0 when there is none.
 *
 * `data_out` is freed with `bg_memory_free`.
 *
 * Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` before the reply is here,
 * `BG_E_TOO_LARGE` with its length for a larger one, which is read from its file after `bg_job_complete`,
 * `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob2::GetReplyData`.
 */
bg_result bg_job_get_reply_data(bg_job *job, uint8_t **data_out, uint64_t *length_out);

/**
 * Says where the reply goes: an absolute path; NULL or empty for a name made from that of the uploaded file.
 *
 * Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` once the reply is being fetched,
 * `BG_E_INVALIDARG` for a name that is not UTF-8 or no absolute path, and what `bg_job_add_file` says of directories.
 * BITS: `IBackgroundCopyJob2::SetReplyFileName`.
 */
bg_result bg_job_set_reply_file_name(bg_job *job,
                                     const char *name);

/**
 * Gives where the reply goes; NULL before a name was given or a file added.
 *
 * `name_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_POINTER` when `name_out` is NULL.
 * BITS: `IBackgroundCopyJob2::GetReplyFileName`.
 */
bg_result bg_job_get_reply_file_name(bg_job *job, char **name_out);


/* File: ranges
 * ============
 *
 * Ranges of files over http and https. A file can be made of ranges of the remote one, which lie one behind the other
 * in the local one: `bg_job_add_file_with_ranges`. And of a file that is a copy of the remote one, ranges can be asked
 * for in any order while the job runs: `bg_file_request_file_ranges`. In a job with
 * `BITS_JOB_PROPERTY_ON_DEMAND_MODE` nothing else is fetched.
 *
 * The errors common to all functions of a file are listed under "File".
 */

/** A part of a file. Never changes. `BG_FILE_RANGE` */
typedef struct bg_file_range {
    /** First byte, from 0. */
    uint64_t initial_offset;
    /** Number of bytes, or `BG_LENGTH_TO_EOF`. */
    uint64_t length;
} bg_file_range;

/**
 * Adds a file that is made of ranges of the remote one, one behind the other in the order given: of the ranges 100 to
 * 199, 900 to 999 and 400 to 499 comes a file of 300 bytes.
 *
 * `ranges` points to `range_count` elements, which are copied. The length `BG_LENGTH_TO_EOF` goes to the end of the
 * remote file. Ranges may touch, but not overlap. Progress counts the bytes of the ranges only. Names as for
 * `bg_job_add_file`, but http and https only.
 *
 * Several ranges are asked for with one request where the server can do that. The job goes to `BG_JOB_STATE_ERROR` with
 * `BG_E_INVALID_RANGE` when a range lies outside the remote file, and with `BG_E_INSUFFICIENT_RANGE_SUPPORT` when the
 * server has no ranges.
 *
 * Errors: as `bg_job_add_file`; `BG_E_INVALIDARG` when there is no range or `ranges` is NULL, `BG_E_INVALID_RANGE` for a
 * range without bytes or that lies in no file, `BG_E_OVERLAPPING_RANGES`, `BG_E_TOO_MANY_RANGES_IN_FILE` where such a
 * limit is set, `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`, `BG_E_NOTIMPL` for an upload. BITS:
 * `IBackgroundCopyJob3::AddFileWithRanges`.
 */
bg_result bg_job_add_file_with_ranges(bg_job *job,
                                      const char *remote_name,
                                      const char *local_name,
                                      uint32_t range_count,
                                      const bg_file_range *ranges);

/**
 * Gives the ranges that the file is made of, as they were given to `bg_job_add_file_with_ranges`.
 *
 * `ranges_out` is freed with `bg_memory_free`. Returns `BG_S_FALSE`, 0 and NULL for a whole file.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyFile2::GetFileRanges`.
 */
bg_result bg_file_get_file_ranges(bg_file *file, uint32_t *range_count_out, bg_file_range **ranges_out);

/**
 * Asks for ranges of the file before everything else.
 *
 * `ranges` points to `range_count` elements. They may overlap with others and with what is here: no byte is
 * fetched twice. The length `BG_LENGTH_TO_EOF` goes to the end of the file. Every byte has its own place in the
 * temporary file, where it can be read as soon as `bg_file_get_filled_file_ranges` or `file_ranges_transferred` tells
 * of it.
 *
 * A job with `BITS_JOB_PROPERTY_ON_DEMAND_MODE` fetches nothing else. Once it has all that was requested, it goes to
 * `BG_JOB_STATE_SUSPENDED`, or to `BG_JOB_STATE_TRANSFERRED` when its files are whole; a further request then needs
 * `bg_job_resume`.
 *
 * Errors: `BG_E_INVALIDARG` when there is no range or `ranges` is NULL, `BG_E_INVALID_RANGE` for a range without bytes or
 * outside the file (as far as its size is known; otherwise the job goes to `BG_JOB_STATE_ERROR` with that code),
 * `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` for a file that does not come over http or https, is made of ranges, or whose
 * server has no ranges, in an upload, and in a job with an HTTP method of its own, `BG_E_INVALID_STATE` after the job ended.
 * BITS: `IBackgroundCopyFile6::RequestFileRanges`.
 */
bg_result bg_file_request_file_ranges(bg_file *file,
                                      uint32_t range_count,
                                      const bg_file_range *ranges);

/**
 * Gives what is here of the file, sorted and merged: these bytes can be read from the temporary file.
 *
 * `ranges_out` is freed with `bg_memory_free`; 0 and NULL when nothing is here.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL, `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for
 * `bg_file_request_file_ranges`, `BG_E_OUTOFMEMORY`. BITS: `IBackgroundCopyFile6::GetFilledFileRanges`.
 */
bg_result bg_file_get_filled_file_ranges(bg_file *file,
                                         uint32_t *range_count_out,
                                         bg_file_range **ranges_out);

/**
 * Lets what is missing of the file come from the byte `offset` on, and what lies before it afterwards. Of a job
 * with `BITS_JOB_PROPERTY_ON_DEMAND_MODE` still only what was requested comes.
 *
 * Errors: `BG_E_INVALID_RANGE` for an offset outside the file, `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for
 * `bg_file_request_file_ranges`, `BG_E_INVALID_STATE` after the job ended.
 * BITS: `IBackgroundCopyFile6::UpdateDownloadPosition`.
 */
bg_result bg_file_update_download_position(bg_file *file,
                                           uint64_t offset);


/* Callbacks
 * =========
 *
 * Callbacks run on threads of the library: one at a time for a job and at most four at once for a
 * queue. No lock is held meanwhile, so a callback may call every function of this header; completing the job
 * inside `job_transferred` is the usual pattern. A callback that takes long delays those of other jobs.
 *
 * Handles passed to a callback are borrowed: they hold until it returns, unless it retains them.
 *
 * Anything but `BG_S_OK` from `job_transferred` and `job_error`, and a failure from
 * `file_transferred`, lets the event be told again later. A callback must return: no `longjmp`, no C++
 * exception may leave it.
 */

/**
 * Who hears the events of a job. Start with `BG_CALLBACKS_INIT`; NULL members are not called, and their events are
 * for the program of the job, where there is one (`bg_job_set_notify_cmd_line`).
 *
 * Which events are told is set with `bg_job_set_notify_flags`, too.
 * `IBackgroundCopyCallback` and its successors
 */
typedef struct bg_callbacks {
    /** Size of this structure in the program; set by `BG_CALLBACKS_INIT`. */
    uint32_t struct_size;
    /** Always 0. */
    uint32_t reserved;
    /** All files are transferred; `bg_job_complete` gives them their names. */
    bg_result (*job_transferred)(void *user_data, bg_job *job);
    /** The job is in `BG_JOB_STATE_ERROR`: repair and resume it, complete what is there, or cancel it. */
    bg_result (*job_error)(void *user_data, bg_job *job, bg_error *error);
    /**
     * Bytes moved, files were added, or the state or a property changed. Merged when they come fast; may be
     * lost. Needs `BG_NOTIFY_JOB_MODIFICATION`.
     */
    bg_result (*job_modification)(void *user_data, bg_job *job);
    /** A file is whole; told in order of addition. Needs `BG_NOTIFY_FILE_TRANSFERRED`. */
    bg_result (*file_transferred)(void *user_data, bg_job *job, bg_file *file);
    /**
     * These ranges of a file arrived since the last call: parts of what was requested, or of what comes by itself.
     * Merged when they come fast; may be lost. Not told for files with ranges. Needs
     * `BG_NOTIFY_FILE_RANGES_TRANSFERRED`.
     */
    bg_result (*file_ranges_transferred)(void *user_data,
                                         bg_job *job,
                                         bg_file *file,
                                         uint32_t range_count,
                                         const bg_file_range *ranges);
    /**
     * The last call for this `user_data`: free it here. Runs exactly once, on any thread, after the last
     * callback has returned.
     */
    void (*destroy)(void *user_data);
} bg_callbacks;

/** What a `bg_callbacks` starts with. */
#define BG_CALLBACKS_INIT \
    { sizeof(bg_callbacks), 0, NULL, NULL, NULL, NULL, NULL, NULL }

/**
 * Registers who hears the events of the job, in place of the one before; NULL clears.
 *
 * The structure is copied; `user_data` is passed to every callback as it is. When the call has succeeded,
 * `destroy` runs for it once: after another registration, after clearing, or when the job ended or the queue
 * was closed. When the call fails, `destroy` does not run and `user_data` stays with the caller.
 *
 * An event that happened before is still told. When the call returns, the callbacks registered before are
 * not called any more, unless it is made from inside one of them. A registration ends with the
 * process: register again after opening the queue.
 *
 * Errors: `BG_E_INVALID_STATE` after the job ended, `BG_E_INVALIDARG` when `struct_size` is too small.
 * BITS: `IBackgroundCopyJob::SetNotifyInterface`.
 */
bg_result bg_job_set_callbacks(bg_job *job, const bg_callbacks *callbacks, void *user_data);

/**
 * Gives who hears the events of the job; all members but `struct_size` and the user data are NULL when nobody does.
 *
 * `user_data_out` gets what was registered with them. It is borrowed: `destroy` runs for it as before, when
 * the registration ends.
 *
 * Errors: `BG_E_INVALIDARG` when a place for a result is NULL or `callbacks_out` is too small.
 * BITS: `IBackgroundCopyJob::GetNotifyInterface`.
 */
bg_result bg_job_get_callbacks(bg_job *job,
                               bg_callbacks *callbacks_out,
                               void **user_data_out);


/* File
 * ====
 *
 * Files have no setters: they go with their job. Every function of a file also fails with
 * `BG_E_INVALIDARG` when `file` is NULL or no `bg_file`, and with `BG_E_DISCONNECTED` after the queue was
 * closed and in a forked child.
 */

/** How far a file is. Start with `BG_FILE_PROGRESS_INIT`. `BG_FILE_PROGRESS` */
typedef struct bg_file_progress {
    /** Size of this structure in the program; set by `BG_FILE_PROGRESS_INIT`. */
    uint32_t struct_size;
    /**
     * 1 when a downloaded file has its final name, which `bg_job_complete` gives it, or when an upload
     * is done; otherwise 0. A file is whole when its two byte counts are equal.
     */
    int32_t completed;
    /** Size in bytes, or `BG_SIZE_UNKNOWN`. */
    uint64_t bytes_total;
    /** Bytes transferred so far; back to 0 when the server replaced the file. */
    uint64_t bytes_transferred;
} bg_file_progress;

/** What a `bg_file_progress` starts with. */
#define BG_FILE_PROGRESS_INIT \
    { sizeof(bg_file_progress), 0, 0, 0 }

/** The value of a property of a file. Never changes. `BITS_FILE_PROPERTY_VALUE` */
typedef union bg_file_property_value {
    /** A text, or NULL. */
    char *string;
} bg_file_property_value;

/** Takes another reference to a file and returns it. NULL gives NULL. */
bg_file *bg_file_retain(bg_file *file);

/** Returns a reference to a file. NULL is fine. */
void bg_file_release(bg_file *file);

/**
 * Gives the URL.
 *
 * `remote_name_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `remote_name_out` is NULL. BITS: `IBackgroundCopyFile::GetRemoteName`.
 */
bg_result bg_file_get_remote_name(bg_file *file, char **remote_name_out);

/**
 * Gives the file another URL, durably.
 *
 * A transfer under way goes on with it. Bytes that are on disk are kept where the new server proves to have
 * the same file: its size, its Last-Modified date and the last 64 KiB agree; otherwise the file begins again. A
 * file that is already transferred is not transferred again. After an error, `bg_job_resume` goes on.
 *
 * Errors: `BG_E_INVALIDARG` for a name that is NULL or not allowed (see `bg_job_add_file`),
 * `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after the job ended. BITS:
 * `IBackgroundCopyFile2::SetRemoteName`.
 */
bg_result bg_file_set_remote_name(bg_file *file,
                                  const char *remote_name);

/**
 * Gives the path that the file has when its job is completed.
 *
 * `local_name_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `local_name_out` is NULL. BITS: `IBackgroundCopyFile::GetLocalName`.
 */
bg_result bg_file_get_local_name(bg_file *file, char **local_name_out);

/**
 * Gives the bytes transferred so far. Never waits for a disk or the network.
 *
 * `progress_out->struct_size` is set by the program.
 *
 * Errors: `BG_E_POINTER` when `progress_out` is NULL, `BG_E_INVALIDARG` when it is too small.
 * BITS: `IBackgroundCopyFile::GetProgress`.
 */
bg_result bg_file_get_progress(bg_file *file, bg_file_progress *progress_out);

/**
 * Gives the path of the file that receives the bytes, beside the final one.
 *
 * It may be read at any time; it is gone when the job has ended. Of a job in high-performance mode it is the final
 * path itself. `temporary_name_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `temporary_name_out` is NULL, `BG_E_NOTIMPL` for an upload. BITS:
 * `IBackgroundCopyFile3::GetTemporaryName`.
 */
bg_result bg_file_get_temporary_name(bg_file *file,
                                     char **temporary_name_out);

/**
 * Gives the place of the file in its job, in order of addition, from 0.
 *
 * Errors: `BG_E_POINTER` when `index_out` is NULL. BITS has no such method.
 */
bg_result bg_file_get_index(bg_file *file, uint32_t *index_out);

/**
 * Gives the job of the file.
 *
 * `job_out` is returned with `bg_job_release`.
 *
 * Errors: `BG_E_POINTER` when `job_out` is NULL. BITS has no such method.
 */
bg_result bg_file_get_job(bg_file *file, bg_job **job_out);

/**
 * Says whether the content of a transferred file is right: 0 for no, anything else for yes.
 *
 * A file that is not right is to be transferred again: its progress goes back to 0 and the job to
 * `BG_JOB_STATE_ERROR` with `BG_E_VALIDATION_FAILED`, until `bg_job_resume`; a suspended job stays suspended.
 * `bg_job_complete` takes every transferred file for right.
 *
 * Errors: `BG_E_PENDING` before the file is transferred, `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after
 * the job ended.
 * BITS: `IBackgroundCopyFile3::SetValidationState`.
 */
bg_result bg_file_set_validation_state(bg_file *file,
                                       int32_t valid);

/**
 * Gives 1 when the content was found right, and 0 when it was not or nobody said so.
 *
 * Errors: `BG_E_POINTER` when `valid_out` is NULL. BITS: `IBackgroundCopyFile3::GetValidationState`.
 */
bg_result bg_file_get_validation_state(bg_file *file, int32_t *valid_out);

/**
 * Gives 1 when a part of the file came from a peer: always 0, because this version has no peers.
 *
 * Errors: `BG_E_POINTER` when `from_peer_out` is NULL. BITS: `IBackgroundCopyFile3::IsDownloadedFromPeer`.
 */
bg_result bg_file_is_downloaded_from_peer(bg_file *file, int32_t *from_peer_out);

/**
 * Gives how many bytes of the file came from its server and how many from peers: none, because this version has
 * no peers.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyFile4::GetPeerDownloadStats`.
 */
bg_result bg_file_get_peer_download_stats(bg_file *file,
                                          uint64_t *from_origin_out,
                                          uint64_t *from_peers_out);

/**
 * Refuses to set a property: those of a file can only be read.
 *
 * Errors: `BG_E_READ_ONLY_PROPERTY` for a `BITS_FILE_PROPERTY_ID`, `BG_E_UNKNOWN_PROPERTY_ID` for another number. The
 * value is not looked at. BITS: `IBackgroundCopyFile5::SetProperty`.
 */
bg_result bg_file_set_property(bg_file *file,
                               int32_t property_id,
                               bg_file_property_value _value);

/**
 * Gives a property, a `BITS_FILE_PROPERTY_ID`, in the member of the value that belongs to it:
 *
 * - `BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS` (`string`): the headers of the last answer to a request for the
 *   file, also of a refusal: the status line and the header lines, each ended by CR LF. NULL before there was one,
 *   and for remote names that are files. They are kept with the job, and stay until the next answer. Bytes that are
 *   not UTF-8 are taken for Latin-1.
 *
 * `value_out->string` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_POINTER` when `value_out` is NULL.
 * BITS: `IBackgroundCopyFile5::GetProperty`.
 */
bg_result bg_file_get_property(bg_file *file,
                               int32_t property_id,
                               bg_file_property_value *value_out);


/* Error of a job
 * ==============
 *
 * Made when a job enters `BG_JOB_STATE_ERROR` or `BG_JOB_STATE_TRANSIENT_ERROR`; never for a call that failed.
 * Every function of an error also fails with `BG_E_INVALIDARG` when `error` is NULL or no `bg_error`.
 */

/** Takes another reference to an error and returns it. NULL gives NULL. */
bg_error *bg_error_retain(bg_error *error);

/** Returns a reference to an error. NULL is fine. */
void bg_error_release(bg_error *error);

/**
 * Gives the code of the error and the side it belongs to, a `BG_ERROR_CONTEXT`.
 *
 * Errors: `BG_E_POINTER` when one of the places is NULL; the other one is cleared then.
 * BITS: `IBackgroundCopyError::GetError`.
 */
bg_result bg_error_get_error(bg_error *error, bg_error_context *context_out, bg_result *code_out);

/**
 * Gives the file that was in work.
 *
 * `file_out` is returned with `bg_file_release`.
 *
 * Errors: `BG_E_FILE_NOT_AVAILABLE` when the error is not tied to a file, `BG_E_POINTER` when `file_out` is
 * NULL. BITS: `IBackgroundCopyError::GetFile`.
 */
bg_result bg_error_get_file(bg_error *error, bg_file **file_out);

/**
 * Describes the error code in one sentence for people.
 *
 * `language` is a Windows language identifier such as 0x0409; every language gets the English text.
 * `description_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `description_out` is NULL.
 * BITS: `IBackgroundCopyError::GetErrorDescription`.
 */
bg_result bg_error_get_error_description(bg_error *error, uint32_t language, char **description_out);

/**
 * Describes the context in one sentence for people.
 *
 * `language` is a Windows language identifier such as 0x0409; every language gets the English text.
 * `description_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `description_out` is NULL.
 * BITS: `IBackgroundCopyError::GetErrorContextDescription`.
 */
bg_result bg_error_get_error_context_description(bg_error *error, uint32_t language, char **description_out);

/**
 * Gives the protocol of the transfer that failed: "http", "https" or "file".
 *
 * `protocol_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_PROTOCOL_NOT_AVAILABLE` when the error is not tied to a transfer, `BG_E_POINTER` when
 * `protocol_out` is NULL. BITS: `IBackgroundCopyError::GetProtocol`.
 */
bg_result bg_error_get_protocol(bg_error *error, char **protocol_out);

/**
 * Says what failed in one sentence for people, with the URL or path: more than the description.
 *
 * `text_out` is freed with `bg_string_free`.
 *
 * Errors: `BG_E_POINTER` when `text_out` is NULL. BITS has no such method.
 */
bg_result bg_error_get_text(bg_error *error, char **text_out);


/* Enumerator of jobs
 * ==================
 *
 * Made by `bg_manager_enum_jobs`. An enumerator is a list and a place in it. Every function of an
 * enumerator also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or no `bg_enum_jobs`.
 */

/** Takes another reference to an enumerator and returns it. NULL gives NULL. */
bg_enum_jobs *bg_enum_jobs_retain(bg_enum_jobs *enumerator);

/** Returns a reference to an enumerator. NULL is fine. */
void bg_enum_jobs_release(bg_enum_jobs *enumerator);

/**
 * Gives the next `count` jobs and moves on.
 *
 * `jobs` has room for `count` handles, each returned with `bg_job_release`; places that are not filled
 * become NULL. `fetched_out` gets the number of jobs given and may be NULL when `count` is 1.
 *
 * Returns `BG_S_OK` when `count` jobs were given, `BG_S_FALSE` when fewer were left.
 *
 * Errors: `BG_E_POINTER` when `jobs` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is
 * NULL and `count` is not 1. BITS: `IEnumBackgroundCopyJobs::Next`.
 */
bg_result bg_enum_jobs_next(bg_enum_jobs *enumerator, uint32_t count, bg_job **jobs, uint32_t *fetched_out);

/**
 * Moves on by `count` jobs without giving them.
 *
 * Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyJobs::Skip`.
 */
bg_result bg_enum_jobs_skip(bg_enum_jobs *enumerator, uint32_t count);

/**
 * Goes back to the first of the jobs; the list stays as it was taken.
 *
 * BITS: `IEnumBackgroundCopyJobs::Reset`.
 */
bg_result bg_enum_jobs_reset(bg_enum_jobs *enumerator);

/**
 * Makes an enumerator of the same jobs at the same place; independent from then on.
 *
 * `clone_out` is returned with `bg_enum_jobs_release`.
 *
 * Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyJobs::Clone`.
 */
bg_result bg_enum_jobs_clone(bg_enum_jobs *enumerator, bg_enum_jobs **clone_out);

/**
 * Gives the number of jobs in the list, wherever the place is.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyJobs::GetCount`.
 */
bg_result bg_enum_jobs_get_count(bg_enum_jobs *enumerator, uint32_t *count_out);


/* Enumerator of files
 * ===================
 *
 * Made by `bg_job_enum_files`. An enumerator is a list and a place in it. Every function of an
 * enumerator also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or no `bg_enum_files`.
 */

/** Takes another reference to an enumerator and returns it. NULL gives NULL. */
bg_enum_files *bg_enum_files_retain(bg_enum_files *enumerator);

/** Returns a reference to an enumerator. NULL is fine. */
void bg_enum_files_release(bg_enum_files *enumerator);

/**
 * Gives the next `count` files and moves on.
 *
 * `files` has room for `count` handles, each returned with `bg_file_release`; places that are not filled
 * become NULL. `fetched_out` gets the number of files given and may be NULL when `count` is 1.
 *
 * Returns `BG_S_OK` when `count` files were given, `BG_S_FALSE` when fewer were left.
 *
 * Errors: `BG_E_POINTER` when `files` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is
 * NULL and `count` is not 1. BITS: `IEnumBackgroundCopyFiles::Next`.
 */
bg_result bg_enum_files_next(bg_enum_files *enumerator,
                             uint32_t count,
                             bg_file **files,
                             uint32_t *fetched_out);

/**
 * Moves on by `count` files without giving them.
 *
 * Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyFiles::Skip`.
 */
bg_result bg_enum_files_skip(bg_enum_files *enumerator, uint32_t count);

/**
 * Goes back to the first of the files; the list stays as it was taken.
 *
 * BITS: `IEnumBackgroundCopyFiles::Reset`.
 */
bg_result bg_enum_files_reset(bg_enum_files *enumerator);

/**
 * Makes an enumerator of the same files at the same place; independent from then on.
 *
 * `clone_out` is returned with `bg_enum_files_release`.
 *
 * Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyFiles::Clone`.
 */
bg_result bg_enum_files_clone(bg_enum_files *enumerator, bg_enum_files **clone_out);

/**
 * Gives the number of files in the list, wherever the place is.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyFiles::GetCount`.
 */
bg_result bg_enum_files_get_count(bg_enum_files *enumerator, uint32_t *count_out);


/* Log
 * ===
 *
 * The library tells what happens to which file in short messages. Nobody hears them unless the program
 * asks with `bg_log_set`, or the environment variable `BGCOPY_LOG` is `error`, `warn`, `info`, `debug` or
 * `trace` at the first `bg_manager_open`: then they go to the standard error output.
 */

/** No messages. */
#define BG_LOG_OFF 0

/** Something failed for good. */
#define BG_LOG_ERROR 1

/** Something failed and is tried again, or was repaired. */
#define BG_LOG_WARN 2

/** Jobs come, change their state and go. */
#define BG_LOG_INFO 3

/** Requests and decisions. */
#define BG_LOG_DEBUG 4

/** Everything. */
#define BG_LOG_TRACE 5

/**
 * Hears a message of one of the `BG_LOG_` levels. The texts hold until it returns.
 *
 * Called on any thread, by several at once, in the midst of the library's work: it must not call any
 * function of this header.
 */
typedef void (*bg_log_callback)(void *user_data, int32_t level, const char *target, const char *message);

/**
 * Sends the messages up to `max_level` to a callback, in place of the one before; NULL ends it.
 *
 * Process-wide. When it returns, the former callback is not called any more, so that its `user_data` may
 * be freed. `max_level` is one of the `BG_LOG_` constants.
 *
 * Errors: `BG_E_NOTIMPL` for an undefined level, `BG_E_INVALID_STATE` when it is called from inside the
 * callback, or when the library is part of a program that has its own logger of the Rust crate `log`.
 */
bg_result bg_log_set(bg_log_callback callback, void *user_data, int32_t max_level);


/* Legacy queue manager
 * ====================
 *
 * What programs had before BITS: groups, each with one job that holds the files. It shows the queue of a
 * `bg_manager` in another way: a group is a job of it, under an identifier that the program chooses, and appears in
 * `bg_manager_enum_jobs` too. Groups download over http and https. New programs use `bg_manager`.
 *
 * The files of a group have their names after `bg_group_cancel_group`, which takes the place of
 * `bg_job_complete`.
 */

/**
 * Shows an open queue as the legacy queue manager does.
 *
 * The queue stays open until its manager and this are released, or it is closed. `qmgr_out` is returned with
 * `bg_qmgr_release`.
 *
 * Errors: `BG_E_INVALIDARG` when `manager` is NULL or no `bg_manager`, `BG_E_POINTER` when `qmgr_out` is NULL.
 * BITS: `CoCreateInstance` of `BackgroundCopyQMgr`.
 */
bg_result bg_qmgr_open(bg_manager *manager,
                       bg_qmgr **qmgr_out);

/** Takes another reference to a legacy queue manager and returns it. NULL gives NULL. */
bg_qmgr *bg_qmgr_retain(bg_qmgr *qmgr);

/** Returns a reference to a legacy queue manager. NULL is fine. */
void bg_qmgr_release(bg_qmgr *qmgr);

/**
 * Creates a group, suspended and without a job, that belongs to the caller.
 *
 * `id` is chosen by the program. `group_out` is returned with `bg_group_release`; the group stays in the queue
 * without it.
 *
 * Errors: `BG_E_INVALIDARG` when `qmgr` or `id` is NULL, `id` is all 0 or a job or group of the queue has it,
 * `BG_E_TOO_MANY_JOBS_PER_USER` and `BG_E_TOO_MANY_JOBS_PER_MACHINE` where such a limit is set,
 * `BG_E_POINTER` when `group_out` is NULL, `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::CreateGroup`.
 */
bg_result bg_qmgr_create_group(bg_qmgr *qmgr,
                               const bg_guid *id,
                               bg_group **group_out);

/**
 * Finds a group by its identifier. Root becomes the owner of a group that it finds.
 *
 * `group_out` is returned with `bg_group_release`.
 *
 * Errors: `QM_E_ITEM_NOT_FOUND` when the queue has no such group, `BG_E_ACCESSDENIED` when it belongs to somebody
 * else, `BG_E_INVALIDARG` when `qmgr` or `id` is NULL, `BG_E_POINTER` when `group_out` is NULL,
 * `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::GetGroup`.
 */
bg_result bg_qmgr_get_group(bg_qmgr *qmgr,
                            const bg_guid *id,
                            bg_group **group_out);

/**
 * Lists the groups of the caller, for root those of everybody, in order of creation, as they are at this moment.
 *
 * `flags` is 0. `groups_out` is returned with `bg_enum_groups_release`.
 *
 * Errors: `BG_E_NOTIMPL` for other flags, `BG_E_INVALIDARG` when `qmgr` is NULL, `BG_E_POINTER` when
 * `groups_out` is NULL, `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::EnumGroups`.
 */
bg_result bg_qmgr_enum_groups(bg_qmgr *qmgr,
                              uint32_t flags,
                              bg_enum_groups **groups_out);


/* Legacy queue manager: group
 * ===========================
 *
 * Every function of a group also fails with `BG_E_INVALIDARG` when `group` is NULL or no `bg_group`, with
 * `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with `BG_E_ACCESSDENIED` when the
 * group belongs to somebody else.
 */

/** Properties of a group of the legacy queue manager. */
typedef enum GROUPPROP {
    /** Priority; 1 is the only one. */
    GROUPPROP_PRIORITY = 0,
    /** Not supported. */
    GROUPPROP_REMOTEUSERID = 1,
    /** Not supported. */
    GROUPPROP_REMOTEUSERPWD = 2,
    /** Not supported. */
    GROUPPROP_LOCALUSERID = 3,
    /** Not supported. */
    GROUPPROP_LOCALUSERPWD = 4,
    /** Protocol of the transfers. */
    GROUPPROP_PROTOCOLFLAGS = 5,
    /** Which notifications are wanted. */
    GROUPPROP_NOTIFYFLAGS = 6,
    /** Class to create for notifications, as text. */
    GROUPPROP_NOTIFYCLSID = 7,
    /** Not supported. */
    GROUPPROP_PROGRESSSIZE = 8,
    /** Not supported. */
    GROUPPROP_PROGRESSPERCENT = 9,
    /** Not supported. */
    GROUPPROP_PROGRESSTIME = 10,
    /** Name to show, at most 256 characters. */
    GROUPPROP_DISPLAYNAME = 11,
    /** Description, at most 1,024 characters. */
    GROUPPROP_DESCRIPTION = 12
} GROUPPROP;

/** Protocols of the legacy queue manager: plain numbers, not bits. */
typedef enum QM_PROTOCOL {
    /** HTTP, the only one that is accepted. */
    QM_PROTOCOL_HTTP = 1,
    /** FTP. */
    QM_PROTOCOL_FTP = 2,
    /** SMB. */
    QM_PROTOCOL_SMB = 3,
    /** A protocol of the program's own. */
    QM_PROTOCOL_CUSTOM = 4
} QM_PROTOCOL;

/** How the legacy queue manager measures progress: plain numbers, not bits. */
typedef enum QM_PROGRESS {
    /** In per cent. */
    QM_PROGRESS_PERCENT_DONE = 1,
    /** In time; not supported. */
    QM_PROGRESS_TIME_DONE = 2,
    /** In bytes. */
    QM_PROGRESS_SIZE_DONE = 3
} QM_PROGRESS;

/** Not supported. */
#define QM_NOTIFY_FILE_DONE 0x0001u

/** Not supported. */
#define QM_NOTIFY_JOB_DONE 0x0002u

/** The group is complete. */
#define QM_NOTIFY_GROUP_DONE 0x0004u

/** No notifications, errors included. */
#define QM_NOTIFY_DISABLE_NOTIFY 0x0040u

/** Not supported. */
#define QM_NOTIFY_USE_PROGRESSEX 0x0080u

/** The file is complete. */
#define QM_STATUS_FILE_COMPLETE 0x0001u

/** The file is not complete. */
#define QM_STATUS_FILE_INCOMPLETE 0x0002u

/** The job is complete. */
#define QM_STATUS_JOB_COMPLETE 0x0004u

/** The job is not complete. */
#define QM_STATUS_JOB_INCOMPLETE 0x0008u

/** The job has an error. */
#define QM_STATUS_JOB_ERROR 0x0010u

/** Not supported. */
#define QM_STATUS_JOB_FOREGROUND 0x0020u

/** The group is complete. */
#define QM_STATUS_GROUP_COMPLETE 0x0040u

/** The group is not complete. */
#define QM_STATUS_GROUP_INCOMPLETE 0x0080u

/** The group is suspended. */
#define QM_STATUS_GROUP_SUSPENDED 0x0100u

/** The group has an error. */
#define QM_STATUS_GROUP_ERROR 0x0200u

/** The group is transferred in the foreground. */
#define QM_STATUS_GROUP_FOREGROUND 0x0400u

/** One of the values of `GROUPPROP`. */
typedef int32_t bg_group_property;

/** Takes another reference to a group and returns it. NULL gives NULL. */
bg_group *bg_group_retain(bg_group *group);

/** Returns a reference to a group. NULL is fine. */
void bg_group_release(bg_group *group);

/**
 * Gives a property of the group, a `GROUPPROP`: a number or a text.
 *
 * Numbers are `GROUPPROP_PRIORITY`, always 1, `GROUPPROP_PROTOCOLFLAGS`, always `QM_PROTOCOL_HTTP`, and
 * `GROUPPROP_NOTIFYFLAGS`, 0 in a new group. Texts are `GROUPPROP_NOTIFYCLSID`, `GROUPPROP_DISPLAYNAME` and
 * `GROUPPROP_DESCRIPTION`. The place for the other kind of value may be NULL and becomes 0 or NULL. `*text_out` is
 * freed with `bg_string_free`.
 *
 * Errors: `BG_E_NOTIMPL` for the other properties, `BG_E_POINTER` when the place for the value is NULL.
 * BITS: `IBackgroundCopyGroup::GetProp`.
 */
bg_result bg_group_get_prop(bg_group *group,
                            bg_group_property property,
                            uint32_t *number_out,
                            char **text_out);

/**
 * Sets a property of the group, a `GROUPPROP`, to a number, or to a text where `text` is not NULL.
 *
 * `GROUPPROP_PRIORITY` takes 1 and `GROUPPROP_PROTOCOLFLAGS` `QM_PROTOCOL_HTTP`: nothing else is there.
 * `GROUPPROP_NOTIFYFLAGS` takes `QM_NOTIFY_GROUP_DONE`, to be told of the end too and not only of errors, and
 * `QM_NOTIFY_DISABLE_NOTIFY`. `GROUPPROP_NOTIFYCLSID` is kept; nothing is activated, see
 * `bg_group_set_notification_pointer`. `GROUPPROP_DISPLAYNAME` has at most 256 characters,
 * `GROUPPROP_DESCRIPTION` 1,024.
 *
 * Errors: `BG_E_NOTIMPL` for the other properties and flags, `BG_E_INVALIDARG` for a value of the wrong kind or one
 * that is not allowed, `BG_E_STRING_TOO_LONG`, `BG_E_INVALID_STATE` after the group was cancelled.
 * BITS: `IBackgroundCopyGroup::SetProp`.
 */
bg_result bg_group_set_prop(bg_group *group,
                            bg_group_property property,
                            uint32_t number,
                            const char *text);

/**
 * Gives how far the group is: in per cent for `QM_PROGRESS_PERCENT_DONE`, 0 while a size is unknown; in bytes for
 * `QM_PROGRESS_SIZE_DONE`, at most 4,294,967,295.
 *
 * Errors: `BG_E_NOTIMPL` for `QM_PROGRESS_TIME_DONE` and undefined values, `BG_E_POINTER` when `progress_out` is
 * NULL. BITS: `IBackgroundCopyGroup::GetProgress`.
 */
bg_result bg_group_get_progress(bg_group *group,
                                uint32_t kind,
                                uint32_t *progress_out);

/**
 * Gives what the group is at, a mask of `QM_STATUS_GROUP` flags, and 0 for the index of its job.
 *
 * `QM_STATUS_GROUP_COMPLETE`: every file is transferred. `QM_STATUS_GROUP_INCOMPLETE`: not yet, and with
 * `QM_STATUS_GROUP_SUSPENDED` or `QM_STATUS_GROUP_ERROR` not without `bg_group_resume_group`.
 * `QM_STATUS_GROUP_FOREGROUND` comes in addition.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyGroup::GetStatus`.
 */
bg_result bg_group_get_status(bg_group *group, uint32_t *status_out, uint32_t *job_index_out);

/**
 * Finds the job of the group by its identifier.
 *
 * `job_out` is returned with `bg_job1_release`.
 *
 * Errors: `QM_E_ITEM_NOT_FOUND` when the group has no such job, `BG_E_INVALIDARG` when `id` is NULL,
 * `BG_E_POINTER` when `job_out` is NULL. BITS: `IBackgroundCopyGroup::GetJob`.
 */
bg_result bg_group_get_job(bg_group *group, const bg_guid *id, bg_job1 **job_out);

/**
 * Stops the transfer of the group until `bg_group_resume_group`; what arrived is kept.
 *
 * Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::SuspendGroup`.
 */
bg_result bg_group_suspend_group(bg_group *group);

/**
 * Starts the transfer of the group, or goes on with it after an error.
 *
 * Errors: `BG_E_EMPTY` when the group has no file, `BG_E_INVALID_STATE` after the group was cancelled.
 * BITS: `IBackgroundCopyGroup::ResumeGroup`.
 */
bg_result bg_group_resume_group(bg_group *group);

/**
 * Ends the group: files that are transferred get their names, the others are deleted.
 *
 * Errors: the code of a file that could not be renamed, the group stays then; `BG_E_TOKEN_REQUIRED`
 * while its job has a helper token to use and none set; `BG_E_INVALID_STATE` after the group was cancelled.
 * BITS: `IBackgroundCopyGroup::CancelGroup`.
 */
bg_result bg_group_cancel_group(bg_group *group);

/**
 * Gives the bytes of all files of the group, at most 4,294,967,295; 0 while one of them is unknown.
 *
 * Errors: `BG_E_POINTER` when `size_out` is NULL. BITS: `IBackgroundCopyGroup::get_Size`.
 */
bg_result bg_group_get_size(bg_group *group, uint32_t *size_out);

/**
 * Gives the identifier of the group.
 *
 * Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyGroup::get_GroupID`.
 */
bg_result bg_group_get_group_id(bg_group *group, bg_guid *id_out);

/**
 * Gives the group its job, to which files are added.
 *
 * `id` is chosen by the program. `job_out` is returned with `bg_job1_release`.
 *
 * Errors: `QM_E_INVALID_STATE` while the group is transferred, `BG_E_NOTIMPL` when it has a job already,
 * `BG_E_INVALIDARG` when `id` is NULL or all 0, `BG_E_POINTER` when `job_out` is NULL,
 * `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::CreateJob`.
 */
bg_result bg_group_create_job(bg_group *group, const bg_guid *id, bg_job1 **job_out);

/**
 * Lists the one job of the group, or none.
 *
 * `flags` is 0. `jobs_out` is returned with `bg_enum_jobs1_release`.
 *
 * Errors: `BG_E_NOTIMPL` for other flags, `BG_E_POINTER` when `jobs_out` is NULL.
 * BITS: `IBackgroundCopyGroup::EnumJobs`.
 */
bg_result bg_group_enum_jobs(bg_group *group, uint32_t flags, bg_enum_jobs1 **jobs_out);

/**
 * Transfers the group in the foreground from now on. There is no way back.
 *
 * Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::SwitchToForeground`.
 */
bg_result bg_group_switch_to_foreground(bg_group *group);

/**
 * Gives the job of BITS that the group is.
 *
 * `iid` is the identifier of `IBackgroundCopyJob` or one of its successors: they have one handle here.
 * `job_out` is returned with `bg_job_release`.
 *
 * Errors: `BG_E_NOINTERFACE` for another identifier, `BG_E_INVALIDARG` when `iid` is NULL, `BG_E_POINTER` when
 * `job_out` is NULL. BITS: `IBackgroundCopyGroup::QueryNewJobInterface`.
 */
bg_result bg_group_query_new_job_interface(bg_group *group,
                                           const bg_guid *iid,
                                           bg_job **job_out);


/* Legacy queue manager: job
 * =========================
 *
 * The one job of a group. Every function of it also fails with `BG_E_INVALIDARG` when `job` is NULL or no
 * `bg_job1`, with `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with
 * `BG_E_ACCESSDENIED` when the group belongs to somebody else.
 */

/** A file to add. Never changes. `FILESETINFO` */
typedef struct bg_fileset_info {
    /** URL, http or https, at most 2,200 characters. */
    const char *remote_file;
    /** Absolute path in a directory that exists. */
    const char *local_file;
    /** Not used. */
    uint32_t size_hint;
} bg_fileset_info;

/** Takes another reference to the job of a group and returns it. NULL gives NULL. */
bg_job1 *bg_job1_retain(bg_job1 *job);

/** Returns a reference to the job of a group. NULL is fine. */
void bg_job1_release(bg_job1 *job);

/**
 * Never possible: a job is cancelled with its group, by `bg_group_cancel_group`.
 *
 * Errors: always `BG_E_NOTIMPL`. BITS: `IBackgroundCopyJob1::CancelJob`.
 */
bg_result bg_job1_cancel_job(bg_job1 *job);

/**
 * Gives how far the job is: in per cent for `QM_PROGRESS_PERCENT_DONE`, 0 while a size is unknown; in bytes for
 * `QM_PROGRESS_SIZE_DONE`, at most 4,294,967,295.
 *
 * Errors: `BG_E_NOTIMPL` for `QM_PROGRESS_TIME_DONE` and undefined values, `BG_E_POINTER` when `progress_out` is
 * NULL. BITS: `IBackgroundCopyJob1::GetProgress`.
 */
bg_result bg_job1_get_progress(bg_job1 *job,
                               uint32_t kind,
                               uint32_t *progress_out);

/**
 * Gives what the job is at, and what went wrong.
 *
 * `*status_out` is `QM_STATUS_JOB_COMPLETE` or `QM_STATUS_JOB_INCOMPLETE`, the latter with `QM_STATUS_JOB_ERROR` in
 * error; only then the others are not 0: a Win32 code, or the result code of bgcopy where Win32 has none; the HTTP
 * status, if there was one; and the number of failures.
 *
 * Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob1::GetStatus`.
 */
bg_result bg_job1_get_status(bg_job1 *job,
                             uint32_t *status_out,
                             uint32_t *win32_result_out,
                             uint32_t *transport_result_out,
                             uint32_t *retries_out);

/**
 * Adds files, all or none.
 *
 * `files` points to `count` elements, which are copied.
 *
 * Errors: as `bg_job_add_file_set`, and `BG_E_INVALIDARG` for a URL that is neither http nor https.
 * BITS: `IBackgroundCopyJob1::AddFiles`.
 */
bg_result bg_job1_add_files(bg_job1 *job, uint32_t count, const bg_fileset_info *files);

/**
 * Gives the names of a file, by its index from 0.
 *
 * `remote_file_out` and `local_file_out` are freed with `bg_string_free`.
 *
 * Errors: `QM_E_ITEM_NOT_FOUND` beyond the last file, `BG_E_POINTER` when a place for a result is NULL.
 * BITS: `IBackgroundCopyJob1::GetFile`.
 */
bg_result bg_job1_get_file(bg_job1 *job, uint32_t index, char **remote_file_out, char **local_file_out);

/**
 * Gives the number of files.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IBackgroundCopyJob1::GetFileCount`.
 */
bg_result bg_job1_get_file_count(bg_job1 *job, uint32_t *count_out);

/**
 * Transfers the group of the job in the foreground from now on. There is no way back.
 *
 * Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyJob1::SwitchToForeground`.
 */
bg_result bg_job1_switch_to_foreground(bg_job1 *job);

/**
 * Gives the identifier of the job.
 *
 * Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyJob1::get_JobID`.
 */
bg_result bg_job1_get_job_id(bg_job1 *job, bg_guid *id_out);


/* Legacy queue manager: callbacks
 * ===============================
 *
 * They run as those of a `bg_job`, whose rules hold here too: on threads of the library, under no lock, with handles
 * that are borrowed.
 */

/**
 * Who hears how a group ends. Start with `BG_CALLBACKS1_INIT`; NULL members are not called.
 * `IBackgroundCopyCallback1`
 */
typedef struct bg_callbacks1 {
    /** Size of this structure in the program; set by `BG_CALLBACKS1_INIT`. */
    uint32_t struct_size;
    /** Always 0. */
    uint32_t reserved;
    /**
     * The group is complete, or in error where `status` has `QM_STATUS_GROUP_ERROR`; then the last three are what
     * `bg_job1_get_status` gives. `job` is NULL when the group has none, `file_index` is `BG_FILE_NONE` when it is
     * about no file. Told again later unless it returns `BG_S_OK`.
     */
    bg_result (*on_status)(void *user_data,
                           bg_group *group,
                           bg_job1 *job,
                           uint32_t file_index,
                           uint32_t status,
                           uint32_t retries,
                           uint32_t win32_result,
                           uint32_t transport_result);
    /** Never called, as in BITS: ask `bg_group_get_progress`. */
    bg_result (*on_progress)(void *user_data,
                             uint32_t progress_type,
                             bg_group *group,
                             bg_job1 *job,
                             uint32_t file_index,
                             uint32_t progress_value);
    /** Never called, as in BITS: ask `bg_group_get_progress`. */
    bg_result (*on_progress_ex)(void *user_data,
                                uint32_t progress_type,
                                bg_group *group,
                                bg_job1 *job,
                                uint32_t file_index,
                                uint32_t progress_value,
                                uint32_t byte_count,
                                const uint8_t *bytes);
    /**
     * The last call for this `user_data`: free it here. Runs exactly once, on any thread, after the last
     * callback has returned.
     */
    void (*destroy)(void *user_data);
} bg_callbacks1;

/** What a `bg_callbacks1` starts with. */
#define BG_CALLBACKS1_INIT \
    { sizeof(bg_callbacks1), 0, NULL, NULL, NULL, NULL }

/**
 * Registers who hears how the group ends, in place of who did before; NULL clears.
 *
 * Errors are told unless `QM_NOTIFY_DISABLE_NOTIFY` is set, the end when `QM_NOTIFY_GROUP_DONE` is set; see
 * `bg_group_set_prop`. What happened before is still told. The structure is copied; `user_data` is passed on and
 * `destroy` runs for it as `bg_job_set_callbacks` says, whose registration this replaces. A registration ends
 * with the process.
 *
 * Errors: `BG_E_INVALID_STATE` after the group was cancelled, `BG_E_INVALIDARG` when `struct_size` is too small.
 * BITS: `IBackgroundCopyGroup::SetNotificationPointer`.
 */
bg_result bg_group_set_notification_pointer(bg_group *group,
                                            const bg_callbacks1 *callbacks,
                                            void *user_data);


/* Legacy queue manager: the list of groups
 * ========================================
 *
 * Its elements are identifiers. Every function of it also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or
 * no `bg_enum_groups`.
 */

/** Takes another reference to an enumerator and returns it. NULL gives NULL. */
bg_enum_groups *bg_enum_groups_retain(bg_enum_groups *enumerator);

/** Returns a reference to an enumerator. NULL is fine. */
void bg_enum_groups_release(bg_enum_groups *enumerator);

/**
 * Gives the identifiers of the next `count` groups and moves on.
 *
 * `ids` has room for `count` of them; places that are not filled become all 0. `fetched_out` gets the number that was
 * given and may be NULL when `count` is 1.
 *
 * Returns `BG_S_OK` when `count` were given, `BG_S_FALSE` when fewer were left.
 *
 * Errors: `BG_E_POINTER` when `ids` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is NULL
 * and `count` is not 1. BITS: `IEnumBackgroundCopyGroups::Next`.
 */
bg_result bg_enum_groups_next(bg_enum_groups *enumerator,
                              uint32_t count,
                              bg_guid *ids,
                              uint32_t *fetched_out);

/**
 * Moves on by `count` groups without giving them.
 *
 * Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyGroups::Skip`.
 */
bg_result bg_enum_groups_skip(bg_enum_groups *enumerator, uint32_t count);

/**
 * Goes back to the first of the groups; the list stays as it was taken.
 *
 * BITS: `IEnumBackgroundCopyGroups::Reset`.
 */
bg_result bg_enum_groups_reset(bg_enum_groups *enumerator);

/**
 * Makes an enumerator of the same groups at the same place; independent from then on.
 *
 * `clone_out` is returned with `bg_enum_groups_release`.
 *
 * Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyGroups::Clone`.
 */
bg_result bg_enum_groups_clone(bg_enum_groups *enumerator, bg_enum_groups **clone_out);

/**
 * Gives the number of groups in the list, wherever the place is.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyGroups::GetCount`.
 */
bg_result bg_enum_groups_get_count(bg_enum_groups *enumerator, uint32_t *count_out);


/* Legacy queue manager: the list of jobs
 * ======================================
 *
 * Its elements are identifiers. Every function of it also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or
 * no `bg_enum_jobs1`.
 */

/** Takes another reference to an enumerator and returns it. NULL gives NULL. */
bg_enum_jobs1 *bg_enum_jobs1_retain(bg_enum_jobs1 *enumerator);

/** Returns a reference to an enumerator. NULL is fine. */
void bg_enum_jobs1_release(bg_enum_jobs1 *enumerator);

/**
 * Gives the identifiers of the next `count` jobs and moves on.
 *
 * `ids` has room for `count` of them; places that are not filled become all 0. `fetched_out` gets the number that was
 * given and may be NULL when `count` is 1.
 *
 * Returns `BG_S_OK` when `count` were given, `BG_S_FALSE` when fewer were left.
 *
 * Errors: `BG_E_POINTER` when `ids` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is NULL
 * and `count` is not 1. BITS: `IEnumBackgroundCopyJobs1::Next`.
 */
bg_result bg_enum_jobs1_next(bg_enum_jobs1 *enumerator,
                             uint32_t count,
                             bg_guid *ids,
                             uint32_t *fetched_out);

/**
 * Moves on by `count` jobs without giving them.
 *
 * Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyJobs1::Skip`.
 */
bg_result bg_enum_jobs1_skip(bg_enum_jobs1 *enumerator, uint32_t count);

/**
 * Goes back to the first of the jobs; the list stays as it was taken.
 *
 * BITS: `IEnumBackgroundCopyJobs1::Reset`.
 */
bg_result bg_enum_jobs1_reset(bg_enum_jobs1 *enumerator);

/**
 * Makes an enumerator of the same jobs at the same place; independent from then on.
 *
 * `clone_out` is returned with `bg_enum_jobs1_release`.
 *
 * Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyJobs1::Clone`.
 */
bg_result bg_enum_jobs1_clone(bg_enum_jobs1 *enumerator, bg_enum_jobs1 **clone_out);

/**
 * Gives the number of jobs in the list, wherever the place is.
 *
 * Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyJobs1::GetCount`.
 */
bg_result bg_enum_jobs1_get_count(bg_enum_jobs1 *enumerator, uint32_t *count_out);


/* Server set-up
 * =============
 *
 * Where this machine receives uploads: `bgcopy-server` and its configuration, a TOML file. These functions enable
 * and disable uploads to directories that the configuration has, as a set-up program does. They need no queue, and the
 * right to write beside the configuration, in `/etc/bgcopy/server.d` for `/etc/bgcopy/server.toml`: what a program says is
 * in a file of its own there, and the administrator's file stays as it is. A server that is running has followed when the
 * function returns, if its configuration has a `[control]` socket; else it follows with `systemctl reload bgcopy-server`.
 *
 *     static bg_result receive_orders(void)
 *     {
 *         bg_extension_setup_factory *factory = NULL;
 *         bg_extension_setup *orders = NULL;
 *         bg_result result = bg_extension_setup_factory_open(NULL, &factory);
 *         if (result >= 0)
 *             result = bg_extension_setup_factory_get_object(factory, "/orders", &orders);
 *         if (result >= 0)
 *             result = bg_extension_setup_enable_bits_uploads(orders);
 *         bg_extension_setup_release(orders);
 *         bg_extension_setup_factory_release(factory);
 *         return result;
 *     }
 */

/**
 * Makes what finds the directories of the server of this machine.
 *
 * `configuration` is the path of the server's configuration file, the one that the server is started with. With NULL it is
 * the one that `$BGCOPY_SERVER_CONFIGURATION` names, else `/etc/bgcopy/server.toml`. It is read by the calls that need it.
 * `factory_out` is returned with `bg_extension_setup_factory_release`.
 *
 * Errors: `BG_E_INVALIDARG` when the path is not absolute or not UTF-8, `BG_E_POINTER` when `factory_out` is NULL.
 * BITS: `CoCreateInstance` of `BITSExtensionSetupFactory`.
 */
bg_result bg_extension_setup_factory_open(const char *configuration,
                                          bg_extension_setup_factory **factory_out);

/** Takes another reference to a factory and returns it. NULL gives NULL. */
bg_extension_setup_factory *bg_extension_setup_factory_retain(bg_extension_setup_factory *factory);

/** Returns a reference to a factory. NULL is fine. */
void bg_extension_setup_factory_release(bg_extension_setup_factory *factory);

/**
 * Finds a directory of the server.
 *
 * `path` is where the directory is in URLs, its `url_prefix` in the configuration, such as `/orders`; or its name in
 * IIS, such as `IIS://localhost/W3SVC/1/ROOT/orders`. There is one site, and `ROOT` may be left out. `setup_out` is
 * returned with `bg_extension_setup_release`.
 *
 * Errors: `BG_E_INVALIDARG` when `factory` or `path` is NULL, or the path is of another kind or names another machine,
 * `BG_E_WIN32_PATH_NOT_FOUND` when the configuration does not have the directory, `BG_E_WIN32_FILE_NOT_FOUND` when there is
 * no configuration, `BG_E_ACCESSDENIED` when it may not be read, `BG_E_WIN32_INVALID_DATA` when it says what cannot be,
 * `BG_E_WIN32_DIRECTORY`, `BG_E_WIN32_FILENAME_EXCED_RANGE` and `BG_E_WIN32_READ_FAULT` when it is no file, has too long a
 * name or fails, `BG_E_POINTER` when `setup_out` is NULL.
 * BITS: `IBITSExtensionSetupFactory::GetObject`.
 */
bg_result bg_extension_setup_factory_get_object(bg_extension_setup_factory *factory,
                                                const char *path,
                                                bg_extension_setup **setup_out);


/* Server set-up: a directory
 * ==========================
 *
 * What a program can do with a directory of the server. Every function reads the configuration anew, and has the errors of
 * `bg_extension_setup_factory_get_object` besides its own.
 */

/** How the server removes what is left of old uploads. Start with `BG_CLEANUP_TASK_INIT`. */
typedef struct bg_cleanup_task {
    /** Size of this structure in the program; set by `BG_CLEANUP_TASK_INIT`. */
    uint32_t struct_size;
    /** From one clean-up to the next. */
    uint32_t interval_s;
    /** An upload without progress for so long is removed. */
    uint32_t session_timeout_s;
    /** Most uploads that a user keeps, the oldest; 0 for no limit. */
    uint32_t sessions_per_user;
} bg_cleanup_task;

/** What a `bg_cleanup_task` starts with. */
#define BG_CLEANUP_TASK_INIT \
    { sizeof(bg_cleanup_task), 0, 0, 0 }

/** Takes another reference to a directory of the server and returns it. NULL gives NULL. */
bg_extension_setup *bg_extension_setup_retain(bg_extension_setup *setup);

/** Returns a reference to a directory of the server. NULL is fine. */
void bg_extension_setup_release(bg_extension_setup *setup);

/**
 * Enables uploads to the directory, with the settings of the configuration. They stay enabled after a new start of the
 * server and of the machine. Where they are enabled already, it only has the server follow.
 *
 * The directory has no scripts, so there is no permission to take away from it as IIS does.
 *
 * Errors: as `bg_extension_setup_factory_get_object`, and `BG_E_WIN32_PATH_NOT_FOUND` when the directory is not on disk,
 * `BG_E_WIN32_ALREADY_EXISTS` when another file beside the configuration disables them and has the last word,
 * `BG_E_WIN32_DISK_FULL`, `BG_E_WIN32_FILENAME_EXCED_RANGE` when the path is too long for the name of a file,
 * `BG_E_WIN32_WRITE_FAULT`, `BG_E_WIN32_CAN_NOT_COMPLETE` when the running server says why it cannot follow, and
 * `BG_E_WIN32_TIMEOUT` when it does not answer within a minute. BITS: `IBITSExtensionSetup::EnableBITSUploads`.
 */
bg_result bg_extension_setup_enable_bits_uploads(bg_extension_setup *setup);

/**
 * Disables uploads to the directory: those that are not finished are removed, and files that have arrived stay.
 * Jobs that upload there end in error with `BG_E_ACCESSDENIED`.
 *
 * Errors: as `bg_extension_setup_enable_bits_uploads`. BITS: `IBITSExtensionSetup::DisableBITSUploads`.
 */
bg_result bg_extension_setup_disable_bits_uploads(bg_extension_setup *setup);

/**
 * Gives the name of the task that removes what is left of old uploads: the unit of systemd. The
 * server does it by itself, too; `systemctl start` has it done now.
 *
 * `task_name_out` is freed with `bg_string_free`. `BG_S_FALSE` and NULL where uploads are disabled: there is no task.
 *
 * Errors: as `bg_extension_setup_factory_get_object`, and `BG_E_POINTER` when `task_name_out` is NULL.
 * BITS: `IBITSExtensionSetup::GetCleanupTaskName`.
 */
bg_result bg_extension_setup_get_cleanup_task_name(bg_extension_setup *setup,
                                                   char **task_name_out);

/**
 * Gives the task that removes what is left of old uploads: how often, and what it removes.
 *
 * The server does it, and not a scheduler of the system, so it is a structure in place of the object of Task Scheduler.
 * `BG_S_FALSE` and zeros where uploads are disabled: there is no task.
 *
 * Errors: as `bg_extension_setup_factory_get_object`, `BG_E_INVALIDARG` when `struct_size` is too small, and
 * `BG_E_POINTER` when `task` is NULL. BITS: `IBITSExtensionSetup::GetCleanupTask`.
 */
bg_result bg_extension_setup_get_cleanup_task(bg_extension_setup *setup,
                                              bg_cleanup_task *task);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* BGCOPY_H */
