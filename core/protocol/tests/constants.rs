//! Enumerations and flags are a contract with programs written for Windows: their numbers are written
//! down here a second time.

use std::collections::{HashMap, HashSet};

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::constants::{CONSTANTS, Kind};
use bgcopy_protocol::enums::*;
use bgcopy_protocol::flags::*;
use bgcopy_protocol::limits::{LENGTH_TO_EOF, SIZE_UNKNOWN};

const NUMBERS: &[(&str, u32)] = &[
    ("BG_JOB_TYPE_DOWNLOAD", 0),
    ("BG_JOB_TYPE_UPLOAD", 1),
    ("BG_JOB_TYPE_UPLOAD_REPLY", 2),
    ("BG_JOB_STATE_QUEUED", 0),
    ("BG_JOB_STATE_CONNECTING", 1),
    ("BG_JOB_STATE_TRANSFERRING", 2),
    ("BG_JOB_STATE_SUSPENDED", 3),
    ("BG_JOB_STATE_ERROR", 4),
    ("BG_JOB_STATE_TRANSIENT_ERROR", 5),
    ("BG_JOB_STATE_TRANSFERRED", 6),
    ("BG_JOB_STATE_ACKNOWLEDGED", 7),
    ("BG_JOB_STATE_CANCELLED", 8),
    ("BG_JOB_PRIORITY_FOREGROUND", 0),
    ("BG_JOB_PRIORITY_HIGH", 1),
    ("BG_JOB_PRIORITY_NORMAL", 2),
    ("BG_JOB_PRIORITY_LOW", 3),
    ("BG_JOB_PROXY_USAGE_PRECONFIG", 0),
    ("BG_JOB_PROXY_USAGE_NO_PROXY", 1),
    ("BG_JOB_PROXY_USAGE_OVERRIDE", 2),
    ("BG_JOB_PROXY_USAGE_AUTODETECT", 3),
    ("BG_ERROR_CONTEXT_NONE", 0),
    ("BG_ERROR_CONTEXT_UNKNOWN", 1),
    ("BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER", 2),
    ("BG_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION", 3),
    ("BG_ERROR_CONTEXT_LOCAL_FILE", 4),
    ("BG_ERROR_CONTEXT_REMOTE_FILE", 5),
    ("BG_ERROR_CONTEXT_GENERAL_TRANSPORT", 6),
    ("BG_ERROR_CONTEXT_REMOTE_APPLICATION", 7),
    ("BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK", 8),
    ("BG_AUTH_SCHEME_BASIC", 1),
    ("BG_AUTH_SCHEME_DIGEST", 2),
    ("BG_AUTH_SCHEME_NTLM", 3),
    ("BG_AUTH_SCHEME_NEGOTIATE", 4),
    ("BG_AUTH_SCHEME_PASSPORT", 5),
    ("BG_CERT_STORE_LOCATION_CURRENT_USER", 0),
    ("BG_CERT_STORE_LOCATION_LOCAL_MACHINE", 1),
    ("BG_CERT_STORE_LOCATION_CURRENT_SERVICE", 2),
    ("BG_CERT_STORE_LOCATION_SERVICES", 3),
    ("BG_CERT_STORE_LOCATION_USERS", 4),
    ("BG_CERT_STORE_LOCATION_CURRENT_USER_GROUP_POLICY", 5),
    ("BG_CERT_STORE_LOCATION_LOCAL_MACHINE_GROUP_POLICY", 6),
    ("BG_CERT_STORE_LOCATION_LOCAL_MACHINE_ENTERPRISE", 7),
    ("BITS_JOB_TRANSFER_POLICY_ALWAYS", 0x800000FF),
    ("BITS_JOB_TRANSFER_POLICY_NOT_ROAMING", 0x8000007F),
    ("BITS_JOB_TRANSFER_POLICY_NO_SURCHARGE", 0x8000006F),
    ("BITS_JOB_TRANSFER_POLICY_STANDARD", 0x80000067),
    ("BITS_JOB_TRANSFER_POLICY_UNRESTRICTED", 0x80000021),
    ("BITS_JOB_PROPERTY_ID_COST_FLAGS", 1),
    ("BITS_JOB_PROPERTY_NOTIFICATION_CLSID", 2),
    ("BITS_JOB_PROPERTY_DYNAMIC_CONTENT", 3),
    ("BITS_JOB_PROPERTY_HIGH_PERFORMANCE", 4),
    ("BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE", 5),
    ("BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS", 7),
    ("BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS", 9),
    ("BITS_JOB_PROPERTY_ON_DEMAND_MODE", 10),
    ("BITS_COST_STATE_UNRESTRICTED", 0x00000001),
    ("BITS_COST_STATE_CAPPED_USAGE_UNKNOWN", 0x00000002),
    ("BITS_COST_STATE_BELOW_CAP", 0x00000004),
    ("BITS_COST_STATE_NEAR_CAP", 0x00000008),
    ("BITS_COST_STATE_OVERCAP_CHARGED", 0x00000010),
    ("BITS_COST_STATE_OVERCAP_THROTTLED", 0x00000020),
    ("BITS_COST_STATE_USAGE_BASED", 0x00000040),
    ("BITS_COST_STATE_ROAMING", 0x00000080),
    ("BITS_COST_STATE_RESERVED", 0x40000000),
    ("BITS_COST_OPTION_IGNORE_CONGESTION", 0x80000000),
    ("BG_NOTIFY_JOB_TRANSFERRED", 0x0001),
    ("BG_NOTIFY_JOB_ERROR", 0x0002),
    ("BG_NOTIFY_DISABLE", 0x0004),
    ("BG_NOTIFY_JOB_MODIFICATION", 0x0008),
    ("BG_NOTIFY_FILE_TRANSFERRED", 0x0010),
    ("BG_NOTIFY_FILE_RANGES_TRANSFERRED", 0x0020),
    ("BG_COPY_FILE_OWNER", 0x1),
    ("BG_COPY_FILE_GROUP", 0x2),
    ("BG_COPY_FILE_DACL", 0x4),
    ("BG_COPY_FILE_SACL", 0x8),
    ("BG_COPY_FILE_ALL", 0xF),
    ("BG_SSL_ENABLE_CRL_CHECK", 0x0001),
    ("BG_SSL_IGNORE_CERT_CN_INVALID", 0x0002),
    ("BG_SSL_IGNORE_CERT_DATE_INVALID", 0x0004),
    ("BG_SSL_IGNORE_UNKNOWN_CA", 0x0008),
    ("BG_SSL_IGNORE_CERT_WRONG_USAGE", 0x0010),
    ("BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT", 0x0000),
    ("BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT", 0x0100),
    ("BG_HTTP_REDIRECT_POLICY_DISALLOW", 0x0200),
    ("BG_HTTP_REDIRECT_POLICY_MASK", 0x0700),
    ("BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP", 0x0800),
    ("BG_AUTH_TARGET_SERVER", 1),
    ("BG_AUTH_TARGET_PROXY", 2),
    ("BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS", 1),
    ("BG_TOKEN_LOCAL_FILE", 0x0001),
    ("BG_TOKEN_NETWORK", 0x0002),
    ("BG_JOB_ENABLE_PEERCACHING_CLIENT", 0x0001),
    ("BG_JOB_ENABLE_PEERCACHING_SERVER", 0x0002),
    ("BG_JOB_DISABLE_BRANCH_CACHE", 0x0004),
    ("BG_ENABLE_PEERCACHING_CLIENT", 0x0001),
    ("BG_ENABLE_PEERCACHING_SERVER", 0x0002),
    ("BG_DISABLE_BRANCH_CACHE", 0x0004),
    ("BG_JOB_ENUM_ALL_USERS", 0x0001),
    ("QM_NOTIFY_FILE_DONE", 0x00000001),
    ("QM_NOTIFY_JOB_DONE", 0x00000002),
    ("QM_NOTIFY_GROUP_DONE", 0x00000004),
    ("QM_NOTIFY_DISABLE_NOTIFY", 0x00000040),
    ("QM_NOTIFY_USE_PROGRESSEX", 0x00000080),
    ("QM_STATUS_FILE_COMPLETE", 0x00000001),
    ("QM_STATUS_FILE_INCOMPLETE", 0x00000002),
    ("QM_STATUS_JOB_COMPLETE", 0x00000004),
    ("QM_STATUS_JOB_INCOMPLETE", 0x00000008),
    ("QM_STATUS_JOB_ERROR", 0x00000010),
    ("QM_STATUS_JOB_FOREGROUND", 0x00000020),
    ("QM_STATUS_GROUP_COMPLETE", 0x00000040),
    ("QM_STATUS_GROUP_INCOMPLETE", 0x00000080),
    ("QM_STATUS_GROUP_SUSPENDED", 0x00000100),
    ("QM_STATUS_GROUP_ERROR", 0x00000200),
    ("QM_STATUS_GROUP_FOREGROUND", 0x00000400),
    ("GROUPPROP_PRIORITY", 0),
    ("GROUPPROP_REMOTEUSERID", 1),
    ("GROUPPROP_REMOTEUSERPWD", 2),
    ("GROUPPROP_LOCALUSERID", 3),
    ("GROUPPROP_LOCALUSERPWD", 4),
    ("GROUPPROP_PROTOCOLFLAGS", 5),
    ("GROUPPROP_NOTIFYFLAGS", 6),
    ("GROUPPROP_NOTIFYCLSID", 7),
    ("GROUPPROP_PROGRESSSIZE", 8),
    ("GROUPPROP_PROGRESSPERCENT", 9),
    ("GROUPPROP_PROGRESSTIME", 10),
    ("GROUPPROP_DISPLAYNAME", 11),
    ("GROUPPROP_DESCRIPTION", 12),
    ("QM_PROTOCOL_HTTP", 1),
    ("QM_PROTOCOL_FTP", 2),
    ("QM_PROTOCOL_SMB", 3),
    ("QM_PROTOCOL_CUSTOM", 4),
    ("QM_PROGRESS_PERCENT_DONE", 1),
    ("QM_PROGRESS_TIME_DONE", 2),
    ("QM_PROGRESS_SIZE_DONE", 3),
    ("BITS_COST_STATE_TRANSFER_NOT_ROAMING", 0x8000007F),
    ("BITS_COST_STATE_TRANSFER_NO_SURCHARGE", 0x8000006F),
    ("BITS_COST_STATE_TRANSFER_STANDARD", 0x80000067),
    ("BITS_COST_STATE_TRANSFER_UNRESTRICTED", 0x80000021),
    ("BITS_COST_STATE_TRANSFER_ALWAYS", 0x800000FF),
    ("BG_SIZE_UNKNOWN", 0xFFFFFFFF),
    ("BG_LENGTH_TO_EOF", 0xFFFFFFFF),
];

