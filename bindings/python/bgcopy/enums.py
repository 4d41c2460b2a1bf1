"""Enumerations and flags, with the values of the Windows SDK.

Written by generate.py from the tables of the engine: change those.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

__all__ = [
    "AclFlags",
    "AuthScheme",
    "AuthTarget",
    "CertStoreLocation",
    "CostFlags",
    "EnumFlags",
    "ErrorContext",
    "FilePropertyId",
    "GroupProperty",
    "JobPeerCachingFlags",
    "JobPriority",
    "JobPropertyId",
    "JobState",
    "JobType",
    "NotifyFlags",
    "PeerCachingFlags",
    "ProxyUsage",
    "QmNotifyFlags",
    "QmProgress",
    "QmProtocol",
    "QmStatusFlags",
    "SecurityFlags",
    "TokenFlags",
    "TransferPolicy",
]


class JobType(IntEnum):
    """The direction of a job. The C type is ``BG_JOB_TYPE``."""

    #: From the server to local files.
    DOWNLOAD = 0

    #: One local file to the server.
    UPLOAD = 1

    #: One local file to the server, then the reply of the server application back.
    UPLOAD_REPLY = 2


class JobState(IntEnum):
    """Where a job is in its life. The C type is ``BG_JOB_STATE``."""

    #: Waits for its turn.
    QUEUED = 0

    #: Connects to the server.
    CONNECTING = 1

    #: Moves data.
    TRANSFERRING = 2

    #: Paused; every job begins here.
    SUSPENDED = 3

    #: Stopped by an error that needs somebody; resume it after the repair.
    ERROR = 4

    #: Stopped by an error that may cure itself; goes on by itself.
    TRANSIENT_ERROR = 5

    #: All data was moved; the program must complete the job.
    TRANSFERRED = 6

    #: Completed: final.
    ACKNOWLEDGED = 7

    #: Cancelled: final.
    CANCELLED = 8


class JobPriority(IntEnum):
    """How urgent a job is; a lower number goes first. The C type is ``BG_JOB_PRIORITY``."""

    #: At once and at full speed, beside other foreground jobs.
    FOREGROUND = 0

    #: The first of the background levels.
    HIGH = 1

    #: The background level of new jobs.
    NORMAL = 2

    #: The last of the background levels.
    LOW = 3


class ProxyUsage(IntEnum):
    """Where a job takes its proxy from. The C type is ``BG_JOB_PROXY_USAGE``."""

    #: The settings of the user; the choice of new jobs.
    PRECONFIG = 0

    #: No proxy.
    NO_PROXY = 1

    #: The lists given with the setting.
    OVERRIDE = 2

    #: Detected for each file.
    AUTODETECT = 3


class ErrorContext(IntEnum):
    """Which part of the system an error belongs to. The C type is ``BG_ERROR_CONTEXT``."""

    #: There is no error.
    NONE = 0

    #: Not known.
    UNKNOWN = 1

    #: The queue itself.
    GENERAL_QUEUE_MANAGER = 2

    #: Notifying the program.
    QUEUE_MANAGER_NOTIFICATION = 3

    #: The local file or its volume.
    LOCAL_FILE = 4

    #: The remote file or its URL.
    REMOTE_FILE = 5

    #: The transport, not tied to one file.
    GENERAL_TRANSPORT = 6

    #: The server application behind an upload.
    REMOTE_APPLICATION = 7

    #: The certificate check of the program.
    SERVER_CERTIFICATE_CALLBACK = 8


class AuthTarget(IntEnum):
    """Who asks for credentials. The C type is ``BG_AUTH_TARGET``."""

    #: The server.
    SERVER = 1

    #: The proxy.
    PROXY = 2


class AuthScheme(IntEnum):
    """How credentials are presented. The C type is ``BG_AUTH_SCHEME``."""

    #: Name and password in clear text.
    BASIC = 1

    #: A digest of the password and a string of the server.
    DIGEST = 2

    #: NTLM challenge and response.
    NTLM = 3

    #: Kerberos or NTLM, whichever both sides have.
    NEGOTIATE = 4

    #: Passport.
    PASSPORT = 5


class CertStoreLocation(IntEnum):
    """Where a certificate store is. The C type is ``BG_CERT_STORE_LOCATION``."""

    #: Of the user.
    CURRENT_USER = 0

    #: Of this computer.
    LOCAL_MACHINE = 1

    #: Of the running service.
    CURRENT_SERVICE = 2

    #: Of a named service.
    SERVICES = 3

    #: Of a named user.
    USERS = 4

    #: Of the user, set by group policy.
    CURRENT_USER_GROUP_POLICY = 5

    #: Of this computer, set by group policy.
    LOCAL_MACHINE_GROUP_POLICY = 6

    #: Of this computer, set by the enterprise.
    LOCAL_MACHINE_ENTERPRISE = 7


class TransferPolicy(IntEnum):
    """Ready-made sets of cost flags: on which connections a job may transfer. The C type is ``BITS_JOB_TRANSFER_POLICY``."""

    #: On any.
    ALWAYS = -2147483393

    #: On any but while roaming.
    NOT_ROAMING = -2147483521

    #: Where no surcharge applies.
    NO_SURCHARGE = -2147483537

    #: Where no surcharge applies and the cap of the plan is not near.
    STANDARD = -2147483545

    #: On those without restriction, or slowed down past the cap.
    UNRESTRICTED = -2147483615


class JobPropertyId(IntEnum):
    """Properties of a job; the value's member of the C union stands behind each. The C type is ``BITS_JOB_PROPERTY_ID``."""

    #: Cost flags (`Dword`).
    COST_FLAGS = 1

    #: Class to activate for notifications (`ClsID`).
    NOTIFICATION_CLSID = 2

    #: Accept servers that tell no size and serve no ranges (`Enable`).
    DYNAMIC_CONTENT = 3

    #: Do not keep progress and write straight to the destination (`Enable`).
    HIGH_PERFORMANCE = 4

    #: Most bytes the job may download (`Uint64`).
    MAX_DOWNLOAD_SIZE = 5

    #: Use the user's own credentials towards this target (`Target`).
    USE_STORED_CREDENTIALS = 7

    #: Least milliseconds between notifications of modification (`Dword`).
    MINIMUM_NOTIFICATION_INTERVAL_MS = 9

    #: Transfer only the ranges that are asked for (`Enable`).
    ON_DEMAND_MODE = 10


