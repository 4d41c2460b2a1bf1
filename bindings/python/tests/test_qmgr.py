from __future__ import annotations

import gc
import pathlib
import uuid
import weakref

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, ResultCode
from bgcopy.qmgr import (
    BackgroundCopyCallback1,
    BackgroundCopyGroup,
    BackgroundCopyJob1,
    BackgroundCopyQMgr,
    GroupProperty,
    QmNotifyFlags,
    QmProgress,
    QmStatusFlags,
)
from conftest import Calls, sha256
from server import Server


def test_a_group_transfers_its_files_and_tells_its_end(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    calls = Calls()

    class Mine(BackgroundCopyCallback1):
        def on_status(
            self,
            group: BackgroundCopyGroup,
            job: BackgroundCopyJob1 | None,
            file_index: int | None,
            status: QmStatusFlags,
            num_of_retries: int,
            win32_result: int,
            transport_result: int,
        ) -> None:
            calls(group.get_group_id(), file_index, status, num_of_retries, win32_result, transport_result)

    qmgr = BackgroundCopyQMgr(manager)
    identifier, other = uuid.uuid4(), uuid.uuid4()
    group = qmgr.create_group(identifier)
    assert list(qmgr.enum_groups()) == [identifier] and list(group.enum_jobs()) == []
    job = group.create_job(other)
    assert job.get_job_id() == other and list(group.enum_jobs(0)) == [other]
    job.add_files([(server.url("/file/1000?seed=1"), files / "a")])
    assert job.get_file_count() == 1 and job.get_file(0) == (server.url("/file/1000?seed=1"), str(files / "a"))
    group.set_notification_pointer(Mine())
    group.set_prop(GroupProperty.NOTIFYFLAGS, QmNotifyFlags.GROUP_DONE)
    group.switch_to_foreground()
    group.resume_group()
    calls.wait()
    [(told, file_index, status, *numbers)] = calls.all
    assert told == identifier and file_index is None and numbers == [0, 0, 0]
    assert isinstance(status, QmStatusFlags) and QmStatusFlags.GROUP_COMPLETE in status
    assert group.get_progress(QmProgress.PERCENT_DONE) == 100 and job.get_progress(QmProgress.SIZE_DONE) == 1000
    assert group.get_size() == 1000 and QmStatusFlags.JOB_COMPLETE in job.get_status()[0]
    assert group.get_status()[1] == 0
    again = qmgr.get_group(identifier)
    assert again.get_group_id() == identifier and again.get_job(other).get_file_count() == 1
    assert again.query_new_job_interface() == manager.get_job(identifier)
    group.cancel_group()
    assert sha256(files / "a") == server.sha256(1000, seed=1)
    assert list(qmgr.enum_groups()) == []


def test_an_error_comes_with_its_numbers(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    calls = Calls()

    class Mine(BackgroundCopyCallback1):
        def on_status(self, *arguments: object) -> None:
            calls(*arguments)

    group = BackgroundCopyQMgr(manager).create_group(uuid.uuid4())
    job = group.create_job(uuid.uuid4())
    job.add_files([(server.offer("a", status=404), str(files / "a"))])
    group.set_notification_pointer(Mine())
    group.switch_to_foreground()
    group.resume_group()
    calls.wait()
    _, _, file_index, status, _, _, transport = calls.all[0]
    assert file_index == 0 and QmStatusFlags.GROUP_ERROR in QmStatusFlags(status) and transport == 404  # type: ignore[arg-type]
    assert QmStatusFlags.JOB_ERROR in job.get_status()[0] and job.get_status()[2] == 404


def test_properties_of_a_group(manager: BackgroundCopyManager) -> None:
    group = BackgroundCopyQMgr(manager).create_group(uuid.uuid4())
    group.set_prop(GroupProperty.DISPLAYNAME, "name")
    assert group.get_prop(GroupProperty.DISPLAYNAME) == "name"
    assert group.get_prop(GroupProperty.PRIORITY) == 1
    group.set_prop(GroupProperty.PRIORITY, 1)
    with pytest.raises(bgcopy.NotSupportedError):
        group.get_prop(GroupProperty.REMOTEUSERID)
    with pytest.raises(bgcopy.InvalidArgumentError):
        group.set_prop(GroupProperty.DISPLAYNAME, 5)
    with pytest.raises(TypeError, match="^value must be str"):
        group.set_prop(GroupProperty.DISPLAYNAME, None)  # type: ignore[arg-type]


def test_bad_input_of_the_legacy_queue_manager(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    qmgr = BackgroundCopyQMgr(manager)
    with pytest.raises(bgcopy.NotFoundError) as caught:
        qmgr.get_group(uuid.uuid4())
    assert caught.value.code is ResultCode.QM_E_ITEM_NOT_FOUND
    with pytest.raises(TypeError, match="^manager must be a BackgroundCopyManager"):
        BackgroundCopyQMgr(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^group_id must be uuid.UUID"):
        qmgr.create_group(5)  # type: ignore[arg-type]
    with pytest.raises(bgcopy.NotSupportedError, match="^flags"):
        qmgr.enum_groups(1)
    group = qmgr.create_group(uuid.uuid4())
    job = group.create_job(uuid.uuid4())
    with pytest.raises(bgcopy.NotSupportedError):
        group.create_job(uuid.uuid4())
    with pytest.raises(bgcopy.NotSupportedError):
        job.cancel_job()
    with pytest.raises(bgcopy.NotSupportedError):
        job.get_progress(QmProgress.TIME_DONE)
    with pytest.raises(bgcopy.NotFoundError):
        job.get_file(0)
    with pytest.raises(TypeError, match="files must be"):
        job.add_files([5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="^callback must be a BackgroundCopyCallback1"):
        group.set_notification_pointer(print)  # type: ignore[arg-type]
    job.switch_to_foreground()
    group.suspend_group()
    manager.close()
    with pytest.raises(bgcopy.ClosedError):
        group.get_status()


def test_a_cycle_through_a_group_is_collected(tmp_path: pathlib.Path) -> None:
    class Mine(BackgroundCopyCallback1):
        group: BackgroundCopyGroup

    manager = BackgroundCopyManager(tmp_path)
    mine = Mine()
    mine.group = BackgroundCopyQMgr(manager).create_group(uuid.uuid4())
    mine.group.set_notification_pointer(mine)
    watched = weakref.ref(mine), weakref.ref(manager)
    del mine, manager
    gc.collect()
    assert [reference() for reference in watched] == [None, None]
