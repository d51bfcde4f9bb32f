"""A transport that does what a test says, a clock that only the test moves, and what is seen of both."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import topicstream
from topicstream.transport import Connection, Events, Handshake, Loss

_TURNS = 50


async def settle() -> None:
    """Lets everything run that can run at this moment."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class ScriptedConnection:
    """A connection that is opened and lost when the test says so."""

    def __init__(self, handshake: Handshake, events: Events) -> None:
        self.handshake = handshake
        self._events = events
        self.sent: list[Any] = []
        self.closed_with: int | None = None
        self.is_open = False

    def send(self, frame: str) -> None:
        assert self.is_open, "sent on a connection that is not open"
        self.sent.append(json.loads(frame))

    def close(self, code: int) -> None:
        self.closed_with = code
        self.is_open = False

    def sent_array(self) -> bool:
        return False

    async def gone(self) -> None:
        return

    def open(self) -> None:
        self.is_open = True
        self._events.on_opened(self)

    def lose(self, loss: Loss) -> None:
        self.is_open = False
        self._events.on_lost(self, loss)

    def say(self, frames: Any) -> None:
        self._events.on_text(self, json.dumps(frames))

    def taken(self) -> list[Any]:
        """What was sent since the last look."""
        frames, self.sent = self.sent, []
        return frames


class ScriptedTransport:
    """Remembers the connections that the client has asked for."""

    def __init__(self) -> None:
        self.connections: list[ScriptedConnection] = []
        self.answered = 0

    def open(self, handshake: Handshake, events: Events) -> Connection:
        self.connections.append(ScriptedConnection(handshake, events))
        return self.connections[-1]

    @property
    def asking(self) -> bool:
        """Whether the client waits for a connection at this moment."""
        return len(self.connections) > self.answered and self.connections[-1].closed_with is None

    def answer(self) -> ScriptedConnection:
        """The connection that the client asks for."""
        assert self.asking, "the client does not ask for a connection"
        self.answered = len(self.connections)
        return self.connections[-1]

    @property
    def newest(self) -> ScriptedConnection:
        return self.connections[-1]

    def welcome(self, **members: Any) -> None:
        self.newest.say(
            {
                "type": "welcome",
                "connection_id": "c",
                "user": "ada",
                "name": None,
                "server_time": 1_000_000,
                "ping_ms": 25_000,
                "subscriptions": [],
                **members,
            }
        )


class _Later:
    def __init__(self, at_ms: float, task: Callable[[], None]) -> None:
        self.at_ms = at_ms
        self.task = task
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class SteppedClock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._timers: list[_Later] = []

    def now_ms(self) -> float:
        return self._now

    def call_later(self, delay_ms: float, task: Callable[[], None]) -> _Later:
        self._timers.append(_Later(self._now + delay_ms, task))
        return self._timers[-1]

    async def advance(self, by_ms: float) -> None:
        """Moves the time, and runs what becomes due on the way, in its order."""
        end = self._now + by_ms
        while True:
            due = [timer for timer in self._timers if not timer.cancelled and timer.at_ms <= end]
            if not due:
                break
            first = min(due, key=lambda timer: timer.at_ms)
            self._timers.remove(first)
            self._now = max(self._now, first.at_ms)
            first.task()
            await settle()
        self._now = end


def scripted(**options: Any) -> tuple[topicstream.Client, ScriptedTransport, SteppedClock]:
    """A client without a network, whose draws are all one half."""
    transport, clock = ScriptedTransport(), SteppedClock()
    client = topicstream.connect("ws://localhost/v1", transport=transport, clock=clock, random=lambda: 0.5, **options)
    return client, transport, clock
