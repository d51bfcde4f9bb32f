"""How far the user has come, as far as the server has not taken it yet."""

import asyncio
from typing import TYPE_CHECKING, Any

from .backoff import Backoff
from .errors import Refused, TopicStreamError

if TYPE_CHECKING:
    from .conversation import Conversation


class _Entry:
    """What is to be said of one topic."""

    def __init__(self, tries: Backoff) -> None:
        self.offsets: dict[str, int] = {}
        self.tries = tries
        self.waiting: list[asyncio.Future[None]] = []
        self.under_way = False

    def add(self, offsets: dict[str, int]) -> None:
        for what, offset in offsets.items():
            self.offsets[what] = max(offset, self.offsets.get(what, 0))


class Acks:
    """Of each topic one ack is under way at a time, and what comes meanwhile is said after it, all in one.

    What the server has not answered is said again: on the next connection, or a little later where it asks for
    that.
    """

    def __init__(self, conversation: "Conversation") -> None:
        self._conversation = conversation
        self._entries: dict[str, _Entry] = {}

    def say(self, topic: str, offsets: dict[str, int], future: asyncio.Future[None]) -> None:
        entry = self._entries.get(topic)
        if entry is None:
            entry = self._entries[topic] = _Entry(self._conversation.tries())
        entry.add(offsets)
        entry.waiting.append(future)
        self._ask(topic, entry)

    def on_opened(self) -> None:
        for topic, entry in list(self._entries.items()):
            self._ask(topic, entry)

    def end(self, reason: TopicStreamError) -> None:
        entries, self._entries = self._entries, {}
        for entry in entries.values():
            _fail(entry.waiting, reason)

    def _ask(self, topic: str, entry: _Entry) -> None:
        if entry.under_way or not entry.offsets or not self._conversation.is_open:
            return
        offsets, entry.offsets = entry.offsets, {}
        waiting, entry.waiting = entry.waiting, []
        entry.under_way = True

        def taken(_: Any) -> None:
            for future in waiting:
                if not future.done():
                    future.set_result(None)
            self._go_on(topic, entry)

        def failed(failure: TopicStreamError) -> None:
            if isinstance(failure, Refused) and not failure.retryable:
                _fail(waiting, failure)
                self._go_on(topic, entry)
                return
            entry.under_way = False
            entry.add(offsets)
            entry.waiting[:0] = waiting
            self._conversation.later_on_this_connection(lambda: self._ask(topic, entry), entry.tries)

        self._conversation.ask({"action": "ack", "topic": topic, **offsets}, taken, failed)

    def _go_on(self, topic: str, entry: _Entry) -> None:
        entry.under_way = False
        entry.tries.reset()
        if entry.offsets:
            self._ask(topic, entry)
        elif self._entries.get(topic) is entry:
            del self._entries[topic]


def _fail(waiting: list[asyncio.Future[None]], failure: TopicStreamError) -> None:
    for future in waiting:
        if not future.done():
            future.set_exception(failure)
            # Most do not wait for it.
            future.exception()