#[test]
fn every_constant_has_its_documented_number() {
    let listed: HashMap<_, _> =
        CONSTANTS.iter().flat_map(|group| group.constants).map(|c| (c.name, c.value)).collect();
    for (name, number) in NUMBERS {
        let value = *listed.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(value as u32, *number, "{name}");
    }
    let known: HashSet<_> = NUMBERS.iter().map(|(name, _)| *name).collect();
    for name in listed.keys() {
        assert!(known.contains(name), "{name} is not in the list of this test");
    }
}

#[test]
fn constants_can_be_printed_as_they_stand() {
    let mut names = HashSet::new();
    for group in CONSTANTS {
        assert!(names.insert(group.name), "{} occurs twice", group.name);
        for constant in group.constants {
            assert!(names.insert(constant.name), "{} occurs twice", constant.name);
            assert_eq!(constant.group, group.name, "{}", constant.name);
            assert!(constant.doc.ends_with('.') && !constant.doc.starts_with(' '), "{}", constant.name);
            match group.kind {
                Kind::Enumeration => assert!(i32::try_from(constant.value).is_ok(), "{}", constant.name),
                Kind::Flags => assert!(u32::try_from(constant.value).is_ok(), "{}", constant.name),
                Kind::Sizes => assert_eq!(constant.value as u64, u64::MAX, "{}", constant.name),
            }
        }
    }
    assert_eq!(SIZE_UNKNOWN, LENGTH_TO_EOF);
}

