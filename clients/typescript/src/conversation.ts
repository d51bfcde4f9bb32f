import { Acks } from "./acks.js";
import { Backoff } from "./backoff.js";
import { ClaimedName } from "./claimed-name.js";
import { deferred } from "./deferred.js";
import { EndedError, NotConnectedError, RefusedError } from "./errors.js";
import {
  bytesOf,
  type Frame,
  framesOf,
  messageOf,
  number,
  positionsOf,
  text,
  textOrNull,
  welcomeOf,
} from "./frames.js";
import { NewTopics } from "./new-topics.js";
import { Sender } from "./sender.js";
import type { Settings } from "./settings.js";
import type { Subscription } from "./subscription.js";
import { Timers } from "./timers.js";
import { TokenRenewal } from "./token.js";
import type { Link, LinkEvents } from "./transport.js";
import type { Welcome } from "./types.js";

/**
 * How something is asked: on this connection only; until it is answered; so, and in the order of all such; so, and before
 * the subscription that the topic has by now.
 */
export type Sending = "now" | "until-answered" | "in-order" | "before-subscription";

interface Request {
  frame: string;
  sending: Sending;
  topic: unknown;
  inFlight: boolean;
  onReply: (reply: Frame) => void;
  onFailure: (error: Error) => void;
}

const FIRST_FINAL_CODE = 4000;
const LAST_FINAL_CODE = 4099;
const NORMAL = 1000;
const LOST = 1006;
const TOO_LARGE = 1009;
const TRY_AGAIN_LATER = 1013;
const FAILURES_OF_A_BUSY_SERVER = 4;
/** For how long a connection may be silent after its page became visible again. */
const WAKE_MS = 5000;

/**
 * What a client and its server have to say to each other, over one connection after the other.
 *
 * A request stays until it is answered. After a lost connection the subscriptions are asked for first, each from its own
 * position, then the requests that are still open are sent again, in their order: a read may run twice, and a publish
 * has a message id by which the server knows it again. So what an application asked for happens once.
 */
export class Conversation {
  readonly acks = new Acks(this);
  readonly claimedName = new ClaimedName(this);
  readonly renewal = new TokenRenewal(this);
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #requests = new Map<number, Request>();
  readonly #backoff: Backoff;
  readonly #retries: Backoff;
  readonly #sender: Sender;
  readonly #newTopics = new NewTopics(this);
  readonly #connected = deferred<Welcome>();
  #link: Link | undefined;
  #attempts = 0;
  #open = false;
  #begun = false;
  #everConnected = false;
  #end: EndedError | undefined;
  #nextId = 1;
  #welcome: Welcome | undefined;
  #greeted = false;
  #openedAt = 0;
  #lastHeard = 0;
  #lastSent = 0;
  /** Since when the server could have answered. */
  #unanswered: number | undefined;
  #stayAwayUntil = 0;
  #reconnect: (() => void) | undefined;
  #keepAlive: (() => void) | undefined;
  #retry: (() => void) | undefined;
  #retryAll = false;
  /** Those that mean nothing beyond this attempt or connection. */
  readonly #timers: Timers;

  constructor(readonly settings: Settings) {
    this.#backoff = this.tries();
    this.#retries = this.tries();
    this.#timers = new Timers(settings.clock);
    this.#sender = new Sender(() => this.#link);
    // Who does not wait for the connection hears of its end elsewhere.
    this.#connected.promise.catch(() => undefined);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get ended(): EndedError | undefined {
    return this.#end;
  }

  // ---- connecting

  connect(): Promise<Welcome> {
    if (!this.#begun && this.#end === undefined) {
      this.#begun = true;
      this.#attempt();
    }
    return this.#connected.promise;
  }

