import type { Message } from "@topicstream/client";
import { isRecord } from "./store.js";

/** What a message says: the text of a chat, or the JSON of what another program has published. */
export function textOf(message: Message): { text: string; isRaw: boolean } {
  const payload = message.message;
  if (message.redacted) {
    return { text: "", isRaw: false };
  }
  if (message.encoding !== undefined) {
    return { text: `bytes of ${message.contentType ?? "an unknown type"}`, isRaw: true };
  }
  if (isRecord(payload) && typeof payload["text"] === "string") {
    return { text: payload["text"], isRaw: false };
  }
  return { text: JSON.stringify(payload), isRaw: true };
}

/** A line of a text, for a quote or a list. */
export function lineOf(text: string): string {
  return text
    .slice(0, MOST_OF_A_LINE * 2)
    .replace(/\s+/gu, " ")
    .trim()
    .slice(0, MOST_OF_A_LINE);
}

const MOST_OF_A_LINE = 200;

/** Whether a text names a user: `@` and the whole name or id, in capitals or not. */
export function mentionOf(names: readonly string[]): (text: string) => boolean {
  const meant = names.filter((name) => name !== "").map(escaped);
  if (meant.length === 0) {
    return () => false;
  }
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_@.])@(?:${meant.join("|")})(?![\\p{L}\\p{N}_]|[.-][\\p{L}\\p{N}_])`,
    "iu",
  );
  // Most messages name nobody.
  return (text) => text.includes("@") && pattern.test(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/gu, (found) => `\\${found}`);
}

const GUEST = "guest.";
/** The random end of an id that this page has made of a name. */
const MADE_UP = /-[0-9a-f]{12}$/;

export function isGuest(user: string): boolean {
  return user.startsWith(GUEST);
}

/** How a user is shown whose name is not known. */
export function nameOfUser(user: string): string {
  return isGuest(user) ? user.slice(GUEST.length).replace(MADE_UP, "") : user;
}

/** The id that a guest with this name claims. @param random hexadecimal digits, twelve of them */
export function guestIdOf(name: string, random: string): string {
  const ascii = name.normalize("NFKD").replace(/[^A-Za-z0-9._-]+/gu, "");
  return `${ascii.slice(0, 40) === "" ? "someone" : ascii.slice(0, 40)}-${random}`;
}

/** The topic of a room with this name; `undefined` where nothing of it may stand in a topic. */
export function roomTopicOf(name: string): string | undefined {
  const slug = name
    .trim()
    .normalize("NFKC")
    .replace(/\s+/gu, "-")
    .replace(/[^A-Za-z0-9._:~@+-]+/gu, "")
    .slice(0, 150);
  if (slug !== "") {
    return `room:${slug}`;
  }
  // A name of other alphabets: its characters by their numbers, so that the same name is the same room.
  const code = Array.from(name.trim().normalize("NFKC"), (c) => (c.codePointAt(0) ?? 0).toString(36)).join(
    "-",
  );
  return code === "" ? undefined : `room:x-${code.slice(0, 150)}`;
}

/** The chat of two users. */
export function chatTopicOf(one: string, other: string): string {
  return one < other ? `dm:${one}~${other}` : `dm:${other}~${one}`;
}

/** The other user of a chat of this one; itself where it is alone; `undefined` where it is no chat of this user. */
export function partnerOf(topic: string, user: string): string | undefined {
  const both = topic.startsWith("dm:") ? topic.slice("dm:".length).split("~") : [];
  const [one, other] = both;
  if (both.length !== 2 || one === undefined || other === undefined) {
    return undefined;
  }
  return one === user ? other : other === user ? one : undefined;
}
