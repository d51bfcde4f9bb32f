import { signal } from "@preact/signals";
import type { PresenceChange } from "@topicstream/client";
import type { Person } from "./chat.js";
import type { PlaceModel } from "./place.js";

const LIMIT = 200;
const AGAIN_AFTER_MS = 1000;
/** Where only the number of members is told, once a second. */
const AGAIN_OF_MANY_MS = 10_000;

/** Who is in a place that is open. */
export class Membership {
  readonly members = signal<readonly Person[]>([]);
  readonly count = signal(0);
  #isOpen = false;
  #again: (() => void) | undefined;
  #turn = 0;

  constructor(private readonly model: PlaceModel) {}

  open(): void {
    this.#isOpen = true;
    void this.#read();
  }

  close(): void {
    this.#isOpen = false;
    this.#again?.();
    this.#again = undefined;
  }

  presence({ event, user, name, count }: PresenceChange): void {
    this.count.value = count;
    if (!this.#isOpen) {
      return;
    }
    if (event === undefined || user === null) {
      this.#soon();
      return;
    }
    const { people } = this.model.context;
    people.named(user, name);
    const others = this.members.peek().filter((one) => one.user !== user);
    people.seen(user, event === "join");
    this.#set(event === "join" ? [...others, people.person(user)] : others);
    // Some changes may have been lost.
    if (this.members.peek().length !== Math.min(count, LIMIT)) {
      this.#soon();
    }
  }

  /** Nobody knows now who is there. */
  disconnected(): void {
    this.#turn++;
    this.members.value = this.members.peek().map(({ user }) => this.model.context.people.person(user));
  }

  #soon(): void {
    this.#again ??= this.model.context.ports.clock.schedule(
      () => {
        this.#again = undefined;
        void this.#read();
      },
      this.count.peek() > LIMIT ? AGAIN_OF_MANY_MS : AGAIN_AFTER_MS,
    );
  }

  async #read(): Promise<void> {
    const { context, topic } = this.model;
    const turn = ++this.#turn;
    try {
      const { members, count } = await context.client.members(topic, { limit: LIMIT });
      if (turn !== this.#turn) {
        return;
      }
      const persons: Person[] = [];
      for (const { user, name } of members) {
        if (user !== null) {
          context.people.named(user, name);
          context.people.seen(user, true);
          persons.push(context.people.person(user));
        }
      }
      this.count.value = count;
      this.#set(persons);
    } catch {
      // Where the topic keeps no presence nobody is seen.
    }
  }

  #set(persons: readonly Person[]): void {
    this.members.value = [...persons].sort((a, b) => a.name.localeCompare(b.name));
  }
}
