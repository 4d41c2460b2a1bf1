"""A part of a file."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FileRange"]


class FileRange(NamedTuple):
    """A part of a file (``BG_FILE_RANGE``). Wherever one is taken, a pair of offset and length is as good."""

    #: First byte, counted from 0.
    initial_offset: int
    #: Number of bytes; None for everything to the end of the file (``BG_LENGTH_TO_EOF``).
    length: int | None = None
