//! The numbers are a contract with programs written for Windows: they are written down here a second time.

use std::collections::HashMap;

use bgcopy_protocol::result::TABLE;
use bgcopy_protocol::{ResultCode, RetryClass};

const NUMBERS: &[(&str, u32)] = &[
    // success
    ("BG_S_ERROR_CONTEXT_NONE", 0x00200006),
    ("BG_S_PARTIAL_COMPLETE", 0x00200017),
    ("BG_S_UNABLE_TO_DELETE_FILES", 0x0020001A),
    ("BG_S_PROXY_CHANGED", 0x0020002A),
    ("BG_S_OVERRIDDEN_BY_POLICY", 0x00200055),
    // queue, jobs and transfers
    ("BG_E_NOT_FOUND", 0x80200001),
    ("BG_E_INVALID_STATE", 0x80200002),
    ("BG_E_EMPTY", 0x80200003),
    ("BG_E_FILE_NOT_AVAILABLE", 0x80200004),
    ("BG_E_PROTOCOL_NOT_AVAILABLE", 0x80200005),
    ("BG_E_ERROR_CONTEXT_UNKNOWN", 0x80200007),
    ("BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER", 0x80200008),
    ("BG_E_ERROR_CONTEXT_LOCAL_FILE", 0x80200009),
    ("BG_E_ERROR_CONTEXT_REMOTE_FILE", 0x8020000A),
    ("BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT", 0x8020000B),
    ("BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION", 0x8020000C),
    ("BG_E_DESTINATION_LOCKED", 0x8020000D),
    ("BG_E_VOLUME_CHANGED", 0x8020000E),
    ("BG_E_ERROR_INFORMATION_UNAVAILABLE", 0x8020000F),
    ("BG_E_NETWORK_DISCONNECTED", 0x80200010),
    ("BG_E_MISSING_FILE_SIZE", 0x80200011),
    ("BG_E_INSUFFICIENT_HTTP_SUPPORT", 0x80200012),
    ("BG_E_INSUFFICIENT_RANGE_SUPPORT", 0x80200013),
    ("BG_E_REMOTE_NOT_SUPPORTED", 0x80200014),
    ("BG_E_NEW_OWNER_DIFF_MAPPING", 0x80200015),
    ("BG_E_NEW_OWNER_NO_FILE_ACCESS", 0x80200016),
    ("BG_E_PROXY_LIST_TOO_LARGE", 0x80200018),
    ("BG_E_PROXY_BYPASS_LIST_TOO_LARGE", 0x80200019),
    ("BG_E_INVALID_SERVER_RESPONSE", 0x8020001B),
    ("BG_E_TOO_MANY_FILES", 0x8020001C),
    ("BG_E_LOCAL_FILE_CHANGED", 0x8020001D),
    ("BG_E_ERROR_CONTEXT_REMOTE_APPLICATION", 0x8020001E),
    ("BG_E_SESSION_NOT_FOUND", 0x8020001F),
    ("BG_E_TOO_LARGE", 0x80200020),
    ("BG_E_STRING_TOO_LONG", 0x80200021),
    ("BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH", 0x80200022),
    ("BG_E_SERVER_EXECUTE_ENABLE", 0x80200023),
    ("BG_E_NO_PROGRESS", 0x80200024),
    ("BG_E_USERNAME_TOO_LARGE", 0x80200025),
    ("BG_E_PASSWORD_TOO_LARGE", 0x80200026),
    ("BG_E_INVALID_AUTH_TARGET", 0x80200027),
    ("BG_E_INVALID_AUTH_SCHEME", 0x80200028),
    ("BG_E_FILE_NOT_FOUND", 0x80200029),
    ("BG_E_INVALID_RANGE", 0x8020002B),
    ("BG_E_OVERLAPPING_RANGES", 0x8020002C),
    ("BG_E_CONNECT_FAILURE", 0x8020002D),
    ("BG_E_CONNECTION_CLOSED", 0x8020002E),
    ("BG_E_BLOCKED_BY_POLICY", 0x8020003E),
    ("BG_E_INVALID_PROXY_INFO", 0x8020003F),
    ("BG_E_INVALID_CREDENTIALS", 0x80200040),
    ("BG_E_INVALID_HASH_ALGORITHM", 0x80200041),
    ("BG_E_RECORD_DELETED", 0x80200042),
    ("BG_E_COMMIT_IN_PROGRESS", 0x80200043),
    ("BG_E_DISCOVERY_IN_PROGRESS", 0x80200044),
    ("BG_E_UPNP_ERROR", 0x80200045),
    ("BG_E_TEST_OPTION_BLOCKED_DOWNLOAD", 0x80200046),
    ("BG_E_PEERCACHING_DISABLED", 0x80200047),
    ("BG_E_BUSYCACHERECORD", 0x80200048),
    ("BG_E_TOO_MANY_JOBS_PER_USER", 0x80200049),
    ("BG_E_TOO_MANY_JOBS_PER_MACHINE", 0x80200050),
    ("BG_E_TOO_MANY_FILES_IN_JOB", 0x80200051),
    ("BG_E_TOO_MANY_RANGES_IN_FILE", 0x80200052),
    ("BG_E_VALIDATION_FAILED", 0x80200053),
    ("BG_E_MAXDOWNLOAD_TIMEOUT", 0x80200054),
    ("BG_E_TOKEN_REQUIRED", 0x80200056),
    ("BG_E_UNKNOWN_PROPERTY_ID", 0x80200057),
    ("BG_E_READ_ONLY_PROPERTY", 0x80200058),
    ("BG_E_BLOCKED_BY_COST_TRANSFER_POLICY", 0x80200059),
    ("BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY", 0x80200060),
    ("BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE", 0x80200061),
    ("BG_E_READ_ONLY_PROPERTY_AFTER_RESUME", 0x80200062),
    ("BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE", 0x80200063),
    ("BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED", 0x80200064),
    ("BG_E_STANDBY_MODE", 0x80200065),
    ("BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED", 0x80200066),
    ("BG_E_BLOCKED_BY_BATTERY_POLICY", 0x80200067),
    ("BG_E_BLOCKED_BY_BATTERY_SAVER", 0x80200068),
    ("BG_E_WATCHDOG_TIMEOUT", 0x80200069),
    ("BG_E_APP_PACKAGE_NOT_FOUND", 0x8020006A),
    ("BG_E_APP_PACKAGE_SCENARIO_NOT_SUPPORTED", 0x8020006B),
    ("BG_E_DATABASE_CORRUPT", 0x8020006C),
    ("BG_E_RANDOM_ACCESS_NOT_SUPPORTED", 0x8020006D),
    ("BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY", 0x8020006E),
    ("BG_E_BLOCKED_BY_GAME_MODE", 0x8020006F),
    ("BG_E_BLOCKED_BY_SYSTEM_POLICY", 0x80200070),
    ("BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD", 0x80200071),
    ("BG_E_UNSUPPORTED_JOB_CONFIGURATION", 0x80200072),
    ("BG_E_REMOTE_FILE_CHANGED", 0x80200073),
    ("BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED", 0x80200074),
    ("BG_E_READ_ONLY_WHEN_JOB_ACTIVE", 0x80200075),
    ("BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK", 0x80200076),
    // HTTP statuses
    ("BG_E_HTTP_ERROR_100", 0x80190064),
    ("BG_E_HTTP_ERROR_101", 0x80190065),
    ("BG_E_HTTP_ERROR_200", 0x801900C8),
    ("BG_E_HTTP_ERROR_201", 0x801900C9),
    ("BG_E_HTTP_ERROR_202", 0x801900CA),
    ("BG_E_HTTP_ERROR_203", 0x801900CB),
    ("BG_E_HTTP_ERROR_204", 0x801900CC),
    ("BG_E_HTTP_ERROR_205", 0x801900CD),
    ("BG_E_HTTP_ERROR_206", 0x801900CE),
    ("BG_E_HTTP_ERROR_300", 0x8019012C),
    ("BG_E_HTTP_ERROR_301", 0x8019012D),
    ("BG_E_HTTP_ERROR_302", 0x8019012E),
    ("BG_E_HTTP_ERROR_303", 0x8019012F),
    ("BG_E_HTTP_ERROR_304", 0x80190130),
    ("BG_E_HTTP_ERROR_305", 0x80190131),
    ("BG_E_HTTP_ERROR_307", 0x80190133),
    ("BG_E_HTTP_ERROR_400", 0x80190190),
    ("BG_E_HTTP_ERROR_401", 0x80190191),
    ("BG_E_HTTP_ERROR_402", 0x80190192),
    ("BG_E_HTTP_ERROR_403", 0x80190193),
    ("BG_E_HTTP_ERROR_404", 0x80190194),
    ("BG_E_HTTP_ERROR_405", 0x80190195),
    ("BG_E_HTTP_ERROR_406", 0x80190196),
    ("BG_E_HTTP_ERROR_407", 0x80190197),
    ("BG_E_HTTP_ERROR_408", 0x80190198),
    ("BG_E_HTTP_ERROR_409", 0x80190199),
    ("BG_E_HTTP_ERROR_410", 0x8019019A),
    ("BG_E_HTTP_ERROR_411", 0x8019019B),
    ("BG_E_HTTP_ERROR_412", 0x8019019C),
    ("BG_E_HTTP_ERROR_413", 0x8019019D),
    ("BG_E_HTTP_ERROR_414", 0x8019019E),
    ("BG_E_HTTP_ERROR_415", 0x8019019F),
    ("BG_E_HTTP_ERROR_416", 0x801901A0),
    ("BG_E_HTTP_ERROR_417", 0x801901A1),
    ("BG_E_HTTP_ERROR_449", 0x801901C1),
    ("BG_E_HTTP_ERROR_500", 0x801901F4),
    ("BG_E_HTTP_ERROR_501", 0x801901F5),
    ("BG_E_HTTP_ERROR_502", 0x801901F6),
    ("BG_E_HTTP_ERROR_503", 0x801901F7),
    ("BG_E_HTTP_ERROR_504", 0x801901F8),
    ("BG_E_HTTP_ERROR_505", 0x801901F9),
    // names of the oldest headers
    ("BG_E_KEEP_ALIVE_FAILURE", 0x8020002F),
    ("BG_E_MESSAGE_LENGTH_LIMIT_EXCEEDED", 0x80200030),
    ("BG_E_NAME_RESOLUTION_FAILURE", 0x80200031),
    ("BG_E_REQUEST_PENDING", 0x80200032),
    ("BG_E_PIPELINE_FAILURE", 0x80200033),
    ("BG_E_PROTOCOL_ERROR", 0x80200034),
    ("BG_E_PROXY_NAME_RESOLUTION_FAILURE", 0x80200035),
    ("BG_E_RECEIVE_FAILURE", 0x80200036),
    ("BG_E_REQUEST_CANCELED", 0x80200037),
    ("BG_E_SECURE_CHANNEL_FAILURE", 0x80200038),
    ("BG_E_SEND_FAILURE", 0x80200039),
    ("BG_E_SERVER_PROTOCOL_VIOLATION", 0x8020003A),
    ("BG_E_TIMEOUT", 0x8020003B),
    ("BG_E_TRUST_FAILURE", 0x8020003C),
    ("BG_E_UNKNOWN_ERROR", 0x8020003D),
    // event-log messages
    ("BITS_MC_JOB_CANCELLED", 0x80194000),
    ("BITS_MC_FILE_DELETION_FAILED", 0x80194001),
    ("BITS_MC_FILE_DELETION_FAILED_MORE", 0x80194002),
    ("BITS_MC_JOB_PROPERTY_CHANGE", 0x80194003),
    ("BITS_MC_JOB_TAKE_OWNERSHIP", 0x80194004),
    ("BITS_MC_JOB_SCAVENGED", 0x80194005),
    ("BITS_MC_JOB_NOTIFICATION_FAILURE", 0x80194006),
    ("BITS_MC_STATE_FILE_CORRUPT", 0x80194007),
    ("BITS_MC_FAILED_TO_START", 0x80194008),
    ("BITS_MC_FATAL_IGD_ERROR", 0x80194009),
    ("BITS_MC_PEERCACHING_PORT", 0x8019400A),
    ("BITS_MC_WSD_PORT", 0x8019400B),
    // legacy queue manager
    ("QM_E_INVALID_STATE", 0x81001001),
    ("QM_E_SERVICE_UNAVAILABLE", 0x81001002),
    ("QM_E_DOWNLOADER_UNAVAILABLE", 0x81001003),
    ("QM_E_ITEM_NOT_FOUND", 0x81001004),
    // generic, Win32 and HTTP-stack codes
    ("BG_S_OK", 0x00000000),
    ("BG_S_FALSE", 0x00000001),
    ("BG_E_INVALIDARG", 0x80070057),
    ("BG_E_ACCESSDENIED", 0x80070005),
    ("BG_E_NOTIMPL", 0x80004001),
    ("BG_E_NOINTERFACE", 0x80004002),
    ("BG_E_PENDING", 0x8000000A),
    ("BG_E_OUTOFMEMORY", 0x8007000E),
    ("BG_E_FAIL", 0x80004005),
    ("BG_E_CLASSNOTREG", 0x80040154),
    ("BG_E_FAILEDTOIMPERSONATE", 0x80010123),
    ("BG_E_CRYPT_NOT_FOUND", 0x80092004),
    ("BG_E_WIN32_FILE_NOT_FOUND", 0x80070002),
    ("BG_E_WIN32_PATH_NOT_FOUND", 0x80070003),
    ("BG_E_WIN32_RESOURCE_LANG_NOT_FOUND", 0x80070717),
    ("BG_E_RPC_NULL_REF_POINTER", 0x800706F4),
    ("BG_E_RPC_BAD_STUB_DATA", 0x800706F7),
    ("BG_E_WIN32_CAN_NOT_COMPLETE", 0x800703EB),
    ("BG_E_WINHTTP_NAME_NOT_RESOLVED", 0x80072EE7),
    ("BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED", 0x80072F0C),
    ("BG_E_WINHTTP_SECURE_CERT_REV_FAILED", 0x80072F19),
    ("BG_E_WINHTTP_INVALID_SERVER_RESPONSE", 0x80072F78),
    ("BG_E_WINHTTP_SECURE_CERT_REVOKED", 0x80072F8A),
    ("BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY", 0x80072F9A),
    ("BG_E_REDIRECT_REFUSED_300", 0x8007012C),
    ("BG_E_REDIRECT_REFUSED_301", 0x8007012D),
    ("BG_E_REDIRECT_REFUSED_302", 0x8007012E),
    ("BG_E_REDIRECT_REFUSED_303", 0x8007012F),
    ("BG_E_REDIRECT_REFUSED_307", 0x80070133),
    ("BG_E_POINTER", 0x80004003),
    ("BG_E_UNEXPECTED", 0x8000FFFF),
    ("BG_E_DISCONNECTED", 0x80010108),
    ("BG_E_REDIRECT_REFUSED_308", 0x80070134),
];

