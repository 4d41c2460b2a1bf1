from __future__ import annotations

import gc
import pathlib
import sys
import threading
import uuid
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import bgcopy
from bgcopy import BackgroundCopyCallback, BackgroundCopyManager, JobState, NotifyFlags, ResultCode
from bgcopy.qmgr import BackgroundCopyCallback1, BackgroundCopyQMgr
from conftest import PATIENCE, Calls
from server import Server


def prepared(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> bgcopy.BackgroundCopyJob:
    job = manager.create_job("a")
    job.add_file(server.url("/file/1000"), files / "a")
    return job


def test_a_callable_is_told_of_the_end(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = prepared(manager, server, files)
    calls = Calls()
    job.on_transferred = calls
    assert job.on_transferred is calls and job.on_error is None
    job.resume()
    calls.wait()
    assert calls.all == [(job,)]
    assert job.state is JobState.TRANSFERRED


def test_a_subclass_is_told_of_the_end(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    calls = Calls()

    class Mine(BackgroundCopyCallback):
        def job_transferred(self, job: bgcopy.BackgroundCopyJob) -> None:
            job.complete()
            calls(job)

        def file_transferred(self, job: bgcopy.BackgroundCopyJob, file: bgcopy.BackgroundCopyFile) -> None:
            calls(file)

    job = prepared(manager, server, files)
    mine = Mine()
    job.notify_flags |= NotifyFlags.FILE_TRANSFERRED
    job.set_notify_interface(mine)
    assert job.get_notify_interface() is mine and job.notify_interface is mine
    file = job.files[0]
    job.resume()
    calls.wait(2)
    assert calls.all == [(file,), (job,)]
    assert (files / "a").stat().st_size == 1000 and job.state is JobState.ACKNOWLEDGED
    assert job.notify_interface is None


def test_an_error_comes_with_what_failed(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", status=403), files / "a")
    calls = Calls()
    job.on_error = calls
    job.resume()
    calls.wait()
    [(told, error)] = calls.all
    assert told == job and isinstance(error, bgcopy.BackgroundCopyError)
    assert error.code is ResultCode.BG_E_HTTP_ERROR_403 and error.file == job.files[0]


def test_a_callable_turns_its_events_on(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = prepared(manager, server, files)
    modified, arrived = Calls(), Calls()
    job.on_modification = modified
    job.on_file_transferred = arrived
    assert job.notify_flags & NotifyFlags.JOB_MODIFICATION and job.notify_flags & NotifyFlags.FILE_TRANSFERRED
    job.resume()
    modified.wait()
    arrived.wait()
    assert modified.all[0] == (job,) and arrived.all == [(job, job.files[0])]
    job.on_file_ranges_transferred = print
    assert job.notify_flags & NotifyFlags.FILE_RANGES_TRANSFERRED


def test_what_happened_before_is_told_to_a_new_callable(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = prepared(manager, server, files)
    job.resume()
    job.join(PATIENCE)
    calls = Calls()
    job.on_error = calls
    job.on_transferred = calls
    calls.wait()
    assert calls.all == [(job,)]


def test_callables_and_a_subclass_are_both_told(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    first, second = Calls(), Calls()

    class Mine(BackgroundCopyCallback):
        def job_transferred(self, job: bgcopy.BackgroundCopyJob) -> None:
            first(job)

    job = prepared(manager, server, files)
    job.notify_interface = Mine()
    job.on_transferred = second
    job.resume()
    first.wait()
    second.wait()


def test_nothing_is_told_after_it_was_taken_away(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = prepared(manager, server, files)
    calls = Calls()
    job.on_transferred = calls
    job.on_transferred = None
    job.notify_interface = None
    job.resume()
    job.join(PATIENCE)
    job.complete()
    manager.close()
    assert calls.all == []


def test_an_exception_goes_to_the_unraisable_hook_and_the_event_is_told_again(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, calls = Calls(), Calls()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: hook(unraisable.exc_value))

    def fails(job: bgcopy.BackgroundCopyJob) -> None:
        raise ZeroDivisionError("mine")

    job = prepared(manager, server, files)
    job.on_transferred = fails
    job.resume()
    hook.wait()
    assert str(hook.all[0][0]) == "mine"
    # It has failed: a new registration hears the same event at once.
    job.on_transferred = calls
    calls.wait()
    assert job.state is JobState.TRANSFERRED


def test_a_failing_result_code_lets_the_event_be_told_again(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, refused, calls = Calls(), Calls(), Calls()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: hook(unraisable.exc_value))

    def refuse(job: bgcopy.BackgroundCopyJob) -> int:
        refused(job)
        return ResultCode.BG_E_FAIL

    job = prepared(manager, server, files)
    job.on_transferred = refuse
    job.resume()
    refused.wait()
    job.on_transferred = calls
    calls.wait()
    assert hook.all == []


def test_whatever_a_lambda_returns_is_success(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    calls, again = Calls(), Calls()
    job = prepared(manager, server, files)
    job.on_transferred = lambda job: [calls(job), "done"]  # type: ignore[func-returns-value]
    job.resume()
    calls.wait()
    job.on_transferred = again
    job.suspend()
    job.resume()
    # Only the transfer after the resume is told.
    again.wait()
    assert len(again.all) == 1


def test_callables_may_call_everything(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    done = Calls()

    def again(job: bgcopy.BackgroundCopyJob) -> None:
        job.on_transferred = None
        job.display_name = "told"
        assert manager.get_job(job.id) == job
        job.complete()
        manager.create_job("next")
        done(threading.current_thread())

    job = prepared(manager, server, files)
    job.on_transferred = again
    job.resume()
    done.wait()
    assert done.all[0][0] is not threading.main_thread()
    assert [job.display_name for job in manager.jobs] == ["next"]


def test_the_queue_can_be_closed_from_inside_a_callable(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    done = Calls()

    def close(job: bgcopy.BackgroundCopyJob) -> None:
        manager.close()
        done()

    job = prepared(manager, server, files)
    job.on_transferred = close
    job.resume()
    done.wait()
    with pytest.raises(bgcopy.ClosedError):
        job.state


def test_close_waits_for_a_callable_under_way(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    inside, go_on = threading.Event(), threading.Event()
    order = []

    def slow(job: bgcopy.BackgroundCopyJob) -> None:
        inside.set()
        go_on.wait(PATIENCE)
        order.append("callable")

    job = prepared(manager, server, files)
    job.on_transferred = slow
    job.resume()
    assert inside.wait(PATIENCE)
    threading.Timer(0.05, go_on.set).start()
    manager.close()
    order.append("closed")
    assert order == ["callable", "closed"]


def ask_until_the_end(manager: BackgroundCopyManager, inside: threading.Event) -> Callable[..., Any]:
    """A callable that fails because the queue is closed while it runs."""

    def ask(*_: object) -> None:
        inside.set()
        while True:
            manager.jobs

    return ask


def as_function(job: bgcopy.BackgroundCopyJob, ask: Callable[..., Any]) -> None:
    job.on_transferred = ask


def as_method(job: bgcopy.BackgroundCopyJob, ask: Callable[..., Any]) -> None:
    mine = BackgroundCopyCallback()
    mine.job_transferred = ask  # type: ignore[method-assign]
    job.notify_interface = mine


def as_check_of_certificates(job: bgcopy.BackgroundCopyJob, ask: Callable[..., Any]) -> None:
    job.on_server_certificate = ask


@pytest.mark.parametrize("register", [as_function, as_method, as_check_of_certificates])
def test_a_callable_whose_queue_is_closed_meanwhile_fails_silently(
    tmp_path: pathlib.Path,
    server: Server,
    files: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    register: Callable[[bgcopy.BackgroundCopyJob, Callable[..., Any]], None],
) -> None:
    hook, told, inside = Calls(), Calls(), threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", hook)
    with BackgroundCopyManager(tmp_path / "queue") as manager:
        job = manager.create_job("a")
        job.security_flags = bgcopy.SecurityFlags.IGNORE_UNKNOWN_CA
        job.add_file(f"https://localhost:{server.ports['https_untrusted']}/file/1000", files / "a")
        register(job, ask_until_the_end(manager, inside))
        job.resume()
        assert inside.wait(PATIENCE)
    assert hook.all == []
    if register is not as_check_of_certificates:
        with BackgroundCopyManager(tmp_path / "queue") as manager:
            manager.jobs[0].on_transferred = told
            told.wait()


def test_a_group_callback_whose_queue_is_closed_meanwhile_fails_silently(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, inside = Calls(), threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", hook)
    mine = BackgroundCopyCallback1()
    mine.on_status = ask_until_the_end(manager, inside)  # type: ignore[method-assign]
    group = BackgroundCopyQMgr(manager).create_group(uuid.uuid4())
    group.create_job(uuid.uuid4()).add_files([(server.url("/file/1000"), files / "a")])
    group.set_notification_pointer(mine)
    group.set_prop(bgcopy.GroupProperty.NOTIFYFLAGS, bgcopy.QmNotifyFlags.GROUP_DONE)
    group.resume_group()
    assert inside.wait(PATIENCE)
    manager.close()
    assert hook.all == []


def test_what_else_fails_while_a_queue_is_closed_is_shown(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, inside = Calls(), threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: hook(unraisable.exc_type))
    ask = ask_until_the_end(manager, inside)

    def fails(job: bgcopy.BackgroundCopyJob) -> None:
        try:
            ask()
        except bgcopy.ClosedError:
            raise ZeroDivisionError from None

    job = prepared(manager, server, files)
    job.on_transferred = fails
    job.resume()
    assert inside.wait(PATIENCE)
    manager.close()
    assert hook.all == [(ZeroDivisionError,)]


def test_that_another_queue_is_closed_is_shown(
    manager: BackgroundCopyManager,
    server: Server,
    files: pathlib.Path,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = Calls()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: hook(unraisable.exc_type))
    other = BackgroundCopyManager(tmp_path / "other")
    other.close()
    job = prepared(manager, server, files)
    job.on_transferred = lambda job: other.jobs
    job.resume()
    hook.wait()
    assert hook.all == [(bgcopy.ClosedError,)]


def test_a_cycle_through_a_callable_is_collected_and_the_queue_closed(tmp_path: pathlib.Path) -> None:
    class Holder:
        pass

    manager = BackgroundCopyManager(tmp_path)
    holder: Any = Holder()
    holder.job = manager.create_job("a")
    holder.job.on_transferred = lambda job, holder=holder: None

    class Mine(BackgroundCopyCallback):
        pass

    holder.callback = Mine()
    holder.callback.holder = holder
    holder.job.notify_interface = holder.callback
    watched = weakref.ref(holder), weakref.ref(manager), weakref.ref(holder.job)
    del manager, holder
    gc.collect()
    assert [reference() for reference in watched] == [None, None, None]
    BackgroundCopyManager(tmp_path).close()


def test_callables_are_let_go_of_when_the_job_ends(manager: BackgroundCopyManager) -> None:
    def callable_(job: bgcopy.BackgroundCopyJob) -> None: ...

    watched = weakref.ref(callable_)
    job = manager.create_job("a")
    job.on_transferred = callable_
    del callable_
    gc.collect()
    assert watched() is not None
    job.cancel()
    gc.collect()
    assert watched() is None
    with pytest.raises(bgcopy.InvalidStateError):
        job.on_transferred = print
    assert job.on_transferred is None


def test_many_jobs_are_told_of_from_many_threads(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    calls = Calls()

    def start(number: int) -> None:
        job = manager.create_job(str(number))
        job.priority = bgcopy.JobPriority.FOREGROUND
        job.add_file(server.url("/file/100"), files / str(number))
        job.on_transferred = lambda job: calls(job.complete())
        job.resume()

    def start_ten(first: int) -> None:
        for number in range(first, first + 10):
            start(number)

    threads = [threading.Thread(target=start_ten, args=(first,)) for first in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls.wait(80)
    assert {code for (code,) in calls.all} == {ResultCode.BG_S_OK}
    assert len(list(files.iterdir())) == 80
