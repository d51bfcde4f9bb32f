import type { MessageId } from "../model/chat.js";

/** Where the page is: in the part of its address that no server sees. */
export interface Route {
  readonly topic: string;
  readonly at?: MessageId;
}

/** `#/room/<topic>` or `#/room/<topic>/<epoch>.<offset>`; `undefined` for anything else. */
export function parseRoute(hash: string): Route | undefined {
  const match = /^#\/room\/([^/]+)(?:\/(\d{1,15})\.(\d{1,15}))?\/?$/.exec(hash);
  if (match?.[1] === undefined) {
    return undefined;
  }
  let topic: string;
  try {
    topic = decodeURIComponent(match[1]);
  } catch {
    return undefined;
  }
  return match[2] === undefined
    ? { topic }
    : { topic, at: { epoch: Number(match[2]), offset: Number(match[3]) } };
}

export function routeTo(topic: string, at?: MessageId): string {
  const place = `#/room/${encodeURIComponent(topic).replaceAll("%3A", ":").replaceAll("%40", "@")}`;
  return at === undefined ? place : `${place}/${at.epoch}.${at.offset}`;
}

/** The whole address of a message, to be given to others. */
export function permanentLink(topic: string, at: MessageId, page = location.href): string {
  return new URL(routeTo(topic, at), page).href;
}
