"""Jobs outlive the program: resume.py QUEUE [URL PATH]

With a URL it adds a job and ends at once, in the middle of the transfer. Without one it opens the queue again, waits
for the jobs it finds there and completes them.
"""

import pathlib
import sys

import bgcopy

queue, *more = sys.argv[1:]
with bgcopy.BackgroundCopyManager(queue) as manager:
    if more:
        url, path = more
        job = manager.create_job(pathlib.Path(path).name)
        job.add_file(url, pathlib.Path(path).absolute())
        job.resume()
        print(f"added {job.id}")
    else:
        for job in manager:
            if job.state in (bgcopy.JobState.SUSPENDED, bgcopy.JobState.ERROR):
                job.resume()
            job.join()
            job.complete()
            print(f"completed {job.display_name}")
