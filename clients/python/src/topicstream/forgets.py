"""Durable subscriptions that are to end, as far as the server has not taken it yet."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .backoff import Backoff
from .errors import Refused, TopicStreamError

if TYPE_CHECKING:
    from .conversation import Conversation


class Forgets:
    """Each is said until it is answered, on a new connection before the topics that are subscribed to.

    It ends delivery on the connection too, so it is not said again behind a later subscription to its topic.
    """

    def __init__(self, conversation: "Conversation") -> None:
        self._conversation = conversation
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def say(self, topic: str) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(topic, []).append(future)
        if self._conversation.end_reason is None:
            self._ask(topic)
        else:
            self._settle(topic, [future], self._conversation.end_reason)
        return future

    def on_opened(self) -> None:
        for topic in list(self._waiting):
            self._ask(topic)

    def end(self, reason: TopicStreamError) -> None:
        for topic, waiting in list(self._waiting.items()):
            self._settle(topic, list(waiting), reason)

    def _ask(self, topic: str, tries: Backoff | None = None) -> None:
        # A later call for the topic has a question of its own.
        waiting = list(self._waiting.get(topic, ()))
        waits = tries or self._conversation.tries()

        def again(failure: Refused) -> None:
            if topic in self._conversation.subscriptions:
                self._settle(topic, waiting, failure)
            else:
                self._ask(topic, waits)

        def failed(failure: TopicStreamError) -> None:
            if not isinstance(failure, Refused):
                return
            if failure.retryable and topic not in self._conversation.subscriptions:
                self._conversation.later_on_this_connection(lambda: again(failure), waits)
            else:
                self._settle(topic, waiting, failure)

        if waiting:
            frame = {"action": "unsubscribe", "topic": topic, "durable": True}
            self._conversation.ask(frame, lambda _: self._settle(topic, waiting, None), failed)

    def _settle(self, topic: str, futures: Iterable["asyncio.Future[None]"], failure: TopicStreamError | None) -> None:
        waiting = self._waiting.get(topic, [])
        for future in futures:
            if future in waiting:
                waiting.remove(future)
            if future.done():
                continue
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
                # Most do not wait for it.
                future.exception()
        if not waiting:
            self._waiting.pop(topic, None)