macro_rules! enumerations_round_trip {
    ($($name:ident)*) => {$(
        for value in $name::ALL.iter().copied() {
            assert_eq!($name::try_from(i32::from(value)), Ok(value));
            let listed = $name::GROUP.constants.iter().find(|c| c.name == value.sdk_name()).unwrap();
            assert_eq!(listed.value, i64::from(i32::from(value)));
        }
        assert_eq!($name::ALL.len(), $name::GROUP.constants.len());
        for unknown in [-1, 99, i32::MAX] {
            assert_eq!($name::try_from(unknown), Err(UnknownValue(unknown)));
        }
    )*};
}

#[test]
fn enumerations_become_numbers_and_back() {
    enumerations_round_trip! {
        JobType JobState JobPriority ProxyUsage ErrorContext AuthTarget AuthScheme CertStoreLocation
        TransferPolicy JobPropertyId FilePropertyId GroupProperty QmProtocol QmProgress
    }
}

#[test]
fn numbers_between_the_values_are_refused() {
    assert_eq!(AuthTarget::try_from(0), Err(UnknownValue(0)));
    assert_eq!(JobPropertyId::try_from(6), Err(UnknownValue(6)));
    assert_eq!(JobPropertyId::try_from(8), Err(UnknownValue(8)));
    assert_eq!(ErrorContext::try_from(9), Err(UnknownValue(9)));
}

