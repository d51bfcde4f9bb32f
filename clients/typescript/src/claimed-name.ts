import type { Backoff } from "./backoff.js";
import type { Conversation } from "./conversation.js";
import { RefusedError } from "./errors.js";

/** The display name that was claimed, which each new connection claims again. */
export class ClaimedName {
  #name: string | undefined;

  constructor(private readonly conversation: Conversation) {}

  /** The server shows the user by this name. */
  given(name: string): void {
    this.#name = name;
  }

  opened(): void {
    if (this.#name !== undefined) {
      this.#claim(this.#name, this.conversation.tries());
    }
  }

  #claim(name: string, tries: Backoff): void {
    this.conversation.ask(
      { action: "name", name },
      undefined,
      "now",
      () => undefined,
      (error) => {
        if (!(error instanceof RefusedError)) {
          return;
        }
        if (error.retryable) {
          this.conversation.later(() => {
            if (this.#name === name) {
              this.#claim(name, tries);
            }
          }, tries);
        } else {
          this.conversation.settings.log(`the name ${name} is not this user's any more`, error);
        }
      },
    );
  }
}
