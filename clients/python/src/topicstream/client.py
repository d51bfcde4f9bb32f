"""A client of one server."""

import asyncio
import random as randomness
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import TypedDict, TypeVar, Unpack
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from . import wire
from .clock import Clock, LoopClock
from .conversation import Conversation, Settings, Token
from .errors import BufferFull, Ended, Refused, TopicStreamError
from .model import (
    About,
    Cursor,
    CursorPage,
    FoldedPage,
    Json,
    MemberPage,
    OnlineUser,
    Page,
    Published,
    Room,
    RoomPage,
    Sent,
    Start,
    State,
    TopicPage,
    Welcome,
)
from .subscription import Subscription
from .transport import Transport, WebSocketTransport
from .wire import BadFrame, Frame

T = TypeVar("T")


class PublishOptions(TypedDict, total=False):
    """What may be said beside a payload, as `Client.publish` names it."""

    message_id: str | None
    key: str | None
    headers: Mapping[str, str] | None
    about: About | None
    expected_offset: int | None
    echo: bool


_MOST_FRAME_BYTES = 128 * 1024
_REQUEST_BYTES = 256


def connect(
    url: str,
    *,
    token: Token | None = None,
    api_key: str | None = None,
    user: str | None = None,
    name: str | None = None,
    fail_fast: bool = False,
    on_state: Callable[[State], None] | None = None,
    connect_timeout: float = 10.0,
    ping_interval: float = 25.0,
    max_waiting_bytes: int = 8 * 1024 * 1024,
    max_unread_bytes: int = 4 * 1024 * 1024,
    transport: Transport | None = None,
    clock: Clock | None = None,
    random: Callable[[], float] = randomness.random,
) -> "Client":
    """A client of the server at `ws://host:port/v1` (or `wss`), to be used as `async with connect(…) as client`.

    `token` may be a function, also an `async` one: it is asked at each attempt to connect, and again before the token
    ends. Without credentials, where the server is open to such, `user` claims an id (a random one is taken otherwise)
    and `name` a display name. With `fail_fast` a first attempt that fails ends the client; without, it tries until
    there is a connection.

    `on_state` is told of each connection, each loss and the end. `max_waiting_bytes` bounds what waits for an answer,
    `max_unread_bytes` what of a subscription waits for the application. `transport`, `clock` and `random` are for
    tests.
    """
    address = urlsplit(url)
    # To ask for the port is to check it.
    if address.scheme not in ("ws", "wss") or not address.hostname or address.fragment or address.port == 0:
        raise ValueError(f"not the address of a WebSocket: {url!r}")
    # Each topic is resumed by its position; the server does not begin with any by itself.
    members = [*parse_qsl(address.query, keep_blank_values=True), ("durable", "manual")]
    if token is None and api_key is None:
        # Message ids belong to the user: without one a message that is sent again would be stored twice.
        members.append(("user", user or f"c-{secrets.token_hex(12)}"))
        if name is not None:
            members.append(("name", name))
    query = urlencode(members)
    settings = Settings(
        urlunsplit(address._replace(query=query)),
        api_key,
        token,
        fail_fast,
        connect_timeout,
        round(ping_interval * 1000),
        max_waiting_bytes,
        max_unread_bytes,
        on_state,
        random,
    )
    return Client(settings, transport, clock)


