"""Waiting for jobs: with asyncio, and without.

A queue has one line of events and one descriptor that is readable while there are some. The hub of a queue takes
them off that line, whoever looks first, and hands each to everybody who waits.
"""

from __future__ import annotations

import asyncio
import collections
import os
import select
import threading
import time
import uuid
import weakref
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Protocol

from bgcopy.enums import ErrorContext, JobState, NotifyFlags
from bgcopy.errors import ClosedError, InvalidStateError, JobCancelledError
from bgcopy.result import ResultCode

if TYPE_CHECKING:
    from bgcopy._bgcopy import BackgroundCopyJob, BackgroundCopyManager, Event, Feed

__all__ = ["EventStream"]


class _Listener(Protocol):
    """Whoever waits for events; called with the hub's lock held, on any thread."""

    #: The job it is interested in; None for all.
    job_id: uuid.UUID | None

    def tell(self, event: Event | None) -> None:
        """Something happened; None without an event of its own: look again."""

    def end(self) -> None:
        """The queue is closed: there will be nothing more."""


class Hub:
    """Hands the events of a queue to those who wait."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        # Reentrant: a listener that the garbage collector ends under the lock may take it again.
        self._lock = threading.RLock()
        self._listeners: weakref.WeakSet[_Listener] = weakref.WeakSet()
        self._loops: dict[asyncio.AbstractEventLoop, _Reader] = {}

    def add(self, listener: _Listener) -> None:
        """Lets a listener hear what happens from now on, for as long as somebody holds it."""
        with self._lock:
            # What happened before is for those who wait already.
            is_open = self.pump()
            self._listeners.add(listener)
            if not is_open:
                listener.end()

    def remove(self, listener: _Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def descriptor(self) -> int:
        """A descriptor of the caller's own that is readable while there are events."""
        return self._feed.descriptor()

    def pump(self) -> bool:
        """Hands out what there is; says whether there may be more."""
        with self._lock:
            try:
                while (event := self._feed.next()) is not None:
                    for listener in list(self._listeners):
                        if listener.job_id is None or listener.job_id == event.job_id:
                            listener.tell(event)
            except ClosedError:
                for listener in list(self._listeners):
                    listener.end()
                return False
            return True

    def poke(self, job_id: uuid.UUID) -> None:
        """Lets those who wait for a job look at it again."""
        with self._lock:
            for listener in list(self._listeners):
                if listener.job_id == job_id:
                    listener.tell(None)

    def watch(self, loop: asyncio.AbstractEventLoop) -> _Reader:
        """Lets an event loop watch the descriptor until nobody holds the result."""
        with self._lock:
            reader = self._readers().get(loop)
            if reader is None:
                reader = _Reader(self, loop)
                self._loops[loop] = reader
            return reader

    def _readers(self) -> dict[asyncio.AbstractEventLoop, _Reader]:
        for loop in [loop for loop in self._loops if loop.is_closed()]:
            self._loops.pop(loop).close()
        return self._loops


