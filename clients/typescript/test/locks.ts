/** As much of Web Locks as the client uses: a name is held by one at a time, until its promise is settled. */
export class Locks {
  readonly #held = new Map<string, { over: Promise<unknown>; free: () => void }>();

  async request<T>(name: string, task: () => T | Promise<T>): Promise<T | undefined> {
    for (let before = this.#held.get(name); before !== undefined; before = this.#held.get(name)) {
      await before.over;
    }
    let free = (): void => undefined;
    const freed = new Promise<undefined>((resolve) => {
      free = () => {
        resolve(undefined);
      };
    });
    const running = Promise.resolve(task());
    const over = Promise.race([running, freed]).catch(() => undefined);
    const held = { over, free };
    this.#held.set(name, held);
    try {
      return await Promise.race([running, freed]);
    } finally {
      if (this.#held.get(name) === held) {
        this.#held.delete(name);
      }
    }
  }

  query() {
    return Promise.resolve({ held: [...this.#held.keys()].map((name) => ({ name })), pending: [] });
  }

  names(): string[] {
    return [...this.#held.keys()];
  }

  /** As if those with these locks were gone. */
  forget(prefix = ""): void {
    for (const [name, { free }] of [...this.#held]) {
      if (name.startsWith(prefix)) {
        this.#held.delete(name);
        free();
      }
    }
  }
}