class Client:
    """Publishes, subscribes, and comes back by itself when the connection is lost.

    Everything runs on one event loop. What returns a future asks at once, in the order of the calls; await it for the
    answer.
    """

    def __init__(self, settings: Settings, transport: Transport | None, clock: Clock | None) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._begun: Conversation | None = None

    def open(self) -> None:
        """Begins to connect, for those who do not wait: `async with` does so and waits for `connected()`."""
        if self._begun is not None:
            raise RuntimeError("the client was opened already")
        self._begun = Conversation(self._settings, self._transport or WebSocketTransport(), self._clock or LoopClock())
        self._begun.connect()

    async def connected(self) -> Welcome:
        """Waits for the first welcome; raises `Ended` if the client ends before."""
        return await asyncio.shield(self._conversation.connected)

    async def close(self) -> None:
        """Ends the client: what is not answered fails with `Ended`, subscriptions end without a reason."""
        self._conversation.end(Ended(1000, "the client was closed"))
        await self._conversation.gone()

    async def __aenter__(self) -> "Client":
        self.open()
        try:
            await self.connected()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _conversation(self) -> Conversation:
        if self._begun is None:
            raise RuntimeError("the client is not open: use it as `async with topicstream.connect(…) as client`")
        return self._begun

    # ---- messages

    def publish(
        self,
        topic: str,
        payload: Json,
        *,
        message_id: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        about: About | None = None,
        expected_offset: int | None = None,
        echo: bool = True,
    ) -> "asyncio.Future[Published]":
        """Publishes a message. It is sent until the server has answered, and stored once.

        Raises `BufferFull` at once if too much waits for answers (`publish_when_free` waits instead), `ValueError`
        where the payload is not JSON, and `Refused` (`too_large`) where the frame is more than a server takes. The
        answer may be `Refused` or `Ended`.
        """
        wire.topic_name(topic)
        id_of_message = message_id or secrets.token_hex(12)
        frame = _said({"action": "publish", "topic": topic}, payload, id_of_message, key, headers, about)
        if expected_offset is not None:
            frame["expected_offset"] = expected_offset
        if not echo:
            frame["echo"] = False

        def published(reply: Frame) -> Published:
            at = Published(
                topic,
                id_of_message,
                wire.number(reply, "epoch"),
                wire.number(reply, "offset"),
                wire.number(reply, "timestamp"),
            )
            subscription = None if echo else self._conversation.subscriptions.get(topic)
            if subscription is not None:
                subscription.on_quiet_published(id_of_message, at.epoch, at.offset)
            return at

        subscription = None if echo else self._conversation.subscriptions.get(topic)

        def refused(_: TopicStreamError) -> None:
            if subscription is not None:
                subscription.on_quiet_refused(id_of_message)

        # A future that was cancelled is no answer: the message is stored all the same.
        future = self._ask(frame, published, on_failed=refused)
        if subscription is not None:
            subscription.on_quiet_publish(id_of_message)
        return future

    async def publish_when_free(self, topic: str, payload: Json, **options: Unpack[PublishOptions]) -> Published:
        """Publishes as `publish` does, but waits for room where too much waits for the server's answers."""
        while True:
            try:
                future = self.publish(topic, payload, **options)
            except BufferFull as e:
                if e.waiting_bytes == 0:
                    raise
            else:
                return await future
            await self._conversation.some_room()

    def send(
        self,
        user: str,
        payload: Json,
        *,
        message_id: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        about: About | None = None,
    ) -> "asyncio.Future[Sent]":
        """Says something to one user, on all devices of both; it is stored once, and waits where the other is away."""
        id_of_message = message_id or secrets.token_hex(12)
        frame = _said({"action": "send", "to": user}, payload, id_of_message, key, headers, about)
        return self._ask(
            frame,
            lambda reply: Sent(
                wire.text(reply, "topic"),
                id_of_message,
                wire.number(reply, "epoch"),
                wire.number(reply, "offset"),
                wire.number(reply, "timestamp"),
                reply.get("online") is True,
            ),
        )

    def redact(self, topic: str, offset: int) -> "asyncio.Future[None]":
        """Takes a message back, for good: it keeps its place, and what it said is gone for all."""
        return self._ask({"action": "redact", "topic": wire.topic_name(topic), "offset": offset}, lambda _: None)

    def signal(self, topic: str, payload: Json) -> "asyncio.Future[None]":
        """Says something to those who listen now. It is not kept; `NotConnected` without a connection."""
        frame = {"action": "signal", "topic": wire.topic_name(topic), "message": payload}
        return self._ask(frame, lambda _: None, now=True)

    # ---- subscriptions

    def subscribe(
        self, topic: str, start: Start = "new", *, durable: bool = False, presence: bool | None = None
    ) -> Subscription:
        """Listens to a topic until the subscription is closed; without a connection it begins with the next one.

        With `durable` the user listens on all connections from now on: the server remembers that, never how far. With
        `presence` the user is seen in the topic and told who comes and goes. A client has one subscription to a topic.
        """
        subscription = Subscription(self._conversation, wire.topic_name(topic), start, durable, presence)
        self._conversation.add(subscription)
        return subscription

    async def new_topics(self) -> AsyncIterator[Subscription]:
        """Subscriptions to topics in which somebody begins a chat with this user, each from that message on.

        It hears what begins after the first step of the loop; `all_cursors` lists the chats that there are.
        """
        conversation = self._conversation
        if conversation.new_topics is None:
            conversation.new_topics = asyncio.Queue()
        while conversation.end_reason is None or not conversation.new_topics.empty():
            subscription = await conversation.new_topics.get()
            if subscription is None:
                # Other loops wait for it too.
                conversation.new_topics.put_nowait(None)
                return
            yield subscription

    # ---- reading

    def read(
        self,
        topic: str,
        *,
        after: int | None = None,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int = 50,
    ) -> "asyncio.Future[Page]":
        """A page of a topic, ascending: the messages after an offset, or before one, or the newest."""
        frame = _without_none(
            {"action": "read", "topic": wire.topic_name(topic), "after": after, "before": before},
            since=since,
            until=until,
            limit=limit,
        )
        return self._ask(frame, wire.page)

    def read_folded(
        self, topic: str, *, after: int | None = None, before: int | None = None, limit: int = 50
    ) -> "asyncio.Future[FoldedPage]":
        """The same with what was said about each message, and without edits and reactions."""
        frame = _without_none(
            {"action": "read", "topic": wire.topic_name(topic), "fold": True}, after=after, before=before, limit=limit
        )
        return self._ask(frame, wire.folded_page)

    def topics(self, prefix: str = "", *, start_after: str = "", limit: int = 100) -> "asyncio.Future[TopicPage]":
        """Topics by their names."""
        frame = {"action": "topics", "prefix": prefix, "start_after": start_after, "limit": limit}
        return self._ask(frame, wire.topic_page)

    # ---- people

    def ack_delivered(self, topic: str, offset: int) -> "asyncio.Future[None]":
        """Says that the messages up to this offset have arrived at the user; of several the highest counts.

        It is said until the server has taken it, also on later connections.
        """
        return self._ack(topic, "delivered", offset)

    def ack_read(self, topic: str, offset: int) -> "asyncio.Future[None]":
        """Says that the user has read the messages up to this offset, as `ack_delivered` does."""
        return self._ack(topic, "read", offset)

    def _ack(self, topic: str, what: str, offset: int) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._conversation.ack(wire.topic_name(topic), {what: offset}, future)
        return future

    async def cursors(self, topics: Sequence[str]) -> list[Cursor]:
        """How far the user has come in these topics, by topic, each once; at most 500."""
        found: list[Cursor] = []
        after: str | None = ""
        names = [wire.topic_name(topic) for topic in topics]
        while after is not None:
            frame = {"action": "cursors", "topics": names, "start_after": after, "limit": max(1, len(names))}
            page = await self._ask(frame, wire.cursor_page)
            found.extend(page.cursors)
            after = page.next
        return found

    def all_cursors(self, *, start_after: str = "", limit: int = 100) -> "asyncio.Future[CursorPage]":
        """How far the user has come in all topics of which the server knows that."""
        return self._ask({"action": "cursors", "start_after": start_after, "limit": limit}, wire.cursor_page)

    def members(self, topic: str, *, start_after: str = "", limit: int = 100) -> "asyncio.Future[MemberPage]":
        """Who is in a topic."""
        frame = {"action": "members", "topic": wire.topic_name(topic), "start_after": start_after, "limit": limit}
        return self._ask(frame, wire.member_page)

    def online(self, users: Sequence[str]) -> "asyncio.Future[tuple[OnlineUser, ...]]":
        """Which of at most 500 users are online, in their order."""
        return self._ask({"action": "online", "users": list(users)}, wire.online_users)

    def name(self, name: str) -> "asyncio.Future[str]":
        """Claims a display name, now and on later connections; `Refused` (`conflict`) where somebody else has it."""

        def given(reply: Frame) -> str:
            self._conversation.claimed_name = wire.text(reply, "name")
            return self._conversation.claimed_name

        return self._ask({"action": "name", "name": name}, given)

    def room(self, topic: str, *, title: str | None = None, presence: str | None = None) -> "asyncio.Future[Room]":
        """Makes a room of a topic, or changes what is kept of it. `presence` is its policy."""
        frame = _without_none({"action": "room", "topic": wire.topic_name(topic)}, title=title)
        if presence is not None:
            frame["policy"] = {"presence": presence}
        return self._ask(frame, wire.room)

    def delete_room(self, topic: str) -> "asyncio.Future[None]":
        """Deletes a room with all that was said in it, for good."""
        return self._ask({"action": "delete_room", "topic": wire.topic_name(topic)}, lambda _: None)

    def rooms(
        self, *, owner: str | None = None, prefix: str = "", start_after: str = "", limit: int = 100
    ) -> "asyncio.Future[RoomPage]":
        """Rooms by their topics."""
        frame = _without_none(
            {"action": "rooms", "prefix": prefix, "start_after": start_after, "limit": limit}, owner=owner
        )
        return self._ask(frame, wire.room_page)

    def authenticate(self, token: str) -> "asyncio.Future[None]":
        """Shows a new token of the same user, now and, when the server has taken it, on later connections."""

        def taken(reply: Frame) -> None:
            self._conversation.use_token(token, wire.optional_number(reply, "expires_at"))

        return self._ask({"action": "authenticate", "token": token}, taken, now=True)

    # ---- asking

    def _ask(
        self,
        frame: Frame,
        result: Callable[[Frame], T],
        now: bool = False,
        on_failed: Callable[[TopicStreamError], None] = lambda _: None,
    ) -> "asyncio.Future[T]":
        conversation = self._conversation
        id_, text = conversation.next_frame(frame)
        size = len(text.encode())
        if size > _MOST_FRAME_BYTES:
            raise Refused("too_large", f"a frame of {size} bytes is more than a server takes")
        size += _REQUEST_BYTES
        conversation.reserve(size)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def on_reply(reply: Frame) -> None:
            try:
                value = result(reply)
            except BadFrame as e:
                on_failure(Refused("internal", f"the server's answer is to another question: {e}"))
                return
            conversation.release(size)
            if not future.done():
                future.set_result(value)

        def on_failure(failure: TopicStreamError) -> None:
            conversation.release(size)
            on_failed(failure)
            if not future.done():
                future.set_exception(failure)

        if now:
            conversation.ask_now(id_, text, on_reply, on_failure)
        else:
            conversation.ask_until_answered(id_, text, on_reply, on_failure)
        return future


def _said(
    frame: dict[str, Json],
    payload: Json,
    message_id: str,
    key: str | None,
    headers: Mapping[str, str] | None,
    about: About | None,
) -> dict[str, Json]:
    frame["message_id"] = message_id
    if key is not None:
        frame["key"] = key
    if headers:
        frame["headers"] = dict(headers)
    if about is not None:
        frame["about"] = wire.about_of(about)
    frame["message"] = payload
    return frame


def _without_none(frame: dict[str, Json], **optional: Json) -> dict[str, Json]:
    return {name: value for name, value in {**frame, **optional}.items() if value is not None}
