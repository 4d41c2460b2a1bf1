"""Transfers in one line."""

from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import posixpath
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bgcopy._bgcopy import BackgroundCopyJob, BackgroundCopyManager, JobProgress
from bgcopy.enums import JobPriority, JobState, JobType, NotifyFlags
from bgcopy.errors import BitsError, ClosedError
from bgcopy.result import ResultCode

__all__ = ["default_manager", "download", "upload"]

#: ``True`` for a tqdm bar, ``False`` for silence, or whoever is called with the progress now and then.
Progress = bool | Callable[[JobProgress], object]

_lock = threading.Lock()
_default: BackgroundCopyManager | None = None


def default_manager() -> BackgroundCopyManager:
    """The queue of this user, for functions that are given no other.

    Opened at first use, and open until the program ends: transfers in it go on meanwhile. It is where
    ``$BGCOPY_DIRECTORY`` says, else ``~/.local/state/bgcopy``. One process has it at a time: another gets
    QueueBusyError, and may open a queue of its own in another directory.
    """
    global _default
    with _lock:
        if _default is not None:
            try:
                _default.overridden_by_policy  # noqa: B018 - asks the queue whether it is open
                return _default
            except ClosedError:
                _default = None
        _default = BackgroundCopyManager()
        return _default


def download(
    url: str,
    path: str | os.PathLike[str] | None = None,
    *,
    progress: Progress = False,
    timeout: datetime.timedelta | float | None = None,
    headers: Mapping[str, str] | str | None = None,
    priority: JobPriority = JobPriority.FOREGROUND,
    no_progress_timeout: datetime.timedelta | float = 120,
    manager: BackgroundCopyManager | None = None,
) -> pathlib.Path:
    """Downloads one file and gives its path. What an earlier call began, this one goes on with.

    The file has its name only when it is whole. A lost connection is tried again every 5 seconds until nothing
    has arrived for ``no_progress_timeout``. After Ctrl-C, a time limit or a lost network the job stays in the
    queue, suspended or in error, and the same call continues where it was, also in another process. After any
    other error nothing is left.

    :param path: where to, a file or an existing directory; the last part of the URL in the current directory
        when it is left out
    :param progress: True for a tqdm bar, or a callable that gets the JobProgress now and then
    :param timeout: datetime.timedelta or seconds for all of it
    :param headers: sent with every request
    :param priority: how urgent it is; other priorities than FOREGROUND wait for their turn
    :param manager: the queue; :func:`default_manager` when it is left out

    Raises HttpError and other kinds of TransferError, TimeoutError, QueueBusyError when another process has the
    queue, and KeyboardInterrupt with a text that says how to go on.
    """
    destination = destination_of(url, path)
    options = (progress, timeout, headers, priority, no_progress_timeout, manager)
    _transfer(JobType.DOWNLOAD, url, destination, *options)
    return destination


def upload(
    path: str | os.PathLike[str],
    url: str,
    *,
    progress: Progress = False,
    timeout: datetime.timedelta | float | None = None,
    headers: Mapping[str, str] | str | None = None,
    priority: JobPriority = JobPriority.FOREGROUND,
    no_progress_timeout: datetime.timedelta | float = 120,
    manager: BackgroundCopyManager | None = None,
) -> str:
    """Uploads one file to a server of the BITS upload protocol and gives its URL there; otherwise as :func:`download`.

    What an earlier call began, this one goes on with, in the session with the server that it began. A file that
    changes meanwhile is an error.

    :param url: the name the file gets; one that ends in a slash is a directory, which gets the file under its own name
    :param progress: True for a tqdm bar, or a callable that gets the JobProgress now and then

    Raises HttpError and other kinds of TransferError, TimeoutError, FileNotFoundError before anything is sent,
    QueueBusyError, and KeyboardInterrupt with a text that says how to go on.
    """
    source = pathlib.Path(os.path.abspath(os.fspath(path)))
    url = address_of(url, source)
    source.stat()
    options = (progress, timeout, headers, priority, no_progress_timeout, manager)
    _transfer(JobType.UPLOAD, url, source, *options)
    return url


def _transfer(
    kind: JobType,
    url: str,
    path: pathlib.Path,
    progress: Progress,
    timeout: datetime.timedelta | float | None,
    headers: Mapping[str, str] | str | None,
    priority: JobPriority,
    no_progress_timeout: datetime.timedelta | float,
    manager: BackgroundCopyManager | None,
) -> None:
    """Transfers one file, in the job of an earlier call where there is one."""
    # A progress that cannot be shown is to fail before anything is transferred.
    with _shown(progress, path.name) as show:
        manager = manager if manager is not None else default_manager()
        job = _find(manager, kind, url, str(path))
        if job is None:
            job = manager.create_job(path.name[:256], kind)
            try:
                job.add_file(url, path)
            except BaseException:
                job.cancel()
                raise
        with _given_up(job, f"the same call of bgcopy.{kind.name.lower()}"):
            job.priority = priority
            job.minimum_retry_delay = 5
            job.no_progress_timeout = no_progress_timeout
            if headers is not None:
                job.custom_headers = headers
            job.resume()
            finish(job, show, timeout)