/// Win32 error numbers in decimal, as their own headers write them.
const WIN32_NUMBERS: &[(&str, u32)] = &[
    ("BG_E_WIN32_TOO_MANY_OPEN_FILES", 4),
    ("BG_E_WIN32_INVALID_HANDLE", 6),
    ("BG_E_WIN32_INVALID_DATA", 13),
    ("BG_E_WIN32_NOT_SAME_DEVICE", 17),
    ("BG_E_WIN32_WRITE_FAULT", 29),
    ("BG_E_WIN32_READ_FAULT", 30),
    ("BG_E_WIN32_SHARING_VIOLATION", 32),
    ("BG_E_WIN32_HANDLE_EOF", 38),
    ("BG_E_WIN32_NOT_SUPPORTED", 50),
    ("BG_E_WIN32_FILE_EXISTS", 80),
    ("BG_E_WIN32_BUFFER_OVERFLOW", 111),
    ("BG_E_WIN32_DISK_FULL", 112),
    ("BG_E_WIN32_INVALID_NAME", 123),
    ("BG_E_WIN32_DIR_NOT_EMPTY", 145),
    ("BG_E_WIN32_BUSY", 170),
    ("BG_E_WIN32_ALREADY_EXISTS", 183),
    ("BG_E_WIN32_FILENAME_EXCED_RANGE", 206),
    ("BG_E_WIN32_FILE_TOO_LARGE", 223),
    ("BG_E_WIN32_DIRECTORY", 267),
    ("BG_E_WIN32_OPERATION_ABORTED", 995),
    ("BG_E_WIN32_IO_DEVICE", 1117),
    ("BG_E_WIN32_TOO_MANY_LINKS", 1142),
    ("BG_E_WIN32_DEVICE_NOT_CONNECTED", 1167),
    ("BG_E_WIN32_CANCELLED", 1223),
    ("BG_E_WIN32_RETRY", 1237),
    ("BG_E_WIN32_TIMEOUT", 1460),
    ("BG_E_WIN32_CANT_RESOLVE_FILENAME", 1921),
    ("BG_E_WINHTTP_TIMEOUT", 12002),
    ("BG_E_WINHTTP_INTERNAL_ERROR", 12004),
    ("BG_E_WINHTTP_INVALID_URL", 12005),
    ("BG_E_WINHTTP_UNRECOGNIZED_SCHEME", 12006),
    ("BG_E_WINHTTP_LOGIN_FAILURE", 12015),
    ("BG_E_WINHTTP_OPERATION_CANCELLED", 12017),
    ("BG_E_WINHTTP_CANNOT_CONNECT", 12029),
    ("BG_E_WINHTTP_CONNECTION_ERROR", 12030),
    ("BG_E_WINHTTP_SECURE_CERT_DATE_INVALID", 12037),
    ("BG_E_WINHTTP_SECURE_CERT_CN_INVALID", 12038),
    ("BG_E_WINHTTP_SECURE_INVALID_CA", 12045),
    ("BG_E_WINHTTP_HEADER_NOT_FOUND", 12150),
    ("BG_E_WINHTTP_REDIRECT_FAILED", 12156),
    ("BG_E_WINHTTP_SECURE_CHANNEL_ERROR", 12157),
    ("BG_E_WINHTTP_BAD_AUTO_PROXY_SCRIPT", 12166),
    ("BG_E_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT", 12167),
    ("BG_E_WINHTTP_SECURE_INVALID_CERT", 12169),
    ("BG_E_WINHTTP_SECURE_FAILURE", 12175),
    ("BG_E_WINHTTP_AUTO_PROXY_SERVICE_ERROR", 12178),
    ("BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE", 12179),
    ("BG_E_WINHTTP_AUTODETECTION_FAILED", 12180),
    ("BG_E_WINHTTP_HEADER_COUNT_EXCEEDED", 12181),
    ("BG_E_WINHTTP_HEADER_SIZE_OVERFLOW", 12182),
    ("BG_E_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY", 12185),
];

