import { Backoff } from "./backoff.js";
import { bytesOfMessage, mayHelp, type SharedTopic } from "./shared-topic.js";
import type { FromWorker, Told } from "./shared-wire.js";
import { crossing } from "./shared-wire.js";
import type { Message, Page, Position, PresenceChange, SubscribeOptions } from "./types.js";

const PAGE_LIMIT = 100;
const HINT_BYTES = 128;

type State =
  /** Its place is not known yet. */
  | "starting"
  /** It takes what is brought. */
  | "flowing"
  /** It reads what it lacks. */
  | "reading"
  /** Its tab is behind. */
  | "blocked"
  | "ended";

/** A tab's interest in a topic. */
export class SharedListening {
  #state: State = "starting";
  #epoch = 0;
  /** The offset of the last message that the tab was given, or is not to be given. */
  #last: number | undefined;
  /** Nothing was told since it began. */
  #isFresh = true;
  /** Sent to the tab, and not dealt with there. */
  #bytes = 0;
  /** Counts what makes answers to earlier questions worthless. */
  #turn = 0;
  /** Taken back while a page is on its way that may not know of it. */
  #redacted: number[] = [];
  readonly #quietIds = new Set<string>();
  readonly #tries = new Backoff(200, 10_000, Math.random);
  #later: (() => void) | undefined;

  constructor(
    readonly sub: number,
    readonly topic: SharedTopic,
    private readonly options: SubscribeOptions,
    private readonly maxBytes: number,
    private readonly post: (message: FromWorker) => void,
  ) {}

  /** The subscription was made for it: it takes what that brings. */
  beginFirst(): void {
    this.#state = "flowing";
    this.#epoch =
      this.options.from instanceof Object && "resume" in this.options.from
        ? this.options.from.resume.epoch
        : 0;
    this.topic.ready.then(
      ({ epoch, offset }) => {
        if (this.#state !== "ended") {
          this.#epoch ||= epoch;
          this.#last ??= offset;
          this.#isReady();
        }
      },
      () => undefined,
    );
  }

