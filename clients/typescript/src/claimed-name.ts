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
    const name = this.#name;
    if (name === undefined) {
      return;
    }
    this.conversation.ask(
      { action: "name", name },
      undefined,
      "now",
      () => undefined,
      (error) => {
        if (error instanceof RefusedError) {
          this.conversation.settings.log(`the name ${name} is not this user's any more`, error);
        }
      },
    );
  }
}
