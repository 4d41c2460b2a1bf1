from __future__ import annotations

import pathlib

import pytest

import bgcopy
from bgcopy import AuthScheme, AuthTarget, BackgroundCopyManager, JobPropertyId, ProxyUsage, ResultCode
from conftest import PATIENCE, sha256
from server import Server


def test_credentials_answer_the_server(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    url = server.offer("a", size=1000, seed=1, auth="basic", user="me", password="secret")
    job = manager.create_job("a")
    job.add_file(url, files / "a")
    job.resume()
    with pytest.raises(bgcopy.HttpError) as caught:
        job.join(PATIENCE)
    assert caught.value.status == 401
    job.set_credentials(AuthTarget.SERVER, AuthScheme.BASIC, "me", "secret")
    job.resume()
    job.join(PATIENCE)
    job.complete()
    assert sha256(files / "a") == server.sha256(1000, seed=1)


def test_credentials_are_checked_and_taken_away(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    job.set_credentials(AuthTarget.PROXY, AuthScheme.NTLM)
    assert job.remove_credentials(AuthTarget.PROXY, AuthScheme.NTLM) is ResultCode.BG_S_OK
    assert job.remove_credentials(AuthTarget.PROXY, AuthScheme.NTLM) is ResultCode.BG_S_FALSE
    for arguments, code in [
        ((9, AuthScheme.BASIC, "a", "b"), ResultCode.BG_E_INVALID_AUTH_TARGET),
        ((AuthTarget.SERVER, 9, "a", "b"), ResultCode.BG_E_INVALID_AUTH_SCHEME),
        ((AuthTarget.SERVER, AuthScheme.BASIC, None, "b"), ResultCode.BG_E_INVALIDARG),
        ((AuthTarget.SERVER, AuthScheme.BASIC, "a" * 301, "b"), ResultCode.BG_E_USERNAME_TOO_LARGE),
        ((AuthTarget.SERVER, AuthScheme.BASIC, "a", "secret" * 20000), ResultCode.BG_E_PASSWORD_TOO_LARGE),
    ]:
        with pytest.raises(bgcopy.InvalidArgumentError) as caught:
            job.set_credentials(*arguments)
        assert caught.value.code is code and "secret" not in str(caught.value)
    with pytest.raises(TypeError, match="^password must be str"):
        job.set_credentials(AuthTarget.SERVER, AuthScheme.BASIC, "a", 5)  # type: ignore[arg-type]


def test_proxies_are_used(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    assert job.proxy_settings == (ProxyUsage.PRECONFIG, None, None)
    settings = (ProxyUsage.OVERRIDE, f"127.0.0.1:{server.port}", "*.local")
    job.proxy_settings = settings
    assert job.get_proxy_settings() == settings
    job.add_file("http://nowhere.invalid/file/1000", files / "a")
    job.resume()
    job.join(PATIENCE)
    assert "nowhere.invalid" in str(server.log()[-1]["headers"])
    job.proxy_settings = ProxyUsage.NO_PROXY
    assert job.proxy_settings == (ProxyUsage.NO_PROXY, None, None)
    with pytest.raises(bgcopy.InvalidArgumentError):
        job.set_proxy_settings(ProxyUsage.NO_PROXY, "proxy")
    with pytest.raises(TypeError, match="^proxy_settings must be"):
        job.proxy_settings = "proxy"  # type: ignore[assignment]


def test_stored_credentials_may_answer_proxies(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    assert job.stored_credentials is False
    job.stored_credentials = True
    assert job.get_stored_credentials() is True
    assert job.get_property(JobPropertyId.USE_STORED_CREDENTIALS) is AuthTarget.PROXY
    job.set_property(JobPropertyId.USE_STORED_CREDENTIALS, 0)
    assert job.stored_credentials is False
    assert job.get_property(JobPropertyId.USE_STORED_CREDENTIALS) == 0
    with pytest.raises(bgcopy.BitsError) as caught:
        job.set_property(JobPropertyId.USE_STORED_CREDENTIALS, AuthTarget.SERVER)
    assert caught.value.code is ResultCode.BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED
    with pytest.raises(TypeError, match="^stored_credentials must be bool"):
        job.stored_credentials = 1  # type: ignore[assignment]


def through_a_proxy(job: bgcopy.BackgroundCopyJob, server: Server, files: pathlib.Path) -> None:
    """Lets the job go through a proxy that wants a user and a password."""
    server.ask("POST", "/proxy", "user=me\npassword=secret\n")
    job.proxy_settings = (ProxyUsage.OVERRIDE, f"127.0.0.1:{server.port}", None)
    job.no_progress_timeout = 0
    job.add_file("http://nowhere.invalid/file/1000?seed=1", files / "a")
    job.resume()


def test_credentials_answer_a_proxy(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    through_a_proxy(job, server, files)
    with pytest.raises(bgcopy.HttpError) as caught:
        job.join(PATIENCE)
    assert caught.value.status == 407
    error = job.error
    assert error is not None and error.http_status == 407
    job.set_credentials(AuthTarget.PROXY, AuthScheme.BASIC, "me", "secret")
    job.resume()
    job.join(PATIENCE)
    job.complete()
    assert sha256(files / "a") == server.sha256(1000, seed=1)


def test_the_netrc_of_the_user_answers_a_proxy_where_it_is_allowed(
    server: Server, files: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = manager.create_job("a")
        through_a_proxy(job, server, files)
        with pytest.raises(bgcopy.HttpError):
            job.join(PATIENCE)
        job.stored_credentials = True
        job.resume()
        job.join(PATIENCE)
        job.complete()
    assert sha256(files / "a") == server.sha256(1000, seed=1)
