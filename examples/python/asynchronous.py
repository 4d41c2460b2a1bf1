"""Downloads files with asyncio, each as soon as it can: asynchronous.py DIRECTORY URL..."""

import asyncio
import pathlib
import sys

import bgcopy


async def fetch(manager: bgcopy.BackgroundCopyManager, url: str, path: pathlib.Path) -> None:
    job = manager.create_job(path.name)
    job.priority = bgcopy.JobPriority.FOREGROUND
    job.add_file(url, path)
    job.resume()
    try:
        await job.wait()
        job.complete()
        print(f"{path.name}: {job.progress.bytes_transferred:,} bytes")
    except bgcopy.TransferError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        job.cancel()


async def main() -> None:
    directory = pathlib.Path(sys.argv[1]).absolute()
    with bgcopy.BackgroundCopyManager(directory / ".queue") as manager:
        urls = sys.argv[2:]
        await asyncio.gather(*(fetch(manager, url, directory / pathlib.PurePosixPath(url).name) for url in urls))


asyncio.run(main())
