"""Background transfers that survive crashes and lost networks, in the manner of BITS.

One line downloads a file and goes on where an earlier try stopped::

    bgcopy.download("https://example.org/large.iso", "large.iso", progress=True)

The classes mirror the interfaces of the Background Intelligent Transfer Service of Windows: a
BackgroundCopyManager is a queue, which lives in a directory; a BackgroundCopyJob transfers files.
"""

from __future__ import annotations

import atexit

from bgcopy._bgcopy import (
    BackgroundCopyError,
    BackgroundCopyFile,
    BackgroundCopyJob,
    BackgroundCopyManager,
    Event,
    FileProgress,
    JobProgress,
    JobTimes,
    __version__,
    close_all,
)
from bgcopy.callback import BackgroundCopyCallback, BackgroundCopyServerCertificateValidationCallback
from bgcopy.enumerator import EnumBackgroundCopyFiles, EnumBackgroundCopyJobs
from bgcopy.cmdlets import (
    add_file,
    complete_transfer,
    get_transfer,
    remove_transfer,
    resume_transfer,
    set_transfer,
    start_transfer,
    suspend_transfer,
)
from bgcopy.enums import (
    AclFlags,
    AuthScheme,
    AuthTarget,
    CertStoreLocation,
    CostFlags,
    EnumFlags,
    ErrorContext,
    FilePropertyId,
    GroupProperty,
    JobPeerCachingFlags,
    JobPriority,
    JobPropertyId,
    JobState,
    JobType,
    NotifyFlags,
    PeerCachingFlags,
    ProxyUsage,
    QmNotifyFlags,
    QmProgress,
    QmProtocol,
    QmStatusFlags,
    SecurityFlags,
    TokenFlags,
    TransferPolicy,
)
from bgcopy.errors import (
    AccessDeniedError,
    BitsError,
    ClosedError,
    HttpError,
    InvalidArgumentError,
    InvalidStateError,
    JobCancelledError,
    LimitError,
    NotFoundError,
    NotSupportedError,
    QueueBusyError,
    TransferError,
    TransferTimeoutError,
)
from bgcopy.events import EventStream
from bgcopy.file_range import FileRange
from bgcopy.result import ResultCode
from bgcopy.transfer import default_manager, download, upload

__all__ = [
    "AccessDeniedError",
    "AclFlags",
    "AuthScheme",
    "AuthTarget",
    "BackgroundCopyCallback",
    "BackgroundCopyError",
    "BackgroundCopyFile",
    "BackgroundCopyJob",
    "BackgroundCopyManager",
    "BackgroundCopyServerCertificateValidationCallback",
    "BitsError",
    "CertStoreLocation",
    "ClosedError",
    "CostFlags",
    "EnumBackgroundCopyFiles",
    "EnumBackgroundCopyJobs",
    "EnumFlags",
    "ErrorContext",
    "Event",
    "EventStream",
    "FileProgress",
    "FilePropertyId",
    "FileRange",
    "GroupProperty",
    "HttpError",
    "InvalidArgumentError",
    "InvalidStateError",
    "JobCancelledError",
    "JobPeerCachingFlags",
    "JobPriority",
    "JobProgress",
    "JobPropertyId",
    "JobState",
    "JobTimes",
    "JobType",
    "LimitError",
    "NotFoundError",
    "NotSupportedError",
    "NotifyFlags",
    "PeerCachingFlags",
    "ProxyUsage",
    "QmNotifyFlags",
    "QmProgress",
    "QmProtocol",
    "QmStatusFlags",
    "QueueBusyError",
    "ResultCode",
    "SecurityFlags",
    "TokenFlags",
    "TransferError",
    "TransferPolicy",
    "TransferTimeoutError",
    "__version__",
    "add_file",
    "complete_transfer",
    "default_manager",
    "download",
    "get_transfer",
    "remove_transfer",
    "resume_transfer",
    "set_transfer",
    "start_transfer",
    "suspend_transfer",
    "upload",
]

# No thread of a queue may call into an interpreter that is going away.
atexit.register(close_all)