fn by_name() -> HashMap<&'static str, ResultCode> {
    TABLE.iter().map(|entry| (entry.name, entry.code)).collect()
}

#[test]
fn every_code_has_its_documented_number() {
    let table = by_name();
    for (name, number) in NUMBERS {
        let code = table.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(code.0 as u32, *number, "{name}");
    }
    for (name, number) in WIN32_NUMBERS {
        let code = table.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(*code, ResultCode::from_win32(*number), "{name}");
    }
}

#[test]
fn the_table_has_nothing_that_is_not_written_down_here() {
    let known: HashMap<_, _> = NUMBERS.iter().chain(WIN32_NUMBERS).copied().collect();
    for entry in TABLE {
        assert!(known.contains_key(entry.name), "{} is not in the list of this test", entry.name);
    }
    assert_eq!(TABLE.len(), NUMBERS.len() + WIN32_NUMBERS.len());
}

#[test]
fn names_and_numbers_are_unique() {
    assert_eq!(by_name().len(), TABLE.len(), "a name occurs twice");
    let mut seen = HashMap::new();
    for entry in TABLE {
        if let Some(other) = seen.insert(entry.code.0, entry.name) {
            panic!("{} and {other} have the same number", entry.name);
        }
    }
}

#[test]
fn texts_are_sentences_of_their_own() {
    for entry in TABLE {
        assert!(entry.text.ends_with('.'), "{}", entry.name);
        assert!(entry.text.starts_with(char::is_uppercase), "{}", entry.name);
        assert!(entry.text.is_ascii(), "{}", entry.name);
    }
}

