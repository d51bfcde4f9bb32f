import type { Conversation } from "./conversation.js";

const LEAST_WAIT_MS = 1000;

/** Shows the server another token before the one of this connection ends: after four fifths of the time it has. */
export class TokenRenewal {
  #cancel: (() => void) | undefined;
  #turn = 0;
  /** The server's clock less ours. */
  #ahead = 0;

  constructor(private readonly conversation: Conversation) {}

  /** What the application's function gives; rejects where it throws, and where it takes as long as no connection may. */
  token(): Promise<string> {
    const { token, clock, connectTimeoutMs } = this.conversation.settings;
    return new Promise((resolve, reject) => {
      const stop = clock.schedule(() => {
        reject(new Error(`the function has not given a token in ${connectTimeoutMs} ms`));
      }, connectTimeoutMs);
      const given = async (): Promise<string> => (await token?.()) ?? "";
      given().then(resolve, reject).finally(stop);
    });
  }

  welcomed(serverTime: number, expiresAt: number | undefined): void {
    this.#ahead = serverTime - this.conversation.settings.clock.now();
    this.#schedule(expiresAt);
  }

  /** Whether a time of the server's clock is still to come, by more than messages are under way. */
  isToCome(time: number): boolean {
    return time > this.conversation.settings.clock.now() + this.#ahead + LEAST_WAIT_MS;
  }

  /** The connection is gone. */
  stop(): void {
    this.#turn++;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A token was shown on this connection that ends then. */
  shown(expiresAt: unknown): void {
    this.#schedule(expiresAt);
  }

  #schedule(expiresAt: unknown): void {
    this.stop();
    const { settings } = this.conversation;
    if (!settings.renewsToken || typeof expiresAt !== "number") {
      return;
    }
    const left = expiresAt - this.#ahead - settings.clock.now();
    const turn = this.#turn;
    this.#cancel = settings.clock.schedule(
      () => {
        this.#renew(turn, expiresAt);
      },
      // A function that gives one token again and again is not asked ever faster.
      Math.max(LEAST_WAIT_MS, Math.floor(left * 0.8)),
    );
  }

  #renew(turn: number, expiresAt: number): void {
    const failed = (error: unknown): void => {
      if (turn !== this.#turn) {
        return;
      }
      const { clock, log } = this.conversation.settings;
      log("the token was not renewed", error);
      // The nearer the end, the sooner again.
      const left = expiresAt - this.#ahead - clock.now();
      this.#cancel = clock.schedule(
        () => {
          this.#renew(turn, expiresAt);
        },
        Math.max(LEAST_WAIT_MS, left / 5),
      );
    };
    this.token().then((token) => {
      if (turn === this.#turn) {
        this.conversation.ask(
          { action: "authenticate", token },
          undefined,
          "now",
          (reply) => {
            this.shown(reply["expires_at"]);
          },
          failed,
        );
      }
    }, failed);
  }
}
