"""Programs that look at the certificates of servers, and certificates that servers ask for."""

from __future__ import annotations

import gc
import hashlib
import pathlib
import ssl
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bgcopy
from bgcopy import (
    BackgroundCopyFile,
    BackgroundCopyJob,
    BackgroundCopyManager,
    BackgroundCopyServerCertificateValidationCallback,
    CertStoreLocation,
    JobState,
    ResultCode,
    SecurityFlags,
)
from conftest import PATIENCE, Calls, Program, sha256
from server import Server

USER = CertStoreLocation.CURRENT_USER


def secure(manager: BackgroundCopyManager, server: Server, files: pathlib.Path, port: str) -> BackgroundCopyJob:
    """A job for a file of a server whose certificate nobody vouches for but the program."""
    job = manager.create_job("a")
    job.priority = bgcopy.JobPriority.FOREGROUND
    job.security_flags = SecurityFlags.IGNORE_UNKNOWN_CA
    job.no_progress_timeout = 0
    job.add_file(f"https://localhost:{server.ports[port]}/file/1000?seed=1", files / "a")
    return job


def test_a_callable_looks_at_the_chain_and_accepts(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = secure(manager, server, files, "https_untrusted")
    seen: list[tuple[Any, ...]] = []

    def look(job: BackgroundCopyJob, file: BackgroundCopyFile, chain: list[bytes]) -> bool:
        seen.append((job, file.index, chain))
        with pytest.raises(bgcopy.InvalidStateError):
            job.cancel()
        return bool(hashlib.sha256(chain[0]).digest())

    assert job.on_server_certificate is None
    job.on_server_certificate = look
    assert job.on_server_certificate is look
    job.resume()
    assert job.join(PATIENCE) is JobState.TRANSFERRED
    job.complete()
    assert sha256(files / "a") == server.sha256(1000, seed=1)
    # What was accepted is not asked about again.
    (of, index, chain), = seen
    assert of == job and index == 0 and all(certificate[0] == 0x30 for certificate in chain)


def test_a_subclass_looks_at_the_chain(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    class Mine(BackgroundCopyServerCertificateValidationCallback):
        def validate_server_certificate(
            self, job: BackgroundCopyJob, file: BackgroundCopyFile, chain: list[bytes]
        ) -> int:
            return ResultCode.BG_S_OK

    job = secure(manager, server, files, "https_untrusted")
    mine = Mine()
    job.set_server_certificate_validation_interface(mine)
    assert job.on_server_certificate is mine
    job.resume()
    assert job.join(PATIENCE) is JobState.TRANSFERRED


def test_the_base_class_declines(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = secure(manager, server, files, "https_untrusted")
    job.set_server_certificate_validation_interface(BackgroundCopyServerCertificateValidationCallback())
    job.resume()
    with pytest.raises(bgcopy.BitsError, match="declines the certificate"):
        job.join(PATIENCE)


def raises(*_: object) -> int:
    raise ValueError("not this one")


@pytest.mark.parametrize(
    "check, code, said",
    [
        (lambda *_: False, ResultCode.BG_E_FAIL, None),
        (lambda *_: ResultCode.BG_E_ACCESSDENIED, ResultCode.BG_E_ACCESSDENIED, None),
        (lambda *_: None, ResultCode.BG_E_FAIL, TypeError),
        (lambda *_: "yes", ResultCode.BG_E_FAIL, TypeError),
        (lambda *_: 1 << 40, ResultCode.BG_E_FAIL, OverflowError),
        (raises, ResultCode.BG_E_FAIL, ValueError),
        (lambda: True, ResultCode.BG_E_FAIL, TypeError),
    ],
    ids=["False", "code", "None", "str", "huge", "raises", "arguments"],
)
def test_only_a_clear_yes_accepts(
    manager: BackgroundCopyManager,
    server: Server,
    files: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    check: Any,
    code: ResultCode,
    said: type[Exception] | None,
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: shown.append(unraisable.exc_type))
    job = secure(manager, server, files, "https_untrusted")
    job.on_server_certificate = check
    job.resume()
    with pytest.raises(bgcopy.BitsError) as caught:
        job.join(PATIENCE)
    assert caught.value.code is code
    assert shown == ([said] if said else [])
    assert "GET" not in str(server.log()), "no request to a server that was declined"


def test_a_check_goes_with_nothing_else(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, program: Program
) -> None:
    """A program that looks at certificates has not asked for events: the command line is still run."""
    job = secure(manager, server, files, "https_untrusted")
    job.on_server_certificate = lambda *_: True
    calls = Calls()
    job.on_transferred = calls
    job.on_transferred = None
    assert job.on_server_certificate is not None
    job.set_notify_cmd_line(*program.command)
    job.notify_flags = bgcopy.NotifyFlags.JOB_TRANSFERRED | bgcopy.NotifyFlags.JOB_ERROR
    job.resume()
    job.join(PATIENCE)
    program.wait()
    assert not calls.all


def test_a_check_is_refused_while_the_job_is_active(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", size=1000, stall_after=10), files / "a")
    job.resume()
    server.wait(stalled=1)
    with pytest.raises(bgcopy.InvalidStateError) as caught:
        job.on_server_certificate = lambda *_: True
    assert caught.value.code is ResultCode.BG_E_READ_ONLY_WHEN_JOB_ACTIVE
    assert job.on_server_certificate is None
    for value in (5, "a"):
        with pytest.raises(TypeError, match="^on_server_certificate must be callable or None"):
            job.on_server_certificate = value  # type: ignore[assignment]
        with pytest.raises(TypeError, match="^interface must be a BackgroundCopyServerCertificateValidationCallback"):
            job.set_server_certificate_validation_interface(value)  # type: ignore[arg-type]
    job.cancel()


def test_a_check_that_is_gone_with_its_process_is_an_error(
    server: Server, files: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = secure(manager, server, files, "https_untrusted")
        job.on_server_certificate = lambda *_: True
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = manager.jobs[0]
        job.resume()
        with pytest.raises(bgcopy.BitsError) as caught:
            job.join(PATIENCE)
        assert caught.value.code is ResultCode.BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED
        job.on_server_certificate = lambda *_: True
        job.resume()
        assert job.join(PATIENCE) is JobState.TRANSFERRED


def test_a_check_can_be_collected(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    class Check:
        def __call__(self, *_: object) -> bool:
            return True

    check = Check()
    check.job = manager.create_job("a")  # type: ignore[attr-defined]
    check.job.on_server_certificate = check  # type: ignore[attr-defined]
    gone = weakref.ref(check)
    check.job.cancel()  # type: ignore[attr-defined]
    del check
    gc.collect()
    assert gone() is None



@pytest.fixture
def store(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[pathlib.Path, Server]]:
    """The user's store MY, with the certificate that the server's port for clients asks for."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    place = tmp_path / "config" / "bgcopy" / "certs" / "MY"
    place.mkdir(parents=True)
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    server = Server("--client-cert-file", str(certificate), "--client-key-file", str(key))
    (place / "client.pem").write_text(certificate.read_text() + key.read_text())
    yield place / "client.pem", server
    server.close()


def test_a_server_that_asks_for_a_certificate_gets_it(
    store: tuple[pathlib.Path, Server], files: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    path, server = store
    der = ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----BEGIN PRIVATE")[0])
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = secure(manager, server, files, "https_client_cert")
        assert [job.client_certificate] == [None]
        with pytest.raises(bgcopy.BitsError) as absent:
            job.get_client_certificate()
        assert absent.value.code is ResultCode.BG_E_RPC_BAD_STUB_DATA
        assert job.remove_client_certificate() is ResultCode.BG_S_FALSE
        job.resume()
        with pytest.raises(bgcopy.BitsError) as caught:
            job.join(PATIENCE)
        assert caught.value.code is ResultCode.BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED
        job.set_client_certificate_by_name(USER, "MY", "BGCOPY-client")
        found = (USER, "MY", hashlib.sha1(der).digest(), "bgcopy-client")
        assert job.get_client_certificate() == job.client_certificate == found
        assert job.remove_client_certificate() is ResultCode.BG_S_OK
        job.set_client_certificate_by_id(USER, "MY", hashlib.sha1(der).digest())
        job.resume()
        assert job.join(PATIENCE) is JobState.TRANSFERRED
        job.complete()
    assert sha256(files / "a") == server.sha256(1000, seed=1)


def test_certificates_that_are_not_there_are_refused(
    store: tuple[pathlib.Path, Server], tmp_path: pathlib.Path
) -> None:
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = manager.create_job("a")
        calls: list[tuple[Callable[[], object], type[Exception]]] = [
            (lambda: job.set_client_certificate_by_name(USER, "MY", "nobody"), bgcopy.NotFoundError),
            (lambda: job.set_client_certificate_by_name(USER, "CA", "bgcopy"), bgcopy.NotFoundError),
            (lambda: job.set_client_certificate_by_id(USER, "MY", bytes(20)), bgcopy.NotFoundError),
            (lambda: job.set_client_certificate_by_id(USER, "MY", bytes(19)), bgcopy.InvalidArgumentError),
            (lambda: job.set_client_certificate_by_name(USER, "MY", ""), bgcopy.InvalidArgumentError),
            (lambda: job.set_client_certificate_by_name(USER, "M\0", "a"), bgcopy.InvalidArgumentError),
            (lambda: job.set_client_certificate_by_name(USER, "x" * 257, "a"), bgcopy.InvalidArgumentError),
            (lambda: job.set_client_certificate_by_name(CertStoreLocation.USERS, "MY", "a"), bgcopy.NotSupportedError),
        ]
        for call, kind in calls:
            with pytest.raises(kind):
                call()
        for value in ("a" * 20, None, 5):
            with pytest.raises(TypeError, match="^cert_hash must be bytes"):
                job.set_client_certificate_by_id(USER, "MY", value)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="^store_location must be CertStoreLocation"):
            job.set_client_certificate_by_name("user", "MY", "a")  # type: ignore[arg-type]
        assert job.client_certificate is None
