"""The client's time: a seam, so that tests can step it by hand."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A task that will run later."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """A clock that only goes forward, and what runs by it on the event loop."""

    def now_ms(self) -> float: ...

    def call_later(self, delay_ms: float, task: Callable[[], None]) -> Timer: ...


class LoopClock:
    """That of the running event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> float:
        return self._loop.time() * 1000

    def call_later(self, delay_ms: float, task: Callable[[], None]) -> Timer:
        return self._loop.call_later(delay_ms / 1000, task)
