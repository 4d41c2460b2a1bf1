//! Enumerations with the values of the Windows SDK.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ResultCode;
use crate::constants::{Constant, Group, Kind};

/// A number that is none of the values of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownValue(pub i32);

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a value of this enumeration", self.0)
    }
}

impl std::error::Error for UnknownValue {}

// Enumerations are stored and sent as their numbers: those never change, names and order may.
macro_rules! enumeration {
    (
        #[doc = $doc:literal]
        pub enum $name:ident = $group:ident {
            $(#[doc = $variant_doc:literal] $variant:ident = $value:literal, $sdk_name:ident;)*
        }
    ) => {
        #[doc = concat!($doc, "\n\nThe C type is `", stringify!($group), "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "i32", try_from = "i32")]
        #[repr(i32)]
        pub enum $name {
            $(
                #[doc = concat!($variant_doc, " `", stringify!($sdk_name), "`")]
                $variant = $value as u32 as i32,
            )*
        }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The constants of this type, for generators.
            pub const GROUP: Group = Group {
                name: stringify!($group),
                kind: Kind::Enumeration,
                doc: $doc.trim_ascii(),
                constants: &[$(Constant {
                    name: stringify!($sdk_name),
                    value: $name::$variant as i32 as i64,
                    group: stringify!($group),
                    doc: $variant_doc.trim_ascii(),
                },)*],
            };

            /// The name of the value in the Windows SDK and in C.
            #[must_use]
            pub const fn sdk_name(self) -> &'static str {
                match self {
                    $($name::$variant => stringify!($sdk_name),)*
                }
            }
        }

        impl From<$name> for i32 {
            fn from(value: $name) -> i32 {
                value as i32
            }
        }

        impl TryFrom<i32> for $name {
            type Error = UnknownValue;

            fn try_from(value: i32) -> Result<$name, UnknownValue> {
                $name::ALL.iter().copied().find(|known| *known as i32 == value).ok_or(UnknownValue(value))
            }
        }
    };
}

enumeration! {
    /// The direction of a job.
    pub enum JobType = BG_JOB_TYPE {
        /// From the server to local files.
        Download = 0, BG_JOB_TYPE_DOWNLOAD;
        /// One local file to the server.
        Upload = 1, BG_JOB_TYPE_UPLOAD;
        /// One local file to the server, then the reply of the server application back.
        UploadReply = 2, BG_JOB_TYPE_UPLOAD_REPLY;
    }
}

enumeration! {
    /// Where a job is in its life.
    pub enum JobState = BG_JOB_STATE {
        /// Waits for its turn.
        Queued = 0, BG_JOB_STATE_QUEUED;
        /// Connects to the server.
        Connecting = 1, BG_JOB_STATE_CONNECTING;
        /// Moves data.
        Transferring = 2, BG_JOB_STATE_TRANSFERRING;
        /// Paused; every job begins here.
        Suspended = 3, BG_JOB_STATE_SUSPENDED;
        /// Stopped by an error that needs somebody; resume it after the repair.
        Error = 4, BG_JOB_STATE_ERROR;
        /// Stopped by an error that may cure itself; goes on by itself.
        TransientError = 5, BG_JOB_STATE_TRANSIENT_ERROR;
        /// All data was moved; the program must complete the job.
        Transferred = 6, BG_JOB_STATE_TRANSFERRED;
        /// Completed: final.
        Acknowledged = 7, BG_JOB_STATE_ACKNOWLEDGED;
        /// Cancelled: final.
        Cancelled = 8, BG_JOB_STATE_CANCELLED;
    }
}

enumeration! {
    /// How urgent a job is; a lower number goes first.
    pub enum JobPriority = BG_JOB_PRIORITY {
        /// At once and at full speed, beside other foreground jobs.
        Foreground = 0, BG_JOB_PRIORITY_FOREGROUND;
        /// The first of the background levels.
        High = 1, BG_JOB_PRIORITY_HIGH;
        /// The background level of new jobs.
        Normal = 2, BG_JOB_PRIORITY_NORMAL;
        /// The last of the background levels.
        Low = 3, BG_JOB_PRIORITY_LOW;
    }
}

enumeration! {
    /// Where a job takes its proxy from.
    pub enum ProxyUsage = BG_JOB_PROXY_USAGE {
        /// The settings of the user; the choice of new jobs.
        Preconfig = 0, BG_JOB_PROXY_USAGE_PRECONFIG;
        /// No proxy.
        NoProxy = 1, BG_JOB_PROXY_USAGE_NO_PROXY;
        /// The lists given with the setting.
        Override = 2, BG_JOB_PROXY_USAGE_OVERRIDE;
        /// Detected for each file.
        Autodetect = 3, BG_JOB_PROXY_USAGE_AUTODETECT;
    }
}