#[test]
fn severity_follows_the_name() {
    for entry in TABLE {
        let success = entry.name.starts_with("BG_S_");
        assert_eq!(entry.code.is_success(), success, "{}", entry.name);
        assert_eq!(entry.code.is_failure(), !success, "{}", entry.name);
        if success {
            assert_eq!(entry.class, RetryClass::NotAJobError, "{}", entry.name);
        }
    }
}

#[test]
fn http_statuses_have_their_documented_class() {
    use RetryClass::{Fatal, Transient};
    for status in 100..=999 {
        let expected = match status {
            300 | 301 | 302 | 303 | 304 | 305 | 307 => Fatal,
            300..=399 => Transient,
            408 | 409 | 429 => Transient,
            400..=499 => Fatal,
            501 | 505 => Fatal,
            _ => Transient,
        };
        let code = ResultCode::from_http_status(status);
        assert_eq!(code.retry_class(), expected, "{status}");
        assert_eq!(code.http_status(), Some(status));
        assert!(!code.text().is_empty());
    }
}

#[test]
fn only_codes_of_http_statuses_have_a_status() {
    for entry in TABLE {
        let status = entry.name.strip_prefix("BG_E_HTTP_ERROR_").map(|digits| digits.parse().unwrap());
        assert_eq!(entry.code.http_status(), status, "{}", entry.name);
    }
}

