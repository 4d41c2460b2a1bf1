"""The legacy queue manager, which was there before BITS: another view of the same queue.

For programs that were written for it; others use the classes of :mod:`bgcopy`. A group is a job of the queue, and
``BackgroundCopyQMgr(manager)`` shows the groups of an open queue.
"""

from __future__ import annotations

from bgcopy._bgcopy import BackgroundCopyGroup, BackgroundCopyJob1, BackgroundCopyQMgr
from bgcopy.enumerator import EnumBackgroundCopyGroups, EnumBackgroundCopyJobs1
from bgcopy.enums import GroupProperty, QmNotifyFlags, QmProgress, QmProtocol, QmStatusFlags

__all__ = [
    "BackgroundCopyCallback1",
    "BackgroundCopyGroup",
    "BackgroundCopyJob1",
    "BackgroundCopyQMgr",
    "EnumBackgroundCopyGroups",
    "EnumBackgroundCopyJobs1",
    "GroupProperty",
    "QmNotifyFlags",
    "QmProgress",
    "QmProtocol",
    "QmStatusFlags",
]


class BackgroundCopyCallback1:
    """Hears how a group ends (IBackgroundCopyCallback1): derive from it and override.

    Called on threads of the queue. A method that raises, or returns a negative result code, is called again later.
    """

    def on_status(
        self,
        group: BackgroundCopyGroup,
        job: BackgroundCopyJob1 | None,
        file_index: int | None,
        status: QmStatusFlags,
        num_of_retries: int,
        win32_result: int,
        transport_result: int,
    ) -> int | None:
        """The group is complete, or in error where ``status`` has GROUP_ERROR (OnStatus)."""

    def on_progress(
        self,
        progress_type: QmProgress,
        group: BackgroundCopyGroup,
        job: BackgroundCopyJob1 | None,
        file_index: int | None,
        progress_value: int,
    ) -> int | None:
        """Never called, as in BITS (OnProgress)."""

    def on_progress_ex(
        self,
        progress_type: QmProgress,
        group: BackgroundCopyGroup,
        job: BackgroundCopyJob1 | None,
        file_index: int | None,
        progress_value: int,
        byte_array: bytes,
    ) -> int | None:
        """Never called, as in BITS (OnProgressEx)."""
