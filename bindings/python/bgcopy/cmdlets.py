"""The commands of the BITS module of PowerShell as functions, with their parameters in lower case.

Where a command takes a job, one or several are taken. Functions without a job use
:func:`bgcopy.default_manager` unless they are given a manager.
"""

from __future__ import annotations

import datetime
import fnmatch
import glob
import os
import urllib.parse
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from bgcopy._bgcopy import BackgroundCopyJob, BackgroundCopyManager
from bgcopy.enums import (
    AuthScheme,
    AuthTarget,
    CostFlags,
    EnumFlags,
    JobPriority,
    JobType,
    NotifyFlags,
    ProxyUsage,
    SecurityFlags,
    TransferPolicy,
)
from bgcopy.transfer import Progress, _given_up, _shown, address_of, default_manager, destination_of, finish

__all__ = [
    "add_file",
    "complete_transfer",
    "get_transfer",
    "remove_transfer",
    "resume_transfer",
    "set_transfer",
    "start_transfer",
    "suspend_transfer",
]

_Path = str | os.PathLike[str]
_Span = datetime.timedelta | float
_Jobs = TypeVar("_Jobs", bound="BackgroundCopyJob | Sequence[BackgroundCopyJob]")


def start_transfer(
    source: _Path | Iterable[_Path],
    destination: _Path | Iterable[_Path] | None = None,
    *,
    asynchronous: bool = False,
    suspended: bool = False,
    display_name: str = "BITS Transfer",
    description: str | None = None,
    priority: JobPriority = JobPriority.FOREGROUND,
    transfer_type: JobType = JobType.DOWNLOAD,
    authentication: AuthScheme | None = None,
    credential: tuple[str, str] | None = None,
    custom_headers: Mapping[str, str] | str | None = None,
    custom_headers_write_only: bool = False,
    dynamic: bool = False,
    http_method: str | None = None,
    max_download_time: _Span | None = None,
    notify_cmd_line: tuple[_Path, str | None] | None = None,
    notify_flags: NotifyFlags | None = None,
    proxy_authentication: AuthScheme | None = None,
    proxy_bypass: str | Iterable[str] | None = None,
    proxy_credential: tuple[str, str] | None = None,
    proxy_list: str | Iterable[str] | None = None,
    proxy_usage: ProxyUsage | None = None,
    retry_interval: _Span | None = None,
    retry_timeout: _Span | None = None,
    security_flags: SecurityFlags | None = None,
    transfer_policy: TransferPolicy | CostFlags | None = None,
    use_stored_credential: bool | None = None,
    progress: Progress = False,
    manager: BackgroundCopyManager | None = None,
) -> BackgroundCopyJob:
    """Transfers files (Start-BitsTransfer): waits and completes the job, unless told otherwise.

    :param source: URLs or local files; local ones may have wildcards
    :param destination: one for each source, or one directory for all; the current directory when it is left out.
        Of an upload a URL, a directory where it ends in a slash
    :param transfer_type: JobType.UPLOAD sends a file, one for a job
    :param asynchronous: return at once; the caller completes the job
    :param suspended: do not resume the job; resume_transfer does
    :param credential: user name and password for the server
    :param authentication: the scheme of the credential, AuthScheme.BASIC when it is left out
    :param dynamic: servers may make the content while they send it: no size, no ranges, in the foreground only
    :param proxy_list: proxies, used when proxy_usage is left out too
    :param retry_interval: time before a transient error is tried again (600 s)
    :param retry_timeout: time without progress after which it is final (14 days)
    :param transfer_policy: connections of which costs may be used
    :param progress: True for a tqdm bar, or a callable that gets the JobProgress now and then

    Ctrl-C suspends the job; resume_transfer goes on with it. A job that fails is removed and its error raised.
    """
    pairs = _pairs(source, destination, transfer_type)
    with _shown(progress, display_name) as show:
        manager = manager if manager is not None else default_manager()
        job = manager.create_job(display_name, transfer_type)
        try:
            set_transfer(
                job,
                description=description,
                priority=priority,
                authentication=authentication,
                credential=credential,
                custom_headers=custom_headers,
                custom_headers_write_only=custom_headers_write_only,
                http_method=http_method,
                max_download_time=max_download_time,
                notify_cmd_line=notify_cmd_line,
                notify_flags=notify_flags,
                proxy_authentication=proxy_authentication,
                proxy_bypass=proxy_bypass,
                proxy_credential=proxy_credential,
                proxy_list=proxy_list,
                proxy_usage=proxy_usage,
                retry_interval=retry_interval,
                retry_timeout=retry_timeout,
                security_flags=security_flags,
                transfer_policy=transfer_policy,
                use_stored_credential=use_stored_credential,
            )
            if dynamic:
                job.dynamic_content = True
            job.add_file_set(pairs)
            if suspended:
                return job
            job.resume()
        except BaseException:
            job.cancel()
            raise
        if not asynchronous:
            _finish(job, show)
        return job