#[test]
fn classes_of_codes_engines_depend_on() {
    use RetryClass::{Fatal, NotAJobError, Transient, Waiting};
    for (code, class) in [
        (ResultCode::BG_E_NETWORK_DISCONNECTED, Waiting),
        (ResultCode::BG_E_DESTINATION_LOCKED, Waiting),
        (ResultCode::BG_E_BLOCKED_BY_POLICY, Waiting),
        (ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT, Fatal),
        (ResultCode::BG_E_MISSING_FILE_SIZE, Fatal),
        (ResultCode::BG_E_INVALID_SERVER_RESPONSE, Fatal),
        (ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT, Fatal),
        (ResultCode::BG_E_LOCAL_FILE_CHANGED, Fatal),
        (ResultCode::BG_E_ACCESSDENIED, Fatal),
        (ResultCode::BG_E_WIN32_DISK_FULL, Transient),
        (ResultCode::BG_E_WIN32_SHARING_VIOLATION, Transient),
        (ResultCode::BG_E_WINHTTP_NAME_NOT_RESOLVED, Transient),
        (ResultCode::BG_E_WINHTTP_INVALID_SERVER_RESPONSE, Transient),
        (ResultCode::BG_E_WINHTTP_SECURE_CERT_REV_FAILED, Fatal),
        (ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY, Transient),
        (ResultCode::BG_E_NOT_FOUND, NotAJobError),
        (ResultCode::BG_E_INVALID_STATE, NotAJobError),
    ] {
        assert_eq!(code.retry_class(), class, "{code}");
    }
}

