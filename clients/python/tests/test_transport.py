"""The client's own transport, against sockets that say what a server would not."""

import asyncio
import json
import unittest
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from unittest import mock

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

import topicstream
from topicstream.transport import Outbox

_WELCOME = json.dumps({"type": "welcome", "connection_id": "c", "user": None, "name": None, "ping_ms": 25_000})


class TransportTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        await self.enterAsyncContext(asyncio.timeout(60))

    async def serve(
        self,
        talk: Callable[[ServerConnection], Awaitable[None]],
        refuse: Callable[[ServerConnection, Request], Response | None] | None = None,
    ) -> str:
        server: Server = await self.enterAsyncContext(
            serve(talk, "127.0.0.1", 0, subprotocols=[Subprotocol("topicstream.v1")], process_request=refuse)
        )
        return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"

    async def test_what_one_turn_publishes_goes_as_one_array(self) -> None:
        texts: asyncio.Queue[str | bytes] = asyncio.Queue()

        async def talk(socket: ServerConnection) -> None:
            await socket.send(_WELCOME)
            async for text in socket:
                texts.put_nowait(text)

        async with topicstream.connect(await self.serve(talk)) as client:
            futures = [client.publish("t", number) for number in range(500)]
            frames = json.loads(await texts.get())

        self.assertEqual([frame["message"] for frame in frames], list(range(500)))
        for future in futures:
            self.assertIsInstance(future.exception(), topicstream.Ended)

    async def test_a_server_that_reads_nothing_does_not_hold_up_the_end(self) -> None:
        ended = asyncio.Event()

        async def talk(socket: ServerConnection) -> None:
            await socket.send(_WELCOME)
            socket.transport.pause_reading()
            await ended.wait()

        async with topicstream.connect(await self.serve(talk)) as client:
            futures = [client.publish("t", "x" * 100_000) for _ in range(80)]
            for _ in range(100):
                await asyncio.sleep(0)
        ended.set()

        for future in futures:
            self.assertIsInstance(future.exception(), topicstream.Ended)

    async def test_what_nobody_has_foreseen_ends_the_connection_only(self) -> None:
        texts = ["[" * 100_000, _WELCOME]

        async def talk(socket: ServerConnection) -> None:
            await socket.send(texts.pop(0))
            await socket.wait_closed()

        with self.assertLogs("topicstream", "ERROR"):
            async with topicstream.connect(await self.serve(talk), random=lambda: 0.01) as client:
                self.assertEqual((await client.connected()).connection_id, "c")

    async def test_credentials_are_in_the_handshake(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            assert socket.request is not None
            told = [socket.request.path, socket.request.headers["Authorization"], socket.request.headers["x-api-key"]]
            await socket.send(json.dumps({**json.loads(_WELCOME), "name": " ".join(told)}))
            await socket.wait_closed()

        url = await self.serve(talk)
        async with topicstream.connect(f"{url}?a=b", token="one", api_key="two", user="ada") as client:
            self.assertEqual((await client.connected()).name, "/v1?a=b&durable=manual Bearer one two")

    async def test_a_busy_server_is_asked_again_when_it_says(self) -> None:
        states: asyncio.Queue[topicstream.State] = asyncio.Queue()

        def refuse(socket: ServerConnection, request: Request) -> Response | None:
            return Response(HTTPStatus.SERVICE_UNAVAILABLE, "", Headers({"Retry-After": "60", "Topic-Error": "busy"}))

        async def talk(socket: ServerConnection) -> None:
            raise AssertionError("let in")

        client = topicstream.connect(await self.serve(talk, refuse), on_state=states.put_nowait)
        client.open()
        state = await states.get()
        await client.close()

        assert isinstance(state, topicstream.Waiting)
        self.assertEqual((state.code, state.reason), (503, "the server answered 503 busy"))
        self.assertGreaterEqual(state.retry_in_ms, 60_000)

    async def test_a_refused_handshake_ends_the_client(self) -> None:
        def refuse(socket: ServerConnection, request: Request) -> Response | None:
            return Response(HTTPStatus.FORBIDDEN, "", Headers())

        async def talk(socket: ServerConnection) -> None:
            raise AssertionError("let in")

        with self.assertRaises(topicstream.Ended) as ended:
            async with topicstream.connect(await self.serve(talk, refuse)):
                self.fail("connected")
        self.assertEqual(ended.exception.code, HTTPStatus.FORBIDDEN)

    async def test_it_comes_back_after_every_kind_of_loss(self) -> None:
        connections = 0

        async def talk(socket: ServerConnection) -> None:
            nonlocal connections
            connections += 1
            await socket.send(_WELCOME)
            match connections:
                case 1:
                    socket.transport.abort()
                case 2:
                    await socket.close(1012, "the server stops")
                case 3:
                    await socket.send(b"binary")
                case _:
                    pass
            await socket.wait_closed()

        states: asyncio.Queue[topicstream.State] = asyncio.Queue()
        url = await self.serve(talk)
        async with topicstream.connect(url, on_state=states.put_nowait, random=lambda: 0.01):
            losses: list[int] = []
            while len(losses) < 3:
                match await states.get():
                    case topicstream.Waiting(code):
                        losses.append(code)
                    case _:
                        pass
            self.assertEqual(losses, [1006, 1012, 1006])
            self.assertIsInstance(await states.get(), topicstream.Connected)

    async def test_no_other_server_is_shown_the_credentials(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            raise AssertionError("let in")

        asked: list[Request] = []

        def see(socket: ServerConnection, request: Request) -> Response | None:
            asked.append(request)
            return Response(HTTPStatus.FORBIDDEN, "", Headers())

        elsewhere = await self.serve(talk, see)
        for place in (elsewhere, "http://127.0.0.1/v1"):

            def send_on(socket: ServerConnection, request: Request, place: str = place) -> Response | None:
                return Response(HTTPStatus.FOUND, "", Headers({"Location": place}))

            with self.assertNoLogs("topicstream", "ERROR"), self.assertRaisesRegex(topicstream.Ended, "answered 302"):
                async with topicstream.connect(await self.serve(talk, send_on), api_key="secret", fail_fast=True):
                    self.fail("connected")
        self.assertEqual(asked, [])

    async def test_a_connection_on_which_nothing_can_be_sent_is_left(self) -> None:
        texts: asyncio.Queue[str | bytes] = asyncio.Queue()

        async def talk(socket: ServerConnection) -> None:
            await socket.send(_WELCOME)
            async for text in socket:
                texts.put_nowait(text)

        url = await self.serve(talk)
        async with topicstream.connect(url, random=lambda: 0.01) as client:
            with (
                self.assertLogs("topicstream", "ERROR"),
                mock.patch.object(Outbox, "next", side_effect=[RuntimeError("not foreseen"), b'{"action":"ping"}']),
            ):
                client.publish("t", 1).cancel()
                async with asyncio.timeout(5):
                    await texts.get()

    async def test_an_address_that_can_never_be_reached_is_told_at_once(self) -> None:
        for url in ("http://localhost/v1", "ws:///v1", "ws://localhost/v1#part", "ws://localhost:70000/v1"):
            with self.subTest(url), self.assertRaises(ValueError):
                topicstream.connect(url)

    async def test_nobody_listens_there(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            raise AssertionError("nobody comes")

        server = await serve(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()

        with self.assertRaisesRegex(topicstream.Ended, "cannot connect") as ended:
            async with topicstream.connect(f"ws://127.0.0.1:{port}/v1", fail_fast=True):
                self.fail("connected")
        self.assertEqual(ended.exception.code, 1006)
        self.assertIsInstance(ended.exception.__cause__, OSError)
