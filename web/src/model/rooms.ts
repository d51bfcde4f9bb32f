import { signal } from "@preact/signals";
import type { Room } from "@topicstream/client";
import type { FoundRoom } from "./chat.js";
import type { Context } from "./context.js";
import type { Places } from "./places.js";
import { roomTopicOf } from "./text.js";
import { codeOf } from "./words.js";

const PREFIX = "room:";
const PAGE = 500;
const MOST_PAGES = 10;
const ASKED_AFTER_MS = 150;

/** The rooms that there are, those of others too. */
export class Rooms {
  readonly found = signal<readonly FoundRoom[] | undefined>(undefined);
  #turn = 0;
  #timer: (() => void) | undefined;

  constructor(
    private readonly context: Context,
    private readonly places: () => Places,
  ) {}

  find(text: string): void {
    const turn = ++this.#turn;
    this.#timer?.();
    this.#timer = this.context.ports.clock.schedule(() => {
      this.#find(text.trim().toLowerCase(), turn).catch((error: unknown) => {
        this.context.failed(error);
      });
    }, ASKED_AFTER_MS);
  }

  async #find(text: string, turn: number): Promise<void> {
    const found: FoundRoom[] = [];
    for await (const room of this.#all()) {
      if (turn !== this.#turn) {
        return;
      }
      const title = titleOf(room);
      if (title.toLowerCase().includes(text) || room.topic.toLowerCase().includes(text)) {
        const joined = this.places().get(room.topic) !== undefined;
        found.push({ topic: room.topic, title, members: room.members ?? 0, joined });
      }
    }
    if (turn === this.#turn) {
      found.sort((a, b) => b.members - a.members || a.title.localeCompare(b.title));
      this.found.value = found;
    }
  }

  async *#all(): AsyncGenerator<Room, void> {
    let startAfter: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const options = { prefix: PREFIX, limit: PAGE, ...(startAfter === undefined ? {} : { startAfter }) };
      const { rooms, next } = await this.context.client.rooms(options);
      yield* rooms;
      if (next === undefined) {
        return;
      }
      startAfter = next;
    }
  }

  /** Asks for the titles and owners of these. */
  async describe(topics: readonly string[]): Promise<void> {
    const wanted = new Set(topics.filter((topic) => topic.startsWith(PREFIX)));
    if (wanted.size > 3) {
      for await (const room of this.#all()) {
        this.#describe(room);
        wanted.delete(room.topic);
        if (wanted.size === 0) {
          return;
        }
      }
      return;
    }
    for (const topic of wanted) {
      const { rooms } = await this.context.client.rooms({ prefix: topic, limit: 1 });
      const room = rooms[0];
      if (room?.topic === topic) {
        this.#describe(room);
      }
    }
  }

  #describe(room: Room): void {
    const place = this.places().get(room.topic);
    if (place !== undefined) {
      place.title = titleOf(room);
      place.owner = room.owner;
      place.since = Math.max(place.since, room.created ?? 0);
      for (const offset of place.timeline.order) {
        place.timeline.dirty.add(offset);
      }
      place.changed();
    }
  }

  async create(name: string, title: string | undefined): Promise<void> {
    const topic = roomTopicOf(name);
    if (topic === undefined) {
      this.context.notice("error", "A room needs a name.");
      return;
    }
    const shown = title?.trim() ?? name.trim();
    const isPlain = topic === PREFIX + shown;
    try {
      // Who makes a room that there is already would change its title.
      const { rooms } = await this.context.client.rooms({ prefix: topic, limit: 1 });
      if (rooms[0]?.topic !== topic || rooms[0].owner === null) {
        await this.context.client.room(topic, isPlain ? {} : { title: shown.slice(0, 200) });
      }
    } catch (error) {
      // It is somebody else's, who was quicker, or this user may make none: it can be entered all the same.
      if (codeOf(error) !== "forbidden") {
        this.context.failed(error);
        return;
      }
    }
    this.places().open(topic, undefined);
  }

  async delete(topic: string): Promise<void> {
    const place = this.places().get(topic);
    if (place !== undefined) {
      place.isGoing = true;
    }
    try {
      await this.context.client.deleteRoom(topic);
      this.places().leave(topic);
    } catch (error) {
      if (place !== undefined) {
        place.isGoing = false;
      }
      throw error;
    }
  }
}

function titleOf({ title, topic }: Room): string {
  return title === null || title === "" ? topic.slice(PREFIX.length) : title;
}
