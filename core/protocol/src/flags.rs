//! Sets of flags with the values of the Windows SDK.

use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Serialize};

use crate::constants::{Constant, Group, Kind};

/// Bits of which some have no meaning in the set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownBits(pub u32);

impl fmt::Display for UnknownBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X} has bits without a meaning here", self.0)
    }
}

impl std::error::Error for UnknownBits {}

// As enumerations, flags are stored and sent as their numbers.
macro_rules! flags {
    (
        #[doc = $doc:literal]
        pub struct $name:ident = $group:ident, $valid:expr, {
            $(#[doc = $flag_doc:literal] $flag:ident = $value:literal, $sdk_name:ident;)*
        }
    ) => {
        #[doc = concat!($doc, "\n\nIn C a `uint32_t` of the `", stringify!($group), "` constants.")]
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "u32", try_from = "u32")]
        pub struct $name(u32);

        impl $name {
            $(
                #[doc = concat!($flag_doc, " `", stringify!($sdk_name), "`")]
                pub const $flag: $name = $name($value);
            )*

            /// No flag.
            pub const NONE: $name = $name(0);

            /// The constants of this type, for generators.
            pub const GROUP: Group = Group {
                name: stringify!($group),
                kind: Kind::Flags,
                doc: $doc.trim_ascii(),
                constants: &[$(Constant {
                    name: stringify!($sdk_name),
                    value: $value,
                    group: stringify!($group),
                    doc: $flag_doc.trim_ascii(),
                },)*],
            };

            const KNOWN: u32 = 0 $(| $value)*;

            /// The set as a number.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.0
            }

            /// The set of a number; `None` when some of it has no meaning.
            #[must_use]
            pub fn from_bits(bits: u32) -> Option<$name> {
                let valid: fn(u32) -> bool = $valid;
                (bits & !Self::KNOWN == 0 && valid(bits)).then_some($name(bits))
            }

            /// Whether all of `other` is in this set.
            #[must_use]
            pub const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl BitOr for $name {
            type Output = $name;

            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        impl From<$name> for u32 {
            fn from(flags: $name) -> u32 {
                flags.0
            }
        }

        impl TryFrom<u32> for $name {
            type Error = UnknownBits;

            fn try_from(bits: u32) -> Result<$name, UnknownBits> {
                $name::from_bits(bits).ok_or(UnknownBits(bits))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(0x{:X})"), self.0)
            }
        }
    };
}

flags! {
    /// Which notifications of a job are wanted.
    pub struct NotifyFlags = BG_NOTIFY, |_| true, {
        /// The whole job was transferred.
        JOB_TRANSFERRED = 0x0001, BG_NOTIFY_JOB_TRANSFERRED;
        /// The job entered the state ERROR.
        JOB_ERROR = 0x0002, BG_NOTIFY_JOB_ERROR;
        /// No notifications, whatever the other bits say.
        DISABLE = 0x0004, BG_NOTIFY_DISABLE;
        /// The state, the progress or a property of the job changed.
        JOB_MODIFICATION = 0x0008, BG_NOTIFY_JOB_MODIFICATION;
        /// One file was transferred.
        FILE_TRANSFERRED = 0x0010, BG_NOTIFY_FILE_TRANSFERRED;
        /// Requested ranges of a file were transferred.
        FILE_RANGES_TRANSFERRED = 0x0020, BG_NOTIFY_FILE_RANGES_TRANSFERRED;
    }
}

impl NotifyFlags {
    /// What a new job notifies of: transferred and error.
    pub const OF_NEW_JOBS: NotifyFlags = NotifyFlags(0x0003);
}

