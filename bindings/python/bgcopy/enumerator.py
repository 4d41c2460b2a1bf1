"""Lists of jobs and files with the methods of the enumerators of BITS."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from bgcopy._bgcopy import BackgroundCopyFile, BackgroundCopyJob

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "EnumBackgroundCopyFiles",
    "EnumBackgroundCopyGroups",
    "EnumBackgroundCopyJobs",
    "EnumBackgroundCopyJobs1",
]

Item = TypeVar("Item")


class _Enumerator(Generic[Item], Iterator[Item]):
    """A snapshot with a position. For most programs an iterator: ``for item in enumerator``."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items = list(items)
        self._position = 0

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        if self._position == len(self._items):
            raise StopIteration
        self._position += 1
        return self._items[self._position - 1]

    def __len__(self) -> int:
        return len(self._items)

    def next(self, count: int = 1) -> list[Item]:
        """Gives the next items: fewer than ``count`` at the end (Next)."""
        start = self._position
        self._position = min(start + _count(count), len(self._items))
        return self._items[start : self._position]

    def skip(self, count: int) -> bool:
        """Passes over items; False when there were fewer (Skip)."""
        wanted = self._position + _count(count)
        self._position = min(wanted, len(self._items))
        return wanted <= len(self._items)

    def reset(self) -> None:
        """Goes back to the first item; the snapshot stays the same (Reset)."""
        self._position = 0

    def clone(self) -> Self:
        """Another enumerator of the same snapshot at the same position (Clone)."""
        copy = type(self)(self._items)
        copy._position = self._position
        return copy

    def get_count(self) -> int:
        """The number of items (GetCount)."""
        return len(self._items)


def _count(count: int) -> int:
    if not isinstance(count, int):
        raise TypeError(f"count must be int, not {type(count).__name__}")
    if count < 0:
        raise ValueError(f"count must not be negative: {count}")
    return count


class EnumBackgroundCopyJobs(_Enumerator[BackgroundCopyJob]):
    """The jobs of a queue at one moment (IEnumBackgroundCopyJobs)."""


class EnumBackgroundCopyFiles(_Enumerator[BackgroundCopyFile]):
    """The files of a job at one moment (IEnumBackgroundCopyFiles)."""


class EnumBackgroundCopyGroups(_Enumerator[uuid.UUID]):
    """The identifiers of groups at one moment (IEnumBackgroundCopyGroups)."""


class EnumBackgroundCopyJobs1(_Enumerator[uuid.UUID]):
    """The identifiers of the jobs of a group at one moment (IEnumBackgroundCopyJobs1)."""
