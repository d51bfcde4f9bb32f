"""The network: one WebSocket connection at a time. A seam, so that tests can say what a server would not."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

SUBPROTOCOL = "topicstream.v1"
ABNORMAL = 1006
MOST_FRAMES_AT_ONCE = 1_000
MOST_ARRAY_BYTES = 96 * 1024
_LOGGER = logging.getLogger("topicstream")
_MOST_MESSAGE_BYTES = 16 * 1024 * 1024
_CLOSE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Handshake:
    """What an attempt to connect says."""

    url: str
    headers: Mapping[str, str]
    timeout_s: float
    most_array_bytes: int
    """The longest array of frames that is sent, 0 for none."""


@dataclass(frozen=True, slots=True)
class Loss:
    """That a connection is no more, or that there never was one."""

    code: int
    """Close code, or HTTP status of a refused handshake, or 1006."""
    reason: str
    retry_after_ms: int = 0
    cause: BaseException | None = None


class Connection(Protocol):
    """One connection, from the attempt to its end. No method blocks."""

    def send(self, frame: str) -> None:
        """Sends a frame after those that wait; what one turn of the event loop sends goes together."""

    def close(self, code: int) -> None:
        """Ends it in order. Nothing more is told."""

    def sent_array(self) -> bool:
        """Whether frames were sent as arrays."""

    async def gone(self) -> None:
        """Waits until it is closed."""


class Events(Protocol):
    """What happens to a connection. `on_lost` comes once, last."""

    def on_opened(self, connection: Connection) -> None: ...

    def on_text(self, connection: Connection, text: str) -> None: ...

    def on_lost(self, connection: Connection, loss: Loss) -> None: ...


class Transport(Protocol):
    def open(self, handshake: Handshake, events: Events) -> Connection:
        """Begins to connect; nothing is told before this has returned."""


class Outbox:
    """Frames that wait for the socket, joined to arrays."""

    def __init__(self, most_array_bytes: int) -> None:
        self._most_array_bytes = most_array_bytes
        self._frames: deque[bytes] = deque()
        self.sent_array = False

    def add(self, frame: str) -> None:
        self._frames.append(frame.encode())

    def __bool__(self) -> bool:
        return bool(self._frames)

    def next(self) -> bytes:
        """The next WebSocket message."""
        taken = [self._frames.popleft()]
        size = len(taken[0]) + 2
        while self._frames and len(taken) < MOST_FRAMES_AT_ONCE:
            size += len(self._frames[0]) + 1
            if size > self._most_array_bytes:
                break
            taken.append(self._frames.popleft())
        if len(taken) == 1:
            return taken[0]
        self.sent_array = True
        return b"[" + b",".join(taken) + b"]"


class WebSocketTransport:
    """Connections by the library `websockets`."""

    def open(self, handshake: Handshake, events: Events) -> Connection:
        return _WebSocket(handshake, events)


class _Connect(connect):
    """Goes to no other server: the library would show it the API key, and in some versions the token."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _WebSocket:
    def __init__(self, handshake: Handshake, events: Events) -> None:
        self._handshake = handshake
        self._events = events
        self._outbox = Outbox(handshake.most_array_bytes)
        self._wakeup = asyncio.Event()
        self._close_code: int | None = None
        self._socket: ClientConnection | None = None
        self._task = asyncio.create_task(self._run(), name="topicstream connection")

    def send(self, frame: str) -> None:
        self._outbox.add(frame)
        self._wakeup.set()

    def sent_array(self) -> bool:
        return self._outbox.sent_array

    def close(self, code: int) -> None:
        if self._close_code is None:
            self._close_code = code
            self._wakeup.set()
            if self._socket is None:
                self._task.cancel()
            elif code == ABNORMAL:
                self._socket.transport.abort()
            else:
                # A peer that reads nothing hears of it at the latest then.
                asyncio.get_running_loop().call_later(_CLOSE_SECONDS, self._socket.transport.abort)

    async def gone(self) -> None:
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            loss = await self._connection()
        except Exception as e:
            _LOGGER.exception("the connection broke by what was not foreseen")
            loss = Loss(ABNORMAL, f"the connection broke: {e!r}", cause=e)
        if self._close_code is None:
            self._close_code = loss.code
            self._events.on_lost(self, loss)

    async def _connection(self) -> Loss:
        try:
            socket = await _Connect(
                self._handshake.url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers=dict(self._handshake.headers),
                user_agent_header="topicstream-python",
                compression=None,
                open_timeout=self._handshake.timeout_s,
                # The conversation itself says that it is there, and looks for silence.
                ping_interval=None,
                close_timeout=_CLOSE_SECONDS,
                max_size=_MOST_MESSAGE_BYTES,
            )
        except InvalidStatus as e:
            return _refusal(e)
        except TimeoutError as e:
            return Loss(ABNORMAL, "no answer in time", cause=e)
        except (OSError, WebSocketException, EOFError) as e:
            return Loss(ABNORMAL, f"cannot connect: {e}", cause=e)
        self._socket = socket
        self._events.on_opened(self)
        writer = asyncio.create_task(self._write(socket))
        try:
            return await self._read(socket)
        finally:
            writer.cancel()
            socket.transport.abort()

    async def _read(self, socket: ClientConnection) -> Loss:
        try:
            while True:
                text = await socket.recv()
                if self._close_code is not None:
                    continue
                if isinstance(text, bytes):
                    return Loss(ABNORMAL, "the server sent binary data")
                self._events.on_text(self, text)
                # Much may have come at once; let those run who take it from here.
                await asyncio.sleep(0)
        except ConnectionClosed as e:
            if e.rcvd is None:
                return Loss(ABNORMAL, "the connection broke", cause=e)
            return Loss(e.rcvd.code, e.rcvd.reason or "the server closed the connection")

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while self._close_code is None:
                await self._wakeup.wait()
                self._wakeup.clear()
                while self._outbox and self._close_code is None:
                    await socket.send(self._outbox.next(), text=True)
            if self._close_code != ABNORMAL:
                await socket.close(self._close_code)
        except ConnectionClosed:
            pass
        except Exception:
            _LOGGER.exception("nothing more can be sent")
            socket.transport.abort()


def _refusal(refused: InvalidStatus) -> Loss:
    response = refused.response
    after = response.headers.get("Retry-After", "")
    code = response.headers.get("Topic-Error", "")
    return Loss(
        response.status_code,
        f"the server answered {response.status_code} {code}".rstrip(),
        int(after) * 1000 if after.isdecimal() and len(after) < 7 else 0,
        refused,
    )