enumeration! {
    /// Which part of the system an error belongs to.
    pub enum ErrorContext = BG_ERROR_CONTEXT {
        /// There is no error.
        None = 0, BG_ERROR_CONTEXT_NONE;
        /// Not known.
        Unknown = 1, BG_ERROR_CONTEXT_UNKNOWN;
        /// The queue itself.
        GeneralQueueManager = 2, BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER;
        /// Notifying the program.
        QueueManagerNotification = 3, BG_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION;
        /// The local file or its volume.
        LocalFile = 4, BG_ERROR_CONTEXT_LOCAL_FILE;
        /// The remote file or its URL.
        RemoteFile = 5, BG_ERROR_CONTEXT_REMOTE_FILE;
        /// The transport, not tied to one file.
        GeneralTransport = 6, BG_ERROR_CONTEXT_GENERAL_TRANSPORT;
        /// The server application behind an upload.
        RemoteApplication = 7, BG_ERROR_CONTEXT_REMOTE_APPLICATION;
        /// The certificate check of the program.
        ServerCertificateCallback = 8, BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK;
    }
}

enumeration! {
    /// Who asks for credentials.
    pub enum AuthTarget = BG_AUTH_TARGET {
        /// The server.
        Server = 1, BG_AUTH_TARGET_SERVER;
        /// The proxy.
        Proxy = 2, BG_AUTH_TARGET_PROXY;
    }
}

enumeration! {
    /// How credentials are presented.
    pub enum AuthScheme = BG_AUTH_SCHEME {
        /// Name and password in clear text.
        Basic = 1, BG_AUTH_SCHEME_BASIC;
        /// A digest of the password and a string of the server.
        Digest = 2, BG_AUTH_SCHEME_DIGEST;
        /// NTLM challenge and response.
        Ntlm = 3, BG_AUTH_SCHEME_NTLM;
        /// Kerberos or NTLM, whichever both sides have.
        Negotiate = 4, BG_AUTH_SCHEME_NEGOTIATE;
        /// Passport.
        Passport = 5, BG_AUTH_SCHEME_PASSPORT;
    }
}

enumeration! {
    /// Where a certificate store is.
    pub enum CertStoreLocation = BG_CERT_STORE_LOCATION {
        /// Of the user.
        CurrentUser = 0, BG_CERT_STORE_LOCATION_CURRENT_USER;
        /// Of this computer.
        LocalMachine = 1, BG_CERT_STORE_LOCATION_LOCAL_MACHINE;
        /// Of the running service.
        CurrentService = 2, BG_CERT_STORE_LOCATION_CURRENT_SERVICE;
        /// Of a named service.
        Services = 3, BG_CERT_STORE_LOCATION_SERVICES;
        /// Of a named user.
        Users = 4, BG_CERT_STORE_LOCATION_USERS;
        /// Of the user, set by group policy.
        CurrentUserGroupPolicy = 5, BG_CERT_STORE_LOCATION_CURRENT_USER_GROUP_POLICY;
        /// Of this computer, set by group policy.
        LocalMachineGroupPolicy = 6, BG_CERT_STORE_LOCATION_LOCAL_MACHINE_GROUP_POLICY;
        /// Of this computer, set by the enterprise.
        LocalMachineEnterprise = 7, BG_CERT_STORE_LOCATION_LOCAL_MACHINE_ENTERPRISE;
    }
}

enumeration! {
    /// Ready-made sets of cost flags: on which connections a job may transfer.
    pub enum TransferPolicy = BITS_JOB_TRANSFER_POLICY {
        /// On any.
        Always = 0x800000FF, BITS_JOB_TRANSFER_POLICY_ALWAYS;
        /// On any but while roaming.
        NotRoaming = 0x8000007F, BITS_JOB_TRANSFER_POLICY_NOT_ROAMING;
        /// Where no surcharge applies.
        NoSurcharge = 0x8000006F, BITS_JOB_TRANSFER_POLICY_NO_SURCHARGE;
        /// Where no surcharge applies and the cap of the plan is not near.
        Standard = 0x80000067, BITS_JOB_TRANSFER_POLICY_STANDARD;
        /// On those without restriction, or slowed down past the cap.
        Unrestricted = 0x80000021, BITS_JOB_TRANSFER_POLICY_UNRESTRICTED;
    }
}

