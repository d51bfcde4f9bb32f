"""What a client and its server have to say to each other, over one connection after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from . import wire
from .acks import Acks
from .backoff import Backoff
from .clock import Clock, Timer
from .errors import BufferFull, Ended, NotConnected, Refused, TopicStreamError
from .forgets import Forgets
from .model import Closed, Connected, State, Waiting, Welcome
from .subscription import Subscription
from .token_asking import TokenAsking
from .transport import ABNORMAL, MOST_ARRAY_BYTES, Connection, Handshake, Loss, Transport
from .wire import BadFrame, Frame

LOGGER = logging.getLogger("topicstream")

Token = str | Callable[[], str | Awaitable[str]]
"""A token, or a function that gives one that is good at the moment."""

_FINAL_CODES = range(4000, 4100)
_TRY_AGAIN_LATER = 1013
_TOO_LARGE = 1009
_FAILURES_OF_A_BUSY_SERVER = 4
_STABLE_AFTER_MS = 10_000
_RENEW_AGAIN_MS = 5_000
_LEAST_BEFORE_RENEWAL_MS = 1_000.0
_UNDER_WAY_MS = 1_000.0
_MOST_NEW_TOPICS = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    url: str
    api_key: str | None
    token: Token | None
    fail_fast: bool
    connect_timeout_s: float
    ping_ms: int
    most_waiting_bytes: int
    most_unread_bytes: int
    on_state: Callable[[State], None] | None
    random: Callable[[], float]


@dataclass(slots=True)
class _Request:
    """Something that the server will answer."""

    frame: str
    resend: bool
    """Whether it is sent again on the next connection; else it fails with this one."""
    on_reply: Callable[[Frame], None]
    on_failure: Callable[[TopicStreamError], None]


class Conversation:
    """A request stays until it is answered.

    After a lost connection the subscriptions are asked for first, each from its own position, then the requests
    that are still open are sent again, in their order: a read may run twice, and a publish has a message id by
    which the server knows it again. So what an application asked for happens once, however often the connection
    breaks.
    """

    def __init__(self, settings: Settings, transport: Transport, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.connected: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()
        self.subscriptions: dict[str, Subscription] = {}
        self.claimed_name: str | None = None
        self.is_open = False
        self.end_reason: Ended | None = None
        self.new_topics: asyncio.Queue[Subscription | None] | None = None
        self._transport = transport
        self._backoff = Backoff(settings.random)
        self._acks = Acks(self)
        self.forgets = Forgets(self)
        self._requests: dict[int, _Request] = {}
        self._next_id = 1
        self._waiting_bytes = 0
        self._room = asyncio.Event()
        self._token = settings.token
        self._token_asking = TokenAsking(clock, settings.connect_timeout_s)
        self._connection: Connection | None = None
        self._last_connection: Connection | None = None
        self._welcome: Welcome | None = None
        self._greeting: Frame | None = None
        self._ever_connected = False
        self._most_array_bytes = MOST_ARRAY_BYTES
        self._opened_at = 0.0
        self._heard_at = 0.0
        self._sent_at = 0.0
        self._welcomed_at = 0.0
        self._stay_away_until = 0.0
        self._reconnect: Timer | None = None
        self._keep_alive: Timer | None = None
        self._renewal: Timer | None = None
        self._left: set[str] = set()

    # ---- the buffer

    def reserve(self, size: int) -> None:
        """Takes room for what waits to be answered; `BufferFull` where there is none."""
        if self._waiting_bytes + size > self.settings.most_waiting_bytes:
            raise BufferFull(self._waiting_bytes, self.settings.most_waiting_bytes)
        self._waiting_bytes += size

    async def some_room(self) -> None:
        """Waits until something was answered."""
        self._room.clear()
        await self._room.wait()

    def release(self, size: int) -> None:
        self._waiting_bytes -= size
        self._room.set()

    # ---- connecting

    def connect(self) -> None:
        self._attempt()

    def _attempt(self) -> None:
        self._reconnect = None
        if self.end_reason is not None:
            return
        if self._token is None or isinstance(self._token, str):
            self._open(self._token)
        else:
            self._ask_token(self._open, self._on_no_token)

    def _ask_token(self, then: Callable[[str], None], otherwise: Callable[[Exception], None]) -> None:
        """Has the application's function give a token; at once where that does not wait."""
        if self._token is not None and not isinstance(self._token, str):
            self._token_asking.ask(self._token, then, otherwise)

    def _on_no_token(self, failure: Exception) -> None:
        if self.end_reason is None:
            LOGGER.warning("the token function failed: %s", failure)
            self._lost(Loss(ABNORMAL, f"the token function failed: {failure}", cause=failure))

    def _open(self, token: str | None) -> None:
        if self.end_reason is not None:
            return
        headers: dict[str, str] = {}
        if self.settings.api_key:
            headers["x-api-key"] = self.settings.api_key
        if token:
            headers["Authorization"] = f"Bearer {token}"
        handshake = Handshake(self.settings.url, headers, self.settings.connect_timeout_s, self._most_array_bytes)
        self._connection = self._last_connection = self._transport.open(handshake, self)

    def on_opened(self, connection: Connection) -> None:
        if connection is not self._connection:
            return
        self.is_open = True
        self._opened_at = self._heard_at = self._sent_at = self.clock.now_ms()
        self._stay_away_until = 0.0
        self._claim_name()
        self.forgets.on_opened()
        for subscription in list(self.subscriptions.values()):
            subscription.ask()
        for _, request in sorted(self._requests.items()):
            if request.resend:
                self._send(request.frame)
        self._acks.on_opened()
        self._look_after(self.settings.ping_ms)

    def _claim_name(self, tries: Backoff | None = None) -> None:
        name = self.claimed_name
        waits = tries or self.tries()

        def again() -> None:
            if self.claimed_name == name:
                self._claim_name(waits)

        def lost(failure: TopicStreamError) -> None:
            if not isinstance(failure, Refused):
                return
            if failure.retryable:
                self.later_on_this_connection(again, waits)
            else:
                LOGGER.warning("the name %s is not this user's any more: %s", name, failure)

        if name is not None:
            self.ask({"action": "name", "name": name}, lambda _: None, lost)

    def _look_after(self, ping_ms: float) -> None:
        """Looks twice per ping interval whether it is time to say that we are here, and whether the server is."""

        def look() -> None:
            connection, now = self._connection, self.clock.now_ms()
            if not self.is_open or connection is None:
                return
            if now - self._heard_at >= 2 * ping_ms:
                connection.close(ABNORMAL)
                self._lost(Loss(ABNORMAL, f"the server has been silent for {now - self._heard_at:.0f} ms"))
                return
            if now - self._sent_at >= ping_ms / 2 or now - self._heard_at >= ping_ms:
                self._send('{"action":"ping"}')
            self._look_after(ping_ms)

        _cancel(self._keep_alive)
        self._keep_alive = self.clock.call_later(max(1.0, ping_ms / 2), look)

    def on_lost(self, connection: Connection, loss: Loss) -> None:
        if connection is self._connection:
            if loss.code == _TOO_LARGE:
                self._send_less(connection)
            self._lost(loss)

    def _lost(self, loss: Loss) -> None:
        was_open = self.is_open
        self._forget_connection()
        refused = 400 <= loss.code < 500 and loss.code not in (408, 429)
        if refused or loss.code in _FINAL_CODES or (self.settings.fail_fast and not self._ever_connected):
            reason = Ended(loss.code, loss.reason)
            reason.__cause__ = loss.cause
            self.end(reason)
            return
        now = self.clock.now_ms()
        if was_open and now - self._opened_at >= _STABLE_AFTER_MS:
            self._backoff.reset()
        if loss.code in (_TRY_AGAIN_LATER, 503):
            self._backoff.at_least(_FAILURES_OF_A_BUSY_SERVER)
        away_ms = max(loss.retry_after_ms, self._stay_away_until - now, 0.0)
        self._come_back(self._backoff.next_ms() + away_ms, loss)

    def _come_back(self, wait_ms: float, loss: Loss) -> None:
        self._tell_state(Waiting(loss.code, loss.reason, wait_ms))
        if self.end_reason is None:
            self._reconnect = self.clock.call_later(wait_ms, self._attempt)

    def _send_less(self, connection: Connection) -> None:
        """The server takes no WebSocket message as large as one of ours was.

        First go without arrays; if that was not it, the largest request is the one that can never be sent.
        """
        if connection.sent_array():
            self._most_array_bytes = 0
        elif self._requests:
            largest = max(self._requests, key=lambda id_: len(self._requests[id_].frame))
            self._requests.pop(largest).on_failure(Refused("too_large", "the server takes no message of this size"))

    def _forget_connection(self) -> None:
        self.is_open = False
        self._connection = None
        self._welcome = self._greeting = None
        for timer in (self._keep_alive, self._renewal):
            _cancel(timer)
        self._left.clear()
        for subscription in list(self.subscriptions.values()):
            subscription.on_disconnected()
        for id_, request in list(self._requests.items()):
            if not request.resend:
                del self._requests[id_]
                request.on_failure(NotConnected("the connection was lost"))

    def end(self, reason: Ended) -> None:
        """Ends for good."""
        if self.end_reason is not None:
            return
        self.end_reason = reason
        connection = self._connection
        self._forget_connection()
        _cancel(self._reconnect)
        self._token_asking.end()
        if connection is not None:
            connection.close(1000)
        for subscription in list(self.subscriptions.values()):
            subscription.end(None if reason.code == 1000 else reason)
        requests, self._requests = self._requests, {}
        for request in requests.values():
            request.on_failure(reason)
        self._acks.end(reason)
        self.forgets.end(reason)
        self._room.set()
        if self.new_topics is not None:
            self.new_topics.put_nowait(None)
        if not self.connected.done():
            self.connected.set_exception(reason)
            # Who does not ask for it hears it by the state.
            self.connected.exception()
        self._tell_state(Closed(reason.code, reason.reason))

    async def gone(self) -> None:
        if self._last_connection is not None:
            await self._last_connection.gone()

    def _tell_state(self, state: State) -> None:
        if self.settings.on_state is None:
            if isinstance(state, Waiting):
                LOGGER.info(
                    "no connection (%d %s); next attempt in %.0f ms", state.code, state.reason, state.retry_in_ms
                )
            return
        try:
            self.settings.on_state(state)
        except Exception:
            LOGGER.exception("on_state failed")

    # ---- asking

    def tell(self, frame: Frame) -> None:
        """Says something that nobody answers, if there is a connection."""
        if self.is_open:
            self._send(wire.encode(frame))

    def _send(self, frame: str) -> None:
        if self._connection is not None:
            self._sent_at = self.clock.now_ms()
            self._connection.send(frame)

    def next_frame(self, frame: Frame) -> tuple[int, str]:
        """The frame as text, with an id of its own."""
        text = wire.encode({"action": frame["action"], "id": self._next_id, **frame})
        self._next_id += 1
        return self._next_id - 1, text

    def ask(
        self, frame: Frame, on_reply: Callable[[Frame], None], on_failure: Callable[[TopicStreamError], None]
    ) -> None:
        """Asks on this connection, if there is one."""
        if self.is_open:
            self.ask_now(*self.next_frame(frame), on_reply, on_failure)

    def ask_now(
        self,
        id_: int,
        text: str,
        on_reply: Callable[[Frame], None],
        on_failure: Callable[[TopicStreamError], None],
    ) -> None:
        """Asks on this connection or not at all."""
        if self.end_reason is not None:
            on_failure(self.end_reason)
        elif not self.is_open:
            on_failure(NotConnected("there is no connection"))
        else:
            self._requests[id_] = _Request(text, False, on_reply, on_failure)
            self._send(text)

    def ask_until_answered(
        self,
        id_: int,
        text: str,
        on_reply: Callable[[Frame], None],
        on_failure: Callable[[TopicStreamError], None],
    ) -> None:
        """Asks on this connection or the next ones until there is an answer, and again where that may help."""
        if self.end_reason is not None:
            on_failure(self.end_reason)
            return
        tries = self.tries()

        def failed(failure: TopicStreamError) -> None:
            if not (isinstance(failure, Refused) and failure.retryable):
                on_failure(failure)
                return
            connection = self._connection
            self._requests[id_] = request

            def again() -> None:
                # Later connections have sent it with all others.
                if self._connection is connection and self._requests.get(id_) is request:
                    self._send(text)

            self.clock.call_later(tries.next_ms(), again)

        request = _Request(text, True, on_reply, failed)
        self._requests[id_] = request
        if self.is_open:
            self._send(text)

    def tries(self) -> Backoff:
        """The waits between the tries of one question."""
        return Backoff(self.settings.random)

    def later_on_this_connection(self, task: Callable[[], None], tries: Backoff) -> None:
        """Runs something after a while, unless the connection is another one then."""
        connection = self._connection

        def run() -> None:
            if self.is_open and self._connection is connection:
                task()

        self.clock.call_later(tries.next_ms(), run)

    def ack(self, topic: str, offsets: dict[str, int], future: asyncio.Future[None]) -> None:
        if self.end_reason is not None:
            future.set_exception(self.end_reason)
        else:
            self._acks.say(topic, offsets, future)

    def use_token(self, token: str, expires_at: int | None) -> None:
        """The server has taken a token: that of later connections, where the application has no function for it."""
        if not callable(self._token):
            self._token = token
        self._renew_before(expires_at)

    def is_to_come(self, time: int) -> bool:
        """Whether a time of the server's clock is still to come, by more than messages are under way."""
        welcome = self._welcome
        if welcome is None or welcome.server_time is None:
            return False
        return time > welcome.server_time + self.clock.now_ms() - self._welcomed_at + _UNDER_WAY_MS

    # ---- subscriptions

    def add(self, subscription: Subscription) -> None:
        if self.end_reason is not None:
            raise self.end_reason
        if subscription.topic in self.subscriptions:
            raise ValueError(f"this client has a subscription to {subscription.topic}")
        self.subscriptions[subscription.topic] = subscription
        if self.is_open:
            subscription.ask()

    def forget(self, subscription: Subscription) -> None:
        if self.subscriptions.get(subscription.topic) is subscription:
            del self.subscriptions[subscription.topic]
            # What is still under way for it does not begin it anew.
            if len(self._left) < _MOST_NEW_TOPICS:
                self._left.add(subscription.topic)

    def is_ours(self, sender: str | None) -> bool:
        return self._welcome is not None and sender is not None and sender == self._welcome.user

    # ---- listening

    def on_text(self, connection: Connection, text: str) -> None:
        if connection is not self._connection:
            return
        self._heard_at = self.clock.now_ms()
        try:
            for frame in wire.decode(text):
                if connection is not self._connection:
                    return
                self._on_frame(frame)
        except BadFrame as e:
            connection.close(ABNORMAL)
            self._lost(Loss(ABNORMAL, f"not a frame of the protocol: {e}", cause=e))

    def _on_frame(self, frame: Frame) -> None:
        match frame.get("type"):
            case "message":
                self._on_message(wire.text(frame, "topic"), frame)
            case "reply":
                request = self._requests.pop(frame["id"], None) if isinstance(frame.get("id"), int) else None
                if request is not None:
                    request.on_reply(frame)
            case "error":
                self._on_error(frame)
            case "signal" | "presence" | "receipt" | "redacted" | "truncated" | "reset":
                subscription = self.subscriptions.get(wire.text(frame, "topic"))
                if subscription is not None:
                    subscription.on_frame(frame)
            case "room_deleted":
                subscription = self.subscriptions.get(wire.text(frame, "topic"))
                if subscription is not None:
                    subscription.end(Refused("not_found", "the room was deleted"))
            case "welcome":
                self._greet(frame)
            case "subscriptions" if self._greeting is not None:
                listed = [*self._greeting.get("subscriptions", ()), *frame.get("subscriptions", ())]
                self._greet({**self._greeting, "subscriptions": listed, "more": frame.get("more")})
            case "draining":
                self._on_draining(wire.number(frame, "reconnect_in_ms"))
            case _:
                pass

    def _on_message(self, topic: str, frame: Frame) -> None:
        subscription = self.subscriptions.get(topic)
        if subscription is not None:
            subscription.on_message(wire.message(frame, topic, 0))
        elif self.new_topics is not None and topic not in self._left and len(self._left) < _MOST_NEW_TOPICS:
            # The message itself comes again, and with it all that followed meanwhile.
            subscription = Subscription(self, topic, wire.number(frame, "offset"), False, None)
            self.add(subscription)
            self.new_topics.put_nowait(subscription)

    def _on_error(self, frame: Frame) -> None:
        refused = Refused(
            wire.text(frame, "code"),
            str(frame.get("message", "")),
            frame.get("retryable") is True,
            wire.optional_number(frame, "next_offset"),
        )
        request = self._requests.pop(frame["id"], None) if isinstance(frame.get("id"), int) else None
        if request is not None:
            request.on_failure(refused)
            return
        subscription = self.subscriptions.get(str(frame.get("topic")))
        if refused.code == "forbidden" and subscription is not None:
            # New credentials do not permit it.
            subscription.end(refused)
        else:
            LOGGER.warning("the server answered %s", refused)

    def _greet(self, frame: Frame) -> None:
        if frame.get("more") is True:
            self._greeting = frame
            return
        self._greeting = None
        welcome = self._welcome = wire.welcome(frame)
        self._ever_connected = True
        self._welcomed_at = self.clock.now_ms()
        if welcome.ping_ms > 0:
            self._look_after(min(welcome.ping_ms, self.settings.ping_ms))
        self._renew_before(welcome.expires_at)
        if not self.connected.done():
            self.connected.set_result(welcome)
        self._tell_state(Connected(welcome))

    def _on_draining(self, away_ms: int) -> None:
        """Stays as long as the server serves, leaves when its time is up, and comes back after that."""
        connection = self._connection
        self._stay_away_until = self.clock.now_ms() + away_ms

        def leave() -> None:
            if self.is_open and connection is not None and connection is self._connection:
                connection.close(1001)
                self._lost(Loss(1001, "the server is about to stop"))

        self.clock.call_later(away_ms, leave)

    # ---- renewing the token

    def _renew_before(self, expires_at: int | None) -> None:
        """Shows another token on this connection when four fifths of the time have passed."""
        _cancel(self._renewal)
        welcome = self._welcome
        if expires_at is None or welcome is None or welcome.server_time is None or not callable(self._token):
            return
        ends_at = expires_at - welcome.server_time + self._welcomed_at
        # A function that gives one token again and again is not asked ever faster.
        wait_ms = max(_LEAST_BEFORE_RENEWAL_MS, (ends_at - self.clock.now_ms()) * 4 / 5)
        self._renewal = self.clock.call_later(wait_ms, lambda: self._renew(ends_at))

    def _renew(self, ends_at: float) -> None:
        connection = self._connection

        def show(token: str) -> None:
            if self.is_open and self._connection is connection:
                self.ask(
                    {"action": "authenticate", "token": token},
                    lambda reply: self._renew_before(wire.optional_number(reply, "expires_at")),
                    failed,
                )

        def failed(failure: Exception) -> None:
            if isinstance(failure, NotConnected) or not self.is_open or self._connection is not connection:
                return
            LOGGER.warning("the token was not renewed: %s", failure)
            # The nearer the end, the sooner again: with it the client would end too.
            wait_ms = min(_RENEW_AGAIN_MS, (ends_at - self.clock.now_ms()) / 5)
            self._renewal = self.clock.call_later(max(_LEAST_BEFORE_RENEWAL_MS, wait_ms), lambda: self._renew(ends_at))

        self._ask_token(show, failed)


def _cancel(timer: Timer | None) -> None:
    if timer is not None:
        timer.cancel()
