from __future__ import annotations

import asyncio
import gc
import os
import pathlib
import select
import threading
import time
import weakref

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, JobState, NotifyFlags
from conftest import PATIENCE
from server import Server


def prepared(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, name: str = "a", **parameters: object
) -> bgcopy.BackgroundCopyJob:
    job = manager.create_job(name)
    job.add_file(server.offer(name, **{"size": 1000, **parameters}), files / name)
    return job


def test_wait_gives_the_state(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    async def main() -> None:
        job = prepared(manager, server, files)
        job.resume()
        assert await asyncio.wait_for(job.wait(), PATIENCE) is JobState.TRANSFERRED
        job.complete()
        assert await job.wait() is JobState.ACKNOWLEDGED

    asyncio.run(main())


def test_wait_raises_the_error(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    async def main() -> None:
        job = prepared(manager, server, files, status=404)
        job.resume()
        with pytest.raises(bgcopy.HttpError):
            await asyncio.wait_for(job.wait(), PATIENCE)

    asyncio.run(main())


def test_many_wait_without_a_thread_each(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    async def main() -> None:
        jobs = [prepared(manager, server, files, str(number), stall_after=10) for number in range(20)]
        before = threading.active_count()
        waiting = [asyncio.create_task(job.wait()) for job in jobs for _ in range(3)]
        await asyncio.sleep(0)
        for job in jobs:
            job.priority = bgcopy.JobPriority.FOREGROUND
            job.resume()
        server.wait(stalled=20)
        await asyncio.sleep(0)
        assert threading.active_count() == before
        for job in jobs:
            server.release(job.display_name)
        assert set(await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)) == {JobState.TRANSFERRED}

    asyncio.run(main())


def test_cancelling_the_task_leaves_the_job_alone(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        job = prepared(manager, server, files, stall_after=10)
        job.resume()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(job.wait(), 0.02)
        task = asyncio.create_task(job.wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.wait(stalled=1)
        server.release("a")
        assert await asyncio.wait_for(job.wait(), PATIENCE) is JobState.TRANSFERRED

    asyncio.run(main())


def test_those_who_wait_hear_of_what_the_program_does(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        jobs = [prepared(manager, server, files, name) for name in "abc"]
        tasks = [asyncio.create_task(job.wait()) for job in jobs]
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, jobs[0].cancel)
        with pytest.raises(bgcopy.JobCancelledError):
            await asyncio.wait_for(tasks[0], PATIENCE)
        jobs[1].notify_flags = NotifyFlags.DISABLE
        with pytest.raises(bgcopy.InvalidStateError, match="notify flags"):
            await asyncio.wait_for(tasks[1], PATIENCE)
        manager.close()
        with pytest.raises(bgcopy.ClosedError):
            await asyncio.wait_for(tasks[2], PATIENCE)

    asyncio.run(main())


def test_a_stream_gives_the_events_of_all_jobs_and_ends_with_the_queue(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        jobs = [prepared(manager, server, files, name) for name in "ab"]
        jobs[0].notify_flags |= NotifyFlags.FILE_TRANSFERRED
        bad = prepared(manager, server, files, "bad", status=500, retry_after=0)
        bad.no_progress_timeout = 0
        seen = set()
        stream = manager.events()
        other = manager.events()
        for job in (*jobs, bad):
            job.priority = bgcopy.JobPriority.FOREGROUND
            job.resume()
        async for event in stream:
            seen.add((event.kind, event.job_id, event.file_index))
            if event.kind is NotifyFlags.JOB_ERROR:
                assert event.code is bgcopy.ResultCode.BG_E_HTTP_ERROR_500 and "/r/bad" in event.text
                assert "JOB_ERROR" in repr(event)
            if len(seen) == 4:
                manager.close()
        assert seen == {
            (NotifyFlags.FILE_TRANSFERRED, jobs[0].id, 0),
            (NotifyFlags.JOB_TRANSFERRED, jobs[0].id, None),
            (NotifyFlags.JOB_TRANSFERRED, jobs[1].id, None),
            (NotifyFlags.JOB_ERROR, bad.id, 0),
        }
        assert {(event.kind, event.job_id, event.file_index) async for event in other} == seen

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_a_stream_gives_nothing_that_happened_before_it(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        descriptor = manager.get_event_fd()
        before, after = prepared(manager, server, files, "a"), prepared(manager, server, files, "b")
        before.resume()
        assert select.select([descriptor], [], [], PATIENCE)[0], "its end is in the line of events"
        os.close(descriptor)
        async with manager.events() as stream:
            after.resume()
            assert (await asyncio.wait_for(stream.__anext__(), PATIENCE)).job_id == after.id

    asyncio.run(main())


def test_a_stream_of_a_queue_that_is_being_closed_ends(manager: BackgroundCopyManager) -> None:
    async def main() -> None:
        first = manager.events()
        manager.close()
        # Those of one loop share what watches the queue.
        second = manager.events()
        for stream in (first, second):
            assert [event async for event in stream] == []

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_a_stream_that_is_left_is_forgotten(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        async with manager.events() as stream:
            job = prepared(manager, server, files)
            job.resume()
            async for event in stream:
                assert event.job_id == job.id
                break
        assert [event async for event in stream] == []
        gc.collect()
        descriptors = len(os.listdir("/proc/self/fd"))
        streams = [weakref.ref(manager.events()) for _ in range(50)]
        gc.collect()
        await asyncio.sleep(0)
        assert not any(stream() for stream in streams)
        # The queue opens and closes files of its own meanwhile.
        assert len(os.listdir("/proc/self/fd")) < descriptors + len(streams)

    asyncio.run(main())


def test_loops_in_several_threads_hear_of_their_jobs(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    states: list[JobState] = []

    def run(number: int) -> None:
        async def main() -> None:
            for turn in range(5):
                job = prepared(manager, server, files, f"{number}-{turn}")
                job.priority = bgcopy.JobPriority.FOREGROUND
                job.resume()
                states.append(await asyncio.wait_for(job.wait(), PATIENCE))

        asyncio.run(main())

    def block(number: int) -> None:
        for turn in range(5):
            job = prepared(manager, server, files, f"{number}-{turn}")
            job.priority = bgcopy.JobPriority.FOREGROUND
            job.resume()
            states.append(job.join(PATIENCE))

    threads = [threading.Thread(target=run if n % 2 else block, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [JobState.TRANSFERRED] * 30


def test_the_loop_is_free_while_a_job_transfers(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    async def main() -> None:
        job = prepared(manager, server, files, stall_after=10)
        job.resume()
        task = asyncio.create_task(job.wait())
        start = time.thread_time()
        await asyncio.get_running_loop().run_in_executor(None, lambda: server.wait(stalled=1))
        # Nobody polls: the loop has nothing to do until the descriptor is readable.
        assert time.thread_time() - start < 0.5 and not task.done()
        server.release("a")
        await asyncio.wait_for(task, PATIENCE)

    asyncio.run(main())