  #attempt(): void {
    this.#reconnect = undefined;
    const attempt = ++this.#attempts;
    const fn = this.settings.token;
    if (fn === undefined) {
      this.#dial(attempt, undefined);
      return;
    }
    this.renewal.token().then(
      (token) => {
        this.#dial(attempt, token);
      },
      (error: unknown) => {
        if (attempt === this.#attempts && this.#end === undefined) {
          this.#onClosed(attempt, LOST, `there is no token: ${String(error)}`);
        }
      },
    );
  }

  #dial(attempt: number, token: string | undefined): void {
    if (attempt !== this.#attempts || this.#end !== undefined) {
      return;
    }
    const protocols = ["topicstream.v1", ...(token === undefined || token === "" ? [] : [`bearer.${token}`])];
    const events: LinkEvents = {
      opened: () => {
        if (attempt === this.#attempts) {
          cancel();
          this.#onOpened();
        }
      },
      text: (data) => {
        if (attempt === this.#attempts && this.#end === undefined) {
          this.#onText(data);
        }
      },
      closed: (code, reason) => {
        cancel();
        this.#onClosed(attempt, code, reason);
      },
    };
    const cancel = this.#timers.schedule(() => {
      if (!this.#open) {
        this.#abort("the server did not answer in time");
      }
    }, this.settings.connectTimeoutMs);
    try {
      this.#link = this.settings.transport(this.settings.url, protocols, events);
    } catch (error) {
      // An address or a token that no WebSocket takes: the next attempt would be no other.
      cancel();
      this.end(new EndedError(FIRST_FINAL_CODE, `cannot connect: ${String(error)}`));
    }
  }

  #onOpened(): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#open = true;
    const now = this.settings.clock.now();
    this.#openedAt = now;
    this.#lastHeard = now;
    this.#lastSent = now;
    this.#unanswered = undefined;
    this.#stayAwayUntil = 0;
    this.#greeted = false;
    this.claimedName.opened();
    this.#sendWaiting((request) => request.sending === "before-subscription");
    for (const subscription of [...this.#subscriptions.values()]) {
      subscription.ask();
    }
    this.#sendAll();
    this.acks.opened();
    this.#scheduleKeepAlive(this.settings.pingMs);
  }

  /** Sends all requests that are not under way, in their order. */
  #sendAll(): void {
    this.#retry?.();
    this.#retry = undefined;
    this.#retryAll = false;
    for (const { sending, topic } of this.#sendWaiting(() => true)) {
      if (sending === "before-subscription" && typeof topic === "string") {
        this.#subscriptions.get(topic)?.ask();
      }
    }
  }

  /** @returns what was sent */
  #sendWaiting(isMeant: (request: Request) => boolean): Request[] {
    const all = [...this.#requests.values()];
    const sent = all.filter((one) => !one.inFlight && one.sending !== "now" && isMeant(one));
    for (const request of sent) {
      request.inFlight = true;
      this.#send(request.frame);
    }
    return sent;
  }

  /** Looks twice per ping interval whether it is time to say that we are here, and whether the server still is. */
  #scheduleKeepAlive(pingMs: number): void {
    this.#keepAlive?.();
    this.#keepAlive = this.settings.clock.schedule(
      () => {
        const now = this.settings.clock.now();
        // Where timers are late, as in a page that nobody sees, long silence is the client's own.
        const asked = now - (this.#unanswered ?? now);
        if (now - this.#lastHeard >= 2 * pingMs && asked >= pingMs / 2) {
          this.#abort(`the server has been silent for ${Math.round(now - this.#lastHeard)} ms`);
          return;
        }
        if (now - this.#lastSent >= pingMs / 2) {
          this.#send('{"action":"ping"}');
        }
        this.#scheduleKeepAlive(pingMs);
      },
      Math.max(1, pingMs / 2),
    );
  }

  /** The page is visible again, or the network is back: an attempt now may succeed. */
  wake(): void {
    const now = this.settings.clock.now();
    if (this.#end !== undefined || now < this.#stayAwayUntil) {
      return;
    }
    if (this.#reconnect !== undefined) {
      this.#reconnect();
      this.#attempt();
    } else if (this.#open) {
      this.#send('{"action":"ping"}');
      this.#timers.schedule(() => {
        if (this.#lastHeard <= now) {
          this.#abort("the server did not answer after a pause");
        }
      }, WAKE_MS);
    }
  }

  #abort(reason: string): void {
    const link = this.#link;
    this.#onClosed(this.#attempts, LOST, reason);
    link?.close();
  }

  #onClosed(attempt: number, code: number, reason: string): void {
    if (attempt !== this.#attempts || this.#end !== undefined) {
      return;
    }
    this.#attempts++;
    const wasOpen = this.#open;
    this.#lose();
    if (code >= FIRST_FINAL_CODE && code <= LAST_FINAL_CODE) {
      this.end(
        new EndedError(code, reason === "" ? `the server closed the connection with ${code}` : reason),
      );
      return;
    }
    if (!this.#everConnected && this.settings.failFast) {
      this.end(new EndedError(code, `cannot connect: ${reason === "" ? `closed with ${code}` : reason}`));
      return;
    }
    const now = this.settings.clock.now();
    if (wasOpen && now - this.#openedAt >= this.settings.stableAfterMs) {
      this.#backoff.reset();
    }
    if (code === TRY_AGAIN_LATER) {
      this.#backoff.atLeast(FAILURES_OF_A_BUSY_SERVER);
    }
    if (code === TOO_LARGE) {
      this.#sendLess();
    }
    // The application may have closed the client when it heard of that.
    if (this.ended === undefined) {
      this.#comeBackIn(this.#backoff.next() + Math.max(0, this.#stayAwayUntil - now), code, reason);
    }
  }

  #comeBackIn(inMs: number, code: number, reason: string): void {
    this.#reconnect = this.settings.clock.schedule(() => {
      this.#attempt();
    }, inMs);
    this.settings.onState({ state: "waiting", code, reason, inMs });
  }

  /**
   * The server takes no WebSocket message as large as one of ours was. First go without arrays; if that was not it, the
   * largest request is the one that can never be sent.
   */
  #sendLess(): void {
    if (this.#sender.withoutArrays()) {
      return;
    }
    const sizes = [...this.#requests].map(([id, { frame }]) => ({ id, bytes: bytesOf(frame) }));
    const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
    if (largest !== undefined) {
      const request = this.#requests.get(largest.id);
      this.#requests.delete(largest.id);
      request?.onFailure(new RefusedError("too_large", "the server takes no message of this size", false));
    }
  }

  /** Forgets the connection. */
  #lose(): void {
    this.#open = false;
    this.#link = undefined;
    this.#welcome = undefined;
    this.#sender.lose();
    this.renewal.stop();
    this.#keepAlive?.();
    this.#keepAlive = undefined;
    this.#retry?.();
    this.#retry = undefined;
    this.#timers.cancelAll();
    this.#newTopics.onDisconnected();
    for (const subscription of this.#subscriptions.values()) {
      subscription.disconnected();
    }
    for (const [id, request] of [...this.#requests]) {
      request.inFlight = false;
      if (request.sending === "now") {
        this.#requests.delete(id);
        request.onFailure(new NotConnectedError("the connection was lost"));
      }
    }
  }

  /** Ends for good. */
  end(reason: EndedError): void {
    if (this.#end !== undefined) {
      return;
    }
    // What was asked for in this turn still leaves.
    this.#sender.flush();
    this.#end = reason;
    const link = this.#link;
    this.#lose();
    this.#reconnect?.();
    this.#reconnect = undefined;
    link?.close();
    for (const subscription of [...this.#subscriptions.values()]) {
      subscription.end(reason.code === NORMAL ? undefined : reason);
    }
    const unanswered = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of unanswered) {
      request.onFailure(reason);
    }
    this.acks.end(reason);
    this.#connected.reject(reason);
    this.settings.onState({ state: "ended", error: reason });
  }

  // ---- asking

  /** Sends something that nobody answers, if there is a connection. */
  tell(frame: object): void {
    if (this.#open) {
      this.#send(JSON.stringify(frame));
    }
  }

  #send(frame: string): void {
    this.#lastSent = this.settings.clock.now();
    this.#unanswered ??= this.#lastSent;
    this.#sender.send(frame);
  }

  /**
   * Asks.
   *
   * @param payload JSON text that becomes the member `message`
   */
  ask(
    members: { action: string } & Record<string, unknown>,
    payload: string | undefined,
    sending: Sending,
    onReply: (reply: Frame) => void,
    onFailure: (error: Error) => void,
  ): void {
    if (this.#end !== undefined || (sending === "now" && !this.#open)) {
      onFailure(this.#end ?? new NotConnectedError("there is no connection"));
      return;
    }
    const id = this.#nextId++;
    const { action, ...rest } = members;
    const head = JSON.stringify({ action, id, ...rest });
    const frame = payload === undefined ? head : `${head.slice(0, -1)},"message":${payload}}`;
    const isHeld = sending === "in-order" && this.#retryAll;
    const inFlight = this.#open && !isHeld;
    const request: Request = { frame, sending, topic: rest["topic"], inFlight, onReply, onFailure };
    this.#requests.set(id, request);
    if (request.inFlight) {
      this.#send(frame);
    }
  }

  /** The waits between the tries of one question. */
  tries(): Backoff {
    const { backoffBaseMs, backoffCapMs, random } = this.settings;
    return new Backoff(backoffBaseMs, backoffCapMs, random);
  }

  /** Runs something again after a while, unless the connection is gone then. */
  later(task: () => void, tries: Backoff): void {
    if (this.#open) {
      this.#timers.schedule(task, tries.next());
    }
  }

  #onFailed(id: unknown, request: Request, refused: RefusedError): void {
    if (!refused.retryable || request.sending === "now") {
      this.#requests.delete(id as number);
      request.onFailure(refused);
      return;
    }
    request.inFlight = false;
    // What is published from now on waits behind it, so that it does not overtake it.
    this.#retryAll ||= request.sending === "in-order";
    this.#retry ??= this.settings.clock.schedule(
      () => {
        this.#sendAll();
      },
      this.settings.backoffBaseMs / 2 + this.#retries.next(),
    );
  }

  // ---- subscriptions

  /** Begins a subscription; a topic has one at a time. */
  add(subscription: Subscription): void {
    if (this.#end !== undefined) {
      throw this.#end;
    }
    if (this.#subscriptions.has(subscription.topic)) {
      throw new Error(`there is a subscription to ${subscription.topic} already`);
    }
    this.#subscriptions.set(subscription.topic, subscription);
    if (this.#open) {
      subscription.ask();
    }
  }

  /** A subscription has ended. What is still under way for it is no reason to ask for a new one. */
  forget(subscription: Subscription): void {
    if (this.#subscriptions.get(subscription.topic) === subscription) {
      this.#subscriptions.delete(subscription.topic);
      this.#newTopics.onLeft(subscription.topic);
    }
  }

  subscription(topic: string): Subscription | undefined {
    return this.#subscriptions.get(topic);
  }

  /** Whether a message's sender is this client's user. */
  isOurs(from: string | undefined): boolean {
    return from !== undefined && from === this.#welcome?.user;
  }

  // ---- listening

  #onText(data: string): void {
    this.#lastHeard = this.settings.clock.now();
    this.#unanswered = undefined;
    try {
      const frames = framesOf(data);
      const bytes = Math.ceil((2 * data.length) / Math.max(1, frames.length));
      for (const frame of frames) {
        this.#onFrame(frame, bytes);
      }
    } catch (error) {
      this.settings.log("the server says what it should not", error);
      this.#abort(String(error));
    }
  }

  #onFrame(frame: Frame, bytes: number): void {
    const topic = frame["topic"];
    const subscription = typeof topic === "string" ? this.#subscriptions.get(topic) : undefined;
    switch (frame["type"]) {
      case "message":
        this.#onMessage(frame, subscription, bytes);
        break;
      case "reply": {
        const request = this.#requests.get(frame["id"] as number);
        if (request !== undefined) {
          this.#requests.delete(frame["id"] as number);
          this.#retries.reset();
          request.onReply(frame);
        }
        break;
      }
      case "error":
        this.#onError(frame, subscription);
        break;
      case "welcome":
        this.#welcome = welcomeOf(frame);
        this.#onWelcome(this.#welcome, frame);
        break;
      case "subscriptions":
        if (this.#welcome !== undefined) {
          this.#welcome.subscriptions.push(...positionsOf(frame, "subscriptions"));
          this.#onWelcome(this.#welcome, frame);
        }
        break;
      case "room_deleted":
        subscription?.end(new RefusedError("not_found", "the room was deleted", false));
        break;
      case "draining":
        this.#onDraining(number(frame, "reconnect_in_ms"));
        break;
      default:
        subscription?.onEvent(frame);
    }
  }

  #onMessage(frame: Frame, subscription: Subscription | undefined, bytes: number): void {
    const topic = text(frame, "topic");
    if (subscription !== undefined) {
      subscription.onMessage(messageOf(frame, topic, 0), bytes);
      return;
    }
    this.#newTopics.onMessage(topic, number(frame, "offset"));
  }

  #onError(frame: Frame, subscription: Subscription | undefined): void {
    const code = text(frame, "code");
    const next = frame["next_offset"];
    const refused = new RefusedError(
      code,
      textOrNull(frame, "message") ?? "",
      frame["retryable"] === true,
      typeof next === "number" ? next : undefined,
    );
    const request = this.#requests.get(frame["id"] as number);
    if (request !== undefined) {
      this.#onFailed(frame["id"], request, refused);
    } else if (subscription !== undefined && code === "forbidden" && frame["id"] === undefined) {
      // New credentials do not permit it: the subscription has ended.
      subscription.end(refused);
    } else {
      this.settings.log(`the server answered ${code}: ${refused.message}`);
    }
  }

  #onWelcome(welcome: Welcome, frame: Frame): void {
    if (frame["type"] === "welcome") {
      const pingMs = number(frame, "ping_ms");
      if (pingMs > 0) {
        this.#scheduleKeepAlive(Math.min(pingMs, this.settings.pingMs));
      }
      this.renewal.welcomed(welcome.serverTime, welcome.expiresAt);
    }
    if (frame["more"] !== true && !this.#greeted) {
      this.#greeted = true;
      this.#everConnected = true;
      this.#connected.resolve(welcome);
      this.settings.onState({ state: "connected", welcome });
    }
  }

  /** The server is about to stop: stay as long as it serves, leave when its time is up, and come back after that. */
  #onDraining(reconnectInMs: number): void {
    this.#stayAwayUntil = this.settings.clock.now() + reconnectInMs;
    this.#timers.schedule(() => {
      this.#abort("the server is about to stop");
    }, reconnectInMs);
  }
}
