"""A service that completes whatever arrives in a queue and tells of it: watch.py QUEUE

Programs of this process add jobs to the queue; here, lines "URL PATH" on standard input do. Ends with the input,
when the last job has.
"""

import asyncio
import sys

import bgcopy
from bgcopy import NotifyFlags


async def add(manager: bgcopy.BackgroundCopyManager) -> None:
    """Adds a job for each line."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        url, path = line.split()
        job = manager.create_job(path)
        try:
            job.add_file(url, path)
            job.resume()
        except bgcopy.BitsError as error:
            print(f"refused {path}: {error}", flush=True)
            job.cancel()


async def watch(manager: bgcopy.BackgroundCopyManager, adding: "asyncio.Task[None]") -> None:
    """Completes jobs that are whole, and gives up those that fail for good."""

    def all_added(_: object) -> None:
        if not manager.jobs:
            manager.close()  # which ends the events

    async with manager.events() as events:
        adding.add_done_callback(all_added)
        async for event in events:
            job = manager.get_job(event.job_id)
            if event.kind is NotifyFlags.JOB_TRANSFERRED:
                job.complete()
                print(f"completed {job.display_name}", flush=True)
            elif event.kind is NotifyFlags.JOB_ERROR:
                print(f"failed {job.display_name}: {event.text}", flush=True)
                job.cancel()
            if adding.done() and not manager.jobs:
                return


async def main() -> None:
    with bgcopy.BackgroundCopyManager(sys.argv[1]) as manager:
        adding = asyncio.create_task(add(manager))
        await watch(manager, adding)
        await adding


asyncio.run(main())
