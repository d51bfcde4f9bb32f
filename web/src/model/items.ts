import type { FoldedMessage, Message } from "@topicstream/client";
import type { Item, MessageItem, Person, Reaction } from "./chat.js";
import type { Context } from "./context.js";
import type { Outgoing, OutgoingMessages } from "./outgoing.js";
import type { Readers } from "./readers.js";
import { lineOf, nameOfUser, textOf } from "./text.js";

/** What the items of a place are made with. */
export interface Making {
  readonly context: Context;
  readonly outgoing: OutgoingMessages;
  readonly readers: Readers;
  readonly isOwner: boolean;
  mentions(text: string): boolean;
  /** What is quoted above a reply, as far as it is known. */
  quote(offset: number): { name: string; text: string } | undefined;
  /** What this user has changed and the server has not answered yet. */
  edited(offset: number): string | undefined;
  reacted(offset: number): ReadonlyMap<string, boolean> | undefined;
  readBy(offset: number): readonly string[];
}

export function keyOf(message: Message, making: Making): string {
  const { messageId, from, epoch, offset } = message;
  const isKnown = messageId !== undefined && from === making.context.user && making.outgoing.has(messageId);
  return isKnown ? messageId : `${epoch}.${offset}`;
}

export function itemOf(folded: FoldedMessage, making: Making): MessageItem {
  const { message, edited, replies } = folded;
  const { context } = making;
  const { offset, epoch, from, redacted, timestamp, about } = message;
  const mine = from === context.user;
  const pending = redacted ? undefined : making.edited(offset);
  const said = pending === undefined ? textOf(message) : { text: pending, isRaw: false };
  const editedAt = edited?.timestamp ?? (pending === undefined ? undefined : context.ports.clock.now());
  return {
    kind: "message",
    key: keyOf(message, making),
    id: { epoch, offset },
    user: from,
    name: nameOf(message, context),
    mine,
    at: timestamp,
    ...said,
    redacted,
    ...(editedAt === undefined || redacted ? {} : { editedAt }),
    mentionsMe: !mine && !said.isRaw && making.mentions(said.text),
    ...(about?.as === "reply" ? { replyTo: quoteOf(about.offset, making) } : {}),
    reactions: redacted ? [] : reactionsOf(folded, making),
    replies,
    ...(mine ? { state: making.readers.stateOf(offset) } : {}),
    readBy: readersOf(making.readBy(offset), from, context),
    may: {
      edit: mine && !context.isGuest && !redacted && !said.isRaw,
      redact: !context.isGuest && !redacted && (mine || making.isOwner),
    },
  };
}

export function itemOfOutgoing(outgoing: Outgoing, making: Making): MessageItem {
  const { context } = making;
  const { id, text, at, state, position, replyTo } = outgoing;
  return {
    kind: "message",
    key: id,
    ...(position === undefined ? {} : { id: position }),
    user: context.user,
    name: context.name.peek(),
    mine: true,
    at,
    text,
    isRaw: false,
    redacted: false,
    mentionsMe: false,
    ...(replyTo === undefined ? {} : { replyTo: quoteOf(replyTo, making) }),
    reactions: [],
    replies: 0,
    state,
    readBy: [],
    may: { edit: false, redact: false },
  };
}

/** The name that the publisher had then. */
export function nameOf(message: Message, context: Context): string {
  const { name, from } = message;
  return name ?? (from === undefined ? "Somebody" : context.people.name(from) || nameOfUser(from));
}

function quoteOf(offset: number, making: Making): NonNullable<MessageItem["replyTo"]> {
  const quote = making.quote(offset);
  return { offset, name: quote?.name ?? "", text: lineOf(quote?.text ?? "") };
}

function readersOf(users: readonly string[], from: string | undefined, context: Context): Person[] {
  return users
    .filter((user) => user !== from && user !== context.user)
    .map((user) => context.people.person(user));
}

function reactionsOf(folded: FoldedMessage, making: Making): Reaction[] {
  const { context } = making;
  const pending = new Map(making.reacted(folded.message.offset));
  const shown = folded.reactions.map(({ value, count, users, mine }) => {
    const wanted = pending.get(value) ?? mine;
    pending.delete(value);
    const others = users.filter((user) => user !== context.user);
    return {
      value,
      count: count + (wanted === mine ? 0 : wanted ? 1 : -1),
      names: [...(wanted ? [context.name.peek()] : []), ...others.map((user) => context.people.name(user))],
      mine: wanted,
    };
  });
  for (const [value, isWanted] of pending) {
    if (isWanted) {
      shown.push({ value, count: 1, names: [context.name.peek()], mine: true });
    }
  }
  return shown.filter(({ count }) => count > 0);
}

/** Whether two items are to be shown alike. */
export function isSame(one: Item, other: Item): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