class FilePropertyId(IntEnum):
    """Properties of a file; the value's member of the C union stands behind each. The C type is ``BITS_FILE_PROPERTY_ID``."""

    #: The headers of the last HTTP answer for the file (`String`).
    HTTP_RESPONSE_HEADERS = 1


class NotifyFlags(IntFlag):
    """Which notifications of a job are wanted. The C type is ``BG_NOTIFY``."""

    #: The whole job was transferred.
    JOB_TRANSFERRED = 0x1

    #: The job entered the state ERROR.
    JOB_ERROR = 0x2

    #: No notifications, whatever the other bits say.
    DISABLE = 0x4

    #: The state, the progress or a property of the job changed.
    JOB_MODIFICATION = 0x8

    #: One file was transferred.
    FILE_TRANSFERRED = 0x10

    #: Requested ranges of a file were transferred.
    FILE_RANGES_TRANSFERRED = 0x20


class CostFlags(IntFlag):
    """On which connections a job may transfer. The C type is ``BITS_COST_STATE``."""

    #: Flat rate.
    UNRESTRICTED = 0x1

    #: Capped plan of unknown usage.
    CAPPED_USAGE_UNKNOWN = 0x2

    #: Capped plan, below the cap.
    BELOW_CAP = 0x4

    #: Capped plan, near the cap.
    NEAR_CAP = 0x8

    #: Past the cap, at extra charge.
    OVERCAP_CHARGED = 0x10

    #: Past the cap, slowed down.
    OVERCAP_THROTTLED = 0x20

    #: Paid by use.
    USAGE_BASED = 0x40

    #: Roaming.
    ROAMING = 0x80

    #: Reserved.
    RESERVED = 0x40000000

    #: Transfer even when the network is said to be congested.
    IGNORE_CONGESTION = 0x80000000

    #: Any connection but while roaming.
    TRANSFER_NOT_ROAMING = 0x8000007f

    #: Connections without surcharge.
    TRANSFER_NO_SURCHARGE = 0x8000006f

    #: Connections without surcharge whose cap is not near.
    TRANSFER_STANDARD = 0x80000067

    #: Connections without restriction, or slowed down past the cap.
    TRANSFER_UNRESTRICTED = 0x80000021

    #: Any connection.
    TRANSFER_ALWAYS = 0x800000ff


class AclFlags(IntFlag):
    """What of the owner and the access rights of a remote file is copied along with it. The C type is ``BG_COPY_FILE``."""

    #: The owner.
    OWNER = 0x1

    #: The group.
    GROUP = 0x2

    #: The access rights.
    DACL = 0x4

    #: The audit rules.
    SACL = 0x8

    #: All four.
    ALL = 0xf


class SecurityFlags(IntFlag):
    """Certificate checks and the handling of redirects. The C type is ``BG_HTTP_SECURITY``."""

    #: Check before each file whether the certificate was revoked.
    ENABLE_CRL_CHECK = 0x1

    #: Accept a certificate of another host name.
    IGNORE_CERT_CN_INVALID = 0x2

    #: Accept a certificate outside its dates.
    IGNORE_CERT_DATE_INVALID = 0x4

    #: Accept a certificate of an unknown authority.
    IGNORE_UNKNOWN_CA = 0x8

    #: Accept a certificate that is not meant for servers.
    IGNORE_CERT_WRONG_USAGE = 0x10

    #: Follow redirects and keep the remote name; the policy of new jobs.
    REDIRECT_POLICY_ALLOW_SILENT = 0x0

    #: Follow redirects and store the final URL as the remote name.
    REDIRECT_POLICY_ALLOW_REPORT = 0x100

    #: Stop with an error at a redirect and store its URL as the remote name.
    REDIRECT_POLICY_DISALLOW = 0x200

    #: The bits that hold the redirect policy.
    REDIRECT_POLICY_MASK = 0x700

    #: Follow redirects from https to http too.
    REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP = 0x800