flags! {
    /// On which connections a job may transfer.
    pub struct CostFlags = BITS_COST_STATE, |_| true, {
        /// Flat rate.
        UNRESTRICTED = 0x00000001, BITS_COST_STATE_UNRESTRICTED;
        /// Capped plan of unknown usage.
        CAPPED_USAGE_UNKNOWN = 0x00000002, BITS_COST_STATE_CAPPED_USAGE_UNKNOWN;
        /// Capped plan, below the cap.
        BELOW_CAP = 0x00000004, BITS_COST_STATE_BELOW_CAP;
        /// Capped plan, near the cap.
        NEAR_CAP = 0x00000008, BITS_COST_STATE_NEAR_CAP;
        /// Past the cap, at extra charge.
        OVERCAP_CHARGED = 0x00000010, BITS_COST_STATE_OVERCAP_CHARGED;
        /// Past the cap, slowed down.
        OVERCAP_THROTTLED = 0x00000020, BITS_COST_STATE_OVERCAP_THROTTLED;
        /// Paid by use.
        USAGE_BASED = 0x00000040, BITS_COST_STATE_USAGE_BASED;
        /// Roaming.
        ROAMING = 0x00000080, BITS_COST_STATE_ROAMING;
        /// Reserved.
        RESERVED = 0x40000000, BITS_COST_STATE_RESERVED;
        /// Transfer even when the network is said to be congested.
        IGNORE_CONGESTION = 0x80000000, BITS_COST_OPTION_IGNORE_CONGESTION;
        /// Any connection but while roaming.
        TRANSFER_NOT_ROAMING = 0x8000007F, BITS_COST_STATE_TRANSFER_NOT_ROAMING;
        /// Connections without surcharge.
        TRANSFER_NO_SURCHARGE = 0x8000006F, BITS_COST_STATE_TRANSFER_NO_SURCHARGE;
        /// Connections without surcharge whose cap is not near.
        TRANSFER_STANDARD = 0x80000067, BITS_COST_STATE_TRANSFER_STANDARD;
        /// Connections without restriction, or slowed down past the cap.
        TRANSFER_UNRESTRICTED = 0x80000021, BITS_COST_STATE_TRANSFER_UNRESTRICTED;
        /// Any connection.
        TRANSFER_ALWAYS = 0x800000FF, BITS_COST_STATE_TRANSFER_ALWAYS;
    }
}

flags! {
    /// What of the owner and the access rights of a remote file is copied along with it.
    pub struct AclFlags = BG_COPY_FILE, |_| true, {
        /// The owner.
        OWNER = 0x1, BG_COPY_FILE_OWNER;
        /// The group.
        GROUP_OWNER = 0x2, BG_COPY_FILE_GROUP;
        /// The access rights.
        DACL = 0x4, BG_COPY_FILE_DACL;
        /// The audit rules.
        SACL = 0x8, BG_COPY_FILE_SACL;
        /// All four.
        ALL = 0xF, BG_COPY_FILE_ALL;
    }
}

flags! {
    /// Certificate checks and the handling of redirects.
    // The redirect bits are a number from 0 to 2 within their mask.
    pub struct SecurityFlags = BG_HTTP_SECURITY, |bits| bits & 0x0700 <= 0x0200, {
        /// Check before each file whether the certificate was revoked.
        ENABLE_CRL_CHECK = 0x0001, BG_SSL_ENABLE_CRL_CHECK;
        /// Accept a certificate of another host name.
        IGNORE_CERT_CN_INVALID = 0x0002, BG_SSL_IGNORE_CERT_CN_INVALID;
        /// Accept a certificate outside its dates.
        IGNORE_CERT_DATE_INVALID = 0x0004, BG_SSL_IGNORE_CERT_DATE_INVALID;
        /// Accept a certificate of an unknown authority.
        IGNORE_UNKNOWN_CA = 0x0008, BG_SSL_IGNORE_UNKNOWN_CA;
        /// Accept a certificate that is not meant for servers.
        IGNORE_CERT_WRONG_USAGE = 0x0010, BG_SSL_IGNORE_CERT_WRONG_USAGE;
        /// Follow redirects and keep the remote name; the policy of new jobs.
        REDIRECT_ALLOW_SILENT = 0x0000, BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT;
        /// Follow redirects and store the final URL as the remote name.
        REDIRECT_ALLOW_REPORT = 0x0100, BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT;
        /// Stop with an error at a redirect and store its URL as the remote name.
        REDIRECT_DISALLOW = 0x0200, BG_HTTP_REDIRECT_POLICY_DISALLOW;
        /// The bits that hold the redirect policy.
        REDIRECT_MASK = 0x0700, BG_HTTP_REDIRECT_POLICY_MASK;
        /// Follow redirects from https to http too.
        REDIRECT_ALLOW_HTTPS_TO_HTTP = 0x0800, BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP;
    }
}

/// What to do when the server redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectPolicy {
    /// Follow and keep the remote name.
    AllowSilent,
    /// Follow and store the final URL as the remote name.
    AllowReport,
    /// Stop with an error and store the URL of the redirect as the remote name.
    Disallow,
}

impl SecurityFlags {
    /// The checks of a server's certificate that these flags switch off or on.
    #[must_use]
    pub const fn certificate_checks(self) -> SecurityFlags {
        let all = SecurityFlags::ENABLE_CRL_CHECK.0
            | SecurityFlags::IGNORE_CERT_CN_INVALID.0
            | SecurityFlags::IGNORE_CERT_DATE_INVALID.0
            | SecurityFlags::IGNORE_UNKNOWN_CA.0
            | SecurityFlags::IGNORE_CERT_WRONG_USAGE.0;
        SecurityFlags(self.0 & all)
    }

