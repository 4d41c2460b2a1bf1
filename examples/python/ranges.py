"""Fetches parts of a large file, and nothing else: ranges.py URL PATH OFFSET LENGTH [OFFSET LENGTH]...

The parts lie in a growing file at their own places, as for a player that jumps. Asking again fetches no byte twice.
"""

import pathlib
import sys

import bgcopy

url, path = sys.argv[1], pathlib.Path(sys.argv[2]).absolute()
numbers = [int(number) for number in sys.argv[3:]]

with bgcopy.BackgroundCopyManager(path.with_name(path.name + ".queue")) as manager:
    if manager.jobs:
        job = manager.jobs[0]  # of an earlier run
    else:
        job = manager.create_job(path.name)
        job.priority = bgcopy.JobPriority.FOREGROUND
        job.on_demand_mode = True
        job.add_file(url, path)
    file = job.files[0]
    file.request_file_ranges(list(zip(numbers[::2], numbers[1::2])))
    job.resume()
    # SUSPENDED: all that was asked for is here. TRANSFERRED: that was the whole file.
    state = job.rest()
    if (error := job.error) is not None:
        job.cancel()
        sys.exit(f"ranges: {error}")
    for offset, length in file.filled_file_ranges:
        print(f"{offset:,} to {offset + (length or 0):,} are in {file.temporary_name}")
    if state is bgcopy.JobState.TRANSFERRED:
        job.complete()
        print(f"all of it is {path}")