#[test]
fn codes_outside_the_table_are_transient_when_they_are_of_the_network() {
    let socket = ResultCode::from_win32(10_054);
    assert_eq!(socket.name(), None);
    assert_eq!(socket.retry_class(), RetryClass::Transient);
    assert_eq!(ResultCode::from_win32(1_392).retry_class(), RetryClass::Fatal);
    assert_eq!(ResultCode(0x0020_1234).retry_class(), RetryClass::NotAJobError);
}

#[test]
fn win32_numbers_become_results() {
    assert_eq!(ResultCode::from_win32(0), ResultCode::BG_S_OK);
    assert_eq!(ResultCode::from_win32(5), ResultCode::BG_E_ACCESSDENIED);
    assert_eq!(ResultCode::from_win32(0x8020_0001), ResultCode::BG_E_NOT_FOUND);
    assert_eq!(ResultCode::from_win32(301), ResultCode::BG_E_REDIRECT_REFUSED_301);
}

#[test]
#[cfg(target_os = "linux")]
fn linux_error_numbers_become_results() {
    for (errno, code) in [
        (1, ResultCode::BG_E_ACCESSDENIED),
        (2, ResultCode::BG_E_WIN32_FILE_NOT_FOUND),
        (5, ResultCode::BG_E_WIN32_IO_DEVICE),
        (13, ResultCode::BG_E_ACCESSDENIED),
        (16, ResultCode::BG_E_DESTINATION_LOCKED),
        (17, ResultCode::BG_E_WIN32_FILE_EXISTS),
        (18, ResultCode::BG_E_WIN32_NOT_SAME_DEVICE),
        (20, ResultCode::BG_E_WIN32_PATH_NOT_FOUND),
        (21, ResultCode::BG_E_WIN32_DIRECTORY),
        (24, ResultCode::BG_E_WIN32_TOO_MANY_OPEN_FILES),
        (26, ResultCode::BG_E_WIN32_SHARING_VIOLATION),
        (27, ResultCode::BG_E_WIN32_FILE_TOO_LARGE),
        (28, ResultCode::BG_E_WIN32_DISK_FULL),
        (30, ResultCode::BG_E_DESTINATION_LOCKED),
        (36, ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE),
        (40, ResultCode::BG_E_WIN32_CANT_RESOLVE_FILENAME),
        (104, ResultCode::BG_E_WINHTTP_CONNECTION_ERROR),
        (110, ResultCode::BG_E_WINHTTP_TIMEOUT),
        (111, ResultCode::BG_E_WINHTTP_CANNOT_CONNECT),
        (116, ResultCode::BG_E_DESTINATION_LOCKED),
        (122, ResultCode::BG_E_WIN32_DISK_FULL),
        (0, ResultCode::BG_E_FAIL),
        (-1, ResultCode::BG_E_FAIL),
    ] {
        assert_eq!(ResultCode::from_errno(errno), code, "errno {errno}");
    }
}

#[test]
fn every_error_number_is_something_a_job_can_have() {
    for errno in -1..=200 {
        let code = ResultCode::from_errno(errno);
        assert!(code.is_failure(), "errno {errno}");
        assert_ne!(code.retry_class(), RetryClass::NotAJobError, "errno {errno}: {code}");
    }
}

#[test]
fn codes_are_shown_by_name_and_number() {
    assert_eq!(ResultCode::BG_E_NOT_FOUND.to_string(), "BG_E_NOT_FOUND (0x80200001)");
    assert_eq!(format!("{:?}", ResultCode::BG_S_FALSE), "BG_S_FALSE (0x00000001)");
    assert_eq!(ResultCode::from_http_status(429).to_string(), "HTTP status 429 (0x801901AD)");
    assert_eq!(ResultCode::from_win32(1_392).to_string(), "0x80070570");
}