def address_of(url: str, path: str | os.PathLike[str]) -> str:
    """The URL a file is saved as: itself, or below it where it is a directory."""
    return url + urllib.parse.quote(os.path.basename(path)) if url.endswith("/") else url


def destination_of(url: str, path: str | os.PathLike[str] | None) -> pathlib.Path:
    """The absolute path a URL is saved as, like cp: into a directory, or as the name that is given."""
    target = pathlib.Path(os.path.abspath(os.fspath(path) if path is not None else "."))
    if path is None or target.is_dir():
        parsed = urllib.parse.urlsplit(url)
        name = posixpath.basename(urllib.parse.unquote(parsed.path))
        if not name or "/" in name or "\0" in name or name in (".", ".."):
            raise ValueError(f"the URL {url!r} ends in no file name: name the path of the file")
        target = target / name
    return target


def _find(manager: BackgroundCopyManager, kind: JobType, url: str, path: str) -> BackgroundCopyJob | None:
    """The job of an earlier call for the same file."""
    for job in manager:
        with contextlib.suppress(BitsError):
            files = job.files
            names = [(file.remote_name, file.local_name) for file in files] if len(files) == 1 else []
            if names == [(url, path)] and job.type is kind:
                return job
    return None


def finish(
    job: BackgroundCopyJob,
    show: Callable[[JobProgress], object] | None,
    timeout: datetime.timedelta | float | None,
) -> None:
    """Waits for a job and completes it. A job that fails for good is cancelled."""
    flags = job.notify_flags
    wanted = NotifyFlags.JOB_TRANSFERRED | NotifyFlags.JOB_ERROR
    if flags & wanted != wanted or flags & NotifyFlags.DISABLE:
        job.notify_flags = (flags | wanted) & ~NotifyFlags.DISABLE
    seconds = timeout.total_seconds() if isinstance(timeout, datetime.timedelta) else timeout
    try:
        if show is None:
            job.join(seconds)
        else:
            _follow(job, show, seconds)
        if job.state is JobState.TRANSFERRED:
            job.complete()
    except BitsError as error:
        lost_network = error.retryable or error.code == ResultCode.BG_E_NO_PROGRESS
        if not lost_network and not isinstance(error, ClosedError):
            with contextlib.suppress(BitsError):
                job.cancel()
        raise


def _follow(job: BackgroundCopyJob, show: Callable[[JobProgress], object], seconds: float | None) -> None:
    """Waits for a job and shows its progress ten times a second."""
    left = seconds
    while True:
        turn = 0.1 if left is None else min(0.1, left)
        try:
            job.join(turn)
            show(job.progress)
            return
        except TimeoutError as error:
            # Of the wait, not of the transfer.
            if isinstance(error, BitsError):
                raise
            show(job.progress)
            if left is not None:
                left -= turn
                if left <= 0:
                    raise


@contextlib.contextmanager
def _given_up(job: BackgroundCopyJob, again: str) -> Iterator[None]:
    """Suspends a job that the caller does not wait for any longer, and says how to go on."""
    try:
        yield
    except (KeyboardInterrupt, TimeoutError) as error:
        if isinstance(error, BitsError):
            raise
        with contextlib.suppress(BitsError):
            job.suspend()
            done = job.progress
            what = f"{done.bytes_transferred:,} bytes of {job.display_name!r} are kept and the job is suspended"
            text = f"{what}; {again} goes on with it"
            raise type(error)(text) from None
        raise


@contextlib.contextmanager
def _shown(progress: Progress, name: str) -> Iterator[Callable[[JobProgress], object] | None]:
    """What is called with the progress."""
    if progress is False or progress is None:
        yield None
        return
    if callable(progress):
        yield progress
        return
    if progress is not True:
        raise TypeError(f"progress must be bool or callable, not {type(progress).__name__}")
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: pip install bgcopy[progress]", name="tqdm") from None
    with tqdm(desc=name, unit="B", unit_scale=True, unit_divisor=1024) as bar:
        # A bar of what was there before this call would show a wrong speed.
        first: Any = None

        def show(now: JobProgress) -> None:
            nonlocal first
            if first is None:
                first = now.bytes_transferred
                bar.initial = first
            bar.total = now.bytes_total
            bar.n = now.bytes_transferred
            bar.refresh()

        yield show
