import type { FoldedMessage, Message, Page, FoldedPage, Reaction, Published, Welcome } from "./types.js";

/** A frame of the server; its members are looked at one by one, and those that nobody knows are not. */
export type Frame = Record<string, unknown>;

export function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The frames of a WebSocket message. */
export function framesOf(text: string): Frame[] {
  const value: unknown = JSON.parse(text);
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(isFrame);
}

export function number(frame: Frame, name: string): number {
  const value = frame[name];
  if (typeof value !== "number") {
    throw new TypeError(`the server's frame has no number "${name}"`);
  }
  return value;
}

export function text(frame: Frame, name: string): string {
  const value = frame[name];
  if (typeof value !== "string") {
    throw new TypeError(`the server's frame has no text "${name}"`);
  }
  return value;
}

export function textOrNull(frame: Frame, name: string): string | null {
  const value = frame[name];
  return typeof value === "string" ? value : null;
}

export function list(frame: Frame, name: string): Frame[] {
  const value = frame[name];
  return Array.isArray(value) ? value.filter(isFrame) : [];
}

function isTextMap(value: unknown): value is Record<string, string> {
  return isFrame(value) && Object.values(value).every((one) => typeof one === "string");
}

const AS = ["reply", "edit", "reaction", "unreaction"] as const;

export function messageOf(frame: Frame, topic: string, epoch: number): Message {
  const message: Message = {
    topic,
    epoch,
    offset: number(frame, "offset"),
    timestamp: number(frame, "timestamp"),
    message: frame["message"],
    redacted: frame["redacted"] === true,
  };
  if (typeof frame["from"] === "string") message.from = frame["from"];
  if (typeof frame["name"] === "string") message.name = frame["name"];
  if (typeof frame["message_id"] === "string") message.messageId = frame["message_id"];
  if (typeof frame["key"] === "string") message.key = frame["key"];
  if (isTextMap(frame["headers"])) message.headers = frame["headers"];
  if (typeof frame["content_type"] === "string") message.contentType = frame["content_type"];
  if (typeof frame["encoding"] === "string") message.encoding = frame["encoding"];
  const about = frame["about"];
  if (isFrame(about) && typeof about["offset"] === "number") {
    const as = AS.find((one) => one === about["as"]);
    if (as !== undefined) {
      message.about = { offset: about["offset"], as };
      if (typeof about["value"] === "string") message.about.value = about["value"];
    }
  }
  return message;
}

function ends(reply: Frame): { epoch: number; firstOffset: number; nextOffset: number } {
  return {
    epoch: number(reply, "epoch"),
    firstOffset: number(reply, "first_offset"),
    nextOffset: number(reply, "next_offset"),
  };
}

export function pageOf(reply: Frame, topic: string): Page {
  const epoch = number(reply, "epoch");
  return { messages: list(reply, "messages").map((one) => messageOf(one, topic, epoch)), ...ends(reply) };
}

export function foldedPageOf(reply: Frame, topic: string): FoldedPage {
  const covers = reply["covers"];
  if (!isFrame(covers)) {
    throw new TypeError("the server's page is not folded");
  }
  const epoch = number(reply, "epoch");
  return {
    messages: list(reply, "messages").map((one) => foldedOf(one, messageOf(one, topic, epoch))),
    covers: { first: number(covers, "first"), last: number(covers, "last") },
    ...ends(reply),
  };
}

function foldedOf(frame: Frame, message: Message): FoldedMessage {
  const folded: FoldedMessage = {
    message,
    reactions: list(frame, "reactions").map(reactionOf),
    replies: 0,
    lastReply: 0,
  };
  const edited = frame["edited"];
  if (isFrame(edited)) {
    folded.edited = { offset: number(edited, "offset"), timestamp: number(edited, "timestamp") };
  }
  const replies = frame["replies"];
  if (isFrame(replies)) {
    folded.replies = number(replies, "count");
    folded.lastReply = number(replies, "last_offset");
  }
  return folded;
}

function reactionOf(frame: Frame): Reaction {
  const users: unknown = frame["users"];
  return {
    value: text(frame, "value"),
    count: number(frame, "count"),
    users: Array.isArray(users) ? users.filter((user) => typeof user === "string") : [],
    mine: frame["mine"] === true,
  };
}

export function publishedOf(reply: Frame): Published {
  const published: Published = {
    topic: text(reply, "topic"),
    epoch: number(reply, "epoch"),
    offset: number(reply, "offset"),
    timestamp: number(reply, "timestamp"),
  };
  if (typeof reply["durability"] === "string") published.durability = reply["durability"];
  return published;
}

export function positionsOf(frame: Frame, name: string): Welcome["subscriptions"] {
  return list(frame, name).map((one) => ({
    topic: text(one, "topic"),
    epoch: number(one, "epoch"),
    nextOffset: number(one, "next_offset"),
  }));
}

export function welcomeOf(frame: Frame): Welcome {
  const welcome: Welcome = {
    connectionId: text(frame, "connection_id"),
    user: textOrNull(frame, "user"),
    name: textOrNull(frame, "name"),
    serverTime: number(frame, "server_time"),
    durability: text(frame, "durability"),
    subscriptions: positionsOf(frame, "subscriptions"),
  };
  if (typeof frame["expires_at"] === "number") welcome.expiresAt = frame["expires_at"];
  return welcome;
}

/** How many bytes a text has in UTF-8. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7ff) {
      // Of a surrogate pair, four bytes in all, each half counts for two.
      bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
    } else if (unit > 0x7f) {
      bytes++;
    }
  }
  return bytes;
}