  /** There is a subscription, somewhere else in the log. */
  beginLater(): void {
    const turn = ++this.#turn;
    this.topic.ready
      .then(() => this.topic.widen(this.options))
      .then(() => this.#find(turn))
      .catch((error: unknown) => {
        this.#failed(turn, error, () => {
          this.beginLater();
        });
      });
  }

  /** Finds its place in the log. */
  async #find(turn: number): Promise<void> {
    const from = this.options.from ?? "new";
    const { around, topic } = this.topic;
    if (turn !== this.#turn) {
      return;
    }
    if (typeof from === "object" && "resume" in from) {
      this.#resume(from.resume);
      return;
    }
    const isTime = typeof from === "object" && "time" in from;
    let page: Page;
    try {
      page = await around.client.read(topic, { limit: 1, ...(isTime ? { since: from.time } : {}) });
    } catch (error) {
      if (from === "new" && !mayHelp(error) && turn === this.#turn) {
        // Who may only listen may not ask where the end is: what comes next is new.
        this.#place(this.topic.epoch, this.topic.last);
        return;
      }
      throw error;
    }
    if (turn !== this.#turn) {
      return;
    }
    if (!this.#isOfThisLife(page.epoch)) {
      this.#again(() => {
        this.beginLater();
      });
      return;
    }
    const { firstOffset, nextOffset, epoch } = page;
    const end = nextOffset - 1;
    if (from === "new") {
      this.#place(epoch, end);
    } else if (from === "earliest") {
      this.#place(epoch, firstOffset - 1);
    } else if (typeof from === "number") {
      this.#place(epoch, Math.min(Math.max(1, from) - 1, end));
      if (from > nextOffset) {
        this.#tell("reset", { epoch, commonOffset: end }, HINT_BYTES);
      }
    } else if ("last" in from) {
      this.#place(epoch, Math.max(firstOffset, nextOffset - from.last) - 1);
    } else {
      const first = page.messages[0]?.offset;
      this.#place(epoch, first === undefined ? end : first - 1);
    }
  }

  #resume(position: Position): void {
    if (position.epoch === this.topic.epoch && position.offset <= (this.topic.last ?? 0)) {
      this.#place(position.epoch, position.offset);
    } else {
      this.topic.goBack(position, this);
      this.#place(position.epoch, position.offset);
    }
  }

  #place(epoch: number, last: number | undefined): void {
    this.#epoch = epoch;
    this.#last = last;
    this.#state = "flowing";
    this.#tries.reset();
    this.#isReady();
    for (const receipt of this.topic.receipts) {
      this.hint("receipt", receipt, HINT_BYTES);
    }
    this.#goOn();
  }

  #isReady(): void {
    const position = this.#last === undefined ? undefined : { epoch: this.#epoch, offset: this.#last };
    this.post({ kind: "ready", sub: this.sub, position });
  }

  /** What the subscription is told from now on was not caused by this one's beginning, nor by what it has in its life. */
  hasBegun(epoch: number): void {
    this.#isFresh = false;
    if (this.#state !== "starting") {
      this.#epoch = epoch;
    }
  }

  // ---- what is brought

  onMessage(message: Message, bytes: number): void {
    if (this.#state !== "flowing") {
      return;
    }
    const last = this.#last ?? message.offset - 1;
    if (message.offset > last + 1) {
      this.#goOn();
      return;
    }
    this.#epoch = message.epoch;
    if (message.offset === last + 1) {
      this.#deliver([{ message, bytes }]);
    }
  }

  onTruncated(event: { epoch: number; firstOffset: number }): void {
    // Who reads or is behind finds out by the page.
    if (this.#state === "flowing" && (this.#last ?? 0) + 1 < event.firstOffset) {
      this.#last = event.firstOffset - 1;
      this.#isFresh = false;
      this.#tell("truncated", event, HINT_BYTES);
    }
  }

  onReset(event: { epoch: number; commonOffset: number }): void {
    if (this.#state === "ended") {
      return;
    }
    if (this.#state === "starting") {
      this.beginLater();
      return;
    }
    if (this.#epoch === event.epoch && !this.#isFresh) {
      return;
    }
    this.#isFresh = false;
    this.#epoch = event.epoch;
    this.#turn++;
    if (this.#state === "reading") {
      this.#state = "flowing";
    }
    if (this.#last === undefined || this.#last >= event.commonOffset) {
      this.#last = event.commonOffset;
      this.#tell("reset", event, HINT_BYTES);
    }
    this.#goOn();
  }

  onPresence(change: PresenceChange): void {
    if (this.options.presence !== false) {
      this.hint("presence", change, HINT_BYTES);
    }
  }

  onRedacted(event: { offsets: number[] }): void {
    if (this.#state === "reading") {
      this.#redacted.push(...event.offsets);
    }
    this.hint("redacted", event, HINT_BYTES);
  }

  /** Tells what may be lost, if there is room. */
  hint(name: Told, event: unknown, bytes: number): void {
    if (this.#state !== "starting" && this.#state !== "ended" && this.#bytes <= this.maxBytes) {
      this.#tell(name, event, bytes);
    }
  }

  // ---- what the tab does

  /** The tab has dealt with so much. */
  taken(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
    if (this.#state === "blocked" && this.#bytes <= this.maxBytes / 2) {
      this.#state = "flowing";
      this.#goOn();
    }
  }

  /** The tab publishes something that it does not want back. */
  onQuietPublish(messageId: string): void {
    this.#quietIds.add(messageId);
  }

  /** It will not be stored. */
  onQuietRefused(messageId: string): void {
    this.#quietIds.delete(messageId);
  }

  /** Takes the topic from the user. */
  forget(): Promise<void> {
    this.#stop();
    return this.topic.forget(this);
  }

  /** The tab does not listen any more. */
  close(): void {
    if (this.#state !== "ended") {
      this.#stop();
      this.topic.remove(this);
    }
  }

  /** There is no more. */
  end(reason: Error | undefined): void {
    if (this.#state !== "ended") {
      this.#stop();
      this.post({
        kind: "ended",
        sub: this.sub,
        ...(reason === undefined ? {} : { error: crossing(reason) }),
      });
    }
  }

  #stop(): void {
    this.#state = "ended";
    this.#turn++;
    this.#later?.();
  }

  // ---- reading what it lacks

  #goOn(): void {
    const { last } = this.topic;
    if (this.#state === "flowing" && last !== undefined && this.#last !== undefined && this.#last < last) {
      this.#state = "reading";
      this.#redacted = [];
      this.#read(this.#last);
    }
  }

  #read(after: number): void {
    const turn = ++this.#turn;
    const again = (): void => {
      this.#read(after);
    };
    this.topic.around.client.read(this.topic.topic, { after, limit: PAGE_LIMIT }).then(
      (page) => {
        if (turn !== this.#turn) {
          return;
        }
        if (this.#isOfThisLife(page.epoch)) {
          this.#onPage(page, again);
        } else {
          this.#again(again);
        }
      },
      (error: unknown) => {
        this.#failed(turn, error, again);
      },
    );
  }

  #onPage(page: Page, again: () => void): void {
    const before = this.#last ?? 0;
    this.#epoch = page.epoch;
    if (page.firstOffset > before + 1) {
      this.#last = page.firstOffset - 1;
      this.#isFresh = false;
      this.#tell("truncated", { epoch: page.epoch, firstOffset: page.firstOffset }, HINT_BYTES);
    }
    // What is beyond that comes from the subscription, which knows whether it is still in the log.
    const upTo = this.topic.last ?? 0;
    const messages = page.messages
      .filter(({ offset }) => offset > (this.#last ?? 0) && offset <= upTo)
      .map((message) => ({ message, bytes: bytesOfMessage(message) }));
    this.#state = "flowing";
    this.#deliver(messages);
    const late = this.#redacted.filter((offset) => messages.some(({ message }) => message.offset === offset));
    if (late.length > 0) {
      this.#tell("redacted", { offsets: late }, HINT_BYTES);
    }
    if ((this.#last ?? 0) > before) {
      this.#tries.reset();
      this.#goOn();
    } else {
      this.#state = "reading";
      this.#again(again);
    }
  }

  /** Whether a page is of the life of the log of which the subscription brings messages. */
  #isOfThisLife(epoch: number): boolean {
    return epoch === this.topic.epoch;
  }

  #again(task: () => void): void {
    const turn = this.#turn;
    this.#later = this.topic.around.clock.schedule(() => {
      this.#later = undefined;
      if (turn === this.#turn) {
        this.topic.refresh();
        task();
      }
    }, 200 + this.#tries.next());
  }

  #failed(turn: number, error: unknown, again: () => void): void {
    if (turn !== this.#turn) {
      return;
    }
    if (mayHelp(error)) {
      this.#again(again);
    } else {
      const reason = error instanceof Error ? error : new Error(String(error));
      this.end(reason);
      this.topic.remove(this);
    }
  }

  // ---- to the tab

  #deliver(messages: { message: Message; bytes: number }[]): void {
    const wanted = messages.filter(({ message }) => !this.#isQuiet(message));
    const last = messages.at(-1);
    if (last === undefined) {
      return;
    }
    this.#last = last.message.offset;
    this.#isFresh = false;
    if (wanted.length > 0) {
      this.#bytes += wanted.reduce((sum, { bytes }) => sum + bytes, 0);
      this.post({ kind: "messages", sub: this.sub, messages: wanted });
    }
    if (this.#bytes > this.maxBytes) {
      this.#state = "blocked";
    }
  }

  #isQuiet(message: Message): boolean {
    const id = message.messageId;
    return id !== undefined && this.topic.isOurs(message) && this.#quietIds.delete(id);
  }

  #tell(name: Told, event: unknown, bytes: number): void {
    this.#bytes += bytes;
    this.post({ kind: "told", sub: this.sub, name, event, bytes });
  }
}