enumeration! {
    /// Properties of a job; the value's member of the C union stands behind each.
    pub enum JobPropertyId = BITS_JOB_PROPERTY_ID {
        /// Cost flags (`Dword`).
        CostFlags = 1, BITS_JOB_PROPERTY_ID_COST_FLAGS;
        /// Class to activate for notifications (`ClsID`).
        NotificationClsid = 2, BITS_JOB_PROPERTY_NOTIFICATION_CLSID;
        /// Accept servers that tell no size and serve no ranges (`Enable`).
        DynamicContent = 3, BITS_JOB_PROPERTY_DYNAMIC_CONTENT;
        /// Do not keep progress and write straight to the destination (`Enable`).
        HighPerformance = 4, BITS_JOB_PROPERTY_HIGH_PERFORMANCE;
        /// Most bytes the job may download (`Uint64`).
        MaxDownloadSize = 5, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE;
        /// Use the user's own credentials towards this target (`Target`).
        UseStoredCredentials = 7, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS;
        /// Least milliseconds between notifications of modification (`Dword`).
        MinimumNotificationIntervalMs = 9, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS;
        /// Transfer only the ranges that are asked for (`Enable`).
        OnDemandMode = 10, BITS_JOB_PROPERTY_ON_DEMAND_MODE;
    }
}

enumeration! {
    /// Properties of a file; the value's member of the C union stands behind each.
    pub enum FilePropertyId = BITS_FILE_PROPERTY_ID {
        /// The headers of the last HTTP answer for the file (`String`).
        HttpResponseHeaders = 1, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS;
    }
}

enumeration! {
    /// Properties of a group of the legacy queue manager.
    pub enum GroupProperty = GROUPPROP {
        /// Priority; 1 is the only one.
        Priority = 0, GROUPPROP_PRIORITY;
        /// Not supported.
        RemoteUserId = 1, GROUPPROP_REMOTEUSERID;
        /// Not supported.
        RemoteUserPwd = 2, GROUPPROP_REMOTEUSERPWD;
        /// Not supported.
        LocalUserId = 3, GROUPPROP_LOCALUSERID;
        /// Not supported.
        LocalUserPwd = 4, GROUPPROP_LOCALUSERPWD;
        /// Protocol of the transfers.
        ProtocolFlags = 5, GROUPPROP_PROTOCOLFLAGS;
        /// Which notifications are wanted.
        NotifyFlags = 6, GROUPPROP_NOTIFYFLAGS;
        /// Class to create for notifications, as text.
        NotifyClsid = 7, GROUPPROP_NOTIFYCLSID;
        /// Not supported.
        ProgressSize = 8, GROUPPROP_PROGRESSSIZE;
        /// Not supported.
        ProgressPercent = 9, GROUPPROP_PROGRESSPERCENT;
        /// Not supported.
        ProgressTime = 10, GROUPPROP_PROGRESSTIME;
        /// Name to show, at most 256 characters.
        DisplayName = 11, GROUPPROP_DISPLAYNAME;
        /// Description, at most 1,024 characters.
        Description = 12, GROUPPROP_DESCRIPTION;
    }
}

enumeration! {
    /// Protocols of the legacy queue manager: plain numbers, not bits.
    pub enum QmProtocol = QM_PROTOCOL {
        /// HTTP, the only one that is accepted.
        Http = 1, QM_PROTOCOL_HTTP;
        /// FTP.
        Ftp = 2, QM_PROTOCOL_FTP;
        /// SMB.
        Smb = 3, QM_PROTOCOL_SMB;
        /// A protocol of the program's own.
        Custom = 4, QM_PROTOCOL_CUSTOM;
    }
}

enumeration! {
    /// How the legacy queue manager measures progress: plain numbers, not bits.
    pub enum QmProgress = QM_PROGRESS {
        /// In per cent.
        PercentDone = 1, QM_PROGRESS_PERCENT_DONE;
        /// In time; not supported.
        TimeDone = 2, QM_PROGRESS_TIME_DONE;
        /// In bytes.
        SizeDone = 3, QM_PROGRESS_SIZE_DONE;
    }
}

impl ErrorContext {
    /// The code whose [`ResultCode::text`] describes this context.
    #[must_use]
    pub const fn message_code(self) -> ResultCode {
        match self {
            ErrorContext::None => ResultCode::BG_S_ERROR_CONTEXT_NONE,
            ErrorContext::Unknown => ResultCode::BG_E_ERROR_CONTEXT_UNKNOWN,
            ErrorContext::GeneralQueueManager => ResultCode::BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER,
            ErrorContext::QueueManagerNotification => {
                ResultCode::BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION
            }
            ErrorContext::LocalFile => ResultCode::BG_E_ERROR_CONTEXT_LOCAL_FILE,
            ErrorContext::RemoteFile => ResultCode::BG_E_ERROR_CONTEXT_REMOTE_FILE,
            ErrorContext::GeneralTransport => ResultCode::BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT,
            ErrorContext::RemoteApplication => ResultCode::BG_E_ERROR_CONTEXT_REMOTE_APPLICATION,
            ErrorContext::ServerCertificateCallback => {
                ResultCode::BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK
            }
        }
    }
}