#[test]
fn flags_outside_a_set_are_refused() {
    assert_eq!(NotifyFlags::from_bits(0x3F).map(NotifyFlags::bits), Some(0x3F));
    assert_eq!(NotifyFlags::from_bits(0x40), None);
    assert_eq!(AclFlags::from_bits(0x10), None);
    assert_eq!(CostFlags::from_bits(0xC000_00FF).map(CostFlags::bits), Some(0xC000_00FF));
    assert_eq!(CostFlags::from_bits(0x100), None);
    assert_eq!(TokenFlags::try_from(4), Err(UnknownBits(4)));
    assert_eq!(EnumFlags::from_bits(2), None);
    assert_eq!(JobPeerCachingFlags::from_bits(8), None);
    assert_eq!(PeerCachingFlags::from_bits(8), None);
    assert_eq!(QmNotifyFlags::from_bits(0x08), None);
    assert_eq!(QmStatusFlags::from_bits(0x800), None);
}

#[test]
fn the_redirect_policy_is_a_number_within_the_security_flags() {
    for (bits, policy) in [
        (0x0000, Some(RedirectPolicy::AllowSilent)),
        (0x001F, Some(RedirectPolicy::AllowSilent)),
        (0x0100, Some(RedirectPolicy::AllowReport)),
        (0x0900, Some(RedirectPolicy::AllowReport)),
        (0x0201, Some(RedirectPolicy::Disallow)),
        (0x0300, None),
        (0x0400, None),
        (0x0700, None),
        (0x0020, None),
        (0x1000, None),
    ] {
        assert_eq!(SecurityFlags::from_bits(bits).map(SecurityFlags::redirect_policy), policy, "{bits:#x}");
    }
}

#[test]
fn flags_combine() {
    let both = NotifyFlags::JOB_TRANSFERRED | NotifyFlags::JOB_ERROR;
    assert_eq!(both, NotifyFlags::OF_NEW_JOBS);
    assert!(both.contains(NotifyFlags::JOB_ERROR));
    assert!(!both.contains(NotifyFlags::DISABLE));
    assert!(!both.contains(NotifyFlags::JOB_ERROR | NotifyFlags::DISABLE));
    assert!(both.contains(NotifyFlags::NONE));
}

#[test]
fn transfer_policies_are_the_ready_made_cost_flags() {
    for (policy, flags) in [
        (TransferPolicy::Always, CostFlags::TRANSFER_ALWAYS),
        (TransferPolicy::NotRoaming, CostFlags::TRANSFER_NOT_ROAMING),
        (TransferPolicy::NoSurcharge, CostFlags::TRANSFER_NO_SURCHARGE),
        (TransferPolicy::Standard, CostFlags::TRANSFER_STANDARD),
        (TransferPolicy::Unrestricted, CostFlags::TRANSFER_UNRESTRICTED),
    ] {
        assert_eq!(i32::from(policy) as u32, flags.bits());
    }
}

#[test]
fn error_contexts_are_described_by_the_code_of_their_name() {
    for context in ErrorContext::ALL {
        let name = context.message_code().name().unwrap();
        let place = context.sdk_name().strip_prefix("BG_").unwrap();
        assert_eq!(name.split_once("_E_").or(name.split_once("_S_")).unwrap().1, place);
    }
    assert_eq!(ErrorContext::None.message_code(), ResultCode(0x0020_0006));
    assert_eq!(ErrorContext::QueueManagerNotification.message_code().0 as u32, 0x8020_000C);
    assert_eq!(ErrorContext::LocalFile.message_code().0 as u32, 0x8020_0009);
}

#[test]
fn values_are_stored_as_their_numbers() {
    use serde::Deserialize;
    use serde::de::value::{Error, I32Deserializer, U32Deserializer};
    let state = |number: i32| JobState::deserialize(I32Deserializer::<Error>::new(number));
    assert_eq!(state(5), Ok(JobState::TransientError));
    assert!(state(9).is_err());
    let flags = |bits: u32| NotifyFlags::deserialize(U32Deserializer::<Error>::new(bits));
    assert_eq!(flags(3), Ok(NotifyFlags::OF_NEW_JOBS));
    assert!(flags(0x40).is_err());
}
