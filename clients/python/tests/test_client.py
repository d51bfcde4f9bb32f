"""What the shared conversations do not say, without a network."""

import asyncio
import unittest
from typing import Any

import topicstream
from topicstream.transport import MOST_ARRAY_BYTES, MOST_FRAMES_AT_ONCE, Loss, Outbox

from .scripted import ScriptedTransport, SteppedClock, scripted, settle


def message(offset: int, payload: Any = None, **members: Any) -> dict[str, Any]:
    frame = {"type": "message", "topic": "t", "offset": offset, "timestamp": 7, "message": payload}
    return {**frame, **members}


class ClientTest(unittest.IsolatedAsyncioTestCase):
    client: topicstream.Client
    transport: ScriptedTransport
    clock: SteppedClock

    async def begin(self, **options: Any) -> None:
        self.client, self.transport, self.clock = scripted(**options)
        self.client.open()
        self.addAsyncCleanup(self.client.close)
        await settle()

    async def connect(self, **options: Any) -> None:
        await self.begin(**options)
        self.transport.answer().open()
        self.transport.welcome()

    def answer(self, frame: dict[str, Any], **members: Any) -> None:
        self.transport.newest.say({"type": "reply", "id": frame["id"], "topic": frame.get("topic"), **members})

    async def subscribe(self, last: int = 0, **options: Any) -> topicstream.Subscription:
        """A live subscription that has the messages up to `last` behind it."""
        subscription = self.client.subscribe("t", "new", **options)
        [frame] = self.transport.newest.taken()
        self.answer(frame, epoch=5, first_offset=1, next_offset=last + 1, recovered=True)
        return subscription

    # ---- publishing

    async def test_a_full_buffer_is_told_at_once(self) -> None:
        await self.begin(max_waiting_bytes=2_000)

        first = self.client.publish("t", "x" * 1_000)
        with self.assertRaises(topicstream.BufferFull):
            self.client.publish("t", "x" * 1_000)
        patient = asyncio.create_task(self.client.publish_when_free("t", "x" * 1_000))
        await settle()
        self.assertFalse(patient.done())

        self.transport.answer().open()
        self.answer(self.transport.newest.taken()[0], epoch=5, offset=1, timestamp=7)
        self.assertEqual((await first).offset, 1)
        await settle()
        self.answer(self.transport.newest.taken()[0], epoch=5, offset=2, timestamp=7)
        self.assertEqual((await patient).offset, 2)

    async def test_what_never_has_room_is_not_waited_for(self) -> None:
        await self.begin(max_waiting_bytes=500)

        with self.assertRaises(topicstream.BufferFull):
            await self.client.publish_when_free("t", "x" * 1_000)

    async def test_what_is_to_be_tried_again_is_sent_once_after_a_reconnect(self) -> None:
        await self.connect()
        future = self.client.publish("t", 1)
        [frame] = self.transport.newest.taken()
        self.transport.newest.say({"type": "error", "id": frame["id"], "code": "overloaded", "retryable": True})

        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()
        self.assertEqual(self.transport.newest.taken(), [frame])
        await self.clock.advance(10_000)
        self.assertEqual(self.transport.newest.taken(), [])
        self.answer(frame, epoch=5, offset=1, timestamp=7)
        self.assertEqual((await future).offset, 1)

    async def test_waits_for_one_request_grow(self) -> None:
        await self.connect()
        future = self.client.publish("t", 1)
        for wait_ms in (100, 200, 400):
            [frame] = self.transport.newest.taken()
            self.transport.newest.say({"type": "error", "id": frame["id"], "code": "overloaded", "retryable": True})
            await self.clock.advance(wait_ms - 1)
            self.assertEqual(self.transport.newest.taken(), [])
            await self.clock.advance(1)
        [frame] = self.transport.newest.taken()
        self.answer(frame, epoch=5, offset=1, timestamp=7)
        self.assertEqual((await future).offset, 1)

    async def test_an_answer_to_another_question_is_an_error(self) -> None:
        await self.connect()
        future = self.client.publish("t", 1)
        self.answer(self.transport.newest.taken()[0], epoch=5)

        with self.assertRaises(topicstream.Refused) as refused:
            await future
        self.assertEqual(refused.exception.code, "internal")

    async def test_a_signal_is_of_no_use_later(self) -> None:
        await self.begin()

        with self.assertRaises(topicstream.NotConnected):
            await self.client.signal("t", 1)

    async def test_a_message_that_is_too_large_for_the_server_is_given_up(self) -> None:
        await self.connect()
        large = self.client.publish("t", "x" * 1_000)
        small = self.client.publish("t", "x")
        self.transport.newest.lose(Loss(1009, ""))

        with self.assertRaises(topicstream.Refused) as refused:
            await large
        self.assertEqual(refused.exception.code, "too_large")
        self.assertFalse(small.done())
        await self.client.close()
        self.assertIsInstance(small.exception(), topicstream.Ended)

    # ---- subscriptions

    async def test_who_gives_up_waiting_loses_nothing(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        for _ in range(2):
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(anext(subscription), 0)
        self.transport.newest.say([message(1), message(2)])
        self.assertEqual([(await anext(subscription)).offset, (await anext(subscription)).offset], [1, 2])

        subscription.close()
        self.assertEqual([each async for each in subscription], [])
        self.assertEqual(subscription.position, topicstream.Position(5, 2))

    async def test_what_is_too_much_to_be_held_is_read_again(self) -> None:
        await self.connect(max_unread_bytes=1_000_000)
        subscription = await self.subscribe()
        count = 1_200
        for offset in range(2, count + 1):
            self.transport.newest.say(message(offset, "x" * 10_000 if offset < 200 else 0))
        while frames := self.transport.newest.taken():
            [read] = frames
            offsets = range(read["after"] + 1, min(read["after"] + read["limit"], count) + 1)
            self.answer(
                read,
                messages=[message(offset) for offset in offsets],
                epoch=5,
                first_offset=1,
                next_offset=count + 1,
            )
        self.transport.newest.say(message(count + 1))

        heard = [await anext(each) for each in [aiter(subscription)] for _ in range(count + 1)]
        self.assertEqual([each.offset for each in heard], list(range(1, count + 2)))

    async def test_an_application_that_falls_behind_pauses_the_subscription(self) -> None:
        await self.connect(max_unread_bytes=2_000)
        subscription = await self.subscribe()
        for offset in range(1, 10):
            self.transport.newest.say(message(offset, "x" * 500))
        self.assertEqual(self.transport.newest.taken(), [{"action": "unsubscribe", "topic": "t"}])

        messages = aiter(subscription)
        heard = [(await anext(messages)).offset for _ in range(4)]
        self.assertEqual(heard, [1, 2, 3, 4])
        [frame] = self.transport.newest.taken()
        self.assertEqual(frame["from"], {"resume": {"epoch": 5, "offset": 4}})
        self.answer(frame, epoch=5, first_offset=1, next_offset=10, recovered=True)
        self.transport.newest.say(message(5))
        self.assertEqual((await anext(messages)).offset, 5)

    async def test_messages_that_are_not_to_come_back_leave_no_gap(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        future = self.client.publish("t", 1, echo=False)
        self.answer(self.transport.newest.taken()[0], epoch=5, offset=1, timestamp=7)
        self.transport.newest.say(message(2, "of another"))

        self.assertEqual((await anext(aiter(subscription))).payload, "of another")
        self.assertEqual((await future).offset, 1)
        self.assertEqual(self.transport.newest.taken(), [])

    async def test_after_a_reconnect_they_are_known_by_their_ids(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        future = self.client.publish("t", 1, echo=False, message_id="quiet")
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()
        self.transport.welcome()
        subscribed, published = self.transport.newest.taken()
        self.answer(subscribed, epoch=5, first_offset=1, next_offset=3, recovered=True)
        self.transport.newest.say(message(1, 1, message_id="quiet", **{"from": "ada"}))
        self.transport.newest.say(message(2, "of another"))
        self.answer(published, epoch=5, offset=1, timestamp=7)

        self.assertEqual((await anext(aiter(subscription))).payload, "of another")
        self.assertEqual((await future).offset, 1)

    async def test_a_topic_has_one_subscription(self) -> None:
        await self.connect()
        first = self.client.subscribe("t")
        with self.assertRaises(ValueError):
            self.client.subscribe("t")
        first.close()
        self.client.subscribe("t")

    async def test_chats_that_begin_come_with_their_first_message(self) -> None:
        await self.connect()
        self.transport.newest.say(message(1))
        begun = asyncio.ensure_future(anext(self.client.new_topics()))
        await settle()
        self.transport.newest.say(message(2))
        subscription = await begun
        [frame] = self.transport.newest.taken()
        self.assertEqual((frame["topic"], frame["from"]), ("t", 2))
        self.answer(frame, epoch=5, first_offset=1, next_offset=3, recovered=True)
        self.transport.newest.say(message(2, "hello"))
        self.assertEqual((await anext(aiter(subscription))).payload, "hello")

        # What is still under way when it was left is no reason to begin it anew.
        subscription.close()
        self.transport.newest.taken()
        self.transport.newest.say(message(3))
        self.assertEqual(self.transport.newest.taken(), [])

    async def test_presence_receipts_and_signals_are_told(self) -> None:
        await self.connect()
        events = aiter((await self.subscribe(presence=True)).events())
        self.transport.newest.say(
            [
                {"type": "presence", "topic": "t", "count": 300},
                {"type": "receipt", "topic": "t", "user": "bob", "read": 3},
                {"type": "signal", "topic": "t", "from": None, "message": 1},
            ]
        )

        self.assertEqual(await anext(events), topicstream.Presence(None, None, None, 300))
        self.assertEqual(await anext(events), topicstream.Receipt("bob", None, 3))
        self.assertEqual(await anext(events), topicstream.Signal(None, 1))

    async def test_every_payload_that_the_protocol_allows_is_heard(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        for offset, payload in enumerate(['"\\ud800"', "1e400", "9" * 5_000, "-" + "9" * 5_000], 1):
            text = f'{{"type":"message","topic":"t","offset":{offset},"timestamp":7,"message":{payload}}}'
            self.transport.newest._events.on_text(self.transport.newest, text)

        heard = [(await asyncio.wait_for(anext(subscription), 1)).payload for _ in range(4)]
        self.assertEqual(heard, ["\ud800", float("inf"), float("inf"), float("-inf")])
        self.assertIsNone(self.transport.newest.closed_with)

    async def test_the_last_messages_are_asked_for_once(self) -> None:
        await self.connect()
        self.client.subscribe("t", topicstream.Last(2))
        self.answer(self.transport.newest.taken()[0], epoch=5, first_offset=1, next_offset=10, recovered=True)
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()

        [frame] = self.transport.newest.taken()
        self.assertEqual(frame["from"], {"resume": {"epoch": 5, "offset": 7}})

    async def test_a_room_that_is_deleted_ends_its_subscription(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        self.transport.newest.say({"type": "room_deleted", "topic": "t"})

        with self.assertRaises(topicstream.Refused) as refused:
            await asyncio.wait_for(anext(subscription), 1)
        self.assertEqual(refused.exception.code, "not_found")

    async def test_who_gives_up_entering_a_subscription_has_none(self) -> None:
        await self.connect()
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.01), self.client.subscribe("t"):
                self.fail("not answered")

        self.assertEqual([frame["action"] for frame in self.transport.newest.taken()], ["subscribe", "unsubscribe"])
        self.client.subscribe("t")

    async def test_every_loop_over_new_topics_ends_with_the_client(self) -> None:
        await self.connect()

        async def listen() -> list[topicstream.Subscription]:
            return [each async for each in self.client.new_topics()]

        loops = [asyncio.create_task(listen()) for _ in range(2)]
        await settle()
        await self.client.close()
        self.assertEqual(await asyncio.wait_for(asyncio.gather(*loops), 1), [[], []])

    async def test_a_reaction_that_is_none_is_an_error(self) -> None:
        await self.connect()
        future = self.client.read_folded("t")
        reaction = {"value": "+1", "count": 1, "users": 7}
        messages = [{"offset": 1, "timestamp": 7, "message": 1, "reactions": [reaction]}]
        covers = {"first": 1, "last": 1}
        [frame] = self.transport.newest.taken()
        self.answer(frame, messages=messages, covers=covers, epoch=5, first_offset=1, next_offset=2)

        with self.assertRaises(topicstream.Refused):
            await asyncio.wait_for(future, 1)

    async def test_a_token_function_whose_own_task_was_cancelled_is_asked_again(self) -> None:
        asked = 0

        async def token() -> str:
            nonlocal asked
            asked += 1
            if asked == 1:
                raise asyncio.CancelledError
            return "good"

        with self.assertLogs("topicstream", "WARNING"):
            await self.begin(token=token)
        await self.clock.advance(100)
        self.assertEqual(self.transport.answer().handshake.headers, {"Authorization": "Bearer good"})

    async def test_no_token_is_awaited_after_the_end(self) -> None:
        waiting: list[asyncio.Task[Any] | None] = []

        async def token() -> str:
            waiting.append(asyncio.current_task())
            if len(waiting) > 1:
                await asyncio.Event().wait()
            return "one"

        await self.begin(token=token)
        self.transport.answer().open()
        self.transport.welcome(expires_at=1_010_000)
        await self.clock.advance(8_000)
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        await self.client.close()
        await settle()

        self.assertEqual([task is not None and task.done() for task in waiting], [True, True, True])

    async def test_what_nobody_awaits_any_more_is_not_heard_either(self) -> None:
        await self.connect()
        subscription = await self.subscribe()
        future = self.client.publish("t", 1, echo=False, message_id="quiet")
        future.cancel()
        await settle()
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()
        self.transport.welcome()
        subscribed, _ = self.transport.newest.taken()
        self.answer(subscribed, epoch=5, first_offset=1, next_offset=3, recovered=True)
        self.transport.newest.say(message(1, 1, message_id="quiet", **{"from": "ada"}))
        self.transport.newest.say(message(2, "of another"))

        self.assertEqual((await anext(subscription)).payload, "of another")

    async def test_a_page_that_does_not_help_is_not_asked_for_at_once(self) -> None:
        await self.connect()
        await self.subscribe()
        self.transport.newest.say(message(3))
        [read] = self.transport.newest.taken()
        self.answer(read, messages=[message(3)], epoch=5, first_offset=1, next_offset=4)
        self.assertEqual(self.transport.newest.taken(), [])
        await self.clock.advance(1_000)
        self.assertEqual([frame["after"] for frame in self.transport.newest.taken()], [0])

    async def test_a_name_is_claimed_until_there_is_an_answer(self) -> None:
        await self.connect()
        named = self.client.name("Ada")
        self.answer(self.transport.newest.taken()[0], name="Ada")
        await named
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()
        [frame] = self.transport.newest.taken()
        self.transport.newest.say({"type": "error", "id": frame["id"], "code": "unavailable", "retryable": True})
        await self.clock.advance(1_000)

        self.assertEqual([again["action"] for again in self.transport.newest.taken()], ["name"])

    async def test_a_token_that_stays_the_same_is_not_asked_for_ever_faster(self) -> None:
        await self.begin(token=lambda: "one")
        self.transport.answer().open()
        # The server's clock is behind what the client makes of it.
        self.transport.welcome(expires_at=1_000_000)
        shown = 0
        for _ in range(100):
            await self.clock.advance(100)
            for frame in self.transport.newest.taken():
                if frame["action"] == "authenticate":
                    shown += 1
                    self.answer(frame, expires_at=1_000_000)

        self.assertEqual(shown, 10)

    async def test_a_token_that_the_server_refuses_is_not_shown_again(self) -> None:
        await self.begin(token="good")
        self.transport.answer().open()
        self.transport.welcome()
        future = self.client.authenticate("bad")
        [frame] = self.transport.newest.taken()
        self.transport.newest.say({"type": "error", "id": frame["id"], "code": "unauthenticated"})
        with self.assertRaises(topicstream.Refused):
            await future
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)

        self.assertEqual(self.transport.answer().handshake.headers, {"Authorization": "Bearer good"})

    async def test_a_durable_subscription_is_forgotten_also_on_a_later_connection(self) -> None:
        await self.begin()
        subscription = self.client.subscribe("t", durable=True)
        forgotten = subscription.forget()
        self.client.subscribe("t")
        self.transport.answer().open()
        self.transport.welcome()
        forget, subscribe = self.transport.newest.taken()
        self.assertEqual((forget["action"], forget.get("durable")), ("unsubscribe", True))
        self.assertEqual((subscribe["action"], subscribe.get("durable")), ("subscribe", None))
        self.assertFalse(forgotten.done())

        self.answer(forget)
        await asyncio.wait_for(forgotten, 1)
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()
        self.assertEqual([frame["action"] for frame in self.transport.newest.taken()], ["subscribe"])

    async def test_what_is_durable_again_is_not_forgotten_later(self) -> None:
        await self.connect()
        forgotten = self.client.subscribe("t", durable=True).forget()
        self.client.subscribe("t", durable=True)
        _, forget, _ = self.transport.newest.taken()
        self.transport.newest.say({"type": "error", "id": forget["id"], "code": "unavailable", "retryable": True})
        await self.clock.advance(1_000)

        self.assertEqual(self.transport.newest.taken(), [])
        with self.assertRaises(topicstream.Refused):
            await asyncio.wait_for(forgotten, 1)

    async def test_to_forget_is_tried_again(self) -> None:
        await self.connect()
        forgotten = self.client.subscribe("t", durable=True).forget()
        _, forget = self.transport.newest.taken()
        self.transport.newest.say({"type": "error", "id": forget["id"], "code": "unavailable", "retryable": True})
        await self.clock.advance(1_000)
        [forget] = self.transport.newest.taken()
        self.assertEqual(forget["action"], "unsubscribe")
        await self.client.close()

        with self.assertRaises(topicstream.Ended):
            await asyncio.wait_for(forgotten, 1)

    async def test_a_server_that_is_too_busy_is_asked_more_and_more_seldom(self) -> None:
        await self.connect()
        self.client.subscribe("t", durable=True).forget()
        self.client.subscribe("u")
        self.client.ack_read("v", 1)
        asked: dict[tuple[str, str], int] = {}
        for _ in range(600):
            for frame in self.transport.newest.taken():
                if "id" in frame:
                    question = (frame["action"], frame["topic"])
                    asked[question] = asked.get(question, 0) + 1
                    self.transport.newest.say(
                        {"type": "error", "id": frame["id"], "code": "overloaded", "retryable": True}
                    )
                else:
                    self.transport.newest.say({"type": "pong"})
            await self.clock.advance(100)

        self.assertEqual(asked.keys(), {("subscribe", "t"), ("unsubscribe", "t"), ("subscribe", "u"), ("ack", "v")})
        self.assertLess(max(asked.values()), 20)

    async def test_a_token_is_not_shown_again_where_nobody_answered(self) -> None:
        await self.begin(token="good")
        self.transport.answer().open()
        self.transport.welcome()
        future = self.client.authenticate("unanswered")
        self.transport.newest.lose(Loss(1006, ""))
        with self.assertRaises(topicstream.NotConnected):
            await future
        await self.clock.advance(100)

        self.assertEqual(self.transport.answer().handshake.headers, {"Authorization": "Bearer good"})

    async def test_tokens_that_are_refused_together_leave_the_one_before(self) -> None:
        await self.begin(token="good")
        self.transport.answer().open()
        self.transport.welcome()
        futures = [self.client.authenticate("bad"), self.client.authenticate("worse")]
        for frame in self.transport.newest.taken():
            self.transport.newest.say({"type": "error", "id": frame["id"], "code": "unauthenticated"})
        for future in futures:
            with self.assertRaises(topicstream.Refused):
                await future
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)

        self.assertEqual(self.transport.answer().handshake.headers, {"Authorization": "Bearer good"})

    async def test_a_function_that_never_gives_a_token_is_a_failed_attempt(self) -> None:
        asked = 0

        async def token() -> str:
            nonlocal asked
            asked += 1
            await asyncio.get_running_loop().create_future()
            return "never"

        await self.begin(token=token)
        await self.clock.advance(10_000)
        await self.clock.advance(99)
        self.assertEqual(asked, 1)
        await self.clock.advance(1)

        self.assertEqual(asked, 2)

    async def test_a_room_is_deleted_and_shows_its_policy(self) -> None:
        await self.begin()
        self.transport.answer().open()
        self.transport.welcome()
        deleted = self.client.delete_room("room:attic")
        shown = self.client.room("room:tea", presence="counts")
        delete, room = self.transport.newest.taken()
        self.assertEqual((delete["action"], delete["topic"]), ("delete_room", "room:attic"))
        self.transport.newest.say({"type": "reply", "id": delete["id"], "topic": "room:attic"})
        policy = {"presence": "counts"}
        self.transport.newest.say({"type": "reply", "id": room["id"], "topic": "room:tea", "policy": policy})

        await deleted
        self.assertEqual((await shown).presence, "counts")

    # ---- connecting

    async def test_a_greeting_in_several_frames_is_one(self) -> None:
        await self.begin()
        self.transport.answer().open()
        self.transport.welcome(subscriptions=[{"topic": "a", "epoch": 5, "next_offset": 1}], more=True)
        self.assertFalse(self.client._conversation.connected.done())
        rest = [{"topic": "b", "epoch": 5, "next_offset": 2}]
        self.transport.newest.say({"type": "subscriptions", "subscriptions": rest})

        self.assertEqual([one.topic for one in (await self.client.connected()).subscriptions], ["a", "b"])

    async def test_a_token_function_that_fails_is_asked_again(self) -> None:
        given: list[str] = []

        async def token() -> str:
            given.append(f"token-{len(given)}")
            if len(given) == 1:
                raise OSError("the issuer is away")
            return given[-1]

        with self.assertLogs("topicstream", "WARNING"):
            await self.begin(token=token)
        self.assertFalse(self.transport.asking)
        await self.clock.advance(100)
        self.assertEqual(self.transport.answer().handshake.headers, {"Authorization": "Bearer token-1"})

    async def test_a_renewal_that_fails_is_tried_again(self) -> None:
        await self.begin(token=iter(["one", "two", "three"]).__next__)
        self.transport.answer().open()
        self.transport.welcome(expires_at=1_010_000)
        await self.clock.advance(8_000)
        [frame] = self.transport.newest.taken()
        with self.assertLogs("topicstream", "WARNING"):
            self.transport.newest.say({"type": "error", "id": frame["id"], "code": "unauthenticated"})
        await self.clock.advance(5_000)

        self.assertIn("three", [frame.get("token") for frame in self.transport.newest.taken()])

    async def test_a_renewal_is_tried_again_before_the_token_ends(self) -> None:
        await self.begin(token=iter(["one", "two", "three"]).__next__)
        self.transport.answer().open()
        self.transport.welcome(expires_at=1_010_000)
        await self.clock.advance(8_000)
        [frame] = self.transport.newest.taken()
        with self.assertLogs("topicstream", "WARNING"):
            self.transport.newest.say({"type": "error", "id": frame["id"], "code": "unavailable", "retryable": True})
        await self.clock.advance(1_000)

        self.assertEqual([frame.get("token") for frame in self.transport.newest.taken()], ["three"])

    async def test_a_claimed_name_is_claimed_again_first(self) -> None:
        await self.connect()
        named = self.client.name("Ada")
        self.answer(self.transport.newest.taken()[0], name="Ada")
        self.assertEqual(await named, "Ada")
        self.client.subscribe("t")
        self.transport.newest.lose(Loss(1006, ""))
        await self.clock.advance(100)
        self.transport.answer().open()

        self.assertEqual([frame["action"] for frame in self.transport.newest.taken()], ["name", "subscribe"])

    async def test_nonsense_ends_the_connection_and_not_the_client(self) -> None:
        for nonsense in ("no JSON", "7", '{"type":"message","topic":"t"}', '{"type":"presence","topic":"t"}'):
            await self.connect()
            await self.subscribe()
            self.transport.newest._events.on_text(self.transport.newest, nonsense)
            self.assertEqual(self.transport.newest.closed_with, 1006)
            await self.clock.advance(100)
            self.assertTrue(self.transport.asking)

    async def test_without_patience_the_first_failure_ends_the_client(self) -> None:
        client, transport, _ = scripted(fail_fast=True)
        entering = asyncio.ensure_future(client.__aenter__())
        await settle()
        transport.answer().lose(Loss(1006, "cannot connect: nobody listens there"))

        with self.assertRaisesRegex(topicstream.Ended, "nobody listens"):
            await entering


class OutboxTest(unittest.TestCase):
    def test_what_waits_goes_as_one_array(self) -> None:
        outbox = Outbox(MOST_ARRAY_BYTES)
        for number in range(3):
            outbox.add(f'{{"n":{number}}}')

        self.assertEqual(outbox.next(), b'[{"n":0},{"n":1},{"n":2}]')
        self.assertFalse(outbox)

    def test_arrays_have_bounds(self) -> None:
        outbox = Outbox(MOST_ARRAY_BYTES)
        for _ in range(MOST_FRAMES_AT_ONCE + 1):
            outbox.add("{}")
        self.assertEqual(outbox.next().count(b"{}"), MOST_FRAMES_AT_ONCE)
        self.assertEqual(outbox.next(), b"{}")
        for size in (MOST_ARRAY_BYTES // 2, MOST_ARRAY_BYTES // 2, MOST_ARRAY_BYTES * 2):
            outbox.add("é" * (size // 2))
        self.assertEqual([len(outbox.next()) for _ in range(3)], [49_152, 49_152, 196_608])

    def test_a_server_that_takes_no_arrays_gets_none(self) -> None:
        outbox = Outbox(0)
        outbox.add("{}")
        outbox.add("{}")
        self.assertEqual(outbox.next(), b"{}")
        self.assertFalse(outbox.sent_array)


class FoldedMessagesTest(unittest.TestCase):
    def said(
        self, offset: int, sender: str, payload: Any, about: topicstream.About | None = None
    ) -> topicstream.Message:
        return topicstream.Message("t", 5, offset, offset, sender, None, payload, about=about)

    def test_what_is_said_about_a_message_is_put_to_it(self) -> None:
        shown = topicstream.FoldedMessages(2, "ada")
        shown.add(self.said(1, "bob", "lunch at tvelve?"))
        edited = shown.add(self.said(2, "bob", "lunch at twelve?", topicstream.edit_of(1)))
        shown.add(self.said(3, "ada", None, topicstream.reaction_to(1, "+1")))
        reacted = shown.add(self.said(4, "eve", None, topicstream.reaction_to(1, "+1")))
        shown.add(self.said(5, "eve", "one", topicstream.reply_to(1)))
        assert edited is not None and reacted is not None

        self.assertEqual((edited.message.payload, edited.edited), ("lunch at twelve?", topicstream.Edit(2, 2)))
        self.assertEqual(reacted.reactions, (topicstream.Reaction("+1", 2, ("ada", "eve"), True),))
        self.assertIsNone(shown.add(self.said(6, "eve", None, topicstream.reaction_to(1, "+1"))))
        taken = shown.add(self.said(7, "ada", None, topicstream.unreaction_to(1, "+1")))
        assert taken is not None
        self.assertEqual(taken.reactions, (topicstream.Reaction("+1", 1, ("eve",), False),))
        self.assertEqual((taken.replies, taken.last_reply), (1, 5))
        self.assertEqual([each.message.offset for each in shown.list()], [1, 5])

        # Of those before the last two nothing is kept.
        shown.add(self.said(8, "bob", "late"))
        self.assertIsNone(shown.get(1))
        self.assertIsNone(shown.add(self.said(9, "bob", "x", topicstream.edit_of(1))))

    def test_it_goes_on_from_a_page(self) -> None:
        shown = topicstream.FoldedMessages(10, "ada")
        reaction = topicstream.Reaction("+1", 30, ("bob",), True)
        folded = topicstream.FoldedMessage(self.said(1, "bob", "hi"), None, (reaction,), 2, 9)
        shown.begin(topicstream.FoldedPage((folded,), 1, 9, 5, 1, 10))
        changed = shown.add(self.said(10, "ada", None, topicstream.unreaction_to(1, "+1")))
        assert changed is not None

        self.assertEqual(changed.reactions, (topicstream.Reaction("+1", 29, ("bob",), False),))
        self.assertEqual(changed.replies, 2)
