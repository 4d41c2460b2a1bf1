//! THE table of result codes: names, numbers, retry classes and texts are written here and nowhere else.

use crate::result::RetryClass::{Fatal, NotAJobError, Transient, Waiting};
use crate::result::{ResultCode, RetryClass, http_class};

/// One row of [`TABLE`].
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of the constant, as in the C header.
    pub name: &'static str,
    /// The number.
    pub code: ResultCode,
    /// Whether a job with this error is tried again.
    pub class: RetryClass,
    /// What is wrong and what to do, in English.
    pub text: &'static str,
}

macro_rules! result_table {
    ($($name:ident = $value:literal, $class:expr, $text:literal;)*) => {
        impl ResultCode {
            $(
                #[doc = $text]
                pub const $name: ResultCode = ResultCode($value as u32 as i32);
            )*
        }

        /// Every named code once, each number once, by origin and number.
        pub const TABLE: &[Entry] = &[
            $(Entry { name: stringify!($name), code: ResultCode::$name, class: $class, text: $text },)*
        ];
    };
}

result_table! {
    // Success.
    BG_S_OK = 0x00000000, NotAJobError,
        "The call succeeded.";
    BG_S_FALSE = 0x00000001, NotAJobError,
        "The call succeeded and the answer is no, or there is nothing more to return.";
    BG_S_ERROR_CONTEXT_NONE = 0x00200006, NotAJobError,
        "No error has occurred.";
    BG_S_PARTIAL_COMPLETE = 0x00200017, NotAJobError,
        "The finished files of the job were kept; those that were not finished were deleted.";
    BG_S_UNABLE_TO_DELETE_FILES = 0x0020001A, NotAJobError,
        "The job ended, but some of its temporary files could not be removed; delete them by hand.";
    BG_S_PROXY_CHANGED = 0x0020002A, NotAJobError,
        "The proxy server in use has changed.";
    BG_S_OVERRIDDEN_BY_POLICY = 0x00200055, NotAJobError,
        "The setting was stored, but a policy of this computer with another value is in force.";

    // Queue, jobs and transfers.
    BG_E_NOT_FOUND = 0x80200001, NotAJobError,
        "There is no job with this identifier; it may have been completed or cancelled.";
    BG_E_INVALID_STATE = 0x80200002, NotAJobError,
        "The state of the job does not allow this action; look at the state first.";
    BG_E_EMPTY = 0x80200003, NotAJobError,
        "The job has no files; add one before resuming it.";
    BG_E_FILE_NOT_AVAILABLE = 0x80200004, NotAJobError,
        "The error does not belong to a particular file of the job.";
    BG_E_PROTOCOL_NOT_AVAILABLE = 0x80200005, NotAJobError,
        "The error does not belong to a particular transfer protocol.";
    BG_E_ERROR_CONTEXT_UNKNOWN = 0x80200007, NotAJobError,
        "The error arose in a place that is not known.";
    BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER = 0x80200008, NotAJobError,
        "The error arose in the queue of jobs.";
    BG_E_ERROR_CONTEXT_LOCAL_FILE = 0x80200009, NotAJobError,
        "The error arose while working on the local file.";
    BG_E_ERROR_CONTEXT_REMOTE_FILE = 0x8020000A, NotAJobError,
        "The error arose while working on the remote file.";
    BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT = 0x8020000B, NotAJobError,
        "The error arose in the network connection, not in one particular file.";
    BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION = 0x8020000C, NotAJobError,
        "The error arose while notifying the program that owns the job.";
    BG_E_DESTINATION_LOCKED = 0x8020000D, Waiting,
        "The volume of the local file cannot be used now; the job goes on when it is writable again.";
    BG_E_VOLUME_CHANGED = 0x8020000E, Fatal,
        "Another volume is mounted where the local file was begun; mount the former one and resume the job.";
    BG_E_ERROR_INFORMATION_UNAVAILABLE = 0x8020000F, NotAJobError,
        "The job has no error now; details exist only in the states ERROR and TRANSIENT_ERROR.";
    BG_E_NETWORK_DISCONNECTED = 0x80200010, Waiting,
        "This computer has no network; the job goes on when it is connected again.";
    BG_E_MISSING_FILE_SIZE = 0x80200011, Fatal,
        "The server does not tell the size of the file; use static content, or allow dynamic content for the job.";
    BG_E_INSUFFICIENT_HTTP_SUPPORT = 0x80200012, Fatal,
        "The server does not support what is needed of HTTP/1.1; fetch the file from another server.";
    BG_E_INSUFFICIENT_RANGE_SUPPORT = 0x80200013, Fatal,
        "The server, or a proxy before it, does not serve parts of files; repair it, or use foreground priority.";
    BG_E_REMOTE_NOT_SUPPORTED = 0x80200014, NotAJobError,
        "The queue cannot be used from another computer; run the program on this one.";
    BG_E_NEW_OWNER_DIFF_MAPPING = 0x80200015, NotAJobError,
        "The local path leads the new owner to another place; ownership was not changed.";
    BG_E_NEW_OWNER_NO_FILE_ACCESS = 0x80200016, NotAJobError,
        "The new owner may not use the temporary files of the job; grant access and try again.";
    BG_E_PROXY_LIST_TOO_LARGE = 0x80200018, NotAJobError,
        "The list of proxies is too long; shorten it to 4,000 characters.";
    BG_E_PROXY_BYPASS_LIST_TOO_LARGE = 0x80200019, NotAJobError,
        "The list of hosts that bypass the proxy is too long; shorten it to 4,000 characters.";
    BG_E_INVALID_SERVER_RESPONSE = 0x8020001B, Fatal,
        "The answer of the server breaks the protocol; resume to try again, or ask its administrator.";
    BG_E_TOO_MANY_FILES = 0x8020001C, NotAJobError,
        "An upload job carries one file only; create a job for each further file.";
    BG_E_LOCAL_FILE_CHANGED = 0x8020001D, Fatal,
        "The local file was modified during its upload; resume the job to send it from the beginning.";
    BG_E_ERROR_CONTEXT_REMOTE_APPLICATION = 0x8020001E, NotAJobError,
        "The error arose in the server application that receives the upload.";
    BG_E_SESSION_NOT_FOUND = 0x8020001F, Transient,
        "The server does not know the upload session any more; the upload starts again in a new one.";
    BG_E_TOO_LARGE = 0x80200020, Fatal,
        "The data is larger than allowed: the upload for its server, or the reply for this call.";
    BG_E_STRING_TOO_LONG = 0x80200021, NotAJobError,
        "A text argument is longer than its limit; shorten it.";
    BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH = 0x80200022, Fatal,
        "Client and server have no version of the upload protocol in common; update the older one.";
    BG_E_SERVER_EXECUTE_ENABLE = 0x80200023, Fatal,
        "The upload directory of the server allows programs to run; take that permission away there.";
    BG_E_NO_PROGRESS = 0x80200024, Transient,
        "Nothing was transferred for too long; the server may be set up wrongly. The job is tried again later.";
    BG_E_USERNAME_TOO_LARGE = 0x80200025, NotAJobError,
        "The user name is longer than 300 characters; shorten it.";
    BG_E_PASSWORD_TOO_LARGE = 0x80200026, NotAJobError,
        "The password is longer than allowed; shorten it.";
    BG_E_INVALID_AUTH_TARGET = 0x80200027, NotAJobError,
        "The target of the credentials is unknown; use the server or the proxy.";
    BG_E_INVALID_AUTH_SCHEME = 0x80200028, NotAJobError,
        "The authentication scheme is unknown; use one of the BG_AUTH_SCHEME values.";
    BG_E_FILE_NOT_FOUND = 0x80200029, NotAJobError,
        "The job has no file of that name.";
    BG_E_INVALID_RANGE = 0x8020002B, Fatal,
        "A byte range is malformed or lies outside the file; correct the ranges.";
    BG_E_OVERLAPPING_RANGES = 0x8020002C, NotAJobError,
        "Two byte ranges of the file overlap; name each byte once.";
    BG_E_CONNECT_FAILURE = 0x8020002D, Transient,
        "No connection to the server could be made; the transfer is tried again later.";
    BG_E_CONNECTION_CLOSED = 0x8020002E, Transient,
        "The connection ended before all bytes had arrived; the transfer goes on from there later.";

    // Named in the oldest headers only, reserved since.
    BG_E_KEEP_ALIVE_FAILURE = 0x8020002F, Transient,
        "The server closed a connection that was to stay open; the transfer is tried again later.";
    BG_E_MESSAGE_LENGTH_LIMIT_EXCEEDED = 0x80200030, Fatal,
        "A message of the server is longer than the limit; ask its administrator.";
    BG_E_NAME_RESOLUTION_FAILURE = 0x80200031, Transient,
        "The host name of the server was not found; check the URL and the name service.";
    // BG_E_PENDING in those headers: here that is the generic E_PENDING, which calls do return.
    BG_E_REQUEST_PENDING = 0x80200032, NotAJobError,
        "The request is still under way; wait for its result.";
    BG_E_PIPELINE_FAILURE = 0x80200033, Transient,
        "Several requests on one connection failed together; the transfer is tried again later.";
    BG_E_PROTOCOL_ERROR = 0x80200034, Transient,
        "The server answered outside the protocol; the transfer is tried again later.";
    BG_E_PROXY_NAME_RESOLUTION_FAILURE = 0x80200035, Transient,
        "The host name of the proxy was not found; check the proxy settings and the name service.";
    BG_E_RECEIVE_FAILURE = 0x80200036, Transient,
        "Receiving from the server failed; the transfer is tried again later.";
    BG_E_REQUEST_CANCELED = 0x80200037, Transient,
        "The request was given up before it was answered; the transfer is tried again later.";
    BG_E_SECURE_CHANNEL_FAILURE = 0x80200038, Transient,
        "The encrypted connection could not be set up; the transfer is tried again later.";
    BG_E_SEND_FAILURE = 0x80200039, Transient,
        "Sending to the server failed; the transfer is tried again later.";
    BG_E_SERVER_PROTOCOL_VIOLATION = 0x8020003A, Transient,
        "The server violated the HTTP protocol; the transfer is tried again later.";
    BG_E_TIMEOUT = 0x8020003B, Transient,
        "The server did not answer in time; the transfer is tried again later.";
    BG_E_TRUST_FAILURE = 0x8020003C, Fatal,
        "The certificate of the server is not trusted; install the certificate of its authority, or use another server.";
    BG_E_UNKNOWN_ERROR = 0x8020003D, Transient,
        "The network failed in an unknown way; the transfer is tried again later.";

    // Queue, jobs and transfers, continued.
    BG_E_BLOCKED_BY_POLICY = 0x8020003E, Waiting,
        "The bandwidth policy allows no background transfers now; the job goes on when it does.";
    BG_E_INVALID_PROXY_INFO = 0x8020003F, Fatal,
        "The proxy list or the bypass list of the job is malformed; correct it and resume the job.";
    BG_E_INVALID_CREDENTIALS = 0x80200040, Fatal,
        "The credentials are malformed; set them again and resume the job.";
    BG_E_INVALID_HASH_ALGORITHM = 0x80200041, NotAJobError,
        "The hash algorithm is not supported; choose another.";
    BG_E_RECORD_DELETED = 0x80200042, NotAJobError,
        "The record is not in the peer cache any more.";
    BG_E_COMMIT_IN_PROGRESS = 0x80200043, NotAJobError,
        "Another thread is updating this record of the peer cache; try again shortly.";
    BG_E_DISCOVERY_IN_PROGRESS = 0x80200044, NotAJobError,
        "A search for peers is running already; try again in a few seconds.";
    BG_E_UPNP_ERROR = 0x80200045, Transient,
        "The gateway of this network gave no usable information about its traffic.";
    BG_E_TEST_OPTION_BLOCKED_DOWNLOAD = 0x80200046, Fatal,
        "A test setting stopped the download after the search for peers; remove the setting.";
    BG_E_PEERCACHING_DISABLED = 0x80200047, NotAJobError,
        "Peer caching is turned off; enable it for this computer first.";
    BG_E_BUSYCACHERECORD = 0x80200048, NotAJobError,
        "The record of the peer cache is in use; try again in a few seconds.";
    BG_E_TOO_MANY_JOBS_PER_USER = 0x80200049, NotAJobError,
        "This user has as many jobs as the policy allows; complete or cancel some.";
    BG_E_TOO_MANY_JOBS_PER_MACHINE = 0x80200050, NotAJobError,
        "This computer has as many jobs as the policy allows; complete or cancel some.";
    BG_E_TOO_MANY_FILES_IN_JOB = 0x80200051, NotAJobError,
        "The job has as many files as the policy allows; put further files into another job.";
    BG_E_TOO_MANY_RANGES_IN_FILE = 0x80200052, NotAJobError,
        "The file has as many byte ranges as the policy allows; join ranges or fetch the whole file.";
    BG_E_VALIDATION_FAILED = 0x80200053, Fatal,
        "The program rejected the content of the file; resume the job to download it again.";
    BG_E_MAXDOWNLOAD_TIMEOUT = 0x80200054, Fatal,
        "The download took longer than its time limit; resume the job to grant the time again.";
    BG_E_TOKEN_REQUIRED = 0x80200056, Fatal,
        "The job is to use a helper token and has none; set the token or clear its flags, then resume the job.";
    BG_E_UNKNOWN_PROPERTY_ID = 0x80200057, NotAJobError,
        "There is no property with this identifier.";
    BG_E_READ_ONLY_PROPERTY = 0x80200058, NotAJobError,
        "The property can be read only.";
    BG_E_BLOCKED_BY_COST_TRANSFER_POLICY = 0x80200059, Transient,
        "The cost settings of the job exclude the present network; the job goes on when a cheaper one is connected.";
    BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY = 0x80200060, NotAJobError,
        "Only download jobs have this property.";
    BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE = 0x80200061, NotAJobError,
        "The property is fixed once the job has a file; set it on a new job first.";
    BG_E_READ_ONLY_PROPERTY_AFTER_RESUME = 0x80200062, NotAJobError,
        "The property is fixed once the job was resumed; set it before that.";
    BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE = 0x80200063, NotAJobError,
        "The limit for the size of a download must be at least 1 byte.";
    BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED = 0x80200064, Fatal,
        "The job would download more than its size limit allows; create it again with a higher limit.";
    BG_E_STANDBY_MODE = 0x80200065, Waiting,
        "The computer is in standby; the job goes on when it wakes.";
    BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED = 0x80200066, NotAJobError,
        "Stored credentials can be used towards a proxy only.";
    BG_E_BLOCKED_BY_BATTERY_POLICY = 0x80200067, Waiting,
        "The computer runs on battery; the job goes on when it is connected to power.";
    BG_E_BLOCKED_BY_BATTERY_SAVER = 0x80200068, Transient,
        "The computer saves battery power; the job goes on when it stops doing so.";
    BG_E_WATCHDOG_TIMEOUT = 0x80200069, Transient,
        "An internal step took too long and was given up; the transfer is tried again later.";
    BG_E_APP_PACKAGE_NOT_FOUND = 0x8020006A, NotAJobError,
        "The owner of the job, or the caller, does not belong to an application package.";
    BG_E_APP_PACKAGE_SCENARIO_NOT_SUPPORTED = 0x8020006B, NotAJobError,
        "Application packages cannot be used here: something they depend on is missing.";
    BG_E_DATABASE_CORRUPT = 0x8020006C, NotAJobError,
        "The stored queue is damaged; reopen the queue to have it set aside and replaced.";
    BG_E_RANDOM_ACCESS_NOT_SUPPORTED = 0x8020006D, NotAJobError,
        "Single ranges of this file cannot be requested: the job or its server does not support that.";
    BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY = 0x8020006E, Waiting,
        "The application may not work in the background now; the job goes on when it may.";
    BG_E_BLOCKED_BY_GAME_MODE = 0x8020006F, Transient,
        "A game has asked for all resources; the job goes on when it ends.";
    BG_E_BLOCKED_BY_SYSTEM_POLICY = 0x80200070, Waiting,
        "The system is short of resources; the job goes on by itself.";
    BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD = 0x80200071, NotAJobError,
        "A job with its own HTTP method does not allow this action.";
    BG_E_UNSUPPORTED_JOB_CONFIGURATION = 0x80200072, NotAJobError,
        "The action contradicts other settings of the job; change those first.";
    BG_E_REMOTE_FILE_CHANGED = 0x80200073, Fatal,
        "The remote file changed during the transfer; resume the job to fetch the new version.";
    BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED = 0x80200074, Fatal,
        "The job checks certificates by a callback that is not there; set the callback again and resume the job.";
    BG_E_READ_ONLY_WHEN_JOB_ACTIVE = 0x80200075, NotAJobError,
        "The setting cannot change while the job is active; suspend it first.";
    BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK = 0x80200076, NotAJobError,
        "The error arose in the certificate check of the program.";

    // HTTP statuses.
    BG_E_HTTP_ERROR_100 = 0x80190064, http_class(100),
        "The server asked for the rest of the request and then sent no result (100).";
    BG_E_HTTP_ERROR_101 = 0x80190065, http_class(101),
        "The server switched to another protocol without being asked (101).";
    BG_E_HTTP_ERROR_200 = 0x801900C8, http_class(200),
        "The server reported plain success where something else was needed (200).";
    BG_E_HTTP_ERROR_201 = 0x801900C9, http_class(201),
        "The server created a resource instead of answering the request (201).";
    BG_E_HTTP_ERROR_202 = 0x801900CA, http_class(202),
        "The server took the request but has no result yet (202).";
    BG_E_HTTP_ERROR_203 = 0x801900CB, http_class(203),
        "The answer was changed by somebody between server and client (203).";
    BG_E_HTTP_ERROR_204 = 0x801900CC, http_class(204),
        "The server has no content at this URL (204).";
    BG_E_HTTP_ERROR_205 = 0x801900CD, http_class(205),
        "The server asked to reset the view, which is no answer to a transfer (205).";
    BG_E_HTTP_ERROR_206 = 0x801900CE, http_class(206),
        "The server sent a part of the file where that was not expected (206).";
    BG_E_HTTP_ERROR_300 = 0x8019012C, http_class(300),
        "The server offers several versions of the file; give the job the URL of one of them (300).";
    BG_E_HTTP_ERROR_301 = 0x8019012D, http_class(301),
        "The file moved for good; give the job the new URL (301).";
    BG_E_HTTP_ERROR_302 = 0x8019012E, http_class(302),
        "The file is at another URL for now; allow redirects, or give the job that URL (302).";
    BG_E_HTTP_ERROR_303 = 0x8019012F, http_class(303),
        "The server points to another resource; give the job that URL (303).";
    BG_E_HTTP_ERROR_304 = 0x80190130, http_class(304),
        "The server says the file is unchanged, though nothing like that was asked (304).";
    BG_E_HTTP_ERROR_305 = 0x80190131, http_class(305),
        "The file can be reached through a certain proxy only; set that proxy for the job (305).";
    BG_E_HTTP_ERROR_307 = 0x80190133, http_class(307),
        "The file is at another URL for now; allow redirects, or give the job that URL (307).";
    BG_E_HTTP_ERROR_400 = 0x80190190, http_class(400),
        "The server does not understand the request; check the URL and the headers of the job (400).";
    BG_E_HTTP_ERROR_401 = 0x80190191, http_class(401),
        "The server wants credentials, or refused those of the job; set them and resume the job (401).";
    BG_E_HTTP_ERROR_402 = 0x80190192, http_class(402),
        "The server wants a payment for this file (402).";
    BG_E_HTTP_ERROR_403 = 0x80190193, http_class(403),
        "The server forbids access to this file; ask its administrator (403).";
    BG_E_HTTP_ERROR_404 = 0x80190194, http_class(404),
        "The server has no file at this URL; correct the URL and resume the job (404).";
    BG_E_HTTP_ERROR_405 = 0x80190195, http_class(405),
        "The server does not allow this HTTP method at this URL (405).";
    BG_E_HTTP_ERROR_406 = 0x80190196, http_class(406),
        "The server has no form of the file that the request accepts; check the headers of the job (406).";
    BG_E_HTTP_ERROR_407 = 0x80190197, http_class(407),
        "The proxy wants credentials, or refused those of the job; set them and resume the job (407).";
    BG_E_HTTP_ERROR_408 = 0x80190198, http_class(408),
        "The server waited too long for the request; the transfer is tried again later (408).";
    BG_E_HTTP_ERROR_409 = 0x80190199, http_class(409),
        "The request conflicts with the present state of the file on the server; it is tried again later (409).";
    BG_E_HTTP_ERROR_410 = 0x8019019A, http_class(410),
        "The file was removed from the server for good; use another source (410).";
    BG_E_HTTP_ERROR_411 = 0x8019019B, http_class(411),
        "The server wants to know the length of the request beforehand (411).";
    BG_E_HTTP_ERROR_412 = 0x8019019C, http_class(412),
        "A condition in the headers of the job does not hold on the server; check those headers (412).";
    BG_E_HTTP_ERROR_413 = 0x8019019D, http_class(413),
        "The request is larger than the server accepts; send a smaller file, or have its limit raised (413).";
    BG_E_HTTP_ERROR_414 = 0x8019019E, http_class(414),
        "The URL is longer than the server accepts; shorten it (414).";
    BG_E_HTTP_ERROR_415 = 0x8019019F, http_class(415),
        "The server does not accept data of this type at this URL (415).";
    BG_E_HTTP_ERROR_416 = 0x801901A0, http_class(416),
        "The requested bytes lie outside the file on the server; it may have changed (416).";
    BG_E_HTTP_ERROR_417 = 0x801901A1, http_class(417),
        "The server cannot meet an expectation in the headers of the job; check those headers (417).";
    BG_E_HTTP_ERROR_449 = 0x801901C1, http_class(449),
        "The server wants the request again after some action that only a user can take (449).";
    BG_E_HTTP_ERROR_500 = 0x801901F4, http_class(500),
        "The server failed while answering; the transfer is tried again later (500).";
    BG_E_HTTP_ERROR_501 = 0x801901F5, http_class(501),
        "The server does not support what was requested; uploads may be turned off there (501).";
    BG_E_HTTP_ERROR_502 = 0x801901F6, http_class(502),
        "A gateway got no valid answer from the server behind it; the transfer is tried again later (502).";
    BG_E_HTTP_ERROR_503 = 0x801901F7, http_class(503),
        "The server is overloaded or under maintenance; the transfer is tried again later (503).";
    BG_E_HTTP_ERROR_504 = 0x801901F8, http_class(504),
        "A gateway waited too long for the server behind it; the transfer is tried again later (504).";
    BG_E_HTTP_ERROR_505 = 0x801901F9, http_class(505),
        "The server does not support HTTP/1.1; fetch the file from another server (505).";

    // Message identifiers of the event log.
    BITS_MC_JOB_CANCELLED = 0x80194000, NotAJobError,
        "An administrator cancelled the job of another user.";
    BITS_MC_FILE_DELETION_FAILED = 0x80194001, NotAJobError,
        "The job was cancelled, but the listed temporary files could not be removed; delete them by hand.";
    BITS_MC_FILE_DELETION_FAILED_MORE = 0x80194002, NotAJobError,
        "The job was cancelled, but temporary files, of which only some are listed, could not be removed.";
    BITS_MC_JOB_PROPERTY_CHANGE = 0x80194003, NotAJobError,
        "An administrator changed a property of the job of another user.";
    BITS_MC_JOB_TAKE_OWNERSHIP = 0x80194004, NotAJobError,
        "An administrator took over the job of another user.";
    BITS_MC_JOB_SCAVENGED = 0x80194005, NotAJobError,
        "The job was cancelled because nobody had touched it for too many days.";
    BITS_MC_JOB_NOTIFICATION_FAILURE = 0x80194006, NotAJobError,
        "The program of the job could not be notified; it is notified again later.";
    BITS_MC_STATE_FILE_CORRUPT = 0x80194007, NotAJobError,
        "The stored queue could not be read and was replaced by an empty one.";
    BITS_MC_FAILED_TO_START = 0x80194008, NotAJobError,
        "The transfer service could not start.";
    BITS_MC_FATAL_IGD_ERROR = 0x80194009, NotAJobError,
        "The gateway of the network misbehaves and is not asked again until the next start.";
    BITS_MC_PEERCACHING_PORT = 0x8019400A, NotAJobError,
        "Port for content served to peers.";
    BITS_MC_WSD_PORT = 0x8019400B, NotAJobError,
        "Port for the discovery of peers.";

    // Generic codes.
    BG_E_PENDING = 0x8000000A, NotAJobError,
        "The data is not complete yet; call again when the transfer is done.";
    BG_E_UNEXPECTED = 0x8000FFFF, Fatal,
        "Something went wrong inside the library; please report it with the detail text.";
    BG_E_NOTIMPL = 0x80004001, NotAJobError,
        "This object does not support the call, or does not know one of the values given.";
    BG_E_NOINTERFACE = 0x80004002, NotAJobError,
        "The object does not have this interface.";
    BG_E_POINTER = 0x80004003, NotAJobError,
        "A pointer that must not be NULL is NULL.";
    BG_E_FAIL = 0x80004005, Fatal,
        "The operation failed and no code says why; see the detail text.";
    BG_E_DISCONNECTED = 0x80010108, NotAJobError,
        "The queue behind this object was closed; open it again.";
    BG_E_FAILEDTOIMPERSONATE = 0x80010123, NotAJobError,
        "The identity of the caller could not be taken over; the caller must allow impersonation.";
    BG_E_CLASSNOTREG = 0x80040154, NotAJobError,
        "This version does not have the requested class.";
    BG_E_CRYPT_NOT_FOUND = 0x80092004, NotAJobError,
        "The client certificate is not in the certificate store; check its hash or name.";
    BG_E_ACCESSDENIED = 0x80070005, Fatal,
        "Access is denied; check the permissions of the file, the directory or the caller.";
    BG_E_OUTOFMEMORY = 0x8007000E, Transient,
        "There is not enough memory; close other programs and try again.";
    // A job's own malformed settings are documented to end as a transient error.
    BG_E_INVALIDARG = 0x80070057, Transient,
        "An argument or a setting is not valid; see the detail text for which.";

    // Win32 codes.
    BG_E_WIN32_FILE_NOT_FOUND = 0x80070002, Fatal,
        "The file does not exist; check its name.";
    BG_E_WIN32_PATH_NOT_FOUND = 0x80070003, Fatal,
        "A directory of the path does not exist; create it and resume the job.";
    BG_E_WIN32_TOO_MANY_OPEN_FILES = 0x80070004, Transient,
        "Too many files are open; the transfer is tried again later. Raise the limit if this persists.";
    BG_E_WIN32_INVALID_HANDLE = 0x80070006, Fatal,
        "A handle does not refer to an open object.";
    BG_E_WIN32_INVALID_DATA = 0x8007000D, Fatal,
        "A file says what cannot be; the detail text names the file and the line.";
    BG_E_WIN32_NOT_SAME_DEVICE = 0x80070011, Fatal,
        "The file cannot be moved to another file system; choose a destination on the same one.";
    BG_E_WIN32_WRITE_FAULT = 0x8007001D, Fatal,
        "Writing the file failed; check the disk and resume the job.";
    BG_E_WIN32_READ_FAULT = 0x8007001E, Fatal,
        "Reading the file failed; check the disk and resume the job.";
    BG_E_WIN32_SHARING_VIOLATION = 0x80070020, Transient,
        "Another program is using the file; the transfer is tried again later.";
    BG_E_WIN32_HANDLE_EOF = 0x80070026, Fatal,
        "The file is shorter than it should be.";
    BG_E_WIN32_NOT_SUPPORTED = 0x80070032, Fatal,
        "The file system or the device does not support the operation.";
    BG_E_WIN32_FILE_EXISTS = 0x80070050, Fatal,
        "The file exists already; remove it or choose another name.";
    BG_E_WIN32_BUFFER_OVERFLOW = 0x8007006F, Fatal,
        "The file name is too long; shorten it.";
    BG_E_WIN32_DISK_FULL = 0x80070070, Transient,
        "The disk or the quota is full; free some space. The transfer is tried again later.";
    BG_E_WIN32_INVALID_NAME = 0x8007007B, Fatal,
        "The file name is not valid; correct it.";
    BG_E_WIN32_DIR_NOT_EMPTY = 0x80070091, Fatal,
        "The directory is not empty.";
    BG_E_WIN32_BUSY = 0x800700AA, Transient,
        "The object is in use; try again later.";
    BG_E_WIN32_ALREADY_EXISTS = 0x800700B7, Fatal,
        "An object of this name exists already.";
    BG_E_WIN32_FILENAME_EXCED_RANGE = 0x800700CE, Fatal,
        "The file name is too long or has characters the file system refuses; choose another.";
    BG_E_WIN32_FILE_TOO_LARGE = 0x800700DF, Fatal,
        "The file is larger than the file system or the user's limit allows.";
    BG_E_WIN32_DIRECTORY = 0x8007010B, Fatal,
        "There is a directory where a file is needed, or the directory name is not valid.";
    BG_E_WIN32_OPERATION_ABORTED = 0x800703E3, Transient,
        "The operation was interrupted; the transfer is tried again later.";
    BG_E_WIN32_CAN_NOT_COMPLETE = 0x800703EB, Transient,
        "No network interface leads to the server; check the default gateway.";
    BG_E_WIN32_IO_DEVICE = 0x8007045D, Fatal,
        "The disk reported an input or output error; check it and resume the job.";
    BG_E_WIN32_TOO_MANY_LINKS = 0x80070476, Fatal,
        "The file has as many links as the file system allows.";
    BG_E_WIN32_DEVICE_NOT_CONNECTED = 0x8007048F, Fatal,
        "The device of the file is not connected; connect it and resume the job.";
    BG_E_WIN32_CANCELLED = 0x800704C7, NotAJobError,
        "The operation was cancelled.";
    BG_E_WIN32_RETRY = 0x800704D5, Transient,
        "The operation could not be completed now; it is tried again later.";
    BG_E_WIN32_TIMEOUT = 0x800705B4, Transient,
        "The operation took longer than its time limit; it is tried again later.";
    BG_E_RPC_NULL_REF_POINTER = 0x800706F4, NotAJobError,
        "A required argument is NULL.";
    BG_E_RPC_BAD_STUB_DATA = 0x800706F7, NotAJobError,
        "An argument has the wrong length; a certificate hash has 20 bytes.";
    BG_E_WIN32_RESOURCE_LANG_NOT_FOUND = 0x80070717, NotAJobError,
        "The description does not exist in that language.";
    BG_E_WIN32_CANT_RESOLVE_FILENAME = 0x80070781, Fatal,
        "The path goes through a symbolic link that is not followed, or through too many of them.";

    // Redirects that the policy of the job disallows: the HTTP status in the place of a Win32 code.
    BG_E_REDIRECT_REFUSED_300 = 0x8007012C, Fatal,
        "The server offers several versions of the file and the job does not allow redirects (300).";
    BG_E_REDIRECT_REFUSED_301 = 0x8007012D, Fatal,
        "The file moved for good and the job does not allow redirects; resume to use the new URL (301).";
    BG_E_REDIRECT_REFUSED_302 = 0x8007012E, Fatal,
        "The file is at another URL for now and the job does not allow redirects; resume to use it (302).";
    BG_E_REDIRECT_REFUSED_303 = 0x8007012F, Fatal,
        "The server points to another resource and the job does not allow redirects; resume to use it (303).";
    BG_E_REDIRECT_REFUSED_307 = 0x80070133, Fatal,
        "The file is at another URL for now and the job does not allow redirects; resume to use it (307).";
    BG_E_REDIRECT_REFUSED_308 = 0x80070134, Fatal,
        "The file moved for good and the job does not allow redirects; resume to use the new URL (308).";

    // Codes of the HTTP stack.
    BG_E_WINHTTP_INTERNAL_ERROR = 0x80072EE4, Transient,
        "The HTTP stack failed inside; the transfer is tried again later.";
    BG_E_WINHTTP_TIMEOUT = 0x80072EE2, Transient,
        "The server did not answer in time; the transfer is tried again later.";
    BG_E_WINHTTP_INVALID_URL = 0x80072EE5, Fatal,
        "The URL is not valid; correct it and resume the job.";
    BG_E_WINHTTP_UNRECOGNIZED_SCHEME = 0x80072EE6, Fatal,
        "The URL does not begin with http or https; correct it and resume the job.";
    BG_E_WINHTTP_NAME_NOT_RESOLVED = 0x80072EE7, Transient,
        "The host name of the server or proxy was not found; check the URL and the name service.";
    BG_E_WINHTTP_LOGIN_FAILURE = 0x80072EEF, Fatal,
        "The server refused the credentials; set others and resume the job.";
    BG_E_WINHTTP_OPERATION_CANCELLED = 0x80072EF1, Transient,
        "The request was given up before it was answered; the transfer is tried again later.";
    BG_E_WINHTTP_CANNOT_CONNECT = 0x80072EFD, Transient,
        "No connection to the server could be made; the transfer is tried again later.";
    BG_E_WINHTTP_CONNECTION_ERROR = 0x80072EFE, Transient,
        "The connection to the server broke; the transfer goes on later.";
    BG_E_WINHTTP_SECURE_CERT_DATE_INVALID = 0x80072F05, Fatal,
        "The certificate of the server has expired or is not valid yet; check the clock, then ask its administrator.";
    BG_E_WINHTTP_SECURE_CERT_CN_INVALID = 0x80072F06, Fatal,
        "The certificate of the server belongs to another host name; check the URL.";
    BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED = 0x80072F0C, Fatal,
        "The server wants a client certificate; set one for the job and resume it.";
    BG_E_WINHTTP_SECURE_INVALID_CA = 0x80072F0D, Fatal,
        "The certificate of the server is not signed by a trusted authority; install that authority's certificate.";
    BG_E_WINHTTP_SECURE_CERT_REV_FAILED = 0x80072F19, Fatal,
        "Whether the certificate of the server was revoked could not be checked; resume to try again.";
    BG_E_WINHTTP_HEADER_NOT_FOUND = 0x80072F76, Transient,
        "The answer of the server lacks a header; the transfer is tried again later.";
    BG_E_WINHTTP_INVALID_SERVER_RESPONSE = 0x80072F78, Transient,
        "The answer of the server is not HTTP; the transfer is tried again later.";
    BG_E_WINHTTP_REDIRECT_FAILED = 0x80072F7C, Fatal,
        "The server redirects in a circle, too often, or from https to http; check the URL.";
    BG_E_WINHTTP_SECURE_CHANNEL_ERROR = 0x80072F7D, Transient,
        "The encrypted connection could not be set up; the transfer is tried again later.";
    BG_E_WINHTTP_BAD_AUTO_PROXY_SCRIPT = 0x80072F86, Transient,
        "The script that finds the proxy is faulty; correct it or set the proxy by hand.";
    BG_E_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT = 0x80072F87, Transient,
        "The script that finds the proxy could not be fetched; the transfer is tried again later.";
    BG_E_WINHTTP_SECURE_INVALID_CERT = 0x80072F89, Fatal,
        "The certificate of the server is malformed or misused; ask its administrator.";
    BG_E_WINHTTP_SECURE_CERT_REVOKED = 0x80072F8A, Fatal,
        "The certificate of the server was revoked; do not trust this server.";
    BG_E_WINHTTP_SECURE_FAILURE = 0x80072F8F, Fatal,
        "The certificate of the server was refused; see the detail text for the reason.";
    BG_E_WINHTTP_AUTO_PROXY_SERVICE_ERROR = 0x80072F92, Transient,
        "The service that finds the proxy failed; the transfer is tried again later.";
    BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE = 0x80072F93, Fatal,
        "The certificate of the server is not meant for servers; ask its administrator.";
    BG_E_WINHTTP_AUTODETECTION_FAILED = 0x80072F94, Transient,
        "No proxy could be detected; set one by hand or connect directly.";
    BG_E_WINHTTP_HEADER_COUNT_EXCEEDED = 0x80072F95, Transient,
        "The server sent more headers than are accepted; the transfer is tried again later.";
    BG_E_WINHTTP_HEADER_SIZE_OVERFLOW = 0x80072F96, Transient,
        "The server sent larger headers than are accepted; the transfer is tried again later.";
    BG_E_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY = 0x80072F99, Fatal,
        "The client certificate has no private key; install the key and resume the job.";
    BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY = 0x80072F9A, Fatal,
        "The private key of the client certificate cannot be used; grant access to it and resume the job.";

    // Legacy queue manager.
    QM_E_INVALID_STATE = 0x81001001, NotAJobError,
        "The state of the group does not allow this action.";
    QM_E_SERVICE_UNAVAILABLE = 0x81001002, NotAJobError,
        "The queue is not available; open it again.";
    QM_E_DOWNLOADER_UNAVAILABLE = 0x81001003, NotAJobError,
        "The transfer engine is not available; open the queue again.";
    QM_E_ITEM_NOT_FOUND = 0x81001004, NotAJobError,
        "There is no such group, job or file.";
}
