"""Exceptions: one root, and a class for each kind that also derives from the builtin that fits."""

from __future__ import annotations

import re

from bgcopy.enums import ErrorContext
from bgcopy.result import ResultCode

__all__ = [
    "AccessDeniedError",
    "BitsError",
    "ClosedError",
    "HttpError",
    "InvalidArgumentError",
    "InvalidStateError",
    "JobCancelledError",
    "LimitError",
    "NotFoundError",
    "NotSupportedError",
    "QueueBusyError",
    "TransferError",
    "TransferTimeoutError",
]


class BitsError(Exception):
    """The root of all errors of bgcopy. ``str()`` says what failed, on what, and what to do."""

    #: The result code: a member of ResultCode, or a plain int outside its table.
    code: int
    #: The name of the code, such as ``BG_E_NOT_FOUND``.
    name: str
    #: What failed, without the code.
    text: str
    #: Whether trying again can help.
    retryable: bool
    #: Which part of the system the error belongs to.
    context: ErrorContext
    #: The URL in question, or None.
    url: str | None
    #: The local path in question, or None.
    path: str | None

    def __init__(
        self,
        code: int = ResultCode.BG_E_FAIL,
        name: str = "",
        text: str = "",
        retryable: bool = False,
        context: ErrorContext = ErrorContext.NONE,
        url: str | None = None,
        path: str | None = None,
    ) -> None:
        # All of them are the arguments, so that the error survives pickling.
        super().__init__(code, name, text, retryable, context, url, path)
        self.code = code_of(code)
        self.name = name
        self.text = text
        self.retryable = retryable
        self.context = context
        self.url = url
        self.path = path

    def __str__(self) -> str:
        names = [
            f"{kind} {name}"
            for kind, name in (("URL", self.url), ("path", self.path))
            if name and name not in self.text
        ]
        place = f" ({', '.join(names)})" if names else ""
        return f"{self.text}{place} [{self.name}]"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.text}>"


class NotFoundError(BitsError, LookupError):
    """There is no such job, file, directory or information."""


class AccessDeniedError(BitsError, PermissionError):
    """The user may not do this, or the system forbids it."""


class InvalidArgumentError(BitsError, ValueError):
    """An argument is of the right type and of no use."""


class InvalidStateError(BitsError, RuntimeError):
    """The state of the job does not allow this now."""


class JobCancelledError(InvalidStateError):
    """The job that was waited for was cancelled."""


class NotSupportedError(BitsError, NotImplementedError):
    """An undefined value, or one that is not available in this version."""


class ClosedError(BitsError, RuntimeError):
    """The queue is closed, or belongs to the process this one was forked from."""


class QueueBusyError(BitsError, BlockingIOError):
    """Another process has the queue open; the text names it."""


class LimitError(BitsError, RuntimeError):
    """A quota of jobs, files or bytes is full."""


class TransferError(BitsError, OSError):
    """A transfer failed: the network, the server or the disk."""


class HttpError(TransferError):
    """The server answered with an error."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.code & 0xFFFF


class TransferTimeoutError(TransferError, TimeoutError):
    """A transfer took too long."""


_CLASSES: dict[int, type[BitsError]] = {
    code: kind
    for kind, codes in {
        NotFoundError: (
            ResultCode.BG_E_NOT_FOUND,
            ResultCode.BG_E_FILE_NOT_AVAILABLE,
            ResultCode.BG_E_PROTOCOL_NOT_AVAILABLE,
            ResultCode.BG_E_ERROR_INFORMATION_UNAVAILABLE,
            ResultCode.BG_E_WIN32_FILE_NOT_FOUND,
            ResultCode.BG_E_WIN32_PATH_NOT_FOUND,
            ResultCode.BG_E_CRYPT_NOT_FOUND,
            ResultCode.QM_E_ITEM_NOT_FOUND,
        ),
        AccessDeniedError: (ResultCode.BG_E_ACCESSDENIED,),
        InvalidArgumentError: (
            ResultCode.BG_E_INVALIDARG,
            ResultCode.BG_E_STRING_TOO_LONG,
            ResultCode.BG_E_INVALID_RANGE,
            ResultCode.BG_E_OVERLAPPING_RANGES,
            ResultCode.BG_E_UNKNOWN_PROPERTY_ID,
            ResultCode.BG_E_INVALID_AUTH_TARGET,
            ResultCode.BG_E_INVALID_AUTH_SCHEME,
            ResultCode.BG_E_USERNAME_TOO_LARGE,
            ResultCode.BG_E_PASSWORD_TOO_LARGE,
            ResultCode.BG_E_PROXY_LIST_TOO_LARGE,
            ResultCode.BG_E_PROXY_BYPASS_LIST_TOO_LARGE,
            ResultCode.BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE,
            ResultCode.BG_E_WIN32_DIRECTORY,
            ResultCode.BG_E_WIN32_FILENAME_EXCED_RANGE,
        ),
        InvalidStateError: (
            ResultCode.BG_E_INVALID_STATE,
            ResultCode.BG_E_EMPTY,
            ResultCode.QM_E_INVALID_STATE,
            ResultCode.BG_E_PENDING,
            ResultCode.BG_E_READ_ONLY_PROPERTY,
            ResultCode.BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE,
            ResultCode.BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,
            ResultCode.BG_E_READ_ONLY_WHEN_JOB_ACTIVE,
            ResultCode.BG_E_UNSUPPORTED_JOB_CONFIGURATION,
        ),
        NotSupportedError: (
            ResultCode.BG_E_NOTIMPL,
            ResultCode.BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
            ResultCode.BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY,
            ResultCode.BG_E_RANDOM_ACCESS_NOT_SUPPORTED,
            ResultCode.BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED,
        ),
        ClosedError: (ResultCode.BG_E_DISCONNECTED,),
        QueueBusyError: (ResultCode.BG_E_WIN32_SHARING_VIOLATION,),
        LimitError: (
            ResultCode.BG_E_TOO_MANY_JOBS_PER_USER,
            ResultCode.BG_E_TOO_MANY_JOBS_PER_MACHINE,
            ResultCode.BG_E_TOO_MANY_FILES_IN_JOB,
            ResultCode.BG_E_TOO_MANY_RANGES_IN_FILE,
            ResultCode.BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED,
        ),
        TransferTimeoutError: (
            ResultCode.BG_E_NO_PROGRESS,
            ResultCode.BG_E_MAXDOWNLOAD_TIMEOUT,
            ResultCode.BG_E_WINHTTP_TIMEOUT,
        ),
    }.items()
    for code in codes
}


def code_of(code: int) -> int:
    """The member of ResultCode, or the number itself outside its table."""
    return ResultCode._value2member_map_.get(code, code)  # type: ignore[return-value]


def class_of(code: int, context: ErrorContext) -> type[BitsError]:
    """The class of the errors with a code."""
    found = _CLASSES.get(code)
    if found is not None:
        return found
    if code & 0xFFFFFFFF in range(0x80190000 + 100, 0x80190000 + 1000):
        return HttpError
    if context is not ErrorContext.NONE or code & 0xFFFF0000 == 0x80070000:
        return TransferError
    return BitsError


def error_of(
    code: int,
    name: str,
    text: str,
    retryable: bool,
    context: ErrorContext,
    url: str | None,
    path: str | None,
) -> BitsError:
    """The exception of a code, of the class that fits. The engine raises what this makes."""
    if url is not None:
        # Errors end in logs: a password in a URL must not.
        url = re.sub(r"(?<=://)[^/?#]*@", "", url)
    return class_of(code, context)(code, name, text, retryable, context, url, path)
