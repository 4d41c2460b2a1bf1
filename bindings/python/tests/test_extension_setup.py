from __future__ import annotations

import datetime
import json
import pathlib
from typing import Any

import pytest

import bgcopy
from bgcopy.server import CleanupTask, ExtensionSetup, ExtensionSetupFactory


@pytest.fixture
def configuration(tmp_path: pathlib.Path) -> pathlib.Path:
    """A server with the directory ``/orders``, which is there, and ``/gone``, which is not."""
    path = tmp_path / "server.toml"
    path.write_text(
        "[defaults]\nanonymous = true\nsession_timeout = 90\ncleanup_count = 3\n"
        f'[[directory]]\nurl_prefix = "/orders"\npath = {json.dumps(str(tmp_path))}\n'
        f'[[directory]]\nurl_prefix = "/gone"\npath = {json.dumps(str(tmp_path / "gone"))}\n'
        "session_limit_enable = false\n"
    )
    return path


def enabled(setup: ExtensionSetup) -> bool:
    name, task = setup.get_cleanup_task_name(), setup.get_cleanup_task()
    assert (name is None) == (task is None)
    return name == "bgcopy-server-clean-up.service"


def test_uploads_are_enabled_and_disabled(configuration: pathlib.Path) -> None:
    orders = ExtensionSetupFactory(configuration).get_object("/orders")
    assert not enabled(orders)
    orders.enable_bits_uploads()
    assert enabled(orders)
    task = orders.get_cleanup_task()
    assert isinstance(task, CleanupTask) and task == orders.get_cleanup_task() and hash(task) == hash(task)
    assert task.interval == datetime.timedelta(hours=3)
    assert task.session_timeout == datetime.timedelta(seconds=90)
    assert task.sessions_per_user == 50
    assert repr(task).startswith("CleanupTask(interval=datetime.timedelta(")
    orders.disable_bits_uploads()
    assert not enabled(orders)


def test_the_environment_names_the_configuration(configuration: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGCOPY_SERVER_CONFIGURATION", str(configuration))
    setup = ExtensionSetupFactory().get_object("IIS://localhost/W3SVC/1/ROOT/orders")
    setup.enable_bits_uploads()
    assert "true" in (configuration.parent / "server.d" / "zz-uploads-orders.toml").read_text()


def test_what_cannot_be_set_up_is_refused(configuration: pathlib.Path) -> None:
    factory = ExtensionSetupFactory(bytes(configuration))
    for path in ("orders", "/../orders", "/or\nders", "IIS://other.example/W3SVC/1/ROOT/orders"):
        with pytest.raises(bgcopy.InvalidArgumentError):
            factory.get_object(path)
    with pytest.raises(bgcopy.NotFoundError, match="url_prefix"):
        factory.get_object("/other")
    with pytest.raises(bgcopy.NotFoundError, match="gone"):
        factory.get_object("/gone").enable_bits_uploads()
    with pytest.raises(bgcopy.InvalidArgumentError):
        ExtensionSetupFactory("server.toml")
    with pytest.raises(bgcopy.NotFoundError):
        ExtensionSetupFactory(configuration.with_name("other.toml")).get_object("/orders")
    configuration.write_text("wrong = 1\n")
    with pytest.raises(bgcopy.BitsError, match="line 1") as caught:
        factory.get_object("/orders")
    assert caught.value.code == bgcopy.ResultCode.BG_E_WIN32_INVALID_DATA


@pytest.mark.parametrize("value", [1, b"/orders", None])
def test_a_path_in_urls_is_text(configuration: pathlib.Path, value: Any) -> None:
    with pytest.raises(TypeError, match="path"):
        ExtensionSetupFactory(configuration).get_object(value)
    with pytest.raises(TypeError, match="configuration"):
        ExtensionSetupFactory(1)  # type: ignore[arg-type]