    /// The redirect policy within these flags.
    #[must_use]
    pub const fn redirect_policy(self) -> RedirectPolicy {
        match self.0 & SecurityFlags::REDIRECT_MASK.0 {
            0x0000 => RedirectPolicy::AllowSilent,
            0x0100 => RedirectPolicy::AllowReport,
            // No other value gets past `from_bits`; one made by `|` is taken at its strictest.
            _ => RedirectPolicy::Disallow,
        }
    }
}

flags! {
    /// What the helper token of a job is used for.
    pub struct TokenFlags = BG_TOKEN, |_| true, {
        /// The local file.
        LOCAL_FILE = 0x0001, BG_TOKEN_LOCAL_FILE;
        /// The remote file, and challenges answered with implicit credentials.
        NETWORK = 0x0002, BG_TOKEN_NETWORK;
    }
}

flags! {
    /// Whether a job uses the caches of peers.
    pub struct JobPeerCachingFlags = BG_JOB_PEERCACHING, |_| true, {
        /// The job may download from peers.
        ENABLE_CLIENT = 0x0001, BG_JOB_ENABLE_PEERCACHING_CLIENT;
        /// The files of the job may be served to peers.
        ENABLE_SERVER = 0x0002, BG_JOB_ENABLE_PEERCACHING_SERVER;
        /// The job does not use BranchCache.
        DISABLE_BRANCH_CACHE = 0x0004, BG_JOB_DISABLE_BRANCH_CACHE;
    }
}

flags! {
    /// Whether this computer takes part in peer caching.
    pub struct PeerCachingFlags = BG_PEERCACHING, |_| true, {
        /// The computer may download from peers.
        ENABLE_CLIENT = 0x0001, BG_ENABLE_PEERCACHING_CLIENT;
        /// The computer may cache files and serve them to peers.
        ENABLE_SERVER = 0x0002, BG_ENABLE_PEERCACHING_SERVER;
        /// The computer does not use BranchCache.
        DISABLE_BRANCH_CACHE = 0x0004, BG_DISABLE_BRANCH_CACHE;
    }
}

flags! {
    /// Which jobs are enumerated; none of the flags means one's own.
    pub struct EnumFlags = BG_JOB_ENUM, |_| true, {
        /// The jobs of all users; for administrators.
        ALL_USERS = 0x0001, BG_JOB_ENUM_ALL_USERS;
    }
}

flags! {
    /// Which notifications of a group of the legacy queue manager are wanted.
    pub struct QmNotifyFlags = QM_NOTIFY, |_| true, {
        /// Not supported.
        FILE_DONE = 0x00000001, QM_NOTIFY_FILE_DONE;
        /// Not supported.
        JOB_DONE = 0x00000002, QM_NOTIFY_JOB_DONE;
        /// The group is complete.
        GROUP_DONE = 0x00000004, QM_NOTIFY_GROUP_DONE;
        /// No notifications, errors included.
        DISABLE_NOTIFY = 0x00000040, QM_NOTIFY_DISABLE_NOTIFY;
        /// Not supported.
        USE_PROGRESSEX = 0x00000080, QM_NOTIFY_USE_PROGRESSEX;
    }
}

flags! {
    /// The status of a file, job or group of the legacy queue manager.
    pub struct QmStatusFlags = QM_STATUS, |_| true, {
        /// The file is complete.
        FILE_COMPLETE = 0x00000001, QM_STATUS_FILE_COMPLETE;
        /// The file is not complete.
        FILE_INCOMPLETE = 0x00000002, QM_STATUS_FILE_INCOMPLETE;
        /// The job is complete.
        JOB_COMPLETE = 0x00000004, QM_STATUS_JOB_COMPLETE;
        /// The job is not complete.
        JOB_INCOMPLETE = 0x00000008, QM_STATUS_JOB_INCOMPLETE;
        /// The job has an error.
        JOB_ERROR = 0x00000010, QM_STATUS_JOB_ERROR;
        /// Not supported.
        JOB_FOREGROUND = 0x00000020, QM_STATUS_JOB_FOREGROUND;
        /// The group is complete.
        GROUP_COMPLETE = 0x00000040, QM_STATUS_GROUP_COMPLETE;
        /// The group is not complete.
        GROUP_INCOMPLETE = 0x00000080, QM_STATUS_GROUP_INCOMPLETE;
        /// The group is suspended.
        GROUP_SUSPENDED = 0x00000100, QM_STATUS_GROUP_SUSPENDED;
        /// The group has an error.
        GROUP_ERROR = 0x00000200, QM_STATUS_GROUP_ERROR;
        /// The group is transferred in the foreground.
        GROUP_FOREGROUND = 0x00000400, QM_STATUS_GROUP_FOREGROUND;
    }
}
