import { effect } from "@preact/signals";
import { render } from "preact";
import type { Item, MessageItem, Place } from "../../../src/model/chat.js";
import { App } from "../../../src/view/app.js";
import "../../../src/view/styles/index.css";
import { ADA, BOB, EVE, chat, conversation, message, place, type FakeConversation } from "../fake.js";

/** The view with a model that holds made-up messages: to be looked at (`npm run dev`, then /test/view/dev/). */
const WORDS =
  "the kettle is on and the tea will be ready when all of us have come back from the garden".split(" ");
const parameters = new URLSearchParams(location.search);
const total = Number(parameters.get("count") ?? 60);
const start = Date.now() - total * 4 * 60_000;

const places: Place[] = [
  place({
    unread: 3,
    mentions: 1,
    pinned: true,
    last: { text: "see you at four", from: "Ada", at: Date.now() - 60_000 },
  }),
  place({ topic: "room:release", title: "Release", owner: true, hasDraft: true }),
  place({
    topic: "dm:eve",
    title: "Eve",
    kind: "chat",
    with: EVE,
    unread: 120,
    last: { text: "Did you see the long message that I wrote?", from: "Eve", at: Date.now() - 9e7 },
  }),
  place({
    topic: "room:quiet",
    title: "مرحبا بالعالم",
    level: "none",
    unread: 4,
    last: { text: "سلام", from: "Bob", at: Date.now() - 9e8 },
  }),
  place({ topic: "room:long", title: "A room with a very long title that does not fit into one line" }),
];

function made(offset: number): MessageItem {
  const who = [ADA, EVE, BOB][Math.floor(offset / 3) % 3] ?? ADA;
  const length = 2 + ((offset * 7) % 37);
  const mine = who === BOB;
  const from = offset % WORDS.length;
  return message(offset, {
    user: who.user,
    name: who.name,
    mine,
    at: start + offset * 4 * 60_000 - (offset % 3) * 100_000,
    text: Array.from({ length }, (_, i) => WORDS[(from + i * 5) % WORDS.length]).join(" "),
    may: { edit: mine, redact: mine },
    ...(mine ? { state: { kind: "read" } } : {}),
    ...(offset % 11 === 0
      ? {
          reactions: [
            { value: "👍", count: 2, names: ["Ada", "Bob"], mine: true },
            { value: "🎉", count: 1, names: ["Eve"], mine: false },
          ],
        }
      : {}),
  });
}

const samples: Partial<MessageItem>[] = [
  { text: "**Bold**, *soft*, ~~gone~~, `code` and a link: https://example.org/a?b=c\nand a second line" },
  {
    text: "Look:\n\n```js\nconst tea = kettle.boil({ minutes: 3 });\nconsole.log(tea);\n```\n\n- one\n- two\n  1. inner\n\n> as somebody said",
  },
  { text: "@Bob do you want some? ||only if it is green||", mentionsMe: true },
  { text: '{"sensor":"kettle","celsius":97.5}', isRaw: true },
  { text: "gone", redacted: true },
  {
    text: "with a reply",
    replyTo: { offset: 3, name: "Eve", text: "the kettle is on" },
    editedAt: Date.now(),
  },
  { text: "שלום עולם, this is from right to left", replies: 2 },
  {
    text: "own and read",
    mine: true,
    user: BOB.user,
    name: BOB.name,
    state: { kind: "read" },
    may: { edit: true, redact: true },
    readBy: [ADA, EVE, BOB, { user: "x", name: "Xaver" }],
  },
  {
    text: "own and delivered",
    mine: true,
    user: BOB.user,
    name: BOB.name,
    state: { kind: "delivered" },
    readBy: [EVE],
  },
  { text: "own and sent", mine: true, user: BOB.user, name: BOB.name, state: { kind: "sent" } },
  {
    text: "own and failed",
    mine: true,
    user: BOB.user,
    name: BOB.name,
    state: { kind: "failed", reason: "the room is gone", retryable: true },
  },
  { text: "own and on its way", mine: true, user: BOB.user, name: BOB.name, state: { kind: "sending" } },
];

function page(from: number, to: number): Item[] {
  return Array.from({ length: to - from + 1 }, (_, i) => made(from + i));
}

/** A log of `total` messages, of which a window is shown. */
function logged(of: Place): FakeConversation {
  let from = Math.max(1, total - 99);
  const it = conversation([], of);
  const show = (items: readonly Item[]) => {
    it.items.value = items;
    it.hasOlder.value = from > 1;
    it.loading.value = "none";
  };
  const rich = samples.map((sample, i) =>
    message(total + 1 + i, { ...sample, at: Date.now() - (samples.length - i) * 30_000 }),
  );
  const pause = Number(parameters.get("pause") ?? 60);
  let next = total + samples.length + 1;
  it.loading.value = "first";
  setTimeout(() => {
    if (parameters.has("unread")) {
      it.firstUnread.value = total - 20;
      it.below.value = 20;
    }
    show([...page(from, total), ...rich]);
  }, pause);
  it.older = () => {
    it.loading.value = "older";
    setTimeout(() => {
      const before = from;
      from = Math.max(1, from - 100);
      show([...page(from, before - 1), ...it.items.value]);
    }, pause);
  };
  it.goTo = (offset) => {
    it.target.value = { offset, tick: (it.target.value?.tick ?? 0) + 1 };
  };
  const own = it.send;
  it.send = () => {
    const { text } = it.draft.value;
    own();
    it.items.value = [
      ...it.items.value,
      message(next++, {
        text,
        mine: true,
        user: BOB.user,
        name: BOB.name,
        at: Date.now(),
        state: { kind: "sent" },
      }),
    ];
  };
  it.find = (text) => {
    it.search.value = {
      text,
      state: text === "" ? "none" : "done",
      hits: it.items.value.flatMap((item) =>
        text !== "" && item.kind === "message" && item.id !== undefined && item.text.includes(text)
          ? [{ offset: item.id.offset, name: item.name, text: item.text, at: item.at }]
          : [],
      ),
    };
  };
  it.typing.value = parameters.has("typing") ? ["Ada", "Eve"] : [];
  return it;
}

const fake = chat(undefined, places);
fake.open = (topic) => {
  const of = fake.places.value.find((one) => one.topic === topic) ?? place({ topic, title: topic });
  fake.current.value = logged(of);
};
fake.close = () => {
  fake.current.value = undefined;
};
fake.findRooms = (text) => {
  fake.found.value = [
    { topic: "room:garden", title: "Garden", members: 12, joined: false },
    { topic: "room:tea", title: "Tea", members: 3, joined: true },
  ].filter(({ title }) => title.toLowerCase().includes(text));
};
fake.signIn = (as) => {
  fake.session.value = {
    kind: "in",
    user: "guest.bob",
    name: as.kind === "name" ? as.name : "Bob",
    isGuest: true,
  };
};
fake.signOut = () => {
  fake.session.value = { kind: "out" };
};
if (parameters.has("out")) {
  fake.session.value = { kind: "out" };
}
if (parameters.has("offline")) {
  fake.connection.value = { kind: "waiting", retryAt: Date.now() + 30_000 };
}
const theme = parameters.get("theme");
if (theme === "dark" || theme === "light") {
  fake.preferences.value = { ...fake.preferences.value, theme };
}
Object.assign(window, { fake, effect, message, made });
const element = document.getElementById("page");
if (element !== null) {
  render(<App chat={fake} />, element);
}
