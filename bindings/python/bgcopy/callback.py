"""What a program is told about a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bgcopy._bgcopy import BackgroundCopyError, BackgroundCopyFile, BackgroundCopyJob

__all__ = ["BackgroundCopyCallback"]


class BackgroundCopyCallback:
    """Hears what happens to a job (IBackgroundCopyCallback, 2 and 3): derive from it and override.

    Methods run on threads of the queue, one at a time for a job and at most four at once for a queue. They may call
    every method of the job, complete and cancel included. A method that raises, or returns a negative result code,
    has failed: the exception goes to ``sys.unraisablehook``, and JobTransferred, JobError and FileTransferred are
    told again after the retry delay, at most 60 s.
    """

    def job_transferred(self, job: BackgroundCopyJob) -> int | None:
        """All files are transferred; ``job.complete()`` gives them their names (JobTransferred)."""

    def job_error(self, job: BackgroundCopyJob, error: BackgroundCopyError) -> int | None:
        """The job is in ERROR: repair and resume, complete what is there, or cancel (JobError)."""

    def job_modification(self, job: BackgroundCopyJob) -> int | None:
        """Bytes moved, a property or the state changed; merged when they come fast (JobModification)."""

    def file_transferred(self, job: BackgroundCopyJob, file: BackgroundCopyFile) -> int | None:
        """A file is whole; told in order of addition (FileTransferred)."""

    def file_ranges_transferred(
        self, job: BackgroundCopyJob, file: BackgroundCopyFile, ranges: list[tuple[int, int]]
    ) -> int | None:
        """Requested ranges, (offset, length) each, arrived (FileRangesTransferred)."""