class TokenFlags(IntFlag):
    """What the helper token of a job is used for. The C type is ``BG_TOKEN``."""

    #: The local file.
    LOCAL_FILE = 0x1

    #: The remote file, and challenges answered with implicit credentials.
    NETWORK = 0x2


class JobPeerCachingFlags(IntFlag):
    """Whether a job uses the caches of peers. The C type is ``BG_JOB_PEERCACHING``."""

    #: The job may download from peers.
    ENABLE_PEERCACHING_CLIENT = 0x1

    #: The files of the job may be served to peers.
    ENABLE_PEERCACHING_SERVER = 0x2

    #: The job does not use BranchCache.
    DISABLE_BRANCH_CACHE = 0x4


class PeerCachingFlags(IntFlag):
    """Whether this computer takes part in peer caching. The C type is ``BG_PEERCACHING``."""

    #: The computer may download from peers.
    ENABLE_PEERCACHING_CLIENT = 0x1

    #: The computer may cache files and serve them to peers.
    ENABLE_PEERCACHING_SERVER = 0x2

    #: The computer does not use BranchCache.
    DISABLE_BRANCH_CACHE = 0x4


class EnumFlags(IntFlag):
    """Which jobs are enumerated; none of the flags means one's own. The C type is ``BG_JOB_ENUM``."""

    #: The jobs of all users; for administrators.
    ALL_USERS = 0x1


class GroupProperty(IntEnum):
    """Properties of a group of the legacy queue manager. The C type is ``GROUPPROP``."""

    #: Priority; 1 is the only one.
    PRIORITY = 0

    #: Not supported.
    REMOTEUSERID = 1

    #: Not supported.
    REMOTEUSERPWD = 2

    #: Not supported.
    LOCALUSERID = 3

    #: Not supported.
    LOCALUSERPWD = 4

    #: Protocol of the transfers.
    PROTOCOLFLAGS = 5

    #: Which notifications are wanted.
    NOTIFYFLAGS = 6

    #: Class to create for notifications, as text.
    NOTIFYCLSID = 7

    #: Not supported.
    PROGRESSSIZE = 8

    #: Not supported.
    PROGRESSPERCENT = 9

    #: Not supported.
    PROGRESSTIME = 10

    #: Name to show, at most 256 characters.
    DISPLAYNAME = 11

    #: Description, at most 1,024 characters.
    DESCRIPTION = 12


class QmProtocol(IntEnum):
    """Protocols of the legacy queue manager: plain numbers, not bits. The C type is ``QM_PROTOCOL``."""

    #: HTTP, the only one that is accepted.
    HTTP = 1

    #: FTP.
    FTP = 2

    #: SMB.
    SMB = 3

    #: A protocol of the program's own.
    CUSTOM = 4


class QmProgress(IntEnum):
    """How the legacy queue manager measures progress: plain numbers, not bits. The C type is ``QM_PROGRESS``."""

    #: In per cent.
    PERCENT_DONE = 1

    #: In time; not supported.
    TIME_DONE = 2

    #: In bytes.
    SIZE_DONE = 3


class QmNotifyFlags(IntFlag):
    """Which notifications of a group of the legacy queue manager are wanted. The C type is ``QM_NOTIFY``."""

    #: Not supported.
    FILE_DONE = 0x1

    #: Not supported.
    JOB_DONE = 0x2

    #: The group is complete.
    GROUP_DONE = 0x4

    #: No notifications, errors included.
    DISABLE_NOTIFY = 0x40

    #: Not supported.
    USE_PROGRESSEX = 0x80


class QmStatusFlags(IntFlag):
    """The status of a file, job or group of the legacy queue manager. The C type is ``QM_STATUS``."""

    #: The file is complete.
    FILE_COMPLETE = 0x1

    #: The file is not complete.
    FILE_INCOMPLETE = 0x2

    #: The job is complete.
    JOB_COMPLETE = 0x4

    #: The job is not complete.
    JOB_INCOMPLETE = 0x8

    #: The job has an error.
    JOB_ERROR = 0x10

    #: Not supported.
    JOB_FOREGROUND = 0x20

    #: The group is complete.
    GROUP_COMPLETE = 0x40

    #: The group is not complete.
    GROUP_INCOMPLETE = 0x80

    #: The group is suspended.
    GROUP_SUSPENDED = 0x100

    #: The group has an error.
    GROUP_ERROR = 0x200

    #: The group is transferred in the foreground.
    GROUP_FOREGROUND = 0x400
