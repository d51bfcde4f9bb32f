import { deferred } from "./deferred.js";
import { randomId } from "./ids.js";
import type { Draft, Outbox } from "./outbox.js";
import { hold, webLocks } from "./web-locks.js";

interface Row {
  owner: string;
  draft: Draft;
}

const STORE = "drafts";

/**
 * An outbox in the browser's IndexedDB. What a page has published goes on after a reload, and after the browser was
 * closed.
 *
 * Each tab owns what it has added, and holds a Web Lock as long as it lives: what belongs to a tab whose lock is free is
 * taken over by one other. Where there are no Web Locks a tab takes over all that is there; a message is then sent
 * twice at worst, and its `message_id` makes the second one harmless.
 */
export class IndexedDbOutbox implements Outbox {
  readonly #database: string;
  readonly #owner = randomId();
  #opened: Promise<IDBDatabase> | undefined;
  readonly #locked: Promise<void>;
  readonly #closed = deferred<undefined>();

  /**
   * @param user whose messages these are: others who use the same browser have outboxes of their own
   * @param factory where there is no global `indexedDB`
   */
  constructor(
    user: string,
    private readonly factory: IDBFactory = indexedDB,
  ) {
    this.#database = `topicstream-outbox-${user}`;
    // Who adds hears of it.
    this.#open().catch(() => undefined);
    this.#locked = this.#lock();
    this.#locked.catch(() => undefined);
  }

  async add(draft: Draft): Promise<number> {
    const [database] = await Promise.all([this.#open(), this.#locked]);
    const row: Row = { owner: this.#owner, draft };
    return (await answer(database.transaction(STORE, "readwrite").objectStore(STORE).add(row))) as number;
  }

  async remove(key: number): Promise<void> {
    const database = await this.#open();
    await answer(database.transaction(STORE, "readwrite").objectStore(STORE).delete(key));
  }

  async takeOver(): Promise<{ key: number; draft: Draft }[]> {
    const [database] = await Promise.all([this.#open(), this.#locked]);
    const locks = webLocks();
    if (locks === undefined) {
      return this.#takeOverFrom(database, () => true);
    }
    // One at a time, so that of two tabs one finds the rows of a third.
    return locks.request(`${this.#database}-take-over`, async () => {
      const query = await locks.query();
      const names = [...(query.held ?? []), ...(query.pending ?? [])].map((lock) => lock.name);
      const alive = new Set(names);
      return this.#takeOverFrom(database, (owner) => !alive.has(this.#lockOf(owner)));
    });
  }

  close(): void {
    this.#closed.resolve(undefined);
    this.#opened?.then(
      (database) => {
        database.close();
      },
      () => undefined,
    );
  }

  /** In one transaction, so that nobody else has the same rows. */
  async #takeOverFrom(
    database: IDBDatabase,
    isGone: (owner: string) => boolean,
  ): Promise<{ key: number; draft: Draft }[]> {
    const found: { key: number; draft: Draft }[] = [];
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    await new Promise<void>((resolve, reject) => {
      const walk = store.openCursor();
      walk.onerror = () => {
        reject(walk.error ?? new Error("the outbox cannot be read"));
      };
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (cursor === null) {
          resolve();
          return;
        }
        const row = cursor.value as Row;
        if (row.owner !== this.#owner && isGone(row.owner)) {
          found.push({ key: cursor.key as number, draft: row.draft });
          cursor.update({ ...row, owner: this.#owner });
        }
        cursor.continue();
      };
    });
    return found;
  }

  #lockOf(owner: string): string {
    return `${this.#database}-owner-${owner}`;
  }

  /** Holds the lock that says that this client lives. @returns when it is held */
  #lock(): Promise<void> {
    const locks = webLocks();
    if (locks === undefined) {
      return Promise.resolve();
    }
    return hold(locks, this.#lockOf(this.#owner), this.#closed.promise);
  }

  /** The database, opened anew where it was closed. */
  #open(): Promise<IDBDatabase> {
    if (this.#opened !== undefined) {
      return this.#opened;
    }
    const opened = this.#openAnew();
    const forget = (): void => {
      if (this.#opened === opened) {
        this.#opened = undefined;
      }
    };
    this.#opened = opened;
    opened.then((database) => {
      // Another tab deletes or upgrades it, and waits until all have closed it.
      database.onversionchange = () => {
        forget();
        database.close();
      };
      database.onclose = forget;
    }, forget);
    return opened;
  }

  #openAnew(): Promise<IDBDatabase> {
    const opening = this.factory.open(this.#database, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE, { autoIncrement: true });
    };
    return answer(opening);
  }
}

/** For a change of the store: when it is done, and with the transaction it is kept. */
function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(request.error ?? request.transaction?.error ?? new Error("the outbox cannot be written"));
    };
    request.onerror = fail;
    request.onsuccess = () => {
      const { transaction } = request;
      if (transaction === null) {
        resolve(request.result);
      } else {
        transaction.oncomplete = () => {
          resolve(request.result);
        };
        transaction.onabort = fail;
      }
    };
  });
}
