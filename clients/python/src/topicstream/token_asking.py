"""Asking the application for a token."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from .clock import Clock
from .errors import TopicStreamError


class TokenAsking:
    """Asks the application's function for tokens, each time for no longer than a connection may take."""

    def __init__(self, clock: Clock, most_seconds: float) -> None:
        self._clock = clock
        self._most_seconds = most_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_over = False

    def end(self) -> None:
        """Nobody wants a token any more."""
        self._is_over = True
        # It may be one of them that ends the client.
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()

    def ask(
        self,
        function: Callable[[], str | Awaitable[str]],
        then: Callable[[str], None],
        otherwise: Callable[[Exception], None],
    ) -> None:
        """Has one of the two called: at once where the function does not wait."""
        try:
            given = function()
        except Exception as e:
            otherwise(e)
            return
        if not inspect.isawaitable(given):
            then(given)
            return
        is_late = False

        async def wait(awaitable: Awaitable[str]) -> None:
            try:
                token = await awaitable
            except asyncio.CancelledError as e:
                task = asyncio.current_task()
                if self._is_over or task is None or task.cancelling() > 0:
                    raise
                # Something of the function's own was cancelled, not this task.
                failure = TopicStreamError("it was cancelled")
                failure.__cause__ = e
                otherwise(failure)
            except Exception as e:
                if not is_late:
                    otherwise(e)
            else:
                if not is_late:
                    then(token)

        # That of a renewal may still run when that of the next connection begins.
        asking = asyncio.create_task(wait(given), name="topicstream token")
        self._tasks.add(asking)

        def give_up() -> None:
            nonlocal is_late
            is_late = True
            asking.cancel()
            otherwise(TopicStreamError(f"it has not given a token in {self._most_seconds} s"))

        limit = self._clock.call_later(self._most_seconds * 1000, give_up)

        def done(task: asyncio.Task[None]) -> None:
            limit.cancel()
            self._tasks.discard(task)

        asking.add_done_callback(done)
