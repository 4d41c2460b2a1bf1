"""The helper token of a job."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, ResultCode, TokenFlags
from conftest import PATIENCE
from server import Server


def test_flags_and_owner_are_what_was_set(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    assert job.helper_token_flags == job.get_helper_token_flags() == TokenFlags(0)
    job.helper_token_flags = TokenFlags.LOCAL_FILE | TokenFlags.NETWORK
    assert job.get_helper_token_flags() is TokenFlags.LOCAL_FILE | TokenFlags.NETWORK
    with pytest.raises(bgcopy.NotSupportedError):
        job.set_helper_token_flags(4)
    assert job.get_helper_token_sid() is None
    job.set_helper_token(files)
    assert job.helper_token_sid == job.get_helper_token_sid() == f"S-1-22-1-{os.geteuid()}"
    job.clear_helper_token()
    assert job.get_helper_token_sid() is None
    job.cancel()
    with pytest.raises(bgcopy.InvalidStateError):
        job.set_helper_token(files)


class Holder:
    """What has a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor


@pytest.mark.parametrize("wrap", [int, Holder], ids=["number", "fileno"])
def test_files_are_made_through_the_token(
    manager: BackgroundCopyManager, server: Server, tmp_path: pathlib.Path, wrap: Callable[[int], Any]
) -> None:
    place, moved = tmp_path / "place", tmp_path / "moved"
    place.mkdir()
    job = manager.create_job("a")
    job.add_file(server.url("/file/1000"), place / "a")
    job.helper_token_flags = TokenFlags.LOCAL_FILE
    job.resume()
    with pytest.raises(bgcopy.BitsError) as caught:
        job.join(PATIENCE)
    assert caught.value.code is ResultCode.BG_E_TOKEN_REQUIRED
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    job.set_helper_token(wrap(descriptor))
    os.close(descriptor)
    # The path leads elsewhere by the time the job runs; the descriptor does not.
    place.rename(moved)
    job.resume()
    job.join(PATIENCE)
    job.complete()
    assert (moved / "a").stat().st_size == 1000


@pytest.mark.parametrize("value", [-1, 1 << 80, 1_000_000, Holder(-1)], ids=["-1", "huge", "closed", "fileno"])
def test_what_is_no_open_directory_is_refused(manager: BackgroundCopyManager, value: Any) -> None:
    job = manager.create_job("a")
    with pytest.raises(bgcopy.InvalidArgumentError):
        job.set_helper_token(value)
    with open(os.devnull) as file, pytest.raises(bgcopy.InvalidArgumentError):
        job.set_helper_token(file)
    assert job.helper_token_sid is None


def test_a_path_without_a_directory_is_named(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    with pytest.raises(bgcopy.NotFoundError, match="nothing") as caught:
        job.set_helper_token(files / "nothing")
    assert caught.value.path == str(files / "nothing")
    values: list[Any] = [None, 1.5, True, []]
    for value in values:
        with pytest.raises(TypeError, match="^directory must be"):
            job.set_helper_token(value)