class _Reader:
    """An event loop that watches the descriptor of a queue for all who wait on that loop."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._hub = hub
        self._loop = loop
        self._users = 0
        self._fd = hub.descriptor()

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def enter(self) -> None:
        if self._users == 0:
            self._loop.add_reader(self._fd, self._hub.pump)
        self._users += 1

    def leave(self) -> None:
        self._users -= 1
        if self._users == 0 and not self._loop.is_closed():
            self._loop.remove_reader(self._fd)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()


class _AsyncWaiter:
    """Wakes a coroutine."""

    def __init__(self, job_id: uuid.UUID, loop: asyncio.AbstractEventLoop) -> None:
        self.job_id: uuid.UUID | None = job_id
        self._loop = loop
        self.woken = asyncio.Event()

    def tell(self, event: Event | None) -> None:
        _call(self._loop, self.woken.set)

    def end(self) -> None:
        self.tell(None)


def _call(loop: asyncio.AbstractEventLoop, function: Any, *arguments: object) -> None:
    """Calls a function on a loop, from whatever thread this is."""
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is loop:
        function(*arguments)
    elif not loop.is_closed():
        try:
            loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            # It was closed just now: nobody waits there any more.
            pass


class _BlockingWaiter:
    """Wakes a thread that polls."""

    def __init__(self, job_id: uuid.UUID) -> None:
        self.job_id: uuid.UUID | None = job_id
        self.reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def tell(self, event: Event | None) -> None:
        try:
            os.write(self._writing, b"1")
        except BlockingIOError:
            # It is full: the thread will wake.
            pass

    def end(self) -> None:
        self.tell(None)

    def drain(self) -> None:
        try:
            os.read(self.reading, 4096)
        except BlockingIOError:
            pass

    def close(self) -> None:
        os.close(self.reading)
        os.close(self._writing)


def _outcome(job: BackgroundCopyJob) -> JobState | None:
    """The state of a job that nobody needs to wait for any longer; raises its error."""
    state = job.state
    if state in (JobState.TRANSFERRED, JobState.ACKNOWLEDGED):
        return state
    if state is JobState.CANCELLED:
        text = f"the job {job.display_name!r} was cancelled while somebody waited for it"
        code = ResultCode.BG_E_INVALID_STATE
        raise JobCancelledError(code, code.name, text, False, ErrorContext.NONE)
    if state is JobState.ERROR:
        error = job.error
        if error is not None:
            raise error.exception()
    wanted = NotifyFlags.JOB_TRANSFERRED | NotifyFlags.JOB_ERROR
    flags = job.notify_flags
    if flags & wanted != wanted or flags & NotifyFlags.DISABLE:
        text = f"nobody would hear the end of the job {job.display_name!r}: its notify flags are {flags!r}"
        code = ResultCode.BG_E_INVALID_STATE
        raise InvalidStateError(code, code.name, text, False, ErrorContext.NONE)
    return None


async def wait(job: BackgroundCopyJob) -> JobState:
    """BackgroundCopyJob.wait."""
    loop = asyncio.get_running_loop()
    hub = job.manager._hub()
    waiter = _AsyncWaiter(job.id, loop)
    hub.add(waiter)
    try:
        with hub.watch(loop):
            while (state := _outcome(job)) is None:
                await waiter.woken.wait()
                waiter.woken.clear()
            return state
    finally:
        hub.remove(waiter)


#: Seconds. A signal that comes just before poll does not end it: Ctrl-C is then seen this much later.
_TURN = 0.25


def join(job: BackgroundCopyJob, timeout: float | None = None) -> JobState:
    """BackgroundCopyJob.join."""
    deadline = None if timeout is None else time.monotonic() + timeout
    hub = job.manager._hub()
    waiter = _BlockingWaiter(job.id)
    events = hub.descriptor()
    try:
        hub.add(waiter)
        poll = select.poll()
        poll.register(events, select.POLLIN)
        poll.register(waiter.reading, select.POLLIN)
        while (state := _outcome(job)) is None:
            left = None
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"the job {job.display_name!r} is {job.state.name} after {timeout} s")
            poll.poll(min(_TURN if left is None else left, _TURN) * 1000 + 1)
            waiter.drain()
            hub.pump()
        return state
    finally:
        hub.remove(waiter)
        waiter.close()
        os.close(events)


class EventStream(AsyncIterator["Event"]):
    """The events of a queue, for ``async for``; made by BackgroundCopyManager.events.

    It ends when the queue is closed. Belongs to the event loop that was running when it was made.
    """

    def __init__(self, manager: BackgroundCopyManager) -> None:
        self.job_id: uuid.UUID | None = None
        self._loop = asyncio.get_running_loop()
        self._manager = manager
        self._events: collections.deque[Event] = collections.deque()
        self._woken = asyncio.Event()
        self._ended = False
        self._open = False
        self._hub = manager._hub()
        self._reader = self._hub.watch(self._loop)
        self._reader.enter()
        self._open = True
        self._hub.add(self)

    def tell(self, event: Event | None) -> None:
        """The hub calls this."""
        if event is not None:
            self._events.append(event)
            _call(self._loop, self._woken.set)

    def end(self) -> None:
        """The hub calls this."""
        self._ended = True
        _call(self._loop, self._woken.set)

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._ended or not self._open:
                await self.aclose()
                raise StopAsyncIteration
            await self._woken.wait()
            self._woken.clear()
        return self._events.popleft()

    async def aclose(self) -> None:
        """Ends the stream: no event is kept for it any more."""
        self._leave()

    async def __aenter__(self) -> EventStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._open:
            self._open = False
            self._hub.remove(self)
            self._reader.leave()
            self._woken.set()

    def __del__(self) -> None:
        if self._open:
            self._open = False
            _call(self._loop, self._reader.leave)
