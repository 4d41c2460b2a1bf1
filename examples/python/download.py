"""Downloads a file with a progress bar: download.py URL [PATH]

Stop it with Ctrl-C, cut the network, kill it: the same command goes on where it was.
"""

import sys

import bgcopy

try:
    path = bgcopy.download(*sys.argv[1:3], progress=True)
except KeyboardInterrupt as stopped:
    sys.exit(str(stopped))
except (bgcopy.BitsError, ValueError) as error:
    sys.exit(f"download: {error}")
print(path)
