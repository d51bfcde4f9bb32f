"""The client's interest in one topic."""

import asyncio
import enum
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from . import wire
from .errors import Ended, Refused, TopicStreamError
from .model import Event, Json, Message, Position, Redacted, Reset, Signal, Start, Truncated
from .wire import Frame

if TYPE_CHECKING:
    from .conversation import Conversation

_READ_LIMIT = 500
_EVENT_BYTES = 128

_LOGGER = logging.getLogger("topicstream")


class _State(enum.Enum):
    ASKED = enum.auto()
    """Not asked for on this connection, or no answer yet."""
    LIVE = enum.auto()
    FILLING = enum.auto()
    """Something is missing and is being read."""
    PAUSED = enum.auto()
    """Too much waits for the application."""
    ENDED = enum.auto()


class Subscription:
    """Messages of a topic, each once and in order, from `Client.subscribe` until it is closed.

    Iterate over it for the messages, or over `events()` for all that is told. One loop at a time.

    `last` is the offset of the last message that was taken. A message at or below it is a repeat and is dropped; the
    one after it is taken; any other means that something is missing, and the subscription reads the log from `last`
    on until it has reached what it had seen, and is live again. After a lost connection it names `(epoch, last)` and
    the server goes on from there. An application that falls behind pauses it: it leaves the topic, and comes back in
    the same way. So there is one way to come back, whatever happened.
    """

    def __init__(
        self, conversation: "Conversation", topic: str, start: Start, durable: bool, presence: bool | None
    ) -> None:
        self.topic = topic
        self._conversation = conversation
        self._start: Json = wire.start_of(start)
        self._durable = durable
        self._presence = presence
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._position: Position | None = start if isinstance(start, Position) else None
        self._state = _State.ASKED
        self._epoch = 0
        self._last: int | None = None
        if isinstance(start, Position):
            self._epoch, self._last = start.epoch, start.offset
        self._highest_seen = 0
        self._held: dict[int, Message] = {}
        self._held_bytes = 0
        # Counts what makes answers to earlier questions worthless.
        self._turn = 0
        self._tries = conversation.tries()
        # Messages of the client's own that are not to come back leave holes that are none.
        self._withheld: set[int] = set()
        self._quiet_ids: set[str] = set()
        self._events: deque[tuple[Event, int]] = deque()
        self._unread_bytes = 0
        self._is_full = False
        self._wakeup = asyncio.Event()
        self._reason: TopicStreamError | None = None

    # ---- the application's side

    @property
    def position(self) -> Position | None:
        """The last message that was handed out; `None` before the first one."""
        return self._position

    async def ready(self) -> None:
        """Waits until the server has taken the subscription for the first time; raises why it never does."""
        await asyncio.shield(self._ready)

    def events(self) -> AsyncIterator[Event]:
        """All that is told of the topic, in order. Raises the reason if the server or the client ended it."""
        return _Events(self)

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Message:
        while True:
            match await self._next():
                case Message() as message:
                    return message
                case (Truncated() | Reset()) as event:
                    _LOGGER.warning("messages of %s are gone: %s", self.topic, event)
                case _:
                    pass

    async def _next(self) -> Event:
        """The next event. Who gives up waiting for it loses nothing."""
        while not self._events:
            if self._state is _State.ENDED:
                raise self._reason or StopAsyncIteration
            self._wakeup.clear()
            await self._wakeup.wait()
        event, size = self._events.popleft()
        self._unread_bytes -= size
        if isinstance(event, Message):
            self._position = event.position
        elif isinstance(event, Reset):
            self._position = Position(event.epoch, event.common_offset)
        if self._is_full and self._unread_bytes <= self._conversation.settings.most_unread_bytes / 2:
            self._is_full = False
            self._on_drained()
        return event

    def close(self) -> None:
        """Stops listening on this client. What waits is still handed out. A durable one stays with the user."""
        if self._state is not _State.ENDED:
            self._conversation.tell({"action": "unsubscribe", "topic": self.topic})
            self.end(None)

    def forget(self) -> "asyncio.Future[None]":
        """Stops listening, and where it is durable on all of the user's connections, for good.

        That is said until the server has taken it, also on later connections.
        """
        if self._durable and self._state is not _State.ENDED:
            self.end(None)
            return self._conversation.forgets.say(self.topic)
        self.close()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def __aenter__(self) -> "Subscription":
        try:
            await self.ready()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the server's side

    def end(self, reason: TopicStreamError | None) -> None:
        if self._state is _State.ENDED:
            return
        self._state = _State.ENDED
        self._reason = reason
        self._turn += 1
        self._drop_held()
        self._conversation.forget(self)
        if not self._ready.done():
            self._ready.set_exception(reason or Ended(1000, "the subscription was closed"))
            # Who does not wait for it hears it by the loop over the messages.
            self._ready.exception()
        self._wakeup.set()

    def ask(self) -> None:
        """Asks the server for the topic, on a connection on which it has not been asked or has been left."""
        if self._state in (_State.ENDED, _State.PAUSED):
            return
        self._state = _State.ASKED
        self._turn += 1
        asked = self._turn
        resumes = self._last is not None
        frame: dict[str, Json] = {"action": "subscribe", "topic": self.topic, "from": self._start}
        if self._last is not None:
            frame["from"] = wire.start_of(Position(self._epoch, self._last))
        if self._durable:
            frame["durable"] = True
        if self._presence is not None:
            frame["presence"] = self._presence

        def on_reply(reply: Frame) -> None:
            if self._turn == asked:
                self._on_subscribed(reply, resumes)

        self._ask(frame, on_reply, self.ask)

    def _ask(self, frame: Frame, on_reply: Callable[[Frame], None], again: Callable[[], None]) -> None:
        asked = self._turn

        def on_failure(failure: TopicStreamError) -> None:
            if self._turn != asked:
                return
            if isinstance(failure, Refused) and failure.retryable:
                self._again_later(again)
            else:
                self.end(failure)

        self._conversation.ask(frame, on_reply, on_failure)

    def _again_later(self, again: Callable[[], None]) -> None:
        turn = self._turn

        def run() -> None:
            if self._turn == turn:
                again()

        self._conversation.later_on_this_connection(run, self._tries)

    def on_disconnected(self) -> None:
        if self._state not in (_State.ENDED, _State.PAUSED):
            self._state = _State.ASKED
            self._turn += 1
            self._drop_held()

    def _on_subscribed(self, reply: Frame, resumed: bool) -> None:
        self._state = _State.LIVE
        self._tries.reset()
        if not resumed:
            match self._start:
                case "new":
                    self._last = wire.number(reply, "next_offset") - 1
                case "earliest":
                    self._last = wire.number(reply, "first_offset") - 1
                case int() as offset:
                    self._last = max(1, offset) - 1
                case {"last": int() as count}:
                    first, following = wire.number(reply, "first_offset"), wire.number(reply, "next_offset")
                    self._last = max(first, following - count) - 1
                case {"time": int() as time} if self._conversation.is_to_come(time):
                    # To the server it is like what is new, and by the next connection it may have come.
                    self._last = wire.number(reply, "next_offset") - 1
                case _:
                    # The first message shows it.
                    self._last = None
        self._epoch = max(self._epoch, wire.number(reply, "epoch"))
        if not self._ready.done():
            self._ready.set_result(None)

    def on_message(self, message: Message) -> None:
        if self._state is _State.LIVE:
            if self._last is None:
                self._last = message.offset - 1
            self._skip_withheld()
            if message.offset == self._last + 1:
                self._deliver(message)
            elif message.offset > self._last:
                self._state = _State.FILLING
                self._highest_seen = 0
                self._hold(message)
                self._read_on()
        elif self._state is _State.FILLING:
            self._hold(message)

    def _hold(self, message: Message) -> None:
        """Keeps a message until those before it have come; what is too much is read again."""
        self._highest_seen = max(self._highest_seen, message.offset)
        if self._held_bytes < self._conversation.settings.most_unread_bytes and message.offset > (self._last or 0):
            self._held[message.offset] = message
            self._held_bytes += _size_of(message) + _EVENT_BYTES

    def _drop_held(self) -> None:
        self._held.clear()
        self._held_bytes = 0

    def _deliver(self, message: Message) -> None:
        """Hands the next message to the application."""
        self._last = message.offset
        quiet = message.message_id in self._quiet_ids and self._conversation.is_ours(message.sender)
        if message.offset in self._withheld or quiet:
            self._withheld.discard(message.offset)
            return
        self._tell(replace(message, epoch=self._epoch), _size_of(message))
        if self._is_full:
            self._state = _State.PAUSED
            self._turn += 1
            self._drop_held()
            self._conversation.tell({"action": "unsubscribe", "topic": self.topic})

    def _tell(self, event: Event, size: int = 0) -> None:
        self._events.append((event, size + _EVENT_BYTES))
        self._unread_bytes += size + _EVENT_BYTES
        self._is_full = self._is_full or self._unread_bytes > self._conversation.settings.most_unread_bytes
        self._wakeup.set()

    def _on_drained(self) -> None:
        if self._state is _State.PAUSED:
            self._state = _State.ASKED
            if self._conversation.is_open:
                self.ask()

    def _read_on(self) -> None:
        self._turn += 1
        asked = self._turn
        frame = {"action": "read", "topic": self.topic, "after": self._last, "limit": _READ_LIMIT}

        def on_reply(reply: Frame) -> None:
            if self._turn == asked:
                self._on_page(reply)

        self._ask(frame, on_reply, self._read_on)

    def _on_page(self, reply: Frame) -> None:
        page = wire.page(reply)
        if page.epoch != self._epoch or self._last is None:
            # Another life: only the server can say what is common.
            self.ask()
            return
        before = self._last
        if page.first_offset > self._last + 1:
            self._on_truncated(self._epoch, page.first_offset)
        for message in page.messages:
            if self._state is _State.FILLING and message.offset == self._last + 1:
                self._deliver(message)
        self._take_held()
        if self._state is not _State.FILLING:
            return
        if page.messages and self._last > before:
            self._tries.reset()
            self._read_on()
        else:
            self._again_later(self._read_on)

    def _take_held(self) -> None:
        """Delivers what has waited for those before it, and is live again where nothing more is missing."""
        while self._state is _State.FILLING and self._last is not None:
            held = self._held.pop(self._last + 1, None)
            if held is not None:
                self._deliver(held)
            elif self._last + 1 in self._withheld:
                self._withheld.discard(self._last + 1)
                self._last += 1
            else:
                break
        if self._state is _State.FILLING and (self._last or 0) >= self._highest_seen:
            self._state = _State.LIVE
            self._turn += 1
            self._tries.reset()
            self._drop_held()

    def on_frame(self, frame: Frame) -> None:
        """What is told of the topic beside messages; what may be lost only where there is room."""
        match frame["type"]:
            case "truncated":
                self._on_truncated(wire.number(frame, "epoch"), wire.number(frame, "first_offset"))
            case "reset":
                self._on_reset(wire.number(frame, "epoch"), wire.number(frame, "common_offset"))
            case _ if self._state is _State.ENDED or self._is_full:
                pass
            case "signal":
                payload = frame.get("message")
                self._tell(Signal(wire.optional_text(frame, "from"), payload), len(str(payload)))
            case "presence":
                self._tell(wire.presence(frame))
            case "receipt":
                self._tell(wire.receipt(frame))
            case "redacted":
                self._tell(Redacted(wire.offsets(frame)))

    def _on_truncated(self, epoch: int, first_offset: int) -> None:
        if self._state in (_State.LIVE, _State.FILLING):
            self._epoch = max(self._epoch, epoch)
            self._last = max(self._last or 0, first_offset - 1)
            self._tell(Truncated(epoch, first_offset))
            self._take_held()

    def _on_reset(self, epoch: int, common_offset: int) -> None:
        if self._state not in (_State.LIVE, _State.FILLING):
            return
        self._turn += 1
        self._epoch = epoch
        self._withheld.clear()
        self._drop_held()
        if self._last is not None and self._last < common_offset:
            # Nothing that was taken is gone; what was missing before it is in the new life too.
            self._state = _State.FILLING
            self._highest_seen = common_offset
            self._read_on()
        else:
            self._state = _State.LIVE
            self._last = common_offset
            self._tell(Reset(epoch, common_offset))

    # ---- the client's own messages that are not to come back

    def on_quiet_publish(self, message_id: str) -> None:
        self._quiet_ids.add(message_id)

    def on_quiet_published(self, message_id: str, epoch: int, offset: int) -> None:
        self._quiet_ids.discard(message_id)
        if self._epoch in (0, epoch) and (self._last is None or offset > self._last):
            self._withheld.add(offset)
            if self._state is _State.FILLING:
                self._take_held()
            else:
                self._skip_withheld()

    def on_quiet_refused(self, message_id: str) -> None:
        self._quiet_ids.discard(message_id)

    def _skip_withheld(self) -> None:
        while self._last is not None and self._last + 1 in self._withheld:
            self._last += 1
            self._withheld.discard(self._last)


def _size_of(message: Message) -> int:
    """About how many bytes its texts take."""
    return wire.size_of(message.payload) + sum(len(k) + len(v) for k, v in message.headers.items())


class _Events:
    """A loop over all that a subscription tells."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def __aiter__(self) -> "_Events":
        return self

    async def __anext__(self) -> Event:
        return await self._subscription._next()
