import type { About, Edit, FoldedMessage, FoldedPage, Message } from "./types.js";

/** The most different values that are kept for one message. */
const MAX_VALUES = 50;
/** The most users who are known by their ids for one value. */
const MAX_USERS = 1000;

/** Those who react with one value: some by their ids, of others only how many. */
interface Users {
  known: Set<string>;
  others: number;
  mine: boolean;
}

interface Entry {
  message: Message;
  edit: Edit | undefined;
  reactions: Map<string, Users>;
  replies: number;
  lastReply: number;
  /** All that was said up to here is in it already. */
  until: number;
}

/**
 * The last messages of a topic as they are to be shown: takes what a subscription hears, and puts edits, reactions and
 * replies together with the messages that they are about.
 *
 * It knows only what it was told. So it begins with a page that the server has folded, or with the first message of the
 * topic; what is about an older message changes nothing.
 */
export class FoldedMessages {
  readonly #entries = new Map<number, Entry>();

  /**
   * @param most how many messages are kept: the last ones
   * @param user this client's user
   */
  constructor(
    private readonly most: number,
    private readonly user?: string | null,
  ) {
    if (!(most >= 1)) {
      throw new RangeError(`at least one message is kept, not ${most}`);
    }
  }

  /**
   * Takes the messages of a page that are not there yet. A subscription from the page's `nextOffset` on tells the rest.
   */
  begin(page: FoldedPage): void {
    for (const folded of page.messages) {
      if (!this.#entries.has(folded.message.offset)) {
        this.#entries.set(folded.message.offset, this.#entryOf(folded, page.nextOffset - 1));
      }
    }
    const ordered = [...this.#entries].sort(([a], [b]) => a - b);
    this.#entries.clear();
    for (const [offset, entry] of ordered.slice(-this.most)) {
      this.#entries.set(offset, entry);
    }
  }

  #entryOf(folded: FoldedMessage, until: number): Entry {
    const reactions = new Map<string, Users>();
    for (const { value, count, users, mine } of folded.reactions) {
      const known = new Set(users);
      let others = Math.max(0, count - known.size);
      if (mine && typeof this.user === "string" && others > 0 && !known.has(this.user)) {
        known.add(this.user);
        others--;
      }
      reactions.set(value, { known, others, mine });
    }
    const { message, edited, replies, lastReply } = folded;
    return { message, edit: edited, reactions, replies, lastReply, until };
  }

  /**
   * Takes the next message.
   *
   * @returns what is to be shown anew: the message itself, or the one that an edit or a reaction is about; undefined
   *   where that is not there, and where nothing changes
   */
  add(message: Message): FoldedMessage | undefined {
    const { about, offset } = message;
    const meant = this.apply(message);
    if (about !== undefined && about.as !== "reply") {
      return meant;
    }
    const entry: Entry = {
      message,
      edit: undefined,
      reactions: new Map(),
      replies: 0,
      lastReply: 0,
      until: offset,
    };
    this.#entries.set(offset, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.most) {
        break;
      }
      this.#entries.delete(oldest);
    }
    return foldedOf(entry);
  }

  /**
   * Takes only what a message says about one that is kept: for a list that does not reach to the newest message.
   *
   * @returns the message that it is about, where that is to be shown anew
   */
  apply(message: Message): FoldedMessage | undefined {
    const { about, offset } = message;
    const meant = about === undefined ? undefined : this.#entries.get(about.offset);
    // What was said before a page was put together is in it.
    if (about === undefined || meant === undefined || offset <= meant.until) {
      return undefined;
    }
    meant.until = offset;
    return this.#changes(meant, about, message) ? foldedOf(meant) : undefined;
  }

  /**
   * Keeps no others than those from the one offset to the other: where a list grows too long, and where the log has lost
   * what came after.
   *
   * @param end the last offset that the log has, if it has lost some
   */
  keep(first: number, last: number, end = Infinity): void {
    for (const [offset, entry] of [...this.#entries]) {
      if (offset < first || offset > last) {
        this.#entries.delete(offset);
      } else {
        entry.until = Math.min(entry.until, end);
      }
    }
  }

  /**
   * Takes back what the server says was taken back.
   *
   * @returns what is to be shown anew
   */
  redact(offsets: number[]): FoldedMessage[] {
    const changed: FoldedMessage[] = [];
    for (const offset of offsets) {
      const entry = this.#entries.get(offset);
      if (entry !== undefined && !entry.message.redacted) {
        const { topic, epoch, timestamp, from, messageId, about } = entry.message;
        entry.message = {
          topic,
          epoch,
          offset,
          timestamp,
          message: null,
          redacted: true,
          ...(from === undefined ? {} : { from }),
          ...(messageId === undefined ? {} : { messageId }),
          ...(about === undefined ? {} : { about }),
        };
        changed.push(foldedOf(entry));
      }
    }
    return changed;
  }

  /** The message with this offset, if it is kept. */
  get(offset: number): FoldedMessage | undefined {
    const entry = this.#entries.get(offset);
    return entry === undefined ? undefined : foldedOf(entry);
  }

  /** All that are kept, ascending. */
  list(): FoldedMessage[] {
    return [...this.#entries.values()].map(foldedOf);
  }

  #changes(entry: Entry, about: About, said: Message): boolean {
    switch (about.as) {
      case "edit": {
        const isNew = (entry.edit?.offset ?? 0) < said.offset && !entry.message.redacted && !said.redacted;
        if (isNew) {
          entry.edit = { offset: said.offset, timestamp: said.timestamp };
          entry.message = { ...entry.message, message: said.message };
        }
        return isNew;
      }
      case "reaction":
        return this.#reacts(entry, about.value, said.from);
      case "unreaction":
        return this.#takesBack(entry, about.value, said.from);
      case "reply":
        entry.replies++;
        entry.lastReply = said.offset;
        return true;
    }
  }

  #reacts(entry: Entry, value: string | undefined, who: string | undefined): boolean {
    if (value === undefined || who === undefined) {
      return false;
    }
    let users = entry.reactions.get(value);
    if (users === undefined) {
      if (entry.reactions.size === MAX_VALUES) {
        return false;
      }
      users = { known: new Set(), others: 0, mine: false };
      entry.reactions.set(value, users);
    }
    if (users.known.has(who)) {
      return false;
    }
    if (users.known.size >= MAX_USERS) {
      users.others++;
    } else {
      users.known.add(who);
    }
    users.mine ||= who === this.user;
    return true;
  }

  #takesBack(entry: Entry, value: string | undefined, who: string | undefined): boolean {
    const users = value === undefined ? undefined : entry.reactions.get(value);
    if (value === undefined || users === undefined || who === undefined) {
      return false;
    }
    if (!users.known.delete(who)) {
      if (users.others === 0) {
        return false;
      }
      users.others--;
    }
    users.mine &&= who !== this.user;
    if (users.known.size === 0 && users.others === 0) {
      entry.reactions.delete(value);
    }
    return true;
  }
}

function foldedOf(entry: Entry): FoldedMessage {
  const folded: FoldedMessage = {
    message: entry.message,
    reactions: [...entry.reactions].map(([value, { known, others, mine }]) => ({
      value,
      count: known.size + others,
      users: [...known],
      mine,
    })),
    replies: entry.replies,
    lastReply: entry.lastReply,
  };
  if (entry.edit !== undefined) folded.edited = entry.edit;
  return folded;
}
