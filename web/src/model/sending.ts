import { type About, type Draft, EndedError, type Published } from "@topicstream/client";
import type { PlaceModel } from "./place.js";
import { randomId } from "./random.js";
import { isRetryable, wordsOf } from "./words.js";

/** What this user says and changes in a place. It is shown at once, and again as the server has it. */
export class Sending {
  readonly #edits = new Map<number, { text: string }>();
  readonly #reactions = new Map<number, Map<string, boolean>>();

  constructor(private readonly model: PlaceModel) {}

  edited(offset: number): string | undefined {
    return this.#edits.get(offset)?.text;
  }

  reacted(offset: number): ReadonlyMap<string, boolean> | undefined {
    return this.#reactions.get(offset);
  }

  send(text: string, replyTo: number | undefined): void {
    const { outgoing, context } = this.model;
    const id = randomId();
    outgoing.add({
      id,
      text,
      at: context.ports.clock.now(),
      state: { kind: "sending" },
      ...(replyTo === undefined ? {} : { replyTo }),
    });
    this.#publish(id);
  }

  retry(id: string): void {
    const { outgoing, kept } = this.model;
    if (outgoing.get(id)?.state.kind === "failed") {
      outgoing.change(id, { state: { kind: "sending" } });
      kept.keepFailed(outgoing.failed);
      this.#publish(id);
    }
  }

  discard(id: string): void {
    const { outgoing, kept } = this.model;
    if (outgoing.get(id)?.state.kind === "failed") {
      outgoing.remove(id);
      kept.keepFailed(outgoing.failed);
      this.model.changed();
    }
  }

  #publish(id: string): void {
    const outgoing = this.model.outgoing.get(id);
    if (outgoing === undefined) {
      return;
    }
    const { text, replyTo } = outgoing;
    const about: About | undefined = replyTo === undefined ? undefined : { offset: replyTo, as: "reply" };
    this.model.changed();
    this.#say({ text }, id, about).then(
      (published) => {
        this.model.answered(id, published);
      },
      (error: unknown) => {
        // What the end of the client has interrupted is in the outbox.
        if (!(error instanceof EndedError)) {
          this.model.refused(id, wordsOf(error), isRetryable(error));
        }
      },
    );
  }

  #say(message: unknown, messageId: string, about: About | undefined): Promise<Published> {
    const { context, partner, topic } = this.model;
    const draft: Draft = {
      action: partner === undefined ? "publish" : "send",
      members: {
        ...(partner === undefined ? { topic } : { to: partner }),
        message_id: messageId,
        ...(about === undefined ? {} : { about }),
      },
      payload: JSON.stringify(message),
    };
    return context.outbox.publish(draft);
  }

  edit(offset: number, text: string): void {
    const edit = { text };
    this.#edits.set(offset, edit);
    this.#touch(offset);
    this.#change({ text }, { offset, as: "edit" }, () => {
      if (this.#edits.get(offset) === edit) {
        this.#edits.delete(offset);
      }
    });
  }

  react(offset: number, value: string, isWanted: boolean): void {
    const pending = this.#reactions.get(offset) ?? new Map<string, boolean>();
    this.#reactions.set(offset, pending);
    pending.set(value, isWanted);
    this.#touch(offset);
    this.#change(null, { offset, as: isWanted ? "reaction" : "unreaction", value }, () => {
      if (pending.get(value) === isWanted) {
        pending.delete(value);
      }
      if (pending.size === 0 && this.#reactions.get(offset) === pending) {
        this.#reactions.delete(offset);
      }
    });
  }

  /** Says something about a message; `done` when the log has it, or will not. */
  #change(message: unknown, about: About, done: () => void): void {
    const finish = (): void => {
      done();
      this.#touch(about.offset);
    };
    this.#say(message, randomId(), about).then(
      // The subscription has it a moment after the answer.
      ({ offset }) => {
        this.model.whenHeard(offset, finish);
      },
      (error: unknown) => {
        finish();
        this.model.context.failed(error);
      },
    );
  }

  redact(offset: number): void {
    const { context, topic } = this.model;
    context.client.redact(topic, offset).catch((error: unknown) => {
      context.failed(error);
    });
  }

  #touch(offset: number): void {
    this.model.timeline.dirty.add(offset);
    this.model.changed();
  }
}
