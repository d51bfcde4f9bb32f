"""The conversations that every client holds: `clients/vectors`."""

import asyncio
import json
import unittest
from collections import defaultdict
from pathlib import Path
from typing import Any

import topicstream
from topicstream.errors import Ended, Refused
from topicstream.transport import Loss

from .scripted import scripted, settle

_FILE = Path(__file__).parents[2] / "vectors" / "conversations.json"


class _Run:
    """One conversation, driven by its steps."""

    def __init__(self, conversation: dict[str, Any]) -> None:
        self._steps = conversation["steps"]
        self._heard: dict[str, list[Any]] = defaultdict(list)
        self._ids: dict[str, Any] = {}
        self._subscriptions: dict[str, topicstream.Subscription] = {}
        self._listening: list[asyncio.Task[None]] = []
        tokens = iter(conversation.get("tokens", ()))
        token = (lambda: next(tokens)) if "tokens" in conversation else None
        self._client, self._transport, self._clock = scripted(token=token, on_state=self._on_state)

    def _on_state(self, state: topicstream.State) -> None:
        match state:
            case topicstream.Connected():
                word = "connected"
            case topicstream.Waiting():
                word = "waiting"
            case topicstream.Closed():
                word = "ended"
        self._heard["state"].append({"state": word})

    async def run(self) -> None:
        self._client.open()
        try:
            for number, step in enumerate(self._steps):
                await settle()
                try:
                    for kind, value in step.items():
                        await self._step(kind, value)
                except AssertionError as e:
                    raise AssertionError(f"step {number}: {json.dumps(step)}: {e}") from e
        finally:
            await self._client.close()
            for task in self._listening:
                task.cancel()
            await asyncio.gather(*self._listening, return_exceptions=True)

    async def _step(self, kind: str, value: Any) -> None:
        match kind:
            case "do":
                await self._do(value)
            case "open":
                self._transport.answer().open()
            case "refuse":
                self._transport.answer().lose(Loss(value["code"], value.get("reason", "")))
            case "close":
                self._transport.newest.lose(Loss(value["code"], value.get("reason", "")))
            case "server":
                self._transport.newest.say(self._with_ids(value))
            case "client":
                self._sent(value)
            case "heard":
                self._heard_were(value)
            case "asking":
                assert self._transport.asking is value
            case "pass_ms":
                await self._clock.advance(value)
            case _:
                raise AssertionError(f"no such step: {kind}")

    async def _do(self, calls: dict[str, Any]) -> None:
        for call, value in calls.items():
            match call:
                case "subscribe":
                    self._subscribe(value)
                case "publish":
                    future = self._client.publish(value["topic"], value["message"], message_id=value["message_id"])
                    self._listening.append(asyncio.create_task(self._hear_answer(value["as"], future)))
                case "unsubscribe":
                    self._subscriptions[value["topic"]].close()
                case "ack":
                    future_of_ack = self._client.ack_read(value["topic"], value["read"])
                    future_of_ack.add_done_callback(lambda done: done.exception())
                case "close":
                    await self._client.close()
                case _:
                    raise AssertionError(f"no such call: {call}")

    def _subscribe(self, value: dict[str, Any]) -> None:
        start: topicstream.Start
        match value["from"]:
            case {"last": count}:
                start = topicstream.Last(count)
            case {"time": timestamp}:
                start = topicstream.Since(timestamp)
            case {"resume": {"epoch": epoch, "offset": offset}}:
                start = topicstream.Position(epoch, offset)
            case other:
                start = other
        subscription = self._client.subscribe(value["topic"], start)
        self._subscriptions[value["topic"]] = subscription
        if "as" in value:
            self._listening.append(asyncio.create_task(self._hear(value["as"], subscription)))

    def _sent(self, expected: list[Any]) -> None:
        sent = [frame for connection in self._transport.connections for frame in connection.taken()]
        assert len(sent) == len(expected) and all(map(self._fits, expected, sent)), f"sent were {json.dumps(sent)}"

    def _heard_were(self, expected: list[Any]) -> None:
        in_order: dict[str, list[Any]] = defaultdict(list)
        for event in expected:
            in_order[_source(event)].append(event)
        heard, self._heard = self._heard, defaultdict(list)
        assert heard == in_order, f"heard was {json.dumps(heard)}"

    # ---- what is heard

    async def _hear(self, name: str, subscription: topicstream.Subscription) -> None:
        def tell(what: dict[str, Any]) -> None:
            self._heard[name].append({"s": name, **what})

        try:
            async for event in subscription.events():
                match event:
                    case topicstream.Message(offset=offset, payload=payload):
                        tell({"message": {"offset": offset, "message": payload}})
                    case topicstream.Truncated(epoch, first_offset):
                        tell({"truncated": {"epoch": epoch, "first_offset": first_offset}})
                    case topicstream.Reset(epoch, common_offset):
                        tell({"reset": {"epoch": epoch, "common_offset": common_offset}})
                    case topicstream.Redacted(offsets):
                        tell({"redacted": {"offsets": list(offsets)}})
                    case _:
                        raise AssertionError(f"not expected: {event}")
            tell({"ended": {}})
        except topicstream.TopicStreamError as e:
            tell({"ended": {"code": _code(e)}})

    async def _hear_answer(self, name: str, answer: "asyncio.Future[topicstream.Published]") -> None:
        try:
            published = await answer
            self._heard[name].append({"p": name, "published": {"offset": published.offset}})
        except topicstream.TopicStreamError as e:
            self._heard[name].append({"p": name, "refused": {"code": _code(e)}})

    # ---- ids

    def _with_ids(self, frames: Any) -> Any:
        """The server's frames with the ids that the client chose."""
        if isinstance(frames, list):
            return [self._with_ids(frame) for frame in frames]
        id_ = frames.get("id")
        return {**frames, "id": self._ids[id_]} if isinstance(id_, str) and id_.startswith("$") else frames

    def _fits(self, expected: Any, actual: Any) -> bool:
        if expected == "$any":
            return True
        if isinstance(expected, dict) and isinstance(actual, dict):
            return expected.keys() == actual.keys() and all(
                self._fits_id(value, actual[name]) if name == "id" else self._fits(value, actual[name])
                for name, value in expected.items()
            )
        if isinstance(expected, list) and isinstance(actual, list):
            return len(expected) == len(actual) and all(map(self._fits, expected, actual))
        return bool(expected == actual) and type(expected) is type(actual)

    def _fits_id(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, str) and expected.startswith("$"):
            return bool(self._ids.setdefault(expected, actual) == actual)
        return bool(expected == actual)


def _source(event: dict[str, Any]) -> str:
    return str(event.get("s") or event.get("p") or "state")


def _code(failure: topicstream.TopicStreamError) -> str | int:
    assert isinstance(failure, Refused | Ended)
    return failure.code


class ConversationsTest(unittest.IsolatedAsyncioTestCase):
    async def test_every_conversation(self) -> None:
        conversations = json.loads(_FILE.read_text())["conversations"]
        self.assertGreater(len(conversations), 20)
        for conversation in conversations:
            with self.subTest(conversation["name"]):
                await _Run(conversation).run()