def get_transfer(
    name: str | Iterable[str] | None = None,
    *,
    job_id: uuid.UUID | str | Iterable[uuid.UUID | str] | None = None,
    all_users: bool = False,
    manager: BackgroundCopyManager | None = None,
) -> list[BackgroundCopyJob]:
    """Lists jobs (Get-BitsTransfer): all, those with a name, or those with an identifier.

    :param name: display names, with wildcards, in either case
    :param all_users: the jobs of all users, for root

    Raises NotFoundError for an identifier without a job; names without a job are no error.
    """
    manager = manager if manager is not None else default_manager()
    if job_id is not None:
        identifiers = [job_id] if isinstance(job_id, (uuid.UUID, str)) else list(job_id)
        return [manager.get_job(identifier) for identifier in identifiers]
    jobs = list(manager.enum_jobs(EnumFlags.ALL_USERS if all_users else 0))
    if name is None:
        return jobs
    patterns = [pattern.casefold() for pattern in ([name] if isinstance(name, str) else name)]
    return [
        job
        for job in jobs
        if any(fnmatch.fnmatchcase(job.display_name.casefold(), pattern) for pattern in patterns)
    ]


def add_file(
    job: _Jobs, source: _Path | Iterable[_Path], destination: _Path | Iterable[_Path] | None = None
) -> _Jobs:
    """Adds files to jobs (Add-BitsFile); sources and destinations as in start_transfer."""
    sources = _paths(source, "source")
    targets = None if destination is None else _paths(destination, "destination")
    for each in _each(job):
        each.add_file_set(_pairs(sources, targets, each.type))
    return job


def set_transfer(
    job: _Jobs,
    *,
    display_name: str | None = None,
    description: str | None = None,
    priority: JobPriority | None = None,
    authentication: AuthScheme | None = None,
    credential: tuple[str, str] | None = None,
    custom_headers: Mapping[str, str] | str | None = None,
    custom_headers_write_only: bool = False,
    http_method: str | None = None,
    max_download_time: _Span | None = None,
    notify_cmd_line: tuple[_Path, str | None] | None = None,
    notify_flags: NotifyFlags | None = None,
    proxy_authentication: AuthScheme | None = None,
    proxy_bypass: str | Iterable[str] | None = None,
    proxy_credential: tuple[str, str] | None = None,
    proxy_list: str | Iterable[str] | None = None,
    proxy_usage: ProxyUsage | None = None,
    retry_interval: _Span | None = None,
    retry_timeout: _Span | None = None,
    security_flags: SecurityFlags | None = None,
    transfer_policy: TransferPolicy | CostFlags | None = None,
    use_stored_credential: bool | None = None,
) -> _Jobs:
    """Changes properties of jobs (Set-BitsTransfer): those that are given, as in start_transfer."""
    plain: dict[str, Any] = {
        "display_name": display_name,
        "description": description,
        "priority": priority,
        "custom_headers": custom_headers,
        "http_method": http_method,
        "maximum_download_time": max_download_time,
        "notify_cmd_line": notify_cmd_line,
        "notify_flags": notify_flags,
        "minimum_retry_delay": retry_interval,
        "no_progress_timeout": retry_timeout,
        "security_flags": security_flags,
        "cost_flags": None if transfer_policy is None else int(transfer_policy) & 0xFFFF_FFFF,
        "stored_credentials": use_stored_credential,
    }
    for scheme, given, kind in (
        (authentication, credential, "credential"),
        (proxy_authentication, proxy_credential, "proxy_credential"),
    ):
        if given is not None and (isinstance(given, str) or len(given) != 2):
            raise TypeError(f"{kind} must be a pair of user name and password")
        if scheme is not None and given is None:
            raise ValueError(f"an authentication scheme needs a {kind}")
    proxies, bypass = _listed(proxy_list), _listed(proxy_bypass)
    if proxy_usage is None and proxies is not None:
        proxy_usage = ProxyUsage.OVERRIDE
    if proxy_usage is None and bypass is not None:
        raise ValueError("proxy_bypass needs a proxy_list")
    for each in _each(job):
        for name, value in plain.items():
            if value is not None:
                setattr(each, name, value)
        if custom_headers_write_only:
            each.make_custom_headers_write_only()
        if credential is not None:
            each.set_credentials(AuthTarget.SERVER, authentication or AuthScheme.BASIC, *credential)
        if proxy_credential is not None:
            each.set_credentials(AuthTarget.PROXY, proxy_authentication or AuthScheme.BASIC, *proxy_credential)
        if proxy_usage is not None:
            each.set_proxy_settings(proxy_usage, proxies, bypass)
    return job


