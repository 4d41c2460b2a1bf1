"""What a program is told about a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bgcopy._bgcopy import BackgroundCopyError, BackgroundCopyFile, BackgroundCopyJob
    from bgcopy.file_range import FileRange

__all__ = ["BackgroundCopyCallback", "BackgroundCopyServerCertificateValidationCallback"]


class BackgroundCopyCallback:
    """Hears what happens to a job (IBackgroundCopyCallback, 2 and 3): derive from it and override.

    Methods run on threads of the queue, one at a time for a job and at most four at once for a queue. They may call
    every method of the job, complete and cancel included. A method that raises, or returns a negative result code,
    has failed: the exception goes to ``sys.unraisablehook``, and JobTransferred, JobError and FileTransferred are
    told again after the retry delay, at most 60 s. A ClosedError because the queue was closed meanwhile goes nowhere.
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
        self, job: BackgroundCopyJob, file: BackgroundCopyFile, ranges: list[FileRange]
    ) -> int | None:
        """These ranges arrived since the last time (FileRangesTransferred)."""


class BackgroundCopyServerCertificateValidationCallback:
    """Looks at the certificates of servers (IBackgroundCopyServerCertificateValidationCallback): derive from it.

    The method runs on the thread of the transfer, which waits: to complete or cancel the job or to close the queue from
    there is InvalidStateError.
    """

    def validate_server_certificate(self, job: BackgroundCopyJob, file: BackgroundCopyFile, chain: list[bytes]) -> int:
        """Says whether the server is the right one (ValidateServerCertificate).

        :param chain: certificates in DER: that of the server, then those it sent along

        True or ResultCode.BG_S_OK accepts. False, a negative result code, an exception, which goes to
        ``sys.unraisablehook``, and everything else declines, as this method of the base class does.
        """
        return False
