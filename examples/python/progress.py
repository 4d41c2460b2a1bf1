"""Downloads many files at once, with a bar for each job: progress.py DIRECTORY URL..."""

import contextlib
import pathlib
import sys
import threading
from typing import Any

from tqdm import tqdm

import bgcopy

directory, *urls = sys.argv[1:]
target = pathlib.Path(directory).absolute()
ended = threading.Semaphore(0)
failed = 0


def follow(job: bgcopy.BackgroundCopyJob, bar: "tqdm[Any]") -> None:
    """Lets the callbacks of a job, which come on threads of the queue, move a bar."""

    def moved(job: bgcopy.BackgroundCopyJob) -> None:
        progress = job.progress
        bar.total = progress.bytes_total
        bar.update(progress.bytes_transferred - bar.n)

    def done(job: bgcopy.BackgroundCopyJob) -> None:
        moved(job)
        job.complete()
        ended.release()

    def broken(job: bgcopy.BackgroundCopyJob, error: bgcopy.BackgroundCopyError) -> None:
        global failed
        failed += 1
        bar.set_description(f"{bar.desc}: {error.text}")
        job.cancel()
        ended.release()

    job.on_modification = moved
    job.on_error = broken
    job.on_transferred = done


with contextlib.ExitStack() as bars, bgcopy.BackgroundCopyManager(target / ".queue") as manager:
    for place, url in enumerate(urls):
        name = pathlib.PurePosixPath(url).name
        job = manager.create_job(name)
        job.priority = bgcopy.JobPriority.FOREGROUND
        job.add_file(url, target / name)
        bar: "tqdm[Any]" = tqdm(desc=name, position=place, unit="B", unit_scale=True)
        bars.enter_context(bar)
        follow(job, bar)
        job.resume()
    for _ in urls:
        ended.acquire()

sys.exit(failed)
