"""The client against a server."""

import asyncio
import unittest
from collections.abc import AsyncIterator

import topicstream

from .server import Server

_PATIENCE_SECONDS = 120


class ServerTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.server = await self.enterAsyncContext(Server())
        await self.enterAsyncContext(asyncio.timeout(_PATIENCE_SECONDS))

    async def test_nothing_is_lost_or_doubled_when_the_server_is_killed(self) -> None:
        count = 600
        heard: list[topicstream.Message] = []
        states: list[topicstream.State] = []
        reached = asyncio.Event()

        async def listen(client: topicstream.Client) -> None:
            async for message in client.subscribe("t", "earliest"):
                heard.append(message)
                if len(heard) == count // 3:
                    reached.set()
                if len(heard) == count:
                    return

        async def say(client: topicstream.Client) -> list[topicstream.Published]:
            answers = []
            for number in range(count):
                answers.append(client.publish("t", {"number": number}))
                # Some are answered before the server is killed, some are under way, others come after that.
                await asyncio.sleep(0)
                if number == count // 2:
                    await reached.wait()
            return await asyncio.gather(*answers)

        async with (
            topicstream.connect(self.server.url, on_state=states.append) as speaker,
            topicstream.connect(self.server.url) as listener,
        ):
            listening = asyncio.create_task(listen(listener))
            saying = asyncio.create_task(say(speaker))
            await reached.wait()
            await self.server.kill()
            await self.server.start()
            published = await saying
            await listening

        self.assertEqual([message.payload["number"] for message in heard], list(range(count)))
        self.assertEqual([message.offset for message in heard], list(range(1, count + 1)))
        self.assertEqual([at.offset for at in published], list(range(1, count + 1)))
        self.assertTrue(any(isinstance(state, topicstream.Waiting) for state in states))

    async def test_two_clients_chat(self) -> None:
        async with (
            topicstream.connect(self.server.url, user="ada", name="Ada") as ada,
            topicstream.connect(self.server.url, user="bob") as bob,
        ):
            new_topics = bob.new_topics()
            begun = asyncio.ensure_future(anext(new_topics))
            await asyncio.sleep(0)

            sent = await ada.send("guest.bob", {"text": "Tea?"})
            chat = await begun
            messages = aiter(chat)
            question = await anext(messages)
            answer = await bob.send("guest.ada", {"text": "Yes"}, about=topicstream.reply_to(question.offset))
            await bob.ack_read(chat.topic, question.offset)
            own = await anext(messages)
            page = await ada.read_folded(sent.topic)
            cursors = await bob.cursors([chat.topic])

            self.assertTrue(sent.online)
            self.assertEqual((sent.topic, answer.topic), (chat.topic, chat.topic))
            self.assertEqual((question.payload, question.sender, question.name), ({"text": "Tea?"}, "guest.ada", "Ada"))
            self.assertEqual(own.about, topicstream.About(1, "reply"))
            self.assertEqual([message.replies for message in page.messages], [1, 0])
            self.assertEqual([(cursor.read, cursor.unread) for cursor in cursors], [(1, 1)])

    async def test_a_slow_consumer_loses_nothing_and_slows_nobody(self) -> None:
        count = 2_000
        payload = "x" * 2_000
        async with (
            topicstream.connect(self.server.url, max_unread_bytes=64 * 1024) as slow,
            topicstream.connect(self.server.url) as quick,
        ):
            waiting = slow.subscribe("t", "earliest")
            beside = slow.subscribe("other", "earliest")
            await asyncio.gather(waiting.ready(), beside.ready())
            async with quick.subscribe("t", "earliest") as messages:
                saying = asyncio.gather(*(quick.publish("t", [n, payload]) for n in range(count)))
                heard = [(await anext(stream))[0] for stream in [_payloads(messages)] for _ in range(count)]
                await saying
            self.assertEqual(heard, list(range(count)))

            self.assertLess(waiting._unread_bytes, 3 * 64 * 1024)
            # While nobody takes what came for one subscription, another one goes on.
            await quick.publish("other", "still there")
            self.assertEqual(await anext(_payloads(beside)), "still there")

            stream = _payloads(waiting)
            self.assertEqual([(await anext(stream))[0] for _ in range(count)], list(range(count)))
            self.assertEqual(waiting.position and waiting.position.offset, count)

    async def test_people_and_pages(self) -> None:
        async with (
            topicstream.connect(self.server.url, user="ada") as ada,
            topicstream.connect(self.server.url, user="bob") as bob,
        ):
            self.assertEqual(await ada.name("Ada"), "Ada")
            with self.assertRaises(topicstream.Refused) as refused:
                await bob.name("ADA")
            self.assertEqual((refused.exception.code, refused.exception.retryable), ("conflict", False))

            room = await ada.room("room:tea", title="Tea")
            self.assertEqual((room.title, room.owner), ("Tea", "guest.ada"))
            events = aiter(bob.subscribe("room:tea").events())
            joined = await anext(events)
            self.assertEqual(joined, topicstream.Presence("join", "guest.bob", None, 1))
            await ada.signal("room:tea", {"typing": True})
            self.assertEqual(await anext(events), topicstream.Signal("guest.ada", {"typing": True}))

            self.assertEqual([one.user for one in (await ada.members("room:tea")).members], ["guest.bob"])
            self.assertEqual([one.online for one in await ada.online(["guest.bob", "nobody"])], [True, False])
            self.assertEqual([one.topic for one in (await ada.rooms(prefix="room:")).rooms], ["room:tea"])

            await asyncio.gather(*(ada.publish("t", n, key="k", headers={"till": "3"}) for n in range(5)))
            page = await bob.read("t", after=1, limit=2)
            self.assertEqual([(m.offset, m.payload, m.key) for m in page.messages], [(2, 1, "k"), (3, 2, "k")])
            self.assertEqual(page.messages[0].headers, {"till": "3"})
            self.assertEqual([one.topic for one in (await bob.topics("t")).topics], ["t"])
            resumed = _payloads(bob.subscribe("t", page.messages[1].position))
            self.assertEqual([await anext(resumed), await anext(resumed)], [3, 4])

    async def test_a_wrong_credential_ends_the_client(self) -> None:
        with self.assertRaises(topicstream.Ended) as ended:
            async with topicstream.connect(self.server.url, token="a-token-of-nobody"):
                self.fail("connected")
        self.assertEqual(ended.exception.code, 4001)

    async def test_what_is_wrong_is_told_at_once(self) -> None:
        async with topicstream.connect(self.server.url) as client:
            for payload in (float("nan"), {1, 2}, "\ud800"):
                with self.assertRaises(ValueError):
                    await client.publish("t", payload)
            with self.assertRaises(ValueError):
                client.subscribe("../etc")
            with self.assertRaises(topicstream.Refused) as large:
                await client.publish("t", "x" * 200_000)
            self.assertEqual(large.exception.code, "too_large")
            with self.assertRaises(topicstream.Refused) as forbidden:
                async for _ in client.subscribe("sys:user:ada"):
                    self.fail("heard something")
            self.assertEqual(forbidden.exception.code, "forbidden")


async def _payloads(subscription: topicstream.Subscription) -> AsyncIterator[topicstream.Json]:
    async for message in subscription:
        yield message.payload