def suspend_transfer(job: _Jobs) -> _Jobs:
    """Stops jobs until resume_transfer (Suspend-BitsTransfer); what arrived is kept."""
    for each in _each(job):
        each.suspend()
    return job


def resume_transfer(job: _Jobs, *, asynchronous: bool = False, progress: Progress = False) -> _Jobs:
    """Goes on with jobs (Resume-BitsTransfer): waits and completes them, unless told otherwise.

    :param asynchronous: return at once; the caller completes the jobs
    :param progress: True for a tqdm bar for each job, or a callable that gets the JobProgress now and then
    """
    jobs = _each(job)
    for each in jobs:
        each.resume()
    if not asynchronous:
        for each in jobs:
            with _shown(progress, each.display_name) as show:
                _finish(each, show)
    return job


def complete_transfer(job: _Jobs) -> _Jobs:
    """Gives the files of jobs their names and ends the jobs (Complete-BitsTransfer)."""
    for each in _each(job):
        each.complete()
    return job


def remove_transfer(job: _Jobs) -> _Jobs:
    """Ends jobs and deletes what they fetched (Remove-BitsTransfer)."""
    for each in _each(job):
        each.cancel()
    return job


def _finish(job: BackgroundCopyJob, show: Any) -> None:
    with _given_up(job, f"bgcopy.resume_transfer(bgcopy.get_transfer(job_id={str(job.id)!r}))"):
        finish(job, show, None)


def _each(job: BackgroundCopyJob | Sequence[BackgroundCopyJob]) -> list[BackgroundCopyJob]:
    jobs = [job] if isinstance(job, BackgroundCopyJob) else list(job)
    for each in jobs:
        if not isinstance(each, BackgroundCopyJob):
            raise TypeError(f"job must be a BackgroundCopyJob or several, not {type(each).__name__}")
    return jobs


def _listed(value: str | Iterable[str] | None) -> str | None:
    return value if value is None or isinstance(value, str) else " ".join(value)


def _paths(value: _Path | Iterable[_Path], name: str) -> list[str]:
    paths = [value] if isinstance(value, (str, os.PathLike)) else list(value)
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"{name} must be str, os.PathLike or several, not {type(path).__name__}")
    return [os.fspath(path) for path in paths]


def _is_url(source: str) -> bool:
    return urllib.parse.urlsplit(source).scheme.lower() in ("http", "https", "file")


def _pairs(
    source: _Path | Iterable[_Path], destination: _Path | Iterable[_Path] | None, kind: JobType
) -> list[tuple[str, _Path]]:
    """Each remote name with the local file."""
    if kind is not JobType.DOWNLOAD:
        if destination is None:
            raise ValueError("an upload needs a destination")
        files = [os.path.abspath(name) for path in _paths(source, "source") for name in sorted(glob.glob(path)) or [path]]
        urls = _paths(destination, "destination")
        urls *= len(files) if len(urls) == 1 else 1
        if not files or len(urls) != len(files):
            raise ValueError(f"there are {len(files)} sources and {len(urls)} destinations")
        return [(address_of(url, file), file) for url, file in zip(urls, files)]
    sources = _paths(source, "source")
    if not sources:
        raise ValueError("source is empty")
    targets = [None] if destination is None else list[str | None](_paths(destination, "destination"))
    if len(targets) == 1:
        targets *= len(sources)
    if len(targets) != len(sources):
        raise ValueError(f"there are {len(sources)} sources and {len(targets)} destinations")
    pairs: list[tuple[str, _Path]] = []
    for place, target in zip(sources, targets):
        found = [place]
        if not _is_url(place):
            found = [os.path.abspath(path) for path in sorted(glob.glob(place)) or [place]]
        # Several files cannot have one name.
        directory = target is None or os.path.isdir(target)
        if not directory and (len(found) > 1 or len(sources) > 1 and len(set(targets)) == 1):
            raise NotADirectoryError(f"{target}: several files need a directory")
        for path in found:
            if _is_url(path):
                pairs.append((path, destination_of(path, target)))
            else:
                file = os.path.join(target or "", os.path.basename(path)) if directory else target
                pairs.append((path, os.path.abspath(file or "")))
    return pairs
